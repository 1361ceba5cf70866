/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BALLOON_H
#define BALLOON_H

#include "memory.h"
#include "vmbus.h"

#define BALLOON_RANGES	65536

struct balloon {
	struct vmbus *bus;
	struct memory *mem;
	struct channel *ch;
	u32 version;
	int ready;			/* capabilities are agreed */
	u64 caps;
	u32 id;
	/* what the guest gave up, until it gets it back */
	u64 range[BALLOON_RANGES];
	u32 ranges;
	u64 pages;
	int busy;			/* an answer is outstanding */
	int giving;			/* the pages up to given are on their way back */
	u32 given;
	u64 hot_added;			/* pages the last hot add gained */
	void (*done)(void *arg);	/* it has come */
	void *arg;
	/* for the verdict */
	u64 reports, available, committed, bad;
};

int balloon_init(struct balloon *balloon, struct vmbus *bus, struct memory *mem);
/* Each ends with done(); -1: the guest has no balloon, or it is busy. */
int balloon_inflate(struct balloon *balloon, u32 pages);
int balloon_deflate(struct balloon *balloon);
int balloon_hot_add(struct balloon *balloon, u64 bytes);

#endif
