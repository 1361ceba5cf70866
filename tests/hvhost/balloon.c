// SPDX-License-Identifier: GPL-2.0
/*
 * Dynamic memory. Guest side: drivers/hv/hv_balloon.c, protocol 1.0 and 2.0. A page in
 * the balloon is dropped at once, so a guest that still used it would read zeros.
 */
#include "balloon.h"
#include "proto/balloon.h"

#define HOT_ADD_ALIGN  (128ull << 20)
#define RANGES_AT_ONCE 500 /* a message has room for 510 */
#define START(range)   ((range) & (BIT(40) - 1))
#define COUNT(range)   ((range) >> 40)

static const struct guid type = { { 0xdc, 0x74, 0x50, 0x52, 0x85, 0x89, 0xe2, 0x46, 0x80, 0x57,
				    0xa3, 0x07, 0xdc, 0x18, 0xa5, 0x02 } };
static const struct guid instance = { { 'H', 'V', 'D', 'M', 0, 0, 0, 0x40, 0x80 } };
static u8 buffer[16384];

static int say(struct balloon *b, u16 what, void *msg, u32 size)
{
	struct dm_header *h = msg;

	h->type = what;
	h->size = size;
	h->id = ++b->id;
	return b->ch ? channel_send(b->ch, VM_PKT_DATA_INBAND, 0, 0, NULL, 0, msg, size) : -1;
}

static void done(struct balloon *b)
{
	b->busy = 0;
	if (b->done)
		b->done(b->arg);
}

static void version(struct balloon *b, const struct dm_version_request *request)
{
	struct dm_accept answer = { .accepted = 0 };

	if (request->version == DYNMEM_PROTOCOL_VERSION_WIN10 ||
	    request->version == DYNMEM_PROTOCOL_VERSION_WIN8) {
		b->version = request->version;
		answer.accepted = DM_ACCEPTED;
	}
	say(b, DM_VERSION_RESPONSE, &answer, sizeof(answer));
}

static void capabilities(struct balloon *b, const struct dm_capabilities *request)
{
	struct dm_accept answer = { .accepted = DM_ACCEPTED };

	b->caps = request->caps;
	b->ready = 1;
	say(b, DM_CAPABILITIES_RESPONSE, &answer, sizeof(answer));
}

static void inflated(struct balloon *b, const struct dm_balloon_response *r, u32 len)
{
	u32 count = r->more_count >> 1;

	if (!b->busy || count > (len - sizeof(*r)) / 8) {
		b->bad++;
		return;
	}
	for (u32 i = 0; i < count; i++) {
		u64 range = r->range[i];

		/* asked first: memory_drop() has a line in the log for what is no RAM */
		if (b->ranges == BALLOON_RANGES || !COUNT(range) ||
		    !memory_at(b->mem, START(range) * PAGE_SIZE, COUNT(range) * PAGE_SIZE) ||
		    memory_drop(b->mem, START(range) * PAGE_SIZE, COUNT(range) * PAGE_SIZE)) {
			b->bad++;
			continue;
		}
		b->range[b->ranges++] = range;
		b->pages += COUNT(range);
	}
	if (!(r->more_count & DM_MORE))
		done(b);
}

static void receive(struct channel *ch, struct packet *packet)
{
	static const u32 size[] = {
		[DM_VERSION_REQUEST] = sizeof(struct dm_version_request),
		[DM_CAPABILITIES_REPORT] = sizeof(struct dm_capabilities),
		[DM_STATUS_REPORT] = sizeof(struct dm_status),
		[DM_BALLOON_RESPONSE] = sizeof(struct dm_balloon_response),
		[DM_UNBALLOON_RESPONSE] = sizeof(struct dm_header),
		[DM_MEM_HOT_ADD_RESPONSE] = sizeof(struct dm_hot_add_response),
	};
	struct balloon *b = ch->device;
	const struct dm_header *h = (const void *)packet->data;

	if (packet->type != VM_PKT_DATA_INBAND || packet->len < sizeof(*h) ||
	    h->type >= ARRAY_SIZE(size) || !size[h->type] || packet->len < size[h->type]) {
		b->bad++;
		return;
	}
	switch (h->type) {
	case DM_VERSION_REQUEST:
		version(b, (const void *)h);
		break;
	case DM_CAPABILITIES_REPORT:
		capabilities(b, (const void *)h);
		break;
	case DM_STATUS_REPORT:
		b->reports++;
		b->available = ((const struct dm_status *)h)->available;
		b->committed = ((const struct dm_status *)h)->committed;
		break;
	case DM_BALLOON_RESPONSE:
		inflated(b, (const void *)h, packet->len);
		break;
	case DM_UNBALLOON_RESPONSE:
		done(b);
		break;
	case DM_MEM_HOT_ADD_RESPONSE:
		b->hot_added = ((const struct dm_hot_add_response *)h)->pages;
		done(b);
		break;
	}
}

/* Send what fits in the ring; the guest signals when there is room for more. */
static void send_back(struct balloon *b)
{
	u8 text[sizeof(struct dm_unballoon_request) + RANGES_AT_ONCE * 8];
	struct dm_unballoon_request *msg = (struct dm_unballoon_request *)text;

	while (b->deflating && b->returned < b->ranges) {
		u32 left = b->ranges - b->returned;
		u32 n = left < RANGES_AT_ONCE ? left : RANGES_AT_ONCE;

		memset(msg, 0, sizeof(*msg));
		msg->more = n < left;
		msg->count = n;
		memcpy(msg->range, b->range + b->returned, n * 8);
		if (say(b, DM_UNBALLOON_REQUEST, msg, sizeof(*msg) + n * 8))
			return;
		b->returned += n;
	}
	if (b->deflating)
		b->deflating = b->ranges = b->pages = 0;
}

static void signalled(struct channel *ch)
{
	send_back(ch->device);
	channel_drain(ch, buffer, sizeof(buffer), receive);
}

static void closed(struct channel *ch)
{
	struct balloon *b = ch->device;

	b->ready = b->busy = b->deflating = 0;
}

static void released(struct channel *ch)
{
	((struct balloon *)ch->device)->ch = NULL;
}

static const struct channel_ops ops = {
	.signal = signalled,
	.close = closed,
	.released = released,
};

int balloon_inflate(struct balloon *b, u32 pages)
{
	struct dm_balloon msg = { .pages = pages };

	if (!b->ready || b->busy || say(b, DM_BALLOON_REQUEST, &msg, sizeof(msg)))
		return -1;
	b->busy = 1;
	return 0;
}

int balloon_deflate(struct balloon *b)
{
	if (!b->ready || b->busy || !b->ranges)
		return -1;
	b->busy = b->deflating = 1;
	b->returned = 0;
	send_back(b);
	return 0;
}

int balloon_hot_add(struct balloon *b, u64 bytes)
{
	u64 at = memory_room(b->mem, bytes, HOT_ADD_ALIGN);
	struct dm_hot_add msg = { .range = at / PAGE_SIZE | bytes / PAGE_SIZE << 40 };

	if (!b->ready || b->busy || memory_add(b->mem, at, bytes) ||
	    say(b, DM_MEM_HOT_ADD_REQUEST, &msg, sizeof(msg)))
		return -1;
	b->hot_added = 0;
	b->busy = 1;
	return 0;
}

int balloon_init(struct balloon *b, struct vmbus *bus, struct memory *mem)
{
	memset(b, 0, sizeof(*b));
	b->bus = bus;
	b->mem = mem;
	b->ch = vmbus_offer(bus, &type, &instance, VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE, NULL,
			    0, &ops, b);
	return b->ch ? 0 : error("balloon: no channel is free");
}
