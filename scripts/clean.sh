#!/bin/sh
# clean.sh [all] - remove build/<line>, or with "all" build/ and dist/.
# Edits in a tree that are in no patch yet stop it; FORCE=1 removes them too.
# A step that works there is waited for. Exit 0 done, 1 error.
asked=${1:-}
. "$(dirname "$0")/lib.sh"
case $asked,$# in ,0 | all,1) ;; *) usage "clean.sh [all]" ;; esac

# keep DIR - die when the tree of build/<line> has edits of its own
keep() {
	[ -f "$1/src/.queue/index" ] || return 0
	treestate=$(tool treestate)
	rc=0
	edits=$("$treestate" check "$1/src" "$1/src/.queue/index") || rc=$?
	case $rc in
	0) ;;
	# quilt pop leaves the tree at an earlier point of the queue; that is no work to lose
	3) LTS=${1##*/} "$root/scripts/push.sh" check "$edits" ;;
	*) exit $rc ;;
	esac
}

set -- "$line"
[ -z "$asked" ] || set -- "$root"/build/[0-9]*
for dir; do
	[ -d "$dir" ] || continue
	# the tree is in build/<line>, which a debug build shares, and so is the lock
	name=${dir##*/}
	lock "build/${name%-debug}" "$root/build/${name%-debug}"
	[ "${FORCE:-}" ] || keep "$dir"
	rm -rf "$dir"
done
[ "$asked" ] || exit 0
[ ! -d "$cache" ] || lock build/cache "$cache"
rm -rf "$root/build" "$root/dist"
