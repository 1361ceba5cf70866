// SPDX-License-Identifier: GPL-2.0
#include "machine.h"
#include <stdarg.h>
#include <stdio.h>

const char *machine;

FILE *__real_fopen(const char *path, const char *mode);
int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);

const char *below(const char *path)
{
	static char name[512];

	snprintf(name, sizeof(name), "%s/%s", machine, path);
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

void row(const char *what, int result)
{
	static const char *const results[] = { "not ok", "ok", "skip" };

	printf("%s %s\n", results[result + 1], what);
}

void rows(const struct probe *probe)
{
	for (; probe && probe->what; probe++)
		row(probe->what, probe->run(probe->arg));
}
