#!/bin/sh
# modules.vhdx and linux-headers.tar.zst of the kernel that 40-kernel.t built: the same bytes
# when they are made again, and each row about them red when the disk or the headers are
# spoiled. 50-hyperv.t has them green in the layout that is the default. The guest is booted
# without the features, but for one, as their rows do not matter here. And perf, on this
# machine.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/lines.sh"
PATH=$PATH:/usr/sbin:/sbin
pick_line
plan 14
features=$(basename -a "$root"/config/features/*.config | sed 's/\..*//' | sort -u | grep -vx can | tr '\n' ' ')
dist=$root/dist/$line
finish() {
	# the good ones again, and the proof of the run with all rows
	for kept in "$work"/kept/*; do [ ! -f "$kept" ] || cp "$kept" "$dist"; done
	rm -rf "$work"
}

build() { show_for_line "$line" make -C "$root" modules-vhdx headers; }
sums() { (cd "$dist" && sha256sum modules.vhdx linux-headers.tar.zst); }
again() {
	before=$(sums)
	rm -f "$root/build/$line/stamp/modules-vhdx" "$root/build/$line/stamp/headers"
	build && [ "$before" = "$(sums)" ]
}
sound() {
	qemu-img check -q "$dist/modules.vhdx" &&
		qemu-img convert -f vhdx -O raw "$dist/modules.vhdx" "$work/raw" && e2fsck -fn "$work/raw"
}
# boot - the guest's report is $work/out, the status $rc
boot() {
	rc=0
	for_line "$line" env TIMEOUT=900 WITHOUT="$features" "$root/scripts/boot/smoke.sh" >"$work/out" 2>&1 || rc=$?
}
# rows RESULT - how many rows about the disk begin so
rows() { grep -c "^$1 [0-9]* - modules disk: " "$work/out" || :; }

ok build "$line: make modules-vhdx headers"
ok again "$line: made again, the same bytes"
ok "sound >'$work/out' 2>&1" "$line: the VHDX and its file system have no error"
mkdir "$work/kept"
cp "$dist/modules.vhdx" "$dist/linux-headers.tar.zst" "$work/kept"
[ ! -f "$dist/smoke.ok" ] || cp "$dist/smoke.ok" "$work/kept"
release=$(jq -r .release "$dist/manifest.json")

# unpack - the modules in $work/tree
unpack() {
	rm -rf "$work/tree"
	mkdir "$work/tree"
	tar -C "$work/tree" -xzf "$dist/modules.tar.gz"
}
# disk DIR - the disk is DIR
disk() {
	rm -f "$work/ext4"
	MKE2FS_CONFIG=$root/scripts/kernel/mke2fs.conf mke2fs -q -F -T modules -L modules -d "$1" \
		"$work/ext4" "$(($(du -sk "$1" | cut -f 1) * 5 / 4 + 8192))k" >"$work/out" 2>&1 &&
		qemu-img convert -f raw -O vhdx "$work/ext4" "$dist/modules.vhdx"
}
# red ROW - ROW is not ok
red() { [ "$rc" = 1 ] && grep -q "^not ok [0-9]* - modules disk: $1" "$work/out"; }
unpack
disk "$work/tree"
boot
ok "red 'ext4, read-only'" "red: lib/modules/<release> on the disk instead of what is in it"

# four faults, each with its row
# one that no other row loads, and one that the rows of can have loaded, from the initramfs
for name in xfs can-bcm; do
	half=$(find "$work/tree" -name $name.ko)
	truncate -s "$(($(stat -c %s "$half") / 2))" "$half"
done
rm "$work/tree/lib/modules/$release/modules.builtin" "$work/tree/lib/modules/$release/modules.builtin.bin"
disk "$work/tree/lib/modules/$release"
mkdir "$work/headers"
zstd -dcq "$dist/linux-headers.tar.zst" | tar -C "$work/headers" -xf -
echo '#define UTS_RELEASE "0.0.0-other"' >"$work/headers/usr/src/linux-headers-$release/include/generated/utsrelease.h"
tar -C "$work/headers" -cf - "usr/src/linux-headers-$release" | zstd -q >"$work/other.zst"
cp "$work/other.zst" "$dist/linux-headers.tar.zst"
boot
ok "red 'modprobe of every module' && grep -q '^# xfs is not loaded' '$work/out'" "red: half a module"
ok "grep -q '^ok .*can: can_bcm loads' '$work/out' && grep -q '^# can_bcm is not loaded' '$work/out'" "red: half of one that was loaded before"
ok "red 'modprobe of tun, ip_tables'" "red: no modules.builtin.bin"
ok "red 'depmod in the overlay'" "red: no modules.builtin"
ok "red 'a module built against the headers'" "red: headers of another release"

unpack
mkdir -p "$work/versioned/$release"
mv "$work/tree/lib/modules/$release" "$work/versioned/$release/modules"
disk "$work/versioned"
cp "$work/kept/linux-headers.tar.zst" "$dist"
boot
ok "[ $rc = 0 ] && [ $(rows ok) = 5 ]" "$line: <release>/modules on the disk is found as well, each row is ok"

# ---- perf. A machine may forbid it
perf=$dist/perf
ok "show_for_line '$line' make -C '$root' perf" "$line: make perf"
version=$(jq -r .pin "$dist/manifest.json")
ok "[ \"\$('$perf' --version)\" = 'perf version $version' ] && ! readelf -lW '$perf' | grep -q INTERP && ! grep -qaF '$root/' '$perf'" \
	"it is static, runs, and has no path of this machine"
if "$perf" stat -e task-clock true >"$work/out" 2>&1; then
	ok "'$perf' stat true >'$work/out' 2>&1 && grep -q 'task-clock' '$work/out'" "perf stat"
	# shellcheck disable=SC2016 # for that shell
	"$perf" record -q -e cpu-clock -o "$work/data" sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done' >"$work/out" 2>&1 || :
	ok "'$perf' report -i '$work/data' --stdio --sort comm,dso,symbol >'$work/out' 2>&1 && grep -qE '^ +[0-9.]+% +sh +.*\[[.k]\] [a-z_]' '$work/out'" \
		"perf record of cpu-clock, and perf report names functions"
else
	skip 2 "this machine counts no events: $(grep -m 1 . "$work/out")"
fi
