#!/bin/sh
# Move the line to its newest release: find and verify it, port the queue (the rows show
# offsets and fuzz), build and boot it, and change the pin last. rebase.sh does the work;
# QUICK= CONTINUE= SKIP= ABORT= SOURCE= SHA256= are documented there. When the newest
# release cannot be verified nothing changes.
# CHECK=1 changes nothing: exit 0 the pin is the newest release, 10 there is a newer one (make
# prints "Error 10" and exits 2), 1 no release is known.
# as in rebase.sh
GPU=
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
[ $# = 0 ] || usage "[LTS=x.y] [CHECK=1] update.sh"
[ -z "${CONTINUE:-}${SKIP:-}${ABORT:-}" ] || exec "$root/scripts/rebase/rebase.sh"
check_pin
export LTS
if [ -z "${SOURCE:-}" ]; then
	known=$("$root/scripts/rebase/newest.sh" "$LTS")
	newest=${known%% *}
	if [ "$(printf '%s\n' "$version" "$newest" | sort -V | tail -n 1)" = "$version" ]; then
		say "linux $version is the newest release of $LTS that is known here"
		exit 0
	fi
	say "linux $newest is newer than the pin, $version"
	[ -z "${CHECK:-}" ] || exit 10
fi
exec "$root/scripts/rebase/rebase.sh" update
