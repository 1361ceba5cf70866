#!/bin/sh
# line-facts.sh LINE - warn when LINE is no long-term line, or past its end of life.
. "$(dirname "$0")/../lib.sh"
[ $# = 1 ] || usage "line-facts.sh LINE"
ends=$(awk -v l="$1" '$1 == l { print $2 }' "$root/scripts/rebase/lines.list")
if [ -z "$ends" ]; then
	warn "linux $1" "is no long-term line in scripts/rebase/lines.list: it may soon get no fixes"
elif [ "$(printf '%s\n' "$ends" "$(date +%F)" | sort | head -n 1)" = "$ends" ]; then
	warn "linux $1" "is past its end of life, $ends: it gets no more fixes from kernel.org"
fi
