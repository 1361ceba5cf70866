#!/bin/sh
# Fill the directory DIR with what MIRROR= needs to build without a network: the verified
# tarball and signature of the line LTS=, or of every pinned line, with its external
# patches, and the disk of programs for the guest tests. Other files in DIR are left alone.
# GPU=1: the GPU driver as well. Warns of a line that is not available. Exit 0 when at
# least one is there, else 1.
asked=${LTS:-}
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/links.sh"
[ "${DIR:-}" ] || usage "make mirror DIR=directory [LTS=x.y]"
# a mirror has pinned sources only
unset TREE
# with GPU=1 the lines without a driver for it are still mirrored
gpu='' with_gpu=${GPU:-}

# put FILE [NAME] - copy FILE to DIR, completely or not at all. A symbolic link of that
# name is replaced, not followed.
put() {
	put=$DIR/${2:-${1##*/}}
	new=$(mktemp "$DIR/.new.XXXXXX") && cp "$1" "$new" && chmod 644 "$new" && mv -T "$new" "$put" || {
		[ ! -f "$new" ] || rm -f "$new"
		die "$put" "cannot be written (above)" "$(free_mb "$DIR") MB are free there"
	}
}

# put_tarball - the line's, with its signature
put_tarball() {
	while read -r address _ sign; do
		[ "${address##*/}" = "${tarball##*/}" ] || continue
		[ "$sign" = - ] || put "$cache/${sign##*/}"
		put "$tarball"
		say "$DIR/${tarball##*/}"
		return
	done <<-EOF
		$sources
	EOF
}

# put_external_patches - the line's
put_external_patches() {
	links | while read -r name digest _; do
		file=$cache/$(link_file "$name" "$digest")
		[ ! -f "$file" ] || put "$file"
	done
}

case $DIR in /*) ;; *) DIR=$PWD/$DIR ;; esac
mkdir -p "$DIR" || die "$DIR" "cannot be made (above)"
[ "$(cd "$DIR" && pwd -P)" != / ] ||
	die "DIR=$DIR" "is the root of the file system" "give a directory for the mirror"
filled=
for LTS in ${asked:-$(lines)}; do
	GPU=
	[ ! -f "$root/patches/$LTS/series.gpu" ] || GPU=$with_gpu
	export LTS GPU
	"$root/scripts/source/fetch.sh" && "$root/scripts/queue/links.sh" || {
		warn "$LTS" "is not in the mirror"
		continue
	}
	check_pin
	find_tarball
	put_tarball
	put_external_patches
	filled=1
done
if "$root/scripts/boot/userland.sh" && read -r inputs <"$root/build/userland/stamp"; then
	put "$root/build/userland.ext4" "userland-$inputs.ext4"
	say "$DIR/userland-$inputs.ext4"
else
	warn userland "is not in the mirror: make smoke needs a network for it"
fi
[ "$filled" ] || die "$DIR" "no line is available, the mirror is empty" "the reasons are above"
