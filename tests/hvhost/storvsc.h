/* SPDX-License-Identifier: GPL-2.0 */
#ifndef STORVSC_H
#define STORVSC_H

#include "memory.h"
#include "vmbus.h"

struct storvsc {
	struct vmbus *bus;
	struct memory *mem;
	struct channel *ch;
	int fd;
	u64 size;
	int state;			/* how far the start-up has come */
	int faults;			/* reads and writes fail */
	int write_through;		/* no write cache: nothing to flush */
	void (*gone)(void *arg);	/* the guest has given the channel back */
	void *arg;
	/* for the verdict */
	u64 reads, writes, flushes, errors;
	u16 version;
};

/* MAKE: 0, or the file is made anew with so many bytes */
int storvsc_open_file(struct storvsc *disk, const char *path, u64 make);
/* Offer a controller with one disk; INSTANCE tells several apart. */
int storvsc_offer(struct storvsc *disk, struct vmbus *bus, struct memory *mem, u32 instance);
/* One packet of the guest; what the channel does when it is signalled is to read them. */
void storvsc_receive(struct channel *ch, struct packet *packet);

#endif
