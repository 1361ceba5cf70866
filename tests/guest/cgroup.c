// SPDX-License-Identifier: GPL-2.0
/* Control groups, version 2, for contract.c and containers.c. */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int cgroup2(const char *controllers)
{
	char list[256], word[64], *rest = list, *name;

	if (mount_on("cgroup", "cg", "cgroup2", 0, NULL))
		return FAIL;
	snprintf(list, sizeof(list), "%s", controllers);
	while ((name = strsep(&rest, " "))) {
		snprintf(word, sizeof(word), "+%s", name);
		if (*name && write_file("cg/cgroup.subtree_control", word))
			return FAIL;
	}
	rmdir("cg/probe");
	return make_dir("cg/probe");
}

/* The last process of a group leaves it a moment after it was waited for. */
int cgroup2_end(void)
{
	int tries;

	for (tries = 0; tries < 100; tries++) {
		if (!rmdir("cg/probe") || errno == ENOENT)
			return 0;
		usleep(50000);
	}
	return failed("rmdir cg/probe: %s", strerror(errno));
}
