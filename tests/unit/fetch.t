#!/bin/sh
# fetch: the verified tarball from a directory, a web server or a mirror, whatever
# fails on the way; nothing unverified gets into build/cache.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/keys.sh"
. "$(dirname "$0")/../lib/server.sh"
plan 44
tarball 9.1.5
name=linux-9.1.5.tar.xz
digest=$(sum "$work/www/$name")
half=$(($(stat -c %s "$work/www/$name") / 2))
sign "$signer" "$work/www/linux-9.1.5.tar" "$work/www/linux-9.1.5.tar.sign"
sign "$stranger" "$work/www/linux-9.1.5.tar" "$work/www/stranger.sign"
rm "$work/www/linux-9.1.5.tar"
cp "$work/www/$name" "$work/www/flipped.tar.xz"
printf '\377' | dd of="$work/www/flipped.tar.xz" bs=1 seek=400 conv=notrunc 2>/dev/null
serve
project p
trust
cache=$project/build/cache

# pins SOURCE... - the only sources
pins() {
	: >"$project/upstream.lock"
	pin 9.1 9.1.5 "$@"
	pin 9.2 9.2.1 "file:/nonexistent sha256:$digest"
}
# fetched NAME - a run from an empty cache succeeds
fetched() {
	rm -rf "$cache"
	run scripts/source/fetch.sh
	ok "[ $rc = 0 ] && cmp -s '$work/www/$name' '$cache/$name'" "$1"
}

# ---- from a directory
pins "file:$work/www/$name sha256:$digest"
fetched "a file, with its digest"
is "$(cut -d' ' -f1,2 "$cache/$name.verified" | tr '\n' ' ')" \
	"sha256 $digest signer - checked sha256 version 9.1.5 from file:$work/www/$name " "the record says what was checked"
mv "$work/www" "$work/off"
run make fetch
is "$rc $out" "0 fetch: $name: already in build/cache, verified" "it is not fetched again"
mv "$work/off" "$work/www"
pins "file:$work/www/$name sha256:$digest sign:file:$work/www/linux-9.1.5.tar.sign"
run scripts/source/fetch.sh
like "$rc $out" "^fetch: $name: verified .sha256 pgp.," \
	"when the pin adds a signature it is verified again"
ok "[ -f '$cache/linux-9.1.5.tar.sign' ]" "and the signature is kept"
pins "file:$work/www/$name sha256:$(sum "$work/www/flipped.tar.xz")"
run scripts/source/fetch.sh
is $rc 1 "when the pin has another digest the cached file is not used"

# ---- from a web server
pins "$url/plain/$name sha256:$digest sign:$url/plain/linux-9.1.5.tar.sign"
fetched "over http, with digest and signature"
ok "grep -qx 'signer $signer' '$cache/$name.verified'" "the record names the signer"
pins "$url/cut/$name sha256:$digest"
fetched "a server that closes the connection half-way"
is "$(asked "cut/$name")" "- $half" "only the rest is requested then"
pins "$url/drip/$name sha256:$digest"
fetched "a server that closes the connection again and again"
size=$(stat -c %s "$work/www/$name") eighth=$((size / 8))
is "$(asked "drip/$name" | wc -w)" $(((size + eighth - 1) / eighth)) \
	"it resumes as long as each request returns something"
pins "$url/busy/$name sha256:$digest"
fetched "the request to a busy server is repeated"
pins "$url/norange/$name sha256:$digest"
fetched "a server that closes the connection and knows no ranges"
is "$(asked "norange/$name")" "- $half -" "the first bytes are discarded and all of it is requested"
is "$(ls "$cache/part")" "" "no part is left"

rm -rf "$cache"
fake curl "echo again >>$work/again; echo '000 Connection timed out'; exit 28"
pins "https://192.0.2.1/$name sha256:$digest"
PATH=$work/bin:$PATH run scripts/source/fetch.sh
like "$err" 'Connection timed out$' "a server that does not answer at all"
is "$(wc -l <"$work/again")" 1 "gets one request"
rm "$work/bin/curl"

# ---- all that can be wrong with a source
pins "$url/page/$name sha256:$digest" \
	"file:$work/www/flipped.tar.xz sha256:$digest" \
	"$url/plain/none.tar.xz sha256:$digest" \
	"file:$work/www/none.tar.xz sha256:$digest" \
	"http://127.0.0.1:1/$name sha256:$digest" \
	"file:$work/www/$name sha256:$digest sign:file:$work/www/none.sign" \
	"file:$work/www/$name sign:file:$work/www/stranger.sign"
rm -rf "$cache"
run scripts/source/fetch.sh
is $rc 1 "no source is good"
like "$err" '^fetch: error: linux 9.1.5: no source gave a verified tarball; tried:$' \
	"the error says so"
like "$err" "^  $url/page/$name: sha256 is [0-9a-f]{64}, pinned is $digest; it is an HTML page" \
	"a page with status 200 is called a page"
like "$err" "^  file:$work/www/flipped.tar.xz: sha256 is .*; kept as build/cache/rejected/flipped.tar.xz$" \
	"a flipped byte"
like "$err" "^  $url/plain/none.tar.xz: .*404" "a missing file on a server"
like "$err" "^  file:$work/www/none.tar.xz: no such file$" "a missing file"
like "$err" "^  http://127.0.0.1:1/$name: .*[Cc]onnect" "a server that is down"
like "$err" "^  file:$work/www/$name: its signature none.sign is missing: no such file$" \
	"a missing signature"
like "$err" "^  file:$work/www/$name: the signature is by .*, not by the pinned signer $signer; kept as" \
	"a signature by another key"
like "$err" '^  set MIRROR= .* or build another line: LTS=9.2$' "what to do, with the other lines"
is "$(cd "$cache" && echo *)" "part rejected" "nothing got into the cache"
ok "cmp -s '$work/www/flipped.tar.xz' '$cache/rejected/flipped.tar.xz'" \
	"what was refused is in rejected/"

# ---- mirrors
pins "$url/plain/$name sha256:$digest sign:$url/plain/linux-9.1.5.tar.sign"
# no programs for the guest, which need a network
printf '#!/bin/sh\nexit 1\n' >"$project/scripts/boot/userland.sh"
run make mirror DIR="$project/my mirror" TREE="$work"
is $rc 0 "make mirror, with a line that is not available and a TREE= that it ignores"
like "$err" '^mirror: warning: 9.2: is not in the mirror$' "which is named"
like "$err" '^mirror: warning: userland: is not in the mirror' \
	"and without the programs of the guest tests"
is "$(cd "$project/my mirror" && echo *)" "SHA256SUMS linux-9.1.5.tar.sign $name" \
	"the directory has the tarball and its signature"
run scripts/source/mirror.sh
is "$rc $err" "2 usage: make mirror DIR=directory [LTS=x.y]" "DIR= must be given"
run env DIR="$work/www/$name/x" scripts/source/mirror.sh
like "$rc $err" "mirror: error: $work/www/$name/x: cannot be made" "DIR= must be a directory"
pins "http://127.0.0.1:1/$name sha256:$digest sign:http://127.0.0.1:1/linux-9.1.5.tar.sign"
MIRROR='my mirror' fetched "MIRROR=, a directory of the project with a blank in its name, and no network"
pins "$url/plain/$name sha256:$digest"
MIRROR=$url/page/ fetched "MIRROR=, an address where a network sends its log-in page: the sources are tried"
like "$out" "^fetch: trying $url/page/$name$" "after the mirror"
ok "grep -q html '$cache/rejected/$name'" "whose file was refused"

# ---- the archives of this machine's apt, the first one with a damaged file
mkdir -p "$work/one/pool" "$work/two/pool"
cp "$work/www/flipped.tar.xz" "$work/one/pool/$name"
cp "$work/www/$name" "$work/two/pool"
fake apt-get "[ \$1 = indextargets ] && printf 'file:$work/one/\nfile:$work/one/\nfile:$work/two/\n'"
pins "debian:pool/$name sha256:$digest sign:$url/plain/linux-9.1.5.tar.sign"
PATH=$work/bin:$PATH fetched "debian:, from the second archive, with a signature from elsewhere"
is "$(echo "$out" | grep -c trying)" 2 "an archive that apt names twice is tried once"

# ---- nothing to do
run scripts/source/fetch.sh now
is $rc 2 "a word on the command line is a usage error"
pins "http://127.0.0.1:1/$name sha256:$digest"
rm -rf "$cache"
run env TREE="$work" scripts/source/fetch.sh
is "$rc$out$err" 0 "with TREE= there is nothing to fetch"
