#!/bin/sh
# unpack: whatever a tarball or TREE holds, nothing outside of build/<line>/src.new is
# written, then or by a later push, and the tree that is there stays.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 21
build_tools treestate
release 9.1.5
mkdir "$work/outside"
echo evil >"$work/release/evil"
good=$work/release/linux-9.1.5
project p
src=$project/build/9.1/src

# archive [MEMBER] - www/linux-9.1.5.tar.xz and its pin; with the file "evil" as MEMBER at its end
archive() {
	tar -C "$work/release" -cf "$work/www/linux-9.1.5.tar" linux-9.1.5
	[ $# = 0 ] || tar -C "$work/release" -rPf "$work/www/linux-9.1.5.tar" \
		--transform "s|^evil\$|$1|" evil
	xz -1kf "$work/www/linux-9.1.5.tar"
	: >"$project/upstream.lock"
	pin 9.1 9.1.5 "$(source_of 9.1.5)"
}
# nothing_outside NAME
nothing_outside() {
	is "$(find "$work/outside" "$project/build" "$work/evil" "$project/evil" -name evil 2>/dev/null |
		grep -v '/src/')" "" "$1"
}
# refused REGEX NAME - prepare stops, and the tree is what it was
refused() {
	before=$(contents "$src")
	run scripts/tree/prepare.sh
	like "$err" "$1" "$2"
	is "$rc $(contents "$src")" "1 $before" "the tree that was there stays"
	nothing_outside "nothing is written elsewhere"
}
archive
run scripts/tree/prepare.sh
is "$rc$err" 0 "a good tarball"

archive linux-9.1.5/../../../evil
refused '^unpack: error: build/9.1/src: could not be written' "a member with .. in its name"
mkdir "$good/lib/dir"
ln -s "$work/outside" "$good/lib/dir/link"
archive linux-9.1.5/lib/dir/link/evil
refused '^unpack: error: build/9.1/src: could not be written' "a member below a link to elsewhere"
archive
refused '^unpack: error: linux-9.1.5.tar.xz: lib/dir/link is a symbolic link out of the tree$' \
	"a link to elsewhere"
ln -sfn ../../../../outside "$good/lib/dir/link"
archive
refused '^unpack: error: linux-9.1.5.tar.xz: lib/dir/link is a symbolic link out' "a relative one"
# from the top ".." is outside, by its text it is not
ln -sfn ../.. "$good/lib/dir/up"
ln -sfn up/../outside "$good/lib/dir/link"
archive
refused '^unpack: error: linux-9.1.5.tar.xz: lib/dir/link is a symbolic link out' \
	"one by way of another"
ln -sfn ../other.c "$good/lib/dir/link"
archive
run scripts/tree/prepare.sh
is "$rc$err" 0 "links that stay in the tree"
archive "$work/outside/evil"
run scripts/tree/prepare.sh
nothing_outside "a member with an absolute name is unpacked in the tree"

# ---- TREE=, with a directory that is elsewhere, and one that prepare made
rm -r "$good/lib/dir"
mv "$good/drivers" "$work/outside/drivers"
ln -s "$work/outside/drivers" "$good/drivers"
before=$(contents "$work/outside")
keep p
# a patch that needs nothing to be there
printf '%s\n' '--- /dev/null' '+++ b/drivers/new.c' '@@ -0,0 +1 @@' '+new' \
	>"$project/patches/9.1/new.patch"
echo new.patch >"$project/patches/9.1/series"
run env TREE="$good" scripts/tree/prepare.sh
like "$err" "^unpack: error: TREE=$good: drivers is a symbolic link out of the tree$" \
	"TREE= with a directory elsewhere"
is "$(contents "$work/outside")" "$before" "which stays as it is"
rm "$good/drivers"
mv "$work/outside/drivers" "$good"
back p
archive
run env FORCE=1 scripts/clean.sh
run scripts/tree/prepare.sh
cp -a "$src" "$work/made"
: >"$project/patches/9.1/series"
run env TREE="$work/made" scripts/tree/prepare.sh
ok "[ $rc = 0 ] && [ ! -e '$src/.queue/verified' ]" \
	"a TREE= that prepare made: its records are not copied"
