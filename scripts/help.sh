#!/bin/sh
# Print the targets of the Makefile by group, each with the text of its own line. With
# TARGET=name: what make runs for that target, the comment at the head of each script, and
# the variables of scripts/variables.list that it takes. Exit 0; 1: there is no such target.
. "$(dirname "$0")/lib.sh"
[ $# = 0 ] || usage "[TARGET=name] help.sh"
cd "$root"

# table - every target, a line each, the group before its first one
table() {
	awk '
		/^##: / { group = substr($0, 5) }
		/^[a-z-]+:.*## / {
			name = text = $0; sub(/:.*/, "", name); sub(/.*## /, "", text)
			printf "%-7s %-14s %s\n", group, name, text
			group = ""
		}' Makefile
}

# before TARGET - the targets that make runs first, and itself, in the order of running
before() {
	# shellcheck disable=SC2013 # words
	for first in $(sed -n "s/^$1:\([^#]*\)##.*/\1/p" Makefile); do before "$first"; done
	echo "$1"
}

# recipe TARGET - its commands
recipe() { awk -v name="$1:" '!/^\t/ { on = index($0, name) == 1; next } on { sub(/^\t@?/, ""); print }' Makefile; }

# head_of SCRIPT - the comment at its head
head_of() { awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print "  " $0 }' "$1"; }

# variables TARGET... - those that one of them takes
variables() {
	sed -nE 's/^([A-Z0-9]+=("[^"]*"|[^ ]*)) +([^ ]+) +/\1\t\3\t/p' scripts/variables.list |
		awk -F '\t' -v targets="$*" '{
			n = split(targets, target, " "); found = $2 == "*"
			for (i = 1; i <= n; i++) if (index("," $2 ",", "," target[i] ",")) found = 1
			if (found) printf "  %-19s %s\n", $1, $3
		}'
}

if [ -z "${TARGET:-}" ]; then
	table
	echo "Lines, for LTS=: $(lines | sed "s/^$(active)\$/& (active)/" | paste -sd, | sed 's/,/, /g')"
	echo "Variables: MIRROR TREE EXTRA WITHOUT WITH DEBUG CC LLVM J V (help TARGET=name)"
	exit 0
fi
case $TARGET in *[!a-z-]*) text= ;; *) text=$(sed -n "s/^$TARGET:.*## //p" Makefile) ;; esac
[ "$text" ] || die "TARGET=$TARGET" "the Makefile has no such target" "make help lists all of them"
order=$(before "$TARGET" | awk '!seen[$0]++')
printf 'make %s: %s\n' "$TARGET" "$text"
[ "$order" = "$TARGET" ] || printf '\nRuns first: %s\n' "$(printf '%s\n' "$order" | sed '$d' | paste -sd' ')"
recipe "$TARGET" | while read -r command; do
	printf '\n%s\n' "$command"
	script=${command%% *}
	[ ! -f "$script" ] || head_of "$script"
done
printf '\nVariables\n'
# shellcheck disable=SC2086 # a list
variables $order
