#!/bin/sh
# A source that upstream.lock pins by a signature and no digest: what was built from it
# is up to date, and needs neither the cache nor a network, until the pin changes.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/keys.sh"
plan 25
build_tools treestate
for version in 9.1.5 9.1.6; do
	tarball $version
	sign "$signer" "$work/www/linux-$version.tar" "$work/www/linux-$version.tar.sign"
done
digest=$(sum "$work/www/linux-9.1.5.tar.xz")
project p
trust
src=$project/build/9.1/src cache=$project/build/cache
built="^  9.1  *9.1.5-wsl3  *$(date +%F), "

# pins VERSION [DIRECTORY] - the only source, by its signature
pins() {
	: >"$project/upstream.lock"
	set -- "$1" "${2:-$work/www}"
	pin 9.1 "$1" "file:$2/linux-$1.tar.xz sign:file:$2/linux-$1.tar.sign"
}
# says REGEX NAME - a line of status matches
says() {
	run scripts/status.sh
	like "$rc$err
$out" "$1" "$2"
}
stats() {
	find "$src" ! -path '*/.queue/index' ! -path '*/.queue' -printf '%p %i %T@ %C@\n' |
		sort | sha256sum
}

# ---- one digest: what verify computed is in the record, the tree and the manifest
pins 9.1.5
run make kernel
is "$rc$err" 0 "a kernel is built"
is "$(cat "$cache/linux-9.1.5.tar.xz.verified")" "sha256 $digest
signer $signer
checked pgp
version 9.1.5
from file:$work/www/linux-9.1.5.tar.xz" "the record beside the tarball"
is "$(cat "$src/.queue/base")" "$digest" "the tree goes by its digest"
ok "cmp -s '$cache/linux-9.1.5.tar.xz.verified' '$src/.queue/verified'" "and has the record"
is "$(jq -r .source.sha256 "$project/dist/9.1/manifest.json")" "$digest" "so does the manifest"
run scripts/source/fetch.sh
is "$rc $out" "0 fetch: linux-9.1.5.tar.xz: already in build/cache, verified" \
	"it is not fetched again"
says "${built}up to date$" "status says that the build is up to date"
like "$out" '^cache     linux-9.1.5.tar.xz, verified \(pgp\)$' "and that the tarball is verified"

# ---- without the cache, and with no source
rm -rf "$cache"
mv "$work/www" "$work/off"
before=$(stats)
run scripts/tree/prepare.sh
is "$rc$out$err" 0 "offline, without the cache: prepare is a no-op"
is "$(stats)" "$before" "it writes nothing"
run make kernel
is "$rc$err" 0 "make kernel, too"
says "${built}up to date$" "status: the build is still up to date"
rm -rf "$project/build/9.1"
says "${built}up to date by source, queue and compiler; build/9.1 does not exist$" \
	"after make clean, too"
mv "$work/off" "$work/www"

# ---- what is not the pinned release any more
run make kernel
keep good
mkdir "$work/elsewhere"
cp "$work/www"/linux-9.1.5.* "$work/elsewhere"
sed -i "s/sign:.*/& sha256:$digest/" "$project/upstream.lock"
says "${built}up to date$" "the digest was added to the pin: up to date"
sed -i "s/sha256:$digest/sha256:$(sum "$work/www/linux-9.1.6.tar.xz")/" "$project/upstream.lock"
says "${built}stale: the source changed$" "another digest: stale"
back good
pins 9.1.6
says "${built}stale: the source changed$" "another version: stale"
run scripts/tree/prepare.sh
is "$rc $(grep '^SUBLEVEL' "$src/Makefile")" "0 SUBLEVEL = 6" "and prepare moves the tree to it"
back good
sed -i "s/signer = .*/signer = $stranger/" "$project/upstream.lock"
says "${built}stale: the source changed$" "another signer: stale"
run scripts/tree/prepare.sh
is $rc 1 "and prepare does not accept the old signature"
back good
sed -i "s/sign:.*/sha256:$digest/" "$project/upstream.lock"
rm -rf "$project/build" "$project/dist"
run make kernel
pins 9.1.5
says "${built}stale: the source changed$" "a tarball that was verified by its digest alone: stale"
run make kernel
is "$rc $(jq -c .source.checked "$project/dist/9.1/manifest.json")" '0 ["pgp"]' \
	"make kernel verifies the signature"
says "${built}up to date$" "then the build is up to date"
rm -rf "$cache"
run scripts/tree/prepare.sh
is "$rc$out$err" 0 "and so is the tree"
back good
pins 9.1.5 "$work/elsewhere"
rm -rf "$cache" "$work/elsewhere"
run scripts/tree/prepare.sh
is "$rc$err" 0 "the same file of the same version and signer at another address: nothing to do"
back good
sed -i "s/^version .*/version 9.1.4/" "$cache/linux-9.1.5.tar.xz.verified"
run scripts/source/fetch.sh
like "$out" '^fetch: trying ' "a tarball that was verified for another version is fetched again"
