#!/bin/sh
# update: find the newest release and move the line to it. apt's archive is a local one,
# kernel.org cannot be reached.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/keys.sh"
. "$(dirname "$0")/../lib/rebase-project.sh"
plan 37
v=drivers/hv/vmbus_drv.c
mkdir -p "$work/archive/pool"
fake curl 'echo "curl: (6) Could not resolve host" >&2; exit 6'
fake apt-config ':'
# shellcheck disable=SC2016 # apt's own arguments
fake apt-get 'case $1 in indextargets) echo "file:'"$work"'/archive/" ;; esac'
fake apt-cache "cat '$work/sources'"
PATH=$work/bin:$PATH
# archive VERSION... - the archive has these, and an older one of another line
archive() {
	for one in 9.2.30 "$@"; do
		file=linux_$one.orig.tar.xz
		[ ! -f "$work/www/linux-$one.tar.xz" ] || cp "$work/www/linux-$one.tar.xz" "$work/archive/pool/$file"
		printf 'Package: linux\nVersion: %s-1\nFiles:\n 0123 4 %s\nChecksums-Sha256:\n %s 4 %s\nDirectory: pool\n\n' "$one" "$file" \
			"$(sum "$work/archive/pool/$file" 2>/dev/null || echo none)" "$file"
	done >"$work/sources"
}
update() { run scripts/rebase/update.sh; }

archive
update
is $rc 1 "no release of the line is known"
like "$err" '^newest: error: linux 9.1: no release of it is known here$' "it is an error"
like "$err" '^  kernel.org: curl: .6. Could not resolve host' "and what each source said"
MIRROR=$work/www update
like "$err" '^  MIRROR: has no linux-9.1.N.tar.sign$' "a mirror without a signature of the line, too"
archive 9.1.5 9.1.4
CHECK=1 update
is "$rc $out" "0 update: linux 9.1.5 is the newest release of 9.1 that is known here" "CHECK=1: the pin is the newest"
update
is $rc 0 "then there is nothing to do"
next 9.1.12 "sed -i '1i /* one line more */' $v; sed -i 's/vmbus_3(int x)/vmbus_3(long x)/; s/x + 4;/x + 40;/' $v; sed -i 's/= 10;/= 1;/' init/main.c"
archive 9.1.12 9.1.5 9.1.4
CHECK=1 update
is "$rc $out" "10 update: linux 9.1.12 is newer than the pin, 9.1.5" "CHECK=1: there is a newer one, compared by number, not by letter"
kept=$(cat "$project/build/cache/newest.9.1")
run scripts/rebase/newest.sh 9.1
is "$kept" "$out" "the answer that is kept is the list of newest.sh"
run scripts/status.sh
like "$out" "^newest    9.1.12, checked $(date +%F): make update\$" "from which make status has the newest release"
run make update CHECK=1
is $rc 2 "which make reports as an error"
is "$(in_git status --porcelain)" "" "nothing was changed"
is "$(cd "$project/build/cache/apt" && echo *)" "archives conf lists sources" "the lists of apt are in build/cache"

# ---- the suites that the machine uses do not have the line, others of the archive do
# shellcheck disable=SC2016 # apt's own arguments
fake apt-get 'case $1 in indextargets) echo "file:'"$work"'/archive/ Debian" ;; esac'
fake apt-cache "[ -f '$project/build/cache/apt/sources/other.list' ] && cat '$work/sources'"
run scripts/rebase/newest.sh 9.1
is "$kept" "$out" "the suites stable and stable-backports are asked"
like "$(cat "$project/build/cache/apt/sources/other.list")" "^deb-src .signed-by=.* file:$work/archive/ stable-backports main\$" "with their signature"
archive
run scripts/rebase/newest.sh 9.1
like "$err" "^  apt: its source packages linux and linux-9.1, those of Debian's stable" "and named if they do not have it either"
archive 9.1.12 9.1.5 9.1.4
# shellcheck disable=SC2016 # apt's own arguments
fake apt-get 'case $1 in indextargets) echo "file:'"$work"'/archive/" ;; esac'
fake apt-cache "cat '$work/sources'"

# ---- the newest cannot be verified
printf x >>"$work/archive/pool/linux_9.1.12.orig.tar.xz"
update
is $rc 1 "a newest release with another hash"
like "$err" '^rebase: error: linux 9.1.12: cannot be downloaded, or fails verification:$' "is named"
like "$err" 'sha256 is [0-9a-f]*, pinned is' "with the reason"
unchanged "a newest release with another hash"

# ---- the move
archive 9.1.12 9.1.5
update
is $rc 0 "the line moves"
like "$out" '^  merged +hyperv/bus.patch: moved by 1 line, fuzz 1$' "offsets and fuzz are reported"
is "$(echo "$out" | grep -cxE '(devices|smoke|smoke-hyperv) 9.1')" 3 "it was built and booted"
is "$(git config -f "$project/upstream.lock" line.9.1.version) $(readlink "$project/series")" "9.1.12 patches/9.1/series" "the pin has changed"
like "$(git config -f "$project/upstream.lock" --get-all line.9.1.source)" "^debian:pool/linux_9.1.12.orig.tar.xz sha256:$(sum "$work/archive/pool/linux_9.1.12.orig.tar.xz")\$" "with the digest of the archive's list"
is "$(git config -f "$project/upstream.lock" line.9.1.eol)" 2099-01-02 "and the end of life as it was"
like "$(cat "$project/patches/9.1/hyperv/bus.patch")" '^@@ -8,7' "the patches are for the new release"
run make kernel
is "$rc$out" 0 "and the build is installed"
in_git commit -qam moved
CHECK=1 update
is "$rc" 0 "now the pin is the newest"
fake curl 'case $* in *releases.json*) echo "{\"releases\": [{\"version\": \"9.1.13\"}]}" ;; *) exit 6 ;; esac'
CHECK=1 update
like "$rc $out" '^10 update: linux 9.1.13 is newer' "kernel.org's own list counts"

# ---- a release that has a signature and no digest
trust
next 9.1.13 "sed -i '1i /* one line more */' $v; sed -i 's/x + 4;/x + 41;/' $v"
sign "$signer" "$work/www/linux-9.1.13.tar" "$work/www/linux-9.1.13.tar.sign"
mkdir "$work/mirror" "$project/patches/9.1/gpu"
printf 'gpu/theirs.patch\ngpu/ours.patch\n' >"$project/patches/9.1/series.gpu"
printf 'Subject: x\n' >"$project/patches/9.1/gpu/ours.patch"
printf '[link "gpu/theirs.patch"]\n\turl = %s\n\tsha256 = %064d\n\tlines = 9.1\n' "$work/none" 0 >>"$project/upstream.lock"
in_git add -A
in_git commit -qm gpu
cp "$work/www/linux-9.1.13.tar.xz" "$work/www/linux-9.1.13.tar.sign" "$work/mirror"
GPU=1 MIRROR=$work/mirror update
is $rc 0 "a release that is only signed"
like "$out" '^fetch: linux-9.1.13.tar.xz: verified .pgp.' "is verified by its signature"
is "$(in_git status --porcelain -- patches | grep gpu)" "" "the patches of GPU=1 stay as they are"
ok "[ ! -e '$project/build/9.1-gpu' ]" "and are not built"
base=https://cdn.kernel.org/pub/linux/kernel/v9.x
is "$(git config -f "$project/upstream.lock" --get-all line.9.1.source)" \
	"$base/linux-9.1.13.tar.xz sha256:$(sum "$work/www/linux-9.1.13.tar.xz") sign:$base/linux-9.1.13.tar.sign" \
	"and pinned with the digest of the verified tarball"
run make kernel
is "$rc$out" 0 "what was built is up to date by this pin"
rm -r "$project/build/cache" "$project/build/9.1"
xz -0 <"$work/www/linux-9.1.13.tar" >"$work/mirror/linux-9.1.13.tar.xz"
MIRROR=$work/mirror run make fetch
like "$rc $err" 'linux-9.1.13.tar.xz: sha256 is [0-9a-f]*, pinned is' "another file with the same signature is refused"
