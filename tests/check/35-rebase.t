#!/bin/sh
# Port the queue between two real lines: a clone without $to gets it back by `make rebase`
# from $from, and the result is what is committed, to the byte, except patches that only
# $to has. SOURCE= is the pinned release, as the newest one may differ by now.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/tests/lib/lines.sh"
from=6.12 to=6.18
for line in $from $to; do
	LTS='' can_fetch "$line" || { echo "1..0 # SKIP the source of $line is not available here"; exit 0; }
done
echo 1..4
n=0
row() {
	n=$((n + 1))
	[ "$1" = 0 ] || { printf 'not '; sed 's/^/# /' "$work/out" >&2; }
	echo "ok $n - $2"
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2046 # an address and its digest
set -- $(git config -f "$root/upstream.lock" --get-all "line.$to.source" | grep sha256: | tail -n 1)
source=$1 sha256=${2#sha256:}
project=$work/project
g() { git -C "$project" -c user.name=check -c user.email=check@localhost "$@"; }

# the committed queue and configuration, whatever the checkout has beside them
git clone -q "$root" "$project" && mkdir "$project/build" && ln -s "$root/build/cache" "$project/build/cache"
{
	own=$(cd "$project/patches/$to" && grep -lx "Lines: $to" -- */*.patch)
	for patch in $own; do
		g rm -q "patches/$to/$patch" && sed -i "\\|^$patch\$|d" "$project/patches/$to/series"
	done
	[ -z "$own" ] || g commit -qam "without the patches that only $to has"
	head=$(g rev-parse HEAD)
	patch -R -p1 -d "$project/config" -s -f -F0 --no-backup-if-mismatch <"$project/patches/solved/$to/config.diff" &&
		rm -r "$project/patches/$to" &&
		find "$project/config" -name "*.$to.config" -o -name "$to.config" -o -name "$to.clang.config" >"$work/files" &&
		xargs rm <"$work/files" &&
		sed -i -E "/^#/!s/^([^ ]+ +[^ ]+),$(echo $to | sed 's/\./\\./')(\+[a-z]+)?( |\$)/\1\2\3/" "$project"/config/*.list &&
		git config -f "$project/upstream.lock" --remove-section "line.$to" &&
		g commit -qam "without $to"
} >"$work/out" 2>&1
row $? "a project without $to and the patches that only it has"

began=$(date +%s)
(cd "$project" && env -u MAKEFLAGS -u MAKELEVEL -u TREE make rebase LTS=$to FROM=$from QUICK=1 SOURCE="$source" SHA256="$sha256") >"$work/out" 2>&1
rc=$?
sed -n 's/^  /#   /p' "$work/out"
echo "# $(($(date +%s) - began)) s"
row $rc "make rebase LTS=$to FROM=$from"
# the patches of GPU=1 are pinned by hand for each line
g diff --stat "$head" -- patches config ':!patches/*/series.gpu' ':!patches/*/gpu' >"$work/out" 2>&1 &&
	[ ! -s "$work/out" ]
row $? "patches/ and config/ are the committed ones, to the byte"
g config -f "$project/upstream.lock" "line.$to.version" >"$work/out"
[ "$(cat "$work/out")" = "$(git config -f "$root/upstream.lock" "line.$to.version")" ] && [ "$(readlink "$project/series")" = "patches/$to/series" ]
row $? "the pin is the same release, and $to the active line"
