#!/bin/sh
# Print whether dist/<line> is what make kernel would build now (with the EXTRA, WITHOUT
# and CC given): "up to date", or "stale:" and what has changed since. Changes nothing.
# Exit 0; 1 when there is no manifest, or upstream.lock is invalid.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/stamp.sh"
. "$root/scripts/lib/fragments.sh"
. "$root/scripts/lib/localversion.sh"
[ $# = 0 ] || usage "LTS=x.y built.sh"

# from_pin MANIFEST - was it built from the pinned release? Its fields are those of a record.
from_pin() {
	[ "$(jq -r '.pin, .released' "$1")" = "$version
$released" ] && jq -r '"sha256 \(.source.sha256)", "signer \(.source.signer // "-")",
		"version \(.pin)", "from \(.source.from)"' "$1" | pin_accepts /dev/stdin
}

# from_toolchain MANIFEST - was it built with the chosen compiler and linker?
from_toolchain() {
	[ "$(jq -r '.toolchain | .cc, .ld, (.pahole | select(. != ""))' "$1")" = \
		"$(toolchain 2>/dev/null)" ]
}

# changed_stamp - name the input of the first step that has something to do
changed_stamp() {
	config=$build_dir/stamp/config
	# shellcheck disable=SC2046,SC2086 # lists
	if ! fresh "$tree_meta/pushed" "$(queue_key "$(cat "$tree_meta/base")")"; then
		echo "the tree"
	elif ! fresh "$config" "$(config_key $(fragments) ${EXTRA:-}) $(sha256 "$obj/.config")"; then
		echo "the configuration"
	elif ! fresh "$build_dir/stamp/localversion" "$(localversion $(fragments) ${EXTRA:-})"; then
		echo "the release name"
	elif ! fresh "$build_dir/stamp/kernel" "$(kernel_key kernel)"; then
		echo "the tree or how it is built"
	fi
}

check_pin
need jq
manifest=$dist/manifest.json
[ -f "$manifest" ] || die "dist/$variant/manifest.json" "does not exist" "run make kernel LTS=$LTS$gpu"
changed=
from_pin "$manifest" || changed="the source"
has_queue "$manifest" || changed="$changed${changed:+, }the queue"
from_toolchain "$manifest" || changed="$changed${changed:+, }the compiler"
if [ -z "$changed" ] && [ ! -f "$obj/.config" ]; then
	echo "up to date by source, queue and compiler; build/$variant does not exist"
	exit
fi
# the stamps describe the current tree, which these inputs would update first
[ "$changed" ] || changed=$(changed_stamp)
[ -z "$changed" ] && echo "up to date" || echo "stale: $changed changed"
