#!/bin/sh
# Put the line's external patches, which the link entries of upstream.lock pin, where
# quilt reads them: patches/<line>/<name>. A .gitignore beside the series hides them
# from git; it is generated, and ignored as well. Those of series.gpu are put there with
# GPU=1 alone.
# Takes: upstream.lock, the series, MIRROR (a directory or URL, tried first). Keeps
# each patch in build/cache as well, always complete and verified; a file that is not the
# pinned patch goes to build/cache/rejected. An edited copy is never overwritten.
# Prints nothing when there is nothing to do. Exit 0 done; 1 if an entry is invalid, its
# patch is not available, or the copy was edited.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/links.sh"
[ $# = 0 ] || usage "LTS=x.y MIRROR=... links.sh"
[ -f "$patches/series" ] || exit 0
ignore=$patches/.gitignore
tab='	'

# checked_links - the rows of all entries; dies when one is invalid
checked_links() {
	rc=0
	rows=$(links check "$LTS") || rc=$?
	case $rc in
	0) printf '%s\n' "$rows" ;;
	3)
		set --
		while read -r text; do set -- "$@" "$text"; done <<-EOF
			$rows
		EOF
		die upstream.lock "$@"
		;;
	*) exit 1 ;;
	esac
}

# verify FILE - true when it is the pinned patch; else prints why it is not
verify() {
	[ "$(sha256 "$1")" = "$sum" ] || {
		"$root/scripts/source/verify.sh" "$1" "$sum" -
		return 1
	}
	# git prints an id for each patch in the file, and none for a diff without `diff` lines
	[ "$ids" != - ] || return 0
	is=$(git patch-id --stable <"$1" | cut -d' ' -f1 | paste -sd' ')
	[ "${is:--}" = "$ids" ] || {
		echo "patch-id is ${is:--}, pinned is $ids"
		return 1
	}
}

# obtain - download the pinned patch to build/cache
obtain() {
	lock build/cache "$cache"
	mkdir -p "$cache/part" "$cache/rejected"
	# the copy in patches/ outlives a cache
	local_copy=
	[ ! -f "$copy" ] || [ "$(sha256 "$copy")" != "$sum" ] || local_copy=$copy
	set --
	for url in ${local_copy:+"$local_copy"} ${MIRROR:+"${MIRROR%/}/$file"} "$at"; do
		rm -f "$cache/part/$file"
		say "trying $url"
		why=$("$root/scripts/source/download.sh" "$url" "$cache/part/$file") || {
			set -- "$@" "$url: $why"
			continue
		}
		why=$(verify "$cache/part/$file") || {
			mv "$cache/part/$file" "$cache/rejected/$file"
			set -- "$@" "$url: $why; kept as build/cache/rejected/$file"
			continue
		}
		mv "$cache/part/$file" "$cache/$file"
		[ "$ids" = - ] && checked=sha256 || checked="sha256 patch-id"
		say "$name: verified ($checked), from $url"
		return
	done
	die "$name" "no source gave the pinned patch; tried:" "$@" \
		"if the external patch changed, review it before updating the pin in upstream.lock" \
		"set MIRROR= to a directory or URL that has $file"
}

# pristine NAME - is the copy unedited, from this pin or an earlier one?
pristine() { cmp -s "$patches/$1" "$cache/$(link_file "$1" "$(sha256 "$patches/$1")")"; }

# place - copy the pinned patch $name to patches/<line>
place() {
	file=$(link_file "$name" "$sum") copy=$patches/$name
	if [ -f "$copy" ] && [ "$(sha256 "$copy")" != "$sum" ] && ! pristine "$name"; then
		die "patches/$LTS/$name" "differs from the pinned patch: quilt refresh or an editor changed it" \
			"to drop the change, remove the file and run make prepare LTS=$LTS$gpu" \
			"to keep it, give the file another name and replace the link in the series by that name"
	fi
	{ [ -f "$cache/$file" ] && verify "$cache/$file" >/dev/null; } || obtain
	if ! cmp -s "$cache/$file" "$copy"; then
		mkdir -p "${copy%/*}"
		cp "$cache/$file" "$copy.new~"
		mv "$copy.new~" "$copy"
	fi
}

all=$(checked_links)
placed=
while IFS=$tab read -r name sum ids for at; do
	[ "$name" ] || continue
	in_series=
	! queue | grep -qxF -- "$name" || in_series=1
	case " $for " in
	*" $LTS "*) ;;
	*)
		[ -z "$in_series" ] || die upstream.lock "[link \"$name\"] is not for $LTS, but its series names it" \
			"add $LTS to the entry's lines, or remove it from patches/$LTS/series"
		;;
	esac
	if [ "$in_series" ]; then
		place
	else
		# the tree of GPU=1 needs its copy, if there is one
		[ -f "$patches/$name" ] && named "$patches"/series.gpu 2>/dev/null |
			grep -qxF -- "$name" || continue
	fi
	placed="$placed/$name
"
done <<EOF
$all
EOF

# a copy that lost its entry or its place in the series is removed, unless it was edited
sed -n 's|^/\(.*/\)|\1|p' "$ignore" 2>/dev/null | while read -r old; do
	printf %s "$placed" | grep -qxF -- "/$old" || ! pristine "$old" 2>/dev/null || rm "$patches/$old"
done
if [ -z "$placed" ]; then
	rm -f "$ignore"
elif new="# by links.sh: external patches, pinned in upstream.lock
/.gitignore
$placed" && [ "$new" != "$(cat "$ignore" 2>/dev/null)
" ]; then
	printf %s "$new" >"$ignore.new~"
	mv "$ignore.new~" "$ignore"
fi
