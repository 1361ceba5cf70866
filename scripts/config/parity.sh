#!/bin/sh
# parity.sh - is every symbol that another kernel's configuration enables enabled here?
# Every symbol that is on (y or m) in the file BASELINE must be on in build/<line>/obj/.config
# or be listed in config/omitted.list with a reason. Three kinds need no reason: a symbol
# that an optional feature requests, one that no Kconfig file of this tree defines, which
# the output names, and one without a prompt, whose value follows from others.
# V=1 prints every symbol that is off here, with its reason.
# Warns of unused entries of the list. Exit 0, or 1 naming the symbols that are missing.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/fragments.sh"
[ $# = 0 ] || usage "LTS=x.y BASELINE=file parity.sh"
check_pin
[ "${BASELINE:-}" ] || die BASELINE= "is not set" "give the .config of the kernel to compare with"
[ -f "$BASELINE" ] || die "BASELINE=$BASELINE" "no such file" "give the .config of a kernel"
[ -f "$obj/.config" ] || die "build/$variant/obj/.config" "does not exist" "run make config LTS=$LTS$gpu"
grep -q "^CONFIG_[A-Za-z0-9_]*=[ym]$" "$BASELINE" ||
	die "BASELINE=$BASELINE" "enables no symbol" "give the .config of a kernel"
tab='	'
tempdir
config_parity=$(tool config-parity)
# shellcheck disable=SC2046 # our own names, without blanks
"$config_parity" "$LTS" "$root/config/omitted.list" "$src" "$obj/.config" "$BASELINE" \
	$(WITH=all fragments | sed -n "s|^config/optional/|$root/&|p") >"$tmp/rows"

set -- # the symbols that are missing; their rows come before the totals
while IFS=$tab read -r kind text; do
	case $kind in
	malformed) die "config/omitted.list:$text" "is not SYMBOL LINES REASON" \
		"LINES is * or names such as 4.19,6.1" ;;
	unused) warn config/omitted.list "unused entry $text" ;;
	reason) [ "${V:-0}" = 0 ] || printf '%s\n' "$text" ;;
	missing) set -- "$@" "CONFIG_$text" ;;
	total) [ $# != 0 ] || say "$text" ;;
	esac
done <"$tmp/rows"
[ $# = 0 ] || die "build/$variant/obj/.config" "lacks symbols that $(basename "$BASELINE") enables:" "$@" \
	"request it in config/, or give a reason in config/omitted.list"
