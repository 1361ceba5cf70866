#!/bin/sh
# symbols.sh OLD NEW - the options that the Kconfig files below the folder OLD define
# and those below NEW do not: SYMBOL and the one that has taken its place, or "-", a
# line each. An option has taken the place of another when it is new, and alone in
# having the same prompt. Options of other processors do not count.
. "$(dirname "$0")/../lib.sh"
case $# in 1 | 2) ;; *) usage "symbols.sh OLD NEW | symbols.sh DIR" ;; esac
tempdir

# defined DIR - SYMBOL<tab>PROMPT, or nothing behind the tab
defined() {
	(cd "$1" && find . \( -path './.?*' -o -path './arch/*/*' ! -path './arch/x86/*' \) -prune -o -name 'Kconfig*' -type f -exec awk '
		function put() { if (name) print name "\t" (prompt ~ / / ? part ": " prompt : ""); name = "" }
		FNR == 1 { put(); part = FILENAME; sub(/^\.\//, "", part); sub(/\/.*/, "", part) }
		/^[ \t]*(menu)?config[ \t]+[A-Za-z0-9_]+[ \t]*(#.*)?$/ { put(); name = $2; prompt = "" }
		/^[ \t]*(choice|menu|comment|endmenu|endchoice|source|if|endif)([ \t]|$)/ { put() }
		name && match($0, /^[ \t]*(bool|tristate|string|int|hex|prompt)[ \t]+["\047].*["\047]/) {
			prompt = substr($0, RSTART, RLENGTH); sub(/^[^"\047]*["\047]/, "", prompt); sub(/["\047]$/, "", prompt)
		}
		END { put() }' {} +) | sort -u
}
if [ $# = 1 ]; then
	defined "$1"
	exit
fi
defined "$1" >"$tmp/old"
defined "$2" >"$tmp/new"
awk -F '\t' '
	FILENAME == ARGV[1] { old[$1]; if ($2 != "") prompt[$1] = $2; next }
	{ new[$1]; if (!($1 in old) && $2 != "" && !(($1, $2) in seen)) { seen[$1, $2]; by[$2] = $1; n[$2]++ } }
	END {
		for (s in old) if (!(s in new))
			print s, (s in prompt) && n[prompt[s]] == 1 ? by[prompt[s]] : "-"
	}' "$tmp/old" "$tmp/new" | sort
