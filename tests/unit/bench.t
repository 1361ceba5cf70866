#!/bin/sh
# bench, baseline and bootchart: a missing image, a guest that prints nothing, the sums of
# the memory figures, the table, the release of a baseline, the chart of a log. The figures
# themselves are not tested.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 33
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

# a machine whose guest writes $work/says to the console and ends; the environment does not
# reach it
# shellcheck disable=SC2016 # the fake's own variables
fake qemu-system-x86_64 'for word; do case $word in file:*) cat "${0%/*}/../says" >"${word#file:}" ;; *bench=*) printf "%s\n" "$word" >>"${0%/*}/../lines" ;; esac; done'
echo "Kernel panic - not syncing" >"$work/says"
run env PATH="$work/bin:$PATH" scripts/bench/bench-image.sh "$image" /bin/true
like "$rc $err" "^1 bench-image: error: $image: the guest did not print \"done\" within 300 s$" "a guest that dies"
like "$err" '^  its last line: Kernel panic - not syncing$' "its last line is shown"
is "$out" "" "there are no figures then"
echo "bench: Invalid argument" >"$work/says"
run env PATH="$work/bin:$PATH" scripts/bench/bench-image.sh "$image" /bin/true
is $rc 1 "a guest that reports an error is not a measurement"
is "$(find "$project/build/9.1" -name bench.json)" "" "nothing was written"
memory='Memory: 1K/2K available (3K kernel code, 4K rwdata)'
printf '[    0.01] %s\nbench: boot_ns 7\nbench: meminfo MemTotal 5\nbench: meminfo MemFree 4\nbench: done\n' "$memory" >"$work/says"
run env PATH="$work/bin:$PATH" scripts/bench/bench-image.sh "$image" /bin/true
is "$(cat "$project/build/9.1/log/memory.9.1")" "$(printf 'MemTotal 5\nMemFree 4\n%s' "$memory")" "what the guest says about memory is kept"

line=$("$top/tests/wsl-cmdline" --cpus 1)
is "$(sed 's/ *$//' "$work/lines" | sort -u)" "$(for mode in boot "log initcall_debug log_buf_len=4M loglevel=1 apic=verbose" return; do
	printf '%s console=ttyS0 bench=%s\n' "$line" "$mode"
done)" "every boot has WSL's command line, and the words of the benchmark behind it"

# ---- memory
# what WSL requests of so many MB reclaimable, in so many of memory, in MB
cat >"$work/step.c" <<-C
	#include <stdio.h>
	#include "bench.h"
	int main(void)
	{
		unsigned long long reclaimable, memory;

		while (scanf("%llu %llu", &reclaimable, &memory) == 2)
			printf("%llu ", wsl_step(reclaimable << 20, memory << 20) >> 20);
		return 0;
	}
C
gcc -I"$top/tests/bench" -o "$work/step" "$work/step.c" "$top/tests/bench/reclaim.c"
is "$(printf '%s\n' '0 1024' '128 1024' '129 1024' '500 1024' | "$work/step")" "0 0 1 256 " "WSL leaves 128 MB, and requests 256 at a time"
is "$(printf '%s\n' '2000 8192' '2000 16384' '2000 32768' '9000 65536' | "$work/step")" "256 512 1024 1024 " "of a large guest a 32nd, and 1 GB at most"

touched='bench: mark touched free 8 reclaimable 1 left 0 swapped 0'
look() { echo "bench: mark $1 free 400 reclaimable 200 left 100 swapped $2"; }
share() { jq -c -R -s -f "$top/scripts/bench/share.jq"; }
is "$({ echo "$touched 1000"; echo "$(look 5 3) 551"; } | sed 's/^bench: mark //' | share)" \
	'{"touched":{"free":8,"reclaimable":1,"left":0,"swapped":0,"host":1000,"pct":0},"5":{"free":400,"reclaimable":200,"left":100,"swapped":3,"host":551,"pct":89.8}}' \
	"449 of 500 kB that are free are 89.8 %"
is "$(: | share)" "{}" "no line, no share"

# memory SAYS [LOCKS] - measure a guest that says this when it is to work, stops the machine at each
# mark, needs 1000 and, with reporting, 1010 ns for the compilers, and then says LOCKS
memory() {
	# shellcheck disable=SC2016 # the fake's own variables
	fake qemu-system-x86_64 'printf "%s\n" "$*" >>"${0%/*}/../lines"
	for word; do case $word in file:*) console=${word#file:} ;; esac; done
	case $* in
	*bench=cost*reporting=on) says="bench: work_ns 1010
bench: idle_busy_ms 60" ;;
	*bench=cost*) says="bench: work_ns 1000
bench: idle_busy_ms 50" ;;
	*bench=locks*) says=$(cat "${0%/*}/../locks") ;;
	*) says=$(cat "${0%/*}/../says") ;;
	esac
	echo "$says" | grep mark | sed "s/.*/{\"event\": \"STOP\"}/"
	printf "%s\nbench: done\n" "$says" >"$console"
	# the greeting of QMP, and one to go on after each stop
	head -n $((1 + $(grep -c mark "$console"))) >/dev/null'
	: >"$work/lines"
	printf '%s\n' "$1" >"$work/says"
	printf '%s\n' "$2" >"$work/locks"
	run env PATH="$work/bin:$PATH" scripts/bench/bench-memory.sh "$image"
}
memory "$(printf '%s\n' "$touched" "$(look 60 7)")" "$(printf 'bench: locks_%s\n' 'blocks 900' 'us 44' 'gap_ms 1001')"
is "$rc$err" 0 "a guest that works and frees is measured"
is "$(echo "$out" | jq -c '[.frag5_pct_60s, .frag9_pct_60s, .drop5_pct_60s, .frag5_pct_5s, .swapped_kb]')" "[0,0,0,null,7]" \
	"at each order and with each setting of WSL"
is "$(echo "$out" | jq -c '[.reporting_busy_pct, .idle_busy_pct]')" "[0.99,0.05]" \
	"what the compilers take longer with reporting, and what is not idle of 120 s"
is "$(echo "$out" | jq -c '[.locks_us, .locks_blocks, .locks_gap_ms]')" "[44,900,1001]" "how long a lock is held"
is "$(grep -c -- '-smp 4 -m 8192 .*nr_cpus=4 .*bench=locks' "$work/lines")" 1 "by a pass in a large guest"
is "$(sed -n 's/.*order=\([0-9]\).*\(bench=[^-]*\) -.*reporting=\([a-z]*\).*/\1 \2 \3/p' "$work/lines")" \
	"$(printf '%s\n' '5 bench=fragmented reclaim=gradual on' '9 bench=fragmented reclaim=gradual on' \
		'5 bench=fragmented reclaim=dropcache on' '5 bench=cost norandmaps on' '5 bench=cost norandmaps off' '5 bench=locks on')" "six boots do it"
memory "bench: unavailable /dev/vda: No such device" "bench: unavailable No such file or directory"
is "$rc$err$(echo "$out" | jq -c '[.frag5_pct_15s, .swapped_kb, .idle_busy_pct, .locks_us]')" "0[null,null,0.05,null]" "a kernel without the disk has no shares, and without probes no lock"
# ---- the table
for script in image memory; do
	printf '#!/bin/sh\ncat "%s/%s"\n' "$work" $script >"$project/scripts/bench/bench-$script.sh"
done
echo '{"boot_ns_512": 5, "growth_ns_per_gb": 7, "returned_pct_10s": 94, "phases_us": {}, "initcalls_us": {}}' >"$work/image"
echo '{"frag5_pct_5s": null, "frag5_pct_15s": 90, "reporting_busy_pct": 1.001, "idle_busy_pct": 0.1}' >"$work/memory"
printf '9.1 %s\n' 'boot_ns_512 0.5' 'growth_ns_per_gb 7' 'returned_pct_10s 95' 'frag5_pct_5s 90' 'frag5_pct_15s 90' \
	'reporting_busy_pct 1' 'idle_busy_pct 0.1' >"$project/scripts/bench/targets.list"
run scripts/bench/bench.sh
table=$(echo "$out" | tr -s ' ')
is "$(echo "$table" | grep -c '^boot_ns_512 5 - - at most 0.5 $')" 1 "a ratio has no verdict without a baseline"
is "$(echo "$table" | sed -n 's/^\([a-z0-9_]*\) .* at \(least\|most\) \([0-9.]*\) \(.*met\)$/\1 \2 \3 \4/p')" "$(printf '%s\n' \
	'growth_ns_per_gb most 7 met' 'returned_pct_10s least 95 NOT met' 'frag5_pct_15s least 90 met' \
	'reporting_busy_pct most 1 NOT met' 'idle_busy_pct most 0.1 met')" "shares have a minimum, the others a maximum"
like "$table" '^frag5_pct_5s - - - at least 90 $' "a figure that is missing has none"
is "$(jq -c .image "$project/build/9.1/bench.json")" "$(jq -c -s add "$work/image" "$work/memory")" "bench.json has the figures of both"
cp "$top/scripts/bench/bench-image.sh" "$top/scripts/bench/bench-memory.sh" "$project/scripts/bench"

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
