#!/bin/sh
# Is TREE an unpacked kernel of the line that can be copied and built? Exit 0 or 1.
. "$(dirname "$0")/../lib.sh"
: "${TREE:?}"
[ -d "$TREE" ] || die "TREE=$TREE" "is not a directory" "give the top of an unpacked $LTS kernel"
for part in Makefile Kconfig Kbuild scripts/kconfig arch/x86; do
	[ -e "$TREE/$part" ] ||
		die "TREE=$TREE" "is not the top of a kernel tree: $part is missing"
done
# shellcheck disable=SC3013 # POSIX has -ef since 2024
[ ! "$TREE/Makefile" -ef "$TREE/MAKEFILE" ] || die "TREE=$TREE" "$folds_what" "$folds_why" \
	"unpack it on the distribution's own disk: somewhere below ~, not below /mnt"
is=$(awk '/^(VERSION|PATCHLEVEL) *=/ { v = v sep $3; sep = "." } END { print v }' "$TREE/Makefile")
[ "$is" = "$LTS" ] ||
	die "TREE=$TREE" "is a $is kernel, not $LTS" "build it with LTS=$is, or give another tree"
for left in .config include/config include/generated; do
	[ ! -e "$TREE/$left" ] || die "TREE=$TREE" "has been built in: $left is there" \
		"kbuild refuses such a tree: run make mrproper in it, or give a clean copy"
done
