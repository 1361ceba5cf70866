/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RING_H
#define RING_H

#include "hvhost.h"

#define RING_MAX_PAGES 4096 /* 16 MB; GPADLs too, so buffers of netvsc */

/* types of a packet */
#define VM_PKT_DATA_INBAND			    6
#define VM_PKT_DATA_USING_XFER_PAGES		    7
#define VM_PKT_DATA_USING_GPA_DIRECT		    9
#define VM_PKT_COMP				    11
#define VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED 1 /* flag */

/*
 * One direction of a channel: a page of indices, then pages of data. The pages are
 * scattered in guest memory; the guest may write them at any time.
 */
struct ring {
	u8 **page; /* page[0]: the indices */
	u32 pages;
	u32 size;  /* bytes of data */
	u32 index; /* ours: read (incoming) or write (outgoing) */
};

struct packet {
	u16 type, flags;
	u64 id;
	u32 head; /* bytes from the descriptor to the data */
	u32 len;  /* bytes of data, padded to eight */
	u8 *desc; /* a copy of the whole packet */
	u8 *data;
};

enum ring_error {
	RING_EMPTY = 0,
	RING_FULL = -1,
	RING_BAD_INDEX = -2,  /* not a multiple of eight, or outside */
	RING_BAD_LENGTH = -3, /* shorter than its descriptor, or longer than the contents */
	RING_TOO_LONG = -4,   /* for the caller's buffer */
};

int ring_init(struct ring *ring, u8 **page, u32 pages);

/* 1 with a copy of the next packet in BUF, or a ring_error. */
int ring_read(struct ring *ring, struct packet *packet, void *buf, u32 size);

/*
 * Incoming: mask signals while draining. ring_drained() unmasks them and returns 1 if
 * packets have arrived meanwhile, so that none is left without a signal.
 */
void ring_draining(struct ring *ring);
int ring_drained(struct ring *ring);

/* Does the guest wait for the space that reading PACKET has freed? */
int ring_wanted(const struct ring *ring, const struct packet *packet);

/*
 * Outgoing: EXTRA is the part of the descriptor after the fixed 16 bytes, DATA follows.
 * 1: written, signal the guest; 2: written, no signal needed; or RING_FULL (the guest
 * will signal when there is room), RING_BAD_INDEX or RING_BAD_LENGTH.
 */
int ring_write(struct ring *ring, u16 type, u16 flags, u64 id, const void *extra, u32 extra_len,
	       const void *data, u32 len);
u32 ring_room(const struct ring *ring); /* for the data of one packet */
/* 1: LEN bytes of data fit now; 0: the guest will signal when they do. */
int ring_ask(struct ring *ring, u32 len);

#endif
