#!/bin/sh
# Print the path of the line's verified tarball in build/cache.
# Exit 1 without a word when none is there, or when upstream.lock now pins
# another digest or signer than was checked.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
check_pin
while read -r where sum sign; do
	file=$cache/${where##*/}
	[ -f "$file" ] && [ -f "$file.verified" ] || continue
	[ "$sum" = - ] || grep -qx "sha256 $sum" "$file.verified" || continue
	[ "$sign" = - ] || grep -qx "signer $signer" "$file.verified" || continue
	printf '%s\n' "$file"
	exit 0
done <<EOF
$sources
EOF
exit 1
