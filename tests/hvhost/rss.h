/* SPDX-License-Identifier: GPL-2.0 */
/* Receive side scaling: which channel a frame for the guest goes by. */
#ifndef RSS_H
#define RSS_H

#include "proto/netvsc.h"

/* What the guest has set; no entries: nothing. */
struct rss {
	u32 entries;
	u8 queue[ITAB_NUM];
	u8 key[NETVSC_HASH_KEYLEN];
};

/* Take the LEN bytes of a struct ndis_recv_scale_param, of a card with so many QUEUES. 0, or -1 */
int rss_set(struct rss *rss, const u8 *param, u32 len, u32 queues);
/* The hash that NDIS and Linux have: IPv4 or IPv6, with the ports of TCP. 0: another FRAME. */
u32 rss_hash(const u8 *key, const u8 *frame, u32 len);
u32 rss_queue(const struct rss *rss, const u8 *frame, u32 len); /* 0 if nothing is set */

#endif
