// SPDX-License-Identifier: GPL-2.0
/* Messages to a pipe that nobody reads, and later does. */
#define _GNU_SOURCE
#include "../console.h"
#include "../logger.h"
#include "tap.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define MESSAGES 40000 /* of 40 bytes and more: beyond the pipe and CONSOLE_BYTES */

static char *text;

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Read what comes from FD until there are BYTES, END among them, for at most 30 s. */
static void read_until(int fd, size_t bytes, const char *end)
{
	size_t have = strlen(text);
	double began = seconds();
	ssize_t n;

	while (have < 4 * CONSOLE_BYTES - 1 && seconds() - began < 30 &&
	       (have < bytes || !strstr(text + (have > 200 ? have - 200 : 0), end))) {
		n = read(fd, text + have, 4 * CONSOLE_BYTES - 1 - have);
		have += n > 0 ? n : 0;
		text[have] = '\0';
		if (n <= 0)
			usleep(1000);
	}
}

/* Are the messages in order, whole, and with all that is missing named? How many are there? */
static int count(int *named, int *whole)
{
	int next = 0, n = 0, number, gone;
	char *copy = strdup(text), *rest = copy, *line;

	*named = 0;
	*whole = 1;
	while ((line = strsep(&rest, "\n")) && rest) {
		if (sscanf(line, "hvhost: message %d of a guest that talks", &number) == 1 &&
		    !strcmp(line + strlen(line) - 5, "talks")) {
			*whole &= number == next;
			next = number + 1;
			n++;
		} else if (sscanf(line, "hvhost: %d messages were dropped", &gone) == 1) {
			next += gone;
			*named += gone;
		} else {
			*whole = 0;
		}
	}
	free(copy);
	return n;
}

int main(void)
{
	int fds[2], named, whole, n;
	char last[60];
	double began;

	alarm(60);
	signal(SIGPIPE, SIG_IGN);
	text = calloc(1, 4 * CONSOLE_BYTES);
	if (!text || pipe2(fds, O_CLOEXEC) || fcntl(fds[0], F_SETFL, O_NONBLOCK))
		return 2;
	logger_init(fds[1]);
	began = seconds();
	for (int i = 0; i < MESSAGES; i++)
		note("message %d of a guest that talks", i);
	ok(seconds() - began < 30, "a pipe that is not read stops nobody");
	/* now there is room for another */
	read_until(fds[0], CONSOLE_BYTES / 2, "");
	note("message %d of a guest that talks", MESSAGES);
	snprintf(last, sizeof(last), "message %d of a guest that talks\n", MESSAGES);
	read_until(fds[0], 0, last);
	n = count(&named, &whole);
	ok(n > CONSOLE_BYTES / 50 && n < MESSAGES, "what fits comes when it is read, %d", n);
	is(n + named, MESSAGES + 1, "and a line says how many are missing");
	ok(whole && named > 0, "at their place; each message is whole");
	*text = '\0';
	for (int i = 0; i < MESSAGES; i++)
		note("message %d of a guest that talks", i);
	began = seconds();
	logger_end(200);
	ok(seconds() - began < 5, "the end does not wait for the pipe longer than it is told");
	close(fds[0]);
	/* the writer has failed, and the program goes on; messages go to standard error again */
	is(error("the last message, on standard error"), -1, "an error is one");
	free(text);
	return done();
}
