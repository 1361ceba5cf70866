/* SPDX-License-Identifier: GPL-2.0 */
/* A tap interface of the host, with a network card behind it: netvsc.c, virtio_net.c. */
#ifndef NETTAP_H
#define NETTAP_H

#include "loop.h"

#define NETTAP_FRAME 1536 /* bytes of a frame at most */
#define NETTAP_HEAD  64	  /* bytes that a card may write before a frame */

struct nettap {
	struct loop *loop;
	int fd;
	struct watch *watch;
	/* Can the card take a frame? */
	int (*room)(void *card);
	/* A frame for the guest; -1 if the card dropped it. */
	int (*deliver)(void *card, u8 *frame, u32 len);
	void *card;
	u64 to_guest, from_guest, dropped; /* frames, for the report */
};

/* Set up the tap interface NAME with ADDRESS, of 24 bits; returns its fd or -1 after error(). */
int nettap_open(const char *name, const char *address);
/* FD is nettap_open()'s. Frames wait there until nettap_wake(). 0, or -1. */
int nettap_init(struct nettap *tap, struct loop *loop, int fd, int (*room)(void *card),
		int (*deliver)(void *card, u8 *frame, u32 len), void *card);
/* Room has come, or gone. */
void nettap_wake(struct nettap *tap);
/* A frame of the guest. */
void nettap_send(struct nettap *tap, const void *frame, u32 len);

#endif
