// SPDX-License-Identifier: GPL-2.0
/* What WSL's init sets for all distributions, at the end of the early config. */
#define _GNU_SOURCE
#include "netlink.h"
#include "start.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define SHARE	"/mnt/wsl"
#define FORMATS "/proc/sys/fs/binfmt_misc"

/* ARG is PATH=VALUE. */
static int set(const char *arg)
{
	char path[100], value[40];
	int len = strcspn(arg, "=");

	snprintf(path, sizeof(path), "%.*s", len, arg);
	snprintf(value, sizeof(value), "%s\n", arg + len + 1);
	return write_file(path, value) ? FAIL : expect_text(path, value);
}

static int limits(const char *arg)
{
	const struct rlimit files = { 10240, 1048576 }, locked = { 64 << 20, 64 << 20 };
	struct rlimit got;

	(void)arg;
	if (setrlimit(RLIMIT_NOFILE, &files))
		return failed("RLIMIT_NOFILE: %s", strerror(errno));
	if (setrlimit(RLIMIT_MEMLOCK, &locked))
		return failed("RLIMIT_MEMLOCK: %s", strerror(errno));
	getrlimit(RLIMIT_NOFILE, &got);
	return got.rlim_max == files.rlim_max ?
		PASS :
		failed("RLIMIT_NOFILE is %llu", (unsigned long long)got.rlim_max);
}

static int loopback(const char *arg)
{
	(void)arg;
	return link_up("lo") ? FAIL : PASS;
}

static int hostname(const char *arg)
{
	const char *name = start_early_text(EARLY_HOSTNAME);
	struct utsname uts;

	(void)arg;
	if (!*name)
		return skip("the service gave no name");
	if (sethostname(name, strlen(name)))
		return failed("sethostname: %s", strerror(errno));
	uname(&uts);
	return strcmp(uts.nodename, name) ? failed("it is \"%s\"", uts.nodename) : PASS;
}

static int share(const char *arg)
{
	(void)arg;
	if (make_dir("/mnt") || mount_on("tmpfs", SHARE, "tmpfs", 0, NULL))
		return FAIL;
	/* a change of propagation is a call of its own */
	if (mount(NULL, SHARE, NULL, MS_SHARED, NULL))
		return failed("MS_SHARED: %s", strerror(errno));
	return PASS;
}

static int formats(const char *arg)
{
	(void)arg;
	if (mount("binfmt_misc", FORMATS, "binfmt_misc", MS_RELATIME, NULL))
		return failed("mount -t binfmt_misc: %s", strerror(errno));
	if (write_file(FORMATS "/register", ":WSLInterop:M::MZ::/init:FP\n"))
		return FAIL;
	return expect_words(FORMATS "/WSLInterop", "enabled /init");
}

/* In another root, where there is no /init: F had it opened when the rule was made. */
static int interop(const char *arg)
{
	char got[100] = "";
	int out[2], rc;
	pid_t pid;

	(void)arg;
	if (make_dir("root") || write_file("root/program.exe", "MZ and the rest") ||
	    chmod("root/program.exe", 0755) || pipe(out))
		return FAIL;
	pid = fork();
	if (pid == 0) {
		dup2(out[1], 1);
		if (chroot("root") || chdir("/"))
			_exit(100);
		execl("/program.exe", "program.exe", NULL);
		_exit(101);
	}
	rc = exit_of(pid);
	close(out[1]);
	if (rc || read(out[0], got, sizeof(got) - 1) < 0)
		return failed("a program that begins with MZ: status %d", rc);
	return strstr(got, ECHO_PREFIX "/program.exe") ? PASS :
							 failed("its interpreter said \"%s\"", got);
}

static int dns_address(const char *arg)
{
	return link_address("lo", arg, 32) ? FAIL : PASS;
}

const struct step start_init_steps[] = {
	{ { "kernel.dmesg_restrict", set, "/proc/sys/kernel/dmesg_restrict=0" },
	  0,
	  DEAD "init ends when it cannot set it (CONFIG_PRINTK)" },
	{ { "fs.inotify.max_user_watches", set, "/proc/sys/fs/inotify/max_user_watches=524288" },
	  0,
	  DEAD "init ends when it cannot set it (CONFIG_INOTIFY_USER)" },
	{ { "limits for open files and locked memory", limits, NULL },
	  0,
	  DEAD "init ends when it cannot set them" },
	{ { "lo is up", loopback, NULL }, 0, DEAD "init ends without it (CONFIG_INET)" },
	{ { "kernel.print-fatal-signals", set, "/proc/sys/kernel/print-fatal-signals=1" },
	  0,
	  DEAD "init ends when it cannot set it" },
	{ { "the host's name", hostname, NULL }, 0, STARTS "under the name (none)" },
	{ { "a shared tmpfs on /mnt/wsl", share, NULL }, 0, DEAD "init ends without it" },
	{ { "binfmt_misc takes WSL's rule", formats, NULL },
	  0,
	  DEAD "init ends when it cannot register it (CONFIG_BINFMT_MISC)" },
	{ { "by which a Windows program starts in any root", interop, NULL },
	  1,
	  STARTS "no Windows program runs from a distribution" },
	{ { "the address of DNS on lo, by netlink", dns_address, "10.255.255.254" },
	  0,
	  STARTS "no name is resolved (dnsTunneling)" },
	{ { NULL, NULL, NULL }, 0, NULL },
};
