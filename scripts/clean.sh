#!/bin/sh
# clean.sh [all|check] - remove build/<line> (with GPU=1 or DEBUG=1 that build), or with
# "all" build/ and dist/.
# Changes in a tree that no patch contains are an error, and for "all" an open rebase is;
# FORCE=1 removes them as well. "check" only looks for changes. Waits for a step that is
# running there. Exit 0 done, 1 error.
asked=${1:-}
. "$(dirname "$0")/lib.sh"
. "$root/scripts/lib/variant.sh"
case $asked,$# in ,0 | all,1 | check,1) ;; *) usage "clean.sh [all|check]" ;; esac

# check_tree DIR - die when the tree in DIR, build/<line>, has changes that no patch contains
check_tree() {
	[ -f "$1/src/.queue/index" ] || return 0
	treestate=$(tool treestate)
	rc=0
	changes=$("$treestate" check "$1/src" "$1/src/.queue/index") || rc=$?
	case $rc in
	0) ;;
	# not every change is unsaved: quilt pop leaves the tree at an earlier patch
	3) as_built "${1##*/}" "$root/scripts/tree/push.sh" check "$changes" ;;
	*) exit $rc ;;
	esac
}

set -- "$build_dir"
if [ "$asked" = all ]; then
	set -- "$root"/build/[0-9]*
	open=$(find "$root/build/rebase" -mindepth 1 -maxdepth 1 -name '[0-9]*' 2>/dev/null | head -n 1)
	[ -z "$open" ] || [ "${FORCE:-}" ] || die build/rebase "a rebase to ${open##*/} is open" \
		"run make rebase CONTINUE=1 or ABORT=1; FORCE=1 removes it too"
fi
for dir; do
	[ -d "$dir" ] || continue
	# a debug build shares the tree in build/<line>, and so the lock
	name=${dir##*/}
	lock "build/${name%-debug}" "$root/build/${name%-debug}"
	[ "${FORCE:-}" ] && [ "$asked" != check ] || check_tree "$dir"
	[ "$asked" = check ] || rm -rf "$dir"
done
[ "$asked" = all ] || exit 0
[ ! -d "$cache" ] || lock build/cache "$cache"
rm -rf "$root/build" "$root/dist"
