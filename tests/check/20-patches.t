#!/bin/sh
# Each line's queue pushes without fuzz on its release and is clean by the
# release's own checkpatch.pl. A line whose source cannot be had is a skip that
# says why; with none at all the test fails.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/tests/lib/lines.sh"
# shellcheck disable=SC2046 # a list
set -- $(pinned)
echo "1..$(($# + 1))"
n=0 seen=0
for one; do
	n=$((n + 1))
	if ! had "$one"; then
		echo "ok $n - the queue of $one # SKIP its source cannot be had here"
	elif run "$one" "$root/scripts/queue/check-patches.sh"; then
		seen=$((seen + 1))
		echo "ok $n - the queue of $one pushes without fuzz and is checkpatch clean"
	else
		echo "not ok $n - the queue of $one pushes without fuzz and is checkpatch clean"
	fi
done
[ $seen -gt 0 ] || printf 'not '
echo "ok $((n + 1)) - at least one line could be tested"
