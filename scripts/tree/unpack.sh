#!/bin/sh
# unpack.sh BASE [TARBALL] - make build/<line>/src anew: TARBALL, verified once
# more, or a copy of TREE. Works in src.new and renames, so src is whole at any
# instant or not there. Leaves src/.queue/{base,index,release}, and verified, the
# record of a tarball. Called by prepare.sh, which holds the lock and has made sure
# that no edit is lost.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/stamp.sh"
. "$root/scripts/lib/pin.sh"
[ $# -ge 1 ] || usage "unpack.sh BASE [TARBALL]"
base=$1 tarball=${2:-}
check_pin
treestate=$(tool treestate)
new=$src.new
rm -rf "$new" "$src.old"
mkdir -p "$new/.queue"

# full - the tree does not fit, or cannot be read; half of it is not left
full() {
	rm -rf "$new"
	die "build/$LTS/src" "could not be written" "$(df -Pm "$build_dir" | awk 'NR == 2 { print $4 }') MB are free there, a tree takes 1500"
}

# whole COMMAND... - run it, and record what it puts into src.new. What it leaves of
# the machine, xz keeps one processor busy, hashes what is there already.
whole() {
	{ "$@" && : >"$new/.queue/whole"; } | "$treestate" follow "$new" "$new/.queue/release" || full
	[ -f "$new/.queue/whole" ] || full
}

if [ "$tarball" ]; then
	cp "$tarball.verified" "$new/.queue/verified"
	say "unpacking ${tarball##*/}"
	[ "$(sha256 "$tarball")" = "$base" ] ||
		die "${tarball##*/}" "has changed in build/cache since it was verified" "remove it and run make fetch LTS=$LTS"
	whole tar -xf "$tarball" -C "$new" --strip-components=1 --no-same-owner
else
	say "copying $TREE"
	whole find "$TREE" -mindepth 1 -maxdepth 1 ! -name .git ! -name .pc \
		-exec cp -a --reflink=auto -t "$new" {} +
fi
cp "$new/.queue/release" "$new/.queue/index"
stamp "$new/.queue/base" "$base"
[ ! -d "$src" ] || mv "$src" "$src.old"
mv "$new" "$src"
rm -rf "$src.old"
