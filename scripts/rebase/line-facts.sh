#!/bin/sh
# line-facts.sh LINE - warn if LINE is not a long-term line or is past its end of life.
. "$(dirname "$0")/../lib.sh"
[ $# = 1 ] || usage "line-facts.sh LINE"
ends=$(awk -v l="$1" '$1 == l { print $2 }' "$root/scripts/rebase/lines.list")
if [ -z "$ends" ]; then
	warn "linux $1" "is not a long-term line in scripts/rebase/lines.list: its fixes may end soon"
elif [ "$(printf '%s\n' "$ends" "$(date +%F)" | sort | head -n 1)" = "$ends" ]; then
	warn "linux $1" "is past its end of life, $ends: kernel.org no longer releases fixes for it"
fi
