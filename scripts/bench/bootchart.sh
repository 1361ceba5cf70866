#!/bin/sh
# Draw the last measured boot of the line as build/<line>/bootchart.svg, over emulated
# milliseconds (bootchart.awk). Exit 0 or 1.
. "$(dirname "$0")/../lib.sh"
[ $# = 0 ] || usage "LTS=x.y bootchart.sh"
log=$build_dir/log/boot.$LTS
[ -s "$log" ] || die "build/$LTS/log/boot.$LTS" "does not exist" "run make bench LTS=$LTS first"
out=$build_dir/bootchart.svg
awk -v title="linux $LTS, 512 MB, one processor, emulated time" \
	-f "$root/scripts/bench/bootchart.awk" "$log" >"$out.new"
mv "$out.new" "$out"
say "wrote build/$LTS/bootchart.svg"
