#!/bin/sh
# Push the line's queue without fuzz on its release (or TREE) and run the tree's
# checkpatch.pl on every patch except external ones, which cannot be fixed here. Prints a
# line for each. Exit 0 when all are clean, else 1.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/links.sh"
"$root/scripts/tree/prepare.sh"
bad=0
# checkpatch.pl recognizes a kernel tree by its README, which a TREE may not have
tree=
[ -f "$src/README" ] || tree=--no-tree
for patch in $(queue); do
	if is_external "$patch"; then
		say "patches/$LTS/$patch: an external patch, pushes without fuzz"
		continue
	fi
	# A patch is signed off when it is sent. checkpatch.pl of 4.19 takes the first --- of
	# a quilt diff, which has no "diff" line, for part of the description.
	# shellcheck disable=SC2086 # $tree may be nothing
	if out=$(cd "$src" && perl scripts/checkpatch.pl $tree --no-signoff --ignore DIFF_IN_COMMIT_MSG \
		--no-summary --terse "$patches/$patch" 2>&1); then
		say "patches/$LTS/$patch: clean"
	else
		bad=1
		printf '%s\n' "$out" >&2
		printf '%s: error: patches/%s/%s: checkpatch.pl reports problems (above)\n' "$step" "$LTS" "$patch" >&2
	fi
done
exit $bad
