#!/bin/sh
# Write build/wsl-kernel.7, a manual page with what make help prints: each target with its
# text, what make runs first and the comments of its scripts; each variable. To read it:
#   man -l build/wsl-kernel.7
# Its date is that of the last commit, or today outside of git. Exit 0 done, 1 error.
. "$(dirname "$0")/lib.sh"
. "$root/scripts/lib/targets.sh"
[ $# = 0 ] || usage "man.sh"
cd "$root"

# plain - standard input as roff that prints it as it is
plain() {
	sed "s/\\\\/\\\\e/g; s/-/\\\\-/g; s/'/\\\\(aq/g; s/\`/\\\\(ga/g; s/\\^/\\\\(ha/g; s/~/\\\\(ti/g; s/^[.]/\\\\\&./"
}

# item TERM TEXT - TERM in bold, TEXT indented
item() { printf '.TP\n\\fB%s\\fR\n%s\n' "$(printf '%s\n' "$1" | plain)" "$(printf '%s\n' "$2" | plain)"; }

# target NAME TEXT - one target
target() {
	item "$1" "$2"
	first=$(before "$1" | awk '!seen[$0]++' | sed '$d' | paste -sd' ')
	[ -z "$first" ] || printf '.br\nRuns first: %s\n' "$(echo "$first" | plain)"
	recipe "$1" | while read -r command; do
		script=${command%% *}
		[ ! -f "$script" ] || { printf '.PP\n.RS\n.nf\n'; head_of "$script" | plain; printf '.fi\n.RE\n'; }
	done
}

page() {
	changed=$(git log -1 --format=%cs 2>/dev/null) || changed=$(date +%F)
	printf '.TH WSL-KERNEL 7 %s\n.SH NAME\nwsl\\-kernel \\- %s\n' "$changed" "$(sed -n '1s/^# //p' README.md | plain)"
	printf '.SH SYNOPSIS\n.B make\n.RI [ target ...]\n.RI [ VARIABLE = value ...]\n.SH TARGETS\n'
	group=
	targets | while IFS='	' read -r name in text; do
		[ "$in" = "$group" ] || printf '.SS %s\n' "$in"
		group=$in
		target "$name" "$text"
	done
	printf '.SH VARIABLES\n'
	# shellcheck disable=SC2119 # all of them
	variables | while IFS='	' read -r form text; do item "$form" "$text"; done
	printf '.SH LINES\n'
	lines | paste -sd' ' | plain
}

mkdir -p build
page | replace build/wsl-kernel.7
say "wrote build/wsl-kernel.7; man -l build/wsl-kernel.7 shows it"
