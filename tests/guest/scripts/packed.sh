#!/bin/sh
# packed.sh TYPE COMPRESSION [OPTION...] - a file in a read-only image, made by the mkfs of
# TYPE, reads back unchanged.
set -eu
type=$1 by=$2
shift 2
mkdir in at
cp /usr/bin/dash in/file
case $type in
squashfs) mksquashfs in image -b 16K -quiet -no-progress -comp "$by" "$@" ;;
erofs) mkfs.erofs "-z$by" image in ;;
esac
dev=$(losetup -f)
losetup -r "$dev" image
mount -t "$type" -o ro "$dev" at
cmp /usr/bin/dash at/file
umount at
losetup -d "$dev"
