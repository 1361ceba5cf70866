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
	struct timer beat;
	u64 sequence;
	u64 (*reference_time)(void *vm); /* the guest's reference counter */
	void *vm;
	/* the response to ic_kvp_enumerate(): 0 or the guest's error, key and value */
	void (*pair)(void *arg, u32 status, const char *key, const char *value);
	void *arg;
};

int ic_init(struct ic *ic, struct vmbus *bus, struct loop *loop);
/* 0, or -1: the guest does not run this component. */
int ic_set_clock(struct ic *ic);
int ic_shutdown(struct ic *ic);
int ic_kvp_enumerate(struct ic *ic, u32 index);

#endif
