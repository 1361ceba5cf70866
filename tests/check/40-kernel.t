#!/bin/sh
# The way of the data, for the first line whose source can be had (LTS= first):
# kernel, modules and smoke by make, and the harness against a guest that
# misbehaves on purpose. This is where the time goes: a full build.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/tests/lib/lines.sh"
pick
echo 1..10
n=0
# row STATUS NAME
row() {
	n=$((n + 1))
	[ "$1" = 0 ] || printf 'not '
	echo "ok $n - $2"
}
out=$(mktemp)
features=$(basename -a "$root"/config/features/*.config | sed 's/\..*//' | sort -u | tr '\n' ' ')
trap 'rm -f "$out"' EXIT

row 0 "$line: its source can be had"
run "$line" make -C "$root" modules
row $? "$line: make modules builds the image and the modules"
run "$line" "$root/scripts/kernel/devices.sh"
row $? "$line: every driver is one that a guest needs"
run "$line" make -C "$root" smoke
row $? "$line: make smoke, the guest met its plan"
before=$(cat "$root/dist/$line/manifest.json")
run "$line" make -C "$root" modules && [ "$before" = "$(cat "$root/dist/$line/manifest.json")" ]
row $? "$line: built again, nothing changes"
# bad WHAT SELFTEST TEXT - the harness must say TEXT; without the features, whose rows have no part in it
bad() {
	SELFTEST=$2 TIMEOUT=150 WITHOUT=$features on "$line" "$root/scripts/boot/smoke.sh" >"$out" 2>&1
	[ $? = 1 ] && grep -q "smoke: error: .*$3" "$out" && grep -q 'the last 20 lines' "$out"
	rc=$?
	[ $rc = 0 ] || sed 's/^/# /' "$out" >&2
	row $rc "the harness sees $1"
}
bad "a row that is not ok" fail "rows are not ok"
bad "a hang" hang "hung"
bad "a panic" panic "the kernel reported"
bad "an early power-off" early "powered off early"
bad "a missing plan" noplan "without a plan line"
