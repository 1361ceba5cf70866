// SPDX-License-Identifier: GPL-2.0
/* Messages: on standard error, or to whoever takes them. */
#include "hvhost.h"
#include <stdarg.h>
#include <stdio.h>

static void (*taker)(const char *line, u32 len);

void log_to(void (*take)(const char *line, u32 len))
{
	taker = take;
}

static void say(const char *kind, const char *fmt, va_list ap)
{
	char text[512], line[sizeof(text) + 32];
	int len;

	vsnprintf(text, sizeof(text), fmt, ap);
	len = snprintf(line, sizeof(line), "hvhost: %s%s\n", kind, text);
	if (taker)
		taker(line, len);
	else
		fwrite(line, 1, len, stderr);
}

int error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("error: ", fmt, ap);
	va_end(ap);
	return -1;
}

void note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}
