// SPDX-License-Identifier: GPL-2.0
/*
 * The conversation of WSL's start without a machine: start DIR. The rows of probes/start*.c
 * that talk to the service, which is a tests/wslhost with its sockets in DIR; then what the
 * early config had. Rows that need a kernel of ours are not run.
 */
#define _GNU_SOURCE
#include "hyperv.h"
#include "start.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *dir;

int start_call(int port)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%.90s/%d", dir, port);
	if (!connect(fd, (void *)&at, sizeof(at)))
		return fd;
	close(fd);
	return failed("connect: %s", strerror(errno));
}

static void say(const char *fmt, va_list ap)
{
	printf("# ");
	vprintf(fmt, ap);
	putchar('\n');
}

void diag(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

int failed(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return FAIL;
}

int skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return SKIP;
}

/* what rows that are not run would call */
int host_ask(char *answer, size_t size, const char *fmt, ...)
{
	(void)fmt;
	snprintf(answer, size, "nobody");
	return -1;
}

int swap_on(const char *path, unsigned int pages)
{
	return failed("%s, %u pages", path, pages);
}

int loads(const char *name)
{
	return failed("%s", name);
}

int log_line(const char *start, const char *end)
{
	return failed("%s%s", start, end);
}

long now_ms(void)
{
	return 0;
}

/* The row of STEPS whose name has WHAT in it. */
static void run(const struct step *steps, const char *what)
{
	static const char *const results[] = { "not ok", "ok", "skip" };

	for (; steps->probe.what; steps++)
		if (strstr(steps->probe.what, what))
			printf("%s %s\n", results[steps->probe.run(steps->probe.arg) + 1],
			       steps->probe.what);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	dir = argv[1];
	run(start_call_steps, "a call to port");
	run(start_call_steps, "capabilities");
	run(start_call_steps, "a second call");
	run(start_call_steps, "early config");
	run(start_early_steps, "a call for");
	run(start_late_steps, "initial config");
	run(start_late_steps, "a request of the service");
	run(start_end_steps, "has hung up");
	printf("system %d modules %d swap %d load \"%s\" name \"%s\"\n",
	       (int)start_early(EARLY_SYSTEM_LUN), (int)start_early(EARLY_MODULES_LUN),
	       (int)start_early(EARLY_SWAP_LUN), start_early_text(EARLY_MODULES_LIST),
	       start_early_text(EARLY_HOSTNAME));
	return 0;
}
