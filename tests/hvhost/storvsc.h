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
	int state;		 /* of the initialization */
	int read_only;		 /* as a disk that WSL attaches without write access */
	int faults;		 /* fail reads and writes */
	int write_through;	 /* report no write cache: the guest does not flush */
	void (*gone)(void *arg); /* the guest has released the channel */
	void *arg;
	/* for the report */
	u64 reads, writes, flushes, errors;
	u16 version;
};

/* CREATE: 0, or create the file anew with this many bytes. */
int storvsc_open_file(struct storvsc *disk, const char *path, u64 create);
/* The same for a disk that the guest can only read. */
int storvsc_open_read_only(struct storvsc *disk, const char *path);
/* Offer a controller with one disk; INSTANCE must be unique. */
int storvsc_offer(struct storvsc *disk, struct vmbus *bus, struct memory *mem, u32 instance);
/* Handle one packet of the guest. */
void storvsc_receive(struct channel *ch, struct packet *packet);

#endif
