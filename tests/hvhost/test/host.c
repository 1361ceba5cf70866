// SPDX-License-Identifier: GPL-2.0
/* The doorbell of a channel when KVM or the loop refuses it: nothing may be left. */
#define _GNU_SOURCE
#include "fds.h"
#include "../host.h"
#include "tap.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define RELID 7

static struct loop loop;
static struct vm vm;
static struct vmbus bus;
static struct host host;
static int registered, refuse, signals;

/* KVM with room for one eventfd */
int vm_doorbell(struct vm *v, u32 connection, int fd)
{
	(void)v;
	(void)connection;
	errno = EEXIST;
	if (fd >= 0 && (refuse || registered))
		return -1;
	registered = fd >= 0 ? fd : 0;
	return 0;
}

static void signalled(struct channel *ch)
{
	(void)ch;
	signals++;
}

static const struct channel_ops ops = { .signal = signalled };

static int rings(struct channel *ch)
{
	u64 one = 1;

	if (write(host.doorbell[ch->relid].fd, &one, sizeof(one)) != sizeof(one))
		return 0;
	signals = 0;
	loop_once(&loop, 1000);
	return signals == 1;
}

/* A device that has not read all says so itself. */
static int again(struct channel *ch)
{
	signals = 0;
	bus.ops->again(&host, ch);
	loop_once(&loop, 1000);
	return signals == 1;
}

int main(void)
{
	struct channel *ch = &bus.channel[RELID];
	int before, epoll;

	if (loop_init(&loop))
		return 2;
	host_init(&host, &loop, &vm, &bus);
	*ch = (struct channel){ .bus = &bus, .relid = RELID, .state = CHANNEL_OPEN, .ops = &ops };
	before = open_fds();
	refuse = 1;
	is(bus.ops->doorbell(&host, ch, 1), -1, "host: KVM refuses an eventfd");
	is(open_fds(), before, "which is closed");
	refuse = 0;
	epoll = loop.epoll;
	loop.epoll = -1;
	is(bus.ops->doorbell(&host, ch, 1), -1, "the loop cannot watch one");
	loop.epoll = epoll;
	is(open_fds(), before, "it is closed");
	is(registered, 0, "and no longer KVM's");
	is(bus.ops->doorbell(&host, ch, 1), 0, "the next one is accepted");
	is(rings(ch), 1, "it signals the device");
	is(again(ch), 1, "a device that has not read all is signalled by the loop");
	bus.ops->doorbell(&host, ch, 0);
	is(open_fds(), before, "at the end it is closed");
	is(registered, 0, "and no longer KVM's");
	loop_once(&loop, 0);
	return done();
}
