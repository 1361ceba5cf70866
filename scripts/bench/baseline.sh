#!/bin/sh
# baseline.sh CONFIG - build the tree's release without the queue, configured by the
# file CONFIG, for comparison: build/<line>/baseline/{bzImage,vmlinux,config}.
# Does nothing while release, CONFIG and toolchain are unchanged. Exit 0 or 1.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/stamp.sh"
[ $# = 1 ] || usage "LTS=x.y baseline.sh CONFIG"
[ -f "$1" ] || die "BASELINE=$1" "no such file" "give a kernel's .config to compare with"
check_pin
lock "build/$tree_name" "$root/build/$tree_name"
here=$build_dir/baseline
tools=$(toolchain)
inputs=$({ cat "$1" "$tree_meta/base"; echo "$tools"; } | key bench/baseline.sh kernel/kbuild.sh)
if fresh "$here/stamp" "$inputs" && [ -f "$here/bzImage" ] && [ -f "$here/vmlinux" ]; then
	exit 0
fi
# the pinned release, or that of TREE=
release=$("$root/scripts/kernel/kbuild.sh" -s kernelversion | tail -n 1)
say "building linux $release without the queue, configured by $(basename "$1")"
rm -rf "$here"
mkdir -p "$here/src" "$here/obj" "$build_dir/log"
log=$build_dir/log/baseline.log
find "$src" -mindepth 1 -maxdepth 1 ! -name .pc ! -name .queue \
	-exec cp -a --reflink=auto -t "$here/src" {} +
# restore the files that the queue changed, remove those that it added
[ ! -d "$tree_meta/pristine" ] || cp -a "$tree_meta/pristine/." "$here/src"
awk 'NR == FNR { of[$7]; next } !($7 in of) { print $7 }' "$tree_meta/release" "$tree_meta/index" |
	while read -r added; do rm -f "$here/src/$added"; done
cp "$1" "$here/obj/.config"
for target in olddefconfig bzImage; do
	"$root/scripts/kernel/kbuild.sh" -C "$here" $target >"$log" 2>&1 ||
		die "linux $release" "the baseline does not build" "$(grep -m 1 -E 'error:|Error ' "$log")" \
			"full log: build/$variant/log/baseline.log"
done
mv "$here/obj/arch/x86/boot/bzImage" "$here/obj/vmlinux" "$here"
mv "$here/obj/.config" "$here/config"
rm -rf "$here/src" "$here/obj"
stamp "$here/stamp" "$inputs"
