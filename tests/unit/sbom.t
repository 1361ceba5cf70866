#!/bin/sh
# make sbom: the SPDX document, the provenance and the digests of a build name what went into
# it, the same bytes each time; what is left out of them or differs from the manifest is
# noticed. The program runs with ASan and UBSan.
# shellcheck disable=SC2016 # the variables of jq
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/release-project.sh"
plan 56
sanitized_tools sbom
release_tools
project p
release_build
spdx=$dist/sbom.spdx.json provenance=$dist/provenance.json
sbom() { run env LTS=9.1 scripts/release/sbom.sh; }
# of FILTER [FILE] - jq, in one line
of() { jq -r "$1" "${2:-$spdx}" | paste -sd' '; }

run make sbom LTS=9.1
is "$rc$err" 0 "make sbom"
is "$out" "sbom: wrote sbom.spdx.json, provenance.json and SHA256SUMS in dist/9.1" "it says what it wrote"

# ---- SPDX
is "$(of '.spdxVersion, .dataLicense, .SPDXID, .name, .creationInfo.created')" \
	"SPDX-2.3 CC0-1.0 SPDXRef-DOCUMENT wsl-kernel-9.1.5-wsl3 2026-01-02T00:00:00Z" "the document; its time is the pin's"
like "$(of .documentNamespace)" '^https://spdx.org/spdxdocs/wsl-kernel-9.1.5-wsl3-[0-9a-f]{64}$' "its namespace"
is "$(of '.packages[] | select(.name == "linux") | .versionInfo, .packageFileName, .checksums[0].checksumValue, .licenseDeclared')" \
	"9.1.5 linux-9.1.5.tar.xz $(sum "$work/www/linux-9.1.5.tar.xz") GPL-2.0-only WITH Linux-syscall-note" "the tarball with its digest"
is "$(of '[.files[] | select(.SPDXID | startswith("SPDXRef-Patch")) | "\(.fileName[2:]) \(.checksums[] | select(.algorithm == "SHA256") | .checksumValue)"] | sort[]')" \
	"$(cd "$project" && for f in patches/9.1/hyperv/bus.patch patches/9.1/memory/balloon.patch; do echo "$f $(sum $f)"; done | paste -sd' ')" "each patch with its digest"
is "$(of '.packages[] | select(.name == "patches/9.1/far/away.patch") | .downloadLocation, .checksums[0].checksumValue')" \
	"https://example.org/away.patch $(sum "$work/www/away.patch")" "the external patch with address and digest"
is "$(of '. as $d | .relationships[] | select(.relationshipType == "PATCH_FOR" and .relatedSpdxElement == "SPDXRef-Source-linux") | .spdxElementId as $i | $d | (.files[], .packages[]) | select(.SPDXID == $i) | .fileName // .name')" \
	"./patches/9.1/hyperv/bus.patch ./patches/9.1/memory/balloon.patch patches/9.1/far/away.patch" "they are PATCH_FOR linux"
is "$(of '. as $d | [.relationships[] | select(.relationshipType == "CONTAINS") | .relatedSpdxElement as $i | $d.files[] | select(.SPDXID == $i) | .fileName[2:]] | sort[]')" \
	"$(cd "$dist" && echo System.map bzImage config linux-headers.tar.zst modules.tar.gz modules.vhdx vmlinux)" "the kernel CONTAINS the outputs"
is "$(of '[.relationships[] | select(.relationshipType == "GENERATED_FROM" and .spdxElementId == "SPDXRef-Output-bzImage") | .relatedSpdxElement] | sort[]')" \
	"SPDXRef-Output-config SPDXRef-Source-linux" "the image is GENERATED_FROM release and configuration"
is "$(of '.relationships[] | select(.relationshipType == "DESCRIBES") | .spdxElementId, .relatedSpdxElement')" \
	"SPDXRef-DOCUMENT SPDXRef-Kernel-9.1.5-wsl3" "the document describes the kernel"
is "$(of '(.packages + .files | map(.SPDXID)) as $ids | ($ids | length) - ($ids | unique | length), (.relationships[] | .spdxElementId, .relatedSpdxElement | select(. != "SPDXRef-DOCUMENT" and ([.] | inside($ids) | not)))')" 0 \
	"every identifier is unique, and no relationship leads nowhere"
is "$(of '.packages[] | select(.name | startswith("wsl-kernel")) | .packageVerificationCode.packageVerificationCodeValue')" \
	"$(cd "$dist" && sha1sum bzImage vmlinux System.map config modules.tar.gz modules.vhdx linux-headers.tar.zst | cut -c1-40 | sort | tr -d '\n' | sha1sum | cut -c1-40)" \
	"the verification code is that of the outputs"
is "$(of '[.relationships[] | select(.relationshipType == "BUILD_TOOL_OF" and .relatedSpdxElement == "SPDXRef-Kernel-9.1.5-wsl3")] | length')" \
	"$(wc -l <"$work/packages")" "every package of the build is BUILD_TOOL_OF the kernel"

# ---- the packages of this machine
gcc=$(awk -F '\t' '$6 ~ /(^| )gcc( |$)/ { print $1 }' "$work/packages")
if command -v dpkg-query >/dev/null && dpkg-query -W "$gcc" >/dev/null 2>&1; then
	is "$(of ".packages[] | select(.name == \"$gcc\") | .versionInfo")" "$(dpkg-query -W -f '${Version}' "$gcc")" "gcc has the version of its package"
	like "$(of ".packages[] | select(.name == \"$gcc\") | .externalRefs[0].referenceLocator")" "^pkg:deb/[a-z]+/$gcc@[0-9].*[?]arch=[a-z0-9]+&distro=" "and its package URL"
	is "$(of '.packages[] | select(.name == "make") | .licenseDeclared')" GPL-3.0-or-later "make has its licence"
else
	skip 3 "gcc is not of a Debian package"
fi
if command -v pyspdxtools >/dev/null; then
	run pyspdxtools -i "$spdx"
	is "$rc" 0 "pyspdxtools accepts it"
else
	skip 1 "pyspdxtools is not installed"
fi

# ---- provenance
is "$(of '._type, .predicateType, .predicate.buildDefinition.buildType, .predicate.runDetails.builder.id' "$provenance")" \
	"https://in-toto.io/Statement/v1 https://slsa.dev/provenance/v1 urn:wsl-kernel:build:1 urn:wsl-kernel:builder:local" "the provenance"
is "$(of '[.subject[] | "\(.digest.sha256)  \(.name)"] | sort[]' "$provenance")" "$(cd "$dist" && sha256sum bzImage vmlinux System.map config modules.tar.gz modules.vhdx linux-headers.tar.zst | sort | paste -sd' ')" "its subjects are the outputs"
is "$(of '.predicate.buildDefinition.resolvedDependencies[] | select(.digest.sha256) | .name' "$provenance")" \
	"linux patches/9.1/hyperv/bus.patch patches/9.1/memory/balloon.patch patches/9.1/far/away.patch" "it resolves tarball and patches"
is "$(of '.predicate.buildDefinition.externalParameters | .line, .release' "$provenance")" "9.1 9.1.5-wsl3" "and names line and release"
in_git
sbom
is "$(of '.predicate.buildDefinition.resolvedDependencies[] | select(.name == "project") | .digest.gitCommit' "$provenance")" \
	"$(git -C "$project" rev-parse HEAD)" "the commit of the project"
echo >>"$project/Makefile"
sbom
is "$(of '[.predicate.buildDefinition.resolvedDependencies[] | select(.name == "project")] | length' "$provenance")" 0 "not if its files have changed since"

# ---- digests, and the same bytes
(cd "$dist" && sha256sum -c SHA256SUMS) >"$work/out" 2>&1 && rc=0 || rc=1
is "$rc $(sed 's/: OK$//' "$work/out" | paste -sd' ')" "0 System.map bzImage config linux-headers.tar.zst manifest.json modules.tar.gz modules.vhdx provenance.json sbom.spdx.json vmlinux" "SHA256SUMS"
cp "$spdx" "$provenance" "$dist/SHA256SUMS" "$work"
(umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 SOURCE_DATE_EPOCH=1 && export TZ LC_ALL SOURCE_DATE_EPOCH && sbom && exit $rc) && rc=0 || rc=1
is "$rc$(cd "$dist" && for f in sbom.spdx.json provenance.json SHA256SUMS; do cmp $f "$work/$f" 2>&1; done)" 0 "in another time zone and locale, with another umask: the same bytes"
touch -d 2030-01-01 "$dist"/*
sbom
is "$rc$(cmp "$spdx" "$work/sbom.spdx.json" 2>&1)" 0 "with other file times too"

# ---- what is not as the manifest has it
{
	cd "$dist"
	for f in bzImage vmlinux System.map config modules.tar.gz modules.vhdx linux-headers.tar.zst; do
		echo "$(sum $f) $(sha1sum <$f | cut -c1-40) $f"
	done
	cd "$project"
	for f in hyperv/bus memory/balloon far/away; do
		f=patches/9.1/$f.patch
		echo "$(sum $f) $(sha1sum <$f | cut -c1-40) $f"
	done
} >"$work/files"
# checked SPDX PROVENANCE [FILES] - what sbom check says
checked() { run "$work/tools/sbom" check "$1" "$2" "${3:-$work/files}" "$dist/manifest.json"; }
checked "$spdx" "$provenance"
is "$rc$err" 0 "the documents that it wrote"
# spoiled FILTER REGEX NAME - the SPDX document is changed; then it is no good
spoiled() {
	jq "$1" "$spdx" >"$work/spoiled"
	checked "$work/spoiled" "$provenance"
	like "$([ $rc != 1 ] || echo "$err")" "^sbom: error: .*/spoiled: $2\$" "$3"
}
spoiled 'del(.files[] | select(.fileName == "./patches/9.1/hyperv/bus.patch"))' "lacks patches/9.1/hyperv/bus.patch, which the manifest names" "a patch is left out"
spoiled 'del(.packages[] | select(.name == "patches/9.1/far/away.patch"))' "lacks patches/9.1/far/away.patch, .*" "an external patch is left out"
spoiled 'del(.packages[] | select(.name == "linux"))' "lacks linux, .*" "the tarball is left out"
is "$(echo "$err" | grep -c 'not as PATCH_FOR linux$')" 3 "  and then nothing is its patch"
spoiled 'del(.files[] | select(.fileName == "./modules.vhdx"))' "lacks modules.vhdx, .*" "an output is left out"
spoiled '(.files[] | select(.fileName == "./patches/9.1/hyperv/bus.patch") | .checksums[1].checksumValue) = "00"' \
	"has patches/9.1/hyperv/bus.patch with the sha256 00, .*" "a patch with another digest"
spoiled '.files += [.files[0] | .fileName = "./patches/9.1/extra.patch"]' "has patches/9.1/extra.patch, which the manifest does not name" "a patch too many"
spoiled '.files += [.files[0]]' "has [a-zA-Z.]* twice" "a file twice"
spoiled 'del(.relationships[] | select(.relationshipType == "PATCH_FOR" and (.spdxElementId | test("bus"))))' \
	"has patches/9.1/hyperv/bus.patch, but not as PATCH_FOR linux" "a patch without its relationship"
spoiled '[]' ".*" "a document of another kind"
jq 'del(.predicate.buildDefinition.resolvedDependencies[] | select(.name | test("balloon")))' "$provenance" >"$work/spoiled"
checked "$spdx" "$work/spoiled"
like "$rc $err" '^1 .*spoiled: lacks patches/9.1/memory/balloon.patch, ' "the provenance without a patch"
jq '.subject[0].digest.sha256 = "00"' "$provenance" >"$work/spoiled"
checked "$spdx" "$work/spoiled"
like "$rc $err" '^1 .*spoiled: has [a-zA-Z.]* with the sha256 00, ' "the provenance of another image"
grep -v modules.tar.gz "$work/files" >"$work/fewer"
checked "$spdx" "$provenance" "$work/fewer"
like "$rc $err" '^1 sbom: error: modules.tar.gz: is missing; ' "a file is not there"
head -c 400 "$spdx" >"$work/spoiled"
checked "$work/spoiled" "$provenance"
like "$rc $err" '^1 sbom: error: .*/spoiled: line [0-9]+: ' "a truncated document"
echo "x y z" >"$work/spoiled"
checked "$spdx" "$provenance" "$work/spoiled"
like "$rc $err" '^1 sbom: error: .*/spoiled:1: is not "SHA256 SHA1 NAME"$' "a list of files that is none"

# ---- the script refuses
keep good
echo >>"$project/patches/9.1/hyperv/bus.patch"
sbom
like "$rc $err" '^1 sbom: error: patches/9.1/hyperv/bus.patch: sha256 is ' "a patch that changed since the build"
like "$err" '^sbom: error: dist/9.1: is not what its manifest.json names \(above\)$' "  and says so"
ok "cmp -s '$spdx' '$work/sbom.spdx.json'" "  and leaves the old documents"
back good
echo x >>"$dist/modules.vhdx"
sbom
like "$rc $err" '^1 sbom: error: modules.vhdx: sha256 is ' "an output that changed"
back good
rm "$dist/bzImage"
sbom
like "$rc $err" '^1 sbom: error: .*/manifest.json: names bzImage, which is not there$' "an output that is gone"
back good
jq '.toolchain.cc = "gcc 1"' "$dist/manifest.json" >"$work/m"
cp "$work/m" "$dist/manifest.json"
sbom
like "$rc $err" '^1 sbom: error: dist/9.1: was built by another compiler, ' "a build by another compiler: its packages are not known"
rm "$dist/manifest.json"
sbom
like "$rc $err" '^1 sbom: error: dist/9.1/manifest.json: does not exist$' "no build"
back good

# ---- a copy of a tree, TREE=
jq '.verified = false | .source = {tree: "tree:0123"}' "$dist/manifest.json" >"$work/tree.json"
"$work/tools/sbom" spdx "$(printf '%064d' 1)" "$(printf '%040d' 1)" "$work/files" "$work/packages" "$work/tree.json" >"$work/doc"
"$work/tools/sbom" provenance - "$work/files" "$work/packages" "$work/tree.json" >"$work/doc2"
is "$(jq -r '.packages[] | select(.name == "linux") | .sourceInfo, .downloadLocation, .checksums' "$work/doc" | paste -sd' ')" \
	"a copy of a tree, not verified: tree:0123 NOASSERTION null" "the source of a copied tree is called unverified"
run "$work/tools/sbom" check "$work/doc" "$work/doc2" "$work/files" "$work/tree.json"
is "$rc$err" 0 "  and the rest is there"

# ---- licences and package URLs
tab='	'
# expressions LICENCE... - what SPDX calls them, in $work/doc too
expressions() {
	for licence; do
		n=$((${n:-0} + 1))
		printf 'libx++%s%s2:1.0~rc+1%sall%sdeb/debian/debian-12%s%s%sgcc\n' "$n" "$tab" "$tab" "$tab" "$tab" "$licence" "$tab"
	done >"$work/one"
	"$work/tools/sbom" spdx "$(printf '%064d' 1)" "$(printf '%040d' 1)" "$work/files" "$work/one" "$dist/manifest.json" >"$work/doc"
	jq -r '.packages[] | select(.name | startswith("libx++")) | .licenseDeclared' "$work/doc"
}
is "$(expressions GPL-2+ GPL-3 GPLv2+ LGPL-2.1-or-later 'GPL-1+ or Artistic' 'BSD-3-clause and Expat' Apache-2.0 | paste -sd,)" \
	"GPL-2.0-or-later,GPL-3.0-only,GPL-2.0-or-later,LGPL-2.1-or-later,GPL-1.0-or-later OR Artistic-1.0-Perl,BSD-3-Clause AND MIT,Apache-2.0" \
	"names of Debian and RPM become SPDX's"
is "$(expressions GPL Apache-2.0+ 'GPL-2 or' 'or GPL-2' 'GPL-2 GPL-3' 'GPL-2, and MIT' 'MIT or GPL-2 and ISC' 'GPL-2 with exception' - | sort -u)" \
	NOASSERTION "what is not known or not clear is not guessed"
expressions "FLEX, of 1990" >"$work/out"
is "$(jq -r '.packages[] | select(.name == "libx++1") | .licenseComments' "$work/doc")" "the package says: FLEX, of 1990" "but quoted"
is "$(jq -r '.packages[] | select(.name == "libx++1") | .externalRefs[0].referenceLocator, .SPDXID' "$work/doc" | paste -sd' ')" \
	"pkg:deb/debian/libx%2B%2B1@2%3A1.0~rc%2B1?arch=all&distro=debian-12 SPDXRef-Tool-libx--1" "a package URL is percent-encoded"
