#!/bin/sh
# CC= and LLVM=1: the requested compiler and linker reach kbuild, the stamps and the
# manifest; the default is gcc and ld.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 24
build_tools treestate
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
manifest=$project/dist/9.1/manifest.json
fake gcc-14 'echo "gcc-14 (fake) 14.1.0"; echo "Copyright"'
fake clang 'echo "clang version 19.0.0"'
fake ld.lld 'echo "LLD 19.0.0"'
# the compiler variables of the call of kbuild for the image
fake make "case \" \$* \" in *' bzImage '*) for word; do case \$word in CC=* | HOSTCC=* | LLVM=*) echo \"\$word\"; esac; done >$work/call; env >$work/env ;; esac
exec $(command -v make) \"\$@\""
# a fake ccache, whether this machine has it or not
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
is "$(toolchain)" "[\"gcc-14 (fake) 14.1.0\",\"$ld\"]" "the manifest names it"
run make kernel CC=gcc-14
is "$rc$out$err$(called)" 0 "a second run does nothing"
run env CC=gcc-14 scripts/kernel/kernel.sh kernel
is "$rc$out$err$(called)" 0 "nor does one with CC in the environment"
run make kernel CC="ccache gcc-14"
is "$rc$out$err$(called)" 0 "nor one that names ccache: the compiler is the same"
fake gcc-14 'echo "gcc-14 (fake) 14.2.0"'
run make kernel CC="ccache gcc-14"
is "$rc $(called)" "0 LLVM= CC=ccache gcc-14 HOSTCC=ccache gcc-14 " "a newer one builds again; ccache is not doubled"
is "$(toolchain)" "[\"gcc-14 (fake) 14.2.0\",\"$ld\"]" "the manifest has the newer one"
run make kernel
is "$rc $(called)" "0 LLVM= CC=ccache gcc HOSTCC=ccache gcc " "without CC= it is gcc again"
is "$(toolchain)" "[\"$gcc\",\"$ld\"]" "in the manifest as well"
config=$project/build/9.1/obj/.config
echo "# CONFIG_NFS is not set" >"$project/config/lines/9.1.clang.config"
run make config CC=clang
like "$out" '^config: merging ' "another compiler makes the configuration again"
ok "grep -q '^# CONFIG_NFS is not set' $config" "and the line's file for clang is applied"
run make config
ok "grep -q ^CONFIG_NFS=y $config" "with gcc it is not"

run make kernel LLVM=1
is "$rc $(called)" "0 LLVM=1 CC=ccache clang HOSTCC=ccache clang " "LLVM=1 is clang, and kbuild gets LLVM=1"
is "$(toolchain)" '["clang version 19.0.0","LLD 19.0.0"]' "with its linker"
fake ld.lld 'echo "LLD 19.1.0"'
run make kernel LLVM=1
is "$(called)" "LLVM=1 CC=ccache clang HOSTCC=ccache clang " "another linker builds again"
run env LLVM_IAS=0 LLVM=1 CC=gcc-14 scripts/kernel/kernel.sh kernel
is "$rc $(called)" "0 LLVM=1 CC=ccache gcc-14 HOSTCC=ccache gcc-14 " "CC= goes before LLVM=1"
ok "[ -s $work/env ] && ! grep -q ^LLVM_IAS= $work/env" "a setting for the kernel's own make does not reach it"
run make kernel LLVM=-14
like "$rc $err" '^2 prepare: error: LLVM=-14: is not 1$' "LLVM= with a version"
like "$err" '^  a compiler by its name: CC=clang-14' "says what to use"

# ---- missing programs
run make kernel CC=gcc-13.9
like "$rc $err" '^2 config: error: gcc-13.9: is not installed$' "a missing compiler"
like "$err" '^  CC= or LLVM= requests it$' "is one that was requested"
fake clang 'exit 1'
run make kernel CC=clang
like "$rc $err" '^2 config: error: clang: does not print its version$' "a compiler that does not run"
is "$(toolchain)" '["gcc-14 (fake) 14.2.0","LLD 19.1.0"]' "dist/ is unchanged"
