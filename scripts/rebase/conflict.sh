# shellcheck shell=sh
# A conflict that has to be resolved by hand, sourced by port-queue.sh: stop_at_conflict
# describes it, accept_resolution accepts the result in the next run. Read $state $scratch
# $tmp $patches $target $three_way. STATE/conflict has the number of the patch,
# STATE/conflict.list its conflicts, a line each: "marked|deleted|rejected|missing FILE" or
# "option FILE SYMBOL SUCCESSOR|-"; tag `conflict` is the state that was left for resolution.

# stop_at_conflict N PATCH - describe the conflict; exit 3
stop_at_conflict() {
	list_conflicts "$2" >"$state/conflict.list"
	g update-ref refs/tags/conflict "$(work_tree)"
	echo "$1" >"$state/conflict.new"
	mv "$state/conflict.new" "$state/conflict"
	printf '%s %s\t%s\n' conflict "$2" "" >"$tmp/row"
	"$root/scripts/rebase/print-rows.sh" "$tmp/row"
	{
		printf '%s: error: %s: conflicts with linux %s:\n' rebase "$2" "$target"
		while read -r conflict file option successor; do
			printf '  %s: %s\n' "$file" "$(describe "$conflict" "$file" "$option" "$successor")"
		done <"$state/conflict.list"
		printf '  %s\n' "fix the conflicts in ${scratch#"$root"/}, then run make rebase\
 CONTINUE=1 (docs/rebase.md shows one)" \
			"SKIP=1 leaves the patch out, ABORT=1 aborts; the existing lines are unchanged"
	} >&2
	exit 3
}

# list_conflicts PATCH - the lines of STATE/conflict.list
list_conflicts() {
	# a file without our side (stage 2) is deleted in the new release
	g ls-files -u | awk -F '\t' '
		{
			split($1, entry, " ")
			if (!($2 in stages)) order[++n] = $2
			stages[$2] = stages[$2] entry[3]
		}
		END { for (i = 1; i <= n; i++) print (stages[order[i]] ~ /2/ ? "marked" : "deleted"), order[i] }'
	find "$scratch" -name '*.rej' | sed "s|^$scratch/|rejected |"
	cat "$state/options" 2>/dev/null || :
	# patch(1) skips a missing file
	[ "$three_way" ] || sed -n 's|^--- a/\([^	]*\).*|\1|p' "$patches/$1" | while read -r file; do
		[ -e "$scratch/$file" ] || echo "missing $file"
	done
}

# describe KIND FILE [SYMBOL SUCCESSOR] - a line of STATE/conflict.list in words
describe() {
	case $1 in
	option)
		echo "CONFIG_$3 is gone$([ "$4" = - ] || echo ", CONFIG_$4 has its prompt")"
		;;
	deleted) echo "deleted in $target, or moved where git does not see it" ;;
	marked)
		marked=$(grep -c '^<<<<<<< ' "$scratch/$2")
		echo "$marked conflict$([ "$marked" = 1 ] || echo s), marked <<<<<<< ||||||| ======= >>>>>>>"
		;;
	missing) echo "is not in $target" ;;
	rejected) echo "the hunks that patch(1) rejected" ;;
	esac
}

# accept_resolution N PATCH - accept the files as they were edited and store the difference as
# STATE/solutions/PATCH; die if a conflict is left. Sets $kind.
accept_resolution() {
	left=$(unresolved)
	[ -z "$left" ] || die "$2" "its conflict is not resolved: $left" \
		"fix it in ${scratch#"$root"/} and run make rebase CONTINUE=1 again, or SKIP=1"
	mkdir -p "$(dirname "$state/solutions/$2")"
	g diff --no-renames refs/tags/conflict "$(work_tree)" |
		sed '/^diff --git /d; /^index /d' >"$state/solutions/$2"
	add_originals "$1"
	kind='by hand'
}

# unresolved - print the conflicts that are left, or nothing
unresolved() {
	while read -r conflict file _; do
		[ -e "$scratch/$file" ] || continue
		case $conflict in
		deleted) echo "$file still exists; remove it, the release does not have it" ;;
		rejected) echo "$file still exists" ;;
		*) ! grep -qE '^(<<<<<<<|\|\|\|\|\|\|\||>>>>>>>)( |$)' "$scratch/$file" ||
			echo "conflict markers in $file" ;;
		esac
	done <"$state/conflict.list" | paste -sd, | sed 's/,/, /g'
}

# add_originals N - add each file that was copied from the new release to new/N-1, as the
# release has it: the patch then contains only the changes to it
add_originals() {
	g ls-files -o | grep -v '\.orig$' | sed 's|^|*/|' >"$tmp/wanted"
	[ -s "$tmp/wanted" ] || return 0
	original=$tmp/original
	mkdir -p "$original"
	tar -xf "$(cat "$state/new.tarball")" -C "$original" --strip-components=1 --no-same-owner \
		--wildcards --no-wildcards-match-slash -T "$tmp/wanted" 2>/dev/null || :
	(cd "$original" && find . -type f | sed 's|^\./||') >"$tmp/originals"
	[ -s "$tmp/originals" ] || return 0
	cp -R "$original/." "$state/new.files"
	cat "$tmp/originals" >>"$state/candidates"
	other_index read-tree "refs/tags/new/$(($1 - 1))"
	other_index --git-dir="$scratch/.git" --work-tree="$original" -C "$original" \
		update-index --add --stdin <"$tmp/originals"
	commit "new/$(($1 - 1))" "$(other_index write-tree)"
}

# work_tree - the work tree as a tree object of git, unmerged files included
work_tree() {
	rm -f "$tmp/index"
	other_index read-tree HEAD
	other_index add -A -f .
	other_index write-tree
}
