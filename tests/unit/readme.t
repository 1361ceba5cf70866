#!/bin/sh
# README.md, CONTRIBUTING.md and docs/ agree with the project: each error line of
# docs/troubleshooting.md is a text of the script that it names, the targets are those of the
# Makefile, the lines those of upstream.lock, and every file that a page names is there.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
readme=$top/README.md
pages="README.md CONTRIBUTING.md CHANGELOG.md $(cd "$top" && echo docs/*.md)"
# quoted FILE HEADING - what stands between backquotes in the first column of the table below HEADING
quoted() {
	awk -F '|' -v h="$2" 'index($0, h) == 1 { on = 1 } on && !/^\|/ { exit } on { print $2 }' "$1" |
		grep -o "\`[^\`]*\`" | tr -d "\`"
}
# unprinted TEXT FILE... - the pieces of TEXT that no FILE has, a line each
unprinted() {
	printf '%s\n' "$1" | sed 's/^ *//; s/ *$//; /^[.:]*$/d' >"$work/pieces"
	shift
	while read -r piece; do cat "$@" | grep -qF -- "$piece" || echo "$piece"; done <"$work/pieces"
}
quoted "$top/docs/troubleshooting.md" '| error line' >"$work/lines"
sed -n 's/^    \([a-z-]*: .*[a-z].*\)/\1/p' "$readme" >"$work/output"
# shellcheck disable=SC2086 # a list
set -- $pages
plan $(($(wc -l <"$work/lines") + $(wc -l <"$work/output") + 2 * $# + 9))

ok "[ $(wc -l <"$work/lines") -gt 12 ]" "there is a table of errors"
while read -r text; do
	script=${text%%: error: *}
	case $script in
	# check-tap.sh prints for smoke
	smoke | smoke-hyperv) files="$top/scripts/boot/$script.sh $top/tests/lib/check-tap.sh $top/scripts/lib.sh" ;;
	run) files="$top/scripts/boot/run.sh $top/scripts/boot/run-rootfs.sh" ;;
	try) files="$top/scripts/boot/try.sh $top/scripts/boot/try-files.sh" ;;
	# and conflict.sh for rebase
	rebase) files="$top/scripts/rebase/rebase.sh $top/scripts/rebase/conflict.sh" ;;
	install) files="$top/scripts/install/*.sh" ;;
	"$text") files="$top/scripts/*.sh $top/scripts/*/*.sh $top/tests/lib/check-tap.sh" ;;
	*) files="$(find "$top/scripts" -name "$script.sh") $top/scripts/lib.sh" ;;
	esac
	# … stands for what is not always the same, a colon for the end of the subject
	# shellcheck disable=SC2086 # a list
	is "$(unprinted "$(printf '%s\n' "${text#"$script: error: "}" | sed 's/…/\n/g; s/: /\n/g; s/:$//')" $files)" "" \
		"the scripts print: $text"
done <"$work/lines"

ok "[ $(wc -l <"$work/output") -ge 6 ]" "the README shows what it looks like when it works"
while read -r text; do
	# words with a digit, a slash or three capitals differ from run to run
	words=$(printf '%s\n' "${text#*: }" | sed -E 's#[^ ]*([0-9/]|[A-Z]{3})[^ ]*#\n#g')
	is "$(unprinted "$words" "$(find "$top/scripts" -name "${text%%: *}.sh")")" "" "a script prints: $text"
done <"$work/output"

is "$(quoted "$readme" '| target' | sed 's/^make \([a-z-]*\).*/\1/' | sort)" "$(sed -n 's/^\([a-z-]*\):.*## .*/\1/p' "$top/Makefile" | sort)" \
	"the table of targets has those of the Makefile"
# shellcheck disable=SC2016 # the backquotes of Markdown
is "$(sed -n 's/^| `\([a-z]*\)` |.*/\1/p' "$top/docs/features.md" | sort)" "$(cd "$top/config" && find features optional -name '*.config' | sed -n 's|.*/\([^./]*\)\.config$|\1|p' | sort)" \
	"docs/features.md has a row for each feature"
eol=$(git config -f "$top/upstream.lock" line.4.19.eol)
like "$(cat "$readme")" "4\\.19 reached its end of life on $eol" "the default's end of life is that of upstream.lock"
is "$(readlink "$top/series")" patches/4.19/series "and 4.19 is the default"
is "$(awk -F ' *[|] *' '$2 ~ /^[0-9]+[.][0-9]+$/ { print $2, $3, $4 }' "$readme")" "$(git config -f "$top/upstream.lock" --get-regexp '^line\..*\.(version|eol)$' |
	awk '{ line = $1; sub(/^line\./, "", line); sub(/\.[a-z]*$/, "", line); if ($1 ~ /version$/) version = $2; else eol = $2 } /\.eol/ { print line, version, eol }')" \
	"the table of lines is that of upstream.lock"
daily=$(sed -n 's/^Build \([0-9.]*\) for daily use.*/\1/p' "$readme")
eol=$(git config -f "$top/upstream.lock" "line.$daily.eol")
like "$(printf '%s\n' "$eol" "$(date +%F)" | sort | tail -n 1)" "^$eol\$" "the line for daily use is pinned and maintained"
is "$(cd "$top/docs" && for page in *.md; do grep -qF "($page)" README.md || echo "$page"; done)" README.md "the index of docs/ names every other page"

for page; do
	is "$(grep -oE '(`|^    )make [a-z][a-z-]*' "$top/$page" | grep -v mrproper | sed 's/.*make //' | sort -u | while read -r target; do
		grep -q "^$target:" "$top/Makefile" || echo "$target"
	done)" "" "$page names targets of the Makefile"
	# my-idea and dxgkrnl are examples, the two .pl the kernel's, initrd.img is WSL's
	is "$({
		grep -oE '(scripts|tests|config|keys|tools|docs|patches)/[a-z0-9_/.*-]*' "$top/$page" | grep -vE 'my-idea|dxgkrnl|get_maintainer|checkpatch.pl|initrd.img' | sed 's/\.$//'
		grep -oE '\]\([a-zA-Z][^):#]*' "$top/$page" | sed "s#^](#$(dirname "$page")/#"
	} | sort -u | while read -r path; do
		# shellcheck disable=SC2086 # a pattern
		stat $top/$path >/dev/null 2>&1 || echo "$path"
	done)" "" "$page names files that exist"
done
