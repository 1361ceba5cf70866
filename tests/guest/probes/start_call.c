// SPDX-License-Identifier: GPL-2.0
/* WSL's start up to its two connections to the service, and what is said on them. */
#define _GNU_SOURCE
#include "start.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define HEAR_MS	     60000
#define POOL	     "/sys/bus/vmbus/drivers/hv_pci/swiotlb_"
#define CORE_PATTERN "|/" CRASH_HELPER " %t %E %p %s"
#define CRASHED	     "/start.crashed"

#ifndef SECCOMP_GET_ACTION_AVAIL
#define SECCOMP_GET_ACTION_AVAIL 2
#endif
#ifndef SECCOMP_RET_USER_NOTIF
#define SECCOMP_RET_USER_NOTIF 0x7fc00000U
#endif

int start_first = -1, start_notices = -1;
static uint8_t early[4096]; /* the early config */
static size_t early_len;

/* ---- before the first call */

static int own_devtmpfs(const char *arg)
{
	(void)arg;
	if (make_dir("/start") || mount_on("devtmpfs", "/start/dev", "devtmpfs", 0, NULL))
		return FAIL;
	return exists("/start/dev/console") || exists("/start/dev/kmsg") ||
			exists("/start/dev/null") ?
		FAIL :
		PASS;
}

static int kmsg(const char *arg)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	const char *text = "<6>start: init writes to the log\n";
	int rc = PASS;

	(void)arg;
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		rc = failed("/dev/kmsg: %s", strerror(errno));
	close(fd);
	return rc ? rc : log_line("start: init writes to the log", "");
}

/* As login_tty() does. It stays so: when the leader of a session ends, its terminal is hung up. */
static int terminal(const char *arg)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC), rc = PASS;

	(void)arg;
	setsid();
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0))
		rc = failed("/dev/console: %s", strerror(errno));
	close(fd);
	return rc;
}

static int proc_and_sys(const char *arg)
{
	(void)arg;
	if (mount_on("proc", "/start/proc", "proc", 0, NULL) ||
	    mount_on("sysfs", "/start/sys", "sysfs", 0, NULL))
		return FAIL;
	return exists("/start/proc/1/stat") || exists("/start/sys/kernel") ? FAIL : PASS;
}

static int environment(const char *arg)
{
	const char *value = getenv(arg);

	if (!value)
		return failed("the environment of /init lacks %s", arg);
	return strcmp(value, "1") ? failed("%s is \"%s\", not 1", arg, value) : PASS;
}

/* ---- the service */

int start_tell(int fd, const void *message, size_t size)
{
	if (fd < 0)
		return failed("there is no connection to the service");
	if (send(fd, message, size, MSG_NOSIGNAL) != (ssize_t)size)
		return failed("send: %s", strerror(errno));
	return 0;
}

/* SIZE bytes into BUF, within HEAR_MS each time that it has to wait. */
static int receive(uint8_t *buf, size_t size)
{
	struct pollfd in = { .fd = start_first, .events = POLLIN };
	ssize_t n;

	for (size_t have = 0; have < size; have += n) {
		if (poll(&in, 1, HEAR_MS) != 1)
			return failed("nothing from the service within %d s", HEAR_MS / 1000);
		n = recv(start_first, buf + have, size - have, 0);
		if (n <= 0)
			return failed("the service %s", n ? strerror(errno) : "has hung up");
	}
	return 0;
}

int start_hear(void *message, size_t size, uint32_t type, size_t len)
{
	uint32_t got;

	if (start_first < 0)
		return failed("there is no connection to the service");
	if (receive(message, HEADER))
		return -1;
	got = get32((char *)message + 4);
	if (got < HEADER || got > size)
		return failed("a message of %u bytes", got);
	if (receive((uint8_t *)message + HEADER, got - HEADER))
		return -1;
	if (get32(message) != type || got < len)
		return failed("message %u of %u bytes, expected %u of %zu or more", get32(message),
			      got, type, len);
	return 0;
}

static int call_first(const char *arg)
{
	(void)arg;
	start_first = start_call(PORT_INIT);
	return start_first < 0 ? FAIL : PASS;
}

static int call_again(const char *arg)
{
	(void)arg;
	start_notices = start_call(PORT_INIT);
	return start_notices < 0 ? FAIL : PASS;
}

static int has_seccomp_notifications(void)
{
	uint32_t action = SECCOMP_RET_USER_NOTIF;

	return !syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
}

static uint64_t pool(const char *what, int base)
{
	char path[100], text[64];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "%s%s", POOL, what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return strtoull(text, NULL, base);
}

static int tell_capabilities(const char *arg)
{
	uint8_t m[CAPS_RELEASE + sizeof(((struct utsname *)0)->release)] = { 0 };
	struct utsname uts;
	size_t size;

	(void)arg;
	uname(&uts);
	size = CAPS_RELEASE + strlen(uts.release) + 1;
	put_header(m, MSG_CAPABILITIES, size, 1, STEP_NONE);
	m[CAPS_SECCOMP] = has_seccomp_notifications();
	put64(m + CAPS_POOL_BASE, pool("base", 16));
	put64(m + CAPS_POOL_SIZE, pool("size", 10));
	memcpy(m + CAPS_RELEASE, uts.release, strlen(uts.release) + 1);
	return start_tell(start_first, m, size) ? FAIL : PASS;
}

static int seccomp(const char *arg)
{
	(void)arg;
	return has_seccomp_notifications() ? PASS :
					     failed("SECCOMP_RET_USER_NOTIF: %s", strerror(errno));
}

static int bounce_pool(const char *arg)
{
	char line[4096];

	(void)arg;
	if (read_file("/proc/cmdline", line, sizeof(line)) < 0)
		return FAIL;
	if (!strstr(line, "hv_pci_swiotlb="))
		return skip("the command line has no hv_pci_swiotlb=: WSL=--virtiofs");
	if (!pool("base", 16) || !pool("size", 10))
		return failed("%sbase and %ssize are not there or 0", POOL, POOL);
	return PASS;
}

/* ---- a crash of any process runs a program of init's */

/* Started by the kernel: report argv, TIME PATH PID SIGNAL, to the service. */
int start_crash(int argc, char **argv)
{
	uint8_t m[HEADER + 16 + 64] = { 0 };
	int fd;

	if (argc != 5 || write_file(CRASHED, argv[3]))
		return 1;
	fd = start_call(PORT_CRASH);
	put_header(m, MSG_CRASH, sizeof(m), 0, STEP_REQUEST);
	put64(m + HEADER, strtoull(argv[1], NULL, 10));
	put32(m + HEADER + 8, atoi(argv[4]));
	put32(m + HEADER + 12, atoi(argv[3]));
	snprintf((char *)m + HEADER + 16, 64, "%s", argv[2]);
	return start_tell(fd, m, sizeof(m)) != 0;
}

static int crash(const char *arg)
{
	char want[16], got[16] = "";
	pid_t pid;
	int fd;

	(void)arg;
	if (symlink("/init", "/" CRASH_HELPER) && errno != EEXIST)
		return failed("symlink: %s", strerror(errno));
	if (write_file("/proc/sys/kernel/core_pattern", CORE_PATTERN))
		return FAIL;
	pid = fork();
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
		_exit(0);
	}
	snprintf(want, sizeof(want), "%d", pid);
	waitpid(pid, NULL, 0);
	for (int i = 0; i < 100 && strcmp(got, want); i++) {
		usleep(50000);
		fd = open(CRASHED, O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			ssize_t n = read(fd, got, sizeof(got) - 1);

			got[n > 0 ? n : 0] = '\0';
			close(fd);
		}
	}
	return strcmp(got, want) ?
		failed("process %s crashed, and %s did not run within 5 s", want, CORE_PATTERN) :
		PASS;
}

/* ---- the early config */

static int hear_early(const char *arg)
{
	(void)arg;
	if (start_hear(early, sizeof(early), MSG_EARLY, EARLY_SIZE))
		return FAIL;
	early_len = get32(early + 4);
	return PASS;
}

uint32_t start_early(int at)
{
	return early_len ? get32(early + at) : LUN_NONE;
}

const char *start_early_text(int at)
{
	uint32_t offset = early_len ? get32(early + at) : 0;

	if (!early_len || offset >= early_len || !memchr(early + offset, 0, early_len - offset))
		return "";
	return (const char *)early + offset;
}

const struct step start_call_steps[] = {
	{ { "devtmpfs with console, kmsg and null", own_devtmpfs, NULL },
	  0,
	  DEAD "init ends when it cannot mount /dev" },
	{ { "a line written to /dev/kmsg is in the log", kmsg, NULL },
	  0,
	  STARTS "nothing that its init reports is in dmesg" },
	{ { "/dev/console is the terminal of init's session", terminal, NULL },
	  0,
	  STARTS "its init and what it runs print to the log" },
	{ { "proc and sysfs", proc_and_sys, NULL }, 0, DEAD "init ends when it cannot mount them" },
	{ { "WSL_ROOT_INIT=1 is in init's environment", environment, "WSL_ROOT_INIT" },
	  0,
	  DEAD "init takes itself for a program of a distribution" },
	{ { "a call to port 50000 of the host", call_first, NULL },
	  0,
	  DEAD "the service waits 30 s (kernelBootTimeout) and ends the virtual machine" },
	{ { "the capabilities are sent", tell_capabilities, NULL },
	  0,
	  DEAD "the service waits for them and ends the virtual machine" },
	{ { "SECCOMP_RET_USER_NOTIF", seccomp, NULL, 5, 0 },
	  0,
	  STARTS "with networkingMode=mirrored the network is NAT" },
	{ { "hv_pci shows its bounce buffer", bounce_pool, NULL },
	  0,
	  STARTS "it warns each time that the kernel lacks it, and virtiofs is slow" },
	{ { "a second call, for notices", call_again, NULL },
	  0,
	  DEAD "the service waits 30 s and ends the virtual machine" },
	{ { "a crash runs the program of core_pattern", crash, NULL },
	  0,
	  STARTS "there are no crash dumps" },
	{ { "the early config arrives", hear_early, NULL },
	  0,
	  DEAD "init knows neither its disks nor its network" },
	{ { NULL, NULL, NULL }, 0, NULL },
};
