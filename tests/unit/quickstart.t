#!/bin/sh
# quickstart: which line it takes and what it says of it. The steps that it runs
# have tests of their own; smoke and doctor are stand-ins here.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 14
tarball 9.1.5
tarball 9.2.1
project p
cache=$project/build/cache
echo 'sh dash - everything' >"$project/scripts/setup/programs.list"
# shellcheck disable=SC2016 # for the stand-ins
printf '#!/bin/sh\nexit ${DOCTOR:-0}\n' >"$project/scripts/setup/doctor.sh"
# shellcheck disable=SC2016 # make's own
printf 'smoke:\n\t@echo smoke of $(LTS)\n' >"$project/Makefile"

# quickstart NAME=VALUE... - from an empty cache
quickstart() {
	rm -rf "$project/build"
	run env "$@" scripts/setup/quickstart.sh
}
pin 9.1 9.1.5 "$(source_of 9.1.5)"
pin 9.2 9.2.1 "$(source_of 9.2.1)"
quickstart
is "$rc$err" 0 "the active line can be had"
like "$out" '^quickstart: line 9.1: the active line, and its source can be had$' "it is taken, and why"
is "$(printf '%s\n' "$out" | tail -n 1)" "smoke of 9.1" "and built and booted"
quickstart LTS=9.2
like "$out" '^quickstart: line 9.2: you asked for it, and its source can be had$' "the line that is asked for is taken"
is "$(printf '%s\n' "$out" | tail -n 1)" "smoke of 9.2" "and built and booted, too"
quickstart DOCTOR=1
is "$rc $out$([ ! -e "$cache" ] || echo fetched)" "1 deps: nothing is missing" "a machine that cannot build: nothing is fetched"

mv "$work/www/linux-9.1.5.tar.xz" "$work"
quickstart
is $rc 0 "the active line cannot be had"
like "$err" "^  file:$work/www/linux-9.1.5.tar.xz: no such file$" "each source with its reason is shown"
like "$out" "^quickstart: line 9.2: the source of the active line 9.1 cannot be had here .above., this one's can$" "and which line is taken instead"
is "$(printf '%s\n' "$out" | tail -n 1)" "smoke of 9.2" "that one is built and booted"
quickstart LTS=9.1
is $rc 1 "a line that is asked for is not replaced by another"
unlike "$out" 'smoke of' "nothing is built"
rm "$work/www/linux-9.2.1.tar.xz"
quickstart
like "$rc $err" "^quickstart: error: quickstart: no line's source can be had from this machine$" "no line can be had"
unlike "$out" 'smoke of' "nothing is built then"
