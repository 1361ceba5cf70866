// SPDX-License-Identifier: GPL-2.0
/* Jobs that must not hold the lock of the loop. */
#define _GNU_SOURCE
#include "worker.h"
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void *work(void *arg)
{
	struct worker *w = arg;
	const u64 one = 1;
	struct job *job;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (!w->first)
			pthread_cond_wait(&w->more, &w->lock);
		job = w->first;
		w->first = job->next;
		if (!w->first)
			w->last = &w->first;
		pthread_mutex_unlock(&w->lock);
		job->result = job->run(job);
		job->next = NULL;
		pthread_mutex_lock(&w->lock);
		*w->ended_last = job;
		w->ended_last = &job->next;
		if (write(w->event, &one, sizeof(one)) < 0)
			error("eventfd: %s", strerror(errno));
	}
	return NULL;
}

static void ended(void *arg, u32 events)
{
	struct worker *w = arg;
	struct job *job, *next;
	u64 n;

	(void)events;
	if (read(w->event, &n, sizeof(n)) < 0)
		return;
	pthread_mutex_lock(&w->lock);
	job = w->ended;
	w->ended = NULL;
	w->ended_last = &w->ended;
	pthread_mutex_unlock(&w->lock);
	for (; job; job = next) {
		next = job->next;
		job->done(job, job->result);
	}
}

int worker_init(struct worker *w, struct loop *loop)
{
	memset(w, 0, sizeof(*w));
	w->last = &w->first;
	w->ended_last = &w->ended;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	w->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->event < 0)
		return error("eventfd: %s", strerror(errno));
	if (!loop_watch(loop, w->event, EPOLLIN, ended, w))
		return -1;
	return 0;
}

/* With the first job: then the process is in its sandbox, which has to come before threads. */
static int start(struct worker *w)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, work, w);

	if (rc)
		return error("pthread_create: %s", strerror(rc));
	/* it may be in a flush that takes minutes: nobody waits for it */
	pthread_detach(thread);
	w->started = 1;
	return 0;
}

void worker_do(struct worker *w, struct job *job)
{
	job->next = NULL;
	if (!w->started && start(w)) {
		job->done(job, job->run(job));
		return;
	}
	pthread_mutex_lock(&w->lock);
	*w->last = job;
	w->last = &job->next;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
}
