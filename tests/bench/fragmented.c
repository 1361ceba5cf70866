// SPDX-License-Identifier: GPL-2.0
/*
 * bench=fragmented: memory that comes back after work, not after one large free.
 *
 *  1. Touch all memory, so that the host has all of it, and free it.
 *  2. Eight processes take 40 MB each, in turns of 64 kB; after each turn four small files are
 *     written, a large one grows and ten names are looked up that do not exist. So whatever is
 *     freed later is in holes smaller than a block of order 5, between memory that stays.
 *  3. Every second process ends, every second small file and two of four large ones are removed.
 *  4. What WSL does with an idle guest, every ten seconds from then on: reclaim=gradual writes
 *     to memory.reclaim what wsl_step() says, with swappiness=0, or once to drop_caches where
 *     that file does not exist; reclaim=dropcache writes once to drop_caches. Then it compacts.
 *
 * The host looks while the guest is stopped: at "touched", at "full" after 2, and 5, 15 and 60 s
 * after 3, each of which is a line
 *   bench: mark NAME free KB reclaimable KB left KB swapped KB small KB
 * MemFree; Active(file) + Inactive(file) + SReclaimable; how much of that WSL leaves to the
 * guest; what of the survivors' memory is in swap; what is free in blocks that are too small
 * to be reported.
 * The host has to give a disk with ext4, /dev/vda, one with swap space, /dev/vdb, and pvpanic.
 * A look that is late by more than a second is an error: it would show another moment.
 * A kernel that cannot mount the disk prints "bench: unavailable WHY" instead.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define PROCESSES	 8
#define TURN_BYTES	 (64UL << 10)
#define TURNS		 640 /* of each process: 40 MB */
#define FILES_PER_TURN	 4
#define FILES		 20000
#define DIRECTORIES	 100
#define LARGE_FILES	 4
#define LARGE_BYTES	 (40UL << 10) /* a turn: 50 MB each in the end */
#define LOOKUPS_PER_TURN 10
/* Less cannot be had: other zones keep it back. */
#define UNTOUCHED_KB (8 << 10)

#define PVPANIC_PORT	 0x505
#define PVPANIC_PANICKED 1

#define MEMORY_RECLAIM "/sys/fs/cgroup/memory.reclaim"
#define DROP_CACHES    "/proc/sys/vm/drop_caches"
#define MIN_FREE       "/proc/sys/vm/min_free_kbytes"

struct worker {
	pid_t pid;
	int turn[2], done[2]; /* pipes */
};

static struct worker workers[PROCESSES];
static const char block[4 * 4096];

/* QEMU stops the machine here, so that the host looks at this moment however loaded it is. */
static void stop(void)
{
	tcdrain(1);
	outb(PVPANIC_PANICKED, PVPANIC_PORT);
}

static long reclaimable_kb(void)
{
	return meminfo("Active(file)") + meminfo("Inactive(file)") + meminfo("SReclaimable");
}

static long swapped_kb(pid_t pid)
{
	char path[64], line[128];
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		sscanf(line, "VmSwap: %ld", &kb);
	fclose(f);
	return kb;
}

/* The order of the smallest blocks that are reported; a huge page's where none is set. */
static int reporting_order(void)
{
	FILE *f = fopen("/sys/module/page_reporting/parameters/page_reporting_order", "r");
	int order = -1;

	if (f) {
		if (fscanf(f, "%d", &order) != 1)
			order = -1;
		fclose(f);
	}
	return order < 0 || order > 10 ? 9 : order;
}

/* /proc/buddyinfo: "Node 0, zone DMA 1 0 ...", blocks of each order */
static long small_kb(void)
{
	FILE *f = fopen("/proc/buddyinfo", "r");
	int order, n, used, orders = reporting_order();
	char line[256], *p;
	long blocks, kb = 0;

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		p = line;
		if (sscanf(p, "Node %*d, zone %*s%n", &used) < 0)
			continue;
		p += used;
		for (order = 0; order < orders; order++) {
			n = sscanf(p, "%ld%n", &blocks, &used);
			if (n != 1)
				break;
			kb += blocks * (4 << order);
			p += used;
		}
	}
	fclose(f);
	return kb;
}

static void mark(const char *name, long leaves_kb)
{
	long reclaimable = reclaimable_kb(), swapped = 0;
	int i;

	for (i = 1; i < PROCESSES; i += 2)
		swapped += workers[i].pid ? swapped_kb(workers[i].pid) : 0;
	printf("bench: mark %s free %ld reclaimable %ld left %ld swapped %ld small %ld\n", name,
	       meminfo("MemFree"), reclaimable, reclaimable < leaves_kb ? reclaimable : leaves_kb,
	       swapped, small_kb());
	stop();
}

/* ---- 1 */

static void touch_until_full(int done)
{
	const size_t size = 1 << 20;

	while (meminfo("MemFree") > UNTOUCHED_KB) {
		void *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				  -1, 0);

		if (area == MAP_FAILED)
			_exit(1);
		memset(area, 0x5a, size);
	}
	if (write(done, "", 1) == 1)
		pause();
	_exit(1);
}

static int touch_all(void)
{
	char kept[32] = "";
	FILE *f = fopen(MIN_FREE, "r");
	int done[2];
	pid_t pid;
	char c;

	if (!f || !fgets(kept, sizeof(kept), f) || pipe(done))
		return -1;
	fclose(f);
	if (write_file(MIN_FREE, "1024"))
		return -1;
	pid = fork();
	if (pid < 0)
		return -1;
	if (!pid)
		touch_until_full(done[1]);
	close(done[1]);
	if (read(done[0], &c, 1) != 1) {
		errno = ENOMEM;
		return -1;
	}
	mark("touched", 0);
	close(done[0]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return write_file(MIN_FREE, kept);
}

/* ---- 2 */

static void work(const struct worker *w)
{
	size_t size = TURNS * TURN_BYTES, used = 0;
	char *area, c;

	/* by the page, as most heaps grow: huge pages would leave no holes */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		_exit(1);
	while (read(w->turn[0], &c, 1) == 1) {
		if (used < size)
			memset(area + used, 0xa5, TURN_BYTES);
		used += TURN_BYTES;
		if (write(w->done[1], "", 1) != 1)
			break;
	}
	_exit(1);
}

static int start_workers(void)
{
	int i;

	for (i = 0; i < PROCESSES; i++) {
		struct worker *w = &workers[i];

		if (pipe(w->turn) || pipe(w->done))
			return -1;
		w->pid = fork();
		if (w->pid < 0)
			return -1;
		if (!w->pid)
			work(w);
	}
	return 0;
}

static const char *small_file(int i)
{
	static char path[64];

	snprintf(path, sizeof(path), "/disk/%d/file%d", i % DIRECTORIES, i);
	return path;
}

static const char *large_file(int i)
{
	static char path[64];

	snprintf(path, sizeof(path), "/disk/large%d", i);
	return path;
}

static int append(const char *path, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	size_t n;

	if (fd < 0)
		return -1;
	while (size) {
		n = size < sizeof(block) ? size : sizeof(block);
		if (write(fd, block, n) != (ssize_t)n) {
			close(fd);
			return -1;
		}
		size -= n;
	}
	return close(fd);
}

/* One turn of the work; it is the number of turns so far that makes it differ. */
static int turn(int number)
{
	const struct worker *w = &workers[number % PROCESSES];
	struct stat st;
	char path[64], c;
	int i;

	if (write(w->turn[1], "", 1) != 1 || read(w->done[0], &c, 1) != 1)
		return -1;
	for (i = number * FILES_PER_TURN; i < (number + 1) * FILES_PER_TURN && i < FILES; i++)
		if (append(small_file(i), 4096 * (1 + i / 2 % 4)))
			return -1;
	for (i = 0; i < LOOKUPS_PER_TURN; i++) {
		snprintf(path, sizeof(path), "/disk/%d/none%d", i, number);
		if (!stat(path, &st))
			return -1;
	}
	return append(large_file(number % LARGE_FILES), LARGE_BYTES);
}

static int fill(void)
{
	char path[64];
	int i;

	for (i = 0; i < DIRECTORIES; i++) {
		snprintf(path, sizeof(path), "/disk/%d", i);
		if (mkdir(path, 0755))
			return -1;
	}
	if (start_workers())
		return -1;
	for (i = 0; i < PROCESSES * TURNS; i++)
		if (turn(i))
			return -1;
	/* what is dirty is not reclaimable */
	sync();
	return 0;
}

/* ---- 3 */

static int free_half(void)
{
	int i;

	for (i = 0; i < PROCESSES; i += 2) {
		kill(workers[i].pid, SIGKILL);
		waitpid(workers[i].pid, NULL, 0);
		workers[i].pid = 0;
	}
	for (i = 0; i < FILES; i += 2)
		if (unlink(small_file(i)))
			return -1;
	for (i = 0; i < LARGE_FILES; i += 2)
		if (unlink(large_file(i)))
			return -1;
	/*
	 * Compaction waits for what is being written, and emulated time jumps while the host's
	 * disk is waited for. WSL's loop finds a guest that has been idle for two minutes.
	 */
	sync();
	return 0;
}

/* ---- 4 */

static int reclaim_once(int gradual, int first)
{
	unsigned long long bytes;
	char text[64];

	if (gradual) {
		bytes = wsl_step(reclaimable_kb() * 1024ULL, meminfo("MemTotal") * 1024ULL);
		snprintf(text, sizeof(text), "%llu swappiness=0", bytes);
		/* WSL logs the error and goes on */
		if (bytes && write_file(MEMORY_RECLAIM, text) && errno != EAGAIN)
			printf("bench: reclaim %s\n", strerror(errno));
	} else if (first && write_file(DROP_CACHES, "3")) {
		return -1;
	}
	return write_file("/proc/sys/vm/compact_memory", "1");
}

static int reclaim_and_mark(int gradual)
{
	const long leaves_kb = gradual ? WSL_LEAVES >> 10 : 0;
	struct timespec at, now;
	char name[16];
	int s;

	clock_gettime(CLOCK_MONOTONIC, &at);
	for (s = 0;; s += 5, at.tv_sec += 5) {
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > at.tv_sec + 1) {
			errno = ETIME;
			return -1;
		}
		snprintf(name, sizeof(name), "%d", s);
		if (s == 5 || s == 15 || s == 60)
			mark(name, leaves_kb);
		if (s == 60)
			return 0;
		if (s % 10 == 0 && reclaim_once(gradual, !s))
			return -1;
	}
}

int fragmented(const char *reclaim)
{
	int gradual = reclaim && !strcmp(reclaim, "gradual");

	mkdir("/sys", 0755);
	mkdir("/disk", 0755);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL);
	if (mount("/dev/vda", "/disk", "ext4", 0, NULL)) {
		printf("bench: unavailable /dev/vda: %s\n", strerror(errno));
		return 0;
	}
	if (ioperm(PVPANIC_PORT, 1, 1) || touch_all() || swapon("/dev/vdb", 0) || fill())
		return -1;
	mark("full", 0);
	if (free_half())
		return -1;
	return reclaim_and_mark(gradual && !access(MEMORY_RECLAIM, W_OK));
}
