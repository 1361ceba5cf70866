/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MUTATOR_H
#define MUTATOR_H

#include "hvhost.h"

#define MUTANT_DATA  2048 /* bytes; a list of all LUNs, and a slot of netvsc, are shorter */
#define MUTANT_EXTRA 64

enum mutant_device { MUTANT_DISK, MUTANT_CARD, MUTANT_HEARTBEAT, MUTANT_DEVICES };

/* Types of messages that have fields in the table. */
enum mutant_type {
	/* messages of the bus about a device, and the status of its hypercalls */
	MUTANT_OFFER,
	MUTANT_RESCIND,
	MUTANT_OPENED,
	MUTANT_CREATED,
	MUTANT_TORNDOWN,
	MUTANT_RESULT,
	/* storvsc: answers to its initialization and to requests, and data of commands */
	MUTANT_INITIALIZED,
	MUTANT_PROPERTIES,
	MUTANT_COMPLETED,
	MUTANT_INQUIRY,
	MUTANT_VPD,
	MUTANT_CAPACITY,
	MUTANT_MODE,
	MUTANT_LUNS,
	/* netvsc: answers, packets of received messages, and what is in its buffer */
	MUTANT_VERSION,
	MUTANT_RECEIVE_BUFFER,
	MUTANT_SEND_BUFFER,
	MUTANT_SENT,
	MUTANT_RECEIVED,
	MUTANT_RNDIS,
	MUTANT_FRAME,
	MUTANT_BEAT,
	MUTANT_TYPES
};

/* A message of the host: a copy, to be changed. */
struct mutant {
	u16 type; /* these four: of a packet */
	u64 id;
	u8 extra[MUTANT_EXTRA];
	u32 extra_len;
	u8 data[MUTANT_DATA];
	u32 len;
};

/* What the host sends. The guest must get each answer that it waits for: some have no limit. */
enum mutant_order {
	MUTANT_INSTEAD, /* the changed message: it is an answer all the same */
	MUTANT_FIRST,	/* the changed message, which is no answer, and then the right one */
	MUTANT_TWICE,	/* the right one twice */
};

struct mutant_field {
	u8 type, order;
	u8 part, value; /* mutator.c */
	u16 at, size;
	u32 set; /* bits that are always set */
	const char *name;
};

extern const char *const mutant_names[MUTANT_TYPES];
/* How many messages of a type a device is sent at least, when nothing goes wrong; 0: none. */
extern const u8 mutant_spread[MUTANT_TYPES][MUTANT_DEVICES];

extern const u32 mutator_fields;
const struct mutant_field *mutator_field(u32 n); /* below mutator_fields */
/*
 * Change FIELD of M to another value, drawn from DRAW(ARG, LIMIT), which is 0 to LIMIT - 1; WAS
 * and IS are the values. Nothing else of M changes, and nothing beyond its lengths. 0, or -1: M
 * has no such field.
 */
int mutator_change(const struct mutant_field *field, struct mutant *m,
		   u64 (*draw)(void *arg, u64 limit), void *arg, u64 *was, u64 *is);

#endif
