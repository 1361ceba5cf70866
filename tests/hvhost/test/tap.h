/* SPDX-License-Identifier: GPL-2.0 */
/* TAP rows: ok(CONDITION, NAME...) and is(GOT, WANTED, NAME); done() prints the plan. */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdio.h>

static int rows, bad_rows;

static inline int ok(int condition, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline int ok(int condition, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", condition ? "" : "not ", ++rows);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	bad_rows += !condition;
	return condition;
}

#define is(got, wanted, name)                                                                  \
	do {                                                                                   \
		long long got_ = (long long)(got), wanted_ = (long long)(wanted);              \
		if (!ok(got_ == wanted_, "%s", name))                                          \
			fprintf(stderr, "# %s: got %lld, wanted %lld\n", name, got_, wanted_); \
	} while (0)

static inline int done(void)
{
	printf("1..%d\n", rows);
	return bad_rows != 0;
}

#endif
