#!/bin/sh
# tools/fragment-check: a line of a fragment that kconfig would ignore, or read in part, is
# named with file and line.
# shellcheck disable=SC2059 # texts are formats, with escapes
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 64
sanitized fragment-check
mkdir "$work/p"
project=$work/p
# accepted LINE NAME, refused LINE REGEX NAME - a file with this line, as printf takes it, as the
# second of three
accepted() {
	printf "# one\n$1\nCONFIG_B=y\n" >"$project/file"
	run "$program" file
	is "$rc$out$err" 0 "$2"
}
refused() {
	printf "# one\n$1\nCONFIG_B=y\n" >"$project/file"
	run "$program" file
	like "$rc $out" "^3 file:2: $2" "$3"
	is "$(printf '%s\n' "$out" | wc -l)" 1 "$3: one line"
}
accepted '' "an empty line"
accepted '  ' "blanks"
accepted '# any text = "' "a comment"
accepted '# CONFIG_A=y' "a request that is commented out"
accepted 'CONFIG_A=y' y
accepted 'CONFIG_A=m' m
accepted 'CONFIG_A=n' n
accepted '# CONFIG_A is not set' "not set"
accepted 'CONFIG_A=-12' "a number"
accepted 'CONFIG_A=0x1fF' "a hexadecimal number"
accepted 'CONFIG_A=""' "empty text"
accepted 'CONFIG_A="a # b \\" c \\\\"' "text with quotes and a number sign"
refused ' CONFIG_A=y' 'the line is indented$' "an indented line"
refused '\tCONFIG_A=y' 'the line is indented$' "by a tab"
refused 'A=y' 'it is no request: CONFIG_SYMBOL=VALUE' "a symbol without CONFIG_"
refused 'config_a=y' 'it is no request' "in small letters"
refused 'CONFIG_=y' 'it is no request' "no symbol"
refused 'CONFIG_A' 'there is no = behind the symbol$' "no value"
refused 'CONFIG_A = y' 'there is no = behind the symbol$' "a blank before ="
refused 'CONFIG_A= y' 'the value is not y' "a blank behind ="
refused 'CONFIG_A=Y' 'the value is not y' "a capital Y"
refused 'CONFIG_A=yes' 'the value is not y' "a word that begins with y"
refused 'CONFIG_A=' 'the value is not y' "an empty value"
refused 'CONFIG_A=- ' 'the value is not y' "a sign without a number"
refused 'CONFIG_A=0x' 'the value is not y' "0x without a digit"
refused 'CONFIG_A=12ab' 'the value is not y' "a number with letters behind it"
refused 'CONFIG_A="a' 'the text has no closing quote' "an open quote"
refused 'CONFIG_A="a"b' 'the text has no closing quote, or more behind it' "more behind the quote"
refused 'CONFIG_A=y # why' 'a comment behind a value' "a comment behind a value"
refused 'CONFIG_A="a" # why' 'a comment behind a value' "behind text"
refused 'CONFIG_A=y ' 'there are blanks behind the value$' "a blank at the end"
refused 'CONFIG_A=y\r' 'the line ends in CRLF' "CRLF"
refused '# CONFIG_A is not set\r' 'the line ends in CRLF' "CRLF behind not set"
refused '#CONFIG_A is not set' 'it must be "# CONFIG_SYMBOL is not set" exactly' "not set without the blank"
refused '# CONFIG_A is not set.' 'it must be' "not set with a full stop"

# ---- whole files
printf '\357\273\277CONFIG_A=y\n' >"$project/file"
run "$program" file
like "$rc $out" '^3 file:1: the file begins with a byte order mark' "a byte order mark"
printf 'CONFIG_A=y\n' | iconv -t UTF-16 >"$project/file"
run "$program" file
is "$rc $out" "3 file:1: the file is UTF-16, as PowerShell writes it: save it as UTF-8" "UTF-16"
printf 'CONFIG_A=y\r\nCONFIG_B=y\r\n' >"$project/file"
printf 'CONFIG_A=y' >"$project/other"
run "$program" file other
is "$(printf '%s\n' "$out" | grep -c file:)$rc" 13 "CRLF is said once a file"
printf 'a\nb\nCONFIG_A=\0' >"$project/file"
: >"$project/empty"
run "$program" empty file
is "$rc $(printf '%s\n' "$out" | cut -d: -f1-2 | tr '\n' ' ')" "3 file:1 file:2 file:3 " "every other line is named"
run "$program" none
like "$rc $err" '^1 fragment-check: error: none: No such file' "a file that does not exist"
run "$program"
is $rc 2 "usage"
