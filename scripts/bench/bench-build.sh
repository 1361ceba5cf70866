#!/bin/sh
# Time the build itself, on a copy of the project in build/bench with an empty compiler
# cache, and print the figures (seconds; median of 3 where a step takes seconds).
# Writes build/<line>/bench-build.json. Takes two full builds.
#   tar, prepare    plain `tar xf` of the tarball; unpack and push by prepare.sh
#   cold, warm      make kernel from nothing; again after make clean
#   idle            make kernel with nothing to do
#   edit            one file of drivers/hv edited, then quilt refresh and make kernel;
#                   objects: what that compiled
# Exit 0 when it was measured, whether a target is met or not.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
[ $# = 0 ] || usage "LTS=x.y bench-build.sh"
[ -z "${TREE:-}" ] ||
	die "TREE=$TREE" "bench-build times the pinned tarball" "run it without TREE="
[ "$variant" = "$LTS" ] ||
	die "DEBUG=$DEBUG" "bench-build times the build that ships" "run it without DEBUG="
[ -z "$gpu" ] || die "GPU=1" "bench-build times the build without it" "run it without GPU="
check_pin
need ccache quilt jq
"$root/scripts/source/fetch.sh"
tarball=$("$root/scripts/source/cached.sh")
work=$root/build/bench
rm -rf "$work"
mkdir -p "$work/build" "$build_dir"
find "$root" -mindepth 1 -maxdepth 1 ! -name .git ! -name build ! -name dist \
	-exec cp -a -t "$work" {} +
export MIRROR="$cache" CCACHE_DIR="$work/build/ccache" LTS
cd "$work"
log=$work/build/bench.log
file=drivers/hv/hv.c

# seconds COMMAND... - how long it takes; its output goes to the log
seconds() {
	from=$(date +%s.%N)
	"$@" >>"$log" 2>&1 || die "$*" "failed" "$(tail -n 1 "$log")" \
		"full log: build/bench/build/bench.log"
	date +%s.%N | awk -v from="$from" '{ printf "%.3f\n", $1 - from }'
}
median() { sort -n | sed -n 2p; }

scripts/tree/prepare.sh >>"$log" 2>&1
for turn in 1 2 3; do
	mkdir -p build/tar
	say "tar and prepare, $turn of 3"
	# earlier writes must not count
	sync
	seconds tar -xf "$tarball" -C build/tar >>build/tar.s
	rm -rf build/tar "build/$LTS"
	sync
	seconds scripts/tree/prepare.sh >>build/prepare.s
done
tar=$(median <build/tar.s) prepare=$(median <build/prepare.s)

say "a cold build"
rm -rf "build/$LTS"
cold=$(seconds make kernel)
for turn in 1 2 3; do seconds make kernel >>build/idle.s; done
idle=$(median <build/idle.s)

say "an edit of $file"
# edited - what follows an edit in the tree
edited() { (cd "build/$LTS/src" && quilt --quiltrc - refresh) && make kernel; }
(cd "build/$LTS/src" && quilt --quiltrc - new bench.patch &&
	quilt --quiltrc - add "$file") >>"$log"
printf 'int bench_build(void);\nint bench_build(void)\n{\n\treturn 1;\n}\n' \
	>>"build/$LTS/src/$file"
edit=$(seconds edited)
objects=$(sed -n 's/^  CC  *\(\[M\] \)\{0,1\} *//p' "build/$LTS/log/kernel.log" |
	sort | tr '\n' ' ')

say "a warm build"
make -s clean
warm=$(seconds make kernel)

jq -n --arg line "$LTS" --arg cpus "$(nproc)" --arg tar "$tar" --arg prepare "$prepare" \
	--arg cold "$cold" --arg warm "$warm" --arg idle "$idle" --arg edit "$edit" \
	--arg objects "${objects% }" '
	{line: $line, cpus: ($cpus | tonumber), tar_s: ($tar | tonumber),
	 prepare_s: ($prepare | tonumber), cold_s: ($cold | tonumber),
	 warm_s: ($warm | tonumber), idle_s: ($idle | tonumber),
	 edit_s: ($edit | tonumber), edit_objects: ($objects | split(" "))} |
	.prepare_to_tar = (.prepare_s / .tar_s * 100 | round / 100) |
	.warm_to_cold = (.warm_s / .cold_s * 100 | round / 100)' >"$build_dir/bench-build.json.new"
mv "$build_dir/bench-build.json.new" "$build_dir/bench-build.json"
jq -r '
	"make kernel, nothing to do   \(.idle_s) s        (target: under 1)",
	"unpack + push                \(.prepare_s) s = \(.prepare_to_tar) x tar xf    (target: 1.3)",
	"edit, quilt refresh, kernel  \(.edit_s) s        (target: 60)",
	"  objects compiled           \(.edit_objects | join(" "))",
	"cold build                   \(.cold_s) s",
	"warm build                   \(.warm_s) s = \(.warm_to_cold) x cold    (target: 0.25)"' \
	"$build_dir/bench-build.json"
rm -rf "$work"
