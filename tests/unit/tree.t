#!/bin/sh
# TREE=: a kernel tree of the user is checked, copied and never changed.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 19
build_tools treestate
release 9.1.5
release 9.2.1
tree=$work/release/linux-9.1.5
project p
pin 9.1 9.1.5 'file:/none/linux-9.1.5.tar.xz sha256:0000000000000000000000000000000000000000000000000000000000000000'
src=$project/build/9.1/src

# refused TREE REGEX NAME
refused() {
	run env TREE="$1" scripts/tree/check-tree.sh
	like "$rc $err" "^1 check-tree: error: TREE=$1: $2" "$3"
}
refused "$work/none" 'is not a directory$' "a name that does not exist"
refused "$project" 'is not the top of a kernel tree: Kconfig is missing$' \
	"a directory that is not a kernel"
refused "$work/release/linux-9.2.1" 'is a 9.2 kernel, not 9.1$' "a kernel of another line"
like "$err" '^  build it with LTS=9.2' "and how to build it"
touch "$tree/.config"
refused "$tree" 'has been built in: .config is there$' "a tree with a .config"
rm "$tree/.config"
mkdir "$tree/include" "$tree/include/generated"
run env TREE="$tree" scripts/tree/prepare.sh
like "$rc $err" "^1 check-tree: error: TREE=$tree: has been built in: include/generated is there$" \
	"prepare checks it first"
rm -r "$tree/include"

mkdir "$tree/.git" "$tree/.pc"
echo of-the-user >"$tree/.pc/applied-patches"
echo "/* the user's */" >>"$tree/lib/other.c"
stats() { find "$tree" -printf '%p %m %i %T@ %C@\n' | sort | sha256sum; }
before=$(stats)
run make prepare TREE="$tree"
is "$rc" 0 "a good tree, without any source available"
like "$out" "^unpack: copying $tree$" "it is copied"
is "$(cat "$src/.pc/applied-patches")" "$(printf '%s\n' hyperv/bus.patch memory/balloon.patch)" \
	"the queue is pushed on the copy"
ok "[ ! -e '$src/.git' ] && grep -q user '$src/lib/other.c'" \
	"which has the user's files, not the user's git"
run env TREE="$tree" scripts/tree/prepare.sh
is "$rc$out$err" 0 "a second run says nothing"
ln -s "$tree" "$work/link"
run env FORCE=1 scripts/clean.sh
run env TREE="$work/link" scripts/tree/prepare.sh
ok "[ $rc = 0 ] && grep -q user '$src/lib/other.c'" "a symbolic link to it is as good"
run env TREE="$tree" scripts/tree/prepare.sh
mkdir -p "$project/dist/9.1" "$project/build/9.1/obj/include/config"
echo 9.1.5-wsl3 | tee "$project/build/9.1/obj/include/config/kernel.release" >"$project/dist/9.1/bzImage"
run scripts/kernel/manifest.sh
is "$(jq -c '[.verified, .source.tree[:5]]' "$project/dist/9.1/manifest.json")" '[false,"tree:"]' \
	"the manifest says that it was not verified"
is "$(stats)" "$before" "the user's tree is not touched by all that"

echo "/* more */" >>"$tree/lib/other.c"
run env TREE="$tree" scripts/tree/prepare.sh
is "$rc $(grep -c more "$src/lib/other.c")" "0 1" "a change in it is noticed"
echo mine >>"$src/init/main.c"
echo "/* even more */" >>"$tree/lib/other.c"
run env TREE="$tree" scripts/tree/prepare.sh
like "$rc $err" '^1 push: error: build/9.1/src: has changes that no patch contains \(run quilt refresh\): init/main.c' \
	"but an edit of the copy is not written over"
is "$(grep -c mine "$src/init/main.c")" 1 "it is still there"
run scripts/tree/prepare.sh
is $rc 1 "without TREE= the pin is wanted again"
ok "grep -q mine '$src/init/main.c'" "and what was built is still there"
