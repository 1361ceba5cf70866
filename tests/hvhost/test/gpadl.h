/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TEST_GPADL_H
#define TEST_GPADL_H

#include "../hvhost.h"
#include "../proto/vmbus.h"

#define GPADL_FIRST 26 /* pages in a header; a body has at most 28 */

/* SEND what describes PAGES (at most 54) from page FIRST: a header, and a body if one is needed. */
static inline void gpadl_send(void (*send)(const void *msg, u32 size), u32 relid, u32 handle,
			      u64 first, u32 pages)
{
	u8 text[240] = { 0 };
	struct vmbus_channel_gpadl_header *h = (void *)text;
	struct vmbus_channel_gpadl_body *b = (void *)text;
	u32 n = pages < GPADL_FIRST ? pages : GPADL_FIRST;

	*h = (struct vmbus_channel_gpadl_header){
		.h.type = CHANNELMSG_GPADL_HEADER,
		.relid = relid,
		.gpadl = handle,
		.range_bytes = 8 + 8 * pages,
		.ranges = 1,
		.byte_count = pages * PAGE_SIZE,
	};
	for (u32 i = 0; i < n; i++)
		put64(h->pfns + 8 * i, first + i);
	send(h, sizeof(*h) + 8 * n);
	if (n == pages)
		return;
	memset(text, 0, sizeof(text));
	b->h.type = CHANNELMSG_GPADL_BODY;
	b->gpadl = handle;
	for (u32 i = n; i < pages; i++)
		put64(b->pfns + 8 * (i - n), first + i);
	send(b, sizeof(*b) + 8 * (pages - n));
}

#endif
