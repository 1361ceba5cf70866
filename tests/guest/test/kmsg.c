// SPDX-License-Identifier: GPL-2.0
/*
 * kmsg_faults() on a made-up log: the lines of a file are the records, "EPIPE" is the error for
 * records that were overwritten. The arguments are the directory whose warnings do not count,
 * the error at the end ("EAGAIN", or another) and the file. Linked with --wrap=read.
 */
#include "probe.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

static const char *end;

ssize_t __wrap_read(int fd, void *buf, size_t size);

ssize_t __wrap_read(int fd, void *buf, size_t size)
{
	char line[1000];

	(void)fd;
	if (!fgets(line, sizeof(line), stdin)) {
		errno = strcmp(end, "EAGAIN") ? EIO : EAGAIN;
		return -1;
	}
	if (!strcmp(line, "EPIPE\n")) {
		errno = EPIPE;
		return -1;
	}
	if (strlen(line) > size) {
		errno = EINVAL;
		return -1;
	}
	memcpy(buf, line, strlen(line));
	return strlen(line);
}

int main(int argc, char **argv)
{
	int rc, warnings;

	if (argc != 4 || !freopen(argv[3], "r", stdin))
		return 2;
	end = argv[2];
	rc = kmsg_faults(0, argv[1], &warnings);
	printf("%s, %d warnings\n", rc == PASS ? "ok" : "not ok", warnings);
	return 0;
}
