// SPDX-License-Identifier: GPL-2.0
/* Connects VMBus to the machine: struct vmbus_ops on KVM and the event loop. */
#define _GNU_SOURCE
#include "host.h"
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static u64 on_post(void *arg, u32 connection, const void *msg, u32 size)
{
	return vmbus_message(((struct host *)arg)->bus, connection, msg, size);
}

/* A signal without an eventfd: it came before the channel was open, or after close. */
static void on_signal(void *arg, u32 connection)
{
	struct channel *ch = vmbus_by_connection(((struct host *)arg)->bus, connection);

	if (ch && ch->state == CHANNEL_OPEN && ch->ops->signal)
		ch->ops->signal(ch);
}

static void rang(void *arg, u32 events)
{
	struct channel *ch = arg;
	struct host *host = ch->bus->world;
	u64 n;

	(void)events;
	if (read(host->doorbell[ch->relid].fd, &n, sizeof(n)) > 0 && ch->state == CHANNEL_OPEN &&
	    ch->ops->signal)
		ch->ops->signal(ch);
}

static int doorbell(void *world, struct channel *ch, int on)
{
	struct host *host = world;
	struct doorbell *bell = &host->doorbell[ch->relid];
	int rc = 0;

	if (!on) {
		loop_forget(host->loop, bell->watch);
		bell->watch = NULL;
		goto remove;
	}
	bell->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (bell->fd < 0)
		return error("channel %u: eventfd: %s", ch->relid, strerror(errno));
	if (vm_doorbell(host->vm, ch->connection, bell->fd)) {
		rc = error("channel %u: KVM_HYPERV_EVENTFD: %s", ch->relid, strerror(errno));
		goto close;
	}
	bell->watch = loop_watch(host->loop, bell->fd, EPOLLIN, rang, ch);
	if (bell->watch)
		return 0;
	rc = -1;
remove:
	vm_doorbell(host->vm, ch->connection, -1);
close:
	close(bell->fd);
	bell->fd = -1;
	return rc;
}

static void send(void *world, u32 vp, const void *msg, u32 size)
{
	hyperv_send(&((struct host *)world)->vm->hv, vp, msg, size);
}

static void *page(void *world, u64 pfn)
{
	struct host *host = world;
	void *at = pfn < BIT(40) ? memory_at(&host->vm->mem, pfn * PAGE_SIZE, PAGE_SIZE) : NULL;

	host->high_pages += at && pfn >= MEMORY_HIGH / PAGE_SIZE;
	return at;
}

static void interrupt(void *world, u32 vp, u32 relid)
{
	hyperv_interrupt(&((struct host *)world)->vm->hv, vp, relid);
}

static void tl_connect(void *world, const struct vmbus_channel_tl_connect_request *request)
{
	struct host *host = world;

	if (host->tl_connect)
		host->tl_connect(host->tl_arg, request);
}

/* As a signal of the guest: the loop reads it when it is the turn of this channel. */
static void again(void *world, struct channel *ch)
{
	u64 one = 1;

	if (write(((struct host *)world)->doorbell[ch->relid].fd, &one, sizeof(one)) < 0)
		error("channel %u: eventfd: %s", ch->relid, strerror(errno));
}

static const struct vmbus_ops ops = {
	.send = send,
	.page = page,
	.doorbell = doorbell,
	.interrupt = interrupt,
	.tl_connect = tl_connect,
	.again = again,
};

void host_init(struct host *host, struct loop *loop, struct vm *vm, struct vmbus *bus)
{
	memset(host, 0, sizeof(*host));
	host->loop = loop;
	host->vm = vm;
	host->bus = bus;
	vmbus_init(bus, &ops, host);
	vm->hv.post = on_post;
	vm->hv.signal = on_signal;
	vm->hv.bus = host;
}
