#!/bin/sh
# The state of everything, on one screen: the pin and its age, the cache, the tree and
# changes in it, each patch with its lines and its upstream status, what is built and
# whether make kernel would build it again (with the EXTRA, WITHOUT and CC given), an open
# rebase. Uses no network and changes nothing. Exit 0; 1 when upstream.lock or LTS= is
# invalid.
. "$(dirname "$0")/lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/links.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/variant.sh"
[ $# = 0 ] || usage "LTS=x.y status.sh"

# days FROM TO - whole days between two dates
days() { echo $((($(date -d "$2" +%s) - $(date -d "$1" +%s)) / 86400)); }

# narrow - lines of at most 110 characters
narrow() { sed -E 's/^(.{107}).{4,}$/\1.../'; }

# row NAME TEXT - one line of the screen
row() { printf '%-9s %s\n' "$1" "$2" | narrow; }

# edits - the files of the tree with changes that no patch contains; popped patches are none
edits() {
	flock -n 9 || { echo "another run holds build/$tree_name"; return; }
	found=$("$(tool treestate)" check "$src" "$tree_meta/index") || [ $? = 3 ]
	if [ -z "$found" ]; then
		echo none
	elif why=$("$root/scripts/tree/push.sh" check "$found" 2>&1); then
		echo none
	else
		printf '%s\n' "$why" | sed 's/^push: error: .* (run quilt refresh): /in no patch: /; q'
	fi
}

# end_of_life - of the line, and how far away it is
end_of_life() {
	eol=$(git config -f "$lockfile" "line.$LTS.eol") || { echo "upstream.lock has no eol"; return; }
	left=$(days "$today" "$eol")
	[ "$left" -ge 0 ] && echo "$eol, in $left days" || echo "$eol, $((-left)) days ago"
}

# newest FILE - the newest release, as of the last check
newest() {
	read -r latest _ 2>/dev/null <"$1" || { echo "not checked yet: make update CHECK=1"; return; }
	checked=$(date -r "$1" +%F)
	case $(printf '%s\n' "$version" "$latest" | sort -V | tail -n 1) in
	"$version") echo "$version, the pin; checked $checked" ;;
	*) echo "$latest, checked $checked: make update" ;;
	esac
}

# tree - the rows about the line's tree
tree() {
	[ -f "$tree_meta/index" ] || { row tree "none: make prepare LTS=$LTS$gpu"; return; }
	exec 9>>"$root/build/$tree_name/.lock"
	pushed=$({ wc -l <"$src/.pc/applied-patches" || echo 0; } 2>/dev/null)
	row tree "build/$tree_name/src, $pushed of $(queue | wc -l) patches pushed"
	row edits "$(edits)"
}

# rebases - a row for each open rebase, with its progress
rebases() {
	open=
	for dir in build/rebase/[0-9]*; do
		[ -f "$dir/queue/series" ] || continue
		open=1 moved=$(awk 'NF && $1 !~ /^#/ { print $1 }' "$dir/queue/series")
		far=$(find "$dir/rows" -name '[0-9]*' 2>/dev/null | wc -l)
		far="$far of $(printf '%s\n' "$moved" | wc -l) patches"
		[ ! -f "$dir/conflict" ] ||
			far="$far, a conflict in $(printf '%s\n' "$moved" | sed -n "$(cat "$dir/conflict")p")"
		row rebase "to ${dir##*/} is open, $far: make rebase CONTINUE=1, or ABORT=1"
	done
	[ "$open" ] || row rebase "none is open"
}

# patch_rows - each patch of the series, the lines it is for and its upstream status
patch_rows() {
	all=$(links)
	for patch in $(queue); do
		link=$(printf '%s\n' "$all" | awk -F '\t' -v name="$patch" '$1 == name { print $4 "\t" $5 }')
		if [ "$link" ]; then
			for=${link%%	*} upstream="link ${link#*	}"
		elif [ -f "$patches/$patch" ]; then
			for=$(field Lines "$patches/$patch") upstream=$(field Upstream "$patches/$patch")
		else
			for=- upstream=missing
		fi
		printf '  %-44s %-10s %s\n' "${patch%.patch}" "${for:--}" "${upstream:--}" | narrow
	done
}

# builds - each directory of dist/
builds() {
	for manifest in dist/[0-9]*/manifest.json; do
		[ -f "$manifest" ] || { echo "  nothing: make kernel LTS=$LTS"; continue; }
		name=${manifest#dist/} name=${name%/*}
		release=$(jq -r '.release + if .verified then "" else " not verified" end' "$manifest")
		printf '  %-14s %-22s %s, %s\n' "$name" "$release" "$(date -r "$manifest" +%F)" \
			"$(as_built "$name" scripts/kernel/built.sh)"
	done
}

check_pin
need git jq
cd "$root"
today=$(date +%F)
current=$(active)
[ "$LTS" = "$current" ] && which=", the active one" || which="; active is $current"
others=$(lines | grep -vxF "$LTS" | paste -sd' ')
row line "$LTS$which; also pinned: ${others:-none}"
row pin "$version of $released, $(days "$released" "$today") days old"
row end "$(end_of_life)"
row newest "$(newest "$cache/newest.$LTS")"
if find_tarball; then
	row cache "${tarball##*/}, verified ($recorded_checked)"
else
	row cache "no verified tarball of it: make fetch LTS=$LTS"
fi
tree
rebases
printf '\n%s\n' "patches/$LTS/series"
patch_rows
printf '\nbuilt\n'
builds
