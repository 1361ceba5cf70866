// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's log. The console does not show it while the probes run, so faults that
 * did not end the machine are looked for here, last of all.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <string.h>
#include <sys/klog.h>

#define READ_ALL 3 /* klogctl: SYSLOG_ACTION_READ_ALL */

/* The log, or NULL after diag(). */
static char *read_log(void)
{
	static char log[1 << 20];
	int n = klogctl(READ_ALL, log, sizeof(log) - 1);

	if (n < 0) {
		diag("klogctl: %s", strerror(errno));
		return NULL;
	}
	log[n] = '\0';
	return log;
}

char *log_from(const char *text)
{
	char *log = read_log();

	return log ? strstr(log, text) : NULL;
}

int log_has(const char *start, const char *end)
{
	char *rest = read_log(), *line, *at;

	if (!rest)
		return -1;
	while ((line = strsep(&rest, "\n"))) {
		at = strstr(line, start);
		if (at && strstr(at, end))
			return 1;
	}
	return 0;
}

int log_line(const char *start, const char *end)
{
	int has = log_has(start, end);

	if (has)
		return has < 0 ? FAIL : PASS;
	return failed("the kernel's log has no line \"%s... %s\"", start, end);
}

/* LINE without "<PRIORITY>" and what is in brackets before the text: time, processor. */
static const char *text_of(const char *line)
{
	const char *end;

	if (*line == '<' && (end = strchr(line, '>')))
		line = end + 1;
	while (*line == '[' && (end = strchr(line, ']')))
		line = end + 1 + strspn(end + 1, " ");
	return line;
}

/* Print the first fault with the lines that follow it: locks held, call trace. */
static int no_fault(const char *arg)
{
	char *rest = read_log(), *line;
	int rc = PASS, tell = 0;

	(void)arg;
	if (!rest)
		return FAIL;
	while ((line = strsep(&rest, "\n"))) {
		if (fault_text(text_of(line)) || strstr(line, "Unknown symbol")) {
			tell = !rc ? 40 : tell > 0 ? tell : 1;
			rc = FAIL;
		}
		if (tell-- > 0)
			diag("%s", line);
	}
	return rc;
}

const struct probe log_probes[] = {
	{ "the kernel reported no fault", no_fault, NULL },
	{ NULL, NULL, NULL },
};
