#!/bin/sh
# DEBUG=1: debug checks on top of the configuration, in separate directories, from the
# tree of the line; the shipped build is not touched.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 14
build_tools treestate
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
echo CONFIG_SOUND_CARD=y >"$project/config/debug.config"
echo CONFIG_NFS_V5=m >"$project/config/debug.9.1.config"
echo CONFIG_NFS_V5=y >"$project/config/debug.9.2.config"
build=$project/build/9.1 debug=$project/build/9.1-debug
# has DIR - the two symbols of the checks in its .config
has() { grep -E 'SOUND_CARD|NFS_V5' "$1/obj/.config" | tr '\n' ' '; }

run make modules
is "$rc $err" "0 " "the line is built"
shipped=$(contents "$project/dist/9.1") stamps=$(contents "$build/stamp") tree=$(contents "$build/src")
run make modules DEBUG=1
is "$rc $err" "0 " "and again with DEBUG=1"
is "$(has "$debug")" "CONFIG_NFS_V5=m CONFIG_SOUND_CARD=y " "the checks are in its configuration, the line's too"
is "$(has "$build")" "# CONFIG_NFS_V5 is not set # CONFIG_SOUND_CARD is not set " "not in the other"
name=$(jq -r .release "$project/dist/9.1-debug/manifest.json")
like "$name $(jq -r .line "$project/dist/9.1-debug/manifest.json")" "^9.1.5-wsl3-debug-x[0-9a-f]{7} 9.1$" "its release has the suffix"
is "$(tar -tzf "$project/dist/9.1-debug/modules.tar.gz" | grep ko)" "lib/modules/$name/kernel/hv.ko" "its modules have a separate directory"
is "$(contents "$project/dist/9.1") $(contents "$build/stamp")" "$shipped $stamps" "the shipped build is unchanged"
is "$(contents "$build/src") $(cd "$debug" && printf "%s\n" *)" "$tree log
obj
stamp" "both share one tree"
run make modules DEBUG=1
is "$rc$out$err" 0 "a second run does nothing"
run make modules
is "$rc$out$err" 0 "nor does one without"
printf 'CONFIG_MISPELT=y\n' >>"$project/config/debug.config"
run make config DEBUG=1
like "$err" '^config: error: build/9.1-debug/obj/.config: these symbols do not have the requested value' "an error names the directory"
run make config
is "$rc$out$err" 0 "the other is not affected"
run make clean DEBUG=1
is "$rc $(cd "$project/build" && echo *)" "0 9.1 cache tmp tools" "make clean DEBUG=1 removes that build alone"
is "$(contents "$build/src")" "$tree" "and not the tree"
