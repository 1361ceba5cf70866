#!/bin/sh
# Each line's queue applies without fuzz to its release and is clean by the
# release's own checkpatch.pl. A line whose source is not available is a skip; when
# that is every line, the test fails. And upstream.lock records the queue and configuration of each
# line, so that what a clone builds is named VERSION-wslN.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/lines.sh"
# shellcheck disable=SC2046 # a list
set -- $(pinned_lines)
plan $(($# + 2))
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

# an edit may have another name until it is committed
if git -C "$root" diff --quiet HEAD -- patches config upstream.lock 2>/dev/null; then
	is "$(env -u LTS "$root/scripts/kernel/inputs-hash.sh")" "$(git config -f "$root/upstream.lock" --get-regexp '^line\..*\.inputs$' |
		sed 's/^line\.//; s/\.inputs / /')" "upstream.lock records what each line is made of: scripts/kernel/inputs-hash.sh record"
else
	skip 1 "patches, config or upstream.lock have changes that are not committed"
fi
