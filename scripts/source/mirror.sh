#!/bin/sh
# Fill the folder DIR with what MIRROR= needs to build without a network: the
# verified tarball and signature of the line LTS=, or of every pinned line, with the
# links of its queue, and the disk of programs for the guest tests.
# A line that cannot be had is named. Exit 0 when at least one is there, else 1.
asked=${LTS:-}
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/links.sh"
[ "${DIR:-}" ] || usage "make mirror DIR=folder [LTS=x.y]"
# a tree is no source
unset TREE

# put FILE - into DIR, whole or not at all
put() {
	cp "$1" "$DIR/.new" && mv "$DIR/.new" "$DIR/${1##*/}" || {
		rm -f "$DIR/.new"
		die "$DIR" "cannot be written (above)" "$(df -Pm "$DIR" | awk 'NR == 2 { print $4 }') MB are free there"
	}
}

mkdir -p "$DIR" || die "$DIR" "cannot be made (above)"
filled=
for LTS in ${asked:-$(lines)}; do
	export LTS
	{ "$root/scripts/source/fetch.sh" && "$root/scripts/queue/links.sh"; } || { warn "$LTS" "is not in the mirror"; continue; }
	tarball=$("$root/scripts/source/cached.sh")
	check_pin
	while read -r where _ sign; do
		[ "${where##*/}" = "${tarball##*/}" ] || continue
		[ "$sign" = - ] || put "$cache/${sign##*/}"
		put "$tarball"
		say "$DIR/${tarball##*/}"
		filled=1
		break
	done <<-EOF
		$sources
	EOF
	links | while read -r name sum _; do
		file=$cache/$(link_file "$name" "$sum")
		[ ! -f "$file" ] || put "$file"
	done
done
if "$root/scripts/boot/userland.sh" && read -r inputs <"$root/build/userland/stamp"; then
	cp "$root/build/userland.ext4" "$DIR/.new"
	mv "$DIR/.new" "$DIR/userland-$inputs.ext4"
	say "$DIR/userland-$inputs.ext4"
else
	warn userland "is not in the mirror: make smoke will want a network"
fi
[ "$filled" ] || die "$DIR" "no line could be had, the mirror is empty" "the reasons are above"
