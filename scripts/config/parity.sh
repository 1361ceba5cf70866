#!/bin/sh
# parity.sh - does the line's configuration do all that another kernel's does?
# Every symbol that is on (y or m) in the file BASELINE must be on in
# build/<line>/obj/.config or stand in config/omitted.list with a reason.
# Two kinds owe none: a symbol that no Kconfig file of this tree defines, which
# is named in the output, and one without a prompt, whose value follows from
# those that have one. V=1 prints every symbol that is not on, with its reason.
# Warns of entries of the list that are on here, or that BASELINE has no use for.
# Exit 0, or 1 naming the symbols that are missing.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
[ $# = 0 ] || usage "LTS=x.y BASELINE=file parity.sh"
check_pin
[ "${BASELINE:-}" ] || die BASELINE= "is not set" "give the .config of the kernel to compare with"
[ -f "$BASELINE" ] || die "BASELINE=$BASELINE" "no such file" "give the .config of a kernel"
[ -f "$obj/.config" ] || die "build/$variant/obj/.config" "is not there" "run make config LTS=$LTS"
grep -q "^CONFIG_[A-Za-z0-9_]*=[ym]$" "$BASELINE" || die "BASELINE=$BASELINE" "has no symbol that is on" "give the .config of a kernel"
list=$root/config/omitted.list
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# SYMBOL, and "prompt" where it has one, for each definition on this processor
find "$src" \( -path "$src/.*" -o -path "$src/arch/*/*" ! -path "$src/arch/x86/*" \) -prune -o \
	-name 'Kconfig*' -type f -exec awk '
		FNR == 1 { name = "" }
		/^[ \t]*(menu)?config[ \t]+[A-Za-z0-9_]+[ \t]*(#.*)?$/ { name = $2; print name }
		/^[ \t]*(choice|menu|comment|endmenu|endchoice|source|if|endif)([ \t]|$)/ { name = "" }
		name && /^[ \t]*(bool|tristate|prompt)[ \t]+["\047]/ { print name, "prompt" }' {} + >"$tmp/kconfig"

awk -v line="$LTS" -v tmp="$tmp" '
	function on(text) { return match(text, /^CONFIG_[A-Za-z0-9_]+=[ym]$/) ? substr(text, 8, RLENGTH - 9) : "" }
	FILENAME == ARGV[1] { known[$1]; if ($2) prompt[$1]; next }
	FILENAME == ARGV[2] {
		if (/^#/ || !NF) next
		if (NF < 3 || $2 !~ /^(\*|[0-9.,]+)$/) { print FNR >(tmp "/bad"); next }
		if ($2 != "*" && index("," $2 ",", "," line ",") == 0) next
		reason = $0
		sub(/^[^ \t]+[ \t]+[^ \t]+[ \t]+/, "", reason)
		entry[++n] = $1; why[n] = reason
		pattern = $1; gsub(/\*/, "[A-Za-z0-9_]*", pattern)
		regex[n] = "^" pattern "$"
		next
	}
	FILENAME == ARGV[3] { if ((s = on($0)) != "") is[s]; next }
	(s = on($0)) != "" {
		total++
		if (s in is) { same++; next }
		for (i = 1; i <= n && s !~ regex[i]; i++) ;
		if (i <= n) { used[i]; omitted++; print s "\t" why[i] >(tmp "/all") }
		else if (!(s in known)) { unknown = unknown " " s; print s "\tthe release has no such symbol" >(tmp "/all") }
		else if (!(s in prompt)) { derived++; print s "\tfollows from others, it has no prompt" >(tmp "/all") }
		else print "CONFIG_" s >(tmp "/missing")
	}
	END {
		for (i = 1; i <= n; i++) {
			if (entry[i] in is) print entry[i], "is on in this line" >(tmp "/stale")
			else if (!(i in used)) print entry[i], "is nothing that the baseline has and this line has not" >(tmp "/stale")
		}
		printf "%d symbols are on there: %d are on here, %d are left out for a reason, %d follow from others%s\n",
			total, same, omitted, derived, unknown ? "," : "" >(tmp "/sum")
		if (unknown) print "the release has no such symbol:" unknown >(tmp "/sum")
	}' "$tmp/kconfig" "$list" "$obj/.config" "$BASELINE"

[ ! -s "$tmp/bad" ] || die "config/omitted.list:$(head -n 1 "$tmp/bad")" "is not SYMBOL LINES REASON" \
	"LINES is * or names such as 4.19,6.1"
[ ! -s "$tmp/stale" ] || while read -r symbol text; do
	warn config/omitted.list "$symbol $text"
done <"$tmp/stale"
[ "${V:-0}" = 0 ] || [ ! -s "$tmp/all" ] || sort "$tmp/all"
if [ -s "$tmp/missing" ]; then
	# shellcheck disable=SC2046 # symbols
	die "build/$variant/obj/.config" "does less than $(basename "$BASELINE"), which has" $(cat "$tmp/missing") \
		"ask for it in config/, or give a reason in config/omitted.list"
fi
while read -r text; do say "$text"; done <"$tmp/sum"
