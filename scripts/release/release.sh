#!/bin/sh
# The last step of make release: gather dist/<line>, its documents and the source of all of it
# in releases/wsl-kernel-<release>.tar, with SHA256SUMS, signed by KEY= (docs/releases.md).
# Records the release in upstream.lock. The archive appears when it is whole. Exit 0; 1: the
# build is not that of the lock, or is not complete.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/links.sh"
. "$root/scripts/lib/fragments.sh"
. "$root/scripts/lib/localversion.sh"
. "$root/scripts/lib/release.sh"
. "$root/scripts/lib/signature.sh"
. "$root/scripts/lib/proof.sh"
[ $# = 0 ] && [ "${KEY:-}" ] || usage "make release LTS=x.y KEY=key"
check_pin
need jq tar
check_release
manifest=$dist/manifest.json
lock releases "$root/releases"
tempdir
staging=$tmp/$name

# put FILE [NAME] - a member of the archive; a hard link where one can be
put() {
	to=$staging/${2:-${1##*/}}
	mkdir -p "${to%/*}"
	ln "$1" "$to" 2>/dev/null || cp "$1" "$to"
}

# check_build - is dist/<line> complete, and of this lock and configuration?
check_build() {
	for file in manifest.json bzImage modules.tar.gz modules.vhdx linux-headers.tar.zst; do
		[ -f "$dist/$file" ] || die "dist/$variant/$file" "does not exist" "run make release LTS=$LTS$gpu KEY="
	done
	[ "$(jq -r .release "$manifest")" = "$(release_name)" ] &&
		[ "$(jq -r .config "$manifest")" = "$(sha256 "$obj/.config")" ] &&
		[ "$(jq -r .source.sha256 "$manifest")" = "$(sha256 "$tarball")" ] ||
		die "dist/$variant" "is not a build of $(release_name) with the present configuration and tarball" \
			"run make release LTS=$LTS$gpu KEY="
	digest=$(sha256 "$dist/bzImage")
	for run in smoke smoke-hyperv; do
		has_proof $run "$digest" || warn "dist/$variant/bzImage" "has not passed make $run"
	done
}

# put_signed - bzImage.signed, if make sign made one. Without its signature it is bzImage, but
# for the checksum in the PE header, 4 bytes, and what filled it up to a multiple of 8.
put_signed() {
	[ -f "$dist/bzImage.signed" ] || return 0
	need sbattach
	cp "$dist/bzImage.signed" "$tmp/unsigned"
	size=$(stat -c %s "$dist/bzImage")
	sbattach --remove "$tmp/unsigned" >/dev/null 2>&1 &&
		[ $((($(stat -c %s "$tmp/unsigned") - size) / 8)) = 0 ] &&
		[ "$(cmp -l -n "$size" "$tmp/unsigned" "$dist/bzImage" | wc -l)" -le 4 ] ||
		die "dist/$variant/bzImage.signed" "is not a signed bzImage of this build" \
			"run make sign again, or remove it"
	put "$dist/bzImage.signed"
}

# put_source - a mirror (make mirror) of what it was built from: tarball, external patches, and the files of the project
put_source() {
	put "$tarball" "source/${tarball##*/}"
	# that of the source which find_tarball found
	[ "$sign" = - ] || put "$cache/${sign##*/}" "source/${sign##*/}"
	for patch in $(queue); do
		! is_external "$patch" ||
			put "$patches/$patch" "source/$(link_file "$patch" "$(sha256 "$patches/$patch")")"
	done
	(cd "$root" && git ls-files -z --cached --others --exclude-standard >"$tmp/list" &&
		sort -z -o "$tmp/list" "$tmp/list" &&
		tar --no-recursion --null -T "$tmp/list" --owner=0 --group=0 --numeric-owner \
			--mode=u+rw,go=u-w --mtime="$released" -cf "$tmp/project.tar") ||
		die "$root" "its files cannot be packed (above)" "git status shows files that are gone: restore them"
	put "$tmp/project.tar" source/project.tar
}

# changes - what is new in CHANGELOG.md
changes() {
	echo "# $name"
	awk '/^## / { on = /^## Unreleased/; next } on' "$root/CHANGELOG.md"
}

# cves - the CVEs that are closed since the last release; puts openvex.json
cves() {
	data=${CVE_DATA:-$cache/kernel-cves.tsv.xz}
	since=${last%-wsl*}
	if [ -e "$data" ]; then
		CVSS_MIN='' JSON='' SINCE='' "$root/scripts/report/cve.sh" >/dev/null || return
		[ ! -f "$dist/openvex.json" ] || put "$dist/openvex.json"
	fi
	if [ ! "$since" ]; then
		echo "This is the first release of $variant: there is none to compare with."
	elif [ ! -e "$data" ]; then
		echo "Not known: there was no CVE data when $name was made."
	else
		echo "CVEs that affect linux $since, which $last is of, and not $name:"
		CVSS_MIN='' JSON='' SINCE=$since "$root/scripts/report/cve.sh"
	fi
}

# readme - what the archive has, for whoever finds it
readme() {
	cat <<-TEXT
		$name: a Linux kernel for WSL2
		
		bzImage and modules.vhdx are for kernel= and kernelModules= in .wslconfig, modules.tar.gz for
		one distribution, linux-headers.tar.zst for DKMS. CVES.txt has the CVEs that are closed since
		the release before, CHANGELOG.md what else is new.
		
		SHA256SUMS.sig is a signature over SHA256SUMS, which names every other file here. By hand:
		    gpg --verify SHA256SUMS.sig SHA256SUMS && sha256sum -c SHA256SUMS
		or make verify-release FILE= KEY= of the project, which also compares the documents.
		
		source/ is the complete source, under GPL-2.0: the release of kernel.org, the files of the
		project, and external patches. To build it, unpack project.tar into an empty directory, and
		there, with the absolute path of source/:
		    sudo make deps && make modules-vhdx headers LTS=$LTS$gpu MIRROR=/path/source
	TEXT
}

check_build
read_last
"$root/scripts/release/sbom.sh"
for file in $(jq -r '.outputs | keys[]' "$manifest") manifest.json sbom.spdx.json provenance.json; do
	put "$dist/$file"
done
put_signed
put_source
changes >"$staging/CHANGELOG.md"
cves >"$staging/CVES.txt" || die CVES.txt "make cve failed (above)" \
	"CVE_DATA= names the data; without any, the release says so"
readme >"$staging/README.txt"
cd "$staging"
find . -type f -printf '%P\n' | sort | xargs sha256sum >"$tmp/sums"
mv "$tmp/sums" SHA256SUMS
sign_file SHA256SUMS
cd "$tmp"
find "$name" -type f | sort >list
tar --no-recursion -T list --format=ustar --owner=0 --group=0 --numeric-owner \
	--mode=u=rw,go=r --mtime="$released" -cf "$root/releases/$name.tar.new"
mv "$root/releases/$name.tar.new" "$root/releases/$name.tar"
git config -f "$lockfile" "release.$variant.last" "$(release_name)"
git config -f "$lockfile" "release.$variant.inputs" "$(release_inputs)"
say "releases/$name.tar: $(($(stat -c %s "$root/releases/$name.tar") >> 20)) MB, signed; commit upstream.lock, which names it"
