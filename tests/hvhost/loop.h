/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOOP_H
#define LOOP_H

#include "hvhost.h"
#include <pthread.h>

/*
 * The event loop. One thread waits for file descriptors and timers and runs the
 * callbacks with the lock held. The vCPU threads take the same lock to handle an exit,
 * so devices need no locking.
 */
struct loop {
	int epoll;
	pthread_mutex_t lock;
	struct watch *watches, *dead;
	struct timer *timers;
};

struct watch {
	struct watch *next;
	int fd;
	void (*ready)(void *arg, u32 events);
	void *arg;
};

struct timer {
	struct timer *next;
	u64 when; /* by now_ns(); 0: not set */
	void (*fire)(void *arg);
	void *arg;
};

u64 now_ns(void); /* monotonic */
/*
 * Has accept() failed with ERROR for a reason that passes? Then listen on, ACCEPT_RETRY_MS
 * later: the connection stays in the queue, so its socket is ready all the time.
 */
int accept_passes(int error);
#define ACCEPT_RETRY_MS 100
int loop_init(struct loop *loop);
struct watch *loop_watch(struct loop *loop, int fd, u32 events,
			 void (*ready)(void *arg, u32 events), void *arg);
int loop_events(struct loop *loop, struct watch *watch, u32 events);
void loop_forget(struct loop *loop, struct watch *watch); /* the caller closes fd */
void timer_set(struct loop *loop, struct timer *timer, u64 ms);
void timer_stop(struct loop *loop, struct timer *timer);
/* Wait for at most TIMEOUT_MS and run what is due. 0, or -1 after error(). */
int loop_once(struct loop *loop, int timeout_ms);

#endif
