#!/bin/sh
# modules-vhdx.sh: what is on the disk, that the same archive gives the same bytes whoever
# writes it and when, the two layouts, and archives that cannot be used.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 40
PATH=$PATH:/usr/sbin:/sbin
for program in mke2fs debugfs e2fsck qemu-img zstd; do
	command -v $program >/dev/null && continue
	skip 40 "$program is not installed"
	exit
done
build_tools vhdx-settle
release=9.1.5-wsl3 base=lib/modules/9.1.5-wsl3

# archive [LESS [EMPTY]] - dist/9.1 with modules.tar.gz, as kernel.sh leaves it, without the
# file LESS, and with EMPTY empty
archive() {
	rm -rf "$work/tree"
	mkdir -p "$work/tree/$base/kernel/net" "$project/dist/9.1"
	for file in modules.dep modules.dep.bin modules.builtin modules.builtin.bin kernel/net/tap.ko kernel/hv.ko; do
		echo "content of $file" >"$work/tree/$base/$file"
	done
	head -c 500000 /dev/zero | tr '\0' x >"$work/tree/$base/kernel/big.ko"
	[ -z "${1:-}" ] || rm "$work/tree/$base/$1"
	[ -z "${2:-}" ] || : >"$work/tree/$base/$2"
	tar -C "$work/tree" --sort=name --owner=0 --group=0 --mtime=2026-01-02 -cf - "$base" | gzip -9n >"$project/dist/9.1/modules.tar.gz"
	[ -f "$project/dist/9.1/manifest.json" ] ||
		jq -n '{release: "9.1.5-wsl3", outputs: {bzImage: {bytes: 1}}}' >"$project/dist/9.1/manifest.json"
}
vhdx() { run env LTS=9.1 "$@" scripts/kernel/modules-vhdx.sh; }
# raw - the disk as $work/raw
raw() { qemu-img convert -t unsafe -f vhdx -O raw "$project/dist/9.1/modules.vhdx" "$work/raw"; }
# ask COMMAND - of debugfs, about the disk
ask() { debugfs -R "$1" "$work/raw" 2>/dev/null; }
# names DIR - in a directory of the disk
names() { ask "ls -p $1" | awk -F/ '$6 !~ /^\.?\.?$/ { print $6 }' | sort | tr '\n' ' '; }

project p
pin 9.1 9.1.5 "file:/none sha256:$(printf %064d 0)"
vhdx
like "$rc $err" '^1 modules-vhdx: error: dist/9.1/modules.tar.gz: does not exist$' "there must be modules"
archive
vhdx
is "$rc$err" 0 "it is built"
like "$out" '^modules-vhdx: built dist/9.1/modules.vhdx, flat, [0-9]+ MB$' "the last line says so"
first=$(sum "$project/dist/9.1/modules.vhdx")
is "$(jq -c '.outputs["modules.vhdx"]' "$project/dist/9.1/manifest.json")" \
	"{\"sha256\":\"$first\",\"bytes\":$(stat -c %s "$project/dist/9.1/modules.vhdx")}" "the manifest has it"
is "$(jq -c '.outputs | keys' "$project/dist/9.1/manifest.json") $(jq -r .release "$project/dist/9.1/manifest.json")" \
	'["modules.tar.gz","modules.vhdx"] 9.1.5-wsl3' "with the other files that are there, and nothing else is changed"
raw
ok "qemu-img check -q '$project/dist/9.1/modules.vhdx' && e2fsck -fn '$work/raw' >/dev/null 2>&1" "VHDX and file system are sound"
is "$(od -An -tx1 -j 1080 -N 2 "$work/raw" | tr -d ' ')$(head -c 1024 "$work/raw" | tr -d '\0')" 53ef "ext4 from the first byte on, no partition table"
is "$(names /)" "kernel lost+found modules.builtin modules.builtin.bin modules.dep modules.dep.bin " "flat: modules.dep and kernel/ at the root"
is "$(names /kernel)$(names /kernel/net)" "big.ko hv.ko net tap.ko " "and the modules below"
ask "dump /kernel/big.ko $work/big"
ok "cmp '$work/big' '$work/tree/$base/kernel/big.ko'" "their content"
is "$(dumpe2fs -h "$work/raw" 2>/dev/null | sed -n 's/^Filesystem volume name: *//p; s/^Filesystem features: *//p')" \
	"modules
ext_attr dir_index filetype extent sparse_super large_file huge_file dir_nlink extra_isize metadata_csum" \
	"the label; no journal, and features that 4.19 knows"
is "$(for file in / /kernel /kernel/net/tap.ko /modules.dep; do ask "stat $file"; done | sed -nE 's/^ *(cr|c|a|m)time: 0x([0-9a-f]*):.*/\2/p; s/.*User: *([0-9]+) *Group: *([0-9]+) .*/\1:\2/p' | sort | uniq -c | awk '{ print $1, $2 }')" \
	"4 0:0
16 $(printf %x "$(date -u -d 2026-01-02 +%s)")" "everything is root's, and has the date of the release"

# ---- the same bytes
vhdx
is "$rc$out$err" 0 "a second run prints nothing"
truncate -s 20 "$project/dist/9.1/modules.vhdx"
vhdx TZ=Asia/Tokyo LC_ALL=C.UTF-8 MKE2FS_CONFIG=/none E2FSPROGS_FAKE_TIME=1 SOURCE_DATE_EPOCH=2
is "$rc $(sum "$project/dist/9.1/modules.vhdx")" "0 $first" "truncated, it is rebuilt: the same file whatever the environment"
project another-name
pin 9.1 9.1.5 "file:/none sha256:$(printf %064d 0)"
archive
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod 755 "$work"
	chown -R 65534:65534 "$project"
	vhdx setpriv --reuid 65534 --regid 65534 --clear-groups
	is "$rc$err $(sum "$project/dist/9.1/modules.vhdx")" "0 $first" "in another directory, without root"
else
	vhdx
	is "$rc$err $(sum "$project/dist/9.1/modules.vhdx")" "0 $first" "in another directory"
fi
project=$work/p
archive kernel/net/tap.ko
vhdx
unlike "$rc $(sum "$project/dist/9.1/modules.vhdx")" "^0 $first\$" "other modules: it is rebuilt"
raw
is "$(names /kernel/net)" "" "and has them"
archive
vhdx
is "$(sum "$project/dist/9.1/modules.vhdx")" "$first" "the first ones again"

# ---- what later WSL takes
vhdx LAYOUT=versioned
like "$rc $out" '^0 modules-vhdx: built dist/9.1/modules.vhdx, versioned, ' "LAYOUT=versioned"
raw
is "$(names /)$(names /$release)$(names /$release/modules)" \
	"$release lost+found modules kernel modules.builtin modules.builtin.bin modules.dep modules.dep.bin " "<release>/modules"
mkdir -p "$work/headers/usr/src/linux-headers-$release/include"
echo 'obj =' >"$work/headers/usr/src/linux-headers-$release/Makefile"
echo '#define X' >"$work/headers/usr/src/linux-headers-$release/include/x.h"
ln -s include/x.h "$work/headers/usr/src/linux-headers-$release/x.h"
tar -C "$work/headers" -cf - "usr/src/linux-headers-$release" | zstd -q >"$project/dist/9.1/linux-headers.tar.zst"
vhdx LAYOUT=versioned
raw
is "$rc $(names /$release)$(names /$release/linux-headers)" "0 linux-headers modules Makefile include x.h " "and <release>/linux-headers once they are built"
is "$(ask "stat /$release/linux-headers/x.h" | sed -n 's/^Fast link dest: //p')" '"include/x.h"' "a link that leads to a file"
like "$(ask "stat /$release/linux-headers/include")" ' mtime: .* Fri Jan  2 00:00:00 2026' "all of it with the date of the release"
like "$(jq -c '.outputs | keys' "$project/dist/9.1/manifest.json")" 'linux-headers.tar.zst' "the manifest has both"
printf '#!/bin/sh\n' >"$project/dist/9.1/perf"
vhdx LAYOUT=versioned
raw
is "$rc $(names /$release)$(ask "stat /$release/perf/bin/perf" | grep -oE 'Mode: +[0-9]+| mtime: .* 00:00:00 2026' | tr -s ' ' | sed 's/ *mtime.*-- /mtime: /' | paste -sd' ')" \
	"0 linux-headers modules perf Mode: 0755 mtime: Fri Jan 2 00:00:00 2026" "and <release>/perf/bin/perf"
vhdx LAYOUT=flat
is "$rc $(sum "$project/dist/9.1/modules.vhdx")" "0 $first" "flat again: the same file as before"
vhdx LAYOUT=both
like "$rc $err" '^1 modules-vhdx: error: LAYOUT=both: is not a layout$' "another layout is an error"
like "$err" '^  known: flat, versioned$' "that names the two"

# ---- an image that has everything built in
archive "" modules.dep
vhdx
is "$rc$err" 0 "modules.dep may be empty"
archive
vhdx

# ---- what cannot be used
ln -s ../none "$work/headers/usr/src/linux-headers-$release/y.h"
tar -C "$work/headers" -cf - "usr/src/linux-headers-$release" | zstd -q >"$project/dist/9.1/linux-headers.tar.zst"
vhdx LAYOUT=versioned
like "$rc $err" '^1 modules-vhdx: error: modules.vhdx: would have broken links:$' "a link that leads nowhere"
like "$err" "^  .*/linux-headers/y.h\$" "is named"
is "$(sum "$project/dist/9.1/modules.vhdx")" "$first" "the disk of before is still there"
rm "$project/dist/9.1/linux-headers.tar.zst"
for lost in modules.dep modules.builtin modules.builtin.bin; do
	archive $lost
	vhdx
	like "$rc $err" "^1 modules-vhdx: error: dist/9.1/modules.tar.gz: has no $base/$lost\$" "an archive without $lost"
done
archive
truncate -s 400 "$project/dist/9.1/modules.tar.gz"
vhdx
like "$err" '^modules-vhdx: error: dist/9.1/modules.tar.gz: cannot be unpacked$' "an archive that is cut off"
archive
# a vhdx-settle that changes the content
# shellcheck disable=SC2016 # its own
printf '#!/bin/sh\nqemu-io -f vhdx -c "write -P 1 0 4k" "$1" >/dev/null\n' >"$work/settle"
cp "$project/build/tools/vhdx-settle" "$work/vhdx-settle"
cp "$work/settle" "$project/build/tools/vhdx-settle"
chmod +x "$project/build/tools/vhdx-settle"
rm -f "$project/build/9.1/stamp/modules-vhdx"
vhdx
like "$rc $err" '^1 modules-vhdx: error: modules.vhdx: qemu-img cannot make it$' "a VHDX whose content differs from the file system is not kept"
ok "[ ! -e '$project/dist/9.1/modules.vhdx' ] || [ $(sum "$project/dist/9.1/modules.vhdx") = $first ]" "it does not get the name"
cp "$work/vhdx-settle" "$project/build/tools/vhdx-settle"
without qemu-img
vhdx PATH="$work/without"
like "$rc $err" '^1 modules-vhdx: error: qemu-img: is not installed$' "a program that is missing"
like "$err" '^  it is in the package qemu-utils$' "with its package"
