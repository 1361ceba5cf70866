#!/bin/sh
# merge-additions.awk: which of git's conflicts are solved, and how; the others keep their marks.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 9
# woven OURS BASE THEIRS - what becomes of a conflict of these; sets $solved
woven() {
	printf 'before\n<<<<<<< HEAD\n%b||||||| parent\n%b=======\n%b>>>>>>> theirs\nafter\n' "$@" >"$work/in"
	awk -v count="$work/count" -f "$top/scripts/rebase/merge-additions.awk" "$work/in" >"$work/out"
	solved=$(cat "$work/count")
	cat "$work/out"
}
# solves OURS BASE THEIRS RESULT NAME
solves() { is "$(woven "$1" "$2" "$3")" "$(printf 'before\n%bafter' "$4")" "$5"; }

solves 'b2\n' 'b\n' 'new\nb\n' 'new\nb2\n' "lines added before one that has changed"
solves 'b2\n' 'b\n' 'b\nnew\n' 'b2\nnew\n' "and behind it"
solves '' 'b\nc\n' 'new\nb\nc\n' 'new\n' "before lines that went"
solves 'up\nb\n' 'b\n' 'new\nb2\n' 'up\nnew\nb2\n' "a change below lines that the release has added"
solves 'int f(void)\n{\n}\n\n' '' 'int g(void)\n{\n}\n\n' 'int f(void)\n{\n}\n\nint g(void)\n{\n}\n\n' "two functions added at one place"
woven 'b2\n' 'b\n' 'b3\n' >/dev/null
is "$solved $(grep -c '^[<|>]' "$work/out")" "0 3" "both change the same line: a person's"
woven '\ta();\n' '' '\tb();\n' >/dev/null
is "$solved" 0 "both add statements at one place: a person's"
woven 'int f(void)\n{\n\n' '' 'int g(void)\n{\n}\n\n' >/dev/null
is "$solved" 0 "half a function is none"
woven 'b2\nc2\n' 'b\nc\n' 'b\nc3\n' >/dev/null
is "$solved" 0 "both change one of two lines: a person's"
