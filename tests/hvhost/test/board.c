// SPDX-License-Identifier: GPL-2.0
/* The console on COM1, with consoles that take everything, little or nothing. */
#define _GNU_SOURCE
#include "../board.h"
#include "tap.h"
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define COM1	0x3f8
#define BYTES	200000ul /* more than a pipe of Linux has room for */
#define SECONDS 60	 /* for all of it; a write that blocks is an alarm */

static struct vm vm;
static struct board boards[3], *board = boards; /* a thread may still look at the one before */

int vm_irq(struct vm *v, u32 gsi, int level)
{
	(void)v;
	(void)gsi;
	(void)level;
	return 0;
}

void vm_end(struct vm *v, enum end end)
{
	v->end = end;
}

static int lines;

static void line(void *arg, const char *text)
{
	(void)arg;
	lines += !strcmp(text, "line");
}

/* A board whose console is a pipe; returns the end to read. */
static int on_a_pipe(int *other)
{
	int fd[2];

	if (pipe(fd))
		exit(1);
	board_init(board, &vm, fd[1]);
	*other = fd[1];
	return fd[0];
}

static u8 byte_of(u64 n)
{
	return n * 7 + (n >> 8);
}

static void print(u64 from, u64 to)
{
	for (u64 n = from; n < to; n++)
		vm.ports.out(vm.ports.arg, COM1, 1, byte_of(n));
}

/* Read WANTED bytes, or until none comes for 10 s; how many, all of them right from FROM on. */
static u64 read_all(int fd, u64 from, u64 wanted)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };
	u8 buf[4096];
	u64 at = from;
	ssize_t n;

	while (at < from + wanted && poll(&in, 1, 10000) == 1 &&
	       (n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (buf[i] != byte_of(at++))
				return 0;
	return at - from;
}

static void takes_all(void)
{
	int other, fd = on_a_pipe(&other);
	char text[16];

	board->console_line = line;
	for (const char *at = "line\r\n"; *at; at++)
		vm.ports.out(vm.ports.arg, COM1, 1, *at);
	is(console_end(&board->console, 10000), 0, "a console that is read takes everything");
	ok(read(fd, text, sizeof(text)) == 6 && !memcmp(text, "line\r\n", 6), "as it was printed");
	is(lines, 1, "the host's own reader has the line");
	close(fd);
	close(other);
}

static void comes_late(void)
{
	int other, fd = on_a_pipe(&other);

	print(0, BYTES);
	ok(1, "a pipe that nobody reads does not block the guest");
	is(read_all(fd, 0, BYTES), BYTES, "a reader that comes late gets everything in order");
	print(BYTES, 2 * BYTES);
	is(read_all(fd, BYTES, BYTES), BYTES, "and what is printed then");
	is(console_end(&board->console, 10000), 0, "nothing is lost");
	close(fd);
	close(other);
}

/* The thread stays in its write, as behind Ctrl-S: the last one. */
static void never_reads(void)
{
	int other, fd = on_a_pipe(&other);
	u64 lost, got;

	print(0, 2 * CONSOLE_BYTES);
	ok(1, "more than there is room for does not block the guest");
	lost = console_end(&board->console, 200);
	ok(lost > CONSOLE_BYTES / 2 && lost <= 2 * CONSOLE_BYTES,
	   "the end comes all the same, with bytes lost");
	got = read_all(fd, 0, CONSOLE_BYTES);
	ok(got >= CONSOLE_BYTES && got <= 2 * CONSOLE_BYTES, "what was kept is in order");
}

int main(void)
{
	alarm(SECONDS);
	takes_all();
	board++;
	comes_late();
	board++;
	never_reads();
	return done();
}
