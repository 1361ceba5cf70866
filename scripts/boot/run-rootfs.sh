# shellcheck shell=sh
# What make run boots from; sourced by run.sh, whose variables these use.

# check_folder DIR - is it a distribution's root folder, with nothing mounted in it?
check_folder() {
	found=
	# what the kernel looks for; a link may be to a path of the distribution
	for init in sbin/init etc/init bin/init bin/sh; do
		[ ! -e "$1/$init" ] && [ ! -L "$1/$init" ] || found=1
	done
	[ "$found" ] || die "ROOTFS=$1" "has no init" \
		"the kernel runs /sbin/init, /etc/init, /bin/init or /bin/sh: is it the root of a distribution?"
	for mounted in proc sys dev run; do
		[ ! -d "$1/$mounted" ] || [ "$(stat -c %d "$1/$mounted")" = "$(stat -c %d "$1")" ] ||
			die "ROOTFS=$1" "has something mounted on $mounted, which would be copied" "unmount it first"
	done
}

# pack_folder DIR FILE - DIR as the ext4 FILE, sparse, with 4 GB of free space
pack_folder() {
	need mke2fs
	say "packing ${1##*/} into a disk"
	size=$(($(du -sk "$1" 2>/dev/null | cut -f 1) * 5 / 4 + 4194304))
	# many small files need many inodes; their tables and the journal take no space until then
	attend mke2fs -q -F -t ext4 -L run -m 0 -i 8192 -E lazy_itable_init=1,lazy_journal_init=1 \
		-d "$1" "$2" $size >"$tmp/log" 2>&1 ||
		die "ROOTFS=$1" "mke2fs cannot make a disk of it: $(tail -n 1 "$tmp/log")" \
			"a folder with files of root needs root, and build/ the space of the folder"
}

# bytes AT - two of the start of the image, in hex; nothing when it is not so long
bytes() { od -An -tx1 -j"$1" -N2 "$tmp/head" 2>/dev/null | tr -d ' '; }

# check_image FILE - set $format; is it the disk of a distribution?
check_image() {
	[ -r "$1" ] || die "ROOTFS=$1" "cannot be read"
	need qemu-img
	format=$(image_format "$1")
	qemu-img dd -f "$format" -O raw bs=1024 count=2 "if=$1" "of=$tmp/head" >"$tmp/log" 2>&1 ||
		die "ROOTFS=$1" "cannot be read as $format: $(tail -n 1 "$tmp/log")"
	# whoever names the root has looked
	case " ${CMDLINE:-}" in *' root='* | *' rootfstype='*) return 0 ;; esac
	[ "$(bytes 1080)" != 53ef ] || return 0
	case $(bytes 510) in
	55aa) die "ROOTFS=$1" "has partitions" "name that of the root: CMDLINE=root=/dev/vda1" ;;
	esac
	die "ROOTFS=$1" "is no image of an ext4" \
		"a file system that the image knows without modules is named so: CMDLINE=rootfstype=squashfs"
}

# put_rootfs - set $drive, QEMU's option for the disk. Changes end with the machine: those of a
# folder in the copy, those of an image in a file that QEMU has removed when it has opened it
put_rootfs() {
	if [ -d "$ROOTFS" ]; then
		[ -z "${KEEP:-}" ] || die "KEEP=1" "is for an image: changes do not go back into a folder" \
			"make one: mke2fs -t ext4 -d $ROOTFS image.ext4 8G"
		check_folder "$ROOTFS"
		pack_folder "$ROOTFS" "$tmp/root.ext4"
		drive="format=raw,cache=unsafe,file=$(escaped "$tmp/root.ext4")"
	else
		check_image "$ROOTFS"
		drive="format=$format,file=$(escaped "$ROOTFS")"
		[ "${KEEP:-}" ] || drive="snapshot=on,$drive"
	fi
}
