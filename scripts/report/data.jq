# data.jq - the data of the report from its parts, each null where there is no data; called
# by report.sh, which has the names. Bench figures are rows [figure, image, baseline, ratio,
# last], null where there is none; a patch has the rows of its probes.
def figures($bench; $last):
	["boot_ns_512", "boot_ns_4096", "growth_ns_per_gb", "power_ns_512", "mem_missing_kb", "memfree_kb",
	"returned_pct_2s", "returned_pct_5s", "returned_pct_10s", "frag5_pct_5s", "frag5_pct_15s",
	"frag5_pct_60s", "frag9_pct_5s", "frag9_pct_15s", "frag9_pct_60s", "drop5_pct_5s", "drop5_pct_15s",
	"drop5_pct_60s", "swapped_kb", "reporting_busy_pct", "idle_busy_pct", "locks_us", "bzimage_bytes",
	"vmlinux_bytes"]
	| map([., $bench.image[.], $bench.baseline[.]?, $bench.ratio[.]?, $last.image[.]?]);
$manifest[0] as $m
| {smoke: $smoke[0], "smoke-hyperv": $hyperv[0]} as $guests
| {name: $name, line: $m.line, gpu: ($gpu != ""), made: $made, release: $m.release, released: $m.released,
	verified: $m.verified, outputs: $m.outputs, toolchain: $m.toolchain,
	source: ($source | add), boot: $boot[0], size: $size[0], memory: $memory[0],
	bench: (if $bench[0] then {release: $bench[0].release, measured: $bench[0].measured,
		last: (if $last then {release: $last.release, measured: $last.measured} else null end),
		figures: figures($bench[0]; $last)} else null end),
	queue: [$queue[0][] | . as $patch
		| .name |= rtrimstr(".patch")
		| .built = any($m.patches[]?; .name == $patch.name and .sha256 == $patch.sha256)
		| .probes = [$guests | to_entries[] | .key as $guest | .value.rows[]?
			| select(.area == "queue" and .name + ".patch" == $patch.name)
			| {guest: $guest, state, why}]],
	smoke: $smoke[0], hyperv: $hyperv[0], features: $features[0], devices: $devices[0]}
