/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "loop.h"
#include "storvsc.h"

#define HOSTILE_OFFERS	64		/* most at a time */
#define HOSTILE_LIMIT	20000		/* ms for the guest to give something back */

struct hostile;

struct hostile_kind {
	const char *name;
	void (*send)(struct hostile *h);
	int trusted;			/* a guest that trusts its host dies of it */
};

/*
 * A host that lies to its guest, in what it says and in the rings of a disk that is
 * there for nothing else. All that it does is drawn from the seed.
 */
struct hostile {
	struct vmbus *bus;
	struct memory *mem;
	struct loop *loop;
	u64 seed, drawn;
	int trusting;			/* the guest checks neither lengths nor ids */
	u32 messages, answers, packets;	/* sent; the last are indices too */
	/* messages: offers of its own, with relids that no channel has */
	struct hostile_offer {
		struct vmbus_channel_offer_channel offer;
		int released;
	} own[HOSTILE_OFFERS];
	int owned, waiting;
	/* answers and packets: one disk after the other */
	struct channel *ch;		/* whose ring is written to */
	struct storvsc victim;
	const struct channel_ops *honest;
	int rounds, round, plan;
	int after, steps, over;		/* honest answers before the lies */
	u32 gpadl;
	struct timer timer;
	void (*done)(void *arg, const char *error);	/* NULL: the guest gave all back */
	void *arg;
};

/* Uses DISK for the victim, which is opened already. */
void hostile_init(struct hostile *h, struct vmbus *bus, struct memory *mem,
		  struct loop *loop, u64 seed);
/* Each returns at once and calls done() later; -1: it is still at something. */
int hostile_messages(struct hostile *h, int n);
int hostile_answers(struct hostile *h, int rounds);
int hostile_packets(struct hostile *h, int rounds);
/* The guest connects: 1 when that was to PORT_LIAR, a stream of which nothing is true. */
int hostile_connect(struct hostile *h, const struct vmbus_channel_tl_connect_request *request);
void hostile_hang_up(struct hostile *h);	/* the last one */
/* The kind no. N, from 0, that is left out for a guest that trusts; NULL: no more. */
const char *hostile_left_out(int n);

/* hostile*.c among themselves */
u64 hostile_draw(struct hostile *h, u64 limit);		/* 0 to LIMIT - 1 */
void hostile_send(struct hostile *h, const void *msg, u32 size);
void hostile_one_of(struct hostile *h, const struct hostile_kind *kinds, int n);
void hostile_end(struct hostile *h, const char *error);
u64 hostile_id(struct hostile *h);			/* of a transaction that nobody has begun */
u32 hostile_op(struct hostile *h);			/* an operation or a size that there is not */
/* A packet of 80 bytes and its trailer, whose head and whole say to be so many times 8. */
void hostile_lie(struct hostile *h, u16 head8, u16 len8);
/* Write to one of the words at the start of RING what it can never be. */
void hostile_index(struct hostile *h, struct ring *ring, u32 at);
extern const struct hostile_kind hostile_packet_kinds[], hostile_ring_kinds[];
int hostile_disk_message(struct hostile *h, const void *msg, u32 size);

#endif
