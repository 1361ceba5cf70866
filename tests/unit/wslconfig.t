#!/bin/sh
# tools/wslconfig: what it reads, what it writes, and how it fails. tests/fuzz has what must
# hold for any file; here every short file of the pieces that matter is tried.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
sanitized wslconfig
mkdir "$work/p"
project=$work/p file=$work/p/.wslconfig
# put TEXT - the file, TEXT being a format of printf
# shellcheck disable=SC2059
put() { printf "$1" >"$file"; }
# get FORMAT KEY WANTED NAME - the value that is read in that file
get() {
	put "$1"
	run "$program" get "$file" "$2"
	is "$out" "$3" "$4"
}
# held FORMAT NAME - set reads back, the other keys stay, unset and back give the bytes back
held() {
	put "$1"
	cp "$file" "$work/was"
	memory=$("$program" get "$file" wsl2.memory) || :
	"$program" set "$file" 'C:\Users\Jo Doe\bzImage' 'C:\m.vhdx' &&
		[ "$("$program" get "$file" wsl2.kernel)" = 'C:\Users\Jo Doe\bzImage' ] &&
		[ "$("$program" get "$file" WSL2.KERNELMODULES)" = 'C:\m.vhdx' ] &&
		[ "$("$program" get "$file" wsl2.memory)" = "$memory" ] &&
		cp "$file" "$work/set" && "$program" back "$file" && cmp "$file" "$work/was" &&
		cp "$work/set" "$file" && "$program" unset "$file" && cmp "$file" "$work/was" && rc=0 || rc=1
	ok $rc "$2"
	[ $rc = 0 ] || od -c "$work/set" >&2
}
plan 70

# ---- reading
get '[wsl2]\nkernel=C:\\\\b\\\\t\n' wsl2.kernel 'C:\b\t' "doubled backslashes"
get '[WSL2]\nKERNEL = x\n' wsl2.kernel x "sections and keys without case"
get '[wsl2]\nkernel=a\nkernel=b\n' wsl2.kernel a "the first one wins"
get '[wsl2]\nkernel=a\n[user]\nkernel=b\n[wsl2]\nkernel=c\n' wsl2.kernel a "over two sections"
get '[user]\nkernel=b\n[wsl2]\nkernel=c\n' wsl2.kernel c "a key of another section is another key"
get '[wsl2]\n#kernel=a\n;kernel=b\nkernel=c # d\n' wsl2.kernel c "comments, and a semicolon is none"
get '[wsl2]\nkernel="a # b" \n' wsl2.kernel 'a # b' "quotes"
get '[wsl2]\nkernel="a\nkernel=b\n' wsl2.kernel b "a line whose quote is open is ignored"
get '[wsl2]\nkernel=C:\\Users\\x\nkernel=b\n' wsl2.kernel b "and one with an unknown escape"
get '[wsl2]\nkernel=C:\\\\a\\\n\\\\b\n' wsl2.kernel 'C:\a\b' "a continuation line"
get '[wsl2]\r\nkernel=a\\\r\nb\r\n' wsl2.kernel ab "with CR LF"
get '[wsl2]\nkernel=a b \t\n' wsl2.kernel 'a b' "blanks at the end are cut"
get '[wsl2]\nkernel="a "\n' wsl2.kernel 'a ' "unless they are quoted"
get '\357\273\277[wsl2]\nkernel=a\n' wsl2.kernel a "a BOM"
get '[wsl2]\rkernel=a\rmemory=b\r' wsl2.memory b "CR alone ends a line"
get '[wsl2]\r#x\rkernel=a\r' wsl2.kernel "" "but not a comment"
get '[ wsl2]\nkernel=a\n' wsl2.kernel "" "a blank in a section's name"
get '[wsl2]\n[ gpu]\nkernel=a\n' wsl2.kernel a "after it, the section before goes on"
get '[wsl2]\n[gpu x]\nkernel=a\n' wsl2.kernel "" "after a name that is broken behind, none does"
get '[user]\n[wsl2 x]\nkernel=a\n' wsl2.kernel a "unless the names are equally long"
get '[wsl2]\nkernel=J\303\266rg\n' wsl2.kernel "$(printf 'J\366rg')" "a letter beyond ASCII loses its upper bits"
run "$program" get "$file" wsl2.memory
is $rc 3 "a key that is not set"
run "$program" get "$work/none" wsl2.memory
is "$rc$err" 3 "in a file that does not exist neither"
put '[wsl2]\nmemory 4GB\nkernel=C:\\\\x\nKernel=b\n'
run "$program" check "$file"
is "$rc $out" "3 2	the name of a key has letters and digits only, then =
4	wsl2.Kernel is set in line 3 already" "check says which lines are ignored"
put '[wsl2]\nmemory=4GB\n'
run "$program" check "$file"
is "$rc$out" 0 "and nothing of a good file"

# ---- writing
held '' "an empty file"
held '[wsl2]\nmemory=4GB\n' "one with [wsl2]"
held '[wsl2]\r\nmemory=4GB\r\n' "with CR LF"
ok "! grep -qv '$(printf '\r')\$' '$work/set'" "our lines have CR LF there too"
held '[wsl2]\rmemory=4GB\r' "with CR"
held '[wsl2]\rkernel=a\rmemory=4GB\r' "with CR and a kernel"
held '#a\r[wsl2]\rmemory=4GB\r' "with CR and a comment, which takes the rest"
held '[wsl2]\nmemory=4GB' "no newline at the end"
held '[wsl2]' "nor behind the section"
# shellcheck disable=SC1003 # no quote is meant
held '[user]\nmemory=4GB\\' "a backslash at the end"
held '[user]\nmemory=4GB\\\n' "and before the last newline"
held '[user]\nmemory="4GB' "an open quote"
held '   ' "blanks only"
held '\357\273\277' "a BOM only"
held '\357\273\277[wsl2]\nkernel=a\n' "a BOM before the section"
held '[wsl2]\nkernel=a\nmemory=4GB\n' "kernel= is set"
held '[wsl2]\nkernel=a\nKernel=b\nkernelmodules=c\nmemory=4GB\n' "twice, and in another case"
held '[wsl2]\n#kernel=a\nmemory=4GB\n' "in a comment"
held '[user]\nkernel=a\n[experimental]\nmemory=1\n' "in another section"
held '[wsl2]\nkernel=a\\\n  b\\\n  c\nmemory=4GB\n' "with continuation lines"
is "$(grep -c '^# wsl-kernel: saved: ' "$work/set")" 3 "each of them becomes a comment"
held '[wsl2]\nmemory=1\n[wsl2]\nmemory=2\nkernel=a\n' "two sections"
held 'kernel=a\n[wsl2 x]\nmemory=2\nkernel=a\n' "no valid section"
held '[user]\n[wsl2 x]\nkernel=b\n' "a key that is in [wsl2] by accident"
held '[wsl2]\nmemory=4GB # a\rb\n\r\r\n' "odd line ends"
put '[wsl2]\nmemory=4GB\nkernel=C:\\\\old\n'
cp "$file" "$work/was"
"$program" set "$file" 'C:\1\b' 'C:\1\m'
"$program" set "$file" 'C:\2\b'
"$program" set "$file" 'C:\2\b'
is "$("$program" state "$file" | tr '\t\n' ' ;')" 'kernel C:\2\b;before C:\1\b;beforeModules C:\1\m;' "an upgrade knows what was before"
"$program" back "$file"
is "$("$program" state "$file" | tr '\t\n' ' ;')" 'kernel C:\1\b;kernelModules C:\1\m;' "back is that"
run "$program" back "$file"
is "$rc $("$program" get "$file" wsl2.kernel)" '3 C:\1\b' "and goes one step only"
"$program" unset "$file"
ok "cmp -s '$file' '$work/was'" "unset goes to the user's own"
sed -i 's/^memory=.*/memory=8GB/; 1i# mine' "$file"
"$program" set "$file" 'C:\1\b'
printf '[user]\nx=1\n' >>"$file"
"$program" unset "$file"
is "$(cat "$file")" '# mine
[wsl2]
memory=8GB
kernel=C:\\old
[user]
x=1' "what the user writes meanwhile stays"
rm "$file"
"$program" set "$file" 'C:\1\b'
"$program" unset "$file"
ok "[ ! -e '$file' ]" "a file that it made is removed"
put ''
"$program" set "$file" 'C:\1\b'
"$program" unset "$file"
ok "[ -f '$file' ] && [ ! -s '$file' ]" "an empty one is not"
run "$program" set -n "$file" 'C:\1\b'
ok "[ ! -s '$file' ] && grep -q 'kernel=C:.*1.*b' '$work/out'" "-n writes nothing and prints the file"

# ---- what cannot be done
run "$program" set "$file" "$(printf 'C:\\J\303\266rg')"
like "$rc $err" '^1 wslconfig: error: .*: cannot be named in .wslconfig$' "a value that WSL cannot read"
put '\377\376['
run "$program" set "$file" 'C:\1'
like "$rc $err" '^1 wslconfig: error: .*: is UTF-16$' "UTF-16"
like "$err" 'iconv -f UTF-16 -t UTF-8' "with how to convert it"
put '[wsl2]\032\n'
run "$program" set "$file" 'C:\1'
like "$rc $err" '^1 .*has a Ctrl-Z in it' "a Ctrl-Z"
put '[wsl2]\n'
chmod 444 "$file"
run "$program" set "$file" 'C:\1'
like "$rc $err $(cat "$file")" '^1 wslconfig: error: .*: is read-only$' "read-only"
chmod 644 "$file"
mv "$file" "$project/dots"
ln -s dots "$file"
"$program" set "$file" 'C:\1'
ok "[ -L '$file' ] && grep -q added '$project/dots'" "a symbolic link is followed"
rm "$project/dots"
run "$program" set "$file" 'C:\1'
like "$rc $err" '^1 .*: is a symbolic link to a file that does not exist$' "unless it leads nowhere"
rm "$file"
run "$program" set "$file"
is $rc 2 "usage"

# ---- every short file; a kill at any system call
run make -s -C "$top/tests/fuzz" O="$work/fuzz" sequences
run "$work/fuzz/sequences" 3
is "$rc $err$out" "0 3616 sequences" "what tests/fuzz asks for holds for every short file"
if command -v strace >/dev/null; then
	put '[wsl2]\nmemory=4GB\n'
	cp "$file" "$work/old"
	make -s -C "$top/tools" O="$work/plain" "$work/plain/wslconfig"
	"$work/plain/wslconfig" set -n "$file" 'C:\1' >"$work/new"
	# strace counts each system call by itself
	strace -o "$work/trace" "$work/plain/wslconfig" set "$file" 'C:\1'
	is "$(cmp "$file" "$work/new")" "" "-n prints what is written"
	sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' "$work/trace" | grep -v execve | awk '{ print $1, ++n[$1] }' >"$work/calls"
	odd='' killed=0
	while read -r call n; do
		cp "$work/old" "$file"
		strace -o "$work/trace" -e inject="$call:signal=SIGKILL:when=$n" "$work/plain/wslconfig" \
			set "$file" 'C:\1' 2>/dev/null || killed=$((killed + 1))
		cmp -s "$file" "$work/old" || cmp -s "$file" "$work/new" || odd="$odd $call:$n"
	done <"$work/calls"
	is "$killed$odd" "$(wc -l <"$work/calls")" "killed at each of its system calls, the file is old or new"
	put '[wsl2]\n'
	: >"$file.wsl-kernel"
	"$program" set "$file" 'C:\1'
	ok "[ ! -e '$file.wsl-kernel' ] && grep -q added '$file'" "what a killed run left is no obstacle"
else
	skip 3 "strace is not installed"
fi
