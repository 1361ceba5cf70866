#!/bin/sh
# make verify-release: a byte that is changed in any file of a release, a file that is missing
# or was added, another signer, another name, documents that do not agree, and archives that
# would write elsewhere. release-unpack runs with ASan and UBSan.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/release-project.sh"
. "$(dirname "$0")/../lib/keys.sh"
files="CHANGELOG.md CVES.txt README.txt System.map bzImage config linux-headers.tar.zst manifest.json modules.tar.gz modules.vhdx provenance.json sbom.spdx.json vmlinux"
plan 63
build_tools sbom
sanitized_tools release-unpack
release_tools
unpack=$work/tools/release-unpack
for name in id other; do ssh-keygen -q -t ed25519 -N '' -C '' -f "$work/$name"; done
gpg --batch --armor --export "$signer" >"$work/key.asc"
gpg --batch --export "$signer" >"$work/key.gpg"
gpg --batch --armor --export "$stranger" >"$work/stranger.asc"
project p
release_build
echo '## Unreleased' >"$project/CHANGELOG.md"
in_git
name=wsl-kernel-9.1.5-wsl3
run env LTS=9.1 KEY="$work/id" scripts/release/release.sh
is "$rc" 0 "a release, signed by an ssh key"
mv "$project/releases/$name.tar" "$work/ssh.tar"
run env LTS=9.1 KEY="$signer" scripts/release/release.sh
is "$rc" 0 "and one signed by gpg"
mv "$project/releases/$name.tar" "$work/pgp.tar"

# ---- another machine: the project as it is in git, and an empty folder with the two files
project clean
git -C "$work/p" archive HEAD | tar -x -C "$project"
rm -rf "$project/patches" "$project/upstream.lock"
printf '[line "9.1"]\n\tversion = 9.1.9\n' >"$project/upstream.lock"
mkdir "$work/empty"
file=$work/empty/$name.tar
# verify [FILE KEY] - check it
verify() { run env FILE="${1:-$file}" KEY="${2:-$work/id.pub}" scripts/release/verify-release.sh; }
# refused REGEX NAME [KEY] - $file is, with a line that matches
refused() {
	verify "$file" "${3:-}"
	like "$([ "$rc" = 0 ] || echo "$err")" "$1" "$2"
}
# differs TEXT NAME - that is all that differs from what was signed
differs() {
	verify
	is "$rc $(echo "$err" | sed -n 's/^  *\(changed\|missing\|extra\): /\1 /p' | paste -sd,)" "1 $1" "$2"
}
cp "$work/ssh.tar" "$file"
run make verify-release FILE="$file" KEY="$work/id.pub"
is "$rc$err" 0 "make verify-release, ssh"
like "$out" "^verify-release: $name: good, 16 files, signed by SHA256:" "  says what is good, and by whom"
cp "$work/pgp.tar" "$file"
for key in key.asc key.gpg; do
	verify "$file" "$work/$key"
	is "$rc $out" "0 verify-release: $name: good, 16 files, signed by $signer" "pgp, $key"
done
is "$(ls "$work/empty")$(ls "$project/build/tmp")" "$name.tar" "nothing is left of what was unpacked"

# ---- signers
refused "SHA256SUMS: wrong signer: the signature is by [0-9A-F]{16}, not " "another key of pgp" "$work/stranger.asc"
refused "SHA256SUMS: wrong signer: KEY= is a key for ssh, " "an ssh key for a pgp signature" "$work/id.pub"
cp "$work/ssh.tar" "$file"
refused "SHA256SUMS: wrong signer: the signature is by SHA256:[^ ]*, not " "another key of ssh" "$work/other.pub"
refused "SHA256SUMS: wrong signer: KEY= is a key for pgp, " "a pgp key for an ssh signature" "$work/key.asc"
echo nonsense >"$work/bad.asc"
cp "$work/pgp.tar" "$file"
refused "SHA256SUMS: " "a file that is no key" "$work/bad.asc"
run make verify-release FILE="$file"
like "$err" '^usage: make verify-release FILE=release.tar KEY=public-key$' "no key, no check"

# ---- a changed byte in each file
mkdir "$work/good"
tar -C "$work/good" -xf "$work/ssh.tar"
# pack - $file is the archive of $work/x
pack() { (cd "$work/x" && find "$name" -type f | sort | tar --format=ustar -T - -cf "$file"); }
# again - $work/x/$name is a copy of the good one
again() {
	rm -rf "$work/x"
	cp -R "$work/good" "$work/x"
	cd "$work/x/$name"
}
# flip FILE - another bit in the middle of it
flip() {
	at=$(($(stat -c %s "$1") / 2))
	byte=$(od -An -tu1 -j $at -N 1 "$1")
	# shellcheck disable=SC2059 # an octal escape
	printf "\\$(printf %o $((byte ^ 1)))" | dd of="$1" bs=1 seek=$at conv=notrunc 2>/dev/null
}
for member in $files $(cd "$work/good/$name" && echo source/*); do
	again
	flip "$member"
	pack
	differs "changed $member" "a byte of $member"
done
again
flip SHA256SUMS
pack
refused "SHA256SUMS: was changed: it is not what was signed\$" "a byte of SHA256SUMS"
again
flip SHA256SUMS.sig
pack
refused "SHA256SUMS: (its signature is damaged|was changed|wrong signer)" "a byte of the signature"

# ---- missing and extra files
again
rm modules.vhdx source/project.tar
echo new >source/new
flip config
pack
differs "changed config,missing modules.vhdx,missing source/project.tar,extra source/new" "all that differs is named"
for member in SHA256SUMS SHA256SUMS.sig; do
	again
	rm $member
	pack
	refused "missing: $member\$" "no $member"
done
again
echo "$(printf '%064d' 0)  more" >>SHA256SUMS
pack
refused "SHA256SUMS: was changed: it is not what was signed\$" "a line more in SHA256SUMS"
cp "$work/ssh.tar" "$work/empty/wsl-kernel-9.1.6-wsl1.tar"
verify "$work/empty/wsl-kernel-9.1.6-wsl1.tar"
like "$rc $err" '^1 .*is 9.1.5-wsl3 by its manifest, and wsl-kernel-9.1.5-wsl3 by its entries$' "an old release under a newer name"
again
rm SHA256SUMS.sig
ssh-keygen -q -Y sign -f "$work/id" -n file SHA256SUMS 2>/dev/null
pack
refused "SHA256SUMS: its signature is damaged, or for another purpose\$" "a signature of the same key for another purpose"

# ---- signed, but its documents do not agree
# sign_again - as somebody would who has the key and packs by hand
sign_again() {
	rm SHA256SUMS SHA256SUMS.sig
	find . -type f -printf '%P\n' | sort | xargs sha256sum >"$work/sums"
	mv "$work/sums" SHA256SUMS
	ssh-keygen -q -Y sign -f "$work/id" -n wsl-kernel-release SHA256SUMS 2>/dev/null
	pack
}
again
sign_again
verify
is "$rc$err" 0 "signed again, and nothing else"
# spoil DOCUMENT FILTER - change it by jq
spoil() {
	jq "$2" "$1" >"$work/doc"
	cp "$work/doc" "$1"
}
patch=hyperv/bus.patch
again
spoil sbom.spdx.json "del(.files[] | select(.fileName | endswith(\"$patch\")))"
sign_again
refused "sbom.spdx.json: lacks patches/9.1/$patch, which the manifest names\$" "the SBOM without a patch"
again
spoil sbom.spdx.json "del(.files[] | select(.fileName | endswith(\"$patch\")))"
spoil provenance.json "del(.predicate.buildDefinition.resolvedDependencies[] | select(.name | endswith(\"$patch\")))"
spoil manifest.json "del(.patches[] | select(.name == \"$patch\"))"
sign_again
refused "^  only in the series: $patch\$" "no document has the patch, but the source does"
again
mkdir "$work/project"
tar -C "$work/project" -xf source/project.tar
echo >>"$work/project/patches/9.1/$patch"
(cd "$work/project" && tar --transform 's|^\./||' -cf "$work/x/$name/source/project.tar" .)
sign_again
refused "patches/9.1/$patch: sha256 is " "the source has another patch than was built"
again
echo other >source/linux-9.1.5.tar.xz
sign_again
refused 'source/ lacks the tarball that manifest.json names$' "the source has another tarball"
again
rm source/away-*.patch
sign_again
refused 'patches/9.1/far/away.patch: is missing; ' "the source lacks an external patch"
again
rm modules.vhdx
sign_again
refused 'modules.vhdx: is missing; ' "an output is left out"

# ---- archives that are refused before anything is written
mkdir "$work/evil"
cd "$work/evil"
echo a >a
ln -s /etc/passwd link
ln a hard
mkdir d
# hostile NAME REGEX OPTION-OF-TAR... - an archive of them
hostile() {
	title=$1 wanted=$2
	shift 2
	rm -rf "$work/into"
	mkdir "$work/into"
	tar -cf "$work/evil.tar" "$@" 2>/dev/null
	run "$unpack" "$work/evil.tar" "$work/into"
	is "$rc $(echo "$err" | grep -cE "^release-unpack: error: .*evil.tar: $wanted") $(find "$work/into" "$work/escaped" /escaped -mindepth 1 2>/dev/null; ls "$work/escaped" /escaped 2>/dev/null)" "1 1 " "$title"
}
hostile "a path that leads out" "refused: ../escaped leads out" -P --transform 's|^a$|../escaped|' a
hostile "one in the middle" "refused: x/../../escaped leads out" -P --transform 's|^a$|x/../../escaped|' a
hostile "an absolute name" "refused: /escaped is an absolute name" -P --transform 's|^a$|/escaped|' a
hostile "a good entry before it" "refused: /escaped is an absolute name" -P --transform 's|^hard$|/escaped|' --hard-dereference a hard
hostile "a symbolic link" "refused: link is a link" link
hostile "a hard link" "refused: hard is a link" a hard
hostile "a directory" "refused: d/? is a link, a directory" d
hostile "a control character" 'refused: b.c has a control character' --transform 's|^a$|b\nc|' a
hostile "a name twice" "refused: a is in it twice" --hard-dereference --transform 's|^hard$|a|' a hard
hostile "a file, and one below it" "refused: a is in it twice, or a file and a directory" --hard-dereference --transform 's|^hard$|a/b|' a hard
truncate -s 1G holes
hostile "a file of holes" "refused: holes has holes" -S holes
hostile "nothing at all" "is empty" -T /dev/null
mkfifo fifo
hostile "a FIFO" "refused: fifo is a link, a directory or a device" fifo
rm holes
gzip -c "$work/ssh.tar" >"$work/evil.tar"
run "$unpack" "$work/evil.tar" "$work/into"
like "$rc $err" '^1 release-unpack: error: .*evil.tar: is (no tar archive|damaged): ' "a compressed archive"
head -c 5000 "$work/ssh.tar" >"$work/evil.tar"
run "$unpack" "$work/evil.tar" "$work/into"
like "$rc $err" '^1 release-unpack: error: .*evil.tar: (is damaged: |refused: .* or the archive is cut off)' "one that is cut off"
is "$(ls "$work/into")" "" "  nothing is written of it"
tar -C "$work/evil" -cf "$file" link
refused "^release-unpack: error: .*: refused: link is a link, " "verify-release says so too"
like "$err" "^verify-release: error: .*: is not a release \(above\)\$" "  and stops"
is "$(ls "$project/build/tmp")" "" "  nothing is left"
