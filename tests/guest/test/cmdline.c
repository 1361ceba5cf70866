// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of probes/cmdline.c on a machine that is a directory:
 *   cmdline DIR MAJOR MINOR
 * DIR has the files that they read, at their paths, and the kernel's log as DIR/log; the
 * environment is init's. Prints "ok|not ok|skip ROW", and what a row says behind "# ".
 */
#include "probe.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *dir;
static int major, minor;

FILE *__real_fopen(const char *path, const char *mode);
int __real_access(const char *path, int mode);

static const char *below(const char *path)
{
	static char name[512];

	snprintf(name, sizeof(name), "%s%s", dir, path);
	return name;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	return __real_fopen(below(path), mode);
}

int __wrap_access(const char *path, int mode)
{
	return __real_access(below(path), mode);
}

#define SAY(result)                \
	do {                       \
		va_list ap;        \
		va_start(ap, fmt); \
		printf("# ");      \
		vprintf(fmt, ap);  \
		putchar('\n');     \
		va_end(ap);        \
		return result;     \
	} while (0)

void diag(const char *fmt, ...)
{
	SAY();
}

int failed(const char *fmt, ...)
{
	SAY(FAIL);
}

int skip(const char *fmt, ...)
{
	SAY(SKIP);
}

int read_file(const char *path, char *buf, size_t size)
{
	FILE *f = __wrap_fopen(path, "re");
	int n;

	if (!f)
		return failed("open %s", path);
	n = fread(buf, 1, size - 1, f);
	buf[n] = '\0';
	fclose(f);
	return n;
}

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
	static const char *const results[] = { "not ok", "ok", "skip" };
	const struct probe *probe;
	char cmdline[4096];

	if (argc != 4)
		return 2;
	dir = argv[1];
	major = atoi(argv[2]);
	minor = atoi(argv[3]);
	if (read_file("/proc/cmdline", cmdline, sizeof(cmdline)) < 0)
		return 1;
	for (probe = cmdline_probes(cmdline); probe && probe->what; probe++)
		printf("%s %s\n", results[probe->run(probe->arg) + 1], probe->what);
	return 0;
}
