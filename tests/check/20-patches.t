#!/bin/sh
# Each line's queue applies without fuzz to its release and is clean by the
# release's own checkpatch.pl. A line whose source is not available is a skip; when
# that is every line, the test fails.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/lines.sh"
# shellcheck disable=SC2046 # a list
set -- $(pinned_lines)
plan $(($# + 1))
tested=0
for one; do
	if ! can_fetch "$one"; then
		skip 1 "the source of $one is not available"
		continue
	fi
	rc=0
	show_for_line "$one" "$root/scripts/queue/check-patches.sh" || rc=$?
	[ "$rc" != 0 ] || tested=$((tested + 1))
	ok "$rc" "the queue of $one applies without fuzz and is checkpatch clean"
done
ok "[ $tested -gt 0 ]" "at least one line could be tested"
