/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NETVSC_H
#define NETVSC_H

#include "memory.h"
#include "nettap.h"
#include "rss.h"
#include "vmbus.h"

#define NETVSC_SLOTS 512 /* frames that the guest has not completed */

struct netvsc {
	struct vmbus *bus;
	struct memory *mem;
	struct channel *ch;
	struct nettap tap;
	struct gpadl *receive, *send; /* buffers of the guest, referenced */
	u32 slots, free_slot[NETVSC_SLOTS], free_slots;
	u8 taken[NETVSC_SLOTS]; /* by the channel of this index, from 1 on; 0: free */
	u16 max_subchannels; /* that a guest can have, up to VMBUS_SUBCHANNELS; after netvsc_init() */
	u16 subchannels;     /* that it has asked for */
	struct channel *queue[1 + VMBUS_SUBCHANNELS]; /* that are open, or NULL */
	struct rss rss;
	int up; /* the guest has set a packet filter */
	u32 version;
	u8 mac[6];
	void (*gone)(void *arg); /* the guest has released the channel */
	/* 1: MSG, of LEN bytes or as many as it is now, goes to the guest before the right one */
	int (*before)(void *arg, u8 *msg, u32 *len);
	void *arg;
	/* for the report; the frames by channel */
	u64 bad, to_guest[1 + VMBUS_SUBCHANNELS], from_guest[1 + VMBUS_SUBCHANNELS];
};

/* TAP is nettap_open()'s; NUMBER, of the card, is unique. 0, or -1 after error(). */
int netvsc_init(struct netvsc *net, struct vmbus *bus, struct loop *loop, struct memory *mem,
		int tap, u32 number);

#endif
