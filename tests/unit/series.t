#!/bin/sh
# An unsound series or patch is named, before or by the push, and the tree is unchanged.
# shellcheck disable=SC2059 # texts are formats, with escapes
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 71
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

# ---- what is no patch, or one for another tree
# add NAME - standard input is the patch NAME, the last of the series
add() {
	cat >"$patches/$1"
	echo "$1" >>"$patches/series"
}
# stops REGEX NAME - prepare stops with that, and nothing changes inside or outside of the tree
echo precious >"$work/evil"
echo precious >"$project/evil"
echo precious >"$project/build/evil"
stops() {
	refused tree/prepare.sh "$1" "$2"
	is "$(contents "$project/build/9.1/src") $(cat "$work/evil" "$project/evil" "$project/build/evil" | tr '\n' ' ')" \
		"$before precious precious precious " "$2: nothing is written"
}
printf '<!DOCTYPE html>\n<html><body>404</body></html>\n' | add page.patch
stops '^push: error: patches/9.1/page.patch: is an HTML page, not a patch$' "an HTML page"
printf 'Subject: nothing\n\nUpstream: none\nLines: 9.1\n' | add none.patch
stops '^push: error: patches/9.1/none.patch: has no diff in it$' "a header and no diff"
printf 'diff --git a/lib/b b/lib/b\nnew file mode 100644\nindex 0..1\nGIT binary patch\nliteral 3\nKcmZQzVi5xX009610ssI2\n\nliteral 0\nHcmV?d00001\n\n' | add binary.patch
stops '^push: error: patches/9.1/binary.patch: has a binary diff, which quilt cannot push$' "a binary diff"
printf 'diff --git a/lib/b b/lib/b\nindex 1..2 100644\nBinary files a/lib/b and b/lib/b differ\n' | add binary.patch
stops '^push: error: patches/9.1/binary.patch: has a binary diff, which quilt cannot push$' "one without the data"
new='@@ -0,0 +1 @@\n+evil\n'
printf -- "--- /dev/null\n+++ b/../../../evil\n$new" | add dots.patch
stops '^push: error: patches/9.1/dots.patch: touches \.\./\.\./\.\./evil, which is not in' "a new file above the tree"
printf -- '--- a/../../evil\n+++ /dev/null\n@@ -1 +0,0 @@\n-precious\n' | add dots.patch
stops '^push: error: patches/9.1/dots.patch: touches \.\./\.\./evil, which is not in' "a file above the tree goes"
printf -- "--- a/lib/evil\n+++ b/../../../evil\n$new" | add dots.patch
stops '^push: error: patches/9.1/dots.patch: touches \.\./\.\./\.\./evil, which is not in' "one above in one of two names"
printf 'diff --git a/../../evil b/../../evil\nold mode 100644\nnew mode 100755\n' | add dots.patch
stops '^push: error: patches/9.1/dots.patch: touches \.\./\.\./evil, which is not in' "its mode"
printf -- "--- /dev/null\n+++ b/.queue/index\n$new" | add own.patch
stops '^push: error: patches/9.1/own.patch: touches .queue/index, which is not in' "what the project keeps in the tree"
printf -- "--- /dev/null\n+++ lib/new.c\n$new" | add level.patch
stops '^push: error: patches/9.1/level.patch: is a -p0 patch: it names lib/new.c$' "a -p0 patch"
printf -- "--- /dev/null\n+++ work/linux/lib/new.c\n$new" | add level.patch
stops '^push: error: patches/9.1/level.patch: is a -p2 patch: it names work/linux/lib/new.c$' "a -p2 patch"
printf -- '--- a/init/main.c\n+++ b/lib/other.c\n@@ -1,2 +1,3 @@\n /* No patch touches this file. */\n int other;\n+int evil;\n' | add two.patch
stops '^push: error: patches/9.1/two.patch: ' "a patch with two names for a file"
# link TARGET FILE - a patch that makes FILE a link
link() { printf 'diff --git a/%s b/%s\nnew file mode 120000\n--- /dev/null\n+++ b/%s\n@@ -0,0 +1 @@\n+%s\n\\ No newline at end of file\n' "$2" "$2" "$2" "$1"; }
link "$work" lib/out | add link.patch
stops '^push: error: patches/9.1: the queue makes lib/out a symbolic link out of the tree$' "a link out of the tree"
link ../../.. lib/out | add link.patch
stops '^push: error: patches/9.1: the queue makes lib/out a symbolic link out of the tree$' "a relative one"
{ link ../../.. lib/out; printf -- "--- /dev/null\n+++ b/lib/out/evil\n$new"; } | add link.patch
stops '^  (Invalid file name lib/out/evil|.*lib/out)' "a file behind such a link"
printf 'diff --git a/lib/other.c b/lib/other.c\nindex 1..2 160000\n--- a/lib/other.c\n+++ b/lib/other.c\n@@ -9 +9 @@\n-1\n+2\n' | add odd.patch
stops '^  [^ ]' "whatever else quilt refuses has a reason"

# ---- names that are right, if unusual
printf -- "--- /dev/null\n+++ b/rust/drivers/new.c\n$new" | add top.patch
run scripts/tree/prepare.sh
is "$rc $(cat "$project/build/9.1/src/rust/drivers/new.c")" "0 evil" "a new directory at the top, with one like the kernel's in it"
printf -- '--- drivers.orig/lib/other.c\n+++ drivers/lib/other.c\n@@ -1,2 +1,3 @@\n /* No patch touches this file. */\n int other;\n+int mine;\n' | add named.patch
run scripts/tree/prepare.sh
is "$rc $(grep -c mine "$project/build/9.1/src/lib/other.c")" "0 1" "a tree in a directory with the name of one of its own"
