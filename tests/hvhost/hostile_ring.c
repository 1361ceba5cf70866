// SPDX-License-Identifier: GPL-2.0
/*
 * Invalid rings: packets with wrong lengths, and invalid indices. Some of them crash the
 * driver of a disk (docs/hyperv-smoke.md), so they are sent to sockets, one stream each:
 * the guest connects to PORT_HOSTILE.
 */
#include "hostile.h"
#include "stream.h"

#define UNUSED_ID  0x4000000000000000ull /* no transaction id has this bit */
#define INVALID_OP 0x80000000		 /* no valid operation or size has this bit */
#define MAX_DATA   4096
#define PACKETS	   4 /* numbers of a stream, which has up to three */

u64 hostile_id(struct hostile *h)
{
	return hostile_draw(h, UNUSED_ID) | UNUSED_ID;
}

u32 hostile_op(struct hostile *h)
{
	return hostile_draw(h, INVALID_OP) | INVALID_OP;
}

/* Append raw bytes to what the guest has to read. */
static void forge(struct hostile *h, struct ring *ring, const void *bytes, u32 len)
{
	if (h->silent)
		return;
	for (u32 i = 0; i < len; i++) {
		u32 at = (ring->index + i) % ring->size;

		ring->page[1 + at / PAGE_SIZE][at % PAGE_SIZE] = ((const u8 *)bytes)[i];
	}
	ring->index = (ring->index + len) % ring->size;
	__atomic_store_n((u32 *)ring->page[0], ring->index, __ATOMIC_RELEASE);
	hostile_tell(h, "packet with lengths of %u and %u", get16((const u8 *)bytes + 2) * 8,
		     get16((const u8 *)bytes + 4) * 8);
	h->packets++;
}

void hostile_packet(struct hostile *h, u16 head8, u16 len8)
{
	u8 bytes[88] = { 0 };

	for (u32 i = 16; i < 80; i += 4)
		put32(bytes + i, hostile_op(h));
	put16(bytes, VM_PKT_COMP);
	put16(bytes + 2, head8);
	put16(bytes + 4, len8);
	put64(bytes + 8, hostile_id(h));
	forge(h, &h->ch->out, bytes, sizeof(bytes));
}

void hostile_index(struct hostile *h, struct ring *ring, u32 at)
{
	static const u32 odd[] = { 1, 4, 7, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff };
	u32 n = hostile_draw(h, ARRAY_SIZE(odd) + 2);
	u32 value = n < ARRAY_SIZE(odd) ? odd[n] : ring->size + 8 * hostile_draw(h, 1 << 20);

	if (h->silent)
		return;
	hostile_tell(h, "%x at %u of the %s ring", value, at,
		     ring == &h->ch->in ? "incoming" : "outgoing");
	__atomic_store_n((u32 *)(ring->page[0] + at), value, __ATOMIC_RELEASE);
	h->packets++;
}

static void data(struct hostile *h, u32 size, u32 len)
{
	static u8 bytes[8 + MAX_DATA];

	put32(bytes, hostile_draw(h, 2) ? 1 : hostile_op(h));
	put32(bytes + 4, size);
	if (h->silent)
		return;
	hostile_tell(h, "data of %x bytes in %u", size, len);
	channel_send(h->ch, VM_PKT_DATA_INBAND, 0, 0, NULL, 0, bytes, len);
	h->packets++;
}

static void more_than_there_is(struct hostile *h)
{
	data(h, hostile_draw(h, 2) ? hostile_op(h) : 64 + hostile_draw(h, 16320), 16);
}

static void no_header(struct hostile *h)
{
	data(h, 0, 0);
}

static void head_beyond_packet(struct hostile *h)
{
	hostile_packet(h, hostile_draw(h, 2) ? 11 + hostile_draw(h, 0xfff4) : hostile_draw(h, 2),
		       10);
}

static void below_head(struct hostile *h)
{
	hostile_packet(h, 2, hostile_draw(h, 2));
}

static void beyond_contents(struct hostile *h)
{
	hostile_packet(h, 2, 12 + hostile_draw(h, 0xfff4));
}

/* On its own this makes recv() loop forever (docs); after an error it is only evaluated. */
static void write_index(struct hostile *h)
{
	more_than_there_is(h);
	hostile_index(h, &h->ch->out, 0);
}

static void other_indices(struct hostile *h)
{
	if (hostile_draw(h, 2))
		hostile_index(h, &h->ch->in, 4);
	else
		hostile_index(h, &h->ch->out, 12);
}

const struct hostile_kind hostile_ring_kinds[] = {
	{ "data sizes beyond the packet", more_than_there_is, 1 },
	{ "packets without a header", no_header, 1 },
	{ "read indices and pending send sizes", other_indices, 1 },
	{ "packets with a descriptor longer than the packet", head_beyond_packet, 1 },
	{ "lengths below the descriptor", below_head, 1 },
	{ "lengths beyond the contents of the ring", beyond_contents, 1 },
	{ "write indices", write_index, 1 },
	{ NULL, NULL, 0 },
};

/* The first signal means that the guest has opened the stream, a later one ends it. */
static void signalled(struct channel *ch)
{
	struct hostile *h = ch->device;
	u32 first = 1 + (h->streams - 1) * PACKETS, n;

	if (ch != h->ch || h->over) {
		vmbus_rescind(ch);
		return;
	}
	h->over = 1;
	hostile_number(h, HOSTILE_STREAMS, first, NULL);
	n = 1 + hostile_draw(h, PACKETS - 1);
	for (u32 i = 0; i < n; i++)
		hostile_one_of(h, HOSTILE_STREAMS, first + i, hostile_ring_kinds,
			       ARRAY_SIZE(hostile_ring_kinds) - 1);
	h->bus->ops->interrupt(h->bus->world, ch->vp, ch->relid);
}

static void closed(struct channel *ch)
{
	vmbus_rescind(ch);
}

static void released(struct channel *ch)
{
	struct hostile *h = ch->device;

	if (h->ch == ch)
		h->ch = NULL;
}

static const struct channel_ops ops = {
	.signal = signalled,
	.close = closed,
	.released = released,
};

/*
 * A guest whose ring says that we have not read everything does not signal when it
 * closes the stream: the next connection ends the previous stream.
 */
void hostile_hang_up(struct hostile *h)
{
	if (h->ch)
		vmbus_rescind(h->ch);
	h->ch = NULL;
}

int hostile_connect(struct hostile *h, const struct vmbus_channel_tl_connect_request *request)
{
	u8 user[8] = { VMBUS_PIPE_TYPE_BYTE };

	if (get32(request->service.b) != PORT_HOSTILE)
		return 0;
	if (h->rounds || h->waiting || h->trusting)
		return 1;
	hostile_hang_up(h);
	put16(user + 6, 1);
	h->over = 0;
	h->streams++;
	h->ch = vmbus_offer(h->bus, &request->service, &request->endpoint,
			    VMBUS_CHANNEL_TLNPI_PROVIDER_OFFER | VMBUS_CHANNEL_NAMED_PIPE_MODE |
				    VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE,
			    user, sizeof(user), &ops, h);
	return 1;
}
