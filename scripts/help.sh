#!/bin/sh
# Print the targets of the Makefile by group, each with the text of its own line. With
# TARGET=name: what make runs for that target, the comment at the head of each script, and
# the variables of scripts/variables.list that it takes. Exit 0; 1: there is no such target.
. "$(dirname "$0")/lib.sh"
. "$root/scripts/lib/targets.sh"
[ $# = 0 ] || usage "[TARGET=name] help.sh"
cd "$root"

if [ -z "${TARGET:-}" ]; then
	# a line each, the group before its first one
	targets | awk -F '\t' '{ printf "%-7s %-14s %s\n", $2 == group ? "" : $2, $1, $3; group = $2 }'
	echo "Lines, for LTS=: $(lines | sed "s/^$(active)\$/& (active)/" | paste -sd, | sed 's/,/, /g')"
	exit 0
fi
text=$(targets | awk -F '\t' -v name="$TARGET" '$1 == name { print $3 }')
[ "$text" ] || die "TARGET=$TARGET" "the Makefile has no such target" "make help lists all of them"
order=$(before "$TARGET" | awk '!seen[$0]++')
printf 'make %s: %s\n' "$TARGET" "$text"
[ "$order" = "$TARGET" ] || printf '\nRuns first: %s\n' "$(printf '%s\n' "$order" | sed '$d' | paste -sd' ')"
recipe "$TARGET" | while read -r command; do
	printf '\n%s\n' "$command"
	script=${command%% *}
	[ ! -f "$script" ] || head_of "$script" | sed 's/^/  /'
done
printf '\nVariables\n'
# shellcheck disable=SC2086 # a list
variables $order | awk -F '\t' '{ printf "  %-19s %s\n", $1, $2 }'
