#!/bin/sh
# tools/image-sizes.c: the sizes of three objects and a library in a small program, of which
# the total is what size(1) prints; strings that are equal, objects that were not linked,
# files that are no objects. Runs with ASan and UBSan.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
tap_seen='out err'
plan 24
sanitized image-sizes
mkdir -p "$work/obj/net/ipv4" "$work/obj/lib"
project=$work/obj
cc() { gcc -c -O1 -fno-pie -fno-asynchronous-unwind-tables -o "$work/obj/$1" -x "$2" - ; }
cc net/ipv4/tcp.o c <<'C'
char buffer[1000];
int used = 7;
const char *net_name(void) { return "a string that two objects have"; }
C
cc net/core.o c <<'C'
int more[25] = { 1 };
const char *core_name(void) { return "a string that two objects have"; }
C
cc main.o assembler <<'S'
	.text
	.globl _start
_start:
	.fill 16, 1, 0x90
	call lib_used
	.globl kallsyms_names, kallsyms_index, after
	.data
kallsyms_names:
	.fill 300
kallsyms_index:
	.fill 20
after:	.fill 4
	.section .discard.this, "a"
	.fill 5000
	.section .BTF, "a"
	.fill 44
	.section .notalloc, ""
	.fill 9000
S
cc lib/used.o c <<'C'
int lib_used(void) { return 1; }
C
cc lib/unused.o c <<'C'
int lib_unused[5000] = { 1 };
C
cd "$work/obj"
ar rcs lib/lib.a lib/used.o lib/unused.o
echo 'SECTIONS { /DISCARD/ : { *(.discard*) *(.comment) *(.note*) } } INSERT BEFORE .text;' >"$work/script"
ld -o vmlinux -T "$work/script" main.o net/ipv4/tcp.o net/core.o lib/lib.a 2>/dev/null
list='main.o
net/ipv4/tcp.o
net/core.o
lib/used.o
lib/unused.o
net/core.o'
# sizes LIST - of the program; jq filters of the result by got
sizes() { run sh -c 'printf "%s\n" "$1" | "$2" vmlinux' sh "$1" "$program"; }
got() { jq -c "$1" "$work/out"; }
# node PATH - the node at that path
node() { got "$(printf '%s' "$1" | tr '|' '\n' | sed 's/.*/.children[] | select(.name == "&")/' | paste -sd'|' | sed 's/^/.tree | /') | [.bytes, .code, .data, .bss]"; }

sizes "$list"
is "$rc$err" 0 "the sizes of a program"
is "$(got .total)" "$(size vmlinux | awk 'NR == 2 { print $4 }')" "the total is what size(1) prints"
is "$(got .tree.bytes)" "$(got .total)" "the tree has exactly that"
is "$(got '.missing')" 0 "nothing is missing"
is "$(got '[.tree | .. | objects | select(.children) | .bytes == ([.children[].bytes] | add)] | all')" true "each directory is the sum of its children"
is "$(got '[.tree | .. | objects | select(has("bytes")) | .bytes == .code + .data + .bss] | all')" true "each is the sum of its kinds"
is "$(got '[.tree | .. | objects | select(.children) | [.children[].bytes] | . == (sort | reverse)] | all')" true "the largest is first"
is "$(node 'net/|core.o' | jq '.[2]')" 100 "an object's data, without the string that an earlier one has"
is "$(node 'net/|ipv4/|tcp.o' | jq '.[2] - 4')" 31 "which has it"
is "$(node 'net/|ipv4/|tcp.o' | jq '.[3]')" 1000 "bss is apart"
is "$(node 'main.o' | jq '.[2]')" 368 "what the linker script drops does not count, nor what is not loaded"
is "$(node 'lib/|unused.o')" "" "an object of the library that is not linked does not count"
is "$(node 'lib/|used.o' | jq '.[1] > 0')" true "one that is does"
is "$(got '.objects')" "$(got '[.tree.children[] | select(.name != "(linker)/") | .bytes] | add')" "what the objects are is told"
is "$(node '(linker)/|types for BPF (.BTF)')" '[44,0,44,0]' "the linker's sections are below (linker)"
is "$(node '(linker)/|symbol names (kallsyms)')" '[320,0,320,0]' "the tables of kallsyms end at the next symbol"

sizes "$(printf '%s\n' main.o none.o vmlinux.txt "" net/core.o)"
is "$rc$(got .missing)" 02 "paths without an object are counted"
is "$(got .tree.bytes)" "$(got .total)" "and the total stays"
echo text >vmlinux.txt
sizes vmlinux.txt
is "$rc$(got .missing)" 01 "text is no object"
mkdir -p "$work/obj/a\"b"
cp main.o "$work/obj/a\"b/x\\y.o"
sizes 'a"b/x\y.o'
is "$(got '.tree.children[] | select(.name | startswith("a")) | .name, .children[0].name' | paste -sd' ')" '"a\"b/" "x\\y.o"' "names are escaped"
head -c 900 net/core.o >cut.o
sizes cut.o
is "$rc" 0 "an object that is cut off"
run sh -c 'echo main.o | "$1" vmlinux.txt' sh "$program"
is "$rc $err" "1 image-sizes: error: vmlinux.txt: is not an ELF file" "an image that is none"
run sh -c ': | "$1" vmlinux' sh "$program"
is "$rc$(got '.objects')" 00 "no objects at all"
run "$program"
is "$rc $err" "2 usage: ar t vmlinux.a | image-sizes VMLINUX" "without an image"
