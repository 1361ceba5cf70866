#!/bin/sh
# iptables.sh PROGRAM - iptables-nft, iptables-legacy or an ip6tables filters a ping: a DROP
# rule drops it until it is deleted, and a rule with each of the matches below counts it.
set -eu
engine=$1
ip link set lo up
case $engine in
ip6*) to=::1 ping=ping6 proto=icmpv6 own='-m hl --hl-gt 1' number='3&0xff=58' ;;
*) to=127.0.0.1 ping=ping proto=icmp own='-m ttl --ttl-gt 1' number='6&0xff=1' ;;
esac
$ping -c 1 -W 5 $to
"$engine" -A INPUT -p $proto -j DROP
! $ping -c 1 -W 1 $to || { echo "the rule does not drop"; exit 1; }
"$engine" -D INPUT -p $proto -j DROP

"$engine" -t mangle -N all
"$engine" -t mangle -A OUTPUT -p $proto -j all
while read -r rule; do
	# shellcheck disable=SC2086 # words
	"$engine" -t mangle -A all $rule
done <<RULES
$own
-m addrtype --dst-type LOCAL
-m comment --comment words
-m connbytes --connbytes 0: --connbytes-dir both --connbytes-mode packets
-m connmark --mark 0
-m conntrack --ctstate NEW
-m hashlimit --hashlimit-upto 100/sec --hashlimit-mode dstip --hashlimit-name h
-m length --length 40:1500
-m limit --limit 100/sec
-m mark --mark 0
-m owner --uid-owner 0
-m quota --quota 100000
-m recent --name r --set
-m statistic --mode nth --every 1 --packet 0
-m string --algo bm --hex-string |0000|
-m time --datestart 1970-01-02
-m u32 --u32 $number
-j CONNMARK --set-mark 5
-j DSCP --set-dscp 1
-j LOG
-j MARK --set-mark 5
-j NFLOG
-m mark --mark 5
-m connmark --mark 5
RULES
"$engine" -t mangle -A all -m bpf --bytecode '1,6 0 0 1'
$ping -c 1 -W 5 $to
"$engine" -t mangle -nvxL all >seen
[ "$(grep -cE '^ *[0-9]' seen)" = 25 ] || { echo "the rules are not listed"; exit 1; }
unseen=$(awk 'NR > 2 && $1 == 0' seen)
[ -z "$unseen" ] || { echo "no packet matched: $unseen"; exit 1; }
