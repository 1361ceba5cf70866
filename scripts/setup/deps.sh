#!/bin/sh
# Install the packages of scripts/setup/programs.list that are missing, with apt-get.
# The only step that needs root, and only when something is missing. It never
# removes a package.
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
	die "this distribution" "is not one of Debian's family" \
		"install these programs and headers with its package manager:" \
		"$(awk '$1 !~ /^#/ && NF { printf "%s ", $1 }' "$root/scripts/setup/programs.list")"
fi
say "installing: $missing"
[ "$(id -u)" = 0 ] || die apt-get "needs root to install packages" "run: sudo make deps"
export DEBIAN_FRONTEND=noninteractive
log=$root/build/deps.log
mkdir -p "$root/build"
# root writes into the user's directory: never through a link that is there
rm -f "$log"
: >"$log"
# under sudo, build/ must belong to the user who builds
chown -h --reference="$root" "$root/build" "$log" || :
# shellcheck disable=SC2086 # a list
{ apt-get update && apt-get install -y --no-install-recommends --no-remove $missing; } \
	>"$log" 2>&1 </dev/null ||
	die apt-get "could not install them" "$(grep '^E:' "$log" | head -n 1)" "full log: build/deps.log"
"$root/scripts/setup/doctor.sh" packages >/dev/null ||
	die packages "still missing or too old after the installation" "run make doctor for the list"
say "done"
