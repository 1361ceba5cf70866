// SPDX-License-Identifier: GPL-2.0
/*
 * bench=cost: what reporting takes of the processor. In emulated time an instruction takes a
 * nanosecond and this guest has one processor, so the time of the same work with and without
 * reporting differs by what reporting takes.
 *   bench: work_ns      twelve processes one after the other, each of which takes and frees
 *                       memory as a compiler does: half a second, 48 MB, an object file
 *   bench: idle_busy_ms of two minutes with nothing running, what is not idle in /proc/stat
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define JOBS	   12
#define JOB_PAGES  (48UL << 8)
#define PAGE_BYTES 4096UL
/* rounds over a page, of 4 microseconds each: half a second for a job */
#define ROUNDS	     10
#define OBJECT_BYTES (200UL << 10)
#define IDLE_SECONDS 120

static unsigned long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void object_name(char path[64], int number)
{
	snprintf(path, 64, "/object%d", number);
}

static void compile(int number)
{
	unsigned long sum = number;
	size_t page, i;
	char path[64], *area;
	int fd, round;

	area = mmap(NULL, JOB_PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		_exit(1);
	for (page = 0; page < JOB_PAGES; page++) {
		volatile unsigned long *word = (void *)(area + page * PAGE_BYTES);

		for (round = 0; round < ROUNDS; round++)
			for (i = 0; i < PAGE_BYTES / sizeof(*word); i++)
				word[i] = sum += word[i] + i;
	}
	object_name(path, number);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	_exit(fd < 0 || write(fd, area, OBJECT_BYTES) != (ssize_t)OBJECT_BYTES);
}

static int work(void)
{
	unsigned long long start = now_ns();
	int i, status;
	pid_t pid;

	for (i = 0; i < JOBS; i++) {
		pid = fork();
		if (!pid)
			compile(i);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return -1;
		if (status) {
			errno = ENOMEM;
			return -1;
		}
	}
	printf("bench: work_ns %llu\n", now_ns() - start);
	return 0;
}

/* idle and iowait of /proc/stat, in units of 10 ms */
static long long idle_ticks(void)
{
	long long idle, wait;
	FILE *f = fopen("/proc/stat", "r");
	int n;

	if (!f)
		return -1;
	n = fscanf(f, "cpu %*d %*d %*d %lld %lld", &idle, &wait);
	fclose(f);
	return n == 2 ? idle + wait : -1;
}

static int idle(void)
{
	unsigned long long start;
	long long before, after;

	/* what the work has left to do */
	sleep(10);
	start = now_ns();
	before = idle_ticks();
	sleep(IDLE_SECONDS);
	after = idle_ticks();
	if (before < 0 || after < 0)
		return -1;
	printf("bench: idle_busy_ms %lld\n",
	       (long long)((now_ns() - start) / 1000000) - (after - before) * 10);
	return 0;
}

int cost(void)
{
	return work() || idle() ? -1 : 0;
}
