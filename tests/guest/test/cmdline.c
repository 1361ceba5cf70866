// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of probes/cmdline.c on a machine that is a directory:
 *   cmdline DIR MAJOR MINOR
 * DIR has the files that they read, at their paths, and the kernel's log as DIR/log; the
 * environment is init's.
 */
#include "machine.h"
#include <stdlib.h>
#include <string.h>

static int major, minor;

int kernel_at_least(int a, int b)
{
	return major > a || (major == a && minor >= b);
}

char *log_from(const char *text)
{
	static char log[65536];

	return read_file("/log", log, sizeof(log)) < 0 ? NULL : strstr(log, text);
}

int log_line(const char *start, const char *end)
{
	(void)end;
	return log_from(start) ? PASS : failed("no line \"%s\"", start);
}

int main(int argc, char **argv)
{
	char cmdline[4096];

	if (argc != 4)
		return 2;
	machine = argv[1];
	major = atoi(argv[2]);
	minor = atoi(argv[3]);
	if (read_file("/proc/cmdline", cmdline, sizeof(cmdline)) < 0)
		return 1;
	rows(cmdline_probes(cmdline));
	return 0;
}
