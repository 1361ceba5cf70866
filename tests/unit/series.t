#!/bin/sh
# An unsound series or patch is named, before or by the push, and the tree is unchanged.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 21
build_tools treestate
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
patches=$project/patches/9.1
run scripts/tree/prepare.sh
before=$(contents "$project/build/9.1/src")
keep good

# refused SCRIPT REGEX NAME - the script fails with that text
refused() {
	# shellcheck disable=SC2086 # a command line
	run scripts/$1
	is $rc 1 "$3"
	like "$err" "$2" "$3: the error names it"
	rm -rf "$patches"
	cp -R "$work/kept.good/patches/9.1" "$patches"
}

echo memory/none.patch >>"$patches/series"
refused queue/check-series.sh '^check-series: error: patches/9.1/series: names memory/none.patch, which does not exist$' "a patch that does not exist"
echo hyperv/bus.patch >>"$patches/series"
refused queue/check-series.sh '^check-series: error: patches/9.1/series: names hyperv/bus.patch twice$' "a patch twice"
sed -i 's/^memory.*/& -p0/' "$patches/series"
refused queue/check-series.sh '^check-series: error: patches/9.1/series: has an option after' "an option"
sed -i 's/$/\r/' "$patches/hyperv/bus.patch"
refused queue/check-series.sh '^check-series: error: patches/9.1/hyperv/bus.patch: has CRLF line ends$' "CRLF in a patch"
sed -i 's/$/\r/' "$patches/series"
refused queue/check-series.sh '^check-series: error: patches/9.1/series: has CRLF line ends$' "CRLF in the series"

sed -i '/^Lines:/d' "$patches/hyperv/bus.patch"
sed -i 's/^memory/# memory/' "$patches/series"
echo >"$patches/memory/spare.patch"
run scripts/queue/check-series.sh
is $rc 0 "a warning is not an error"
like "$err" '^check-series: warning: patches/9.1/hyperv/bus.patch: has no Lines: line' "a header that lacks a field is named"
like "$err" 'warning: patches/9.1/memory/spare.patch: is not in the series' "a spare patch is named"
unlike "$err" 'balloon' "one that the series has as a comment is not"
back good

# ---- by the push
sed -i 's/^-.*x + 7;/-	return x + 9;/' "$patches/hyperv/bus.patch"
refused 'tree/push.sh push -' '^push: error: patches/9.1/hyperv/bus.patch: does not apply to 9.1 without fuzz$' "a patch that does not apply"
sed -i 's/^ int vmbus_2(int x)$/ int vmbus_2(long x)/' "$patches/hyperv/bus.patch"
refused 'tree/push.sh push -' '^push: error: patches/9.1/hyperv/bus.patch: does not apply to 9.1 without fuzz$' "a patch that applies with fuzz only"
sed -i '/^-.*x + 4;/d' "$patches/memory/balloon.patch"
refused 'tree/push.sh push -' '^push: error: patches/9.1/memory/balloon.patch: is damaged$' "a patch that lacks a line"
is "$(contents "$project/build/9.1/src")" "$before" "the tree is unchanged after all of them"
