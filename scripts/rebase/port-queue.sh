#!/bin/sh
# port-queue.sh STATE [skip] - port the queue of STATE to the new release, patch by patch, in
# the repository of scratch.sh. Each patch gets one row:
#   clean      it applies unchanged
#   merged     git's three-way merge placed it (or, without the old release, patch(1) did,
#              with fuzz)
#   upstream   the new release has it; it is left out, and the row says how that is known
#   by hand    its conflict was resolved by hand, now or earlier (patches/solved/LINE)
#   skipped    it was left out: with skip, the patch that conflicts
#   conflict   it has to be resolved by hand or skipped: STATE/conflict has its number
# Reads STATE/{queue,target,solved,symbols}; target is the new release's version. Writes
# STATE/rows/N ("KIND PATCH<tab>NOTE") and the ported queue to STATE/project/patches/<line>.
# The row comes last, so an interrupted run resumes. A patch passes through apply_patch,
# check_result and record_result, which share $kind and $note.
# Exit 0 done, 1 error, 3 a conflict.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/links.sh"
case $# in 1 | 2) ;; *) usage "LTS=x.y port-queue.sh STATE [skip]" ;; esac
state=$1 how=${2:-}
patches=$state/queue
ported=$state/project/patches/$LTS
target=$(cat "$state/target")
need git quilt patch
mkdir -p "$state/rows" "$ported"
tempdir
scratch=$state/scratch
. "$root/scripts/rebase/scratch-git.sh"
. "$root/scripts/rebase/port-patch.sh"
. "$root/scripts/rebase/refresh.sh"
. "$root/scripts/rebase/resolve.sh"
. "$root/scripts/rebase/conflict.sh"
three_way=
! git --git-dir="$scratch/.git" rev-parse -q --verify refs/tags/old/0 >/dev/null || three_way=1

# record_row N PATCH - write the row of $kind and $note, and print it
record_row() {
	printf '%s %s\t%s\n' "$kind" "$2" "$note" >"$state/rows/.new"
	mv "$state/rows/.new" "$state/rows/$1"
	"$root/scripts/rebase/print-rows.sh" "$state/rows/$1"
}

# record_result N PATCH - tag new/N, the ported patch and its row; on a conflict exit 3
record_result() {
	case $kind in
	conflict) stop_at_conflict "$1" "$2" ;;
	upstream | skipped)
		g reset -q --hard "refs/tags/new/$(($1 - 1))"
		commit "new/$1" "$(tree_of "new/$(($1 - 1))")"
		;;
	*)
		commit "new/$1" "$(g write-tree)"
		is_external "$2" || refresh_patch "$1" "$2"
		;;
	esac
	record_row "$1" "$2"
}

# restore_commit N PATCH - the patch has its row, but the repository was rebuilt: tag new/N
restore_commit() {
	file=$ported/$2
	! grep -q '^clean ' "$state/rows/$1" || ! is_external "$2" || file=$patches/$2
	if [ -f "$file" ]; then
		g reset -q --hard "refs/tags/new/$(($1 - 1))"
		g apply --index "$file" >"$tmp/log" 2>&1 ||
			die "$2" "the ported patch no longer applies" "$(tail -n 1 "$tmp/log")" \
				"remove ${state#"$root"/}/rows/$1 to port it again"
		commit "new/$1" "$(g write-tree)"
	else
		commit "new/$1" "$(tree_of "new/$(($1 - 1))")"
	fi
}

n=0
for patch in $(queue); do
	n=$((n + 1))
	if [ -f "$state/rows/$n" ]; then
		g rev-parse -q --verify "refs/tags/new/$n" >/dev/null || restore_commit "$n" "$patch"
		continue
	fi
	kind='' note=''
	if [ "$(cat "$state/conflict" 2>/dev/null)" != "$n" ]; then
		apply_patch "$n" "$patch"
	elif [ "$how" = skip ]; then
		kind=skipped
	else
		accept_resolution "$n" "$patch"
	fi
	case $kind in
	clean | merged | 'by hand') check_result "$n" "$patch" ;;
	esac
	record_result "$n" "$patch"
	rm -f "$state/conflict"
done
# the series with its comments, without the patches that were left out
find "$state/rows" -type f -exec sed -n 's/^upstream //p; s/^skipped //p' {} + |
	cut -f1 >"$tmp/left-out"
awk 'FILENAME == ARGV[1] { left_out[$1]; next } $1 == "" || !($1 in left_out)' \
	"$tmp/left-out" "$patches/series" >"$ported/series.new"
mv "$ported/series.new" "$ported/series"
# The patches of GPU=1 are for one line. An update keeps them as they are, another line starts
# without: links.sh brings those that are external.
if [ "$(cat "$state/from")" = "$LTS" ] && [ -f "$patches/series.gpu" ]; then
	cp "$patches/series.gpu" "$ported"
	named "$patches/series.gpu" | while read -r patch; do
		mkdir -p "$ported/$(dirname "$patch")"
		is_external "$patch" || cp "$patches/$patch" "$ported/$patch"
	done
fi
