#!/bin/sh
# make man: the page has every target, variable and comment that make help prints, in roff
# that mandoc and groff accept, and shows every character as it was written.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 11
project p
cp "$top/README.md" "$project"
pin 9.1 9.1.5 "file:/none/linux-9.1.5.tar.xz sha256:$(printf '%064d' 0)"
page=$project/build/wsl-kernel.7
# what roff and a terminal treat specially, at the beginning of a line and in it
# shellcheck disable=SC1003,SC2016 # text
odd='.first \\n '"'"'quoted'"'"' "double" `back` ^ ~ - --long'
printf '#!/bin/sh\n# %s\n# '"'"'second\n\n' "$odd" >"$project/scripts/odd.sh"
# shellcheck disable=SC2016 # a recipe
printf 'odd: fetch ## .an odd\\target\n\t@scripts/odd.sh\n' >>"$project/Makefile"

run make man
is "$rc $err" "0 " "make man"
like "$out" '^man: wrote build/wsl-kernel.7; man -l build/wsl-kernel.7 shows it$' "says where it is and how to read it"
cp "$page" "$work/first"
run make man
ok "cmp -s '$page' '$work/first'" "made again it is the same"
if command -v mandoc >/dev/null; then
	is "$(mandoc -Tlint -Wwarning "$page" 2>&1)" "" "mandoc has no warning"
else
	skip 1 "mandoc is not installed"
fi
if ! command -v groff >/dev/null; then
	skip 7 "groff is not installed"
	exit 0
fi
is "$(groff -ww -man -Tutf8 -z "$page" 2>&1)" "" "groff has no warning"
# the text without emphasis and line breaks, as a reader sees it
text=$(groff -man -Tutf8 -rLL=200n "$page" | sed 's/\x1b\[[0-9;]*m//g; s/.\x08//g' | tr -s ' \n' ' ')
# missing LINES - those that the page does not have
missing() {
	printf '%s\n' "$1" | tr -s ' ' | sed 's/^ //; s/ $//' | while IFS= read -r line; do
		case $text in *"$line"*) ;; *) echo "$line" ;; esac
	done
}
is "$(missing "$(sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1 \2/p' "$project/Makefile")")" "" "every target with its text"
is "$(missing "$(sed -nE 's/^([A-Z0-9_]+=("[^"]*"|[^ ]*)) +[^ ]+ +(.*)/\1 \3/p' "$project/scripts/variables.list")")" "" "every variable with its text"
# shellcheck disable=SC2013 # words
is "$(missing "$(for script in $(sed -n 's/^\t@\(scripts[^ ]*\).*/\1/p' "$project/Makefile"); do
	awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$project/$script"
done)")" "" "the comments of every script"
is "$(missing "$odd")" "" "odd characters as they were written"
like "$text" 'odd .an odd.target Runs first: fetch ' "what make runs first"
like "$text" ' LINES 9\.1 ' "the lines of upstream.lock"
