#!/bin/sh
# A disk that is full while a tree is unpacked, pushed or built: the error names it,
# whatever the failing program printed, and with free space nothing is lost.
# (fetch-kill.t fills it while a tarball is fetched.)
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 9
[ "$(id -u)" = 0 ] || { skip 9 "a disk can be filled by root only, who may mount one"; exit; }
build_tools treestate
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
line=$project/build/9.1
mkdir -p "$line"
mount -t tmpfs -o size=32k none "$line" 2>/dev/null || { skip 9 "this machine mounts no tmpfs"; exit; }
disk=$line
# fill KB - leave that much free
fill() {
	rm -f "$line/filler"
	free=$(df -Pk "$line" | awk 'NR == 2 { print $4 }')
	head -c $(((free - $1) * 1024)) /dev/zero >"$line/filler"
}
full='the disk is full, [01] MB are free$'

run scripts/tree/prepare.sh
is $rc 1 "full while the tarball is unpacked"
like "$err" '^unpack: error: build/9.1/src: could not be written \(above\)$' "unpack says so"
ok "[ ! -e '$line/src' ] && [ ! -e '$line/src.new' ]" "half a tree is not left"
mount -o remount,size=1m "$disk"
run scripts/tree/prepare.sh
want=$(head -n 1 "$line/src/.queue/index")
sed -i 's/x + 20;/x + 21;/' "$project/patches/9.1/hyperv/bus.patch"
fill 12
run scripts/tree/prepare.sh
like "$err" "^push: error: build/9.1: $full" "full during the push: the disk is named"
sed -i 's/x + 21;/x + 20;/' "$project/patches/9.1/hyperv/bus.patch"
rm "$line/filler"
run scripts/tree/prepare.sh
is "$rc $(head -n 1 "$line/src/.queue/index")" "0 $want" "with free space the tree is complete"
run scripts/config/config.sh
fill 8
run scripts/kernel/kernel.sh kernel
like "$err" "^kernel: error: build/9.1: $full" "full during the build: the disk is named"
is $rc 1 "and the step fails"
rm "$line/filler"
run scripts/kernel/kernel.sh kernel
ok "[ $rc = 0 ] && [ -s '$project/dist/9.1/manifest.json' ]" "with free space it is built"
unlike "$err" 'the disk' "and nothing said of the disk"
