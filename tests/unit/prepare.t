#!/bin/sh
# prepare: the tree is the release with the queue pushed, plain quilt works in it, a
# second run does nothing, and a changed series, patch or pin updates the whole tree.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 29
build_tools treestate
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
src=$project/build/9.1/src
# the settings of a Debian packager would break the push
printf 'QUILT_PATCHES=debian/patches\nQUILT_PATCH_OPTS=--dry-run\n' >"$HOME/.quiltrc"
export QUILT_PATCHES=debian/patches QUILT_PATCH_OPTS=--dry-run
# in_tree COMMAND... - as the user does it
in_tree() { run sh -c 'cd build/9.1/src && "$@"' sh "$@"; }
stats() { find "$src" ! -path '*/.queue/index' ! -path '*/.queue' -printf '%p %i %T@ %C@\n' | sort | sha256sum; }

run make -j8 prepare
is "$rc$err" 0 "make prepare, with -j or without"
like "$out" '^push: the queue is pushed: 2 patches of patches/9.1$' "it says what was pushed"
is "$(grep -c 'tries = 1;' "$src/init/main.c")" 1 "a patched file has the change"
is "$(grep -cE 'x \+ (20|40|70);' "$src/drivers/hv/vmbus_drv.c")" 3 \
	"two patches of one file are both in it"
ok "[ -f '$src/drivers/hv/balloon.c' ] && [ ! -e '$src/lib/old.c' ]" \
	"a patch adds a file and takes one away"
ok "[ -x '$src/scripts/checkpatch.pl' ] && [ -L '$src/arch/Kconfig' ]" \
	"modes and links are the release's"
in_tree quilt applied
is "$out" "$(printf '%s\n' hyperv/bus.patch memory/balloon.patch)" \
	"plain quilt knows the queue, whatever ~/.quiltrc says"

# by now the times of the first run are past
touch "$src/init/main.c" "$src/lib/other.c"
before=$(stats)
run scripts/tree/prepare.sh
is "$rc$out$err" 0 "a second run prints nothing, a touched file is not an edit"
is "$(stats)" "$before" "and it writes nothing"

# ---- plain quilt: a user's patch below the popped top of the queue
echo QUILT_PATCHES=debian/patches >"$HOME/.quiltrc"
unset QUILT_PATCH_OPTS
in_tree quilt pop
ok "[ -f '$src/lib/old.c' ]" "plain quilt pops"
# shellcheck disable=SC2016 # the editor's own
fake editor 'sed -i "s/return 0/return 1/" "$1"'
in_tree quilt new memory/user.patch
EDITOR=$work/bin/editor in_tree quilt edit drivers/hv/hv.c
in_tree quilt refresh
ok "grep -q '^+.*return 1' '$project/patches/9.1/memory/user.patch'" \
	"quilt new, edit, refresh: the patch is in patches/9.1"
is "$(grep -n user "$project/patches/9.1/series")" 4:memory/user.patch "and in the series"
run scripts/tree/prepare.sh
is $rc 0 "none of that is an edit"
is "$(sed -n 2,3p "$src/.pc/applied-patches" | tr '\n' ' ')" "memory/user.patch memory/balloon.patch " \
	"the popped patch is pushed again"
is "$(grep -c 'return 1' "$src/drivers/hv/hv.c")" 1 "the user's change is in place"
like "$err" '^check-series: warning: patches/9.1/memory/user.patch: has no Upstream: line' \
	"prepare says what its header lacks"

sed -i '/user/d; /balloon/d' "$project/patches/9.1/series"
sed -i 's/x + 20;/x + 21;/' "$project/patches/9.1/hyperv/bus.patch"
run scripts/tree/prepare.sh
is "$rc $(grep -c 'return 1' "$src/drivers/hv/hv.c")" "0 0" \
	"a patch that left the series leaves the tree"
ok "[ -f '$src/lib/old.c' ] && [ ! -e '$src/drivers/hv/balloon.c' ]" \
	"so do its new file and the gap of its old one"
is "$(grep -cE 'x \+ (21|4);' "$src/drivers/hv/vmbus_drv.c")" 2 \
	"a patch that was changed by hand is changed in the tree"
like "$err" 'warning: patches/9.1/memory/user.patch: is not in the series' \
	"a patch that no series names is named"

# ---- the pin
keep one
tarball 9.1.6
: >"$project/upstream.lock"
pin 9.1 9.1.6 "$(source_of 9.1.6)"
run scripts/tree/prepare.sh
is "$rc $(grep '^SUBLEVEL' "$src/Makefile")" "0 SUBLEVEL = 6" "another pin: the tree is replaced"
is "$(cat "$src/.pc/applied-patches")" hyperv/bus.patch "with the queue"
printf x >>"$project/build/cache/linux-9.1.6.tar.xz"
rm -rf "$src"
run scripts/tree/unpack.sh "$(sed -n 's/^sha256 //p' "$project/build/cache/linux-9.1.6.tar.xz.verified")" "$project/build/cache/linux-9.1.6.tar.xz"
is "$rc $(ls "$project/build/9.1")" "1 log" \
	"a tarball that changed since it was verified is not unpacked"
like "$err" '^unpack: error: linux-9.1.6.tar.xz: has changed in build/cache' "and is named"

# ---- elsewhere
back one
: >"$project/patches/9.1/series"
mv "$project" "$work/moved"
project=$work/moved src=$work/moved/build/9.1/src
run make -s -C "$project" prepare
is "$rc $(cat "$src/.pc/applied-patches")" "0 " \
	"an empty series, in a project that was moved: nothing is pushed"
is "$(cd "$work/release/linux-9.1.5" && find . -type f | sort | xargs sha256sum)" \
	"$(cd "$src" && find . -type f ! -path './.queue/*' ! -path './.pc/*' | sort | xargs sha256sum)" "the tree is the release"
run env FORCE=1 scripts/clean.sh
run scripts/tree/prepare.sh
is "$rc $(cat "$src/.pc/applied-patches")" "0 " "nor is anything on a new tree"
rm "$project/patches/9.1/series"
run scripts/tree/prepare.sh
is $rc 1 "no series at all is an error"
like "$err" '^check-series: error: patches/9.1/series: is missing$' "which names it"
