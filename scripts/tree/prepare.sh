#!/bin/sh
# Create or update the line's tree: build/<line>/src, the pinned release (or a copy of
# TREE) with the whole queue pushed and .pc set up for plain quilt. An existing tree is
# updated in place: unpack.sh replaces the release, push.sh applies the queue. Changes
# that no patch contains stop the step and are kept. Exit 0 done, 1 error.
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
lock "build/$tree_name" "$root/build/$tree_name"
"$root/scripts/queue/links.sh"
treestate=$(tool treestate)

# base - what the tree is made from: the tarball's sha256, or "tree:" and TREE's state.
# A tree of the pinned release needs neither the tarball nor a network.
tarball=
if [ "${TREE:-}" ]; then
	"$root/scripts/tree/check-tree.sh"
	base=tree:$("$treestate" stat "$TREE")
elif [ -f "$tree_meta/base" ] && pin_accepts "$tree_meta/verified"; then
	base=$recorded_sha256
else
	"$root/scripts/source/fetch.sh"
	find_tarball || die "linux $version" "fetch left no verified tarball in build/cache"
	base=$recorded_sha256
fi
pushed=$(queue_key "$base")

# ---- is there anything to do?
edits=
if [ -d "$src" ]; then
	[ -f "$tree_meta/index" ] || die "build/$tree_name/src" "is not a tree that prepare made" \
		"move it away; to build a tree of your own: make kernel LTS=$LTS$gpu TREE=/path"
	rc=0
	edits=$("$treestate" check "$src" "$tree_meta/index") || rc=$?
	[ $rc = 0 ] || [ $rc = 3 ] || exit $rc
	if [ -z "$edits" ] && fresh "$tree_meta/base" "$base" && fresh "$tree_meta/pushed" "$pushed"; then
		[ -z "$tarball" ] || replace "$tree_meta/verified" <"$tarball.verified"
		exit 0
	fi
fi

"$root/scripts/queue/check-series.sh"
if ! fresh "$tree_meta/base" "$base"; then
	# files at an earlier patch of the queue are no obstacle, only unsaved changes are
	[ -z "$edits" ] || "$root/scripts/tree/push.sh" check "$edits"
	"$root/scripts/tree/unpack.sh" "$base" "$tarball"
	edits=
elif [ "$tarball" ]; then
	replace "$tree_meta/verified" <"$tarball.verified"
fi
"$root/scripts/tree/push.sh" push "$edits"
watch_disk
stamp "$tree_meta/pushed" "$pushed"
