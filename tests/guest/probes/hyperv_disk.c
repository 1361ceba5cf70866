// SPDX-License-Identifier: GPL-2.0
/* Disks of a Hyper-V host: contents and I/O errors. */
#define _GNU_SOURCE
#include "../../hvhost/stream.h"
#include "hyperv.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define FILE_BYTES   (64l << 20)
#define DISK_SECTORS (256l << 11)
#define BEYOND	     (200l << 20) /* offset on the disk beyond the file system */
#define CHUNK	     (256 << 10)

int disk_find(char *name, size_t size, long sectors)
{
	char path[300], text[32];
	struct dirent *entry;
	DIR *d = opendir("/sys/block");
	int found = -1, fd;
	ssize_t n;

	while (d && found && (entry = readdir(d))) {
		if (strncmp(entry->d_name, "sd", 2))
			continue;
		snprintf(path, sizeof(path), "/sys/block/%s/size", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		close(fd);
		text[n > 0 ? n : 0] = '\0';
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		if (atol(text) == sectors && !access(path, F_OK)) {
			snprintf(name, size, "/dev/%.16s", entry->d_name);
			found = 0;
		}
	}
	if (d)
		closedir(d);
	return found;
}

int disk_first(char *name, size_t size)
{
	for (int i = 0; i < 100; i++) {
		if (!disk_find(name, size, DISK_SECTORS))
			return 0;
		usleep(100000);
	}
	return failed("/sys/block has no sd disk of %ld sectors", DISK_SECTORS);
}

static int found(const char *arg)
{
	char dev[32];

	(void)arg;
	if (disk_first(dev, sizeof(dev)))
		return FAIL;
	diag("%s", dev);
	return PASS;
}

int write_stream(const char *path, long bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), rc = 0;
	char *buf = malloc(CHUNK);

	if (fd < 0 || !buf)
		return failed("open %s: %s", path, strerror(errno));
	for (long at = 0; !rc && at < bytes; at += CHUNK) {
		stream_make(buf, at, CHUNK);
		if (write(fd, buf, CHUNK) != CHUNK)
			rc = failed("write %s at %ld: %s", path, at, strerror(errno));
	}
	if (fsync(fd) && !rc)
		rc = failed("fsync %s: %s", path, strerror(errno));
	close(fd);
	free(buf);
	return rc;
}

static int check_stream(const char *path, long bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	char *buf = malloc(CHUNK);

	if (fd < 0 || !buf)
		return failed("open %s: %s", path, strerror(errno));
	for (long at = 0; !rc && at < bytes; at += CHUNK) {
		if (read(fd, buf, CHUNK) != CHUNK)
			rc = failed("read %s at %ld: %s", path, at, strerror(errno));
		else if (stream_check(buf, at, CHUNK) != CHUNK)
			rc = failed("%s: byte %ld differs from what was written", path,
				    at + (long)stream_check(buf, at, CHUNK));
	}
	close(fd);
	free(buf);
	return rc;
}

static int contents(const char *arg)
{
	char dev[32];
	int rc;

	(void)arg;
	if (disk_first(dev, sizeof(dev)) || ext4_make(dev) ||
	    mount_on(dev, "ext4", "ext4", 0, NULL) || write_stream("ext4/file", FILE_BYTES))
		return FAIL;
	if (umount("ext4"))
		return failed("umount: %s", strerror(errno));
	/* read from the disk, not from the page cache */
	if (write_file("/proc/sys/vm/drop_caches", "3") || mount_on(dev, "ext4", "ext4", 0, NULL))
		return FAIL;
	rc = check_stream("ext4/file", FILE_BYTES);
	umount("ext4");
	return rc;
}

static int io_error(const char *arg)
{
	char dev[32], answer[16], page[4096] = "text";
	int fd, rc = PASS;

	(void)arg;
	if (disk_first(dev, sizeof(dev)))
		return FAIL;
	fd = open(dev, O_RDWR | O_CLOEXEC);
	if (fd < 0 || host_ask(answer, sizeof(answer), "fault on"))
		return failed("%s: %s", dev, strerror(errno));
	if (pwrite(fd, page, sizeof(page), BEYOND) != sizeof(page))
		rc = failed("write: %s", strerror(errno));
	else if (!fsync(fd) || errno != EIO)
		rc = failed("fsync of a failed write: expected EIO, got %s", strerror(errno));
	else if (pread(fd, page, sizeof(page), BEYOND + (8 << 20)) >= 0 || errno != EIO)
		rc = failed("read: expected EIO, got %s", strerror(errno));
	if (host_ask(answer, sizeof(answer), "fault off"))
		return FAIL;
	if (!rc && (pwrite(fd, page, sizeof(page), BEYOND) != sizeof(page) || fsync(fd)))
		rc = failed("a write after the fault: %s", strerror(errno));
	close(fd);
	return rc;
}

const struct probe hyperv_disk_probes[] = {
	{ "the disk is there, with its size", found, NULL },
	{ "ext4: 64 MB read back the same after a remount", contents, NULL },
	{ "an I/O error of the host is EIO, and later I/O succeeds", io_error, NULL },
	{ NULL, NULL, NULL },
};
