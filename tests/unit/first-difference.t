#!/bin/sh
# first-difference.sh: which of the files that differ between two builds is named.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 13
a=$work/a b=$work/b
# made MINUTE FILE TEXT-A [TEXT-B] - FILE in both builds, made in that minute; TEXT-B "-": not in b
made() {
	mkdir -p "$(dirname "$a/$2")" "$(dirname "$b/$2")"
	printf '%s\n' "$3" >"$a/$2"
	printf '%s\n' "${4:-$3}" >"$b/$2"
	[ "${4:-}" != - ] || rm "$b/$2"
	touch -d "2026-01-02 10:$1" "$a/$2"
}
# compiled MINUTE FILE - an object whose debug information has the directory of its build
compiled() {
	made "$1" "$2" 'int x = 1;'
	for dir in "$a" "$b"; do
		(cd "$dir" && cp "$2" x.c && gcc -g -c -o "$2" "$dir/x.c")
	done
	touch -d "2026-01-02 10:$1" "$a/$2"
}
first() { run "$top/scripts/kernel/first-difference.sh" "$a" "$b"; }
mkdir "$work/p"
project=$work/p

made 10 kernel/fork.o same
made 11 .config CONFIG_A=y
first
is "$rc$out$err" 1 "none differs"
made 12 scripts/mod/modpost.o /a /b
made 12 tools/objtool/objtool.o /a /b
made 12 kernel/.fork.o.cmd /a /b
first
is "$rc$out" 1 "programs for the build machine and what kbuild notes do not count"
made 30 kernel/late.o a b
made 20 mm/early.o 'text of a' 'text of b'
made 25 lib/middle.o a b
first
is "$rc $(printf '%s\n' "$out" | head -n 1)" "0 mm/early.o" "the one that was made first"
is "$(printf '%s\n' "$out" | tail -n 2)" "only in this build: text of a
only in the other:  text of b" "with the text that differs"
compiled 15 init/main.o
first
is "$(printf '%s\n' "$out" | head -n 1)" mm/early.o "debug information comes after it"
made 11 .config CONFIG_A=y CONFIG_A=m
first
is "$(printf '%s\n' "$out" | head -n 1)" .config "the configuration before all"
made 11 .config CONFIG_A=y
rm "$a/kernel/late.o" "$a/lib/middle.o" "$a/mm/early.o"
compiled 14 arch/x86/boot/tty.o
first
is "$rc $(printf '%s\n' "$out" | head -n 1)" "0 init/main.o, in its debug information" "nothing but debug information"
like "$out" "^only in this build: .*$a" "and the path in it"
rm "$a/init/main.o"
first
is "$rc$out" 1 "that of the boot code is linked nowhere"
made 40 vmlinux a b
first
is "$(printf '%s\n' "$out" | head -n 1)" vmlinux "objects that are the same, and a link that differs"
made 35 drivers/net/tun.o a -
first
is "$(printf '%s\n' "$out" | head -n 2)" "drivers/net/tun.o
it is not in the other build" "one that only the first build has"
rm "$a/drivers/net/tun.o"
made 36 drivers/net/tap.ko a b
first
is "$(printf '%s\n' "$out" | head -n 1)" drivers/net/tap.ko "a module"
run "$top/scripts/kernel/first-difference.sh" "$a" "$work/none"
is "$rc" 2 "a directory that does not exist is a wrong call"
