// SPDX-License-Identifier: GPL-2.0
/* Block devices backed by memory, the network, and other block devices. */
#define _GNU_SOURCE
#include "blockdev.h"
#include "probe.h"
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <linux/nbd.h>
#include <linux/raid/md_p.h>
#include <linux/raid/md_u.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define BLOCK 4096

int ramdisk(const char *arg)
{
	(void)arg;
	return write_read_block("/dev/ram0", 3);
}

int zram(const char *algorithm)
{
	const char *dir = "/sys/block/zram0";
	char path[128], stat[256];
	unsigned long stored = 0;
	int rc = FAIL;

	snprintf(path, sizeof(path), "%s/comp_algorithm", dir);
	if (write_file(path, algorithm))
		return FAIL;
	snprintf(path, sizeof(path), "%s/disksize", dir);
	if (write_file(path, "16777216"))
		return FAIL;
	if (!write_read_block("/dev/zram0", 5)) {
		snprintf(path, sizeof(path), "%s/mm_stat", dir);
		if (read_file(path, stat, sizeof(stat)) > 0 && sscanf(stat, "%lu", &stored) == 1 &&
		    stored)
			rc = PASS;
		else
			diag("mm_stat: nothing is stored: %s", stat);
	}
	snprintf(path, sizeof(path), "%s/reset", dir);
	return write_file(path, "1") ? FAIL : rc;
}

/* ---- a loop device whose partitions are found, as losetup -P makes it */

#define SECTOR 512
#define FIRST  64 /* the partition, in sectors */
#define LENGTH 256

/* A disk of a MB in FILE with an MBR, one partition, and TEXT at its start. 0, or -1 after diag(). */
static int partitioned(const char *file, const char *text)
{
	unsigned char mbr[SECTOR] = { 0 };
	/* of the first entry: type, then first sector and length in 32 bits each */
	uint32_t where[] = { htole32(FIRST), htole32(LENGTH) };
	int fd = file_of_size(file, 1 << 20), rc = 0;

	if (fd < 0)
		return -1;
	mbr[446 + 4] = 0x83;
	memcpy(mbr + 446 + 8, where, sizeof(where));
	mbr[510] = 0x55;
	mbr[511] = 0xaa;
	if (pwrite(fd, mbr, SECTOR, 0) != SECTOR ||
	    pwrite(fd, text, strlen(text), FIRST * SECTOR) != (ssize_t)strlen(text))
		rc = failed("write %s: %s", file, strerror(errno));
	close(fd);
	return rc;
}

int loop_partition(const char *text)
{
	struct loop_info64 info = { .lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN };
	char dev[32], path[128], name[64], size[16], have[64] = "";
	int fd, part;

	if (partitioned("disk", text))
		return FAIL;
	fd = loop_attach("disk", dev, sizeof(dev));
	if (fd < 0)
		return FAIL;
	if (ioctl(fd, LOOP_SET_STATUS64, &info))
		return failed("LO_FLAGS_PARTSCAN: %s", strerror(errno));
	snprintf(path, sizeof(path), "/sys/block/%s/%sp1/size", dev + 5, dev + 5);
	snprintf(size, sizeof(size), "%d\n", LENGTH);
	if (appears(path, name, sizeof(name)) || expect_text(path, size))
		return FAIL;
	snprintf(path, sizeof(path), "%sp1", dev);
	part = open(path, O_RDONLY | O_CLOEXEC);
	if (part < 0 || read(part, have, sizeof(have) - 1) < 0)
		return failed("read %s: %s", path, strerror(errno));
	close(part);
	close(fd);
	return strcmp(have, text) ? failed("%s: expected \"%s\", got \"%s\"", path, text, have) :
				    PASS;
}

/* ---- nbd: a server for a disk of 64 KB in its memory */

static void nbd_server(int fd)
{
	static char disk[16 * BLOCK];
	struct nbd_request request;
	struct nbd_reply reply = { .magic = htonl(NBD_REPLY_MAGIC) };
	size_t from, len;

	while (recv(fd, &request, sizeof(request), MSG_WAITALL) == sizeof(request)) {
		from = be64toh(request.from);
		len = ntohl(request.len);
		memcpy(&reply.handle, &request.handle, sizeof(reply.handle));
		switch (ntohl(request.type) & 0xffff) {
		case NBD_CMD_READ:
			if (from + len > sizeof(disk) || write(fd, &reply, sizeof(reply)) < 0 ||
			    write(fd, disk + from, len) < 0)
				return;
			break;
		case NBD_CMD_WRITE:
			if (from + len > sizeof(disk) ||
			    recv(fd, disk + from, len, MSG_WAITALL) != (ssize_t)len ||
			    write(fd, &reply, sizeof(reply)) < 0)
				return;
			break;
		default:
			return;
		}
	}
}

int nbd(const char *arg)
{
	int ends[2], fd = open("/dev/nbd0", O_RDWR | O_CLOEXEC), rc = FAIL, disk, tries;
	pid_t server, driver;
	ssize_t n = -1;
	char block[BLOCK];

	(void)arg;
	if (fd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return failed("open /dev/nbd0: %s", strerror(errno));
	if (ioctl(fd, NBD_SET_BLKSIZE, BLOCK) || ioctl(fd, NBD_SET_SIZE_BLOCKS, 16UL) ||
	    ioctl(fd, NBD_SET_SOCK, ends[0]))
		return failed("set up /dev/nbd0: %s", strerror(errno));
	server = fork();
	if (server == 0) {
		nbd_server(ends[1]);
		_exit(0);
	}
	driver = fork();
	if (driver == 0) {
		ioctl(fd, NBD_DO_IT);
		_exit(0);
	}
	/* the disk answers once the driver runs */
	for (tries = 0; tries < 100 && n != BLOCK; tries++) {
		usleep(20000);
		disk = open("/dev/nbd0", O_RDONLY | O_CLOEXEC);
		n = disk < 0 ? -1 : pread(disk, block, BLOCK, 0);
		close(disk);
	}
	rc = write_read_block("/dev/nbd0", 17);
	ioctl(fd, NBD_DISCONNECT);
	ioctl(fd, NBD_CLEAR_SOCK);
	kill(server, SIGKILL);
	return rc;
}

/* ---- md */

int md_levels(const char *names)
{
	return expect_words("/proc/mdstat", names);
}

static int md_add(int fd, int disk)
{
	mdu_disk_info_t info = {
		.number = disk,
		.major = RAMDISK_MAJOR,
		.minor = disk,
		.raid_disk = disk,
		.state = 1 << MD_DISK_ACTIVE | 1 << MD_DISK_SYNC,
	};

	return ioctl(fd, ADD_NEW_DISK, &info);
}

static int same_block(const char *a, const char *b)
{
	char one[BLOCK], two[BLOCK];
	int fa = open(a, O_RDONLY | O_CLOEXEC), fb = open(b, O_RDONLY | O_CLOEXEC), rc = 0;

	if (pread(fa, one, BLOCK, 8192) == BLOCK && pread(fb, two, BLOCK, 8192) == BLOCK)
		rc = !memcmp(one, two, BLOCK);
	close(fa);
	close(fb);
	return rc;
}

int md_mirror(const char *arg)
{
	/* a mirror without a superblock: the disks hold only the data */
	mdu_array_info_t array = {
		.level = 1,
		.nr_disks = 2,
		.raid_disks = 2,
		.active_disks = 2,
		.working_disks = 2,
		.not_persistent = 1,
		.state = 1 << MD_SB_CLEAN,
	};
	int fd, rc;

	(void)arg;
	if (mknod("md", S_IFBLK | 0600, makedev(MD_MAJOR, 0)))
		return failed("mknod: %s", strerror(errno));
	fd = open("md", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return failed("open md0: %s", strerror(errno));
	if (ioctl(fd, SET_ARRAY_INFO, &array) || md_add(fd, 0) || md_add(fd, 1) ||
	    ioctl(fd, RUN_ARRAY, NULL))
		return failed("assemble md0 of ram0, ram1: %s", strerror(errno));
	rc = write_read_block("md", 11);
	close(fd);
	if (!rc && !same_block("/dev/ram0", "md"))
		rc = failed("ram0 does not hold what was written");
	if (!rc && !same_block("/dev/ram1", "md"))
		rc = failed("ram1 does not hold what was written");
	fd = open("md", O_RDWR | O_CLOEXEC);
	if (ioctl(fd, STOP_ARRAY, NULL))
		rc = failed("stop md0: %s", strerror(errno));
	return rc;
}

/* ---- device mapper */

struct dm {
	struct dm_ioctl head;
	char more[16384];
};

static struct dm *dm_new(const char *name)
{
	struct dm *dm = calloc(1, sizeof(*dm));

	dm->head.version[0] = DM_VERSION_MAJOR;
	dm->head.data_size = sizeof(*dm);
	dm->head.data_start = offsetof(struct dm, more);
	if (name)
		strcpy(dm->head.name, name);
	return dm;
}

static int dm_do(unsigned long command, struct dm *dm, const char *what)
{
	int fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC), rc;

	if (fd < 0)
		return failed("open /dev/mapper/control: %s", strerror(errno));
	rc = ioctl(fd, command, dm);
	if (rc)
		diag("device mapper: %s: %s", what, strerror(errno));
	close(fd);
	return rc;
}

int dm_targets(const char *names)
{
	struct dm *dm = dm_new(NULL);
	struct dm_target_versions *target;
	char *list = strdup(names), *rest = list, *name, have[2048] = " ";
	int rc = PASS;

	if (dm_do(DM_LIST_VERSIONS, dm, "list of targets"))
		return FAIL;
	for (target = (void *)dm->more;; target = (void *)((char *)target + target->next)) {
		strcat(strcat(have, target->name), " ");
		if (!target->next)
			break;
	}
	while ((name = strsep(&rest, " ")))
		if (!has_word(have, name))
			rc = failed("no target %s", name);
	return rc;
}

int dm_crypt(const char *cipher)
{
	struct dm_target_spec *spec;
	struct dm *dm = dm_new("probe");
	char clear[BLOCK], back[BLOCK];
	int rc = FAIL, raw;
	const char *key = strstr(cipher, "xts") ?
		"00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0" :
		"00112233445566778899aabbccddeeff";

	if (dm_do(DM_DEV_CREATE, dm, "create"))
		return FAIL;
	if (mknod("crypt", S_IFBLK | 0600, dm->head.dev))
		return failed("mknod: %s", strerror(errno));
	dm = dm_new("probe");
	dm->head.target_count = 1;
	spec = (void *)dm->more;
	spec->length = 2048;
	strcpy(spec->target_type, "crypt");
	sprintf((char *)(spec + 1), "%s %s 0 /dev/ram2 0", cipher, key);
	if (dm_do(DM_TABLE_LOAD, dm, "load a crypt table") ||
	    dm_do(DM_DEV_SUSPEND, dm_new("probe"), "resume"))
		goto out;
	if (write_read_block("crypt", 13))
		goto out;
	raw = open("crypt", O_RDONLY | O_CLOEXEC);
	if (pread(raw, clear, BLOCK, 8192) != BLOCK)
		diag("read crypt: %s", strerror(errno));
	close(raw);
	raw = open("/dev/ram2", O_RDONLY | O_CLOEXEC);
	if (pread(raw, back, BLOCK, 8192) != BLOCK)
		diag("read ram2: %s", strerror(errno));
	else if (!memcmp(clear, back, 64))
		diag("the disk below holds the plain text");
	else
		rc = PASS;
	close(raw);
out:
	return dm_do(DM_DEV_REMOVE, dm_new("probe"), "remove") ? FAIL : rc;
}
