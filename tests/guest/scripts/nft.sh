#!/bin/sh
# The nft program loads a rule set with every element that current firewalls use, and each
# rule with a counter matches a ping.
set -eu
ip link set lo up
ip link add d0 type dummy
ip address add 192.0.2.1/24 dev d0
ip link set d0 up
later=
# newer than 4.19: intervals in a concatenated key, one NAT table for IPv4 and IPv6,
# ingress hooks in inet tables, synproxy
case $(uname -r) in 4.*) ;; *) later='
table inet later {
	set ports {
		type ipv4_addr . inet_proto
		flags interval
		elements = { 127.0.0.0/8 . icmp }
	}
	chain nat {
		type nat hook output priority -100
		ip daddr 192.0.2.9 counter dnat ip to 127.0.0.1
	}
	chain in {
		type filter hook input priority filter
		ip saddr . meta l4proto @ports counter
		tcp dport 81 synproxy mss 1460 wscale 7 timestamp sack-perm
	}
	chain dev {
		type filter hook ingress device "lo" priority 0
		meta l4proto icmp counter
	}
}' ;; esac
nft -f - <<RULES
table inet fw {
	counter named { }
	quota most { over 100 mbytes }
	limit often { rate 1000/second }
	ct helper ftp { type "ftp" protocol tcp; }
	set nets {
		type ipv4_addr
		flags interval
		elements = { 127.0.0.0/8, 192.0.2.1-192.0.2.7 }
	}
	set seen {
		type ipv4_addr
		flags dynamic,timeout
		timeout 1m
	}
	map marks { type ipv4_addr : mark; elements = { 127.0.0.1 : 7 }; }
	map way { type inet_proto : verdict; elements = { icmp : jump pings }; }
	flowtable fast { hook ingress priority 0; devices = { lo }; }
	chain pings {
		counter name named
		ip saddr @nets counter
		add @seen { ip saddr timeout 30s } counter
		meta mark set ip daddr map @marks counter
		meta mark 7 counter
		ct state new,established counter
		ct mark set meta mark counter
		limit name often counter
		quota name most drop
		limit rate over 1000/second drop
		fib saddr type local counter
		fib daddr . iif type local counter
		ip saddr . ip daddr { 127.0.0.1 . 127.0.0.1 } counter
		meta mark set jhash ip saddr mod 4 counter
		meta mark set numgen inc mod 2 offset 5 counter
		log prefix "ping " group 2 counter
		ip ttl > 1 ip length < 1500 counter
		ct count 100 counter
	}
	chain in {
		type filter hook input priority filter; policy accept
		meta l4proto vmap @way
		meta l4proto ipv6-icmp fib daddr . iif type local counter
		tcp dport 21 ct helper set "ftp"
		udp dport 9 queue num 1 bypass
		tcp dport 9 reject with tcp reset
		tcp flags syn tcp option maxseg size set 1200
	}
	chain forward {
		type filter hook forward priority filter
		ct state established flow add @fast
	}
	chain out {
		type filter hook output priority filter
		meta l4proto icmp rt ip nexthop 127.0.0.1 counter
	}
	chain raw {
		type filter hook prerouting priority raw
		udp dport 53 notrack
	}
}
table ip nat {
	chain pre {
		type nat hook prerouting priority dstnat
		tcp dport 80 redirect to :8080
	}
	chain post {
		type nat hook postrouting priority srcnat
		oifname "d0" masquerade random
	}
	chain out {
		type nat hook output priority -100
		ip daddr 192.0.2.8 counter dnat to 127.0.0.1
	}
}
table ip6 nat {
	chain post {
		type nat hook postrouting priority srcnat
		oifname "d0" masquerade
	}
}
table ip mangle {
	chain out {
		type route hook output priority mangle
		meta l4proto icmp meta priority set 1:5 counter
	}
	chain pre {
		type filter hook prerouting priority mangle
		meta l4proto tcp socket transparent 1 mark set 1
		meta l4proto tcp tproxy to :8082
	}
}
table arp filter {
	chain in {
		type filter hook input priority 0
		arp operation request
	}
}
table bridge filter {
	chain forward {
		type filter hook forward priority 0
		ether type ip6 drop
	}
}
table netdev dev {
	chain in {
		type filter hook ingress device "lo" priority 0
		meta l4proto icmp counter
	}
	chain copy {
		type filter hook ingress device "d0" priority 0
		ether type ip dup to "lo"
		ether type ip6 fwd to "lo"
	}
}
$later
RULES
ping -c 1 -W 5 127.0.0.1
ping6 -c 1 -W 5 ::1
ping -c 1 -W 5 192.0.2.8
case $later in ?*) ping -c 1 -W 5 192.0.2.9 ;; esac
nft list ruleset >seen
! grep -B 1 'counter packets 0 ' seen || { echo "no packet matched there"; exit 1; }
[ "$(grep -c 'counter packets' seen)" -ge 20 ] || { echo "the rules are not listed"; exit 1; }
