#!/bin/sh
# nat.sh nft|iptables-nft|iptables-legacy|ipvs - a container as engines set it up: a
# namespace connected to a bridge by a veth pair. The world, which has no route to it, sees
# the address of this machine, and can connect to a published port.
set -eu
engine=$1
in_box() { ip netns exec box "$@"; }
in_world() { ip netns exec world "$@"; }

ip netns add box
ip netns add world
ip link add br0 type bridge
ip address add 172.18.0.1/16 dev br0
ip link set br0 up
ip link add box0 type veth peer name eth0 netns box
ip link set box0 master br0 up
ip -n box address add 172.18.0.2/16 dev eth0
ip -n box link set eth0 up
ip -n box route add default via 172.18.0.1
ip link add world0 type veth peer name eth0 netns world
ip address add 192.0.2.1/24 dev world0
ip link set world0 up
ip -n world address add 192.0.2.2/24 dev eth0
ip -n world link set eth0 up
echo 1 >/proc/sys/net/ipv4/ip_forward
in_box ping -c 1 -W 5 172.18.0.1
! in_box ping -c 1 -W 1 192.0.2.2 || { echo "the world responds without NAT"; exit 1; }

case $engine in
nft)
	nft -f - <<-RULES
	table ip engine {
		chain out {
			type nat hook postrouting priority srcnat
			ip saddr 172.18.0.0/16 oifname != "br0" masquerade
		}
		chain in {
			type nat hook prerouting priority dstnat
			fib daddr type local tcp dport 8080 dnat to 172.18.0.2:80
		}
		chain forward {
			type filter hook forward priority filter; policy drop
			ct state established,related accept
			iifname "br0" accept
			oifname "br0" ct status dnat accept
		}
	}
	RULES
	;;
*)
	tables=$engine
	[ "$engine" != ipvs ] || tables=iptables-legacy
	"$tables" -t nat -A POSTROUTING -s 172.18.0.0/16 ! -o br0 -j MASQUERADE
	if [ "$engine" = ipvs ]; then
		ipvsadm -A -t 192.0.2.1:8080 -s rr
		ipvsadm -a -t 192.0.2.1:8080 -r 172.18.0.2:80 -m
	else
		"$tables" -t nat -A PREROUTING -m addrtype --dst-type LOCAL -p tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80
	fi
	"$tables" -P FORWARD DROP
	"$tables" -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
	"$tables" -A FORWARD -i br0 -j ACCEPT
	"$tables" -A FORWARD -o br0 -m conntrack --ctstate DNAT -j ACCEPT
	;;
esac
in_box ping -c 1 -W 5 192.0.2.2
ip -n world route add 172.18.0.0/16 via 192.0.2.1
! in_world ping -c 1 -W 1 172.18.0.2 || { echo "the world can connect to an unpublished address"; exit 1; }

echo served | in_box nc -l -p 80 &
tries=0
until in_box netstat -ltn | grep -q ':80 '; do
	tries=$((tries + 1))
	[ $tries -lt 50 ]
	sleep 0.1
done
[ "$(in_world nc -w 10 192.0.2.1 8080 </dev/null)" = served ]
