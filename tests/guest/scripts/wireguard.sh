#!/bin/sh
# Two ends of a WireGuard tunnel, each in a namespace, complete a handshake and pass a
# ping; an end with another key gets no response.
set -eu
ip netns add a
ip netns add b
ip link add eth0 netns a type veth peer name eth0 netns b
for end in a b other; do
	wg genkey >$end.key
	wg pubkey <$end.key >$end.pub
done
# end NAMESPACE NUMBER OTHER NUMBER
end() {
	ip -n "$1" address add "192.0.2.$2/24" dev eth0
	ip -n "$1" link set eth0 up
	ip -n "$1" link add wg0 type wireguard
	ip netns exec "$1" wg set wg0 private-key "$1.key" listen-port 51820 \
		peer "$(cat "$3.pub")" allowed-ips "10.9.0.$4/32" endpoint "192.0.2.$4:51820"
	ip -n "$1" address add "10.9.0.$2/24" dev wg0
	ip -n "$1" link set wg0 up
}
end a 1 b 2
end b 2 a 1
# a lost handshake is repeated after 5 s
ip netns exec a ping -A -c 3 -W 10 10.9.0.2
[ "$(ip netns exec a wg show wg0 latest-handshakes | cut -f 2)" != 0 ]
ip netns exec a wg set wg0 private-key other.key
! ip netns exec a ping -c 1 -W 1 10.9.0.2 || { echo "another key works as well"; exit 1; }
