#!/bin/sh
# bench, baseline and bootchart: a missing image, a guest that prints nothing, the
# release of a baseline, the chart of a log. The figures themselves are not tested.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 18
project p
pin 9.1 9.1.5 "file:/nowhere sha256:$(echo x | sha256sum | cut -c1-64)"
cp -R "$top/tests/bench" "$project/tests"
image=$project/dist/9.1/bzImage
run scripts/bench/bench.sh
like "$rc $err" '^1 bench: error: dist/9.1/bzImage: is not built$' "no image, no figures"
mkdir -p "$project/dist/9.1" "$project/build/9.1"
echo '{"release": "9.1.5-wsl3"}' >"$project/dist/9.1/manifest.json"
echo image >"$image"
run env BASELINE=none.config scripts/bench/bench.sh
like "$rc $err" '^1 baseline: error: BASELINE=/.*/none.config: no such file$' "a missing baseline"
like "$err" "^  give a kernel's .config to compare with$" "and what to give"

# a machine whose guest writes $SAYS to the console and ends
# shellcheck disable=SC2016 # the fake's own variables
fake qemu-system-x86_64 'for word; do case $word in file:*) printf "%s\n" "$SAYS" >"${word#file:}" ;; *bench=*) printf "%s\n" "$word" >>"$LINES" ;; esac; done'
export LINES="$work/lines"
run env PATH="$work/bin:$PATH" SAYS="Kernel panic - not syncing" scripts/bench/bench-image.sh "$image" /bin/true
like "$rc $err" "^1 bench-image: error: $image: the guest did not print \"done\" within 300 s$" "a guest that dies"
like "$err" '^  its last line: Kernel panic - not syncing$' "its last line is shown"
is "$out" "" "there are no figures then"
run env PATH="$work/bin:$PATH" SAYS="bench: Invalid argument" scripts/bench/bench-image.sh "$image" /bin/true
is $rc 1 "a guest that reports an error is not a measurement"
is "$(find "$project/build/9.1" -name bench.json)" "" "nothing was written"
memory='Memory: 1K/2K available (3K kernel code, 4K rwdata)'
run env PATH="$work/bin:$PATH" SAYS="$(printf '[    0.01] %s\nbench: boot_ns 7\nbench: meminfo MemTotal 5\nbench: meminfo MemFree 4\nbench: done' "$memory")" \
	scripts/bench/bench-image.sh "$image" /bin/true
is "$(cat "$project/build/9.1/log/memory.9.1")" "$(printf 'MemTotal 5\nMemFree 4\n%s' "$memory")" "what the guest says about memory is kept"

line=$("$top/tests/wsl-cmdline" --cpus 1)
is "$(sed 's/ *$//' "$LINES" | sort -u)" "$(for mode in boot "log initcall_debug log_buf_len=4M loglevel=1" return; do
	printf '%s console=ttyS0 bench=%s\n' "$line" "$mode"
done)" "every boot has WSL's command line, and the words of the benchmark behind it"

# ---- the chart
run scripts/bench/bootchart.sh
like "$rc $err" '^1 bootchart: error: build/9.1/log/boot.9.1: does not exist$' "without a log"
mkdir -p "$project/build/9.1/log"
cat >"$project/build/9.1/log/boot.9.1" <<'LOG'
1000 Linux version 9.1.5
9000 a gap before <this>
9100 calling  hv_init+0x0/0x10 @ 1
19100 initcall hv_init+0x0/0x10 returned 0 after 9999 usecs
19200 calling  quick_init+0x0/0x10 @ 1
19300 initcall quick_init+0x0/0x10 returned 0 after 99 usecs
20000 Run /init as init process
LOG
run scripts/bench/bootchart.sh
chart=$(cat "$project/build/9.1/bootchart.svg")
like "$rc $chart" 'hv_init 10.0 ms' "a long initcall has a bar"
like "$chart" 'before: a gap before &lt;this&gt; 8.0 ms' "a gap, too, with its text escaped"
unlike "$chart" 'quick_init' "a short one has none"
awk -v title=t -f "$project/scripts/bench/bootchart.awk" >"$work/chart" <<'LOG'
10000 calling  a_init+0x0/0x10 @ 1
10500 initcall a_init+0x0/0x10 returned 0 after 500 usecs
10600 calling  b_init+0x0/0x10 @ 1
11099 initcall b_init+0x0/0x10 returned 0 after 499 usecs
16098 not yet a gap
21098 a gap
100000 calling  c_init+0x0/0x10 @ 1
LOG
is "$(grep -o '<rect[^>]*fill="[^"]*"' "$work/chart")" "$(printf '<rect x="%s" y="%s" width="%s" height="12" fill="%s"\n' \
	130.0 35 6.0 '#4878a8' 203.2 51 60.0 '#c08040')" "bars begin at 500 us and at 5 ms, over the time of the whole boot"
is "$(grep -o '[a-z_: ]* [0-9.]* ms</text>$' "$work/chart" | tail -n 2)" "$(printf '%s\n' 'a_init 0.5 ms</text>' 'before: a gap 5.0 ms</text>')" \
	"each with its name and time"

# ---- the baseline of a tree that is not the pinned release
build_tools treestate
tarball 9.1.6
echo CONFIG_NET=y >"$work/base.config"
export TREE="$work/release/linux-9.1.6"
run scripts/tree/prepare.sh
is "$rc$err" 0 "a tree of 9.1.6, the pin is 9.1.5"
run scripts/bench/baseline.sh "$work/base.config"
is "$rc $out" "0 baseline: building linux 9.1.6 without the queue, configured by base.config" "the baseline is named by the tree's release"
