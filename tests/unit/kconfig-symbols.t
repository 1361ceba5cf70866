#!/bin/sh
# tools/kconfig-symbols: what counts as a definition of a symbol, and which symbol
# replaces one that is removed.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 26
sanitized kconfig-symbols
project=$work old=$work/old new=$work/new tab='	'
mkdir -p "$old/fs/ext4" "$old/arch/x86/kvm" "$old/arch/arm" "$old/.git" "$new"
# symbols - the symbols of Kconfig text on standard input, below fs/
symbols() {
	cat >"$old/fs/Kconfig"
	run "$program" "$old"
}

# ---- definitions
symbols <<-EOF
	config B
	${tab}bool "second symbol"
	menuconfig A
	${tab}tristate 'first symbol'
	config WORD
	${tab}bool "Word"
	config NONE
	${tab}bool
EOF
is "$rc$err" 0 "a tree is read"
is "$out" "A${tab}fs: first symbol
B${tab}fs: second symbol
NONE$tab
WORD$tab" "symbols are sorted, with the prompts that have more than one word"
symbols <<-EOF
	  config${tab}A # a comment
	${tab}prompt "it's so" if B
	    int "the last wins"
	config A-B
	config
	configure X
	config C
EOF
is "$out" "A${tab}fs: the last wins
C$tab" "blanks, comments, two prompts, and lines that are no definition"
symbols <<-EOF
	config A
	${tab}default "no prompt"
	if B
	${tab}bool "another place"
	endif
	config C
	choice
	${tab}bool "which one"
	config D
	source "a b"
	${tab}hex "not of D"
	config E
	endiffed
	${tab}hex "of E"
EOF
is "$out" "A$tab
C$tab
D$tab
E${tab}fs: of E" "a prompt belongs to the definition that is open"
symbols <<-EOF
	config A
	${tab}bool "one quote
	config B
	${tab}bool "say "this" here"
	config C
	${tab}bool ""
	config D
	${tab}boolean "a type"
EOF
is "$out" "A$tab
B${tab}fs: say \"this\" here
C$tab
D$tab" "a prompt ends at the last quote of its line"
symbols <<-EOF
	config A
	${tab}bool "in one place"
	config A
	${tab}bool "in another place"
	config A
	${tab}bool "in one place"
EOF
is "$out" "A${tab}fs: in another place
A${tab}fs: in one place" "two definitions are two lines, equal ones are one"

symbols <<-EOF
	$(seq 1000 | sed 's/^/config N/')
EOF
is "$(echo "$out" | sort -u | wc -l)" 1000 "many symbols"

# ---- files
rm "$old/fs/Kconfig"
echo 'config TOP' >"$old/Kconfig"
echo 'config DEEP' >"$old/fs/ext4/Kconfig.debug"
echo 'config X86' >"$old/arch/x86/kvm/Kconfig"
echo 'config ANY' >"$old/arch/Kconfig"
echo 'config ARM' >"$old/arch/arm/Kconfig"
echo 'config HIDDEN' >"$old/.git/Kconfig"
echo 'config MAKE' >"$old/fs/Makefile"
echo 'config LINKED' >"$work/linked"
ln -s ../linked "$old/Kconfig.link"
run "$program" "$old"
is "$(echo "$out" | tr -d '\t' | tr '\n' ' ')" "ANY DEEP TOP X86 " "Kconfig files of other processors, hidden directories and links are left out"
ln -s old "$work/link"
run "$program" "$work/link"
is "$(echo "$out" | wc -l)" 4 "the tree itself may be a link"
run "$program" "$new"
is "$rc$out$err" 0 "a tree without Kconfig has no symbols"

# ---- OLD NEW
rm "$old/Kconfig.link"
# replaced OLD NEW - the removed symbols, of two Kconfig files
replaced() {
	rm -rf "$new"
	cp -R "$old" "$new"
	printf %b "$1" >"$old/fs/Kconfig"
	printf %b "$2" >"$new/fs/Kconfig"
	run "$program" "$old" "$new"
}
replaced 'config A\n bool "the one"\nconfig B\n' 'config B\n bool "the other"\n'
is "$rc$err $out" "0 A -" "a symbol that is removed"
replaced 'config A\n bool "the one"\nconfig B\n' 'config C\n bool "the one"\nconfig B\n'
is "$out" "A C" "one that has a new name"
replaced 'config A\n bool "the one"\n' 'config C\n bool "the one"\nconfig D\n bool "the one"\n'
is "$out" "A -" "two that may be it"
replaced 'config A\n bool "the one"\nconfig B\n bool "the one"\n' 'config B\n bool "the one"\n'
is "$out" "A -" "one that was there before is none"
replaced 'config A\n bool "One"\n' 'config C\n bool "One"\n'
is "$out" "A -" "one word tells nothing"
replaced 'config A\n bool "the one"\n' 'config C\n bool "the one"\nif X\nconfig C\n bool "the one"\n'
is "$out" "A C" "one that is defined twice is one"
replaced 'config A_B\nconfig A\nconfig A1\n' ''
is "$out" "A -
A1 -
A_B -" "they are sorted"

# ---- malformed input
printf 'config A\n\tbool "no newline"' >"$old/fs/Kconfig"
run "$program" "$old"
like "$out" "^A${tab}fs: no newline$" "no newline at the end"
printf 'config A\0B\nconfig C\n\tbool "with \0 in it"\n' >"$old/fs/Kconfig"
run "$program" "$old"
is "$rc $(echo "$out" | grep -c '^A[^N]')" "0 0" "a symbol with a NUL byte is none"
like "$out" "^C${tab}fs: with \? in it$" "one in a prompt is shown"
{ printf 'config '; head -c 3000000 /dev/zero | tr '\0' A; echo; } >"$old/fs/Kconfig"
run "$program" "$old"
is "$rc $(echo "$out" | grep -c AAAA)" "0 1" "a very long line"
: >"$old/fs/Kconfig"
run "$program" "$old"
is "$rc $(echo "$out" | wc -l)" "0 4" "an empty file"
head -c 100000 "$program" >"$old/fs/Kconfig"
run "$program" "$old"
is "$rc$err" 0 "a file that is not text"
run "$program" "$work/none"
like "$rc $err" "^1 kconfig-symbols: error: $work/none: No such file" "no such directory"
run "$program" "$work/linked"
like "$rc $err" "^1 kconfig-symbols: error: $work/linked: Not a directory" "a file"
run "$program"
is $rc 2 "usage"
