#!/bin/sh
# make release of a build of small files: what it refuses, when it raises the revision, what
# the archive has, and that the same build gives the same bytes. verify-release.t checks it.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/release-project.sh"
. "$(dirname "$0")/../lib/keys.sh"
plan 41
build_tools cve sbom
release_tools
ssh-keygen -q -t ed25519 -N '' -C '' -f "$work/id"
project p
release_build
cat >"$project/CHANGELOG.md" <<'MD'
# Changelog

## Unreleased

- A patch is new.

## Revision 3

- Old.
MD
in_git
echo mine >"$project/patches/9.1/notes"
lock=$project/upstream.lock
archive=$project/releases/wsl-kernel-9.1.5-wsl3.tar
top_dir=wsl-kernel-9.1.5-wsl3
begin() { run env LTS=9.1 KEY="$work/id" "$@" scripts/release/begin.sh; }
release() { run env LTS=9.1 KEY="$work/id" "$@" scripts/release/release.sh; }
revision() { git config -f "$lock" line.9.1.revision; }
# in_archive NAME [ARCHIVE] - that file of it
in_archive() { tar -xOf "${2:-$archive}" "$top_dir/$1"; }

# ---- what cannot be released
keep good
run env LTS=9.1 scripts/release/begin.sh
is "$rc $err" "2 usage: make release LTS=x.y KEY=key" "no KEY="
begin KEY=nobody@example.org
like "$rc $err" '^1 begin: error: KEY=nobody@example.org: does not sign: ' "a key that gpg does not have"
begin DEBUG=1
like "$rc $err" '^1 begin: error: build/9.1-debug/obj/.config: does not exist$' "a debug build that is not there"
mkdir -p "$project/build/9.1-debug/obj"
: >"$project/build/9.1-debug/obj/.config"
begin DEBUG=1
like "$rc $err" '^1 begin: error: DEBUG=1: is not for a release$' "a debug build"
begin TREE=/tmp
like "$rc $err" '^1 begin: error: TREE=/tmp: is not for a release$' "a tree of one's own"
rm "$project/build/cache/linux-9.1.5.tar.xz"
begin
like "$rc $err" '^1 begin: error: linux 9.1.5: its tarball is not in build/cache$' "no tarball, no source"
back good
rm -rf "$project/.git"
begin
like "$rc $err" '^1 begin: error: .*: is not in a git repository, ' "no repository"
back good
rm "$dist/modules.vhdx"
release
like "$rc $err" '^1 release: error: dist/9.1/modules.vhdx: does not exist$' "a build that is not complete"
back good
echo other >"$project/build/9.1/obj/.config"
release
like "$rc $err" '^1 release: error: dist/9.1: is not a build of 9.1.5-wsl3 with ' "a build with another configuration"
back good
sed -i '1s/$/ again/' "$project/patches/9.1/hyperv/bus.patch"
release
like "$rc $err" '^sbom: error: patches/9.1/hyperv/bus.patch: sha256 is ' "a build without the last change of a patch"
ok "[ ! -e '$archive' ] && [ ! -e '$archive.new' ]" "nothing was released so far"
back good

# ---- the first release
begin
is "$rc$out$err $(revision)" "0 3" "begin: the revision is that of the pin"
release
is "$rc$(echo "$err" | sed 's/.*: //' | paste -sd,)" "0has not passed make smoke,has not passed make smoke-hyperv" "make release; what was not booted is told"
like "$out" '^release: releases/wsl-kernel-9.1.5-wsl3.tar: [0-9]+ MB, signed; commit upstream.lock, which names it$' "it says what it made"
external=source/away-$(sum "$work/www/away.patch" | cut -c1-12).patch
is "$(tar -tf "$archive" | sed "s|^$top_dir/||" | paste -sd' ')" \
	"CHANGELOG.md CVES.txt README.txt SHA256SUMS SHA256SUMS.sig System.map bzImage config linux-headers.tar.zst manifest.json modules.tar.gz modules.vhdx provenance.json sbom.spdx.json $external source/linux-9.1.5.tar.xz source/project.tar vmlinux" \
	"the files of the archive"
is "$(TZ=UTC0 tar --numeric-owner -tvf "$archive" | awk '{ print $1, $2, $4, $5 }' | sort -u)" "-rw-r--r-- 0/0 2026-01-02 00:00" "their modes, owner and time"
ok "in_archive source/linux-9.1.5.tar.xz | cmp - '$work/www/linux-9.1.5.tar.xz' && in_archive $external | cmp - '$work/www/away.patch'" "tarball and external patch are whole"
in_archive source/project.tar >"$work/project.tar"
is "$(tar -tf "$work/project.tar" | grep -E '^(Makefile|patches|series|build|dist|releases|\.git/)' | paste -sd' ')" \
	"Makefile patches/9.1/.gitignore patches/9.1/hyperv/bus.patch patches/9.1/memory/balloon.patch patches/9.1/notes patches/9.1/series patches/9.2/series series" \
	"the project's files, new ones too; no build and no external patch"
is "$(in_archive CHANGELOG.md)" "# wsl-kernel-9.1.5-wsl3

- A patch is new." "the part of CHANGELOG.md"
is "$(in_archive CVES.txt)" "This is the first release of 9.1: there is none to compare with." "CVES.txt of a first release"
is "$(in_archive SHA256SUMS | sed 's/.*  //' | paste -sd' ')" "$(tar -tf "$archive" | sed "s|^$top_dir/||; /^SHA256SUMS/d" | paste -sd' ')" "SHA256SUMS has every file"
is "$(git config -f "$lock" release.9.1.last)" 9.1.5-wsl3 "the lock has the release"
is "$(git -C "$project" diff --numstat | awk '{ print $2, $3 }')" "0 upstream.lock" "and is otherwise as it was"

# ---- twice
begin
like "$rc $err" '^1 begin: error: linux 9.1.5: is released as 9.1.5-wsl3, and neither queue nor configuration changed since$' "the same twice is refused"
sed -i 's/revision = 3/revision = 8/' "$lock"
begin
like "$rc $err" '^1 .*: is released as 9.1.5-wsl3, and neither ' "under a higher revision too"
sed -i 's/revision = 8/revision = 3/' "$lock"
release
like "$rc $err" "^1 release: error: releases/wsl-kernel-9.1.5-wsl3.tar: is there already\$" "an archive is never replaced"
cp "$archive" "$work/first.tar"
keep released
rm "$archive"
git config -f "$lock" --remove-section release.9.1
git -C "$project" checkout -q upstream.lock
(umask 077 && TZ=Asia/Tokyo && export TZ && release && exit "$rc") && rc=0 || rc=1
is "$rc$(cmp "$archive" "$work/first.tar" 2>&1)" 0 "a lost one, made again with another umask and time zone: the same bytes"

# ---- the revision
back released
echo >>"$project/patches/9.1/hyperv/bus.patch"
begin
is "$rc $out$err" "0 begin: queue or configuration changed since 9.1.5-wsl3: revision is 4 now" "a patch changed"
is "$(revision)" 4 "the lock has the new revision"
begin
is "$rc$out$err $(revision)" "0 4" "once is enough"
release
like "$rc $err" '^1 release: error: dist/9.1: is not a build of 9.1.5-wsl4 ' "the old build is not released under the new name"
build_again
release
is "$rc $(cd "$project/releases" && echo *) $(git config -f "$lock" release.9.1.last)" \
	"0 wsl-kernel-9.1.5-wsl3.tar wsl-kernel-9.1.5-wsl4.tar 9.1.5-wsl4" "the new build is"
like "$(tar -xOf "$project/releases/wsl-kernel-9.1.5-wsl4.tar" wsl-kernel-9.1.5-wsl4/CVES.txt)" '^Not known: there was no CVE data when wsl-kernel-9.1.5-wsl4 was made\.$' "CVES.txt without data"
back released
echo CONFIG_Y=y >>"$project/build/9.1/obj/.config"
begin
is "$rc $(revision)" "0 4" "the configuration changed"
back released
sed -i '/away/d' "$project/patches/9.1/series"
begin
is "$rc $(revision)" "0 4" "an external patch is gone"
sed -i 's/revision = 4/revision = 2/' "$lock"
begin
like "$rc $err" '^1 begin: error: upstream.lock: .*revision 2, and 9.1.5-wsl3 is released$' "a revision below the last one"
back released
rm "$archive"
git config -f "$lock" release.9.1.last 9.1.3-wsl9
begin
is "$rc$out$err $(revision)" "0 3" "the last release was of another version: the revision is that of the pin"

# ---- CVEs
tab='	'
printf 'CVE-2026-1001%s7.0%snet/a.c%s9.0:aaaaaaaaaaaa:9.1.4:bbbbbbbbbbbb\nCVE-2026-1002%s-%snet/b.c%s9.0:aaaaaaaaaaaa:0:0\n' \
	"$tab" "$tab" "$tab" "$tab" "$tab" "$tab" >"$work/t.tsv"
release CVE_DATA="$work/t.tsv"
is "$rc $(in_archive CVES.txt | sed '1d; s/ *release .*//' | paste -sd,)" \
	"0 7.0   CVE-2026-1001,linux 9.1.5: closes 1 CVEs of 9.1.3; 0 affect only 9.1.5" "CVES.txt: what the step closes"
like "$(in_archive CVES.txt)" '^CVEs that affect linux 9.1.3, which 9.1.3-wsl9 is of, and not wsl-kernel-9.1.5-wsl3:$' "and since when"
rm "$archive"
echo broken >"$work/t.tsv"
release CVE_DATA="$work/t.tsv"
like "$rc
$err" '^release: error: CVES.txt: make cve failed \(above\)$' "records that cannot be read: no release"

# ---- make release
back good
for script in tree/prepare config/config kernel/kernel kernel/modules-vhdx kernel/headers release/begin release/release; do
	printf '#!/bin/sh\necho %s $*\n' "${script#*/}" >"$project/scripts/$script.sh"
done
run make release LTS=9.1 KEY=x
is "$rc $(paste -sd, "$work/out")" "0 prepare,config,begin,prepare,config,kernel kernel,kernel modules,modules-vhdx,headers,release" "make release: begin, the build, release"
