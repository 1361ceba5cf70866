#!/bin/sh
# Write dist/<line>/modules.vhdx, the disk that WSL mounts for kernelModules= in .wslconfig:
# a VHDX with one ext4 file system and no partition table, made of the line's modules.tar.gz
# without root. docs/modules.md says how WSL uses it.
#   LAYOUT=flat       modules.dep and kernel/ at the root (default): WSL from 2.5.1 on
#   LAYOUT=versioned  <release>/modules, with <release>/linux-headers after make headers and
#                     <release>/perf/bin/perf after make perf: what WSL takes later
# The same archives give the same bytes. Does nothing when they are those of the last run.
# Exit 0 done, 1 error.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/stamp.sh"
. "$root/scripts/lib/disk.sh"
[ $# = 0 ] || usage "LTS=x.y [LAYOUT=versioned] modules-vhdx.sh"
layout=${LAYOUT:-flat}
case $layout in
flat | versioned) ;;
*) die "LAYOUT=$layout" "is not a layout" "known: flat, versioned" ;;
esac
check_pin
need mke2fs debugfs qemu-img jq tar zstd
lock "build/$tree_name" "$root/build/$tree_name"
archive=$dist/modules.tar.gz headers=$dist/linux-headers.tar.zst perf=$dist/perf
[ -f "$archive" ] && [ -f "$dist/manifest.json" ] ||
	die "dist/$variant/modules.tar.gz" "does not exist" "run make modules LTS=$LTS$gpu"
[ "$layout" = versioned ] && [ -f "$headers" ] || headers=
[ "$layout" = versioned ] && [ -f "$perf" ] || perf=
staging=$build_dir/vhdx

# unpack - the content of the disk as $staging/root; sets $release
unpack() {
	release=$(jq -r .release "$dist/manifest.json")
	rm -rf "$staging"
	mkdir -p "$staging/tar"
	tar -C "$staging/tar" -xzf "$archive" ||
		die "dist/$variant/modules.tar.gz" "cannot be unpacked" "run make modules LTS=$LTS$gpu"
	modules=$staging/tar/lib/modules/$release
	# modprobe reads the .bin files, depmod makes them of the others. With everything built in
	# modules.dep is empty.
	for file in modules.dep modules.dep.bin modules.builtin modules.builtin.bin; do
		[ -s "$modules/$file" ] || { [ $file = modules.dep ] && [ -f "$modules/$file" ]; } ||
			die "dist/$variant/modules.tar.gz" "has no lib/modules/$release/$file" \
				"modprobe cannot work without it" "run make modules LTS=$LTS$gpu"
	done
	if [ "$layout" = flat ]; then
		mv "$modules" "$staging/root"
	else
		mkdir -p "$staging/root/$release"
		mv "$modules" "$staging/root/$release/modules"
		[ -z "$headers" ] || unpack_headers
		[ -z "$perf" ] || put_perf
	fi
	broken=$(find "$staging/root" -xtype l | head -n 5)
	[ -z "$broken" ] || printf '%s\n' "$broken" | die_list modules.vhdx "would have broken links:"
	# those that unpack() made itself have the time of now
	find "$staging/root" -type d -exec touch -d "$released" {} +
}

# unpack_headers - linux-headers.tar.zst as <release>/linux-headers
unpack_headers() {
	zstd -dcq "$headers" | tar -C "$staging/tar" -xf - ||
		die "${headers#"$root/"}" "cannot be unpacked" "run make headers LTS=$LTS$gpu"
	mv "$staging/tar/usr/src/linux-headers-$release" "$staging/root/$release/linux-headers"
}

# put_perf - perf as <release>/perf/bin/perf; WSL mounts the perf of it below /usr/lib (WSL#41400)
put_perf() {
	mkdir -p "$staging/root/$release/perf/bin"
	cp "$perf" "$staging/root/$release/perf/bin"
	chmod 755 "$staging/root/$release/perf/bin/perf"
	touch -d "$released" "$staging/root/$release/perf/bin/perf"
}

# needed - the size of the file system in MB: content in blocks of 4 kB, inodes (16 to a
# block), extents and bitmaps. No room for later: WSL's overlay writes to memory.
needed() {
	find "$staging/root" -printf '%y %s\n' | awk '
		{ used += $1 == "d" ? 1 + int($2 / 4096) : int(($2 + 4095) / 4096) }
		END { used += NR / 16 + used / 64 + 200; print int(used / 256) + 1 }'
}

# guid N - the Nth GUID that the content gives: from digits of its sha256
guid() {
	sha256 "$staging/content" | sed -E "s/^.{$(($1 * 32))}(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-4\3-8\4-\5/"
}

# make_ext4 FILE - FILE as the file system. mke2fs takes each file's owner, and the times
# that no program can set, from the staging directory: debugfs sets those of the archive.
make_ext4() {
	epoch=$(date -d "$released" +%s)
	printf '%s\n' "$layout" "$released" "$(sha256 "$archive")" ${headers:+"$(sha256 "$headers")"} \
		${perf:+"$(sha256 "$perf")"} >"$staging/content"
	entries=$(find "$staging/root" | wc -l)
	rm -f "$1"
	E2FSPROGS_FAKE_TIME=$epoch MKE2FS_CONFIG=$root/scripts/kernel/mke2fs.conf \
		mke2fs -q -F -T modules -L modules -N $((entries + 16)) -U "$(guid 0)" \
		-E "hash_seed=$(guid 1),root_owner=0:0,nodiscard" -d "$staging/root" \
		"$1" "$(needed)M" >"$log" 2>&1 || die modules.vhdx "mke2fs cannot make it" \
		"$(tail -n 1 "$log")" "full log: ${log#"$root/"}"
	(cd "$staging/root" && find . -mindepth 1 -printf '"/%P"\n') | sort |
		awk -v now="@$epoch" '{ print "sif", $0, "ctime", now; print "sif", $0, "atime", now
			print "sif", $0, "uid 0"; print "sif", $0, "gid 0" }' >"$staging/commands"
	E2FSPROGS_FAKE_TIME=$epoch debugfs -w -f "$staging/commands" "$1" >"$log" 2>&1
	# it ends with status 0 after an error too
	failed=$(grep -v -e '^debugfs: sif ' -e '^debugfs [0-9]' "$log") || return 0
	die modules.vhdx "debugfs cannot set times and owners" "$(printf '%s\n' "$failed" | head -n 1)"
}

# make_vhdx EXT4 FILE - the file system as a VHDX with the same content
make_vhdx() {
	settle=$(tool vhdx-settle)
	{ qemu-img convert -t unsafe -f raw -O vhdx -o subformat=dynamic "$1" "$2" &&
		"$settle" "$2" "$(sha256 "$1")" &&
		qemu-img compare -f raw -F vhdx "$1" "$2"; } >"$log" 2>&1 ||
		die modules.vhdx "qemu-img cannot make it" "$(tail -n 1 "$log")" \
			"full log: ${log#"$root/"}"
}

inputs=$({
	sha256 "$archive"
	[ -z "$headers" ] || sha256 "$headers"
	[ -z "$perf" ] || sha256 "$perf"
	printf '%s\n' "$layout" "$released"
	mke2fs -V 2>&1 | head -n 1
	qemu-img --version | head -n 1
} | key kernel/modules-vhdx.sh kernel/mke2fs.conf ../tools/vhdx-settle.c)
! fresh "$build_dir/stamp/modules-vhdx" "$inputs" || ! intact modules.vhdx || exit 0
watch_disk
log=$build_dir/log/modules-vhdx.log
mkdir -p "$build_dir/log" "$build_dir/stamp"
rm -f "$build_dir/stamp/modules-vhdx"
unpack
make_ext4 "$staging/ext4"
make_vhdx "$staging/ext4" "$dist/modules.vhdx.new"
mv "$dist/modules.vhdx.new" "$dist/modules.vhdx"
rm -rf "$staging"
"$root/scripts/kernel/manifest.sh" outputs
stamp "$build_dir/stamp/modules-vhdx" "$inputs"
say "built dist/$variant/modules.vhdx, $layout, $(($(stat -c %s "$dist/modules.vhdx") >> 20)) MB"
