#!/bin/sh
# Push the line's queue without fuzz on its release (or TREE) and run the tree's
# own checkpatch.pl on every patch. Prints a line for each; exit 0 when all are
# clean, 1 otherwise.
. "$(dirname "$0")/lib.sh"
"$root/scripts/prepare.sh"
bad=0
for patch in $(queue); do
	# no person stands behind a patch of the queue until it is sent
	if out=$(cd "$src" && perl scripts/checkpatch.pl --no-signoff --no-summary --terse "$patches/$patch" 2>&1); then
		say "patches/$LTS/$patch: clean"
	else
		bad=1
		printf '%s\n' "$out" >&2
		printf '%s: error: patches/%s/%s: checkpatch.pl has complaints (above)\n' "$step" "$LTS" "$patch" >&2
	fi
done
exit $bad
