// SPDX-License-Identifier: GPL-2.0
/*
 * A folder of the host that is mounted on share, by virtiofs or by 9P. The host has it with
 * LIST; "shared" is a command of tests/hvhost/commands.c.
 */
#define _GNU_SOURCE
#include "../../hvhost/stream.h"
#include "hyperv.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART	(64 << 10) /* bytes of a write */
#define WRITTEN (1 << 20)
#define LIST	"share/cksum.list" /* by cksum, of all other files */

int folder_tag(char *tag)
{
	char answer[256];
	const char *is = host_has(" folder=", answer, sizeof(answer));

	if (!is)
		return FAIL;
	if (*is == ' ')
		return skip("the host has no folder: --virtio-fs");
	sscanf(is, "%63s", tag);
	return PASS;
}

/* The checksum of POSIX's cksum. */
static uint32_t checksum_byte(uint32_t crc, uint8_t byte)
{
	crc ^= (uint32_t)byte << 24;
	for (int bit = 0; bit < 8; bit++)
		crc = crc << 1 ^ (crc >> 31 ? 0x04c11db7 : 0);
	return crc;
}

static int checksum(const char *path, uint32_t *crc, unsigned long *size)
{
	static uint8_t buf[PART];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	*crc = *size = 0;
	if (fd < 0)
		return failed("%s: %s", path, strerror(errno));
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			*crc = checksum_byte(*crc, buf[i]);
		*size += n;
	}
	close(fd);
	for (unsigned long left = *size; left; left >>= 8)
		*crc = checksum_byte(*crc, left);
	*crc = ~*crc;
	return n < 0 ? failed("%s: read: %s", path, strerror(errno)) : 0;
}

static int count(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int n = 0;

	if (!d)
		return failed("%s: %s", dir, strerror(errno));
	while ((entry = readdir(d)))
		n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(d);
	return n;
}

int folder_compare(void)
{
	unsigned long want_size, size, bytes = 0;
	char line[300], name[200], path[300];
	int rc = PASS, files = 0;
	uint32_t want, crc;
	FILE *list;

	list = fopen(LIST, "re");
	if (!list)
		return failed("%s: %s", LIST, strerror(errno));
	while (fgets(line, sizeof(line), list)) {
		if (sscanf(line, "%u %lu %199s", &want, &want_size, name) != 3)
			return failed("%s: %s", LIST, line);
		snprintf(path, sizeof(path), "share/%s", name);
		if (checksum(path, &crc, &size))
			return FAIL;
		if (crc != want || size != want_size)
			rc = failed("%s: %lu bytes with checksum %u, the host has %lu and %u", name,
				    size, crc, want_size, want);
		files++;
		bytes += size;
	}
	fclose(list);
	diag("%d files, %lu kB", files, bytes >> 10);
	if (!files || count("share") != files + 1)
		rc = failed("the list has %d files, the folder %d", files, count("share"));
	return rc;
}

int write_stream_to(int fd, size_t bytes)
{
	static char buf[PART];

	for (size_t at = 0; at < bytes; at += PART) {
		stream_make(buf, at, PART);
		if (write(fd, buf, PART) != PART)
			return failed("write at %zu: %s", at, strerror(errno));
	}
	return fsync(fd) ? failed("fsync: %s", strerror(errno)) : 0;
}

int folder_has(const char *name, size_t bytes)
{
	char answer[64], want[64];

	if (host_ask(answer, sizeof(answer), "shared %s", name))
		return FAIL;
	snprintf(want, sizeof(want), "%zu %zu", bytes, bytes);
	if (strcmp(answer, want))
		return failed("%zu bytes were written; size and good bytes there: %s", bytes,
			      answer);
	return PASS;
}

/* A file that the guest writes is on the host by its second name. */
static int write_and_rename(void)
{
	int fd = open("share/new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return failed("share/new: %s", strerror(errno));
	if (write_stream_to(fd, WRITTEN))
		return FAIL;
	close(fd);
	if (rename("share/new", "share/renamed"))
		return failed("rename: %s", strerror(errno));
	if (absent("share/new") || folder_has("renamed", WRITTEN))
		return FAIL;
	return unlink("share/renamed") ? failed("unlink: %s", strerror(errno)) : 0;
}

/* Each has its own name as its content. */
static int one_of_many(int i, int make)
{
	char path[64], got[64] = "";

	snprintf(path, sizeof(path), "share/many/%d", i);
	if (make) {
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		ssize_t n = fd < 0 ? -1 : write(fd, path, strlen(path));

		close(fd);
		return n == (ssize_t)strlen(path) ? 0 : failed("%s: %s", path, strerror(errno));
	}
	if (read_file(path, got, sizeof(got)) < 0)
		return FAIL;
	if (strcmp(got, path))
		return failed("%s has \"%s\"", path, got);
	return unlink(path) ? failed("unlink %s: %s", path, strerror(errno)) : 0;
}

int folder_change(int files)
{
	if (write_and_rename() || make_dir("share/many"))
		return FAIL;
	for (int i = 0; i < files; i++)
		if (one_of_many(i, 1))
			return FAIL;
	if (count("share/many") != files)
		return failed("%d files were made, %d are there", files, count("share/many"));
	for (int i = 0; i < files; i++)
		if (one_of_many(i, 0))
			return FAIL;
	return rmdir("share/many") ? failed("rmdir: %s", strerror(errno)) : PASS;
}
