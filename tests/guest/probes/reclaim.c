// SPDX-License-Identifier: GPL-2.0
/*
 * memory.reclaim as WSL uses it: "BYTES swappiness=0" takes page cache and leaves anonymous
 * memory where it is.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_NAME "cg/probe/memory.reclaim"
#define MB	  (1024 * 1024L)
#define SIZE	  (24 * MB) /* of anonymous memory, and of page cache */

/* The error of writing TEXT, or 0: all that was asked for was reclaimed. */
static int reclaim(const char *text)
{
	int fd = open(FILE_NAME, O_WRONLY | O_CLOEXEC), error;

	if (fd < 0)
		return errno;
	error = write(fd, text, strlen(text)) < 0 ? errno : 0;
	close(fd);
	return error;
}

static int arguments(void)
{
	static const char *const taken[] = {
		"4096",
		"4096 swappiness=0",
		"4096 swappiness=200",
		"  4K   swappiness=60  ",
	};
	static const char *const refused[] = {
		" ",
		"max",
		"4096x",
		"swappiness=0",
		"4096 swappiness",
		"4096 swappiness=",
		"4096 swappiness=201",
		"4096 swappiness=-1",
		"4096 swappiness=0 60",
		"4096 priority=0",
	};
	int rc = PASS, error;

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		error = reclaim(taken[i]);
		/* an empty group has less than that */
		if (error && error != EAGAIN)
			rc = failed("\"%s\": %s", taken[i], strerror(error));
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		error = reclaim(refused[i]);
		if (error != EINVAL)
			rc = failed("\"%s\" is not EINVAL: %s", refused[i],
				    error ? strerror(error) : "it is accepted");
	}
	return rc;
}

int reclaim_arguments(const char *arg)
{
	int rc;

	(void)arg;
	if (cgroup2("memory"))
		return FAIL;
	rc = arguments();
	return cgroup2_end() ? FAIL : rc;
}

/* The number behind NAME in a file, or -1 after diag(). */
static long number(const char *path, const char *name)
{
	static char text[65536];
	char *line, *rest = text;

	if (read_file(path, text, sizeof(text)) < 0)
		return -1;
	while ((line = strsep(&rest, "\n")))
		if (!strncmp(line, name, strlen(name)))
			return atol(line + strlen(name));
	return failed("%s has no %s", path, name);
}

/* A process of the group with anonymous memory, and page cache of the disk DEV. */
static int use_memory(const char *dev)
{
	int ready[2], pid, fd;
	static char buf[65536];
	char *memory, ok = 0;

	if (pipe2(ready, O_CLOEXEC))
		return failed("pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (write_file("cg/probe/cgroup.procs", "0"))
			_exit(1);
		memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			      0);
		fd = open(dev, O_RDONLY | O_CLOEXEC);
		if (memory == MAP_FAILED || fd < 0)
			_exit(1);
		for (long at = 0; at < SIZE; at += 4096)
			memset(memory + at, 1 + (at >> 12) % 255, 64);
		while (read(fd, buf, sizeof(buf)) > 0)
			;
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &ok, 1) != 1)
		pid = failed("the process that uses memory ended");
	close(ready[0]);
	return pid;
}

/* kB of the process in swap after TEXT was written up to five times, or -1 after diag() */
static long swapped_by(const char *text, const char *status)
{
	long swapped = 0;
	int error;

	for (int i = 0; i < 5 && !swapped; i++) {
		error = reclaim(text);
		if (error && error != EAGAIN)
			return failed("\"%s\": %s", text, strerror(error));
		swapped = number(status, "VmSwap:");
	}
	return swapped;
}

/* Nothing but swappiness= decides: in the same state, 0 swaps nothing and 200 does. */
static int cache_goes(int pid)
{
	long before = number("cg/probe/memory.stat", "file "), after, swapped;
	char status[64];

	snprintf(status, sizeof(status), "/proc/%d/status", pid);
	swapped = swapped_by("24M swappiness=0", status);
	after = number("cg/probe/memory.stat", "file ");
	diag("page cache: %ld kB, then %ld kB; %ld kB swapped", before >> 10, after >> 10, swapped);
	if (before < SIZE / 2)
		return failed("the page cache is not the group's");
	if (after < 0 || after > before / 4)
		return failed("the page cache is still there");
	if (swapped)
		return failed("swappiness=0 swapped anonymous memory");
	swapped = swapped_by("8M swappiness=200", status);
	return swapped > 0 ? PASS : failed("swappiness=200 swaps nothing");
}

int reclaim_cache(const char *arg)
{
	long before, after;
	char dev[64];
	int pid, error, rc = FAIL;

	(void)arg;
	if (cgroup2("memory") || file_of_size("disk", SIZE) < 0 ||
	    loop_attach("disk", dev, sizeof(dev)) < 0)
		return FAIL;
	pid = use_memory(dev);
	if (pid > 0) {
		before = number("cg/probe/memory.stat", "file ");
		/* pages are used all over the list: less than that is EAGAIN */
		error = reclaim("8M");
		after = number("cg/probe/memory.stat", "file ");
		diag("page cache: %ld kB, then %ld kB", before >> 10, after >> 10);
		if (error && error != EAGAIN)
			rc = failed("memory.reclaim: %s", strerror(error));
		else if (after < 0 || before - after < 4 * MB)
			rc = failed("8 MB were asked for");
		else
			rc = PASS;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return cgroup2_end() ? FAIL : rc;
}

int reclaim_swappiness(const char *arg)
{
	char dev[64];
	int file, loop = -1, pid, rc = FAIL;

	(void)arg;
	if (cgroup2("memory") || module_load("zram") ||
	    write_file("/sys/block/zram0/disksize", "64M"))
		return FAIL;
	/* only a disk has page cache; that of a hole is not kept a second time */
	file = file_of_size("disk", SIZE);
	if (file >= 0)
		loop = loop_attach("disk", dev, sizeof(dev));
	if (loop >= 0 && !swap_on("/dev/zram0", 64 * MB / 4096)) {
		rc = arguments();
		pid = use_memory(dev);
		if (pid > 0) {
			rc = cache_goes(pid) == PASS ? rc : FAIL;
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		} else {
			rc = FAIL;
		}
		if (swapoff("/dev/zram0"))
			rc = failed("swapoff: %s", strerror(errno));
	}
	if (write_file("/sys/block/zram0/reset", "1") || cgroup2_end())
		return FAIL;
	return rc;
}
