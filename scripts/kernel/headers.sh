#!/bin/sh
# Write dist/<line>/linux-headers.tar.zst: usr/src/linux-headers-<release> with what DKMS
# and other modules outside of the tree are built against, and nothing above it: headers,
# makefiles, configuration, Module.symvers, and the host programs that kbuild runs. These
# are dynamic programs of this machine's architecture and C library. docs/modules.md says
# how to use it. The same build gives the same bytes.
# Does nothing when the build is that of the last run. Exit 0 done, 1 error.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/stamp.sh"
. "$root/scripts/lib/disk.sh"
[ $# = 0 ] || usage "LTS=x.y headers.sh"
check_pin
need tar zstd jq
lock "build/$tree_name" "$root/build/$tree_name"
for file in "$obj/Module.symvers" "$obj/.config" "$dist/manifest.json" "$dist/modules.tar.gz"; do
	[ -f "$file" ] || die "${file#"$root/"}" "does not exist" "run make modules LTS=$LTS$gpu"
done
release=$(cat "$obj/include/config/kernel.release")
cmp -s "$obj/.config" "$dist/config" && [ "$(jq -r .release "$dist/manifest.json")" = "$release" ] ||
	die "build/$variant/obj" "is not the build that dist/$variant has" "run make modules LTS=$LTS$gpu"

# from_source - what belongs to it of the tree: makefiles at the top and of the architecture,
# every header, and scripts/
from_source() {
	find COPYING Makefile arch/x86 -maxdepth 1 \( -name COPYING -o -name 'Makefile*' \)
	find include scripts ! -type d
	find arch/x86 -path '*/include/*' ! -type d
}

# from_objects - and of the build. include/config has a file for each symbol besides, for
# builds of the kernel itself.
from_objects() {
	echo .config
	echo Module.symvers
	find arch/x86/include include ! -path 'include/config/*' -type f ! -name '.*'
	find include/config -name auto.conf -o -name kernel.release -o -name tristate.conf
	find scripts -type f ! -name '*.o' ! -name '.*'
	[ ! -f tools/objtool/objtool ] || echo tools/objtool/objtool
}

inputs=$({
	head -n 1 "$tree_meta/index"
	cat "$obj/.config" "$obj/Module.symvers"
	toolchain
	printf '%s\n' "$release" "$released"
} | key kernel/headers.sh)
! fresh "$build_dir/stamp/headers" "$inputs" || ! intact linux-headers.tar.zst || exit 0
watch_disk
staging=$build_dir/headers top=usr/src/linux-headers-$release
rm -rf "$staging" "$build_dir/stamp/headers"
mkdir -p "$staging/$top" "$build_dir/stamp"
for half in "$src from_source" "$obj from_objects"; do
	cd "${half% *}"
	${half#* } >"$staging/list"
	tar -cf - -T "$staging/list" | tar -C "$staging/$top" -xf -
done
cd "$root"
# their debug information has paths of this machine, and the build id is a hash of it too
{
	(cd "$obj" && find scripts -type f -perm -u+x)
	[ ! -f "$obj/tools/objtool/objtool" ] || echo tools/objtool/objtool
} | (cd "$staging/$top" && xargs strip -s -R .note.gnu.build-id)
# links to directories that are left out, such as those of dtc
find "$staging/$top" -xtype l -delete
out=$dist/linux-headers.tar.zst
tar -C "$staging" --sort=name --owner=0 --group=0 --numeric-owner --mode=go=u-w \
	--mtime="$released" -cf "$staging/tar" "$top"
# the number of threads does not change what zstd writes
zstd -q -f -T0 -12 "$staging/tar" -o "$out.new"
mv "$out.new" "$out"
rm -rf "$staging"
"$root/scripts/kernel/manifest.sh" outputs
stamp "$build_dir/stamp/headers" "$inputs"
say "built dist/$variant/linux-headers.tar.zst, $(($(stat -c %s "$out") >> 20)) MB"
