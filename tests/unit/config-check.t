#!/bin/sh
# tools/config-check: which symbols do not have the requested value, and the boot contract.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 28
sanitized config-check
mkdir "$work/p"
project=$work/p
# config NAME LINE... - the file NAME of these lines
config() {
	file=$project/$1
	shift
	printf '%s\n' "$@" >"$file"
}
# check FILE... - of fragments against .config; tabs become blanks
check() {
	run "$program" "$@" .config
	out=$(printf '%s\n' "$out" | tr '\t' ' ')
}

config .config CONFIG_A=y CONFIG_B=m 'CONFIG_TEXT="a b"' '# CONFIG_OFF is not set' CONFIG_MORE=y
config one CONFIG_A=y 'CONFIG_TEXT="a b"' '# CONFIG_OFF is not set' '# CONFIG_ABSENT is not set'
check one
is "$rc$out$err" 0 "all symbols have the requested value"
config one CONFIG_B=y CONFIG_ABSENT=y '# CONFIG_A is not set' 'CONFIG_TEXT="a"' CONFIG_A_B=1
check one
is "$rc$err" 3 "some do not"
is "$out" 'B y m one
ABSENT y n one
A n y one
TEXT "a" "a b" one
A_B 1 n one' "they are rows in the order of the requests"
is "$("$program" "$project/one" "$project/.config" | head -n 1 | tr '\t' ';')" "B;y;m;$project/one" "with tabs between"
config two CONFIG_B=m CONFIG_ABSENT=n CONFIG_A=m
check one two
is "$out" 'A m y two
TEXT "a" "a b" one
A_B 1 n one' "the last fragment wins"
config one 'CONFIG_A = n' ' CONFIG_A=n' '#CONFIG_A is not set' '# CONFIG_A is not set.' 'CONFIG_=y' CONFIG_A-B=y '# CONFIG_A=n' CONFIG_A
check one
is "$rc$out$err" 0 "other lines request nothing"
config one CONFIG_A=y CONFIG_A=m
check one
is "$out" "A m y one" "the last of two requests in a file wins"
config .config CONFIG_A=y CONFIG_A=m
check one
is "$rc$out" 0 "and of two values in .config"

# ---- the boot contract
begin='# ==== boot contract: begin (no comment)' end='# ==== boot contract: end'
config .config CONFIG_A=y CONFIG_B=y CONFIG_C=m
config base "$begin" CONFIG_A=y CONFIG_B=y "$end" CONFIG_C=y
config one CONFIG_A=y CONFIG_C=m
check base one
is "$rc$out" 0 "a fragment may request the same, and change what is outside"
config .config CONFIG_A=y CONFIG_B=y CONFIG_C=y
config one CONFIG_A=m '# CONFIG_A is not set' '# CONFIG_B is not set'
check base one
is "$rc $out" "3 A m y one base
B n y one base" "a contradiction is one row, whatever .config has"
config .config CONFIG_C=y
check base one
is "$out" "A m y one base
B n y one base" "and the only one of the symbol"
config one CONFIG_X=y
check base one
is "$out" "A y n base
B y n base
X y n one" "a contract that .config does not meet is an ordinary row"
config base "$begin" CONFIG_A=y
check base one
is "$out" "A y n base
X y n one" "the contract ends with its file"
config base "$begin" CONFIG_A=y CONFIG_B=y "$end"
config one "$begin" CONFIG_A=m CONFIG_B=y "$end"
config .config CONFIG_A=m CONFIG_B=y
check base one
is "$rc $out" "3 A m y one base" "an edited copy of the contract does not replace it"
config base "$begin" CONFIG_A=y "$end"
config line "$begin" CONFIG_B=y "$end"
config one CONFIG_A=m '# CONFIG_B is not set'
check base line one
is "$rc $out" "3 A m y one base
B n y one line" "a second file may add to it, and is named"
config base CONFIG_A=m "$begin" CONFIG_A=y
config .config CONFIG_A=y
check base
is "$rc$out" 0 "it wins over what its file requests before it"

# ---- malformed input
printf 'CONFIG_A=m' >"$project/one"
check one
is "$out" "A m y one" "no newline at the end"
printf 'CONFIG_A=y\0\nCONFIG_B\0=y\nCONFIG_C=\n' >"$project/one"
check one
is "$out" "A y? y one
C (empty) n one" "NUL bytes and an empty value"
{ printf 'CONFIG_A='; head -c 3000000 /dev/zero | tr '\0' y; echo; } >"$project/one"
check one
is "$rc $(printf '%s\n' "$out" | wc -c)" "3 3000009" "a very long line"
: >"$project/one"
: >"$project/.config"
check one one
is "$rc$out$err" 0 "empty files"
run "$program" none .config
like "$rc $err" '^1 config-check: error: none: No such file' "a file that does not exist"
run "$program" .config
is $rc 2 "usage"

# ---- choices
mkdir "$project/tree"
printf '%s\n' 'choice' '	prompt "rate"' 'config SLOW' 'config FAST' '	bool "fast"' 'endchoice' 'config A' '	bool' 'choice' \
	'config NONE' 'config FULL' 'endchoice' 'config B' '	bool' >"$project/tree/Kconfig"
config base CONFIG_SLOW=y CONFIG_A=y CONFIG_NONE=y
config one CONFIG_FAST=y
config .config CONFIG_FAST=y CONFIG_A=y CONFIG_NONE=y '# CONFIG_SLOW is not set'
check base one
is "$rc $out" "3 SLOW y n base" "without the tree nothing is known of choices"
check -t tree base one
is "$rc$out$err" 0 "a member of a choice replaces another one, and no other symbol"
config .config CONFIG_SLOW=y CONFIG_A=y CONFIG_NONE=y
check -t tree base one
is "$out" "SLOW n y one
FAST y n one" "it is requested of .config, by the file that replaces it"
check -t tree one base
is "$rc$out" 0 "the last request wins"
config one CONFIG_FAST=m '# CONFIG_FULL is not set' CONFIG_B=y
config .config CONFIG_SLOW=y CONFIG_A=y CONFIG_NONE=y CONFIG_FAST=m CONFIG_B=y
check -t tree base one
is "$rc$out" 0 "m and n replace nothing"
config base "$begin" CONFIG_SLOW=y "$end"
config one CONFIG_FAST=y
check -t tree base one
like "$out" '^SLOW n y one base$' "the boot contract's member stays"
