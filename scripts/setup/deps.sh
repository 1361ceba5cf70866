#!/bin/sh
# Install the packages of scripts/setup/programs.list that are missing, with apt-get.
# The one step that needs root, and only when something is missing.
# Debian 12 and 13, Ubuntu 24.04 and their derivatives; elsewhere it prints the
# programs to install and exits 1. Exit 0 done, 1 error.
. "$(dirname "$0")/../lib.sh"
missing=$("$root/scripts/setup/doctor.sh" packages | sort -u | tr '\n' ' ') || :
missing=${missing% }
if [ -z "$missing" ]; then
	say "nothing is missing"
	exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
	die "this distribution" "is not one of Debian's family" "install these programs and headers by its own means:" \
		"$(awk '$1 !~ /^#/ && NF { printf "%s ", $1 }' "$root/scripts/setup/programs.list")"
fi
say "adding: $missing"
[ "$(id -u)" = 0 ] || die apt-get "needs root to install packages" "run: sudo make deps"
export DEBIAN_FRONTEND=noninteractive
mkdir -p "$root/build"
log=$root/build/deps.log
: >"$log"
# what sudo makes must not be in the way of the user who builds
chown --reference="$root" "$root/build" "$log" || :
# shellcheck disable=SC2086 # a list
{ apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1 </dev/null ||
	die apt-get "could not install them" "$(grep '^E:' "$log" | head -n 1)" "build/deps.log has it all"
"$root/scripts/setup/doctor.sh" packages >/dev/null ||
	die packages "still missing or too old after the installation" "make doctor says which"
say "done"
