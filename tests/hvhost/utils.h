/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTILS_H
#define UTILS_H

#include "kvm.h"
#include "proto/ic.h"
#include "vmbus.h"

struct utils;

struct ic {
	struct utils *utils;
	const struct ic_service *service;
	struct channel *ch;
	struct ic_version framework, message;
	int ready;			/* versions are agreed */
	u8 transaction;
	u64 sent, answered, bad;
	u32 status;			/* of the last answer */
};

struct utils {
	struct vmbus *bus;
	struct loop *loop;
	struct ic heartbeat, timesync, shutdown, kvp;
	struct timer beat;
	u64 sequence;
	u64 (*reference_time)(void *vm);	/* the guest's counter */
	void *vm;
	/* the answer to utils_ask_pair(): 0 or the guest's error, key and value in ASCII */
	void (*pair)(void *arg, u32 status, const char *key, const char *value);
	void *arg;
};

int utils_init(struct utils *utils, struct vmbus *bus, struct loop *loop);
/* 0, or -1: the guest has no such component running */
int utils_set_clock(struct utils *utils);
int utils_shut_down(struct utils *utils);
int utils_ask_pair(struct utils *utils, u32 index);

#endif
