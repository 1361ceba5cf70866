#!/bin/sh
# GPU=1: the patches of series.gpu after the queue, in a separate tree with separate objects and
# outputs. Without it nothing is downloaded and nothing changes.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/server.sh"
plan 40
build_tools treestate
build_tools link-entries
tarball 9.1.5
serve
name=gpu/dxg-9.1.patch ours=gpu/dxg-builds.patch
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
pin 9.2 9.2.1 "$(source_of 9.1.5)"
patches=$project/patches/9.1 cache=$project/build/cache
build=$project/build/9.1 gpu=$project/build/9.1-gpu dist=$project/dist/9.1-gpu
echo CONFIG_SOUND_CARD=y >"$project/config/gpu.config"
printf -- '--- a/lib/other.c\n+++ b/lib/other.c\n@@ -1 +1,2 @@\n int other;\n+int gpu;\n' >"$work/www/dxg.patch"
kept=dxg-9.1-$(sum "$work/www/dxg.patch" | cut -c1-12).patch

run make kernel GPU=1
like "$rc $err" '^2 prepare: error: GPU=1: 9.1 has no pinned dxgkrnl$' "a line without a driver is refused"
like "$err" '^  lines with one: *$' "there is no other"
is "$(cd "$project" && echo build/* dist/*)" "build/tools dist/*" "before anything is made"

cat >>"$project/upstream.lock" <<EOF
[link "$name"]
	url = $url/plain/dxg.patch
	sha256 = $(sum "$work/www/dxg.patch")
	lines = "9.1"
EOF
mkdir -p "$patches/gpu"
printf '# with GPU=1\n%s\n%s\n' "$name" "$ours" >"$patches/series.gpu"
printf 'Subject: x\nUpstream: none\nLines: 9.1\n\n--- a/lib/other.c\n+++ b/lib/other.c\n@@ -1,2 +1,3 @@\n int other;\n int gpu;\n+int builds;\n' >"$patches/$ours"
printf '/build/\n/dist/\n*~\n' >"$project/.gitignore"
git -C "$project" init -q
git -C "$project" add .
run make kernel GPU=1 LTS=9.2
like "$rc $err" '^2 prepare: error: GPU=1: 9.2 has no pinned dxgkrnl$' "another line is refused as before"
like "$err" '^  lines with one: 9.1 $' "with the name of the line that has one"

# ---- without GPU=1
run make modules
is "$rc $err" "0 " "without GPU=1 the line is built without a warning"
is "$(cat "$work/requests")" "" "nothing is downloaded"
is "$(tail -n 1 "$build/src/lib/other.c")" "int other;" "nor pushed"
ok "[ ! -e '$patches/$name' ] && [ ! -e '$patches/.gitignore' ]" "and patches/ has no copy"
shipped=$(contents "$project/dist/9.1") stamps=$(contents "$build/stamp") tree=$(contents "$build/src")

# ---- the driver is not available
mv "$work/www/dxg.patch" "$work/dxg"
MIRROR=$work/none run make kernel GPU=1
like "$rc $err" "^2 links: error: $name: no source gave the pinned patch; tried:$" "a driver that is not available is named"
like "$err" "^  set MIRROR= to a directory or URL that has $kept$" "with the file that MIRROR= needs"
ok "[ ! -d '$gpu/src' ] && [ ! -d '$dist' ]" "nothing was built"
mkdir "$work/mirror"
mv "$work/dxg" "$work/mirror/$kept"

# ---- with it
run make modules GPU=1 MIRROR="$work/mirror"
is "$rc $err" "0 " "with MIRROR= it is built"
like "$out" "^links: $name: verified .sha256., from $work/mirror/$kept$" "an entry without a patch-id is verified by its digest"
is "$(tail -n 2 "$gpu/src/lib/other.c")" "int gpu;
int builds;" "both patches are pushed"
is "$(grep SOUND_CARD "$gpu/obj/.config" "$build/obj/.config" | sed 's/.*://' | tr '\n' ' ')" "CONFIG_SOUND_CARD=y # CONFIG_SOUND_CARD is not set " "its configuration has the driver, the other has not"
like "$(jq -r '.release' "$dist/manifest.json")" "^9.1.5-wsl3-gpu-x[0-9a-f]{7}$" "its release has the suffix"
is "$(jq -c '.patches[2:] | map([.name, .url])' "$dist/manifest.json")" "[[\"$name\",\"$url/plain/dxg.patch\"],[\"$ours\",null]]" "the manifest names the external patch with its url"
is "$(contents "$project/dist/9.1") $(contents "$build/stamp") $(contents "$build/src")" "$shipped $stamps $tree" "the build without it is unchanged"
is "$(git -C "$project" status --porcelain | grep -v '^A ')" "" "git does not see the copy"
run make modules
is "$rc$out$err" 0 "a second run without GPU=1 does nothing"
ok "cmp -s '$work/mirror/$kept' '$patches/$name'" "and leaves the copy, which the other tree needs"
run make modules GPU=1
is "$rc$out$err" 0 "nor does one with it"
run make config GPU=1 DEBUG=1
is "$rc $(cd "$project/build/9.1-gpu-debug" && echo *)" "0 log obj stamp" "DEBUG=1 shares its tree"

# ---- quilt in that tree
run sh -c "cd '$gpu/src' && quilt pop && quilt pop && quilt push -a && quilt series"
is "$rc $(printf '%s\n' "$out" | tail -n 4 | sed 's|.*patches/9.1/||' | tr '\n' ' ')" "0 hyperv/bus.patch memory/balloon.patch $name $ours " \
	"quilt pops and pushes, and its series has the whole queue"
run sh -c "cd '$gpu/src' && quilt new gpu/mine.patch && quilt add lib/other.c && echo 'int mine;' >>lib/other.c && quilt refresh"
is $rc 0 "quilt new adds a patch there"
before=$(contents "$gpu/src")
run make prepare GPU=1
like "$err" '^push: error: build/9.1-gpu/src: has a patch that no series lists: gpu/mine.patch' "make prepare names it"
like "$err" '^  nothing was changed; add it to patches/9.1/series.gpu' "and where to add it"
is "$(contents "$gpu/src") $(git -C "$project" diff --stat -- patches/9.1/series)" "$before " "the tree and series are unchanged"
echo gpu/mine.patch >>"$patches/series.gpu"
run make prepare GPU=1
is "$rc $(tail -n 1 "$gpu/src/lib/other.c")" "0 int mine;" "then it is pushed"
sed -i '/mine/d' "$patches/series.gpu"
rm "$patches/gpu/mine.patch"
run make prepare GPU=1
is "$rc $(tail -n 1 "$gpu/src/lib/other.c")" "0 int builds;" "and taken out again"

# ---- other targets
run make status GPU=1
like "$out" "^tree      build/9.1-gpu/src, 4 of 4 patches pushed$" "make status GPU=1 shows that tree"
like "$out" "^  9.1-gpu  *9.1.5-wsl3-gpu-x[0-9a-f]{7} " "and its build"
run make status
like "$out" "^  9.1-gpu  *9.1.5-wsl3-gpu-x[0-9a-f]*  *[-0-9]*, up to date$" "make status shows it, too"
run make mirror DIR="$work/filled" GPU=1
ok "cmp -s '$work/mirror/$kept' '$work/filled/$kept'" "make mirror GPU=1 copies the driver"
echo 'int unsaved;' >>"$gpu/src/lib/other.c"
run make clean GPU=1
like "$err" '^push: error: build/9.1-gpu/src: has changes that no patch contains' "make clean GPU=1 keeps an edit"
like "$err" 'make clean FORCE=1 LTS=9.1 GPU=1, then make prepare LTS=9.1 GPU=1$' "and says how to drop it"
run make clean LTS=9.1
ok "[ $rc = 0 ] && [ ! -d '$build' ] && [ -d '$gpu/src' ]" "make clean leaves it alone"
run make distclean
like "$rc" '^2$' "make distclean does not drop the edit"
run make clean GPU=1 FORCE=1
is "$rc $(cd "$project/build" && echo 9.1*)" "0 9.1-gpu-debug" "with FORCE=1 the tree is removed"
