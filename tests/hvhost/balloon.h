/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BALLOON_H
#define BALLOON_H

#include "memory.h"
#include "vmbus.h"

#define BALLOON_RANGES 65536

struct balloon {
	struct vmbus *bus;
	struct memory *mem;
	struct channel *ch;
	u32 version;
	int ready; /* capabilities are negotiated */
	u64 caps;
	u32 id;
	/* what the balloon holds */
	u64 range[BALLOON_RANGES];
	u32 ranges;
	u64 pages;
	int busy;      /* a response is outstanding */
	int deflating; /* ranges below returned were sent back */
	u32 returned;
	u64 hot_added;		 /* pages added by the last hot add */
	void (*done)(void *arg); /* the response has come */
	void *arg;
	/* for the report */
	u64 reports, available, committed, bad;
};

int balloon_init(struct balloon *balloon, struct vmbus *bus, struct memory *mem);
/* Each calls done() later; -1: the guest has no balloon driver, or it is busy. */
int balloon_inflate(struct balloon *balloon, u32 pages);
int balloon_deflate(struct balloon *balloon);
int balloon_hot_add(struct balloon *balloon, u64 bytes);

#endif
