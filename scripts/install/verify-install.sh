#!/bin/sh
# After make install and wsl --shutdown: does this WSL run dist/<line>? A row each for the
# release, the build (the banner of vmlinux), the configuration (/proc/config.gz), the
# modules disk and the kernel's log. Changes nothing. Exit 0 all rows are ok, 1 not.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/install/image.sh"
[ $# = 0 ] || usage "LTS=x.y verify-install.sh"
need jq
[ -f "$dist/manifest.json" ] ||
	die "dist/$variant/manifest.json" "does not exist" "run make kernel LTS=$LTS$gpu"
bad=0

# row NAME GOT WANTED
row() {
	if [ "$2" = "$3" ]; then
		printf 'ok     %-14s %s\n' "$1" "$2"
	else
		printf 'not ok %-14s is %s, dist/%s has %s\n' "$1" "${2:-unknown}" "$variant" "$3"
		bad=$((bad + 1))
	fi
}

# modules_disk - how the modules of the running kernel are mounted. WSL puts an overlay on
# /lib/modules/RELEASE; /lib is a link in a merged /usr.
modules_disk() {
	for dir in /lib/modules /usr/lib/modules; do
		findmnt -n -o FSTYPE "$dir/$running" 2>/dev/null && return
	done
	echo none
}

# faults - the lines of the kernel's log that a healthy one has not
faults() { dmesg 2>/dev/null | grep -E 'BUG: |Oops: |WARNING: CPU|Kernel panic|EXT4-fs error|Invalid ELF|version magic' | head -n 3; }

release=$(jq -r .release "$dist/manifest.json") running=$(uname -r)
row release "$running" "$release"
if [ -f "$dist/vmlinux" ]; then
	banner=$(cat /proc/version)
	found="another build: $banner"
	! grep -qaF "$banner" "$dist/vmlinux" || found="this build"
	row build "$found" "this build"
fi
config=$(zcat /proc/config.gz 2>/dev/null | sha256sum)
row configuration "${config%% *}" "$(recorded config)"
[ ! -f "$dist/modules.vhdx" ] || row modules "$(modules_disk)" overlay
log=$(faults)
row log "${log:-no faults}" "no faults"
[ $bad = 0 ] || die "WSL" "does not run dist/$variant, or not as it should" \
	"after make install: wsl --shutdown in Windows, then start a distribution"
say "WSL runs $release"
