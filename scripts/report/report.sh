#!/bin/sh
# Write dist/<line>/report.html, one page that needs no network, from what the build and
# its tests left behind: the boot, the sizes of the objects, memory, bench figures, the
# queue, features, devices. Nothing is measured or built; a part without data names the
# target that makes it. The page embeds build/<line>/report/data.json, which it shows and
# nothing else. The bench figures of the last report are those of report/last.json there:
# figures that differ from the ones kept replace them. Exit 0, or 1 with the reason.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/links.sh"
. "$root/scripts/lib/series.sh"
here=$root/scripts/report
. "$here/parts.sh"
[ $# = 0 ] || usage "LTS=x.y report.sh"
check_pin
need jq
[ -f "$dist/manifest.json" ] ||
	die "dist/$variant/bzImage" "is not built" "run make kernel LTS=$LTS$gpu"
jq -e .release "$dist/manifest.json" >/dev/null 2>&1 ||
	die "dist/$variant/manifest.json" "is not a manifest" "run make kernel LTS=$LTS$gpu"
lock "build/$tree_name" "$root/build/$tree_name"
tempdir
kept=$build_dir/report
mkdir -p "$kept"

# keep_figures - the figures of bench.json, and those before them
keep_figures() {
	[ -s "$tmp/bench" ] || return 0
	jq '{release, measured, image}' "$tmp/bench" >"$tmp/figures"
	if [ -f "$kept/figures.json" ] &&
		[ "$(jq -c '[.release, .image]' "$kept/figures.json" "$tmp/figures" 2>/dev/null | uniq | wc -l)" != 1 ]; then
		mv "$kept/figures.json" "$kept/last.json"
	fi
	replace "$kept/figures.json" <"$tmp/figures"
}

# embed NAME FILE... - replace the line @NAME@ of standard input by the files
embed() {
	name=$1
	shift
	cat "$@" >"$tmp/embed.$name"
	sed -e "/^@$name@\$/ {" -e "r $tmp/embed.$name" -e d -e '}'
}

for part in boot size memory bench queue smoke hyperv features devices; do
	file=
	"${part}_part"
	[ -s "$tmp/$part" ] || echo null >"$tmp/$part"
	[ "$(cat "$tmp/$part")" != null ] || file=
	source_of "$part" "$file"
done >"$tmp/sources"
source_of build "$dist/manifest.json" >>"$tmp/sources"
keep_figures
last=null
[ ! -f "$kept/last.json" ] || last=$(jq -c . "$kept/last.json" 2>/dev/null) || last=null
jq -cn --slurpfile manifest "$dist/manifest.json" --arg name "$variant" --arg gpu "$gpu" \
	--arg made "$(date '+%F %H:%M')" --argjson last "$last" --slurpfile source "$tmp/sources" \
	--slurpfile boot "$tmp/boot" --slurpfile size "$tmp/size" \
	--slurpfile memory "$tmp/memory" --slurpfile bench "$tmp/bench" \
	--slurpfile queue "$tmp/queue" --slurpfile smoke "$tmp/smoke" \
	--slurpfile hyperv "$tmp/hyperv" --slurpfile features "$tmp/features" \
	--slurpfile devices "$tmp/devices" -f "$here/data.jq" | replace "$kept/data.json"
# no text of the data can end the element
sed 's/</\\u003c/g' "$kept/data.json" >"$tmp/data"
embed STYLE "$here/report.css" <"$here/report.html" | embed DATA "$tmp/data" |
	embed SCRIPT "$here/dom.js" "$here/timeline.js" "$here/timeline-draw.js" "$here/squares.js" \
		"$here/treemap.js" "$here/treemap-keys.js" "$here/tables.js" "$here/report.js" | replace "$dist/report.html"
say "wrote dist/$variant/report.html"
absent=$(jq -r '.source | to_entries[] | select(.value == null) | .key' "$kept/data.json" | paste -sd' ')
[ -z "$absent" ] || say "no data for $absent; the page names the targets"
