# shellcheck shell=sh
# Resolve a conflict automatically, sourced by port-queue.sh. Reads $state $scratch $tmp.

# merge_additions - resolve the conflicts that git reports only because lines touch; true if
# none is left. $merged names the files. The markers of other conflicts get names that are
# the same for every release.
merge_additions() {
	merged=
	for file in $(g diff --name-only --diff-filter=U | sort -u); do
		[ -f "$scratch/$file" ] || continue
		awk -v count="$tmp/count" -f "$root/scripts/rebase/merge-additions.awk" \
			"$scratch/$file" >"$tmp/merged"
		cat "$tmp/merged" >"$scratch/$file"
		[ "$(cat "$tmp/count")" = 0 ] || merged="$merged${merged:+, }$file"
		# without our side (stage 2) the file was deleted: no markers, but a conflict
		g ls-files -u -- "$file" | grep -q ' 2	' || continue
		grep -q '^<<<<<<< ' "$scratch/$file" || g add -f "$file"
	done
	[ -z "$(g ls-files -u)" ]
}

# apply_solution PATCH - apply an earlier resolution: patches/solved/LINE/PATCH is the
# difference from the conflict to its resolution. False, with nothing changed, if there is
# none or it does not apply.
apply_solution() {
	solution=$state/solved/$1
	[ -f "$solution" ] || return 1
	rm -rf "$tmp/trial"
	mkdir -p "$tmp/trial"
	sed -n 's|^--- a/||p' "$solution" >"$tmp/names"
	while read -r file; do
		mkdir -p "$tmp/trial/$(dirname "$file")"
		[ ! -f "$scratch/$file" ] || cp "$scratch/$file" "$tmp/trial/$file"
	done <"$tmp/names"
	patch -p1 -d "$tmp/trial" -s -f -F0 --no-backup-if-mismatch <"$solution" >"$tmp/log" 2>&1 ||
		return 1
	g ls-files -u | cut -f2 | sort -u >"$tmp/unmerged"
	while read -r file; do
		! grep -qsE '^(<<<<<<<|>>>>>>>) ' "$tmp/trial/$file" || return 1
	done <"$tmp/unmerged"
	while read -r file; do
		if [ -f "$tmp/trial/$file" ]; then
			cat "$tmp/trial/$file" >"$scratch/$file"
		else
			rm -f "$scratch/$file"
		fi
	done <"$tmp/names"
	mkdir -p "$(dirname "$state/solutions/$1")"
	cp "$solution" "$state/solutions/$1"
}
