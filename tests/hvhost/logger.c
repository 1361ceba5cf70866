// SPDX-License-Identifier: GPL-2.0
/* The log as a console: messages never block who says them. */
#include "logger.h"
#include "console.h"
#include <stdio.h>

static struct console out;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long dropped;

/* 1: the lines that were dropped have been named, or there are none. The lock is held. */
static int caught_up(void)
{
	char text[80];
	int len;

	if (!dropped)
		return 1;
	len = snprintf(text, sizeof(text), "hvhost: %lu messages were dropped\n", dropped);
	if (console_put(&out, text, len))
		return 0;
	dropped = 0;
	return 1;
}

static void take(const char *line, u32 len)
{
	pthread_mutex_lock(&lock);
	if (!caught_up() || console_put(&out, line, len))
		dropped++;
	pthread_mutex_unlock(&lock);
}

void logger_init(int fd)
{
	out.quiet = 1;
	console_init(&out, fd);
	log_to(take);
}

void logger_end(unsigned int ms)
{
	pthread_mutex_lock(&lock);
	caught_up();
	pthread_mutex_unlock(&lock);
	console_end(&out, ms);
	log_to(NULL);
}
