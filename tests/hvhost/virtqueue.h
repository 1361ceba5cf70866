/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device's side of a split virtqueue (virtio 1.2, 2.7): rings in guest memory. Guest
 * side: drivers/virtio/virtio_ring.c. Not modelled: packed rings, VIRTIO_F_EVENT_IDX.
 */
#ifndef VIRTQUEUE_H
#define VIRTQUEUE_H

#include "memory.h"
#include <sys/uio.h>

/* Entries of a queue at most, and with it descriptors of a chain. */
#define VIRTQUEUE_SIZE 256
/* Bytes of a chain at most: one is copied under the lock. Ours; virtiofs has 1 MB and headers. */
#define VIRTQUEUE_BYTES (2u << 20)

/* The bytes from FIRST to LAST, guest physical addresses; none while FIRST is above LAST. */
struct extent {
	u64 first, last;
};

struct virtqueue {
	const struct memory *mem;
	struct extent *seen;   /* grows by each buffer and indirect table; or NULL */
	u16 size;	       /* entries */
	u64 desc, avail, used; /* guest physical addresses */
	int indirect;	       /* VIRTIO_RING_F_INDIRECT_DESC was negotiated */
	int enabled;
	const char *error;	      /* what was wrong, after a -1 */
	u8 *table, *available, *done; /* desc, avail and used in host memory */
	u16 next_avail, next_used;
};

/* A buffer of the guest: parts for the device to read, then parts for it to write. */
struct chain {
	u16 head;
	u32 outs, ins;	     /* parts to read, to write */
	u32 out_len, in_len; /* bytes to read, to write */
	struct iovec iov[VIRTQUEUE_SIZE];
};

/*
 * Begin to use the rings at the addresses and with the size that are set. -1 if the size is
 * no power of 2 up to VIRTQUEUE_SIZE, or a ring is not aligned or not in RAM.
 */
int virtqueue_enable(struct virtqueue *q);
/* How many buffers the guest has made available; a hostile guest says up to 65,535. */
u16 virtqueue_waiting(const struct virtqueue *q);
/*
 * Take the next buffer: 1, 0 if there is none, or -1 if the ring or the chain is invalid.
 * After -1 nothing that follows can be trusted: the device needs a reset.
 */
int virtqueue_take(struct virtqueue *q, struct chain *chain);
/* Return a buffer, of which the device wrote the first LEN bytes. */
void virtqueue_put(struct virtqueue *q, const struct chain *chain, u32 len);
/* Does the guest want an interrupt for what was returned? */
int virtqueue_interrupts(const struct virtqueue *q);

/* Copy up to LEN bytes at offset AT of the part to read, or to write; the bytes copied. */
u32 chain_read(const struct chain *chain, u32 at, void *to, u32 len);
u32 chain_write(const struct chain *chain, u32 at, const void *from, u32 len);

#endif
