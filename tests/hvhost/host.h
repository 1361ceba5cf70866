/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_H
#define HOST_H

#include "kvm.h"
#include "vmbus.h"

/* Connects VMBus to KVM, the guest's memory and the event loop. */
struct host {
	struct loop *loop;
	struct vm *vm;
	struct vmbus *bus;
	struct doorbell {
		int fd;
		struct watch *watch;
	} doorbell[VMBUS_RELIDS];
	void (*tl_connect)(void *arg, const struct vmbus_channel_tl_connect_request *request);
	void *tl_arg;
	u64 high_pages; /* for the report: of rings and buffers, above 4 GB */
};

void host_init(struct host *host, struct loop *loop, struct vm *vm, struct vmbus *bus);

#endif
