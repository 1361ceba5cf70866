#!/bin/sh
# The README speaks of what there is: each error line of its table is a text of
# the script that it names, its targets are those of the Makefile, and what it
# names of the project is there.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
readme=$top/README.md
# quoted FILE HEADING - what stands between backquotes in the first column of the table below HEADING
quoted() {
	awk -F '|' -v h="$2" 'index($0, h) == 1 { on = 1 } on && !/^\|/ { exit } on { print $2 }' "$1" |
		grep -o "\`[^\`]*\`" | tr -d "\`"
}
quoted "$top/docs/troubleshooting.md" '| error line' >"$work/lines"
plan $(($(wc -l <"$work/lines") + 4))
ok "[ $(wc -l <"$work/lines") -gt 12 ]" "there is a table of errors"

while read -r text; do
	script=${text%%: error: *}
	case $script in
	# check-tap.sh speaks for smoke
	smoke | smoke-hyperv) files="$top/scripts/boot/$script.sh $top/tests/lib/check-tap.sh $top/scripts/lib.sh" ;;
	# and conflict.sh for rebase
	rebase) files="$top/scripts/rebase/rebase.sh $top/scripts/rebase/conflict.sh" ;;
	"$text") files="$top/scripts/*.sh $top/scripts/*/*.sh $top/tests/lib/check-tap.sh" ;;
	*) files="$(find "$top/scripts" -name "$script.sh") $top/scripts/lib.sh" ;;
	esac
	# … stands for what is not always the same, a colon for the end of the subject
	# shellcheck disable=SC2086 # a list
	is "$(printf '%s\n' "${text#"$script: error: "}" | sed 's/…/\n/g; s/: /\n/g; s/:$//' | sed 's/^ *//; s/ *$//; /^[.:]*$/d' |
		while read -r piece; do cat $files | grep -qF -- "$piece" || echo "$piece"; done)" "" "the scripts print: $text"
done <"$work/lines"

is "$(quoted "$readme" '| target' | sed 's/^make \([a-z-]*\).*/\1/' | sort)" "$(sed -n 's/^\([a-z-]*\):.*## .*/\1/p' "$top/Makefile" | sort)" \
	"the table of targets has those of the Makefile"
is "$(grep -oE '(`|^    )make [a-z][a-z-]*' "$readme" | grep -v mrproper | sed 's/.*make //' | sort -u | while read -r target; do
	grep -q "^$target:" "$top/Makefile" || echo "$target"
done)" "" "no other target is spoken of"
is "$(grep -oE '(scripts|tests|config|keys|tools|docs|patches)/[a-z0-9_/.-]*' "$readme" | grep -v my-idea | sed 's/\.$//' | sort -u |
	while read -r path; do [ -e "$top/$path" ] || echo "$path"; done)" "" "every file and folder of the project that it names is there"
