// SPDX-License-Identifier: GPL-2.0
/* Namespaces and control groups: WSL runs each distribution in namespaces of one VM. */
#define _GNU_SOURCE
#include "isolation.h"
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

int namespaces(const char *arg)
{
	static const struct {
		int flag;
		const char *name;
	} kinds[] = {
		{ CLONE_NEWNS, "mnt" },	   { CLONE_NEWUTS, "uts" },	  { CLONE_NEWIPC, "ipc" },
		{ CLONE_NEWNET, "net" },   { CLONE_NEWCGROUP, "cgroup" }, { CLONE_NEWPID, "pid" },
		{ CLONE_NEWUSER, "user" }, { CLONE_NEWTIME, "time" },
	};
	int rc = PASS, n = kernel_at_least(5, 6) ? 8 : 7, i;
	pid_t pid;

	(void)arg;
	for (i = 0; i < n; i++) {
		pid = fork();
		if (pid == 0)
			_exit(unshare(kinds[i].flag) ? errno : 0);
		errno = exit_of(pid);
		if (errno)
			rc = failed("unshare %s: %s", kinds[i].name, strerror(errno));
	}
	return rc;
}

int pid_namespace(const char *arg)
{
	pid_t pid;

	(void)arg;
	if (unshare(CLONE_NEWPID))
		return failed("unshare pid: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		_exit(getpid() == 1 ? 0 : 1);
	return exit_of(pid) ? failed("its PID is not 1") : PASS;
}

int user_namespace(const char *arg)
{
	int rc;

	(void)arg;
	/* user 1000 becomes root inside, with its own /proc files: dumpable */
	if (chmod(".", 0777) || write_file("mine", "") || chown("mine", 1000, 1000) ||
	    setresuid(1000, 1000, 1000) || prctl(PR_SET_DUMPABLE, 1))
		return failed("become user 1000: %s", strerror(errno));
	errno = 0;
	if (!unshare(CLONE_NEWUTS) || errno != EPERM)
		return failed("unshare uts without a user namespace: expected EPERM, got %s",
			      errno ? strerror(errno) : "it");
	if (unshare(CLONE_NEWUSER | CLONE_NEWUTS))
		return failed("unshare user, uts: %s", strerror(errno));
	rc = write_file("/proc/self/uid_map", "0 1000 1");
	if (rc || getuid() || sethostname("probe", 5))
		return failed("expected root inside, got user %d: %s", getuid(), strerror(errno));
	errno = 0;
	if (!chown("mine", 1, 1) || errno != EINVAL)
		return failed("a file for a user that is not mapped: expected EINVAL, got %s",
			      errno ? strerror(errno) : "it");
	return PASS;
}

/* A child that counts, in shared memory. */
static pid_t counter(volatile unsigned int **count)
{
	pid_t pid;

	*count = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (*count == MAP_FAILED)
		return -1;
	pid = fork();
	if (pid == 0)
		for (;;) {
			++**count;
			usleep(1000);
		}
	return pid;
}

static int moves(volatile unsigned int *count)
{
	unsigned int before = *count;
	int tries;

	for (tries = 0; tries < 20 && *count == before; tries++)
		usleep(50000);
	return *count != before;
}

static int frozen(const char *wanted)
{
	char state[32] = "";
	int tries;

	for (tries = 0; tries < 100; tries++) {
		if (read_file("v1/probe/freezer.state", state, sizeof(state)) < 0)
			return FAIL;
		if (!strncmp(state, wanted, strlen(wanted)))
			return PASS;
		usleep(50000);
	}
	return failed("freezer.state: expected %s, got %s", wanted, state);
}

int freezer_v1(const char *arg)
{
	volatile unsigned int *count;
	char text[16];
	pid_t pid = counter(&count);
	int rc = FAIL, tries;

	(void)arg;
	snprintf(text, sizeof(text), "%d", pid);
	if (pid < 0 || mount_on("cgroup", "v1", "cgroup", 0, "freezer") || make_dir("v1/probe") ||
	    write_file("v1/probe/cgroup.procs", text) ||
	    write_file("v1/probe/freezer.state", "FROZEN") || frozen("FROZEN"))
		goto out;
	if (moves(count))
		diag("a frozen process still runs");
	else if (!write_file("v1/probe/freezer.state", "THAWED") && !frozen("THAWED"))
		rc = moves(count) ? PASS : failed("a thawed process does not run");
out:
	write_file("v1/probe/freezer.state", "THAWED");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (tries = 0; tries < 100 && rmdir("v1/probe"); tries++)
		usleep(20000);
	return rc;
}

int devices_v1(const char *arg)
{
	int rc = PASS, fd;

	(void)arg;
	if (mount_on("cgroup", "v1", "cgroup", 0, "devices") || make_dir("v1/probe") ||
	    write_file("v1/probe/devices.deny", "c 1:5 rwm") ||
	    write_file("v1/probe/cgroup.procs", "0"))
		return FAIL;
	fd = open("/dev/zero", O_RDONLY);
	if (fd >= 0 || errno != EPERM)
		rc = failed("open /dev/zero: expected EPERM, got %s",
			    fd >= 0 ? "it" : strerror(errno));
	fd = open("/dev/null", O_RDONLY);
	if (fd < 0)
		rc = failed("open /dev/null: %s", strerror(errno));
	write_file("v1/cgroup.procs", "0");
	rmdir("v1/probe");
	return rc;
}

int controllers_v2(const char *arg)
{
	(void)arg;
	if (mount_on("cgroup", "cg", "cgroup2", 0, NULL))
		return FAIL;
	/* the cpuset controller came to version 2 in 5.0 */
	return expect_words("cg/cgroup.controllers",
			    kernel_at_least(5, 0) ? "cpuset cpu io memory pids" :
						    "cpu io memory pids");
}

/* Run WORK in ./cg/probe; its exit status, or 128 and the signal. */
static int in_group(int (*work)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (write_file("cg/probe/cgroup.procs", "0"))
			_exit(99);
		_exit(work());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 99;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int fork_twice(void)
{
	pid_t one = fork(), two;
	int error;

	if (one < 0)
		return 1;
	if (one == 0) {
		pause();
		_exit(0);
	}
	two = fork();
	error = errno;
	if (two == 0)
		_exit(0);
	kill(one, SIGKILL);
	waitpid(one, NULL, 0);
	if (two > 0)
		waitpid(two, NULL, 0);
	return two < 0 && error == EAGAIN ? 0 : 2;
}

int pids_v2(const char *arg)
{
	int rc;

	(void)arg;
	if (cgroup2("pids") || write_file("cg/probe/pids.max", "2"))
		return FAIL;
	rc = in_group(fork_twice);
	if (cgroup2_end())
		return FAIL;
	return rc ? failed("with pids.max 2: expected only the second fork to fail, got %d", rc) :
		    PASS;
}

static int take_memory(void)
{
	size_t size = 64 << 20;
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return 1;
	memset(at, 1, size);
	return 0;
}

int memory_v2(const char *arg)
{
	char text[512];
	int rc;

	(void)arg;
	if (cgroup2("memory") || write_file("cg/probe/memory.max", "16777216"))
		return FAIL;
	rc = in_group(take_memory);
	/* a machine that is out of memory kills as well */
	if (read_file("cg/probe/memory.events", text, sizeof(text)) < 0 || cgroup2_end())
		return FAIL;
	if (rc != 128 + SIGKILL)
		return failed("64 MB under 16 MB: expected SIGKILL, got %d", rc);
	return strstr(text, "oom_kill 1\n") ? PASS : failed("memory.events: %s", text);
}

static int processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 99 : CPU_COUNT(&set);
}

int cpuset_v2(const char *arg)
{
	int rc;

	(void)arg;
	if (cgroup2("cpuset") || write_file("cg/probe/cpuset.cpus", "0"))
		return FAIL;
	rc = in_group(processors);
	if (cgroup2_end())
		return FAIL;
	return rc == 1 ? PASS : failed("expected 1 processor, got %d", rc);
}
