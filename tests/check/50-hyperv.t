#!/bin/sh
# The image that 40-kernel.t built, as a guest of the Hyper-V stand-in (tests/hvhost); and the
# same image without a driver, which must be red in the row that names the cause.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/lines.sh"
pick_line
plan 3
smoke() { show_for_line "$line" env TIMEOUT=900 make -C "$root" smoke-hyperv; }
ok smoke "$line: make smoke-hyperv, every row is ok"

# lacks INITCALL ROW - without the driver that INITCALL registers, ROW must be red
lacks() {
	rc=0
	for_line "$line" env CMDLINE="initcall_blacklist=$1" TIMEOUT=240 \
		"$root/scripts/boot/smoke-hyperv.sh" >"$work/out" 2>&1 || rc=$?
	row=$2
	ok red "an image without $1 is red: $2"
}
red() { [ $rc = 1 ] && grep -q "^not ok [0-9]* - $row" "$work/out"; }
lacks storvsc_drv_init "storvsc: the disk is there"
lacks hvs_init "hv_sock: 16 MB to the host"
