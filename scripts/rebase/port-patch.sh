# shellcheck shell=sh
# How one patch is ported, sourced by port-queue.sh: apply_patch and check_result set
# $kind and $note of its row and leave the result in the index and the work tree of the
# scratch repository. Read $state $scratch $tmp $patches $target $three_way.

# add_note TEXT
add_note() { note="$note${note:+, }$1"; }

# apply_patch N PATCH - on top of new/N-1
apply_patch() {
	file=$patches/$2
	rm -f "$state/options"
	g reset -q --hard "refs/tags/new/$(($1 - 1))"
	g clean -q -fdx
	note=$(upstream_evidence "$file")
	if [ "$note" ]; then
		kind=upstream
		return
	fi
	note=$(patch -p1 -d "$scratch" --dry-run -f -F2 <"$file" 2>/dev/null |
		awk -f "$root/scripts/rebase/patch-offsets.awk")
	print_header "$file" | grep -q '^[A-Z][a-z]*: ' || add_note "has no header"
	# the result where it applies without a merge
	alone=
	if other_index read-tree "refs/tags/new/$(($1 - 1))" &&
		other_index apply --cached "$file" 2>/dev/null; then
		alone=$(other_index write-tree)
	fi
	if [ "$three_way" ]; then merge_patch "$@"; else place_patch "$2"; fi
}

# upstream_evidence PATCH-FILE - print the evidence that the new release has the patch, or
# nothing
upstream_evidence() {
	evidence=$(upstream_commit "$1")
	if [ "$evidence" ]; then
		echo "Upstream: $evidence"
	elif ! grep -q '^+++ ' "$1"; then
		echo "it is empty"
	elif g apply --cached -R --check "$1" 2>/dev/null; then
		echo "its reverse applies to $target"
	fi
}

# upstream_commit PATCH-FILE - print the header's "Upstream: COMMIT in vX.Y" when the new
# line contains X.Y
upstream_commit() {
	said='s/^Upstream: *\(.*\) in v\([0-9]*\.[0-9]*\)\( .*\)*$/\2 \1/p'
	print_header "$1" | sed -n "$said" | while read -r since what; do
		case $what in none*) continue ;; esac
		first=$(printf '%s\n' "$since" "$LTS" | sort -V | head -n 1)
		[ "$first" != "$since" ] || echo "$what in v$since"
		break
	done
}

# merge_patch N PATCH - three-way, from old/N-1 to old/N and new/N-1
merge_patch() {
	if g cherry-pick --no-commit "refs/tags/old/$1" >"$tmp/log" 2>&1; then
		g add -A -f .
		kind=merged
		[ "$(g write-tree)" != "$alone" ] || kind=clean
		note_renames "$1"
	elif [ -z "$(g ls-files -u)" ]; then
		die "$2" "git cannot merge it" "$(tail -n 1 "$tmp/log")"
	elif merge_additions; then
		kind=merged
		add_note "beside lines that have changed in $merged: review it"
	elif apply_solution "$2"; then
		kind='by hand' note="resolved by patches/solved/$LTS"
	elif is_external "$2"; then
		kind=skipped note="an external patch that conflicts with $target: find a version for it"
	else
		kind=conflict
	fi
}

# note_renames N - add a note if the merge followed files that were moved in the new release
note_renames() {
	renamed=$(g diff --name-only --no-renames "refs/tags/old/$(($1 - 1))" "refs/tags/old/$1" |
		while read -r name; do
			[ -e "$state/new.files/$name" ] || [ ! -e "$state/old.files/$name" ] || echo "$name"
		done | xargs)
	[ -z "$renamed" ] ||
		add_note "follows $renamed to $(g diff --cached --name-only "refs/tags/new/$(($1 - 1))" | xargs)"
}

# place_patch PATCH - without the old release: unchanged, or where patch(1) places it
place_patch() {
	if [ "$alone" ]; then
		g read-tree -u --reset "$alone"
		kind=clean
	elif patch -p1 -d "$scratch" -f -F2 --no-backup-if-mismatch <"$patches/$1" >"$tmp/log" 2>&1; then
		kind=merged
	else
		kind=conflict
	fi
}

# check_result N PATCH - is anything left of it, does it use options that are gone, and is it
# an external patch that had to be changed?
check_result() {
	g add -A -f .
	if [ "$(g write-tree)" = "$(tree_of "new/$(($1 - 1))")" ]; then
		kind=upstream note="nothing is left of it when it is merged with $target"
		return
	fi
	if uses_removed_options "$1"; then
		if [ "$kind" = 'by hand' ]; then
			names=$(awk '{ printf "%sCONFIG_%s", sep, $3; sep = ", " }' "$state/options")
			add_note "uses $names, which is gone"
		elif apply_solution "$2"; then
			kind='by hand' note="resolved by patches/solved/$LTS"
			check_result "$@"
			return
		else
			kind=conflict
			return
		fi
	fi
	is_external "$2" || return 0
	if [ "$kind" = clean ]; then
		add_note "an external patch"
	else
		kind=skipped
		note="an external patch that does not apply to $target unchanged: find a version that does"
	fi
}

# uses_removed_options N - do lines that it adds use options that the new release does not
# have? They compile as if they were off, without an error. Lists them in STATE/options.
uses_removed_options() {
	g diff --cached --no-renames -U0 "refs/tags/new/$(($1 - 1))" |
		awk -f "$root/scripts/rebase/removed-options.awk" "$state/symbols" - >"$state/options"
	[ -s "$state/options" ]
}
