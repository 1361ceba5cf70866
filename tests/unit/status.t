#!/bin/sh
# make status: the screen shows the real state, and names what has changed since a build.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 48
build_tools treestate
tarball 9.1.5
project p
day() { date -d "$1" +%F; }
# pins RELEASED EOL - of line 9.1; 9.2 is pinned beside it
pins() {
	: >"$project/upstream.lock"
	pin 9.1 9.1.5 "$(source_of 9.1.5)"
	sed -i "s/released = .*/released = $1/; s/eol = .*/eol = $2/" "$project/upstream.lock"
	pin 9.2 9.2.1 file:/none/linux-9.2.1.tar.xz\ sha256:0000000000000000000000000000000000000000000000000000000000000000
}
pins "$(day '10 days ago')" "$(day '20 days')"
src=$project/build/9.1/src
# says REGEX NAME - a line of status matches
says() {
	run scripts/status.sh
	like "$rc$err
$out" "$1" "$2"
}

# ---- nothing is there yet
run make status
is "$rc$err" 0 "make status in a new clone"
like "$out" '^line      9.1, the active one; also pinned: 9.2$' "the line"
like "$out" "^pin       9.1.5 of $(day '10 days ago'), 10 days old$" "the pin and its age"
like "$out" "^end       $(day '20 days'), in 20 days$" "the end of life"
like "$out" '^newest    not checked yet: make update CHECK=1$' "the newest release is not known"
like "$out" '^cache     no verified tarball of it: make fetch LTS=9.1$' "no tarball"
like "$out" '^tree      none: make prepare LTS=9.1$' "no tree"
like "$out" '^rebase    none is open$' "no rebase"
like "$out" '^  hyperv/bus  *9.1, 9.2  *none$' "each patch with its lines and its upstream status"
like "$out" '^  nothing: make kernel LTS=9.1$' "nothing is built"
is "$(cd "$project/build" && ls)" tools "and status builds nothing"
pins "$(day '10 days ago')" "$(day yesterday)"
says "^end       $(day yesterday), 1 days ago$" "an end of life that is past"
run env LTS=9.2 scripts/status.sh
like "$out" '^line      9.2; active is 9.1; also pinned: 9.1$' "another line"
run env LTS=9.3 scripts/status.sh
like "$rc $err" '^1 status: error: LTS=9.3: upstream.lock pins no such line$' \
	"one that is not pinned"

# ---- a build
run make kernel
all() { for dir in patches config dist build/cache build/9.1/obj build/9.1/src; do contents "$project/$dir"; done; }
before=$(all)
says '^cache     linux-9.1.5.tar.xz, verified \(sha256\)$' "the tarball and what was checked"
is "$(all)" "$before" "status changes nothing"
like "$out" '^tree      build/9.1/src, 2 of 2 patches pushed$' "the tree"
like "$out" '^edits     none$' "in which everything is in a patch"
built="^  9.1  *9.1.5-wsl3  *$(day today), "
like "$out" "${built}up to date$" "the build"
keep good
touch "$src/init/main.c" "$project/config/wsl2_defconfig"
says "${built}up to date$" "touched files change nothing"
echo 'CONFIG_MORE=y' >>"$project/config/features/trace.config"
says "${built}stale: the configuration changed$" "a fragment was edited"
back good
echo '/* more */' >>"$project/tools/kconfig.c"
says "${built}stale: the configuration changed$" "what checks the configuration was edited"
back good
WITHOUT=nfs says "${built}stale: the configuration changed$" \
	"a feature is left out on the command line"
WITH=pnfs says "${built}stale: the configuration changed$" "or an optional one is added"
sed -i 's/x + 20;/x + 21;/' "$project/patches/9.1/hyperv/bus.patch"
says "${built}stale: the queue changed$" "a patch was edited"
run make prepare
says "${built}stale: the queue changed$" "it still is when it has been pushed"
cp "$work/kept.good/patches/9.1/hyperv/bus.patch" "$project/patches/9.1/hyperv"
says "${built}stale: the tree changed$" "back again, the tree has to follow"
run make prepare
says "${built}up to date$" "when it has, nothing needs to be built"
sed -i '/balloon/d' "$project/patches/9.1/series"
says "${built}stale: the queue changed$" "a patch was taken out"
back good
sed -i '0,/revision = 3/s//revision = 4/' "$project/upstream.lock"
says "${built}stale: the release name changed$" "another revision"
sed -i '0,/released = .*/s//released = 2026-01-03/' "$project/upstream.lock"
says "${built}stale: the source changed$" "another pin"
back good
# shellcheck disable=SC2016 # the program's own
fake othercc '[ "$1" != --version ] || { echo other 1; exit; }; exec gcc "$@"'
PATH=$work/bin:$PATH CC=othercc says "${built}stale: the compiler changed$" "another compiler"
rm -r "$project/build/9.1"
says "${built}up to date by source, queue and compiler; build/9.1 does not exist$" "after make clean"
back good
jq '.verified = false' "$project/dist/9.1/manifest.json" >"$work/manifest"
mkdir "$project/dist/9.1-debug" "$project/dist/9.2"
cp "$work/manifest" "$project/dist/9.1-debug/manifest.json"
cp "$work/manifest" "$project/dist/9.2/manifest.json"
says '^  9.1-debug  *9.1.5-wsl3 not verified  *.*; build/9.1-debug does not exist$' \
	"a debug build, and one that was not verified"
like "$out" '^  9.2  *.*, stale: the source, the queue changed$' \
	"a build of another line, by what that line is now"
back good

# ---- the tree
echo '/* mine */' >>"$src/lib/other.c"
echo '/* mine */' >>"$src/init/main.c"
says '^edits     in no patch: init/main.c lib/other.c $' "changes that no patch contains"
for file in a b c d e f; do echo >"$src/lib/a-file-of-a-long-name-$file.c"; done
says '^edits .{101}\.\.\.$' "many of them are cut to the width of the screen"
back good
run sh -c 'cd build/9.1/src && quilt pop'
says '^tree      build/9.1/src, 1 of 2 patches pushed$' "a popped patch"
like "$out" '^edits     none$' "is not an edit"
run sh -c 'cd build/9.1/src && quilt pop -a'
says '^tree      build/9.1/src, 0 of 2 patches pushed$' "all of them popped"
back good
flock -F "$project/build/9.1/.lock" sleep 100 &
servers=$!
within 10 sh -c "! flock -n '$project/build/9.1/.lock' true" || note "the lock is free"
says '^edits     another run holds build/9.1$' "it does not wait for a running step"
kill $servers
servers=

# ---- newest release, rebase, links
echo 9.1.7 >"$project/build/cache/newest.9.1"
touch -d 2026-01-05 "$project/build/cache/newest.9.1"
says '^newest    9.1.7, checked 2026-01-05: make update$' "a newer release is known, and since when"
echo 9.1.5 >"$project/build/cache/newest.9.1"
says "^newest    9.1.5, the pin; checked $(day today)$" "or there was none"
mkdir -p "$project/build/rebase/9.2/rows" "$project/build/rebase/again-9.2/queue"
cp -R "$project/patches/9.1" "$project/build/rebase/9.2/queue"
says '^rebase    to 9.2 is open, 0 of 2 patches: make rebase CONTINUE=1, or ABORT=1$' \
	"a rebase that is open"
echo 2 | tee "$project/build/rebase/9.2/conflict" >"$project/build/rebase/9.2/rows/1"
says '^rebase    to 9.2 is open, 1 of 2 patches, a conflict in memory/balloon.patch: make' \
	"and how far it came"
printf '[link "memory/balloon.patch"]\n\turl = https://example.org/b.patch\n\tlines = "9.1 9.3"\n' >>"$project/upstream.lock"
says '^  memory/balloon  *9.1 9.3  *link https://example.org/b.patch$' \
	"a link, with its lines and where it is from"
sed -i 's/^Upstream:.*/Upstream: sent\n https:\/\/example.org\/list/; s/^Lines:.*//' "$project/patches/9.1/hyperv/bus.patch"
says '^  hyperv/bus  *-  *sent https://example.org/list$' \
	"a field on two lines, and a missing one"
rm "$project/patches/9.1/hyperv/bus.patch"
says '^  hyperv/bus  *-  *missing$' "a patch that is missing"
