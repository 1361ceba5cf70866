#!/bin/sh
# The size of the scripts: a file below scripts/ has at most 150 lines, a shell function
# at most 40 with its braces, an awk program in a shell script at most 20.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 8

# long_files DIR - the files with more than 150 lines
long_files() {
	find "$1" -type f -exec wc -l {} + | awk '$1 > 150 && $2 != "total" { print $2 ": " $1 }' | sort
}

# long_functions DIR - the shell functions with more than 40 lines; one begins with "name() {"
# or "name() (" and ends with the brace in the same column
long_functions() {
	find "$1" -name '*.sh' -exec awk '
		FNR == 1 { name = "" }
		name == "" && /^[ \t]*[A-Za-z0-9_]+\(\) *[({]$/ {
			name = $1; first = FNR
			match($0, /^[ \t]*/)
			indent = substr($0, 1, RLENGTH)
			next
		}
		name != "" && (index($0, indent "}") == 1 || index($0, indent ")") == 1) {
			if (FNR - first + 1 > 40) print FILENAME ": " name " " FNR - first + 1
			name = ""
		}' {} + | sort
}

# long_awk DIR - the awk programs with more than 20 lines between their quotes
long_awk() {
	find "$1" -name '*.sh' -exec awk -v quote="'" '
		FNR == 1 { first = 0 }
		!first && /awk / && split($0, part, quote) % 2 == 0 { first = FNR; next }
		first && index($0, quote) {
			if (FNR - first - 1 > 20) print FILENAME ": " first
			first = 0
		}' {} + | sort
}

# lines N - so many of them
lines() { seq "$1" | sed 's/.*/	:/'; }

# ---- that it finds them
mkdir "$work/scripts"
lines 150 >"$work/scripts/page.awk"
is "$(long_files "$work/scripts")" "" "150 lines are a page"
lines 151 >"$work/scripts/page.awk"
is "$(long_files "$work/scripts")" "$work/scripts/page.awk: 151" "151 are more"
{ echo 'f() {'; lines 38; printf '}\ng() { :; }\nh() {\n'; lines 37; printf '}\n'; } >"$work/scripts/f.sh"
is "$(long_functions "$work/scripts")" "" "functions of 40 lines and of one"
{ echo 'f() {'; lines 39; printf '}\nif :; then\n	g() (\n'; lines 39; printf '	)\nfi\n'; } >"$work/scripts/f.sh"
is "$(long_functions "$work/scripts")" "$work/scripts/f.sh: f() 41
$work/scripts/f.sh: g() 41" "of 41, and one that is indented"
{ echo "	awk -v a='b' '"; lines 20; echo "	' file"; echo "awk 'END { print }' file"; } >"$work/scripts/f.sh"
is "$(long_awk "$work/scripts")" "" "awk programs of 20 lines and of one"
sed -i '1a\	:' "$work/scripts/f.sh"
is "$(long_awk "$work/scripts")" "$work/scripts/f.sh: 1" "of 21"

# ---- the scripts
is "$(long_files "$top/scripts")" "" "every file of scripts/ is at most a page"
is "$(long_functions "$top/scripts")$(long_awk "$top/scripts")" "" "every function and awk program is short"
