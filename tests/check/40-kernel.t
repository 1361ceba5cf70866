#!/bin/sh
# The build pipeline for LTS= or the newest line whose source is available: kernel,
# modules and smoke by make, and the harness with a guest that misbehaves on purpose.
# Most of the time of make check goes here: a complete build.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/lines.sh"
pick_line
plan 10
features=$(basename -a "$root"/config/features/*.config | sed 's/\..*//' | sort -u | tr '\n' ' ')

modules() { show_for_line "$line" make -C "$root" modules; }
devices() { show_for_line "$line" "$root/scripts/kernel/devices.sh"; }
smoke() { show_for_line "$line" make -C "$root" smoke; }
manifest=$root/dist/$line/manifest.json
again() { before=$(cat "$manifest") && modules && [ "$before" = "$(cat "$manifest")" ]; }
ok 0 "$line: its source is available"
ok modules "$line: make modules builds the image and the modules"
ok devices "$line: every driver is one that a guest needs"
ok smoke "$line: make smoke, the guest met its plan"
ok again "$line: built again, nothing changes"

# misbehaves SELFTEST TEXT WHAT - the harness reports TEXT for such a guest, which is booted
# without the features, as their rows do not matter here
misbehaves() {
	rc=0
	for_line "$line" env SELFTEST="$1" TIMEOUT=150 WITHOUT="$features" \
		"$root/scripts/boot/smoke.sh" >"$work/out" 2>&1 || rc=$?
	text=$2
	ok reported "the harness detects $3"
}
reported() {
	[ $rc = 1 ] && grep -q "smoke: error: .*$text" "$work/out" &&
		grep -q 'the last 20 lines' "$work/out"
}
misbehaves fail "rows are not ok" "a row that is not ok"
misbehaves hang "hung" "a hang"
misbehaves panic "the kernel reported" "a panic"
misbehaves early "powered off early" "an early power-off"
misbehaves noplan "without a plan line" "a missing plan"
