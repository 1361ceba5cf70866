#!/bin/sh
# tests/hvhost: the parts
# that work without KVM hold under AddressSanitizer and UBSan: rows of their own.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/project.sh"
parts="ring vmbus"
plan 4
hvhost=$top/tests/hvhost built=$work/hvhost project=$work
for part in $parts; do
	run make -s -C "$hvhost" O="$built" "$built/test-$part"
	is "$rc$err" 0 "$part: it builds alone"
	run "$built/test-$part"
	is "$rc $(printf '%s\n' "$out" | grep '^not ok')" "0 " "$part: $(printf '%s\n' "$out" | grep -c '^ok') rows are ok"
done
