#!/bin/sh
# Print the path of the line's verified tarball in build/cache. Exit 1 without output
# when there is none, or when upstream.lock now pins another digest or signer.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
check_pin
find_tarball || exit 1
printf '%s\n' "$tarball"
