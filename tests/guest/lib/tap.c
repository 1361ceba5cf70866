// SPDX-License-Identifier: GPL-2.0
/*
 * Rows of the report, and the process that a probe runs in.
 *
 * printk shares the console: the log level is lowered and each line is a single
 * write(), drained before anything else happens, so that lines come out whole.
 */
#define _GNU_SOURCE
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define CONSOLE_LEVEL 8	 /* klogctl: SYSLOG_ACTION_CONSOLE_LEVEL */
#define SIGN_OF_LIFE  15 /* seconds */

static int console = 1;
static int report = -1; /* in a probe: the pipe that takes its diag() */
static int rows;

static void line(const char *fmt, ...)
{
	char buf[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf) - 1, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(buf) - 2)
		n = sizeof(buf) - 2;
	buf[n++] = '\n';
	if (write(console, buf, n) < 0)
		return;
	tcdrain(console);
}

static void vdiag(const char *fmt, va_list ap)
{
	char buf[400];
	int n = vsnprintf(buf, sizeof(buf) - 1, fmt, ap);

	if (n > (int)sizeof(buf) - 2)
		n = sizeof(buf) - 2;
	buf[n++] = '\n';
	if (write(report, buf, n) < 0)
		return;
}

void diag(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vdiag(fmt, ap);
	va_end(ap);
}

int failed(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vdiag(fmt, ap);
	va_end(ap);
	return FAIL;
}

int skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vdiag(fmt, ap);
	va_end(ap);
	return SKIP;
}

void tap_open(void)
{
	sigset_t chld;
	int fd = open("/dev/console", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0)
		console = fd;
	klogctl(CONSOLE_LEVEL, NULL, 1);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	/* the kernel may have left a partial line: start in column 0 */
	line("\nTAP version 13");
}

void tap_plan(int n)
{
	line("1..%d", n);
}

int tap_rows(void)
{
	return rows;
}

void tap_skip(const char *area, const char *reason)
{
	line("ok %d - %s: # SKIP %s", ++rows, area, reason);
}

static void in_probe(const struct probe *probe)
{
	sigset_t none;
	int rc;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	/* without network namespaces a row of the contract fails; the others still run */
	unshare(CLONE_NEWNET);
	if (unshare(CLONE_NEWNS)) {
		rc = failed("unshare mount: %s", strerror(errno));
	} else if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		   mount("probe", "/tmp", "tmpfs", 0, NULL) || chdir("/tmp")) {
		rc = failed("tmpfs on /tmp: %s", strerror(errno));
	} else {
		rc = probe->modules && modules_need(probe->modules) ? FAIL : probe->run(probe->arg);
	}
	_exit(rc == PASS ? 0 : rc == SKIP ? 2 : 1);
}

/*
 * The status of PID, or -1 when it did not end in time and was killed. A line on the
 * console every SIGN_OF_LIFE seconds shows that the kernel is alive.
 */
static int wait_for(pid_t pid, int seconds)
{
	struct timespec now, left, end;
	sigset_t chld;
	int status, late = 0;
	pid_t got;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	for (;;) {
		/* orphans of other probes end up here as well */
		while ((got = waitpid(-1, &status, WNOHANG)) > 0)
			if (got == pid)
				return late ? -1 : status;
		clock_gettime(CLOCK_MONOTONIC, &now);
		left.tv_sec = end.tv_sec - now.tv_sec;
		left.tv_nsec = 0;
		if (left.tv_sec <= 0) {
			if (late)
				return -1; /* not even SIGKILL ends it */
			late = 1;
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
			end.tv_sec += 5;
			continue;
		}
		if (left.tv_sec > SIGN_OF_LIFE)
			left.tv_sec = SIGN_OF_LIFE;
		if (sigtimedwait(&chld, NULL, &left) < 0 && errno == EAGAIN)
			line("# still running");
	}
}

/*
 * The row of PROBE: STATUS is that of waitpid(), or -1 when it was killed after SECONDS, and
 * SAID its diag() lines. PASS, FAIL or SKIP
 */
static int row(const char *area, const struct probe *probe, int status, char *said, int seconds)
{
	char *text = said, *end, *last;

	rows++;
	if (status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 2) {
		end = strrchr(said, '\n');
		if (end)
			*end = '\0';
		last = strrchr(said, '\n');
		line("ok %d - %s: %s # SKIP %s", rows, area, probe->what, last ? last + 1 : said);
		return SKIP;
	}
	line("%s %d - %s: %s", status == 0 ? "ok" : "not ok", rows, area, probe->what);
	while ((end = strchr(text, '\n'))) {
		*end = '\0';
		line("# %s", text);
		text = end + 1;
	}
	if (status < 0)
		line("# it did not end within %d s and was killed", seconds);
	else if (WIFSIGNALED(status))
		line("# ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (status && !*said)
		line("# it failed without a reason");
	return status == 0 ? PASS : FAIL;
}

static void take_said(int *fds, char *said, size_t size)
{
	int n;

	close(fds[1]);
	n = read(fds[0], said, size - 1);
	close(fds[0]);
	said[n > 0 ? n : 0] = '\0';
}

int tap_probe(const char *area, const struct probe *probe, int seconds)
{
	int fds[2] = { -1, -1 }, status, error = 0;
	char said[16384];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK))
		line("# pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		report = fds[1];
		in_probe(probe);
	}
	if (pid < 0)
		error = errno;
	status = pid < 0 ? 1 << 8 : wait_for(pid, seconds);
	if (pid > 0)
		kill(-pid, SIGKILL);
	take_said(fds, said, sizeof(said));
	if (pid < 0)
		snprintf(said, sizeof(said), "it could not be started: fork: %s\n",
			 strerror(error));
	return row(area, probe, status, said, seconds);
}

int tap_here(const char *area, const struct probe *probe)
{
	static const int statuses[] = { [PASS] = 0, [SKIP] = 2 << 8 };
	int fds[2] = { -1, -1 }, rc;
	char said[16384];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK))
		line("# pipe: %s", strerror(errno));
	report = fds[1];
	rc = probe->run(probe->arg);
	report = -1;
	take_said(fds, said, sizeof(said));
	return row(area, probe, rc < 0 ? 1 << 8 : statuses[rc], said, 0);
}

void tap_note(const char *text)
{
	line("# %s", text);
}
