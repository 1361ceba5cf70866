// SPDX-License-Identifier: GPL-2.0
/*
 * Disks as WSL has them (DISKS=wsl): LUNs of one controller that come and go while the guest
 * runs, and UNMAP, which storvsc uses on disks of Microsoft's vendor; it never uses WRITE SAME.
 * "add-lun", "remove-lun" and "blocks" are commands of tests/hvhost/commands.c.
 */
#define _GNU_SOURCE
#include "hyperv.h"
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define FIRST	2 /* LUNs 0 and 1 are the disks that the host starts with */
#define LAST	11
#define GONE_MS 15000
#define BYTES	(16l << 20)
#define BEYOND	(200l << 20) /* offset on the disk beyond the file system */

static int as_wsl(void)
{
	char answer[200];

	if (host_ask(answer, sizeof(answer), "about"))
		return FAIL;
	return strstr(answer, "wsl_disks=1") ?
		PASS :
		skip("the host has a controller for each disk: DISKS=wsl");
}

/* Is LUN N there, with a node in /dev? If so, its name is DEV. */
static int there(int n, char *dev, size_t size)
{
	char pattern[80], node[40];
	glob_t found;
	int rc = 0;

	snprintf(pattern, sizeof(pattern), "/sys/bus/scsi/devices/*:0:0:%d/block/sd*", n);
	if (glob(pattern, 0, NULL, &found))
		return 0;
	snprintf(node, sizeof(node), "/dev/%.16s", strrchr(found.gl_pathv[0], '/') + 1);
	if (!access(node, F_OK)) {
		snprintf(dev, size, "%s", node);
		rc = 1;
	}
	globfree(&found);
	return rc;
}

/* Wait until LUN N is there, or with WANTED 0 until it is not. */
static int wait_for(int n, int wanted, char *dev, size_t size)
{
	long end = now_ms() + GONE_MS;

	while (there(n, dev, size) != wanted) {
		if (now_ms() > end)
			return failed("LUN %d is %s after %d s", n, wanted ? "missing" : "there",
				      GONE_MS / 1000);
		usleep(50000);
	}
	return 0;
}

/* The node of a disk is there before the disk is. */
static int open_live(const char *dev, int flags)
{
	int fd = open(dev, flags);

	for (int i = 0; fd < 0 && errno == ENXIO && i < 100; i++) {
		usleep(50000);
		fd = open(dev, flags);
	}
	return fd;
}

/* A disk of odd number is read-only. */
static int use(int n, const char *dev)
{
	char *page = aligned_alloc(4096, 4096);
	int fd = open_live(dev, O_RDWR | O_DIRECT | O_CLOEXEC), rc = 0, only = n % 2;

	if (!page)
		return failed("no memory");
	if (fd < 0 && only && errno == EROFS)
		fd = open_live(dev, O_RDONLY | O_DIRECT | O_CLOEXEC);
	else if (fd >= 0 && only)
		rc = failed("LUN %d, read-only, was opened for writing", n);
	memset(page, n, 4096);
	if (!rc &&
	    (fd < 0 || (!only && pwrite(fd, page, 4096, 0) != 4096) ||
	     pread(fd, page, 4096, 0) != 4096 || page[0] != (only ? 0 : n)))
		rc = failed("LUN %d, %s: %s", n, dev, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(page);
	return rc;
}

/* WSL deletes a disk in the guest before the host takes it away; here every second one is. */
static int delete (const char *dev)
{
	char path[80];

	snprintf(path, sizeof(path), "/sys/block/%.16s/device/delete", dev + strlen("/dev/"));
	return write_file(path, "1");
}

static int come_and_go(const char *arg)
{
	char dev[LAST + 1][40], answer[64];
	int rc = as_wsl();

	(void)arg;
	for (int n = FIRST; rc == PASS && n <= LAST; n++)
		if (host_ask(answer, sizeof(answer), "add-lun %d%s", n,
			     n % 2 ? " read-only" : "") ||
		    wait_for(n, 1, dev[n], sizeof(dev[n])) || use(n, dev[n]))
			return FAIL;
	for (int n = FIRST; rc == PASS && n <= LAST; n++) {
		if (n % 4 < 2 && delete (dev[n]))
			return FAIL;
		if (host_ask(answer, sizeof(answer), "remove-lun %d", n) ||
		    wait_for(n, 0, dev[n], sizeof(dev[n])))
			return FAIL;
		if (n < LAST && !there(n + 1, dev[n + 1], sizeof(dev[n + 1])))
			return failed("LUN %d has gone with LUN %d", n + 1, n);
	}
	return rc;
}

struct blocks {
	unsigned long long bytes, unmaps;
};

static int ask_blocks(struct blocks *b)
{
	char answer[100];

	if (host_ask(answer, sizeof(answer), "blocks"))
		return -1;
	if (sscanf(answer, "%llu %llu", &b->bytes, &b->unmaps) != 2)
		return failed("\"blocks\": the host answered \"%s\"", answer);
	return 0;
}

/* Fill BYTES of the disk at BEYOND; what the host has then is BEFORE. */
static int fill(int fd, struct blocks *before)
{
	char *buf = aligned_alloc(4096, BYTES);
	int rc = 0;

	if (!buf)
		return failed("no memory");
	memset(buf, 0x5a, BYTES);
	if (pwrite(fd, buf, BYTES, BEYOND) != BYTES || fsync(fd))
		rc = failed("write: %s", strerror(errno));
	free(buf);
	return rc || ask_blocks(before) ? -1 : 0;
}

static int zeros(int fd)
{
	char *buf = aligned_alloc(4096, BYTES);
	long i = 0;
	int rc = 0;

	if (!buf || pread(fd, buf, BYTES, BEYOND) != BYTES)
		rc = failed("read: %s", strerror(errno));
	for (; !rc && i < BYTES; i++)
		if (buf[i])
			rc = failed("byte %ld is 0x%02x, not 0", i, (unsigned char)buf[i]);
	free(buf);
	return rc;
}

/* Discard what fill() has written, and see what became of it at the host. */
static int discard(struct blocks *before, struct blocks *after)
{
	uint64_t range[2] = { BEYOND, BYTES };
	char dev[32];
	int rc = as_wsl(), fd;

	if (rc)
		return rc;
	if (disk_first(dev, sizeof(dev)))
		return FAIL;
	fd = open(dev, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		return failed("%s: %s", dev, strerror(errno));
	if (fill(fd, before))
		rc = FAIL;
	else if (ioctl(fd, BLKDISCARD, range))
		rc = failed("ioctl: %s", strerror(errno));
	else if (zeros(fd) || ask_blocks(after))
		rc = FAIL;
	close(fd);
	return rc;
}

static int unmapped(const char *arg)
{
	struct blocks before, after;
	int rc = discard(&before, &after);

	(void)arg;
	if (rc)
		return rc;
	diag("%llu UNMAP commands, the file has %lld kB less", after.unmaps - before.unmaps,
	     (long long)(before.bytes - after.bytes) / 1024);
	if (after.unmaps == before.unmaps || after.bytes + BYTES > before.bytes)
		return failed("%llu UNMAP commands, the file went from %llu to %llu bytes",
			      after.unmaps - before.unmaps, before.bytes, after.bytes);
	return PASS;
}

const struct probe hyperv_lun_probes[] = {
	{ "ten LUNs of one controller are added and removed", come_and_go, NULL },
	{ "a discard gives the host 16 MB back", unmapped, NULL },
	{ NULL, NULL, NULL },
};
