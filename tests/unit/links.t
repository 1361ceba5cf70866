#!/bin/sh
# Link entries: an external patch is fetched, verified, put where quilt reads
# it and kept out of git. An error in the entry, in the file from its address or in the
# copy is named, and nothing is pushed.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/server.sh"
plan 65
build_tools treestate link-entries
tarball 9.1.5
serve
name=hyperv/theirs.patch
export GIT_AUTHOR_NAME=T GIT_AUTHOR_EMAIL=t@example.org GIT_COMMITTER_NAME=T GIT_COMMITTER_EMAIL=t@example.org

# theirs NAME COMMAND... - $work/www/NAME is what COMMAND changes in the release, as git mails it
theirs() {
	out=$work/www/$1
	shift
	cp -R "$work/release/linux-9.1.5" "$work/git"
	(cd "$work/git" && git init -q && git add . && git commit -qm before && "$@" && git add . && git commit -qm after &&
		git format-patch -1 --stdout) >"$out"
	rm -rf "$work/git"
}
theirs one.patch sh -c 'echo "/* one */" >>lib/other.c'
theirs two.patch sh -c 'echo "/* two */" >>lib/other.c'
theirs moved.patch git mv drivers/hv/hv.c drivers/hv/moved.c

# entry FILE [KEY VALUE]... - upstream.lock has a link to FILE on the server; KEY is as in
# VALUE there, or is not there when VALUE is empty
entry() {
	file=$work/www/$1
	url_is=$url/plain/$1 sha256_is=$(sum "$file") lines_is=9.1
	patch_id_is=$(git patch-id --stable <"$file" | cut -d' ' -f1 | paste -sd' ')
	shift
	while [ $# != 0 ]; do
		eval "${1}_is=\$2"
		shift 2
	done
	: >"$project/upstream.lock"
	pin 9.1 9.1.5 "$(source_of 9.1.5)"
	pin 9.2 9.2.1 "$(source_of 9.1.5)"
	{
		echo "[link \"$name\"]"
		for key in url sha256 patch_id lines; do
			eval "value=\$${key}_is"
			[ -z "$value" ] || printf '\t%s = "%s"\n' "$(echo $key | tr _ -)" "$value"
		done
	} >>"$project/upstream.lock"
	kept=theirs-$(printf %.12s "$sha256_is").patch
}
project p
src=$project/build/9.1/src cache=$project/build/cache copy=$project/patches/9.1/$name
printf '/build/\n/dist/\n*~\n' >"$project/.gitignore"
echo "$name" >>"$project/patches/9.1/series"
entry one.patch
git -C "$project" init -q
git -C "$project" add .
git -C "$project" commit -qm start
# refused REGEX NAME - links.sh fails with that text
refused() {
	run scripts/queue/links.sh
	like "$rc $err" "^1 links: error: $1" "$2"
}

# ---- as it should be
run make prepare
is "$rc$err" 0 "make prepare fetches and pushes a link, without a warning about its header"
like "$out" "^links: $name: verified .sha256 patch-id., from $url/plain/one.patch$" "it says what was verified"
ok "cmp -s '$copy' '$work/www/one.patch' && cmp -s '$cache/$kept' '$copy'" "quilt's copy and the cache's are the pinned file"
is "$(ls "$cache/part")" "" "no part is left"
is "$(tail -n 1 "$src/lib/other.c")" "/* one */" "the tree has the change"
is "$(git -C "$project" status --porcelain)" "" "git sees neither the copy nor the .gitignore"
run sh -c 'cd build/9.1/src && quilt pop && quilt push'
like "$rc $out" "^Now at patch .*$name$" "plain quilt pops and pushes it"
run make prepare
is "$rc$out$err $(asked plain/one.patch)" "0 -" "a second run prints and fetches nothing"
mkdir -p "$project/dist/9.1" "$project/build/9.1/obj/include/config"
echo 9.1.5-wsl3 | tee "$project/build/9.1/obj/include/config/kernel.release" >"$project/dist/9.1/bzImage"
run scripts/kernel/manifest.sh
is "$(jq -c '.patches[1:] | map([.name, .url])' "$project/dist/9.1/manifest.json")" \
	"[[\"memory/balloon.patch\",null],[\"$name\",\"$url/plain/one.patch\"]]" "the manifest has the url of a link"
is "$(jq -r '.patches[2].sha256' "$project/dist/9.1/manifest.json")" "$sha256_is" "with its digest"
keep good

# ---- patches of other forms
entry moved.patch
run make prepare
is "$rc $(cd "$src/drivers/hv" && echo hv.* moved.*)" "0 hv.* moved.c" "a link that moves a file"
cat "$work/www/one.patch" "$work/www/two.patch" >"$work/www/both.patch"
entry both.patch
like "$patch_id_is" '^[0-9a-f]{40} [0-9a-f]{40}$' "a file with two patches has two ids"
run scripts/queue/links.sh
is "$rc$err" 0 "both are pinned"
entry both.patch patch_id "${patch_id_is% *}"
refused "$name: no source gave the pinned patch" "with one of them it is refused"
entry both.patch patch_id ''
run scripts/queue/links.sh
is "$rc$err" 0 "with none the digest alone decides"
sed '/^diff /d; /^index /d' "$work/www/one.patch" >"$work/www/plain.patch"
entry plain.patch
run make prepare
is "$patch_id_is $rc" " 0" "a diff without diff lines, in which git finds no id, has none in the entry"
sed 's|^ /\* .*|& drifted|' "$work/www/one.patch" >"$work/www/fuzzy.patch"
entry fuzzy.patch
run make prepare
like "$err" "^push: error: patches/9.1/$name: does not apply to 9.1 without fuzz$" "one that applies with fuzz only is not pushed"
back good

# ---- check-patches
sed 's/^Subject.*/& BADSTYLE/' "$work/www/one.patch" >"$work/www/bad.patch"
entry bad.patch
run make check-patches
is "$rc$err" 0 "checkpatch.pl does not run on an external patch"
like "$out" "^check-patches: patches/9.1/$name: an external patch, pushes without fuzz$" "but it is pushed"
sed -i 's/^Subject.*/& BADSTYLE/' "$project/patches/9.1/hyperv/bus.patch"
run make check-patches
like "$rc $err" '^check-patches: error: patches/9.1/hyperv/bus.patch: checkpatch.pl reports problems' "on our own patch it does"
back good

# ---- unsound entries
entry one.patch url ''
refused "upstream.lock: \[link \"$name\"\] has url -, expected one address$" "no url"
entry one.patch url "gopher://x/one.patch"
refused "upstream.lock: .* has url gopher://x/one.patch, expected https" "an address of another kind"
entry one.patch sha256 ''
refused 'upstream.lock: .* has sha256 -, expected 64 hex digits$' "no sha256"
entry one.patch patch_id 12ab
refused 'upstream.lock: .* has patch-id 12ab, expected what git patch-id --stable prints$' "a patch-id that is too short"
entry one.patch lines ''
refused 'upstream.lock: .* has no lines$' "no lines"
like "$err" '^  add the lines it is for: lines = "9.1"$' "and what to write"
entry one.patch lines 'all of them'
refused 'upstream.lock: .* has lines all of them, expected' "lines in words"
entry one.patch
printf '[link "%s"]\n\turl = %s\n' "$name" "$url/plain/two.patch" >>"$project/upstream.lock"
refused "upstream.lock: .* has url $url/plain/one.patch $url/plain/two.patch, expected one address$" "a link that is given twice"
for wrong in ../../one.patch /hyperv/one.patch 'hyperv/o ne.patch' one.patch hyperv/one.diff ''; do
	entry one.patch
	sed -i "s|^\[link .*|[link \"$wrong\"]|" "$project/upstream.lock"
	run scripts/queue/links.sh
	case $err in "links: error: upstream.lock: [link \"${wrong:--}\"] is not a name for a patch"*) ;; *) note "$wrong: $rc $err"; break ;; esac
	wrong=none
done
is "$wrong" none "names that are not topic/name.patch"
ok "cmp -s '$copy' '$work/www/one.patch'" "the copy is unchanged after all of them"

# ---- entry and series
entry one.patch lines "9.1 9.2"
run env LTS=9.2 scripts/queue/links.sh
is "$rc$out$err $(cd "$project/patches/9.2" && ls -A)" "0 series" "an entry for a line whose series does not name it is not fetched"
run env LTS=9.2 scripts/queue/check-series.sh
like "$rc $err" "^0 check-series: warning: patches/9.2/$name: is not in the series and is not pushed$" "check-series warns of it"
entry one.patch lines 9.2
refused "upstream.lock: .* is not for 9.1, but its series names it$" "an entry for another line than the series that names it"
sed -i '/^\[link/,$d' "$project/upstream.lock"
run make prepare
like "$rc $err" "^2 check-series: error: patches/9.1/series: names $name, which does not exist$" "a link without an entry"
like "$err" "^  .* an external one needs a \[link \"$name\"\] in upstream.lock" "and what it needs"
ok "[ ! -e '$copy' ] && [ ! -e '$project/patches/9.1/.gitignore' ]" "the copy is removed with its entry"
back good
sed -i "s|^$name|# &|" "$project/patches/9.1/series"
run make prepare
is "$rc$err $(tail -n 1 "$src/lib/other.c")" "0 int other;" "a link that the series has as a comment is not pushed"
back good

# ---- no network, and a remote that has changed
: >"$work/requests"
mv "$work/www/one.patch" "$work/one"
FORCE=1 run scripts/clean.sh
run make prepare
is "$rc$err $(cat "$work/requests")" "0 " "a new tree takes the cache's copy and fetches nothing"
rm "$cache/$kept"
run make prepare
ok "[ $rc = 0 ] && cmp -s '$work/one' '$cache/$kept'" "without the cache's copy quilt's is used"
rm "$copy"
run scripts/queue/links.sh
ok "[ $rc = 0 ] && cmp -s '$work/one' '$copy'" "and the reverse"
rm "$cache/$kept" "$copy"
MIRROR=$work/none refused "$name: no source gave the pinned patch; tried:$" "with neither it stops"
like "$err" "^  $work/none/$kept: no such file$" "the mirror was tried"
like "$err" "^  $url/plain/one.patch: .*404" "and the address"
cp "$work/www/two.patch" "$work/www/one.patch"
refused "$name: no source gave the pinned patch; tried:$" "a remote patch that has changed is refused"
like "$err" "^  $url/plain/one.patch: sha256 is [0-9a-f]{64}, pinned is $sha256_is; kept as build/cache/rejected/$kept$" "with both digests"
ok "cmp -s '$work/www/two.patch' '$cache/rejected/$kept' && [ ! -e '$copy' ] && [ ! -e '$cache/$kept' ]" "it is in rejected/ and nowhere else"
run make prepare
is "$rc $(tail -n 1 "$src/lib/other.c")" "2 /* one */" "the tree is unchanged"
cp "$work/one" "$work/www/one.patch"
run make prepare
is $rc 0 "with the pinned one it is pushed again"
cp "$work/www/two.patch" "$work/www/one.patch"
entry one.patch patch_id "$(git patch-id --stable <"$work/one" | cut -d' ' -f1)"
refused "$name: no source" "the digest is right and the patch-id is not"
like "$err" ": patch-id is [0-9a-f]{40}, pinned is $patch_id_is; kept as build/cache/rejected/$kept$" "with both ids"
ok "cmp -s '$work/one' '$copy' && [ -e '$cache/theirs-$(sum "$work/one" | cut -c1-12).patch' ]" "the old copy is kept"
entry one.patch url "$url/page/one.patch"
refused "$name: no source" "a log-in page"
like "$err" 'it is an HTML page' "is named as such"
entry one.patch
run make prepare
is "$rc $(tail -n 1 "$src/lib/other.c")" "0 /* two */" "with a new pin the new patch is pushed"
ok "cmp -s '$work/www/two.patch' '$copy'" "instead of the old one"
back good

# ---- the mirror
printf '#!/bin/sh\nexit 1\n' >"$project/scripts/boot/userland.sh"
cp "$work/one" "$work/www/one.patch"
entry one.patch
run make mirror DIR="$work/my mirror" LTS=9.1
is "$rc $(cd "$work/my mirror" && ls)" "0 SHA256SUMS
linux-9.1.5.tar.xz
$kept" "make mirror copies the links"
rm -r "$cache" "$copy"
rm "$work/www/one.patch"
run make fetch MIRROR="$work/my mirror"
ok "[ $rc = 0 ] && cmp -s '$work/one' '$copy'" "and make fetch MIRROR= finds them there"
rm -r "$cache" "$copy"
run make mirror DIR="$work/other" LTS=9.1
like "$rc $err" '^mirror: warning: 9.1: is not in the mirror$' "a line whose link is not available is not in it"
back good

# ---- quilt refresh by mistake
(cd "$src" && echo '/* mine */' >>lib/other.c && quilt refresh) >/dev/null
cp "$copy" "$work/edited"
refused "patches/9.1/$name: differs from the pinned patch" "a link that was refreshed is not pushed"
like "$err" "^  to drop the change, remove the file and run make prepare LTS=9.1$" "and how to drop the change"
run make prepare
ok "[ $rc = 2 ] && cmp -s '$copy' '$work/edited'" "nothing is overwritten"
sed -i '/^\[link/,$d' "$project/upstream.lock"
run scripts/queue/links.sh
ok "[ $rc = 0 ] && cmp -s '$copy' '$work/edited'" "nor removed with its entry"
run git -C "$project" status --porcelain -- patches
is "$out" "?? patches/9.1/$name" "which git now sees"
cp -p "$work/kept.good/upstream.lock" "$project"
rm "$copy"
run make prepare
ok "[ $rc = 2 ] && cmp -s '$copy' '$work/one'" "removed, the pinned one is back"
like "$err" 'has changes that no patch contains \(run quilt refresh\): lib/other.c' "and the edit in the tree is still kept"
