#!/bin/sh
# scratch.sh STATE - make STATE/scratch, the git repository in which a queue is ported: tag
# old/0 is the old release, old/N the same with the first N patches of the queue, new/0 the
# new release. It has the files that the queue touches and all others of the same directories:
# git can then detect renames, and the neighbours help to resolve a conflict. For a touched
# file that the new release lacks it also has those that it may have been moved to.
# Reads STATE/queue (series and patches), STATE/from (the old line) and STATE/{old,new}.tarball,
# their paths; the old one is empty when that release is not available (no old/N then), and
# TREE=, a tree of the old release, may replace it. Leaves in STATE {old,new}.files, the
# extracted files with all Kconfig files; symbols, the options that are gone, and
# {old,new}.symbols, those of each release (tools/kconfig-symbols.c); candidates, the names of
# files that may be a moved one. Works in scratch.new and renames it, so STATE/scratch is
# complete or absent. Exit 0 done, 1 error.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/patch.sh"
[ $# = 1 ] || usage "LTS=x.y scratch.sh STATE"
state=$1
patches=$state/queue
from=$(cat "$state/from")
old_tarball=$(cat "$state/old.tarball")
new_tarball=$(cat "$state/new.tarball")
need git tar xz
tempdir
. "$root/scripts/rebase/scratch-files.sh"
. "$root/scripts/rebase/scratch-git.sh"
scratch=$state/scratch.new

# init_repository - with settings that do not depend on the user's
init_repository() {
	g init -q
	cat >>"$scratch/.git/config" <<-EOT
		[user]
			name = queue
			email = queue@localhost
		[core]
			autocrlf = false
			fsync = none
		[gc]
			auto = 0
		[merge]
			conflictStyle = diff3
			directoryRenames = true
			renameLimit = 20000
		[advice]
			detachedHead = false
	EOT
}

# tree_of_files DIR - the files of DIR in touched directories, and the candidates, as a tree
# object
tree_of_files() {
	(
		cd "$1"
		while read -r dir; do
			[ ! -d "$dir" ] || find "$dir" -maxdepth 1 \( -type f -o -type l \)
		done <"$tmp/dirs"
		while read -r file; do [ ! -e "$file" ] || echo "$file"; done <"$state/candidates"
	) | sed 's|^\./||' | sort -u >"$tmp/paths"
	rm -f "$scratch/.git/index"
	git --git-dir="$scratch/.git" --work-tree="$1" -C "$1" update-index --add --stdin <"$tmp/paths"
	g write-tree
}

# commit_queue - the tags old/N
commit_queue() {
	n=0
	commit old/0 "$(tree_of_files "$state/old.files")"
	for patch in $(queue); do
		n=$((n + 1))
		if grep -q '^+++ ' "$patches/$patch"; then
			g apply --cached "$patches/$patch" >"$tmp/log" 2>&1 ||
				die "patches/$from/$patch" "does not apply to linux $from" "$(head -n 1 "$tmp/log")" \
					"make prepare LTS=$from must work before its queue can be ported"
		fi
		commit "old/$n" "$(g write-tree)"
	done
}

rm -rf "$state/scratch" "$scratch" "$state/old.files" "$state/new.files"
mkdir -p "$scratch" "$state/old.files" "$state/new.files"
list_touched
extract_releases
find_moved
init_repository
[ -z "$old_tarball${TREE:-}" ] || commit_queue
commit new/0 "$(tree_of_files "$state/new.files")"
g reset -q --hard new/0

# ---- the options of both: which ones a patch or a fragment can no longer request
kconfig_symbols=$(tool kconfig-symbols)
"$kconfig_symbols" "$state/new.files" >"$state/new.symbols"
if [ -f "$state/old.files/Kconfig" ]; then
	"$kconfig_symbols" "$state/old.files" "$state/new.files" >"$state/symbols"
	"$kconfig_symbols" "$state/old.files" >"$state/old.symbols"
else
	: >"$state/symbols"
	cp "$state/new.symbols" "$state/old.symbols"
fi
mv "$scratch" "$state/scratch"
