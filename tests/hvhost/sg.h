/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SG_H
#define SG_H

#include "memory.h"
#include "ring.h"
#include <sys/uio.h>

#define SG_MAX_PAGES 1024 /* of one packet */

/* The guest buffer of a GPA-direct packet, in host memory. */
struct sg {
	struct iovec iov[SG_MAX_PAGES];
	int n;
	u32 len;
};

int sg_from_packet(struct sg *sg, const struct memory *mem, const struct packet *packet);
u32 sg_to_guest(struct sg *sg, const void *data, u32 len); /* bytes copied */
u32 sg_from_guest(const struct sg *sg, void *data, u32 len);
void sg_trim(struct sg *sg, u32 len);

#endif
