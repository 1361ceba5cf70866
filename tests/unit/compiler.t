#!/bin/sh
# CC= and LLVM=1: the compiler and linker that are asked for come to kbuild, to
# the stamps and to the manifest; gcc and ld without.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 24
compiled
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
manifest=$project/dist/9.1/manifest.json
fake gcc-14 'echo "gcc-14 (fake) 14.1.0"; echo "Copyright"'
fake clang 'echo "clang version 19.0.0"'
fake ld.lld 'echo "LLD 19.0.0"'
# kbuild's call for the image, as the words of interest
fake make "case \" \$* \" in *' bzImage '*) for word; do case \$word in CC=* | HOSTCC=* | LLVM=*) echo \"\$word\"; esac; done >$work/call; env >$work/env ;; esac
exec $(command -v make) \"\$@\""
# whether this machine has ccache or not, the test has one
# shellcheck disable=SC2016 # its own words
fake ccache 'case $1 in -k) echo "$HOME" ;; *) exec "$@" ;; esac'
PATH=$work/bin:$PATH
called() { tr '\n' ' ' <"$work/call"; : >"$work/call"; }
toolchain() { jq -c '[.toolchain.cc, .toolchain.ld]' "$manifest"; }
ld=$(ld --version | head -n 1)
gcc=$(gcc --version | head -n 1)

run make kernel CC=gcc-14
is "$rc $err" "0 " "make kernel CC=gcc-14"
is "$(called)" "LLVM= CC=ccache gcc-14 HOSTCC=ccache gcc-14 " "compiles the kernel and the host programs with it"
is "$(toolchain)" "[\"gcc-14 (fake) 14.1.0\",\"$ld\"]" "the manifest says so"
run make kernel CC=gcc-14
is "$rc$out$err$(called)" 0 "a second run does nothing"
run env CC=gcc-14 scripts/kernel/kernel.sh kernel
is "$rc$out$err$(called)" 0 "nor does one with CC in the environment"
run make kernel CC="ccache gcc-14"
is "$rc$out$err$(called)" 0 "nor one that names ccache: it is the same compiler"
fake gcc-14 'echo "gcc-14 (fake) 14.2.0"'
run make kernel CC="ccache gcc-14"
is "$rc $(called)" "0 LLVM= CC=ccache gcc-14 HOSTCC=ccache gcc-14 " "a newer one builds again; ccache is not put before ccache"
is "$(toolchain)" "[\"gcc-14 (fake) 14.2.0\",\"$ld\"]" "the manifest has the newer one"
run make kernel
is "$rc $(called)" "0 LLVM= CC=ccache gcc HOSTCC=ccache gcc " "without CC= it is gcc again"
is "$(toolchain)" "[\"$gcc\",\"$ld\"]" "in the manifest as well"
config=$project/build/9.1/obj/.config
echo "# CONFIG_NFS is not set" >"$project/config/lines/9.1.clang.config"
run make config CC=clang
like "$out" '^config: merging ' "another compiler has the configuration made anew"
ok "grep -q '^# CONFIG_NFS is not set' $config" "and the line's file for clang has its say"
run make config
ok "grep -q ^CONFIG_NFS=y $config" "with gcc it has not"

run make kernel LLVM=1
is "$rc $(called)" "0 LLVM=1 CC=ccache clang HOSTCC=ccache clang " "LLVM=1 is clang, and the tree is told"
is "$(toolchain)" '["clang version 19.0.0","LLD 19.0.0"]' "with its linker"
fake ld.lld 'echo "LLD 19.1.0"'
run make kernel LLVM=1
is "$(called)" "LLVM=1 CC=ccache clang HOSTCC=ccache clang " "another linker builds again"
run env LLVM_IAS=0 LLVM=1 CC=gcc-14 scripts/kernel/kernel.sh kernel
is "$rc $(called)" "0 LLVM=1 CC=ccache gcc-14 HOSTCC=ccache gcc-14 " "CC= goes before LLVM=1"
ok "[ -s $work/env ] && ! grep -q ^LLVM_IAS= $work/env" "what the user set for the tree alone does not reach it"
run make kernel LLVM=-14
like "$rc $err" '^2 prepare: error: LLVM=-14: is not 1$' "LLVM= with a version"
like "$err" '^  a compiler by its name: CC=clang-14' "is told how"

# ---- what is lacking
run make kernel CC=gcc-13.9
like "$rc $err" '^2 config: error: gcc-13.9: is not installed$' "a compiler that is not there"
like "$err" '^  CC= or LLVM= asks for it$' "is one that was asked for"
fake clang 'exit 1'
run make kernel CC=clang
like "$rc $err" '^2 config: error: clang: does not print its version$' "one that does not run"
is "$(toolchain)" '["gcc-14 (fake) 14.2.0","LLD 19.1.0"]' "dist/ is what it was"
