/* SPDX-License-Identifier: GPL-2.0 */
/* The file descriptors of a test: how many are open, and a process that is out of them. */
#ifndef FDS_H
#define FDS_H

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define FDS_LIMIT 128

static int taken_fds[FDS_LIMIT], taken;

/* The open ones, with what the count itself takes. */
static inline int open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

/* Take all descriptors but FREE. */
static inline void take_fds(int free)
{
	struct rlimit limit = { .rlim_cur = FDS_LIMIT, .rlim_max = FDS_LIMIT };
	int fd;

	setrlimit(RLIMIT_NOFILE, &limit);
	for (taken = 0; taken < FDS_LIMIT && (fd = open("/dev/null", O_RDONLY)) >= 0; taken++)
		taken_fds[taken] = fd;
	while (free-- && taken)
		close(taken_fds[--taken]);
}

static inline void give_fds(void)
{
	while (taken)
		close(taken_fds[--taken]);
}

#endif
