#!/bin/sh
# Fill the directory DIR with what MIRROR= needs to build without a network: the verified
# tarball and signature of the line LTS=, or of every pinned line, with its external
# patches, the disk of programs for the guest tests, and the CVE data if build/cache has it.
# SHA256SUMS lists them, those of earlier runs too; make mirror-verify reads it. Other files in
# DIR are left alone. GPU=1: the GPU driver as well. Warns of a line that is not available. Exit 0 when at
# least one is there, else 1.
asked=${LTS:-}
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/links.sh"
[ "${DIR:-}" ] || usage "make mirror DIR=directory [LTS=x.y]"
# a mirror has pinned sources only
unset TREE
# with GPU=1 the lines without a driver for it are still mirrored
gpu='' with_gpu=${GPU:-}

# put FILE [NAME] - copy FILE to DIR, completely or not at all, and note its sum. A symbolic
# link of that name is replaced, not followed.
put() {
	put=$DIR/${2:-${1##*/}}
	printf '%s  %s\n' "$(sha256 "$1")" "${put##*/}" >>"$tmp/sums"
	new=$(mktemp "$DIR/.new.XXXXXX") && cp "$1" "$new" && chmod 644 "$new" && mv -T "$new" "$put" || {
		[ ! -f "$new" ] || rm -f "$new"
		die "$put" "cannot be written (above)" "$(free_mb "$DIR") MB are free there"
	}
}

# put_tarball - the line's, with its signature
put_tarball() {
	while read -r address _ sign; do
		[ "${address##*/}" = "${tarball##*/}" ] || continue
		[ "$sign" = - ] || put "$cache/${sign##*/}"
		put "$tarball"
		say "$DIR/${tarball##*/}"
		return
	done <<-EOF
		$sources
	EOF
}

# put_external_patches - the line's
put_external_patches() {
	links | while read -r name digest _; do
		file=$cache/$(link_file "$name" "$digest")
		[ ! -f "$file" ] || put "$file"
	done
}

# put_sums - SHA256SUMS: what this run has put there, and what an earlier one has
put_sums() {
	grep -E '^[0-9a-f]{64}  [A-Za-z0-9_+][A-Za-z0-9_+.~-]*$' "$DIR/SHA256SUMS" 2>/dev/null |
		awk '{ name = substr($0, 67) } NR == FNR { new[name]; next } !(name in new)' "$tmp/sums" - | while read -r digest name; do
		[ ! -f "$DIR/$name" ] || printf '%s  %s\n' "$digest" "$name"
	done >"$tmp/earlier" || :
	sort -k 2 -o "$tmp/SHA256SUMS" "$tmp/sums" "$tmp/earlier"
	put "$tmp/SHA256SUMS"
}

case $DIR in /*) ;; *) DIR=$PWD/$DIR ;; esac
mkdir -p "$DIR" || die "$DIR" "cannot be made (above)"
[ "$(cd "$DIR" && pwd -P)" != / ] ||
	die "DIR=$DIR" "is the root of the file system" "give a directory for the mirror"
tempdir
filled=
for LTS in ${asked:-$(lines)}; do
	GPU=
	[ ! -f "$root/patches/$LTS/series.gpu" ] || GPU=$with_gpu
	export LTS GPU
	"$root/scripts/source/fetch.sh" && "$root/scripts/queue/links.sh" || {
		warn "$LTS" "is not in the mirror"
		continue
	}
	check_pin
	find_tarball
	put_tarball
	put_external_patches
	filled=1
done
if "$root/scripts/boot/userland.sh" && read -r inputs <"$root/build/userland/stamp"; then
	put "$root/build/userland.ext4" "userland-$inputs.ext4"
	say "$DIR/userland-$inputs.ext4"
else
	warn userland "is not in the mirror: make smoke needs a network for it"
fi
cves=$cache/kernel-cves.tsv.xz
if [ -f "$cves" ]; then
	put "$cves"
	say "$DIR/${cves##*/}"
fi
[ ! -f "$tmp/sums" ] || put_sums
[ "$filled" ] || die "$DIR" "no line is available, the mirror is empty" "the reasons are above"
