// SPDX-License-Identifier: GPL-2.0
/* Memory nodes: programs see them and choose one; the kernel moves no pages by itself. */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NODE "/sys/devices/system/node/node0/"

static int node(const char *arg)
{
	char text[4096];
	long kb;

	(void)arg;
	if (exists(NODE "cpulist"))
		return FAIL;
	if (read_file(NODE "meminfo", text, sizeof(text)) < 0)
		return FAIL;
	return sscanf(text, "Node 0 MemTotal: %ld kB", &kb) == 1 && kb > 0 ?
		PASS :
		failed(NODE "meminfo: %.40s", text);
}

static int policy(const char *arg)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long nodes = 1;
	int mode = -1, at = -1;

	(void)arg;
	if (page == MAP_FAILED)
		return failed("mmap: %s", strerror(errno));
	if (syscall(SYS_mbind, page, 4096, MPOL_BIND, &nodes, 8 * sizeof(nodes), 0))
		return failed("mbind to node 0: %s", strerror(errno));
	page[0] = 1;
	if (syscall(SYS_get_mempolicy, &mode, NULL, 0, page, MPOL_F_ADDR) ||
	    syscall(SYS_get_mempolicy, &at, NULL, 0, page, MPOL_F_ADDR | MPOL_F_NODE))
		return failed("get_mempolicy: %s", strerror(errno));
	if (mode != MPOL_BIND || at != 0)
		return failed("expected mode %d and node 0, got mode %d and node %d", MPOL_BIND,
			      mode, at);
	/* of a node that does not exist; mbind() does not look at the last bit of those it is told */
	nodes = 1UL << 15;
	errno = 0;
	if (!syscall(SYS_mbind, page, 4096, MPOL_BIND, &nodes, 8 * sizeof(nodes), 0) ||
	    errno != EINVAL)
		return failed("a page of node 15: expected EINVAL, got %s",
			      errno ? strerror(errno) : "it");
	return PASS;
}

static int balancing(const char *path)
{
	if (!access(path, F_OK))
		return expect_text(path, "0\n");
	/* the file is there for whoever has the code */
	return symbol_known("task_numa_work") ? failed("%s: %s", path, strerror(errno)) : PASS;
}

const struct probe numa_probes[] = {
	{ "node 0 has memory", node, NULL },
	{ "a page can be bound to a node", policy, NULL },
	{ "the kernel moves no pages between nodes", balancing, "/proc/sys/kernel/numa_balancing" },
	{ NULL, NULL, NULL },
};
