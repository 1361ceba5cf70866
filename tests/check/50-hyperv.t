#!/bin/sh
# The image that 40-kernel.t has built, as a guest of Hyper-V (tests/hvhost); and the
# same image with a driver left out, which must be red in the row that names the cause.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/tests/lib/lines.sh"
pick
echo 1..3
n=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT
# row STATUS NAME
row() {
	n=$((n + 1))
	[ "$1" = 0 ] || { printf 'not '; sed 's/^/# /' "$out" >&2; }
	echo "ok $n - $2"
}
TIMEOUT=240 run "$line" make -C "$root" smoke-hyperv
row $? "$line: make smoke-hyperv, every row is ok"
# bad INITCALL ROW - without the driver that INITCALL registers ROW must be red
bad() {
	CMDLINE=initcall_blacklist=$1 TIMEOUT=240 on "$line" "$root/scripts/boot/smoke-hyperv.sh" >"$out" 2>&1
	[ $? = 1 ] && grep -q "^not ok [0-9]* - $2" "$out"
	row $? "an image without $1 is red: $2"
}
bad storvsc_drv_init "storvsc: the disk is there"
bad hvs_init "hv_sock: 16 MB to the host"
