// SPDX-License-Identifier: GPL-2.0
/* The vCPU threads and how a guest ends, on an ioctl() that plays KVM. */
#define _GNU_SOURCE
#include "../kvm.h"
#include "tap.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define VCPU_FD 1000 /* no file: ioctl() is ours */

static struct loop loop;
static struct vm vm;
static struct kvm_run run;
/* the exits to come: a digit is a suberror of KVM_EXIT_INTERNAL_ERROR, i an interrupt */
static const char *script;

int ioctl(int fd, unsigned long request, ...)
{
	if (fd != VCPU_FD || request != KVM_RUN) {
		errno = ENOTTY;
		return -1;
	}
	if (!*script) { /* the guest runs on: until it is kicked */
		usleep(1000);
		errno = EINTR;
		return -1;
	}
	run.exit_reason = *script == 'i' ? KVM_EXIT_INTR : KVM_EXIT_INTERNAL_ERROR;
	run.internal.suberror = *script++ - '0';
	run.internal.ndata = 0;
	return 0;
}

static void begin(const char *exits, u64 limit_ms)
{
	script = exits;
	memset(&vm, 0, sizeof(vm));
	vm.loop = &loop;
	vm.cpus = 1;
	vm.ended = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	vm.vcpu[0] = (struct vcpu){ .vm = &vm, .fd = VCPU_FD, .run = &run };
	hyperv_init(&vm.hv, &vm.mem, 1);
	if (vm_start(&vm, limit_ms))
		exit(1);
}

static enum end ended(void)
{
	return __atomic_load_n(&vm.end, __ATOMIC_SEQ_CST);
}

/* Run the loop until the guest has ended. */
static enum end finish(void)
{
	while (ended() == RUNNING)
		loop_once(&loop, 10);
	vm_join(&vm);
	timer_stop(&loop, &vm.limit);
	close(vm.ended);
	return vm.end;
}

static void errors(void)
{
	begin("3333333i333i", 500);
	is(finish(), TIMED_OUT, "kvm: a guest is entered again when no event was delivered");
	is(vm.reentries, 10, "each time is counted");
	is(vm.exits, 12, "among the exits");
	begin("33333333", 60000);
	is(finish(), BROKEN, "eight in a row end it");
	is(vm.reentries, 7, "after seven more entries");
	begin("i1", 60000);
	is(finish(), BROKEN, "another error ends it at once");
	is(vm.reentries, 0, "without one more");
}

static void *turns(void *arg)
{
	(void)arg;
	while (ended() == RUNNING)
		loop_once(&loop, 1000);
	return NULL;
}

/* What holds the lock must not see the guest end meanwhile. */
static void time_limit(void)
{
	pthread_t thread;

	begin("", 2000);
	if (pthread_create(&thread, NULL, turns, NULL))
		exit(1);
	usleep(100000);
	/* the thread waits for the limit, without the lock */
	pthread_mutex_lock(&loop.lock);
	usleep(2300000);
	is(ended(), RUNNING, "the time limit waits for the lock");
	vm_end(&vm, POWERED_OFF);
	pthread_mutex_unlock(&loop.lock);
	pthread_join(thread, NULL);
	loop_once(&loop, 0);
	is(finish(), POWERED_OFF, "and does not replace the first reason");
	begin("", 100);
	is(finish(), TIMED_OUT, "without one the guest has timed out");
	ok(now_ns() - vm.started >= 100000000, "and not before the limit");
}

int main(void)
{
	alarm(30);
	if (loop_init(&loop))
		return 2;
	errors();
	time_limit();
	return done();
}
