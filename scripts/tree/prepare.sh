#!/bin/sh
# Give the line its tree: build/<line>/src, the pinned release (or a copy of
# TREE) with the whole queue pushed and .pc set up for plain quilt.
# A tree that is there already is brought up to date in place: unpack.sh makes
# the release, push.sh moves it to the queue. Edits that are in no patch yet
# stop the step; nothing of theirs is touched. Exit 0 done, 1 error.
# DEBUG=1 builds from the same tree
DEBUG=
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/stamp.sh"
. "$root/scripts/lib/disk.sh"
[ $# = 0 ] || usage "LTS=x.y TREE=... prepare.sh"
check_pin
[ -f "$patches/series" ] || exec "$root/scripts/queue/check-series.sh"
need quilt git
lock "build/$LTS" "$root/build/$LTS"
"$root/scripts/queue/links.sh"
treestate=$(tool treestate)

# base - one word for what the tree is made of: a tarball's digest, or TREE's state
if [ "${TREE:-}" ]; then
	"$root/scripts/tree/check-tree.sh"
	base=tree:$("$treestate" stat "$TREE")
elif [ -f "$tree_meta/base" ] && printf '%s\n' "$sources" | grep -qF " $(cat "$tree_meta/base") "; then
	base=$(cat "$tree_meta/base")
else
	"$root/scripts/source/fetch.sh"
	tarball=$("$root/scripts/source/cached.sh")
	base=$(sed -n 's/^sha256 //p' "$tarball.verified")
fi
pushed=$(queue_key "$base")

edits=
if [ -d "$src" ]; then
	[ -f "$tree_meta/index" ] || die "build/$LTS/src" "is not a tree that prepare made" \
		"move it away; to build a tree of your own: make kernel LTS=$LTS TREE=/path"
	rc=0
	edits=$("$treestate" check "$src" "$tree_meta/index") || rc=$?
	[ $rc = 0 ] || [ $rc = 3 ] || exit $rc
	if [ -z "$edits" ] && fresh "$tree_meta/base" "$base" && fresh "$tree_meta/pushed" "$pushed"; then
		exit 0
	fi
fi
"$root/scripts/queue/check-series.sh"
if ! fresh "$tree_meta/base" "$base"; then
	# quilt's backups, put back, would be the release: only real edits are in the way
	[ -z "$edits" ] || "$root/scripts/tree/push.sh" check "$edits"
	"$root/scripts/tree/unpack.sh" "$base" "${tarball:-}"
	edits=
fi
"$root/scripts/tree/push.sh" push "$edits"
mind_room
stamp "$tree_meta/pushed" "$pushed"
