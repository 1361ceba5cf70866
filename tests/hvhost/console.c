// SPDX-License-Identifier: GPL-2.0
/* Console output that does not block its writer. */
#define _GNU_SOURCE
#include "console.h"
#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

/* Write what there is up to the end of the array. The lock is held, but not meanwhile. */
static void write_some(struct console *c)
{
	struct pollfd room = { .fd = c->fd, .events = POLLOUT };
	u64 at = c->tail % CONSOLE_BYTES, len = c->head - c->tail;
	ssize_t n;

	if (len > CONSOLE_BYTES - at)
		len = CONSOLE_BYTES - at;
	pthread_mutex_unlock(&c->lock);
	n = write(c->fd, c->bytes + at, len);
	if (n < 0 && errno == EAGAIN)
		n = poll(&room, 1, -1) < 0 ? -1 : 0;
	pthread_mutex_lock(&c->lock);
	if (n < 0 && errno != EINTR) {
		if (!c->quiet)
			error("cannot write the console output: %s", strerror(errno));
		c->failed = 1;
	}
	c->tail += n > 0 ? n : 0;
}

static void *writer(void *arg)
{
	struct console *c = arg;

	pthread_mutex_lock(&c->lock);
	while (!c->failed) {
		if (c->head != c->tail) {
			write_some(c);
			continue;
		}
		pthread_cond_signal(&c->written);
		if (c->ending)
			break;
		pthread_cond_wait(&c->more, &c->lock);
	}
	pthread_cond_signal(&c->written);
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

void console_init(struct console *c, int fd)
{
	pthread_condattr_t monotonic;

	c->fd = fd;
	c->started = c->ending = c->failed = 0;
	c->head = c->tail = c->lost = 0;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->more, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&c->written, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

/* With the first byte: then the process is in its sandbox, which has to come before threads. */
static void start(struct console *c)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, writer, c);

	c->started = 1;
	c->failed = !!rc;
	if (rc && !c->quiet)
		error("pthread_create: %s", strerror(rc));
	if (!rc) /* it may be in a write that never returns: nobody waits for it but console_end() */
		pthread_detach(thread);
}

void console_write(struct console *c, u8 byte)
{
	pthread_mutex_lock(&c->lock);
	if (!c->started)
		start(c);
	if (c->failed || c->head - c->tail == CONSOLE_BYTES) {
		c->lost++;
	} else {
		c->bytes[c->head++ % CONSOLE_BYTES] = byte;
		pthread_cond_signal(&c->more);
	}
	pthread_mutex_unlock(&c->lock);
}

int console_put(struct console *c, const char *text, u32 len)
{
	int rc = 0;

	pthread_mutex_lock(&c->lock);
	if (!c->started)
		start(c);
	if (c->failed || c->head - c->tail + len > CONSOLE_BYTES) {
		rc = -1;
	} else {
		for (u32 i = 0; i < len; i++)
			c->bytes[c->head++ % CONSOLE_BYTES] = text[i];
		pthread_cond_signal(&c->more);
	}
	pthread_mutex_unlock(&c->lock);
	return rc;
}

int console_has(struct console *c, const char *text)
{
	u64 len = strlen(text), at;
	int has = 0;

	pthread_mutex_lock(&c->lock);
	at = c->head > CONSOLE_BYTES ? c->head - CONSOLE_BYTES : 0;
	for (; !has && len && at + len <= c->head; at++) {
		u64 same = 0;

		while (same < len && c->bytes[(at + same) % CONSOLE_BYTES] == (u8)text[same])
			same++;
		has = same == len;
	}
	pthread_mutex_unlock(&c->lock);
	return has;
}

u64 console_end(struct console *c, unsigned int ms)
{
	struct timespec until;
	u64 lost;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000l;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&c->lock);
	c->ending = 1;
	pthread_cond_signal(&c->more);
	while (c->head != c->tail && !c->failed && !rc)
		rc = pthread_cond_timedwait(&c->written, &c->lock, &until);
	lost = c->lost + c->head - c->tail;
	pthread_mutex_unlock(&c->lock);
	if (lost && !c->quiet)
		error("the console output did not take %llu bytes of the guest",
		      (unsigned long long)lost);
	return lost;
}
