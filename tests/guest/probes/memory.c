// SPDX-License-Identifier: GPL-2.0
/*
 * Using less memory and returning more: pages compressed in front of swap (zswap) or in
 * a RAM disk (zram); on later lines reclaim by generations (MGLRU) and on request.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <unistd.h>

#define ZSWAP "/sys/module/zswap/parameters/"
#define MB    (1024 * 1024)

/* Each compressor that users name can be chosen. */
static int zswap_compressors(const char *names)
{
	char *list = strdup(names), *name, *rest = list;
	int rc = PASS;

	while ((name = strsep(&rest, " ")))
		if (*name && write_file(ZSWAP "compressor", name))
			rc = FAIL;
	free(list);
	return rc;
}

/* The number of pages in zswap, from debugfs. */
static long stored(void)
{
	char text[64];

	return read_file("debug/zswap/stored_pages", text, sizeof(text)) < 0 ? -1 : atol(text);
}

/* The first page of a swap device has its version and its last page. */
int swap_on(const char *path, unsigned int pages)
{
	char page[4096] = { 0 };
	uint32_t head[2] = { 1, pages - 1 };
	int fd = open(path, O_RDWR | O_CLOEXEC);

	memcpy(page + 1024, head, sizeof(head));
	memcpy(page + 4086, "SWAPSPACE2", 10);
	if (fd < 0 || pwrite(fd, page, sizeof(page), 0) != sizeof(page) || fsync(fd))
		return failed("%s: %s", path, strerror(errno));
	close(fd);
	return swapon(path, 0) ? failed("swapon %s: %s", path, strerror(errno)) : 0;
}

/* A process with SIZE bytes in a group that is limited to a third of them. */
static int overcommit(size_t size)
{
	char limit[32], *memory;
	int pid = fork(), rc;
	size_t at;

	if (!pid) {
		snprintf(limit, sizeof(limit), "%zu", size / 3);
		if (write_file("cg/probe/memory.max", limit) ||
		    write_file("cg/probe/cgroup.procs", "0"))
			_exit(1);
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			      0);
		for (at = 0; at < size; at += 4096)
			memset(memory + at, at >> 12, 64);
		if (stored() <= 0)
			_exit(2);
		for (at = 0; at < size; at += 4096)
			if (memory[at] != (char)(at >> 12))
				_exit(3);
		_exit(0);
	}
	rc = exit_of(pid);
	switch (rc) {
	case 0:
		return PASS;
	case 2:
		return failed("no page is stored compressed");
	case 3:
		return failed("a page was restored with other contents");
	default:
		return failed("the process ended with %d", rc);
	}
}

/* Since 6.18 zswap always uses zsmalloc. */
static int choose_pool(const char *pool)
{
	return kernel_at_least(6, 18) ? 0 : write_file(ZSWAP "zpool", pool);
}

/*
 * Pages that zswap rejects go to a RAM disk: a loop device writes from a thread, too
 * late for a group that is at its limit.
 */
static int zswap(const char *pool)
{
	const char *dev = "/dev/zram0";
	int rc = FAIL;

	if (kernel_at_least(6, 18) && strcmp(pool, "zsmalloc"))
		return skip("zswap has no %s since 6.18", pool);
	if (mount_on("debugfs", "debug", "debugfs", 0, NULL) || cgroup2("memory") ||
	    write_file(ZSWAP "compressor", "lzo") || choose_pool(pool) ||
	    write_file(ZSWAP "enabled", "1") || module_load("zram") ||
	    write_file("/sys/block/zram0/disksize", "64M"))
		return FAIL;
	if (!swap_on(dev, 64 * MB / 4096)) {
		rc = overcommit(48 * MB);
		if (swapoff(dev))
			rc = failed("swapoff: %s", strerror(errno));
	}
	write_file(ZSWAP "enabled", "0");
	if (write_file("/sys/block/zram0/reset", "1") || cgroup2_end())
		return FAIL;
	return rc;
}

static int zram(const char *algorithms)
{
	if (module_load("zram"))
		return FAIL;
	if (expect_words("/sys/block/zram0/comp_algorithm", algorithms))
		return FAIL;
	return access("/sys/block/zram0/backing_dev", F_OK) ?
		failed("no backing_dev: %s", strerror(errno)) :
		PASS;
}

static int mglru(const char *arg)
{
	char text[32];

	(void)arg;
	if (read_file("/sys/kernel/mm/lru_gen/enabled", text, sizeof(text)) < 0)
		return FAIL;
	return strtol(text, NULL, 16) & 1 ? PASS : failed("lru_gen/enabled is %s", text);
}

static int pressure(const char *arg)
{
	char text[512];

	(void)arg;
	if (read_file("/proc/pressure/memory", text, sizeof(text)) < 0)
		return FAIL;
	return strncmp(text, "some avg10=", 11) ? failed("/proc/pressure/memory: %s", text) : PASS;
}

const struct probe memory_probes[] = {
	{ "zswap accepts each compressor", zswap_compressors, "lzo lz4 lz4hc zstd deflate" },
	{ "zswap stores compressed pages in zsmalloc", zswap, "zsmalloc" },
	{ "zswap stores compressed pages in zbud", zswap, "zbud" },
	{ "zram has each compressor and writeback", zram, "lzo lz4 lz4hc zstd" },
	{ "pages have generations (MGLRU)", mglru, NULL, 6, 1 },
	{ "memory.reclaim takes page cache of a group", reclaim_cache, NULL, 5, 19 },
	{ "memory.reclaim takes swappiness=, 0 leaves anonymous memory", reclaim_swappiness, NULL },
	{ "stalls for memory are measured", pressure, NULL, 4, 20 },
	{ NULL, NULL, NULL },
};
