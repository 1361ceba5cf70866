/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IC_H
#define IC_H

#include "loop.h"
#include "proto/ic.h"
#include "vmbus.h"

struct ic;

struct ic_channel {
	struct ic *ic;
	const struct ic_service *service;
	struct channel *ch;
	struct ic_version framework, message;
	int ready; /* versions are negotiated */
	u8 transaction;
	u64 sent, answered, bad;
	u32 status; /* of the last answer */
};

struct ic {
	struct vmbus *bus;
	struct loop *loop;
	struct ic_channel heartbeat, timesync, shutdown, kvp;
	struct timer beat, sample;
	u64 sequence;
	long long ahead; /* seconds that the guest's host is ahead of this machine */
	u32 samples;	 /* of its time, sent since it jumped */
	u64 (*reference_time)(void *vm); /* the guest's reference counter */
	void *vm;
	/* the response to ic_kvp_enumerate(): 0 or the guest's error, key and value */
	void (*pair)(void *arg, u32 status, const char *key, const char *value);
	void *arg;
};

int ic_init(struct ic *ic, struct vmbus *bus, struct loop *loop);
/* 0, or -1: the guest does not run this component. */
int ic_set_clock(struct ic *ic);
int ic_beat(struct ic *ic); /* a heartbeat now */
/* The clock of the guest's host, in seconds. */
long long ic_clock(const struct ic *ic);
/* Let that clock jump. The guest hears of it by the next sample, a whole interval later. */
void ic_jump(struct ic *ic, int seconds);
int ic_shutdown(struct ic *ic);
int ic_kvp_enumerate(struct ic *ic, u32 index);

#endif
