#!/bin/sh
# The awk programs of scripts/rebase, but for merge-additions.awk, which has a test to itself.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 20
cd "$work"
awkfile() { echo "$top/scripts/rebase/$1.awk"; }

# ---- replace-section.awk
cat >lock <<'END'
# The pins.

[line "9.1"]
	version = 9.1.5

# about 9.2
[line "9.2"]
	version = 9.2.1
	# its source
	source = old

# external patches
[link "a/b.patch"]
	lines = 9.1
END
printf '[line "9.2"]\n\tversion = 9.2.7\n' >section
# replace HEADER - $section takes the place of that section
replace() { awk -v header="$1" -v section=section -f "$(awkfile replace-section)" lock; }
replace '[line "9.2"]' >out
is "$(diff lock out)" "8,10c8
< 	version = 9.2.1
< 	# its source
< 	source = old
---
> 	version = 9.2.7" "a section is replaced with the comments in it, and nothing else"
printf '[line "9.3"]\n\tversion = 9.3.1\n' >section
replace '[line "9.3"]' >out
is "$(diff lock out)" "11a12,14
> [line \"9.3\"]
> 	version = 9.3.1
> " "a new section goes before the links"
sed -i '/^# external/,$d' lock
replace '[line "9.3"]' >out
is "$(diff lock out)" "11a12,14
> 
> [line \"9.3\"]
> 	version = 9.3.1" "or to the end"
sed -i '1,/^# about/d' lock
printf '[line "9.2"]\n\tversion = 9.2.7\n' >section
is "$(replace '[line "9.2"]')" "$(cat section)" "a file with this section alone"

# ---- moved-files.awk
printf '%s\n' drivers/hv/vmbus_drv.c init/main.c >gone
# candidates NEW... - those that may be a file of $gone
candidates() { printf '%s\n' "$@" | awk -f "$(awkfile moved-files)" gone - | xargs; }
is "$(candidates drivers/hv/core/bus.c drivers/vmbus.c)" "drivers/hv/core/bus.c drivers/vmbus.c" "the suffix, near"
is "$(candidates lib/core/vmbus_drv.c main.c)" "lib/core/vmbus_drv.c main.c" "the name, anywhere"
is "$(candidates drivers/hv/core/bus.h lib/bus.c init/start.c drivers/Makefile)" "" "nothing else"

# ---- patch-offsets.awk
# offsets LINE... - what it makes of these lines of patch(1)
offsets() { printf '%s\n' "$@" | awk -f "$(awkfile patch-offsets)"; }
is "$(offsets 'checking file a.c')" "" "a patch that applies where it is"
is "$(offsets 'checking file a.c' 'Hunk #1 succeeded at 13 (offset 1 line).')" "moved by 1 line" "one line"
is "$(offsets 'Hunk #1 succeeded at 13 (offset -3 lines).' 'Hunk #2 succeeded at 43 (offset -3 lines).')" \
	"moved by -3 lines" "the same offset twice"
is "$(offsets 'Hunk #1 succeeded at 9 (offset 4 lines).' 'Hunk #2 succeeded at 13 with fuzz 2 (offset -1 lines).' \
	'Hunk #3 succeeded at 90 with fuzz 1 (offset 20 lines).')" "moved by -1 to 20 lines, fuzz 2" \
	"the range of the offsets, the greatest fuzz"
is "$(offsets 'Hunk #1 succeeded at 9 with fuzz 1.' 'Hunk #2 FAILED at 21.')" "fuzz 1, its context has changed" \
	"a hunk that found no place"
is "$(offsets "can't find file to patch at input line 3")" "its context has changed" "a file that is not there"

# ---- removed-options.awk
printf 'CAN CAN_BUS\nOLD -\n' >symbols
# removed - what it says of the diff on standard input
removed() { awk -f "$(awkfile removed-options)" symbols -; }
is "$(printf '%s\n' '--- a/a.c' '+++ b/a.c' '-#ifdef CONFIG_OLD' '+#if IS_ENABLED(CONFIG_CAN) || CONFIG_CAN' ' CONFIG_OLD' \
	'+CONFIG_CANS CONFIG_NEW' '+++ b/b.c' '+CONFIG_CAN CONFIG_OLD' | removed)" "option a.c CAN CAN_BUS
option b.c CAN CAN_BUS
option b.c OLD -" "added lines alone, whole names, each once a file"
is "$(printf '%s\n' '+++ b/a.c' '+CONFIG_CAN' | awk -f "$(awkfile removed-options)" /dev/null -)" "" "no option is gone"

# ---- orig-tarballs.awk
# package DIRECTORY FILE... - an entry of apt-cache showsrc
package() {
	printf 'Package: linux\nVersion: 1\nFiles:\n'
	dir=$1
	shift
	printf ' 0123 4 %s\n' "$@"
	printf 'Checksums-Sha256:\n'
	printf ' abcd 4 %s\n' "$@"
	printf 'Checksums-Sha512:\n'
	printf ' ef01 4 %s\n' "$@"
	printf 'Directory: %s\n\n' "$dir"
}
orig() { awk -v line="$1" -f "$(awkfile orig-tarballs)"; }
is "$(package pool/l linux_9.1.5-1.dsc linux_9.1.5.orig.tar.xz linux_9.1.5-1.debian.tar.xz | orig 9.1)" \
	"9.1.5 pool/l/linux_9.1.5.orig.tar.xz abcd" "the tarball, its path and digest"
is "$({ package a linux_9.1.5.orig.tar.xz; package b linux-9.1_9.1.6.orig.tar.xz; } | orig 9.1)" \
	"9.1.5 a/linux_9.1.5.orig.tar.xz abcd
9.1.6 b/linux-9.1_9.1.6.orig.tar.xz abcd" "of each package"
is "$({ package a linux_9.10.5.orig.tar.xz; package b linux_9x1.5.orig.tar.xz; } | orig 9.1)" "" "not of another line"
is "$(package a linux-tools_9.1.5.orig.tar.xz | orig 9.1)" "" "nor of another package"
is "$(package a linux_9.1.5.orig.tar.xz | sed /^Directory/d | orig 9.1)" "" "nothing without its directory"
