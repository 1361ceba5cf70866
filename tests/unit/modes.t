#!/bin/sh
# The tree is what quilt makes of the release, modes and symbolic links too: after each change
# of the queue the tree is compared with a push of the same patches by quilt alone.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 27
build_tools treestate
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
src=$project/build/9.1/src patches=$project/patches/9.1
# by_quilt - the release with the queue, in $work/quilt
by_quilt() {
	rm -rf "$work/quilt"
	cp -a "$work/release/linux-9.1.5" "$work/quilt"
	[ ! "$(cat "$patches/series")" ] || (cd "$work/quilt" && QUILT_PATCHES=$patches quilt --quiltrc - push -a --fuzz=0 >/dev/null)
}
# state DIR - names, types, modes, targets and contents
state() {
	(cd "$1" && find . \( -name .pc -o -name .queue \) -prune -o -printf '%p %y %m %l\n' | sort
		find . \( -name .pc -o -name .queue \) -prune -o -type f -print | sort | xargs sha256sum)
}
# prepared NAME - two rows: the tree is quilt's, and a second run has nothing to do
prepared() {
	by_quilt
	run scripts/tree/prepare.sh
	is "$rc $(state "$src")" "0 $(state "$work/quilt")" "$1"
	run scripts/tree/prepare.sh
	is "$rc$out" 0 "$1: a second run does nothing"
}
# queue PATCH... - they are pushed, and no other
queue() { printf '%s\n' "$@" >"$patches/series"; }
# patch NAME COMMANDS - the patch NAME is what the commands change in the release
git init -q "$work/git"
g() { git -C "$work/git" -c user.name=t -c user.email=t@example.org "$@"; }
cp -a "$work/release/linux-9.1.5/." "$work/git"
g add -A
g commit -qm release
patch() {
	(cd "$work/git" && eval "$2")
	g add -A
	printf 'Subject: x\nUpstream: none\nLines: 9.1\n\n' >"$patches/$1"
	g diff --cached >>"$patches/$1"
	g reset -q --hard
	g clean -qfd
}
patch mode.patch 'chmod -x scripts/checkpatch.pl; chmod +x lib/other.c'
patch both.patch 'chmod +x lib/other.c; echo "int more;" >>lib/other.c'
patch script.patch 'echo "#!/bin/sh" >scripts/new.sh; chmod +x scripts/new.sh; : >lib/empty.c'
patch link.patch 'ln -s other.c lib/link.c; ln -s nowhere lib/dangling'
patch target.patch 'ln -sf ../Makefile arch/Kconfig'
patch gone.patch 'rm arch/Kconfig'
patch type.patch 'rm lib/other.c; ln -s ../Makefile lib/other.c; rm arch/Kconfig; echo "# a file" >arch/Kconfig'
patch dir.patch 'rm -r drivers/hv'
patch rename.patch 'git mv lib/old.c lib/older.c'

queue mode.patch
prepared "a patch that changes modes alone"
chmod +x "$src/scripts/checkpatch.pl" "$src/init/main.c"
run scripts/clean.sh check
like "$rc $err" '^1 push: error: .*has changes that no patch contains.*: init/main.c ' "a mode that the user changed is an edit"
chmod -x "$src/init/main.c"
run scripts/clean.sh check
is "$rc$err" 0 "one that the release has is none"
queue
prepared "without it the modes are the release's"
queue script.patch both.patch
prepared "modes of new and changed files"
queue link.patch
# quilt pop does not restore links, so that is not tested below
prepared "a patch that adds symbolic links"
rm "$src/lib/link.c"
cp "$src/lib/other.c" "$src/lib/link.c"
run scripts/clean.sh check
like "$rc $err" '^1 push: error: .*has changes that no patch contains.*: lib/link.c ' "a file in the place of a link is an edit"
rm "$src/lib/link.c"
ln -s other.c "$src/lib/link.c"
queue target.patch link.patch
prepared "a link gets another target"
queue gone.patch
prepared "links go"
queue type.patch
prepared "a file becomes a link, a link a file"
queue dir.patch
prepared "a directory goes with its last file"
queue rename.patch
prepared "it is there again, and a file is renamed"
rm -rf "$src/.queue/pristine"
queue type.patch
prepared "the release's files are found in the tree"
queue mode.patch
prepared "modes again"
(cd "$src" && quilt --quiltrc - pop -a >/dev/null)
is "$(state "$src")" "$(state "$work/release/linux-9.1.5")" "quilt pops all of it"
run scripts/clean.sh check
is "$rc$err" 0 "which is no edit"
