#!/bin/sh
# From nothing to a booted kernel: install what is missing, then build and boot the
# active line (or LTS=) if its source can be downloaded from here, otherwise the newest
# line of upstream.lock whose source can. The only step that chooses a line; it prints
# which and why. Exit 0 done, 1 error.
requested=${LTS:-}
. "$(dirname "$0")/../lib.sh"
[ $# = 0 ] || usage "[LTS=x.y] quickstart.sh"
"$root/scripts/setup/deps.sh"
"$root/scripts/setup/doctor.sh"
first=$LTS
if LTS=$first "$root/scripts/source/fetch.sh"; then
	why="the active line"
	[ -z "$requested" ] || why="requested by LTS="
	say "line $first: $why, its source is available"
else
	[ -z "$requested" ] || exit 1
	LTS=
	for other in $(lines | sort -rV); do
		[ "$other" != "$first" ] && LTS=$other "$root/scripts/source/fetch.sh" && LTS=$other && break
	done
	[ "$LTS" ] || die quickstart "the source of no line can be downloaded from here" \
		"copy build/cache from a machine that has one, and use MIRROR=that-directory"
	say "line $LTS: its source is available; that of the active line $first is not (see above)"
fi
cd "$root"
exec make smoke LTS="$LTS"
