/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WORKER_H
#define WORKER_H

#include "loop.h"

/*
 * A thread for what may take long, such as a flush of a file: it runs without the lock of the
 * loop, one job after the other, and its end is an event of the loop.
 */
struct job {
	struct job *next;
	int (*run)(struct job *job);		   /* in the thread, without the lock */
	void (*done)(struct job *job, int result); /* in the loop, with it; owns the job again */
	int result;
};

struct worker {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job *first, **last; /* to be run */
	struct job *ended, **ended_last;
	int event, started;
};

/* The first job starts the thread. 0, or -1 after error(). The worker has to stay. */
int worker_init(struct worker *worker, struct loop *loop);
/* JOB has run and done; it must stay until done() is called. */
void worker_do(struct worker *worker, struct job *job);

#endif
