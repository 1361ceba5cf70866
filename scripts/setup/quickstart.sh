#!/bin/sh
# From nothing to a booted kernel: install what is missing, take the active line
# (or LTS=) if its source can be had from this machine and otherwise the first
# line of upstream.lock whose source can, build it and boot it. The only step
# that chooses a line; it says which and why. Exit 0 done, 1 error.
asked=${LTS:-}
. "$(dirname "$0")/../lib.sh"
[ $# = 0 ] || usage "[LTS=x.y] quickstart.sh"
"$root/scripts/setup/deps.sh"
"$root/scripts/setup/doctor.sh"
first=$LTS
if LTS=$first "$root/scripts/source/fetch.sh"; then
	say "line $first: $([ "$asked" ] && echo "you asked for it" || echo "the active line"), and its source can be had"
else
	[ -z "$asked" ] || exit 1
	LTS=
	for other in $(lines); do
		[ "$other" != "$first" ] && LTS=$other "$root/scripts/source/fetch.sh" && LTS=$other && break
	done
	[ "$LTS" ] || die quickstart "no line's source can be had from this machine" \
		"copy build/cache of a machine that has one, and say MIRROR=that-folder"
	say "line $LTS: the source of the active line $first cannot be had here (above), this one's can"
fi
cd "$root"
exec make smoke LTS="$LTS"
