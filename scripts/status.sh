#!/bin/sh
# Where everything stands, on one screen: the pin and its age, the cache, the tree and
# the edits in it, each patch with its lines and where it stands upstream, what is
# built and whether make kernel would build it again (with the EXTRA, WITHOUT and CC
# given), an open rebase. Asks no network and changes nothing. Exit 0; 1 when
# upstream.lock or LTS= is unsound.
#   status.sh built    only: is dist/<line> up to date? For the script itself.
. "$(dirname "$0")/lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/links.sh"
. "$root/scripts/lib/stamp.sh"
. "$root/scripts/lib/fragments.sh"
case $*,$# in ,0 | built,1) ;; *) usage "LTS=x.y status.sh" ;; esac
check_pin
need git jq
cd "$root"

# days FROM TO - whole days between two days
days() { echo $((($(date -d "$2" +%s) - $(date -d "$1" +%s)) / 86400)); }

# narrow - lines of at most 110 characters
narrow() { sed -E 's/^(.{107}).{4,}$/\1.../'; }

# row NAME TEXT - one line of the screen
row() { printf '%-9s %s\n' "$1" "$2" | narrow; }

# built - "up to date", or what has changed since dist/<line> was made
built() {
	manifest=$dist/manifest.json
	changed=
	[ "$(jq -r '.pin, .released' "$manifest")" = "$version
$released" ] && printf '%s\n' "$sources" | grep -qF " $(jq -r .source.sha256 "$manifest") " || changed="the source"
	[ "$(jq -r '.patches[] | "\(.sha256) \(.name)"' "$manifest")" = "$(queue | while read -r patch; do
		echo "$(sha256 "$patches/$patch" 2>/dev/null) $patch"
	done)" ] || changed="$changed${changed:+, }the queue"
	[ "$(jq -r '.toolchain | .cc, .ld, (.pahole | select(. != ""))' "$manifest")" = "$(toolchain 2>/dev/null)" ] ||
		changed="$changed${changed:+, }the compiler"
	if [ -z "$changed" ] && [ ! -f "$obj/.config" ]; then
		echo "up to date by source, queue and compiler; build/$variant is not there"
		return
	fi
	# stamps are of the tree as it was; when it has to move first, they say nothing
	# shellcheck disable=SC2046,SC2086 # lists
	if [ -n "$changed" ]; then :
	elif ! fresh "$tree_meta/pushed" "$(queue_key "$(cat "$tree_meta/base")")"; then changed="the tree"
	elif ! fresh "$build_dir/stamp/config" "$(config_key $(fragments) ${EXTRA:-}) $(sha256 "$obj/.config")"; then changed="the configuration"
	elif ! fresh "$build_dir/stamp/kernel" "$(kernel_key kernel)"; then changed="the tree or how it is built"
	fi
	[ -z "$changed" ] && echo "up to date" || echo "stale: $changed changed"
}
[ $# = 0 ] || { built; exit; }

# edits - what is in the tree and in no patch; a popped queue is none
edits() {
	flock -n 9 || { echo "a step works on it now"; return; }
	found=$("$(tool treestate)" check "$src" "$tree_meta/index") || [ $? = 3 ]
	if [ -z "$found" ]; then
		echo none
	elif why=$("$root/scripts/tree/push.sh" check "$found" 2>&1); then
		echo none
	else
		printf '%s\n' "$why" | sed 's/^push: error: .* (run quilt refresh): /in no patch: /; q'
	fi
}

today=$(date +%F)
eol=$(git config -f "$lockfile" "line.$LTS.eol" || :)
others=$(lines | grep -vxF "$LTS" | paste -sd' ')
row line "$LTS$([ "$LTS" = "$(active)" ] && echo ", the active one" || echo "; active is $(active)"); also pinned: ${others:-none}"
row pin "$version of $released, $(days "$released" "$today") days old"
case $eol in
'') row end "upstream.lock has no eol" ;;
*) left=$(days "$today" "$eol") && if [ "$left" -ge 0 ]; then row end "$eol, in $left days"; else row end "$eol, $((-left)) days ago"; fi ;;
esac
newest=$cache/newest.$LTS
if read -r latest _ 2>/dev/null <"$newest"; then
	case $(printf '%s\n' "$version" "$latest" | sort -V | tail -n 1) in
	"$version") row newest "$version, the pin; asked $(date -r "$newest" +%F)" ;;
	*) row newest "$latest, asked $(date -r "$newest" +%F): make update" ;;
	esac
else
	row newest "not asked yet: make update CHECK=1"
fi
if tarball=$("$root/scripts/source/cached.sh"); then
	row cache "${tarball##*/}, verified ($(sed -n 's/^checked //p' "$tarball.verified"))"
else
	row cache "has no verified tarball of it: make fetch LTS=$LTS"
fi
if [ -f "$tree_meta/index" ]; then
	exec 9>>"$root/build/$LTS/.lock"
	row tree "build/$LTS/src, $({ wc -l <"$src/.pc/applied-patches" || echo 0; } 2>/dev/null) of $(queue | wc -l) patches pushed"
	row edits "$(edits)"
else
	row tree "none: make prepare LTS=$LTS"
fi
open=
for dir in build/rebase/[0-9]*; do
	[ -f "$dir/queue/series" ] || continue
	open=1 moved=$(awk 'NF && $1 !~ /^#/ { print $1 }' "$dir/queue/series")
	far="$(find "$dir/rows" -name '[0-9]*' 2>/dev/null | wc -l) of $(printf '%s\n' "$moved" | wc -l) patches"
	[ ! -f "$dir/conflict" ] || far="$far, a conflict in $(printf '%s\n' "$moved" | sed -n "$(cat "$dir/conflict")p")"
	row rebase "to ${dir##*/} is open, $far: make rebase CONTINUE=1, or ABORT=1"
done
[ "$open" ] || row rebase "none is open"

printf '\n%s\n' "patches/$LTS/series"
all=$(links)
for patch in $(queue); do
	link=$(printf '%s\n' "$all" | awk -F '\t' -v name="$patch" '$1 == name { print $4 "\t" $5 }')
	if [ "$link" ]; then
		for=${link%%	*} stands="link ${link#*	}"
	elif [ -f "$patches/$patch" ]; then
		for=$(field Lines "$patches/$patch") stands=$(field Upstream "$patches/$patch")
	else
		for=- stands="not there"
	fi
	printf '  %-44s %-10s %s\n' "${patch%.patch}" "${for:--}" "${stands:--}" | narrow
done

printf '\nbuilt\n'
for manifest in dist/[0-9]*/manifest.json; do
	[ -f "$manifest" ] || { echo "  nothing: make kernel LTS=$LTS"; continue; }
	name=${manifest#dist/} name=${name%/*} of=${name%-debug}
	printf '  %-10s %-22s %s, %s\n' "$name" "$(jq -r '.release + if .verified then "" else " not verified" end' "$manifest")" \
		"$(date -r "$manifest" +%F)" "$(LTS=$of DEBUG=$([ "$of" = "$name" ] || echo 1) "$0" built)"
done
