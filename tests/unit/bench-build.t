#!/bin/sh
# bench-build, run to its end on the fake kernel: every figure is measured, and the measured project is unchanged.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 9
build_tools treestate
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
# shellcheck disable=SC2016 # its own words
fake ccache 'case $1 in -k) echo /none ;; *) exec "$@" ;; esac'
PATH=$work/bin:$PATH
json=$project/build/9.1/bench-build.json
patches=$(contents "$project/patches")

run make bench-build
is "$rc$err" 0 "it is measured"
is "$(jq -r 'to_entries[] | select(.value | type == "number" and . > 0) | .key' "$json" | tr '\n' ' ')" \
	"cpus tar_s prepare_s cold_s warm_s idle_s edit_s prepare_to_tar warm_to_cold " "every figure is a number, and took some time"
is "$(jq -c .edit_objects "$json")" '["drivers/hv/hv.o"]' "an edit of one file compiles that file"
is "$(jq '(.prepare_s / .tar_s * 100 | round / 100) == .prepare_to_tar and (.warm_s / .cold_s * 100 | round / 100) == .warm_to_cold' "$json")" \
	true "the ratios are those of the figures"
is "$(printf '%s\n' "$out" | grep -c '(target: ')" 4 "the four with a target are printed with it"
is "$(contents "$project/patches")" "$patches" "the queue is unchanged"
is "$(cd "$project" && echo build/*)" "build/9.1 build/cache build/tmp build/tools" "and the copy is gone"

# ---- what it does not measure
run make bench-build TREE="$work"
like "$err" '^bench-build: error: TREE=.*: bench-build times the pinned tarball$' "a tree"
run make bench-build DEBUG=1
like "$err" '^bench-build: error: DEBUG=1: bench-build times the build that ships$' "a debug build"
