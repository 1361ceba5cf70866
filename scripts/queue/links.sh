#!/bin/sh
# Bring the line's link entries, patches of somebody else's that upstream.lock
# pins, to where quilt reads them: patches/<line>/<name>, which a .gitignore
# beside the series, ours too and ignored as well, keeps out of git.
# Takes: upstream.lock, the series, MIRROR (a folder or URL, tried first). Leaves
# each patch in build/cache too, only ever whole and verified; what is not the
# pinned one goes to build/cache/rejected. A copy that somebody edited is never
# written over. Prints nothing when there is nothing to do. Exit 0 done; 1 an
# entry is unsound, its patch cannot be had, or the copy was edited.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/links.sh"
[ $# = 0 ] || usage "LTS=x.y MIRROR=... links.sh"
[ -f "$patches/series" ] || exit 0
ignore=$patches/.gitignore
tab='	'

# bad TEXT [LINE...] - the entry is unsound
bad() {
	text=$1
	shift
	die upstream.lock "[link \"$name\"] $text" "$@"
}

# sound - are the entry's values of the right form?
sound() {
	case $name in
	/* | *..* | *[!A-Za-z0-9._/+-]*) false ;;
	*/*.patch) ;;
	*) false ;;
	esac || bad "is no name for a patch" "expected topic/name.patch"
	case $at in
	- | *' '*) bad "has url $at, expected one address" "an entry that is there twice has two" ;;
	https://* | http://* | file:* | /*) ;;
	*) bad "has url $at, expected https://..., file:/... or a path" ;;
	esac
	hex 64 "$sum" || bad "has sha256 $sum, expected 64 hex digits"
	for id in $ids; do
		[ "$id" = - ] || hex 40 "$id" || bad "has patch-id $id, expected what git patch-id --stable prints"
	done
	case $for in
	-) bad "has no lines" "say where it applies: lines = \"$LTS\"" ;;
	*[!0-9.\ ]*) bad "has lines $for, expected lines with blanks between: \"4.19 6.1\"" ;;
	esac
}

# judge FILE - true when it is the pinned patch; else prints why it is not
judge() {
	[ "$(sha256 "$1")" = "$sum" ] || {
		"$root/scripts/source/verify.sh" "$1" "$sum" -
		return 1
	}
	# git sees one for each patch in the file, and none in a diff without `diff` lines
	is=$(git patch-id --stable <"$1" | cut -d' ' -f1 | paste -sd' ')
	[ "${is:--}" = "$ids" ] || {
		echo "patch-id is ${is:--}, pinned is $ids"
		return 1
	}
}

# obtain - the pinned patch into build/cache
obtain() {
	lock build/cache "$cache"
	mkdir -p "$cache/part" "$cache/rejected"
	# the copy below patches/ outlives a cache
	had=
	[ ! -f "$copy" ] || [ "$(sha256 "$copy")" != "$sum" ] || had=$copy
	set --
	for url in ${had:+"$had"} ${MIRROR:+"${MIRROR%/}/$file"} "$at"; do
		rm -f "$cache/part/$file"
		say "trying $url"
		why=$("$root/scripts/source/download.sh" "$url" "$cache/part/$file") || {
			set -- "$@" "$url: $why"
			continue
		}
		why=$(judge "$cache/part/$file") || {
			mv "$cache/part/$file" "$cache/rejected/$file"
			set -- "$@" "$url: $why; kept as build/cache/rejected/$file"
			continue
		}
		mv "$cache/part/$file" "$cache/$file"
		say "$name: verified (sha256 patch-id), from $url"
		return
	done
	die "$name" "no source gave the pinned patch; tried:" "$@" \
		"a patch that has changed is another patch: read it, and only then pin it anew in upstream.lock" \
		"set MIRROR= to a folder or URL that has $file"
}

# pristine NAME - is the copy as we put it there, for this pin or an earlier one?
pristine() { cmp -s "$patches/$1" "$cache/$(link_file "$1" "$(sha256 "$patches/$1")")"; }

all=$(links)
placed=
while IFS=$tab read -r name sum ids for at; do
	[ "$name" ] || continue
	sound
	case " $for " in
	*" $LTS "*) queue | grep -qxF -- "$name" || continue ;;
	*)
		! queue | grep -qxF -- "$name" || bad "is not for $LTS, whose series names it" \
			"add $LTS to its lines, or take it out of patches/$LTS/series"
		continue
		;;
	esac
	file=$(link_file "$name" "$sum") copy=$patches/$name
	if [ -f "$copy" ] && [ "$(sha256 "$copy")" != "$sum" ] && ! pristine "$name"; then
		die "patches/$LTS/$name" "is a link, and no longer the pinned patch: quilt refresh or an editor changed it" \
			"drop the change: remove that file, and make prepare LTS=$LTS brings the pinned one back" \
			"keep it: give the file a name of your own, and put that in the series in the place of the link"
	fi
	{ [ -f "$cache/$file" ] && judge "$cache/$file" >/dev/null; } || obtain
	if ! cmp -s "$cache/$file" "$copy"; then
		mkdir -p "${copy%/*}"
		cp "$cache/$file" "$copy.new~"
		mv "$copy.new~" "$copy"
	fi
	placed="$placed/$name
"
done <<EOF
$all
EOF

# what has lost its entry, or its place in the series, goes, unless it was edited
sed -n 's|^/\(.*/\)|\1|p' "$ignore" 2>/dev/null | while read -r old; do
	printf %s "$placed" | grep -qxF -- "/$old" || ! pristine "$old" 2>/dev/null || rm "$patches/$old"
done
if [ -z "$placed" ]; then
	rm -f "$ignore"
elif new="# by links.sh: somebody else's patches, pinned in upstream.lock
/.gitignore
$placed" && [ "$new" != "$(cat "$ignore" 2>/dev/null)
" ]; then
	printf %s "$new" >"$ignore.new~"
	mv "$ignore.new~" "$ignore"
fi
