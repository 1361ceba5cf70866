/* SPDX-License-Identifier: GPL-2.0 */
#ifndef REPORTING_H
#define REPORTING_H

/*
 * Rows of queue.c: how free memory is reported, seen by probes on the functions that do it,
 * on any number of processors and for either driver. SKIP without the feature trace.
 */
int reporting_in_one_pass(void);
int reporting_spares_memory(void);
int reporting_drains_lists(void);

/*
 * Blocks that are free and cannot grow: touch pages, then free those blocks of ORDER of which
 * all pages are ours, and whose other half has one that we keep. 0 or -1; the number.
 */
int lone_blocks_touch(void);
int lone_blocks_free(int order);

/* recent.c: xt_recent removes its files under the mutex; a row, SKIP without the feature trace */
int recent_under_mutex(void);

/* probes of kernel functions, for the rows above */
struct watched {
	const char *name; /* of the event */
	unsigned int task;
	const char *values; /* behind the function's address: "nr=32 b0=9 ..." */
};

/* Set DEFINITIONS, a line each as in kprobe_events; PASS, FAIL or SKIP */
int watch(const char *definitions);
void watch_mark(void);		       /* forget what was before */
int watch_next(struct watched *event); /* 1, 0 at the end, or -1 after diag() */
void watch_again(void);		       /* read it from its start */
void watch_end(void);

#endif
