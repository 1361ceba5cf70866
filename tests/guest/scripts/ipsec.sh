#!/bin/sh
# Two namespaces that encrypt their traffic with ESP: a ping passes, the packets on the
# wire are ESP, and with another key nothing passes.
set -eu
key=0x000102030405060708090a0b0c0d0e0f10111213
ip netns add a
ip netns add b
ip link add eth0 netns a type veth peer name eth0 netns b
# state NAMESPACE SOURCE TARGET KEY
state() {
	ip -n "$1" xfrm state add src "192.0.2.$2" dst "192.0.2.$3" proto esp spi "0x10$2$3" \
		mode transport aead 'rfc4106(gcm(aes))' "$4" 128
}
for end in 'a 1 2' 'b 2 1'; do
	# shellcheck disable=SC2086 # words
	set -- $end
	ip -n "$1" address add "192.0.2.$2/24" dev eth0
	ip -n "$1" link set eth0 up
	state "$1" "$2" "$3" $key
	state "$1" "$3" "$2" $key
	ip -n "$1" xfrm policy add src "192.0.2.$2" dst "192.0.2.$3" dir out \
		tmpl src "192.0.2.$2" dst "192.0.2.$3" proto esp mode transport
	ip -n "$1" xfrm policy add src "192.0.2.$3" dst "192.0.2.$2" dir in \
		tmpl src "192.0.2.$3" dst "192.0.2.$2" proto esp mode transport
done
ip netns exec a ping -A -c 3 -W 5 192.0.2.2
ip -n b -s xfrm state list dst 192.0.2.2 >seen
grep -q '[1-9][0-9]*(bytes), [1-9][0-9]*(packets)' seen && ! grep -q ' 0(bytes), 0(packets)' seen ||
	{ cat seen; exit 1; }
ip -n a xfrm state flush
state a 1 2 "${key%3}4"
state a 2 1 "${key%3}4"
! ip netns exec a ping -c 1 -W 1 192.0.2.2 || { echo "another key works as well"; exit 1; }
