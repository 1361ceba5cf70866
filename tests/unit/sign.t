#!/bin/sh
# make sign: an image signed by a throw-away key passes sbverify, by that key alone, and the
# release takes it along. The image is a small PE file.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/release-project.sh"
plan 15
if ! command -v sbsign >/dev/null; then
	skip 15 "sbsign is not installed"
	exit
fi
build_tools sbom
release_tools
for name in key other; do
	openssl req -new -x509 -newkey rsa:2048 -nodes -subj "/CN=$name of a test" -days 30 \
		-keyout "$work/$name.pem" -out "$work/$name.crt" 2>/dev/null
done
ssh-keygen -q -t ed25519 -N '' -C '' -f "$work/id"
project p
release_build
echo '## Unreleased' >"$project/CHANGELOG.md"
# image TEXT - dist/9.1/bzImage is a PE file with it
image() {
	printf '.text\n.globl _start\n_start: ret\n.data\n.ascii "%s"\n' "$1" | gcc -c -x assembler -o "$work/a.o" -
	ld -shared -Bsymbolic -e _start "$work/a.o" -o "$work/a.so"
	objcopy -j .text -j .data -O efi-app-x86_64 "$work/a.so" "$dist/bzImage"
	run env LTS=9.1 scripts/kernel/manifest.sh
}
sign() { run env LTS=9.1 KEY="$work/key.pem" CERT="$work/key.crt" "$@" scripts/release/sign.sh; }
image one
cp "$dist/bzImage" "$work/was"
run make sign LTS=9.1 KEY="$work/key.pem" CERT="$work/key.crt"
is "$rc$err $out" "0 sign: dist/9.1/bzImage.signed: signed by /CN=key of a test" "make sign"
ok "cmp '$dist/bzImage' '$work/was'" "the image itself stays as it is"
run sbverify --cert "$work/key.crt" "$dist/bzImage.signed"
is "$rc $out" "0 Signature verification OK" "sbverify accepts it"
run sbverify --cert "$work/other.crt" "$dist/bzImage.signed"
is "$rc $out" "1 Signature verification failed" "not by another certificate"
printf x | dd of="$dist/bzImage.signed" bs=1 seek=$(($(stat -c %s "$work/was") - 600)) conv=notrunc 2>/dev/null
run sbverify --cert "$work/key.crt" "$dist/bzImage.signed"
is "$rc" 1 "nor with a changed byte"
cp "$dist/bzImage.signed" "$work/signed"
sign KEY="$work/other.pem"
like "$rc $err" '^1 sign: error: dist/9.1/bzImage: is not signed: ' "a key of another certificate"
ok "cmp '$dist/bzImage.signed' '$work/signed'" "  leaves what was there"
sign CERT="$work/none"
like "$rc $err" '^1 sign: error: .*/none: does not exist$' "no certificate"
sign CERT=
like "$rc $err" '^2 usage: make sign LTS=x.y KEY=key.pem CERT=certificate.pem$' "CERT= is needed"
echo >>"$dist/bzImage"
sign
like "$rc $err" '^1 sign: error: dist/9.1/bzImage: is not there, or not what manifest.json says$' "an image of another build"
echo text >"$dist/bzImage"
run env LTS=9.1 scripts/kernel/manifest.sh
sign
like "$rc $err" '^1 sign: error: dist/9.1/bzImage: is not signed: ' "an image that is no PE file"

# ---- in a release
image one
sign
in_git
name=wsl-kernel-9.1.5-wsl3
run env LTS=9.1 KEY="$work/id" scripts/release/release.sh
is "$rc" 0 "make release"
tar -xOf "$project/releases/$name.tar" "$name/bzImage.signed" >"$work/released"
run sbverify --cert "$work/key.crt" "$work/released"
is "$rc" 0 "takes the signed image along"
rm -r "$project/releases"
image two
run env LTS=9.1 KEY="$work/id" scripts/release/release.sh
like "$rc
$err" '^release: error: dist/9.1/bzImage.signed: is not a signed bzImage of this build$' "not one of an earlier build"
rm "$dist/bzImage.signed"
run env LTS=9.1 KEY="$work/id" scripts/release/release.sh
is "$rc" 0 "and needs none"
