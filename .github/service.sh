#!/bin/sh
# Service the lines: for each with a newer release move it there in a worktree, which ports the
# queue, builds and boots it, compare the CVEs, and write what a pull request says. Nothing in
# the checkout changes. Leaves build/service/LINE: pull-request.md; change.patch, for git apply,
# if the release could be taken; log; and tree, the worktree with the build.
# CVE_DATA= and MIRROR= as for make cve and make update.
# Exit 0: every newer release could be taken, or there is none; 1: one could not, its text says
# why; 2: not known for some line whether there is one (newest.sh).
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
top=$(pwd -P)
MIRROR=${MIRROR:-$top/build/cache}
export MIRROR
status=0
said=$(.github/newest.sh) || [ $? = 1 ] || status=2
printf '%s\n' "$said"

# pinned LINE KEY - of the worktree's upstream.lock
pinned() { git config -f "$tree/upstream.lock" "line.$1.$2"; }

# move LINE - to its newest release
move() { (cd "$tree" && LTS=$1 scripts/rebase/update.sh); }

# proof LINE NAME - whether the image is the one that was green in NAME
proof() {
	image=$(sha256sum <"$tree/dist/$1/bzImage")
	if [ "${image%% *}" = "$(cat "$tree/dist/$1/$2.ok" 2>/dev/null)" ]; then
		echo "- make $2: green"
	else
		echo "- make $2: not green for this image"
	fi
}

# cves LINE SINCE - what the step closes, and what is left open
cves() {
	rc=0
	(cd "$tree" && LTS=$1 SINCE=$2 scripts/report/cve.sh) >"$place/closed" 2>"$place/why" || rc=$?
	if [ ! -s "$place/closed" ]; then
		echo "Not compared: $(head -n 1 "$place/why")"
		return
	fi
	tail -n 1 "$place/closed"
	[ $rc = 0 ] || printf '\nSome records could not be read: %s\n' "$(head -n 1 "$place/why")"
	printf '\nThe highest scores:\n\n'
	head -n 11 "$place/closed" | sed 's/^/    /'
	printf '\nOpen in this build:\n\n'
	(cd "$tree" && LTS=$1 scripts/report/cve.sh 2>/dev/null) | tail -n 1 | sed 's/^/    /'
}

# text LINE OLD - of the pull request, after the move
text() {
	new=$(pinned "$1" version)
	printf '# %s: move to %s\n\nFrom %s to %s, released %s.\n' "$1" "$new" "$2" "$new" "$(pinned "$1" released)"
	printf '\n## The queue\n\n'
	sed 's/^/    /' "$tree/build/$1/log/rebase.log"
	printf '\n## Proof\n\nbzImage: %s bytes, sha256 %s\n\n' "$(stat -c %s "$tree/dist/$1/bzImage")" \
		"$(sha256sum <"$tree/dist/$1/bzImage" | cut -d ' ' -f 1)"
	proof "$1" smoke
	proof "$1" smoke-hyperv
	printf '\n## CVEs\n\n'
	cves "$1" "$2"
}

# refusal LINE OLD - of an issue, when the release could not be taken
refusal() {
	printf '# %s: the release after %s needs a hand\n\n' "$1" "$2"
	grep -A 4 -m 1 ': error: ' "$place/log" | sed 's/^/    /' || tail -n 5 "$place/log" | sed 's/^/    /'
	printf '\nmake update LTS=%s does the same in a clone; docs/rebase.md says how to go on.\n' "$1"
}

for line in $(printf '%s\n' "$said" | sed -n 's/^newer releases, run make update LTS=://p'); do
	place=$top/build/service/$line tree=$top/build/service/$line/tree
	git worktree remove --force "$tree" 2>/dev/null || :
	rm -rf "$place"
	mkdir -p "$place"
	git worktree prune
	git worktree add -q --detach "$tree"
	old=$(pinned "$line" version)
	if move "$line" >"$place/log" 2>&1; then
		git -C "$tree" diff --cached --binary >"$place/change.patch"
		text "$line" "$old" >"$place/pull-request.md"
	else
		refusal "$line" "$old" >"$place/pull-request.md"
		[ $status != 0 ] || status=1
	fi
	echo "build/service/$line/pull-request.md: $(sed -n '1s/^# //p' "$place/pull-request.md")"
done
exit $status
