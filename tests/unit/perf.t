#!/bin/sh
# perf.sh on a miniature tree: what perf's make is given, that the same tree gives the same
# bytes, when it is built again, and builds that fail. (tests/check builds and runs the real
# one.)
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 19
for program in strip jq flex bison; do
	command -v $program >/dev/null && continue
	skip 19 "$program is not installed"
	exit
done

# built - the project has a tree and an image, as make kernel leaves them
built() {
	src=$project/build/9.1/src dist=$project/dist/9.1 log=$project/build/9.1/log/perf.log
	mkdir -p "$src/.queue" "$src/tools/perf" "$dist"
	echo "treestate 1 index" >"$src/.queue/index"
	jq -n '{release: "9.1.5-wsl3", outputs: {}}' >"$dist/manifest.json"
	cat >"$src/tools/perf/perf.c" <<-'EOF'
		#include <stdio.h>
		int main(void) { return printf("perf version 9.1.5 %s\n", __FILE__) < 0; }
	EOF
	# shellcheck disable=SC2016 # make's own
	printf '$(O)/perf:\n\t@echo "$(NO_LIBPYTHON) $(CFLAGS)" "$(srcdir_SQ)"\n\t$(CC) $(EXTRA_CFLAGS) $(CURDIR)/perf.c -g -Wl,--build-id $(LDFLAGS) -o $(O)/perf\n' \
		>"$src/tools/perf/Makefile.perf"
}
perf() { run env LTS=9.1 "$@" scripts/kernel/perf.sh; }

project p
pin 9.1 9.1.5 "file:/none sha256:$(printf %064d 0)"
perf
like "$rc $err" '^1 perf: error: dist/9.1/manifest.json: does not exist$' "there must be an image"
like "$err" '^  run make kernel LTS=9.1$' "and what to do"
built
before=$(contents "$src")
perf
is "$rc$err" 0 "it is built"
like "$out" '^perf: built dist/9.1/perf, [0-9]+ kB, [0-9]+ s$' "the last line says so"
first=$(sum "$dist/perf")
is "$(jq -r '.outputs.perf.sha256' "$dist/manifest.json")" "$first" "the manifest has it"
is "$("$dist/perf")" "perf version 9.1.5 tools/perf/perf.c" "it runs, and has no path of this machine"
unlike "$(readelf -lSW "$dist/perf")" 'INTERP|debug_info|build-id|symtab' "static, without debug information and build id"
is "$(contents "$src") $(cd "$project/build/9.1" && echo *)" "$before log src stamp" "nothing is written to the tree, and no objects stay"

# ---- the same bytes
perf
is "$rc$out$err" 0 "a second run prints nothing"
truncate -s 20 "$dist/perf"
perf CFLAGS=-O1 LDFLAGS=-rdynamic EXTRA_CFLAGS=-DX ARCH=arm64 CROSS_COMPILE=none- TZ=Asia/Tokyo
is "$rc $(sum "$dist/perf")" "0 $first" "truncated, it is rebuilt: the same file whatever the environment"
is "$(grep '^1 ' "$log")" "1  /usr/share/doc/perf" "libraries are off, and its documentation is not below build/"
project a-directory-with-a-longer-name
pin 9.1 9.1.5 "file:/none sha256:$(printf %064d 0)"
built
perf
is "$rc $(sum "$dist/perf")" "0 $first" "in another directory as well"
echo "treestate 1 other" >"$src/.queue/index"
sed -i 's/version/VERSION/' "$src/tools/perf/perf.c"
perf
is "$rc $("$dist/perf")" "0 perf VERSION 9.1.5 tools/perf/perf.c" "another tree: it is rebuilt"

# ---- what cannot be built
first=$(sum "$dist/perf")
rm "$project/build/9.1/stamp/perf"
echo 'int main(void) { return X; }' >"$src/tools/perf/perf.c"
perf
like "$rc $err" '^1 perf: error: linux 9.1.5: perf cannot be built$' "an error of the compiler"
like "$err" "perf.c:1:25: error: .X. undeclared" "with its line"
echo 'int main(void) { return 3; }' >"$src/tools/perf/perf.c"
perf
like "$rc $err" '^1 perf: error: linux 9.1.5: the perf that was built does not run$' "one that does not run"
is "$(sum "$dist/perf")" "$first" "the one of before is still there"
rm "$src/tools/perf/Makefile.perf"
perf
like "$rc $err" '^1 perf: error: build/9.1/src: has no tools/perf$' "a tree without perf"
run scripts/kernel/perf.sh x
is "$rc" 2 "usage"
