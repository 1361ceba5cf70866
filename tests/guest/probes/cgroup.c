// SPDX-License-Identifier: GPL-2.0
/* Control groups: the controllers of version 1, and helpers for version 2. */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
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

/*
 * A controller of version 1 returns to version 2 only when it has no group left, and a
 * group is released some time after its directory.
 */
static int given_back(const char *controller)
{
	char text[2048], *line, *rest;
	int tries, id;

	for (tries = 1; tries < 200; tries++) {
		usleep(20000);
		if (read_file("/proc/cgroups", text, sizeof(text)) < 0)
			return FAIL;
		for (rest = text; (line = strsep(&rest, "\n"));)
			if (!strncmp(line, controller, strlen(controller)) &&
			    sscanf(line + strlen(controller), "\t%d", &id) == 1 && !id)
				return PASS;
		/* the hierarchy outlived its mount: mount and unmount it once more */
		if (tries % 25 == 0 && !mount("cgroup", "v1", "cgroup", 0, controller)) {
			usleep(20000);
			umount("v1");
		}
	}
	return failed("version 1 does not release %s", controller);
}

/* A group of CONTROLLER has FILE, which accepts VALUE if one is given. */
static int group_v1(const char *controller, const char *file, const char *value)
{
	char path[128];
	int rc = PASS;

	if (mount_on("cgroup", "v1", "cgroup", 0, controller))
		return FAIL;
	snprintf(path, sizeof(path), "v1/probe/%s", file);
	if (make_dir("v1/probe"))
		rc = FAIL;
	else if (value)
		rc = write_file(path, value) || expect_words(path, value) ? FAIL : PASS;
	else if (access(path, F_OK))
		rc = failed("%s: %s", path, strerror(errno));
	rmdir("v1/probe");
	usleep(50000);
	umount("v1");
	return given_back(controller) || rc ? FAIL : PASS;
}

/* LIST is of CONTROLLER/FILE or CONTROLLER/FILE=VALUE. */
int groups_v1(const char *list)
{
	char *copy = strdup(list), *rest = copy, *value, *controller, *file;
	int rc = PASS;

	while (copy && (value = strsep(&rest, " "))) {
		controller = strsep(&value, "/");
		file = strsep(&value, "=");
		if (!file || group_v1(controller, file, value))
			rc = FAIL;
	}
	free(copy);
	return rc;
}

/* The last process leaves its group some time after wait() returned. */
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
