#!/bin/sh
# clean.sh [all|check] - remove build/<line>, or with "all" build/ and dist/.
# Edits in a tree that are in no patch yet stop it, and so does an open rebase "all";
# FORCE=1 removes them too. "check" only looks for edits. A step that works there is
# waited for. Exit 0 done, 1 error.
asked=${1:-}
. "$(dirname "$0")/lib.sh"
case $asked,$# in ,0 | all,1 | check,1) ;; *) usage "clean.sh [all|check]" ;; esac

# keep DIR - die when the tree of build/<line> has edits of its own
keep() {
	[ -f "$1/src/.queue/index" ] || return 0
	treestate=$(tool treestate)
	rc=0
	edits=$("$treestate" check "$1/src" "$1/src/.queue/index") || rc=$?
	case $rc in
	0) ;;
	# quilt pop leaves the tree at an earlier point of the queue; that is no work to lose
	3) LTS=${1##*/} "$root/scripts/tree/push.sh" check "$edits" ;;
	*) exit $rc ;;
	esac
}

set -- "$build_dir"
if [ "$asked" = all ]; then
	set -- "$root"/build/[0-9]*
	open=$(find "$root/build/rebase" -mindepth 1 -maxdepth 1 -name '[0-9]*' 2>/dev/null | head -n 1)
	[ -z "$open" ] || [ "${FORCE:-}" ] || die build/rebase "a rebase to ${open##*/} is open" \
		"go on with make rebase CONTINUE=1, or give it up: ABORT=1; FORCE=1 removes it too"
fi
for dir; do
	[ -d "$dir" ] || continue
	# the tree is in build/<line>, which a debug build shares, and so is the lock
	name=${dir##*/}
	lock "build/${name%-debug}" "$root/build/${name%-debug}"
	[ "${FORCE:-}" ] && [ "$asked" != check ] || keep "$dir"
	[ "$asked" = check ] || rm -rf "$dir"
done
[ "$asked" = all ] || exit 0
[ ! -d "$cache" ] || lock build/cache "$cache"
rm -rf "$root/build" "$root/dist"
