/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "ic.h"
#include "loop.h"
#include "mutator.h"
#include "netvsc.h"
#include "pci_test.h"
#include "storvsc.h"
#include "virtio_pci.h"
#include "vpci.h"

#define HOSTILE_OFFERS	   64	 /* max. at a time */
#define HOSTILE_LIMIT	   20000 /* ms for the guest to release a channel */
#define HOSTILE_CARD_PLANS 2
#define HOSTILE_NUMBERS	   2048 /* of the messages of a row: 1 to one less */
#define HOSTILE_MUTATIONS  16	/* of a device at most */
#define HOSTILE_RATE	   6	/* and without another number */

enum {
	HOSTILE_MESSAGES,
	HOSTILE_ANSWERS,
	HOSTILE_PACKETS,
	HOSTILE_STREAMS,
	HOSTILE_PCI,
	HOSTILE_VIRTIO,
	HOSTILE_MUTANTS,
	HOSTILE_ROWS
};

struct hostile;

struct hostile_kind {
	const char *name;
	void (*send)(struct hostile *h);
	int trusted; /* not for a guest that does not validate */
};

/* hostile_mutants.c: a valid device at a time, of which some messages are changed */
struct mutants {
	u32 rate; /* mutations of a device */
	u32 round;
	int running;
	enum mutant_device device;
	struct channel *ch; /* NULL: no device is there */
	int offering;	    /* it is being offered */
	/* which field is changed, in the first message of its type after NTH others */
	struct mutation {
		const struct mutant_field *field;
		u32 nth;
		u64 drawn; /* where its values are drawn from */
		int done;
	} plan[HOSTILE_MUTATIONS];
	u32 seen[MUTANT_TYPES]; /* messages of the device */
	u32 gpadl[8], gpadls;	/* that were created */
	u32 done;		/* mutations of all devices */
	struct storvsc scsi;
	struct channel_ops ops;
	u64 began, heard; /* by now_ns(): the device; the guest last, or 0 */
	int settles;	  /* Linux waits after a reset of the controller */
	int detached;
	struct netvsc card;
	int extra;   /* the next packet of the card has a changed message */
	int wire[2]; /* the card, and what sends each frame back */
	struct ic *ic;
	struct ic_channel heartbeat; /* before the mutations */
	u32 beats;
};

/*
 * A hostile host: it sends invalid messages, and invalid packets in the rings of a disk
 * and of streams, and on PCI buses, that exist for nothing else. Everything is drawn from
 * the seed.
 */
struct hostile {
	struct vmbus *bus;
	struct memory *mem;
	struct loop *loop;
	u64 seed, drawn;
	/* the message that is being made: hostile_number() */
	int row;
	u32 number;
	const char *kind;
	int silent; /* it is drawn, but not sent */
	/* hostile_only(): what is sent */
	int replays, only_row;
	u8 only[HOSTILE_NUMBERS];
	int trusting;			/* the guest validates neither lengths nor ids */
	u32 messages, answers, packets; /* sent; packets includes ring indices */
	/* messages: own offers, with relids of no channel */
	struct hostile_offer {
		struct vmbus_channel_offer_channel offer;
		int sent, released;
	} own[HOSTILE_OFFERS];
	int owned, waiting;
	u32 streams;
	/* answers and packets: one disk at a time */
	struct channel *ch; /* its ring is attacked */
	struct storvsc victim;
	struct disk victim_disk; /* its LUN 0 */
	const struct channel_ops *normal;
	int rounds, round, plan;
	int after, steps, over; /* valid answers before the attack */
	u32 gpadl;
	/* PCI: one bus at a time */
	struct vpci_root *pci_root; /* NULL: the guest has no PCI */
	struct vpci_root pci_before;
	struct vpci pci;
	struct pci_test pci_function;
	struct channel_ops pci_ops;
	int pci_first;		       /* the attack comes before the host's own messages */
	u32 pci_said, pci_messages[2]; /* so far; in both attacks */
	/* and a virtio card on it: 0 none; 1 wrong registers, 2 wrong rings */
	struct virtio_pci card;
	int card_plan;
	uint64_t (*card_read)(void *self, unsigned int bar, uint64_t offset, unsigned int size);
	struct mutants mutants;
	struct timer timer;
	void (*done)(void *arg, const char *error); /* NULL: the guest released everything */
	void *arg;
};

/* The file of the disk h->victim_disk is open already. */
void hostile_init(struct hostile *h, struct vmbus *bus, struct memory *mem, struct loop *loop,
		  u64 seed);
/* Each returns at once and calls done() later; -1: busy. */
int hostile_messages(struct hostile *h, int n);
int hostile_answers(struct hostile *h, int rounds);
int hostile_packets(struct hostile *h, int rounds);
/* Both need h->pci_root; otherwise -1 too. */
int hostile_pci(struct hostile *h, int rounds);
int hostile_virtio(struct hostile *h, int rounds);
/* ROUNDS more devices; not for a guest that is trusting. */
int hostile_mutants(struct hostile *h, int rounds);
/* Before that: the wire of the card, and IC with the heartbeat or NULL. 0, or -1 after error(). */
int hostile_mutants_init(struct hostile *h, struct ic *ic);
/* The guest connects: 1 if it was to PORT_HOSTILE, for a stream of invalid packets. */
int hostile_connect(struct hostile *h, const struct vmbus_channel_tl_connect_request *request);
void hostile_hang_up(struct hostile *h); /* the last stream */
/*
 * Before the guest starts: send only what ARG names, "ROW:N,N-N..." with the numbers of messages,
 * or "ROW:all", and log each. 0, or -1: it is not of that form.
 */
int hostile_only(struct hostile *h, const char *arg);
/* The name of the Nth kind that is not sent to a trusting guest, or NULL. */
const char *hostile_left_out(int n);

/* shared by hostile*.c */
u64 hostile_draw(struct hostile *h, u64 limit); /* 0 to LIMIT - 1 */
/*
 * Message NUMBER of ROW is made next. What it draws depends on the seed and on these alone.
 * 1: it is to be sent; 0: it is left out, but drawn.
 */
int hostile_number(struct hostile *h, int row, u32 number, const char *kind);
/* Is any message of ROW from FIRST to LAST sent? */
int hostile_plays(const struct hostile *h, int row, u32 first, u32 last);
/* In a replay: log the message that is being made. */
void hostile_tell(const struct hostile *h, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void hostile_send(struct hostile *h, const void *msg, u32 size);
/* The same for an invalid message, unless it is left out; COUNT: of those that were sent. */
void hostile_say(struct hostile *h, const void *msg, u32 size, u32 *count);
/* Message NUMBER of ROW is one of KINDS. */
void hostile_one_of(struct hostile *h, int row, u32 number, const struct hostile_kind *kinds,
		    int n);
void hostile_end(struct hostile *h, const char *error);
u64 hostile_id(struct hostile *h); /* of no transaction */
u32 hostile_op(struct hostile *h); /* an invalid operation or size */
/* Write a packet of 80 bytes that claims HEAD8 and LEN8 units of eight as its lengths. */
void hostile_packet(struct hostile *h, u16 head8, u16 len8);
/* Write an invalid value to the index at AT of RING. */
void hostile_index(struct hostile *h, struct ring *ring, u32 at);
extern const struct hostile_kind hostile_packet_kinds[], hostile_ring_kinds[], hostile_pci_kinds[];
int hostile_card_init(struct hostile *h); /* 0, or -1 after error() */
int hostile_disk_message(struct hostile *h, const void *msg, u32 size);
int hostile_mutant_message(struct hostile *h, const void *msg, u32 size);

#endif
