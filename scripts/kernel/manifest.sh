#!/bin/sh
# manifest.sh [patches] - write dist/<line>/manifest.json: what the outputs beside it were
# made from - pin, source and which checks it passed, every patch (an external one with its
# url), configuration, toolchain - and their sizes (bytes) and sha256. With "patches":
# replace only these in it. Called by kernel.sh.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/links.sh"
. "$root/scripts/lib/toolchain.sh"
case $*,$# in ,0 | patches,1) ;; *) usage "LTS=x.y manifest.sh [patches]" ;; esac
check_pin
need jq
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

# describe NAME... - {NAME: {sha256, bytes}} for files of the current directory
describe() {
	for name; do
		jq -n --arg n "$name" --arg h "$(sha256 "$name")" --argjson b "$(stat -c %s "$name")" \
			'{($n): {sha256: $h, bytes: $b}}'
	done | jq -s add
}
cd "$patches"
queue=$(for patch in $(queue); do
	jq -n --arg n "$patch" --arg h "$(sha256 "$patch")" \
		--arg url "$(links | awk -F '\t' -v name="$patch" '$1 == name { print $5 }')" \
		'{name: $n, sha256: $h} + if $url == "" then {} else {url: $url} end'
done | jq -s .)
cd "$dist"
if [ $# = 1 ]; then
	jq --argjson queue "$queue" '.patches = $queue' manifest.json >manifest.json.new
	mv manifest.json.new manifest.json
	exit
fi
set --
for name in bzImage vmlinux System.map config modules.tar.gz; do
	[ ! -f "$name" ] || set -- "$@" "$name"
done
release=$(cat "$obj/include/config/kernel.release")
jq -n --arg line "$LTS" --arg version "$version" --arg release "$release" \
	--arg released "$released" --argjson source "$source" --argjson queue "$queue" \
	--argjson out "$(describe "$@")" \
	--arg cc "$(toolchain | sed -n 1p)" --arg ld "$(toolchain | sed -n 2p)" \
	--arg pahole "$(toolchain | sed -n 3p)" --arg make "$(make --version | head -n 1)" \
	'{line: $line, pin: $version, release: $release, released: $released} + $source +
	 {patches: $queue, config: $out.config.sha256, outputs: $out,
	  toolchain: {cc: $cc, ld: $ld, pahole: $pahole, make: $make}}' >manifest.json.new
mv manifest.json.new manifest.json
