// SPDX-License-Identifier: GPL-2.0
/*
 * File systems: each by its name, and used where it needs no mkfs: FAT by a
 * hand-written image, FUSE by a file server of one function, and whatever the
 * host puts into the share as images/TYPE.img. Block devices are in blockdev.c.
 */
#define _GNU_SOURCE
#include "blockdev.h"
#include "probe.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int fs_known(const char *name)
{
	char text[4096];

	if (read_file("/proc/filesystems", text, sizeof(text)) < 0)
		return 0;
	if (!has_word(text, name))
		return failed("/proc/filesystems does not list %s", name) == PASS;
	return 1;
}

static int known(const char *name)
{
	return fs_known(name) ? PASS : FAIL;
}

static int vfat(const char *arg)
{
	/* a long name outside every code page: it needs the utf8 table */
	const char *name = "vfat/stra\xc3\x9f" "e \xe2\x82\xac.txt";
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

/* Mount images/TYPE.img of the share as TYPE. */
static int image(const char *name)
{
	char type[64], from[300], dev[32];
	int fd;

	snprintf(type, sizeof(type), "%.*s", (int)strcspn(name, ".-"), name);
	snprintf(from, sizeof(from), "9p/images/%s", name);
	if (copy_file(from, "disk"))
		return FAIL;
	fd = loop_attach("disk", dev, sizeof(dev));
	if (fd < 0 || mount_on(dev, "disk-of-it", type, MS_RDONLY, NULL))
		return FAIL;
	if (expect_text("disk-of-it/hello", IMAGE_TEXT))
		return failed("%s does not hold what it should", name);
	umount("disk-of-it");
	close(fd);
	return PASS;
}

static int images(const char *arg)
{
	struct dirent *entry;
	int rc, count = 0;
	DIR *dir;

	(void)arg;
	rc = mount_share("9p");
	if (rc)
		return rc;
	dir = opendir("9p/images");
	while (dir && (entry = readdir(dir))) {
		if (!strstr(entry->d_name, ".img"))
			continue;
		count++;
		if (image(entry->d_name))
			rc = FAIL;
	}
	return count ? rc : skip("the share has no images/*.img");
}

/* ---- FUSE: a root directory, and nothing more, from this very process */

static void answer(int fd, uint64_t unique, int error, const void *data, size_t len)
{
	static char buf[4096];
	struct fuse_out_header *out = (void *)buf;

	out->len = sizeof(*out) + len;
	out->error = error;
	out->unique = unique;
	memcpy(out + 1, data, len);
	if (write(fd, buf, out->len) < 0)
		diag("answer to FUSE: %s", strerror(errno));
}

static void serve(int fd)
{
	static char buf[FUSE_MIN_READ_BUFFER * 20];
	struct fuse_in_header *in = (void *)buf;
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = 26, .max_write = 4096,
	};
	struct fuse_attr_out attr = {
		.attr = { .ino = 1, .mode = S_IFDIR | 0755, .nlink = 2, .size = 4711 },
	};

	while (read(fd, buf, sizeof(buf)) > 0) {
		if (in->opcode == FUSE_INIT)
			answer(fd, in->unique, 0, &init, sizeof(init));
		else if (in->opcode == FUSE_GETATTR)
			answer(fd, in->unique, 0, &attr, sizeof(attr));
		else if (in->opcode != FUSE_FORGET && in->opcode != FUSE_INTERRUPT)
			answer(fd, in->unique, -ENOSYS, NULL, 0);
	}
}

static int fuse(const char *arg)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC), rc;
	char options[128];
	struct stat st;
	pid_t server;

	(void)arg;
	if (fd < 0)
		return failed("open /dev/fuse: %s", strerror(errno));
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount_on("probe", "fuse", "fuse", 0, options))
		return FAIL;
	server = fork();
	if (server == 0) {
		serve(fd);
		_exit(0);
	}
	rc = stat("fuse", &st);
	if (rc)
		diag("stat of the mount: %s", strerror(errno));
	else if (st.st_size != 4711)
		rc = failed("expected the server's size 4711, got %ld", (long)st.st_size);
	umount2("fuse", MNT_DETACH);
	kill(server, SIGKILL);
	return rc ? FAIL : PASS;
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
		failed("nfsd/versions: %s", strerror(errno)) : PASS;
}

static int quota(const char *arg)
{
	(void)arg;
	return access("/proc/sys/fs/quota/syncs", F_OK) ?
		failed("/proc/sys/fs/quota: %s", strerror(errno)) : PASS;
}

const struct probe filesystems_probes[] = {
	{ "xfs is known", known, "xfs", .modules = "xfs" },
	{ "btrfs is known", known, "btrfs", .modules = "btrfs" },
	{ "f2fs is known", known, "f2fs", .modules = "f2fs" },
	{ "squashfs is known", known, "squashfs" },
	{ "udf is known", known, "udf", .modules = "udf" },
	{ "fuseblk is known", known, "fuseblk" },
	{ "nfs is known", known, "nfs", .modules = "nfs nfsv3" },
	{ "nfs4 is known", known, "nfs4", .modules = "nfsv4" },
	{ "cifs is known", known, "cifs", .modules = "cifs" },
	{ "erofs is known", known, "erofs", 5, 4, .modules = "erofs" },
	{ "exfat is known", known, "exfat", 5, 7, .modules = "exfat" },
	{ "ntfs3 is known", known, "ntfs3", 5, 15, .modules = "ntfs3" },
	{ "virtiofs is known", known, "virtiofs", 5, 4, .modules = "virtiofs" },
	{ "vfat keeps a file with a long name", vfat, NULL },
	{ "the host's images mount", images, NULL },
	{ "fuse asks its server", fuse, NULL },
	{ "cuse opens", opens, "/dev/cuse", .modules = "cuse" },
	{ "the cache of network file systems opens", opens, "/dev/cachefiles", .modules = "cachefiles" },
	{ "the NFS server has its controls", nfsd, NULL, .modules = "nfsd" },
	{ "quotas are counted", quota, NULL },
	{ "a RAM disk keeps a block", ramdisk, NULL, .modules = "brd" },
	{ "zram keeps a block, compressed", zram, "lz4", .modules = "zram" },
	{ "zram keeps a block, compressed by zstd", zram, "zstd", .modules = "zram" },
	{ "nbd asks its server", nbd, NULL, .modules = "nbd" },
	{ "md has its levels", md_levels, "linear raid0 raid1 raid10 raid4 raid5 raid6",
	  .modules = "linear raid0 raid1 raid10 raid456" },
	{ "md mirrors a block to both disks", md_mirror, NULL, .modules = "brd raid1" },
	{ "device mapper has its targets", dm_targets,
	  "cache crypt integrity linear mirror raid snapshot striped thin thin-pool verity writecache zero",
	  .modules = "dm-cache dm-crypt dm-integrity dm-mirror dm-raid dm-snapshot dm-thin-pool "
	  "dm-verity dm-writecache dm-zero" },
	{ "dm-crypt ciphers what it writes", dm_crypt, "aes-xts-plain64", .modules = "brd dm-crypt" },
	{ "dm-crypt ciphers the way of older volumes", dm_crypt, "aes-cbc-essiv:sha256", .modules = "brd dm-crypt" },
	{ NULL, NULL, NULL },
};
