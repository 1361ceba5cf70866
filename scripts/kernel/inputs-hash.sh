#!/bin/sh
# inputs-hash.sh [record] - print "LINE HASH" for each line of upstream.lock, or for that of
# LTS=: 7 hex digits over the queue and the configuration of its plain build, which has no
# EXTRA=, GPU=1 and the like. It needs neither tree nor tarball. "record" writes it to the line's
# section as `inputs`: from then on the plain build of just this queue and configuration is
# named VERSION-wslN, and any other one VERSION-wslN-xHASH. Exit 0 done, 1 error.
only=${LTS:-}
# the plain build's, whatever the caller builds
unset EXTRA WITHOUT WITH MODULES GPU DEBUG CC LLVM TREE
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/fragments.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/localversion.sh"
case $*,$# in ,0 | record,1) ;; *) usage "[LTS=x.y] inputs-hash.sh [record]" ;; esac

# record HASH - as the line below `revision`, in place of an earlier one
record() {
	[ "$pinned_inputs" != "$1" ] || return 0
	section=$(printf %s "$LTS" | sed 's/\./\\./g')
	sed "/^\[line \"$section\"\]/,/^\[/ {
		/^[[:space:]]*inputs[[:space:]]*=/d
		s/^[[:space:]]*revision[[:space:]]*=.*/&\n\tinputs = $1/
	}" "$lockfile" | replace "$lockfile"
}

if [ -z "$only" ]; then
	for line in $(lines); do LTS=$line "$root/scripts/kernel/inputs-hash.sh" "$@"; done
	exit
fi
check_pin
# the plain build is of the pinned release, whatever build/ has
tree_meta=/nonexistent
# shellcheck disable=SC2046 # our own names, without blanks
hash=$(cd "$root" && inputs_hash $(fragments))
[ $# = 0 ] || record "$hash"
printf '%s %s\n' "$LTS" "$hash"
