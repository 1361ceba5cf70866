#!/bin/sh
# Make build/userland.ext4, the disk with the programs that the guest tests run
# inside: the packages of userland.list, from the Debian or Ubuntu release that
# this machine runs. apt-get verifies them, with lists and a cache of its own
# below build/userland: no root is needed, and nothing of the machine changes.
# Made once, it works offline until userland.list or this script changes; a folder
# MIRROR= may have the disk (mirror.sh). Prints nothing when there is nothing to do.
# Exit 0 done; 1 with the reason when the packages cannot be had.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/stamp.sh"
[ $# = 0 ] || usage userland.sh
list=$root/scripts/boot/userland.list
disk=$root/build/userland.ext4
work=$root/build/userland
lock build/userland "$work"
inputs=$(key boot/userland.sh <"$list")
[ ! -f "$disk" ] || ! fresh "$work/stamp" "$inputs" || exit 0
mirrored=${MIRROR:-}
mirrored=${mirrored#file:}/userland-$inputs.ext4
if [ -f "$mirrored" ]; then
	cp "$mirrored" "$disk.new"
	mv "$disk.new" "$disk"
	stamp "$work/stamp" "$inputs"
	say "$MIRROR has the programs of the guest tests"
	exit 0
fi
{ command -v apt-get && command -v dpkg-deb; } >/dev/null 2>&1 ||
	die userland.list "needs apt-get and dpkg-deb, which this machine does not have" \
		"make mirror DIR=folder on one that has them, and MIRROR=folder here"
say "collecting the programs of the guest tests"
log=$work/log
tree=$work/root

# apt WORD... - for a machine with no package yet, so that all is downloaded
apt() {
	apt-get -y -o Dir::State="$work" -o Dir::State::status="$work/status" \
		-o Dir::Cache="$work" -o Dir::Cache::archives="$work/debs" -o Debug::NoLocking=1 \
		-o APT::Sandbox::User= -o APT::Install-Recommends=0 "$@" >>"$log" 2>&1 </dev/null
}
rm -rf "$work/debs" "$work/lists"
mkdir -p "$work/debs/partial" "$work/lists/partial"
: >"$work/status"
: >"$log"
# a list that could not be renewed may still do: the download says
apt update || :
# shellcheck disable=SC2046 # a list
apt install --download-only $(awk '$1 !~ /^#/ { print $1 }' "$list") ||
	die userland.list "apt-get could not download its packages" \
		"$(grep -E '^[EW]: ' "$log" | tail -n 1)" "build/userland/log has it all"

# each package's own /bin, /sbin and /lib go into those of /usr, as in a
# distribution; manuals and the like stay away
rm -rf "$tree"
mkdir -p "$tree/usr/bin" "$tree/usr/sbin" "$tree/usr/lib" "$tree/usr/lib64"
for dir in bin sbin lib lib64; do ln -s usr/$dir "$tree/$dir"; done
for deb in "$work"/debs/*.deb; do
	{ dpkg-deb --fsys-tarfile "$deb" 2>>"$log" || echo damaged; } |
		tar -xf - -C "$tree" --keep-directory-symlink --no-same-owner --exclude=./usr/share --exclude=./var 2>>"$log" ||
		die "${deb##*/}" "cannot be unpacked" "$(tail -n 1 "$log")"
done
mkdir -p "$tree/applets" "$tree/dev" "$tree/proc" "$tree/run" "$tree/sys" "$tree/tests" "$tree/tmp"
# busybox by the names of what it can do, for a PATH in which all others come first
"$tree/usr/bin/busybox" --list | (cd "$tree/applets" && xargs -n 1 ln -s ../usr/bin/busybox)

# by ARGUMENT... - the loader of the tree, with its libraries, private ones too
libraries=$(find "$tree/usr/lib" -name 'lib*.so.*' -printf '%h\n' | sort -u | tr '\n' ':')
by() { "$tree/lib64/ld-linux-x86-64.so.2" --inhibit-cache --library-path "$libraries" "$@"; }
awk '$1 !~ /^#/ { for (i = 2; i <= NF; i++) print $i, $1 }' "$list" | while read -r program package; do
	file=$(find "$tree/usr/bin" "$tree/usr/sbin" -name "$program" | head -n 1)
	[ "$file" ] || die "$package" "has no program $program" "correct scripts/boot/userland.list"
	# what the tree lacks it takes from this machine, which is to be seen by its path
	lacking=$(by --list "$file" 2>&1 | grep -e ' => ' -e 'error while' | grep -vF " => $tree/") || :
	[ -z "$lacking" ] || die "$program" "lacks a library on the disk" "$lacking"
done

# without a journal it mounts from a disk that cannot be written
by "$tree/usr/sbin/mke2fs" -q -F -t ext4 -O ^has_journal -L userland -m 0 -E root_owner=0:0 \
	-d "$tree" "$disk.new" "$(($(du -sk "$tree" | cut -f 1) * 5 / 4 + 8192))" >>"$log" 2>&1 ||
	die build/userland.ext4 "cannot be made" "$(tail -n 1 "$log")" "build/userland/log has it all"
mv "$disk.new" "$disk"
rm -rf "$tree" "$work/debs" "$work/lists"
stamp "$work/stamp" "$inputs"
