// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's log. The console shows none of it while the probes run, so what
 * went wrong without ending the machine is looked for here, last of all.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <string.h>
#include <sys/klog.h>

#define READ_ALL	3	/* klogctl: SYSLOG_ACTION_READ_ALL */

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

int log_line(const char *start, const char *end)
{
	char *rest = read_log(), *line, *at;

	if (!rest)
		return FAIL;
	while ((line = strsep(&rest, "\n"))) {
		at = strstr(line, start);
		if (at && strstr(at, end))
			return PASS;
	}
	return failed("the kernel's log has no line \"%s... %s\"", start, end);
}

/* Stalls are left out: an emulated machine on a busy host has them for nothing. */
static int no_fault(const char *arg)
{
	static const char *const faults[] = {
		"WARNING: ", "BUG: ", "Oops: ", "UBSAN: ", "general protection fault", "Unknown symbol",
	};
	char *rest = read_log(), *line;
	int rc = PASS;
	size_t i;

	(void)arg;
	if (!rest)
		return FAIL;
	while ((line = strsep(&rest, "\n")))
		for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
			if (strstr(line, faults[i]))
				rc = failed("%s", line);
	return rc;
}

const struct probe log_probes[] = {
	{ "the kernel reported no fault", no_fault, NULL },
	{ NULL, NULL, NULL },
};
