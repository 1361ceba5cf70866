#!/bin/sh
# kbuild.sh tells every compiler that writes a path to begin it at the top of the tree: for
# C and assembler, and for the one file of the decompressor that has its own path in the image.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 5
# shellcheck disable=SC2016 # the fake's own
fake make 'for arg; do printf "%s\n" "$arg"; done'
# flags LINE NAME - what kbuild.sh gives make for NAME, in a project whose path is long
flags() {
	run env PATH="$work/bin:$PATH" LTS="$1" scripts/kernel/kbuild.sh bzImage
	sed -n "s/^$2=//p" "$work/out"
}
project in-a-folder/of-a-project
pin 9.1 9.1.5 "file:/none sha256:$(printf %064d 0)"
pin 4.19 4.19.5 "file:/none sha256:$(printf %064d 0)"
maps="-ffile-prefix-map=../src/= -ffile-prefix-map=$project/build/9.1/src/= -fdebug-prefix-map=$project/build/9.1/obj=."
is "$(flags 9.1 KCFLAGS)" "$maps" "C"
is "$(flags 9.1 KAFLAGS)" "$maps" "assembler"
is "$(flags 9.1 CFLAGS_ident_map_64.o)" "$maps" "the decompressor"
is "$(flags 4.19 CFLAGS_kaslr_64.o)" "$(echo "$maps" | sed s,9.1,4.19,g)" "whose file has another name in 4.19"

# what the flags do, with the path as ccache writes it and as kbuild does
mkdir -p "$project/build/9.1/src/lib" "$project/build/9.1/obj"
echo 'const char *at(void) { return __FILE__; }' >"$project/build/9.1/src/lib/at.c"
cd "$project/build/9.1/obj"
for file in ../src/lib/at.c "$project/build/9.1/src/lib/at.c"; do
	# shellcheck disable=SC2086 # words
	gcc -g $maps -c -o at.o "$file"
	strings -a at.o | grep -F lib/at.c | sort -u
	sha256sum at.o
done >"$work/objects"
is "$(sort -u "$work/objects" | grep -c .) $(grep -c '^lib/at.c$' "$work/objects")" "2 2" "the same object from either path, with lib/at.c in it"
