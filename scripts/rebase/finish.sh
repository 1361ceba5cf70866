#!/bin/sh
# finish.sh STATE here|back - bring what a rebase has made into the project, or take it
# out again: patches/<line>, patches/solved/<line>, config/, upstream.lock and the series
# symlink, that one last. STATE/adopting names each before the first is touched and
# STATE/before keeps what was there, so a run that was cut off is done again or undone
# whole. Ends with `git add`, the rows of the patches and what got smaller; the rebase
# is closed. Called by rebase.sh, which holds the lock.
. "$(dirname "$0")/../lib.sh"
[ $# = 2 ] || usage "LTS=x.y finish.sh STATE here|back"
state=$1
LTS=${state##*/}
from=$(cat "$state/from")
project=$state/project

# put FROM TO - in place of what is there
put() {
	mkdir -p "$(dirname "$2")"
	rm -rf "$2~"
	cp -Rp "$1" "$2~"
	if [ -d "$2" ] && [ ! -L "$2" ]; then rm -rf "$2"; fi
	mv -T "$2~" "$2"
}

if [ "$2" = back ]; then
	[ -f "$state/adopting" ] || exit 0
	while read -r path; do
		if [ -e "$state/before/$path" ] || [ -L "$state/before/$path" ]; then
			put "$state/before/$path" "$root/$path"
		else
			rm -rf "${root:?}/$path" "$root/$path~"
		fi
	done <"$state/adopting"
	rmdir "$root/patches/solved" 2>/dev/null || :
	# shellcheck disable=SC2046 # names of ours, without blanks
	git -C "$root" reset -q -- $(cat "$state/adopting") 2>/dev/null || :
	exit 0
fi

if [ ! -f "$state/adopting" ]; then
	rm -rf "$state/before"
	{
		for path in "patches/$LTS" "patches/solved/$LTS"; do
			[ ! -d "$project/$path" ] || diff -rq "$project/$path" "$root/$path" >/dev/null 2>&1 || echo "$path"
		done
		(cd "$project" && find config -type f | sort) | while read -r path; do
			cmp -s "$project/$path" "$root/$path" || echo "$path"
		done
		echo upstream.lock
		[ -f "$state/update" ] || echo series
	} >"$state/adopting.new"
	while read -r path; do
		mkdir -p "$state/before/$(dirname "$path")"
		if [ -e "$root/$path" ] || [ -L "$root/$path" ]; then cp -Rp "$root/$path" "$state/before/$path"; fi
	done <"$state/adopting.new"
	mv "$state/adopting.new" "$state/adopting"
fi
while read -r path; do put "$project/$path" "$root/$path"; done <"$state/adopting"

# what was built goes along, unless somebody has been at work in the old tree
if [ -f "$state/proven" ] && [ -d "$project/build/$LTS" ] && (LTS=$LTS DEBUG='' "$root/scripts/clean.sh" check); then
	for place in build dist; do
		mkdir -p "$root/$place"
		rm -rf "${root:?}/$place/$LTS"
		mv "$project/$place/$LTS" "$root/$place/$LTS"
	done
fi
mkdir -p "$root/build/$LTS/log"
rows=$(find "$state/rows" -type f | sort -V)
{
	# shellcheck disable=SC2086 # names of ours, without blanks
	"$root/scripts/rebase/print-rows.sh" $rows
	[ ! -f "$state/config.report" ] || cat "$state/config.report"
} >"$root/build/$LTS/log/rebase.log"

# ---- what a person wants to know
step=rebase
say "linux $(cat "$state/target") has the queue of $from"
# those of another run were told long ago
# shellcheck disable=SC2086 # names of ours, without blanks
[ ! -f "$state/resumed" ] || "$root/scripts/rebase/print-rows.sh" $rows
"$root/scripts/rebase/compare-lines.sh" "$from" "$LTS"
if git -C "$root" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
	# shellcheck disable=SC2046 # names of ours, without blanks
	git -C "$root" add -A -- $(cat "$state/adopting")
	say "all of it is in git's index: git commit keeps it, git reset --hard does not"
fi
say "build/$LTS/log/rebase.log has the rows again, and what became of the configuration"
[ -f "$state/proven" ] || say "not built or booted yet: make smoke smoke-hyperv LTS=$LTS"
mv "$state" "$root/build/rebase/.gone"
rm -rf "$root/build/rebase/.gone"
