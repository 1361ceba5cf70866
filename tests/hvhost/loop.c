// SPDX-License-Identifier: GPL-2.0
/* The event loop: file descriptors and timers. */
#define _GNU_SOURCE
#include "loop.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

int accept_passes(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM ||
		error == ECONNABORTED || error == EINTR;
}

int loop_init(struct loop *loop)
{
	memset(loop, 0, sizeof(*loop));
	pthread_mutex_init(&loop->lock, NULL);
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	return loop->epoll < 0 ? error("epoll_create1: %s", strerror(errno)) : 0;
}

struct watch *loop_watch(struct loop *loop, int fd, u32 events,
			 void (*ready)(void *arg, u32 events), void *arg)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	struct epoll_event ev = { .events = events, .data.ptr = watch };

	if (!watch)
		return NULL;
	watch->fd = fd;
	watch->ready = ready;
	watch->arg = arg;
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &ev)) {
		error("epoll_ctl: %s", strerror(errno));
		free(watch);
		return NULL;
	}
	watch->next = loop->watches;
	loop->watches = watch;
	return watch;
}

int loop_events(struct loop *loop, struct watch *watch, u32 events)
{
	struct epoll_event ev = { .events = events, .data.ptr = watch };

	return epoll_ctl(loop->epoll, EPOLL_CTL_MOD, watch->fd, &ev);
}

void loop_forget(struct loop *loop, struct watch *watch)
{
	struct watch **at = &loop->watches;

	if (!watch)
		return;
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	while (*at && *at != watch)
		at = &(*at)->next;
	if (*at)
		*at = watch->next;
	/* an event of this iteration may still point to it: freed in loop_once() */
	watch->ready = NULL;
	watch->next = loop->dead;
	loop->dead = watch;
}

void timer_stop(struct loop *loop, struct timer *timer)
{
	struct timer **at = &loop->timers;

	while (*at && *at != timer)
		at = &(*at)->next;
	if (*at)
		*at = timer->next;
	timer->when = 0;
}

void timer_set(struct loop *loop, struct timer *timer, u64 ms)
{
	timer_stop(loop, timer);
	timer->when = now_ns() + ms * 1000000;
	timer->next = loop->timers;
	loop->timers = timer;
}

static void fire(struct loop *loop)
{
	u64 now = now_ns();
	struct timer *timer;

again: /* a callback may set or stop any timer */
	for (timer = loop->timers; timer; timer = timer->next) {
		if (timer->when <= now) {
			timer_stop(loop, timer);
			timer->fire(timer->arg);
			goto again;
		}
	}
}

int loop_once(struct loop *loop, int timeout_ms)
{
	struct epoll_event ev[32];
	struct timer *timer;
	struct watch *dead;
	u64 now = now_ns();
	int wait = timeout_ms, n;

	pthread_mutex_lock(&loop->lock);
	for (timer = loop->timers; timer; timer = timer->next) {
		u64 left = timer->when > now ? (timer->when - now) / 1000000 + 1 : 0;

		if (left < (u64)wait)
			wait = left;
	}
	pthread_mutex_unlock(&loop->lock);
	n = epoll_wait(loop->epoll, ev, ARRAY_SIZE(ev), wait);
	if (n < 0 && errno != EINTR)
		return error("epoll_wait: %s", strerror(errno));
	pthread_mutex_lock(&loop->lock);
	for (int i = 0; i < n; i++) {
		struct watch *watch = ev[i].data.ptr;

		if (watch->ready)
			watch->ready(watch->arg, ev[i].events);
	}
	fire(loop);
	while ((dead = loop->dead)) {
		loop->dead = dead->next;
		free(dead);
	}
	pthread_mutex_unlock(&loop->lock);
	return 0;
}
