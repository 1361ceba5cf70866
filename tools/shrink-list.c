// SPDX-License-Identifier: GPL-2.0
/*
 * shrink-list TRIES LIST COMMAND... - the shortest part of LIST with which COMMAND still fails
 * LIST: numbers and ranges of them, 1-20,25, at most 4096 numbers. COMMAND is run with a list as
 * its last argument, and exits with 0: it fails with this list; 1: it does not; another status:
 * nobody knows, which counts as 1. A list that does not fail is tried TRIES times (1 to 9), for
 * a failure that does not come each time.
 * Prints the list; each run and its result are on standard error. Exit 0; 1: COMMAND does not
 * fail with LIST; 2: usage; 130: a signal came, and the list is the shortest so far that failed.
 *
 * Bisection, as in QuickXplain (Junker, AAAI 2004), not ddmin: of K numbers that matter among N it
 * finds them in about K * log2(N) runs, where ddmin takes several times as many, and a run is a
 * boot. Each list that is taken has failed, so the result has even if a longer list passed. In
 * the end each number is left out once more.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NUMBERS	 4096
#define LIST_MAX (6 * NUMBERS)

struct list {
	int n;
	int number[NUMBERS]; /* in order */
};

static volatile sig_atomic_t stopped;
static char **command; /* its last argument is free */
static int arguments, tries, runs;
static struct list best;

static void stop(int sig)
{
	stopped = sig;
}

static void print(const struct list *list, char *text)
{
	char *at = text;

	*at = '\0';
	for (int i = 0, end; i < list->n; i = end + 1) {
		for (end = i; end + 1 < list->n && list->number[end + 1] == list->number[end] + 1;)
			end++;
		at += sprintf(at, "%s%d", i ? "," : "", list->number[i]);
		if (end > i)
			at += sprintf(at, "-%d", list->number[end]);
	}
}

/* 0, or -1: TEXT is no list of ascending numbers */
static int parse(struct list *list, const char *text)
{
	int last = 0;
	char *end;

	do {
		long first = strtol(text, &end, 10), to = first;

		if (end == text || first <= last)
			return -1;
		if (*end == '-') {
			text = end + 1;
			to = strtol(text, &end, 10);
			if (end == text)
				return -1;
		}
		if (to < first || to > 1000000 || to - first >= NUMBERS - list->n)
			return -1;
		for (last = to; first <= to; first++)
			list->number[list->n++] = first;
		text = end + 1;
	} while (*end == ',');
	return *end ? -1 : 0;
}

/* The exit status of COMMAND with this list, or -1 */
static int run(const struct list *list)
{
	static char text[LIST_MAX];
	int status;
	pid_t pid;

	print(list, text);
	command[arguments - 1] = text;
	fprintf(stderr, "shrink-list: run %d, %d messages: %s\n", ++runs, list->n, text);
	pid = fork();
	if (pid == 0) {
		/* what COMMAND prints is not the list */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(command[0], command);
		fprintf(stderr, "shrink-list: error: %s: %s\n", command[0], strerror(errno));
		_exit(127);
	}
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* 1: COMMAND failed, and LIST is the best so far if it is shorter */
static int fails(const struct list *list)
{
	for (int i = 0; list->n && i < tries && !stopped; i++) {
		int status = run(list);

		fprintf(stderr, "shrink-list: run %d: %s\n", runs,
			status == 0	    ? "fails" :
				status == 1 ? "does not fail" :
					      "no result");
		if (status == 0) {
			if (list->n < best.n)
				best = *list;
			return 1;
		}
	}
	return 0;
}

/* Merge the first N of FROM and NEEDED, which are all greater, into OUT. */
static void join(struct list *out, const struct list *from, int n, const struct list *needed)
{
	memcpy(out->number, from->number, n * sizeof(int));
	memcpy(out->number + n, needed->number, needed->n * sizeof(int));
	out->n = n + needed->n;
}

static void shrink(const struct list *all)
{
	static struct list needed, part;
	int end = all->n; /* the first END of ALL and NEEDED failed */

	while (end > 0 && !stopped) {
		int good = 0, bad = end;

		join(&part, all, 0, &needed);
		if (fails(&part))
			return;
		while (bad - good > 1 && !stopped) {
			int middle = good + (bad - good) / 2;

			join(&part, all, middle, &needed);
			if (fails(&part))
				bad = middle;
			else
				good = middle;
		}
		memmove(needed.number + 1, needed.number, needed.n++ * sizeof(int));
		needed.number[0] = all->number[bad - 1];
		end = bad - 1;
	}
}

/* A longer list may pass where a shorter one fails: try once more without each. */
static void without_each(void)
{
	static struct list part;

	for (int i = 0; best.n > 1 && i < best.n && !stopped;) {
		part = best;
		memmove(part.number + i, part.number + i + 1, (--part.n - i) * sizeof(int));
		if (!fails(&part))
			i++;
	}
}

int main(int argc, char **argv)
{
	static struct list all;
	static char text[LIST_MAX];
	struct sigaction act = { .sa_handler = stop };

	if (argc < 4 || (tries = atoi(argv[1])) < 1 || tries > 9 || parse(&all, argv[2])) {
		fputs("usage: shrink-list TRIES LIST COMMAND...\n", stderr);
		return 2;
	}
	arguments = argc - 2;
	command = calloc(arguments + 1, sizeof(*command));
	if (!command)
		return 1;
	memcpy(command, argv + 3, (argc - 3) * sizeof(*command));
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	best.n = NUMBERS + 1;
	if (!fails(&all) && !stopped) {
		fprintf(stderr,
			"shrink-list: error: it does not fail with the whole list, tried %d "
			"times\n",
			runs);
		return 1;
	}
	if (best.n > NUMBERS)
		return 130;
	shrink(&all);
	without_each();
	print(&best, text);
	printf("%s\n", text);
	fprintf(stderr, "shrink-list: %d of %d messages after %d runs\n", best.n, all.n, runs);
	return stopped ? 130 : 0;
}
