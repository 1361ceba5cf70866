#!/bin/sh
# tools/config-parity: counts, reasons and rows; parity.t has what make parity does of them.
# shellcheck disable=SC2046 # words without blanks
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 29
sanitized config-parity
mkdir -p "$work/p/tree" "$work/empty"
project=$work/p tab='	'
# put NAME LINE... - the file NAME of these lines
put() {
	file=$project/$1
	shift
	printf '%s\n' "$@" >"$file"
}
# parity - for the line 6.1; tabs become blanks
parity() {
	run "$program" 6.1 omitted tree .config baseline
	out=$(printf '%s\n' "$out" | tr '\t' ' ')
}
# rows KIND - the texts of these
rows() { printf '%s\n' "$out" | sed -n "s/^$1 //p"; }
on() { for symbol; do echo "CONFIG_$symbol=y"; done; }
# total THERE HERE OMITTED DERIVED - the text of the counts
total() { echo "$1 symbols are on there: $2 are on here, $3 are left out for a reason, $4 follow from others"; }

put tree/Kconfig 'config A' " bool 'a'" 'config B' ' tristate "b"' 'config C' ' bool "c"' 'config DEEP' ' bool'
put omitted '# nothing'
put .config $(on A) CONFIG_B=m
put baseline CONFIG_A=m CONFIG_B=y CONFIG_N=8 'CONFIG_T="y"' '# CONFIG_C is not set' CONFIG_D=n
parity
is "$rc$err $out" "0 total $(total 2 2 0 0)" "on is y or m, nothing else"
put baseline $(on C A DEEP NONE X)
parity
is "$(rows missing)" C "a symbol that is off here without a reason"
is "$(rows total)" "$(total 5 1 0 1),
the release has no such symbol: NONE X" "the counts, and what the tree does not define, in the baseline's order"
is "$(rows reason)" "DEEP follows from others, it has no prompt
NONE the release has no such symbol
X the release has no such symbol" "the reasons are sorted"
put omitted "C ${tab}*  no ${tab}need " 'NONE 6.1 renamed'
parity
is "$(rows reason | sed -n 1p)" "C no  need " "a reason of the list, to the letter"
is "$(rows total)" "$(total 5 1 2 1),
the release has no such symbol: X" "a symbol with one is not counted as unknown"
put omitted 'C 4.19,6.1 reason' 'C 6.1 another'
parity
is "$(rows reason | head -n 1)" "C reason" "the first entry that matches has the reason"
is "$(rows unused)" C "and the second one is unused"
put omitted 'C 4.19,6.12 reason' 'C 6.1. reason' 'C 16.1 reason' 'C .1 reason'
parity
is "$(rows missing),$(rows unused)" "C," "entries for other lines are ignored"
put omitted 'A * on' 'B * on' 'DEEP* * pattern' 'E * off' 'N* * pattern' '* 6.12 another line'
parity
is "$(rows unused)" "A, which is on in 6.1
B, which is on in 6.1
E" "entries that nothing needs"
put baseline CONFIG_C=y '# CONFIG_C is not set' CONFIG_DEEP=n CONFIG_DEEP=y CONFIG_DEEP=y
put omitted '# nothing'
parity
is "$(rows total)" "$(total 1 0 0 1)" "a symbol that is there twice counts once, as it is last"

# ---- patterns
# covers PATTERN SYMBOL... - the symbols of these that the pattern matches
covers() {
	put omitted "$1 * pattern"
	shift
	put baseline $(on "$@")
	parity
	rows reason | sed -n 's/ pattern$//p' | tr '\n' ' '
}
is "$(covers 'SND_*' SND SND_ SND_A ASND_A)" "SND_ SND_A " "a pattern at the end"
is "$(covers '*_B' B _B A_B A_B_B A_B_C)" "A_B A_B_B _B " "at the beginning"
is "$(covers 'A*B*C' ABC AXBXC ABCBC ACB ABCD)" "ABC ABCBC AXBXC " "several"
is "$(covers '*' A1 B1)" "A1 B1 " "everything"
is "$(covers 'A.' A. AB A1)" "" "a dot is not a pattern"
is "$(covers 'A**' A1 B1 A2B)" "A1 A2B " "two in a row"

# ---- optional features
mkdir "$project/some.dir"
put some.dir/fast.6.1.config CONFIG_C=m '# CONFIG_X is not set' CONFIG_N=8
put more.config $(on DEEP)
put omitted 'C * another reason'
put baseline $(on A C DEEP X)
run "$program" 6.1 omitted tree .config baseline some.dir/fast.6.1.config more.config
out=$(printf '%s\n' "$out" | tr '\t' ' ')
is "$(rows reason)" "C WITH=fast adds it
DEEP WITH=more adds it
X the release has no such symbol" "what an optional feature turns on, with its name"
is "$(rows total)" "4 symbols are on there: 1 are on here, 2 are optional, 0 are left out for a reason, 0 follow from others,
the release has no such symbol: X" "is counted apart"
is "$(rows unused)" C "and needs no entry"

# ---- malformed input
put baseline $(on C)
for line in 'C *' 'C' 'C * ' 'C 6.1;4.19 reason' 'C all reason'; do
	put omitted '# comment' '' "$line" 'C'
	parity
	[ "$out" = "malformed 3" ] || { note "$line: $out"; break; }
	line=
done
is "$rc$line" 0 "an entry without lines or reason is named by its number, and nothing else"
printf 'C * reason' >"$project/omitted"
printf 'CONFIG_C=y' >"$project/baseline"
parity
is "$(rows reason)" "C reason" "no newline at the end"
printf 'C\0 * reason\n' >"$project/omitted"
printf 'CONFIG_C=y\nCONFIG_A=y\0\n' >"$project/baseline"
parity
is "$(rows missing)$(rows unused) $(rows total)" "CC? $(total 1 0 0 0)" "NUL bytes"
{ head -c 2000000 /dev/zero | tr '\0' A; printf '* * '; head -c 2000000 /dev/zero | tr '\0' B; echo; } >"$project/omitted"
{ printf CONFIG_; head -c 2000000 /dev/zero | tr '\0' A; echo "=y"; } >"$project/baseline"
parity
is "$rc $(rows reason | wc -c)" "0 4000002" "very long lines"
put baseline $(on C)
run "$program" 6.1 /dev/null "$work/empty" /dev/null /dev/null
is "$rc$err $out" "0 total$tab$(total 0 0 0 0)" "empty files"
run "$program" 6.1 none tree .config baseline
like "$rc $err" '^1 config-parity: error: none: No such file' "a list that does not exist"
run "$program" 6.1 /dev/null none .config baseline
like "$rc $err" '^1 config-parity: error: none: No such file' "a tree"
run "$program" 6.1 /dev/null tree .config tree
like "$rc $err" '^1 config-parity: error: tree: Is a directory' "a directory for a file"
run "$program" 6.1
is $rc 2 "usage"
