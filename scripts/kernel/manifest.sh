#!/bin/sh
# manifest.sh [patches|outputs] - write dist/<line>/manifest.json: what the outputs beside
# it were made from - pin, source and which checks it passed, every patch (an external one
# with its url), the project's commit, the features that are not as by default ("+xdp -can"),
# other options (EXTRA= by sha256), configuration, toolchain - and their sizes (bytes) and
# sha256. With "patches", which sets the commit too, or "outputs": replace only these in it.
# Called by the scripts that write outputs; make rebuild reads it.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/links.sh"
. "$root/scripts/lib/fragments.sh"
. "$root/scripts/lib/origin.sh"
case $*,$# in ,0 | patches,1 | outputs,1) ;; *) usage "LTS=x.y manifest.sh [patches|outputs]" ;; esac
check_pin
need jq

# change KEY VALUE - in the manifest that is there
change() {
	jq --arg key "$1" --argjson value "$2" '.[$key] = $value' "$dist/manifest.json" \
		>"$dist/manifest.json.new"
	mv "$dist/manifest.json.new" "$dist/manifest.json"
}

# outputs - {NAME: {sha256, bytes}} for those that are there
outputs() {
	for name in bzImage vmlinux System.map config modules.tar.gz modules.vhdx \
		linux-headers.tar.zst perf; do
		[ ! -f "$dist/$name" ] || jq -n --arg n "$name" --arg h "$(sha256 "$dist/$name")" \
			--argjson b "$(stat -c %s "$dist/$name")" '{($n): {sha256: $h, bytes: $b}}'
	done | jq -s add
}
if [ "${1:-}" = outputs ]; then
	change outputs "$(outputs)"
	exit
fi
base=$(cat "$tree_meta/base")
case $base in
tree:*) source=$(jq -n --arg tree "$base" '{verified: false, source: {tree: $tree}}') ;;
*)
	read_record "$tree_meta/verified"
	source=$(jq -n --arg sha256 "$base" --arg from "$recorded_from" \
		--arg checked "$recorded_checked" --arg by "$recorded_signer" '{verified: true, source: {from: $from, sha256: $sha256,
		checked: ($checked | split(" ")), signer: (if $by == "-" then null else $by end)}}')
	;;
esac

cd "$patches"
queue=$(for patch in $(queue); do
	jq -n --arg n "$patch" --arg h "$(sha256 "$patch")" \
		--arg url "$(links | awk -F '\t' -v name="$patch" '$1 == name { print $5 }')" \
		'{name: $n, sha256: $h} + if $url == "" then {} else {url: $url} end'
done | jq -s .)
if [ $# = 1 ]; then
	change patches "$queue"
	change project "$(project_origin)"
	exit
fi
release=$(cat "$obj/include/config/kernel.release")
jq -n --arg line "$LTS" --arg version "$version" --arg release "$release" \
	--arg released "$released" --argjson source "$source" --argjson queue "$queue" \
	--argjson out "$(outputs)" --arg features "$(choice)" \
	--arg cc "$(toolchain | sed -n 1p)" --arg ld "$(toolchain | sed -n 2p)" \
	--arg pahole "$(toolchain | sed -n 3p)" --arg make "$(make --version | head -n 1)" \
	--argjson project "$(project_origin)" --argjson options "$(build_options)" \
	--argjson tools "$(packing_tools)" \
	'{line: $line, pin: $version, release: $release, released: $released} + $source +
	 {patches: $queue, project: $project, features: $features, options: $options,
	  config: $out.config.sha256, outputs: $out,
	  toolchain: ({cc: $cc, ld: $ld, pahole: $pahole, make: $make} + $tools)}' >"$dist/manifest.json.new"
mv "$dist/manifest.json.new" "$dist/manifest.json"
