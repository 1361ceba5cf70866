#!/bin/sh
# clean.sh [all] - remove build/<line>, or with "all" build/ and dist/.
# Edits in a tree that are in no patch yet stop it; FORCE=1 removes them too.
# Exit 0 done, 1 error.
asked=${1:-}
. "$(dirname "$0")/lib.sh"
case $asked,$# in ,0 | all,1) ;; *) usage "clean.sh [all]" ;; esac

# keep LINE - die when the tree of LINE has edits of its own
keep() {
	tree=$root/build/$1/src
	[ -f "$tree/.queue/index" ] || return 0
	edits=$("$(tool treestate)" check "$tree" "$tree/.queue/index") || {
		[ "$edits" ] || exit 1
		# quilt pop leaves the tree at an earlier point of the queue; that is no work to lose
		LTS=$1 "$root/scripts/push.sh" check "$edits" || exit 1
	}
}
if [ "$asked" = all ]; then
	[ "${FORCE:-}" ] || for tree in "$root"/build/*/src; do
		[ ! -d "$tree" ] || keep "$(basename "$(dirname "$tree")")"
	done
	rm -rf "$root/build" "$root/dist"
else
	# the tree is in build/<line>
	[ "${FORCE:-}" ] || [ "$folder" != "$LTS" ] || keep "$LTS"
	rm -rf "$line"
fi
