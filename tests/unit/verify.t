#!/bin/sh
# verify.sh: only the pinned bytes, or bytes signed by the pinned key, are accepted, and
# a refusal gives the right reason.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/keys.sh"
plan 24
tarball 9.1.5
tarball 9.1.6
project p
trust
cd "$work/www"
good=$PWD/linux-9.1.5.tar.xz
digest=$(sum "$good")
sign "$signer" linux-9.1.5.tar good.sign
sign "$signer" linux-9.1.6.tar other.sign
sign "$stranger" linux-9.1.5.tar stranger.sign
echo 'no signature' >none.sign
then='--faked-system-time 20200101T000000'
expired=$(new_key 'Old <old@example.org>' "$then" seconds=60)
sign "$expired" linux-9.1.5.tar expired.sign "$then"
pin 9.1 9.1.5 "file:$good sha256:$digest sign:file:$PWD/good.sign"

# accepted FILE SHA256 SIGN CHECKED NAME - the output is the start of a record
accepted() {
	run scripts/source/verify.sh "$1" "$2" "$3"
	[ "$3" = - ] && by=- || by=$signer
	is "$rc $out" "0 sha256 $(sum "$1")
signer $by
checked $4" "$5"
}
# refused FILE SHA256 SIGN REGEX NAME - the whole output matches REGEX
refused() {
	run scripts/source/verify.sh "$1" "$2" "$3"
	like "$rc $out" "^1 $4\$" "$5"
}
accepted "$good" "$digest" - 'sha256' "the digest alone"
accepted "$good" - "$PWD/good.sign" 'pgp' "the signature alone: the digest is computed too"
accepted "$good" "$digest" "$PWD/good.sign" 'sha256 pgp' "both"
refused "$good" - - 'upstream.lock gives neither a sha256 nor a signature for it' \
	"nothing to verify it by"

# ---- bytes that are not the pinned ones
cp "$good" flipped.tar.xz
printf '\377' | dd of=flipped.tar.xz bs=1 seek=400 conv=notrunc 2>/dev/null
refused "$PWD/flipped.tar.xz" "$digest" - "sha256 is [0-9a-f]{64}, pinned is $digest; xz says .*" \
	"one byte flipped, by the digest"
refused "$PWD/flipped.tar.xz" - "$PWD/good.sign" 'the signature is not over this file' \
	"one byte flipped, by the signature"
head -c 900 "$good" >short.tar.xz
refused "$PWD/short.tar.xz" "$digest" - '.*; xz says Unexpected end of input' \
	"cut short, by the digest"
refused "$PWD/short.tar.xz" - "$PWD/good.sign" 'the signature is not over this file' \
	"cut short, by the signature"
echo '<html><body>Please log in</body></html>' >page.tar.xz
refused "$PWD/page.tar.xz" "$digest" - '.*; it is an HTML page, .*' "a log-in page"

# ---- signatures that do not count
refused "$good" "$digest" "$PWD/other.sign" 'the signature is not over this file' \
	"a signature over another file"
refused "$good" "$digest" "$PWD/stranger.sign" "the signature is by ${stranger#????????????????????????}, not by the pinned signer $signer" \
	"a signature by an unknown key, which the user's own keyring has"
refused "$good" "$digest" "$PWD/none.sign" 'the signature is damaged or missing' \
	"a text in the place of a signature"
gpg --batch --armor --export "$stranger" >"$project/keys/$signer.asc"
refused "$good" "$digest" "$PWD/stranger.sign" "the signature is by $stranger, not by the pinned signer $signer" \
	"another key under the signer's name does not pass"
echo 'no key' >"$project/keys/$signer.asc"
refused "$good" "$digest" "$PWD/good.sign" "keys/$signer.asc is not a PGP key.*" \
	"a text in the place of the key"
pinned=$signer
: >"$project/upstream.lock"
signer=$expired
trust
pin 9.1 9.1.5 "file:$good sha256:$digest sign:file:$PWD/good.sign"
refused "$good" "$digest" "$PWD/expired.sign" "the signer's key in keys/ is expired or revoked" \
	"the pinned key is expired"
signer=$pinned
: >"$project/upstream.lock"
pin 9.1 9.1.5 "file:$good sha256:$digest sign:file:$PWD/good.sign"
rm "$project/keys/$signer.asc"
refused "$good" "$digest" "$PWD/good.sign" "keys/$signer.asc, the signer's key, is missing" \
	"the key is missing"
trust

refused "$PWD/linux-9.1.6.tar.xz" - "$PWD/other.sign" "it is linux 9.1.6, not the pinned 9.1.5" \
	"another release by the same signer, where no digest is pinned"

# ---- what is in build/cache
run make -s verify
is $rc 2 "make verify with nothing fetched"
like "$err" '^verify: error: linux 9.1.5: no tarball of it is in build/cache$' "says so"
run scripts/source/fetch.sh
run scripts/source/verify.sh
is "$rc $out" "0 verify: linux-9.1.5.tar.xz: good (sha256 pgp)" "fetched: it is good"
cp flipped.tar.xz "$project/build/cache/linux-9.1.5.tar.xz"
run scripts/source/verify.sh
is $rc 1 "flipped since: it is not"
like "$err" '^verify: error: linux-9.1.5.tar.xz: sha256 is ' "and the error names it"
run scripts/source/verify.sh one
is "$rc" 2 "a call with one word is a usage error"
like "$err" '^usage: verify.sh' "and says how"
