// SPDX-License-Identifier: GPL-2.0
/*
 * File systems: created by their own programs (keeps.sh, packed.sh), or by hand. Of
 * network file systems only the name is checked, as the server is another machine.
 * Block devices are in blockdev.c.
 */
#define _GNU_SOURCE
#include "blockdev.h"
#include "fuse.h"
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int known(const char *name)
{
	return expect_words("/proc/filesystems", name);
}

static int vfat(const char *arg)
{
	/* a long name outside every code page: it needs the utf8 table */
	const char *name = "vfat/stra\xc3\x9f"
			   "e \xe2\x82\xac.txt";
	char dev[32];
	int fd;

	(void)arg;
	if (image_vfat("disk"))
		return FAIL;
	fd = loop_attach("disk", dev, sizeof(dev));
	if (fd < 0 || mount_on(dev, "vfat", "vfat", 0, NULL) ||
	    expect_text("vfat/hello", IMAGE_TEXT) || write_file(name, "text\n"))
		return FAIL;
	if (umount("vfat"))
		return failed("umount: %s", strerror(errno));
	if (mount_on(dev, "vfat", "vfat", MS_RDONLY, NULL))
		return FAIL;
	return expect_text(name, "text\n");
}

static int opens(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return failed("open %s: %s", path, strerror(errno));
	close(fd);
	return PASS;
}

static int nfsd(const char *arg)
{
	(void)arg;
	return mount_on("nfsd", "nfsd", "nfsd", 0, NULL) || access("nfsd/versions", F_OK) ?
		failed("nfsd/versions: %s", strerror(errno)) :
		PASS;
}

static int quota(const char *arg)
{
	(void)arg;
	return access("/proc/sys/fs/quota/syncs", F_OK) ?
		failed("/proc/sys/fs/quota: %s", strerror(errno)) :
		PASS;
}

const struct probe filesystems_probes[] = {
	{ "xfs stores a file", userland, "keeps xfs", .modules = "xfs" },
	{ "btrfs stores a file", userland, "keeps btrfs", .modules = "btrfs" },
	{ "f2fs stores a file", userland, "keeps f2fs", .modules = "f2fs" },
	{ "vfat stores a file", userland, "keeps vfat" },
	{ "vfat stores a file with a long name", vfat, NULL },
	{ "exfat stores a file", userland, "keeps exfat", 5, 7, .modules = "exfat" },
	{ "ntfs3 stores a file", userland, "keeps ntfs3", 5, 15, .modules = "ntfs3" },
	{ "nilfs2 is registered", known, "nilfs2", .modules = "nilfs2" },
	{ "udf stores a file", userland, "keeps udf", .modules = "udf" },
	{ "squashfs unpacks gzip", userland, "packed squashfs gzip" },
	{ "squashfs unpacks lz4", userland, "packed squashfs lz4" },
	{ "squashfs unpacks lzo", userland, "packed squashfs lzo" },
	{ "squashfs unpacks xz, filtered for x86", userland, "packed squashfs xz -Xbcj x86" },
	{ "squashfs unpacks zstd", userland, "packed squashfs zstd" },
	{ "erofs unpacks lz4", userland, "packed erofs lz4", 5, 4, .modules = "erofs" },
	{ "a FUSE server stores a file", fuse, NULL },
	{ "fuseblk is registered", known, "fuseblk" },
	{ "nfs is registered", known, "nfs", .modules = "nfs nfsv3" },
	{ "nfs 4.0 stores a file on the local server", userland, "nfs 4.0",
	  .modules = "nfsd nfsv4" },
	{ "nfs 4.2 stores a file on the local server", userland, "nfs 4.2",
	  .modules = "nfsd nfsv4" },
	{ "cifs is registered", known, "cifs", .modules = "cifs" },
	{ "virtiofs is registered", known, "virtiofs", 5, 4, .modules = "virtiofs" },
	{ "/dev/cuse can be opened", opens, "/dev/cuse", .modules = "cuse" },
	{ "the cache of network file systems can be opened", opens, "/dev/cachefiles",
	  .modules = "cachefiles" },
	{ "the NFS server has its control files", nfsd, NULL, .modules = "nfsd" },
	{ "quotas are counted", quota, NULL },
	{ "a partition of a loop device is found", loop_partition, "the first partition" },
	{ "a RAM disk stores a block", ramdisk, NULL, .modules = "brd" },
	{ "zram stores a block, compressed", zram, "lz4", .modules = "zram" },
	{ "zram stores a block, compressed by zstd", zram, "zstd", .modules = "zram" },
	{ "zram stores an ext4", userland, "keeps ext4 zram", .modules = "zram" },
	{ "nbd stores a block on its server", nbd, NULL, .modules = "nbd" },
	{ "iSCSI disks have their transport", exists, "/sys/class/iscsi_transport/tcp",
	  .modules = "iscsi_tcp" },
	{ "md has its levels", md_levels, "linear raid0 raid1 raid10 raid4 raid5 raid6",
	  .modules = "linear raid0 raid1 raid10 raid456" },
	{ "md mirrors a block to both disks", md_mirror, NULL, .modules = "brd raid1" },
	{ "device mapper has its targets", dm_targets,
	  "cache crypt integrity linear mirror raid snapshot striped thin thin-pool verity writecache zero",
	  .modules = "dm-cache dm-crypt dm-integrity dm-mirror dm-raid dm-snapshot dm-thin-pool "
		     "dm-verity dm-writecache dm-zero" },
	{ "dm-crypt encrypts what it writes", dm_crypt, "aes-xts-plain64",
	  .modules = "brd dm-crypt" },
	{ "dm-crypt encrypts in the format of older volumes", dm_crypt, "aes-cbc-essiv:sha256",
	  .modules = "brd dm-crypt" },
	{ NULL, NULL, NULL },
};
