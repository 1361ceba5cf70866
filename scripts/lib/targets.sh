# shellcheck shell=sh
# What the Makefile and scripts/variables.list say of targets and variables, sourced after
# lib.sh by help.sh, complete.sh and man.sh. The current directory must be the project.

# targets - "NAME<tab>GROUP<tab>TEXT" for each target, in the order of the Makefile
targets() {
	awk '
		/^##: / { group = substr($0, 5) }
		/^[a-z-]+:.*## / {
			name = text = $0; sub(/:.*/, "", name); sub(/.*## /, "", text)
			printf "%s\t%s\t%s\n", name, group, text
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
head_of() { awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$1"; }

# variables TARGET... - "NAME=FORM<tab>TEXT" for those that one of them takes; without a
# TARGET all
variables() {
	sed -nE 's/^([A-Z0-9_]+=("[^"]*"|[^ ]*)) +([^ ]+) +/\1\t\3\t/p' scripts/variables.list |
		awk -F '\t' -v targets="$*" '{
			n = split(targets, target, " "); found = $2 == "*" || !n
			for (i = 1; i <= n; i++) if (index("," $2 ",", "," target[i] ",")) found = 1
			if (found) print $1 "\t" $3
		}'
}
