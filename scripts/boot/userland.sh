#!/bin/sh
# Make build/userland.ext4, the disk with the programs that the guest tests run
# inside: the packages of userland.list, from the Debian or Ubuntu release that
# this machine runs. apt-get verifies them; its lists and cache are in build/userland and
# the machine's hooks are off, so it needs no root and changes nothing else. The disk is
# rebuilt only when userland.list or this script changes; a directory MIRROR= may have it
# (mirror.sh). Prints nothing when there is nothing to do.
# Exit 0 done; 1 with the reason when the packages cannot be downloaded.
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
		"run make mirror DIR=directory on one that has them, then use MIRROR=directory here"
say "collecting the programs of the guest tests"
log=$work/log
tree=$work/root

# apt ARG... - apt-get as if no package were installed, so that it downloads all dependencies
apt() {
	apt-get -c "$work/apt.conf" -y -o Dir::State="$work" -o Dir::State::status="$work/status" \
		-o Dir::Cache="$work" -o Dir::Cache::archives="$work/debs" -o Debug::NoLocking=1 \
		-o APT::Sandbox::User= -o APT::Install-Recommends=0 "$@" >>"$log" 2>&1 </dev/null
}
rm -rf "$work/debs" "$work/lists"
mkdir -p "$work/debs/partial" "$work/lists/partial"
# hooks of the machine's apt would act on the machine
printf '#clear %s;\n' APT::Update DPkg >"$work/apt.conf"
: >"$work/status"
: >"$log"
# an outdated list may be good enough: the download shows
apt update || :
# shellcheck disable=SC2046 # a list
apt install --download-only $(awk '$1 !~ /^#/ { print $1 }' "$list") ||
	die userland.list "apt-get could not download its packages" \
		"$(grep -E '^[EW]: ' "$log" | tail -n 1)" "full log: build/userland/log"

# merged /usr, as in a distribution; no manuals
rm -rf "$tree"
mkdir -p "$tree/usr/bin" "$tree/usr/sbin" "$tree/usr/lib" "$tree/usr/lib64"
for dir in bin sbin lib lib64; do ln -s usr/$dir "$tree/$dir"; done
for deb in "$work"/debs/*.deb; do
	{ dpkg-deb --fsys-tarfile "$deb" 2>>"$log" || echo damaged; } |
		tar -xf - -C "$tree" --keep-directory-symlink --no-same-owner \
			--exclude=./usr/share --exclude=./var 2>>"$log" ||
		die "${deb##*/}" "cannot be unpacked" "$(tail -n 1 "$log")"
done
mkdir -p "$tree/applets" "$tree/dev" "$tree/proc" "$tree/run" "$tree/sys" "$tree/tests" "$tree/tmp"
# links to busybox, for the last directory of PATH
"$tree/usr/bin/busybox" --list | (cd "$tree/applets" && xargs -n 1 ln -s ../usr/bin/busybox)

# loader ARGUMENT... - run the tree's loader with the tree's libraries, private ones too
libraries=$(find "$tree/usr/lib" -name 'lib*.so.*' -printf '%h\n' | sort -u | tr '\n' ':')
loader() { "$tree/lib64/ld-linux-x86-64.so.2" --inhibit-cache --library-path "$libraries" "$@"; }
awk '$1 !~ /^#/ { for (i = 2; i <= NF; i++) print $i, $1 }' "$list" |
while read -r program package; do
	file=$(find "$tree/usr/bin" "$tree/usr/sbin" -name "$program" | head -n 1)
	[ "$file" ] || die "$package" "has no program $program" "correct scripts/boot/userland.list"
	# a library that the tree lacks resolves to a path of this machine
	lacking=$(loader --list "$file" 2>&1 | grep -e ' => ' -e 'error while' |
		grep -vF " => $tree/") || :
	[ -z "$lacking" ] || die "$program" "lacks a library on the disk" "$lacking"
done

# without a journal, so that it mounts from a read-only disk
loader "$tree/usr/sbin/mke2fs" -q -F -t ext4 -O ^has_journal -L userland -m 0 -E root_owner=0:0 \
	-d "$tree" "$disk.new" "$(($(du -sk "$tree" | cut -f 1) * 5 / 4 + 8192))" \
	>>"$log" 2>&1 ||
	die build/userland.ext4 "mke2fs cannot make it" "$(tail -n 1 "$log")" \
		"full log: build/userland/log"
mv "$disk.new" "$disk"
rm -rf "$tree" "$work/debs" "$work/lists" "$work/apt.conf"
stamp "$work/stamp" "$inputs"
