/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "hvhost.h"
#include <pthread.h>

/* Bytes that wait for a console that does not take them; a boot prints some 100 kB. */
#define CONSOLE_BYTES (1 << 20)

/*
 * The console output. A thread of its own writes it, because a pipe without a reader or a
 * terminal after Ctrl-S blocks, and whoever writes for the guest holds the lock of the loop.
 */
struct console {
	int quiet; /* set before console_init(): no error(), as this is where it would go */
	int fd, started, ending, failed;
	pthread_mutex_t lock;
	pthread_cond_t more, written;
	u64 head, tail; /* bytes so far: from the guest, and of these written */
	u64 lost;
	u8 bytes[CONSOLE_BYTES];
};

/* The first byte starts a thread that writes to FD. */
void console_init(struct console *console, int fd);
/* Never blocks: a byte for which there is no room is lost. */
void console_write(struct console *console, u8 byte);
/* The same for LEN bytes: 0, or -1: there is no room for all of them, and none is taken. */
int console_put(struct console *console, const char *text, u32 len);
/* Is TEXT in the last CONSOLE_BYTES of what was written? 1 or 0. */
int console_has(struct console *console, const char *text);
/* Wait for at most MS until all is written. How many bytes are lost, which error() says. */
u64 console_end(struct console *console, unsigned int ms);

#endif
