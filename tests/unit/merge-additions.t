#!/bin/sh
# merge-additions.awk: which of git's conflicts are resolved, and how; the others keep their
# markers.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 9
# merge OURS BASE THEIRS - print what becomes of a conflict of these; sets $resolved
merge() {
	printf 'before\n<<<<<<< HEAD\n%b||||||| parent\n%b=======\n%b>>>>>>> theirs\nafter\n' "$@" >"$work/in"
	awk -v count="$work/count" -f "$top/scripts/rebase/merge-additions.awk" "$work/in" >"$work/out"
	resolved=$(cat "$work/count")
	cat "$work/out"
}
# resolves OURS BASE THEIRS RESULT NAME
resolves() { is "$(merge "$1" "$2" "$3")" "$(printf 'before\n%bafter' "$4")" "$5"; }

resolves 'b2\n' 'b\n' 'new\nb\n' 'new\nb2\n' "lines added before one that has changed"
resolves 'b2\n' 'b\n' 'b\nnew\n' 'b2\nnew\n' "and after it"
resolves '' 'b\nc\n' 'new\nb\nc\n' 'new\n' "before lines that were removed"
resolves 'up\nb\n' 'b\n' 'new\nb2\n' 'up\nnew\nb2\n' "a change below lines that the release has added"
resolves 'int f(void)\n{\n}\n\n' '' 'int g(void)\n{\n}\n\n' 'int f(void)\n{\n}\n\nint g(void)\n{\n}\n\n' "two functions added at one place"
merge 'b2\n' 'b\n' 'b3\n' >/dev/null
is "$resolved $(grep -c '^[<|>]' "$work/out")" "0 3" "both change the same line: left to be resolved by hand"
merge '\ta();\n' '' '\tb();\n' >/dev/null
is "$resolved" 0 "both add statements at one place: by hand"
merge 'int f(void)\n{\n\n' '' 'int g(void)\n{\n}\n\n' >/dev/null
is "$resolved" 0 "half a function is not a definition"
merge 'b2\nc2\n' 'b\nc\n' 'b\nc3\n' >/dev/null
is "$resolved" 0 "both change one of two lines: by hand"
