#!/bin/sh
# quickstart: the line that it chooses, and the reason that it prints. The steps that it
# runs have their own tests; smoke and doctor are stubs here.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 20
tarball 9.1.5
tarball 9.2.1
project p
cache=$project/build/cache
echo 'sh dash - everything' >"$project/scripts/setup/programs.list"
# doctor STATUS - what doctor finds
doctor() { printf '#!/bin/sh\nexit %s\n' "$1" >"$project/scripts/setup/doctor.sh"; }
doctor 0
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
is "$rc$err" 0 "the source of the active line is available"
like "$out" '^quickstart: line 9.1: the active line, its source is available$' "it is taken, and why"
is "$(printf '%s\n' "$out" | tail -n 1)" "smoke of 9.1" "and built and booted"
quickstart LTS=9.2
like "$out" '^quickstart: line 9.2: requested by LTS=, its source is available$' "the requested line is taken"
is "$(printf '%s\n' "$out" | tail -n 1)" "smoke of 9.2" "built and booted"
doctor 1
quickstart
is "$rc $out$([ ! -e "$cache" ] || echo fetched)" "1 deps: nothing is missing" "a machine that cannot build: nothing is fetched"
doctor 0

mv "$work/www/linux-9.1.5.tar.xz" "$work"
quickstart
is $rc 0 "the source of the active line is not available"
like "$err" "^  file:$work/www/linux-9.1.5.tar.xz: no such file$" "each source with its reason is shown"
like "$out" "^quickstart: line 9.2: its source is available; that of the active line 9.1 is not \\(see above\\)$" "and which line is taken instead"
is "$(printf '%s\n' "$out" | tail -n 1)" "smoke of 9.2" "that one is built and booted"
quickstart LTS=9.1
is $rc 1 "a requested line is not replaced by another"
unlike "$out" 'smoke of' "nothing is built"
tarball 9.10.3
pin 9.10 9.10.3 "$(source_of 9.10.3)"
quickstart
is "$(printf '%s\n' "$out" | tail -n 1)" "smoke of 9.10" "of two lines that are available the newest is taken"
rm "$work/www/linux-9.2.1.tar.xz" "$work/www/linux-9.10.3.tar.xz"
quickstart
like "$rc $err" "^quickstart: error: quickstart: the source of no line can be downloaded from here$" "the source of no line is available"
unlike "$out" 'smoke of' "nothing is built then"

# ---- make quickstart LTS=, with the real Makefile: only doctor and the boot are stubs
tarball 9.2.1
build_tools treestate
project q
pin 9.1 9.1.5 "file:/none sha256:$(sum "$work/www/linux-9.2.1.tar.xz")"
pin 9.2 9.2.1 "$(source_of 9.2.1)"
echo 'sh dash - everything' >"$project/scripts/setup/programs.list"
# shellcheck disable=SC2016 # for the stubs
printf '#!/bin/sh\nexit 0\n' >"$project/scripts/setup/doctor.sh"
# shellcheck disable=SC2016
printf '#!/bin/sh\necho "smoke of $LTS: $(head -n 1 "dist/$LTS/bzImage")"\n' \
	>"$project/scripts/boot/smoke.sh"
run make quickstart LTS=9.2
is "$rc$err" 0 "make quickstart LTS=9.2"
like "$out" '^quickstart: line 9.2: requested by LTS=, its source is available$' "takes the line, which is not the active one"
like "$out" '^smoke of 9.2: Linux 9.2.1-wsl3 ' "boots the image that it built"
is "$(cd "$project/dist" && echo *) $(cd "$project/dist/9.2" && echo *)" \
	"9.2 System.map bzImage config manifest.json modules.tar.gz vmlinux" "has all outputs of that line and of no other"
run make quickstart LTS=9.1
like "$rc $err" '^2 fetch: error: linux 9.1.5: no source gave a verified tarball; tried:$' \
	"and does not take another line instead"
