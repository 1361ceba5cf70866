#!/bin/sh
# link.sh KIND - two namespaces, connected by a veth pair, with a link of KIND on each end:
# a ping passes between the two links.
set -eu
kind=$1
ip netns add a
ip netns add b
ip link add eth0 netns a type veth peer name eth0 netns b

# end NAMESPACE NUMBER OTHER
end() {
	case $kind in
	bond) ;;
	*) ip -n "$1" address add "192.0.2.$2/24" dev eth0 ;;
	esac
	ip -n "$1" address add "2001:db8::$2/64" dev eth0 nodad
	local4="local 192.0.2.$2 remote 192.0.2.$3"
	local6="local 2001:db8::$2 remote 2001:db8::$3"
	case $kind in
	bond) set -- "$@" 'type bond mode active-backup' ;;
	geneve) set -- "$@" "type geneve id 5 remote 192.0.2.$3" ;;
	gre | gretap | ipip | sit) set -- "$@" "type $kind $local4" ;;
	ip6gre | ip6gretap | ip6tnl) set -- "$@" "type $kind $local6" ;;
	ipvlan) set -- "$@" 'link eth0 type ipvlan mode l2' ;;
	macvlan) set -- "$@" 'link eth0 type macvlan mode bridge' ;;
	vlan) set -- "$@" 'link eth0 type vlan id 5' ;;
	vrf) set -- "$@" 'type vrf table 10' ;;
	vxlan) set -- "$@" "type vxlan id 5 dev eth0 $local4 dstport 4789" ;;
	esac
	# shellcheck disable=SC2086 # words
	ip -n "$1" link add name t0 $4
	[ "$kind" != bond ] || ip -n "$1" link set eth0 master t0
	ip -n "$1" link set eth0 up
	ip -n "$1" link set t0 up
	ip -n "$1" address add "10.9.0.$2/24" dev t0
	ip -n "$1" address add "fd00::$2/64" dev t0 nodad
}
end a 1 2
end b 2 1
case $kind in
sit) ip netns exec a ping6 -A -c 3 -W 5 fd00::2 ;;
*) ip netns exec a ping -A -c 3 -W 5 10.9.0.2 ;;
esac
