#!/bin/sh
# Push the line's queue without fuzz on its release (or TREE) and run the tree's
# own checkpatch.pl on every patch but links, which are not ours to mend. Prints a
# line for each; exit 0 when all are clean, 1 otherwise.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/links.sh"
"$root/scripts/tree/prepare.sh"
bad=0
# checkpatch.pl knows a kernel by its README, which not every TREE has kept
tree=
[ -f "$src/README" ] || tree=--no-tree
for patch in $(queue); do
	if is_link "$patch"; then
		say "patches/$LTS/$patch: a link, it pushes without fuzz"
		continue
	fi
	# no person stands behind a patch of the queue until it is sent
	# 4.19 takes the first --- of a diff by quilt, which has no "diff" line, for
	# text of the message
	# shellcheck disable=SC2086 # $tree may be nothing
	if out=$(cd "$src" && perl scripts/checkpatch.pl $tree --no-signoff --ignore DIFF_IN_COMMIT_MSG --no-summary --terse "$patches/$patch" 2>&1); then
		say "patches/$LTS/$patch: clean"
	else
		bad=1
		printf '%s\n' "$out" >&2
		printf '%s: error: patches/%s/%s: checkpatch.pl has complaints (above)\n' "$step" "$LTS" "$patch" >&2
	fi
done
exit $bad
