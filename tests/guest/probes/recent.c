// SPDX-License-Identifier: GPL-2.0
/*
 * xt_recent, when a network namespace ends: which lock does recent_proc_net_exit() take before
 * it removes the files of its lists? Probes at the functions that lock have their callers.
 */
#define _GNU_SOURCE
#include "reporting.h"
#include "probe.h"
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEAR 4096 /* bytes from there are enough for the functions of xt_recent */

/* The function that ADDRESS is in, as /proc/kallsyms has it. */
static void function_at(unsigned long address, char *name, size_t size)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	unsigned long at, nearest = 0;
	char line[512], symbol[256];

	snprintf(name, size, "?");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx %*c %255s", &at, symbol) == 2 && at <= address &&
		    at > nearest) {
			nearest = at;
			snprintf(name, size, "%s", symbol);
		}
	if (f)
		fclose(f);
}

/* What the end of a namespace locks there: the name of the event, or "". */
static int taken(char *lock, size_t size)
{
	unsigned int task = 0;
	struct watched event;
	char caller[256];
	int more;

	*lock = '\0';
	watch_again();
	while ((more = watch_next(&event)) > 0) {
		const char *from = strstr(event.values, "from=");

		if (!strcmp(event.name, "ends"))
			task = event.task;
		if (!from || event.task != task)
			continue;
		function_at(strtoul(from + 5, NULL, 0), caller, sizeof(caller));
		if (!strncmp(caller, "recent_", 7)) {
			snprintf(lock, size, "%s", event.name);
			return 0;
		}
	}
	return more;
}

int recent_under_mutex(void)
{
	char lock[64] = "", filter[128], probes[256];
	unsigned long at = 0;
	int pid, rc;

	if (!symbol_known("recent_net_exit")) {
		if (!module_there("xt_recent"))
			return skip("there is no xt_recent here");
		if (module_load("xt_recent"))
			return FAIL;
	}
	/* with lockdep mutex_lock() is a macro */
	snprintf(probes, sizeof(probes),
		 "p:ends recent_net_exit\n"
		 "p:mutex %s from=+0(%%sp):x64\n"
		 "p:spin _raw_spin_lock_bh from=+0(%%sp):x64\n",
		 symbol_known("mutex_lock_nested") ? "mutex_lock_nested" : "mutex_lock");
	rc = watch(probes);
	if (rc != PASS)
		return rc;
	/* these locks are taken all the time: only from there, or the trace has too much */
	symbol_at("recent_net_exit", &at);
	snprintf(filter, sizeof(filter), "from > 0x%lx && from < 0x%lx", at - NEAR, at + NEAR);
	if (write_file("t/events/kprobes/mutex/filter", filter) ||
	    write_file("t/events/kprobes/spin/filter", filter)) {
		watch_end();
		return FAIL;
	}
	watch_mark();
	pid = fork();
	if (!pid)
		_exit(unshare(CLONE_NEWNET) ? 1 : 0);
	rc = exit_of(pid) ? failed("unshare net") : PASS;
	/* a worker ends it, some time later */
	for (int i = 0; i < 60 && rc == PASS && !*lock; i++) {
		usleep(500000);
		rc = taken(lock, sizeof(lock)) ? FAIL : PASS;
	}
	watch_end();
	if (rc != PASS)
		return rc;
	if (!*lock)
		return failed("recent_net_exit() locks nothing within 30 s");
	return !strcmp(lock, "mutex") ? PASS : failed("it holds a spinlock while it removes files");
}
