#!/bin/sh
# Write what dist/<line> was made from, for others to read: sbom.spdx.json (SPDX 2.3: release,
# patches, configuration, outputs, packages of the build), provenance.json (in-toto, SLSA v1)
# and SHA256SUMS of the outputs, manifest.json and these two. docs/releases.md describes them.
# The same build on the same machine gives the same bytes: their only time is the release date
# of the pin. The packages are those that are installed now, so it refuses when compiler,
# linker, pahole or make is not the one of manifest.json. Exit 0; 1: there is no build, or an
# output or a patch is not as manifest.json has it.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/toolchain.sh"
. "$root/scripts/lib/documents.sh"
[ $# = 0 ] || usage "LTS=x.y sbom.sh"
need jq
check_pin
manifest=$dist/manifest.json
[ -f "$manifest" ] || die "dist/$variant/manifest.json" "does not exist" "run make modules LTS=$LTS$gpu"
lock "build/$tree_name" "$root/build/$tree_name"
tempdir

# same_toolchain - do compiler, linker, pahole and make say what they said at the build?
same_toolchain() {
	[ "$(jq -r '.toolchain | .cc, .ld, .pahole, .make' "$manifest")" = "$(
		{ toolchain; echo; } | sed -n 1,3p
		make --version | head -n 1
	)" ]
}

# commit - of the project, if its files are those of a commit; else "-"
commit() {
	if in_git && git -C "$root" diff --quiet HEAD 2>/dev/null; then
		git -C "$root" rev-parse HEAD
	else
		echo -
	fi
}

same_toolchain || die "dist/$variant" "was built by another compiler, linker, pahole or make" \
	"the packages of that build are not known: run make modules LTS=$LTS$gpu"
cd "$dist"
outputs=$(jq -r '.outputs | keys[]' "$manifest")
{
	for name in $outputs; do [ ! -f "$name" ] || file_line "$name" "$name"; done
	for patch in $(queue); do
		[ ! -f "$patches/$patch" ] || file_line "$patches/$patch" "patches/$LTS/$patch"
	done
} >"$tmp/files"
"$root/scripts/release/packages.sh" >"$tmp/packages"
sbom=$(tool sbom)
# SPDX's verification code is the SHA1 of the sorted SHA1s of the package's files
code=$(grep -v ' patches/' "$tmp/files" | cut -d ' ' -f 2 | sort | tr -d '\n' | sha1sum)
id=$(cat "$manifest" "$tmp/files" "$tmp/packages" | sha256sum)
"$sbom" spdx "${id%% *}" "${code%% *}" "$tmp/files" "$tmp/packages" "$manifest" >"$tmp/spdx" &&
	"$sbom" provenance "$(commit)" "$tmp/files" "$tmp/packages" "$manifest" >"$tmp/provenance" &&
	"$sbom" check "$tmp/spdx" "$tmp/provenance" "$tmp/files" "$manifest" ||
	die "dist/$variant" "is not what its manifest.json names (above)" "run make modules LTS=$LTS$gpu"
replace sbom.spdx.json <"$tmp/spdx"
replace provenance.json <"$tmp/provenance"
# shellcheck disable=SC2086 # a list
sha256sum $outputs manifest.json sbom.spdx.json provenance.json | sort -k 2 | replace SHA256SUMS
say "wrote sbom.spdx.json, provenance.json and SHA256SUMS in dist/$variant"
