#!/bin/sh
# keeps.sh TYPE [zram] - a file system created by its mkfs, on a loop device or on zram,
# still has a file after a remount, with its label and ACL if TYPE supports them, and its
# fsck finds no error in what the kernel wrote.
set -eu
type=$1
check=: more='' options=''
case $type in
ext4) more=1 size=64M make='mkfs.ext4 -q' check='e2fsck -fn' ;;
xfs)
	more=1 size=320M make='mkfs.xfs -q' check='xfs_repair -n'
	# defaults of mkfs that 4.19 does not support
	case $(uname -r) in 4.*) make="$make -m bigtime=0,inobtcount=0 -i nrext64=0" ;; esac
	;;
btrfs) more=1 size=128M make='mkfs.btrfs -q' check='btrfs check' ;;
f2fs) more=1 size=128M make='mkfs.f2fs -q' check='fsck.f2fs --dry-run' ;;
vfat) size=64M make=mkfs.vfat check='fsck.vfat -n' ;;
exfat) size=64M make=mkfs.exfat check='fsck.exfat -n' ;;
ntfs3) more=1 size=64M make='mkntfs -q -Q -F' options=,acl ;;
udf) size=64M make=mkudffs ;;
esac
if [ "${2:-}" = zram ]; then
	dev=/dev/zram0
	echo "$size" >/sys/block/zram0/disksize
else
	truncate -s "$size" disk
	dev=$(losetup -f)
	losetup "$dev" disk
fi
$make "$dev"
mkdir at
mount -t "$type" -o "rw$options" "$dev" at
mkdir at/dir
cp /usr/bin/dash at/dir/file
if [ "$more" ]; then
	setfattr -n security.probe -v label at/dir/file
	setfacl -m u:1000:r at/dir/file
fi
umount at
mount -t "$type" -o "ro$options" "$dev" at
cmp /usr/bin/dash at/dir/file
if [ "$more" ]; then
	[ "$(getfattr --only-values -n security.probe at/dir/file)" = label ]
	getfacl at/dir/file | grep '^user:1000:r--'
fi
umount at
$check "$dev"
case $dev in
*zram0) echo 1 >/sys/block/zram0/reset ;;
*) losetup -d "$dev" ;;
esac
