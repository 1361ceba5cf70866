#!/bin/sh
# compile-commands: the JSON that clangd reads, from the commands that kbuild keeps.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 10
build_tools treestate
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
src=$project/build/9.1/src obj=$project/build/9.1/obj
run scripts/tree/prepare.sh
mkdir -p "$obj/init" "$obj/lib" "$obj/tools"
run scripts/kernel/compile-commands.sh
like "$rc $err" '^1 compile-commands: error: build/9.1/obj: has no compiled file$' "nothing is built yet"
ok "[ ! -e '$src/compile_commands.json' ]" "nothing is written then"
# as 6.18 writes it, with ccache and objtool behind it; as 4.19 does; one that is no compilation
cat >"$obj/init/.main.o.cmd" <<END
savedcmd_init/main.o := ccache gcc -DKBUILD_BASENAME='"main"' -DX='\$(pound)\$\$' -c -o init/main.o $src/init/main.c   ; ./tools/objtool/objtool init/main.o

source_init/main.o := ../src/init/main.c
END
cat >"$obj/lib/.other.o.cmd" <<END
cmd_lib/other.o := gcc -D"KBUILD_STR(s)=\\#s" -c -o lib/other.o ../src/lib/other.c

source_lib/other.o := ../src/lib/other.c
END
echo "savedcmd_lib/built.o := ld -r -o lib/built.o lib/other.o" >"$obj/lib/.built.o.cmd"
echo "cmd_tools/tool.o := gcc -c -o tool.o tool.c" >"$obj/tools/.tool.o.cmd"
echo "cmd_arch/entry.o := gcc -c -o entry.o $src/entry.S" >"$obj/.entry.o.cmd"
run scripts/kernel/compile-commands.sh
is "$rc $out$err" "0 compile-commands: build/9.1/src/compile_commands.json has 3 files" "it is written"
json() { jq -r "$1" "$src/compile_commands.json"; }
is "$(json 'map(.directory) | unique[]')" "$obj" "the directory is that of the objects"
is "$(json '.[].file')" "../src/lib/other.c
$src/entry.S
$src/init/main.c" "each file that was compiled, and no other"
is "$(json '.[2].command')" "gcc -DKBUILD_BASENAME='\"main\"' -DX='#\$' -c -o init/main.o $src/init/main.c" \
	"its command without ccache, objtool and make's escapes"
like "$(json '.[0].command')" '^gcc .*KBUILD_STR' "that of an old kbuild"
run scripts/tree/prepare.sh
is "$rc$out$err" 0 "it is no edit of the tree"
echo mine >"$src/lib/other.c"
run scripts/kernel/compile-commands.sh
is "$rc$err" 0 "an edit does not matter"
printf 'savedcmd_x.o := gcc -c \\"\303\244\\" x.c\n' >"$obj/.x.o.cmd"
run scripts/kernel/compile-commands.sh
is "$(json '.[] | select(.file == "x.c").command')" "$(printf 'gcc -c \\"\303\244\\" x.c')" "quotes, backslashes and letters are kept"
