#!/bin/sh
# bridge.sh PROGRAM RULE... - a bridge forwards a ping between two ports until PROGRAM
# (ebtables, arptables, or iptables with br_netfilter) adds RULE, which drops it.
set -eu
ip netns add a
ip netns add b
ip link add br0 type bridge
ip link set br0 up
for end in 'a 1' 'b 2'; do
	name=${end% *} number=${end#* }
	ip link add "port$number" type veth peer name eth0 netns "$name"
	ip link set "port$number" master br0 up
	ip -n "$name" address add "10.9.0.$number/24" dev eth0
	ip -n "$name" link set eth0 up
done
ip netns exec a ping -A -c 3 -W 5 10.9.0.2
ip -n a neigh flush dev eth0
"$@"
! ip netns exec a ping -c 1 -W 1 10.9.0.2 || { echo "the rule does not drop"; exit 1; }
