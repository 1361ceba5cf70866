#!/bin/sh
# Measure dist/<line>/bzImage (see bench-image.sh and bench-memory.sh) and, with
# BASELINE=CONFIG, the same release without the queue, configured by that file. Writes
# build/<line>/bench.json {line, release, image, baseline, ratio} and prints the table, with
# the targets of scripts/bench/targets.list. Exit 0 when it was measured, whether a target is met or not.
here=$PWD
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/stamp.sh"
[ $# = 0 ] || usage "LTS=x.y BASELINE=CONFIG bench.sh"
need jq
[ -f "$dist/manifest.json" ] || die "dist/$variant/bzImage" "is not built" "run make kernel LTS=$LTS"
out=$build_dir/bench.json

# measure BZIMAGE VMLINUX - all figures of one image
measure() {
	figures=$("$root/scripts/bench/bench-image.sh" "$1" "$2")
	memory=$("$root/scripts/bench/bench-memory.sh" "$1")
	printf '%s\n' "$figures" "$memory" | jq -s add
}

baseline=null
if [ "${BASELINE:-}" ]; then
	case $BASELINE in /*) ;; *) BASELINE=$here/$BASELINE ;; esac
	"$root/scripts/bench/baseline.sh" "$BASELINE"
	# its figures are valid as long as its build
	kept=$build_dir/baseline/figures.json
	inputs=$({ cat "$build_dir/baseline/stamp"; echo "${WSL:-}"; } |
		key bench/bench-image.sh bench/bench-memory.sh bench/machine.sh bench/share.jq \
			../tests/wsl-cmdline ../tests/bench/*.c)
	if ! fresh "$build_dir/baseline/measured" "$inputs"; then
		say "measuring the baseline"
		measure "$build_dir/baseline/bzImage" "$build_dir/baseline/vmlinux" >"$kept"
		stamp "$build_dir/baseline/measured" "$inputs"
	fi
	baseline=$(cat "$kept")
fi
say "measuring $(jq -r .release "$dist/manifest.json")"
image=$(measure "$dist/bzImage" "$dist/vmlinux")
jq -n --arg line "$LTS" --arg release "$(jq -r .release "$dist/manifest.json")" \
	--argjson image "$image" --argjson baseline "$baseline" '
	{line: $line, release: $release, image: $image, baseline: $baseline,
	 ratio: (if $baseline then
		[$image | to_entries[] | select((.value | type) == "number" and ($baseline[.key] // 0) != 0) |
		 {key, value: (.value / $baseline[.key] * 1000 | round / 1000)}] | from_entries
	 else null end)}' >"$out.new"
mv "$out.new" "$out"
jq -r '.image as $i | .baseline as $b | .ratio as $r |
	["boot_ns_512", "boot_ns_4096", "apic_timer_ns", "growth_ns_per_gb", "power_ns_512", "mem_missing_kb",
	 "memfree_kb", "returned_pct_2s", "returned_pct_5s", "returned_pct_10s",
	 "frag5_pct_5s", "frag5_pct_15s", "frag5_pct_60s", "frag9_pct_5s", "frag9_pct_15s",
	 "frag9_pct_60s", "drop5_pct_5s", "drop5_pct_15s", "drop5_pct_60s", "swapped_kb",
	 "reporting_busy_pct", "idle_busy_pct", "locks_us", "locks_gap_ms", "bzimage_bytes", "vmlinux_bytes"][] |
	"\(.) \($i[.] // "-") \($b[.]? // "-") \($r[.]? // "-")"' "$out" |
	awk -v lts="$LTS" '
		NR == FNR { if ($1 == lts) target[$2] = $3; next }
		FNR == 1 { printf "%-18s %14s %14s %8s  %s\n", "", "image", "baseline", "ratio", "target" }
		{
			printf "%-18s %14s %14s %8s", $1, $2, $3, $4
			if ($1 in target) {
				least = $1 ~ /_pct_[0-9]+s$/
				itself = least || $1 ~ /^growth|^swapped|^locks|_busy_pct$/
				value = itself ? $2 : $4
				met = least ? value >= target[$1] : value <= target[$1]
				printf "  %s %s %s", least ? "at least" : "at most", target[$1],
					value == "-" ? "" : met ? "met" : "NOT met"
			}
			print ""
		}' "$root/scripts/bench/targets.list" -
jq -r '.image.phases_us | to_entries[] | "\(.key) \(.value)"' "$out" |
	awk '{ gsub(/_/, " ", $1); printf "  %-28s %8d us\n", $1, $2 }'
jq -r '.image.initcalls_us | to_entries[] | "  \(.value) us  \(.key)"' "$out"
