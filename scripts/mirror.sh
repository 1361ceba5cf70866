#!/bin/sh
# Fill the folder DIR with what MIRROR= needs to build without a network: the
# verified tarball and signature of the line LTS=, or of every pinned line.
# A line that cannot be had is named. Exit 0 when at least one is there, else 1.
asked=${LTS:-}
. "$(dirname "$0")/lib.sh"
[ "${DIR:-}" ] || usage "make mirror DIR=folder [LTS=x.y]"
mkdir -p "$DIR"
filled=
for LTS in ${asked:-$(lines)}; do
	export LTS
	"$root/scripts/fetch.sh" || { warn "$LTS" "is not in the mirror"; continue; }
	tarball=$("$root/scripts/cached.sh")
	check_pin
	printf '%s\n' "$sources" | while read -r where _ sign; do
		[ "${where##*/}" = "${tarball##*/}" ] || continue
		[ "$sign" = - ] || cp "$cache/${sign##*/}" "$DIR/${sign##*/}"
		cp "$tarball" "$DIR/.new"
		mv "$DIR/.new" "$DIR/${tarball##*/}"
		say "$DIR/${tarball##*/}"
		break
	done
	filled=1
done
[ "$filled" ] || die "$DIR" "no line could be had, the mirror is empty" "the reasons are above"
