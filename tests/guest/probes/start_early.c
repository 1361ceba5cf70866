// SPDX-License-Identifier: GPL-2.0
/* What WSL's init does for the early config before it looks at a disk. */
#define _GNU_SOURCE
#include "start.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define GROUPS	   "/sys/fs/cgroup"
#define USER	   GROUPS "/wsl-user"
#define KEPT_BYTES (32ull << 20) /* of memory, and of processors in us of each 100 ms */
#define KEPT_US	   1000
#define PERIOD_US  100000

static int own_cgroup2(const char *arg)
{
	(void)arg;
	if (mount("cgroup2", GROUPS, "cgroup2", 0, NULL))
		return failed("mount -t cgroup2 %s: %s", GROUPS, strerror(errno));
	return expect_words(GROUPS "/cgroup.controllers", "cpu memory");
}

static int signals(const char *arg)
{
	sigset_t chld;
	int fd;

	(void)arg;
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	fd = signalfd(-1, &chld, SFD_CLOEXEC);
	if (fd < 0)
		return failed("signalfd: %s", strerror(errno));
	close(fd);
	return PASS;
}

/* Both at once, as WSL writes them; then each other one, of which none has to be taken. */
static int all_controllers(const char *group)
{
	char path[100], text[400], word[40], *rest = text, *name;

	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", group);
	if (write_file(path, "+cpu +memory "))
		return FAIL;
	snprintf(path, sizeof(path), "%s/cgroup.controllers", group);
	if (read_file(path, text, sizeof(text)) < 0)
		return FAIL;
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", group);
	while ((name = strsep(&rest, " \n"))) {
		if (!*name || !strcmp(name, "cpu") || !strcmp(name, "memory"))
			continue;
		snprintf(word, sizeof(word), "+%s", name);
		write_file(path, word);
	}
	return PASS;
}

static int user_group(const char *arg)
{
	(void)arg;
	if (all_controllers(GROUPS) || make_dir(USER) || all_controllers(USER))
		return FAIL;
	return make_dir(USER "/non-distro") ? FAIL : PASS;
}

static int memory_limit(const char *arg)
{
	unsigned long long want, got;
	char text[64];
	struct sysinfo info;

	(void)arg;
	sysinfo(&info);
	want = (unsigned long long)info.totalram * info.mem_unit - KEPT_BYTES;
	snprintf(text, sizeof(text), "%llu", want);
	if (write_file(USER "/memory.max", text) ||
	    read_file(USER "/memory.max", text, sizeof(text)) < 0)
		return FAIL;
	got = strtoull(text, NULL, 10);
	/* in whole pages */
	return got == want / 4096 * 4096 ? PASS : failed("%llu was written, it is %llu", want, got);
}

static int cpu_limit(const char *arg)
{
	char text[64], want[72];

	(void)arg;
	snprintf(text, sizeof(text), "%ld %d", (long)get_nprocs() * PERIOD_US - KEPT_US, PERIOD_US);
	snprintf(want, sizeof(want), "%s\n", text);
	return write_file(USER "/cpu.max", text) ? FAIL : expect_text(USER "/cpu.max", want);
}

/* For the network service and for DNS; they stay open. */
static int call(const char *arg)
{
	(void)arg;
	return start_call(PORT_INIT) < 0 ? FAIL : PASS;
}

static int reclaim(const char *arg)
{
	(void)arg;
	if (expect_words("/proc/meminfo", "Active(file): Inactive(file): SReclaimable:") ||
	    expect_words("/proc/stat", "cpu"))
		return FAIL;
	return write_file("/proc/sys/vm/drop_caches", "3") ||
			write_file("/proc/sys/vm/compact_memory", "1") ?
		FAIL :
		PASS;
}

const struct step start_early_steps[] = {
	{ { "cgroup2 on /sys/fs/cgroup, with cpu and memory", own_cgroup2, NULL },
	  0,
	  DEAD "init ends when it cannot mount it" },
	{ { "a descriptor for signals", signals, NULL }, 0, DEAD "init ends without one" },
	{ { "the group wsl-user: +cpu +memory in one write", user_group, NULL },
	  0,
	  STARTS "a distribution can take all memory and processors from its services" },
	{ { "its memory.max, 32 MB less than there are", memory_limit, NULL },
	  0,
	  STARTS "a distribution can take all memory from its services" },
	{ { "its cpu.max, 1 ms of 100 less than there are", cpu_limit, NULL },
	  0,
	  STARTS "a distribution can keep its services from running" },
	{ { "a call for the network service", call, NULL },
	  0,
	  DEAD "the service waits 30 s and ends the virtual machine" },
	{ { "a call for DNS", call, NULL },
	  0,
	  DEAD "the service waits 30 s and ends the virtual machine" },
	{ { "what autoMemoryReclaim reads and writes", reclaim, NULL },
	  0,
	  STARTS "it gives no memory back to Windows" },
	{ { NULL, NULL, NULL }, 0, NULL },
};
