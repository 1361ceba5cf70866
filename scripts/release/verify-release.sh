#!/bin/sh
# Check the release FILE=, wsl-kernel-<release>.tar, by the public key in the file KEY=: the
# signature over SHA256SUMS, every file by its digest, that none is missing and none was added,
# and that SBOM, provenance, manifest, patches and tarball name the same. Needs the project and
# these two files; what it unpacks is removed. An archive with links, or names that lead out of
# a directory, is refused before anything is written.
# Exit 0 good; 1 not, with what is wrong: wrong signer, changed, missing, extra.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/links.sh"
. "$root/scripts/lib/signature.sh"
. "$root/scripts/lib/documents.sh"
[ $# = 0 ] && [ "${FILE:-}" ] && [ "${KEY:-}" ] || usage "make verify-release FILE=release.tar KEY=public-key"
for file in "$FILE" "$KEY"; do [ -f "$file" ] || die "$file" "does not exist" "give FILE= and KEY= as files"; done
need jq tar
tempdir
unpack=$(tool release-unpack)
sbom=$(tool sbom)
mkdir "$tmp/all"
"$unpack" "$FILE" "$tmp/all" || die "$FILE" "is not a release (above)" "nothing of it was kept"
name=$(ls "$tmp/all")
release=$tmp/all/$name
for file in SHA256SUMS SHA256SUMS.sig; do
	[ -f "$release/$file" ] || die "$FILE" "missing: $file" "a release has it; this file is something else"
done
why=$(refusal "$release/SHA256SUMS" "$release/SHA256SUMS.sig")
[ -z "$why" ] || die "$FILE" "SHA256SUMS: $why" "do not use it; ask whoever released it for the key and the file"

# differences - what is not as SHA256SUMS has it, a line each
differences() {
	sed 's/^[0-9a-f]*  //' SHA256SUMS | sort >"$tmp/named"
	find . -type f ! -path ./SHA256SUMS ! -path ./SHA256SUMS.sig -printf '%P\n' | sort >"$tmp/there"
	sha256sum --check SHA256SUMS 2>/dev/null | sed -n 's/\(.*\): FAILED$/changed: \1/p'
	comm -23 "$tmp/named" "$tmp/there" | sed 's/^/missing: /'
	comm -13 "$tmp/named" "$tmp/there" | sed 's/^/extra: /'
}

# member NAME - a file of the project in source/project.tar
member() { tar -xOf source/project.tar "$1" 2>/dev/null; }

# check_documents - do manifest, SBOM, provenance and source name the same?
check_documents() {
	line=$(jq -r .line manifest.json)
	jq -r '.patches[] | [.name, .sha256, .url // "-"] | @tsv' manifest.json >"$tmp/patches"
	member "patches/$line/series" >"$tmp/series"
	case $name in *-gpu) member "patches/$line/series.gpu" >>"$tmp/series" ;; esac
	named "$tmp/series" >"$tmp/queue"
	cut -f 1 "$tmp/patches" | cmp -s - "$tmp/queue" ||
		die "$FILE" "manifest.json does not have the patches of its series" \
			"$(cut -f 1 "$tmp/patches" | diff - "$tmp/queue" | sed -n 's/^>/only in the series:/p; s/^</only in the manifest:/p')"
	sha256sum source/* | grep -q "^$(jq -r .source.sha256 manifest.json) " ||
		die "$FILE" "source/ lacks the tarball that manifest.json names"
	while read -r patch digest url; do
		file=source/$(link_file "$patch" "$digest")
		[ "$url" != - ] || { file=$tmp/patch && member "patches/$line/$patch" >"$file"; } || :
		[ ! -f "$file" ] || file_line "$file" "patches/$line/$patch"
	done <"$tmp/patches" >"$tmp/files"
	for file in $(jq -r '.outputs | keys[]' manifest.json); do
		[ ! -f "$file" ] || file_line "$file" "$file"
	done >>"$tmp/files"
	"$sbom" check sbom.spdx.json provenance.json "$tmp/files" manifest.json ||
		die "$FILE" "its documents do not agree (above)" "it is signed, but was not made by make release"
}

cd "$release"
wrong=$(differences)
[ -z "$wrong" ] || printf '%s\n' "$wrong" | die_list "$FILE" "is not what was signed:" "do not use it"
[ "$name" = "wsl-kernel-$(jq -r .release manifest.json)" ] && [ "${FILE##*/}" = "$name.tar" ] ||
	die "$FILE" "is $(jq -r .release manifest.json) by its manifest, and $name by its entries" \
		"a release under another name may be an old one: rename it if you meant that one"
check_documents
say "$name: good, $(wc -l <"$tmp/named") files, signed by $(cat "$tmp/signed_by")"
