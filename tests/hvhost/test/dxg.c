// SPDX-License-Identifier: GPL-2.0
/* The global channel of the GPU driver against a minimal guest. */
#define _GNU_SOURCE
#include "guest.h"
#include "../dxg.h"
#include "../proto/dxg.h"
#include <unistd.h>

static struct dxg dxg;
static u64 id;

/* Send a command of LEN bytes; the answer, or all ones if there is none. */
static u64 command(void *text, u32 type, u32 len)
{
	struct dxg_command *c = text;
	struct packet p;

	c->type = type;
	c->channel = DXG_VM_TO_HOST;
	guest_write(VM_PKT_DATA_INBAND, ++id, NULL, 0, text, len);
	if (!guest_read(&p) || p.type != VM_PKT_COMP || p.id != id || p.len < 4)
		return ~0ull;
	return get32(p.data);
}

static void handshake(void)
{
	struct dxg_set_io_space io = { .start = 0xf8000000, .length = 16 << 20 };
	struct dxg_create_process create = { .pid = 1 };
	struct dxg_command c = { 0 };
	u32 first, second;

	is(dxg.ch->offer.mmio_mb, 16, "dxg: the offer has the size of the I/O space");
	is(guest_open(dxg.ch), 0, "open");
	is(command(&io, DXG_SETIOSPACEREGION, sizeof(io)), STATUS_SUCCESS, "the I/O space");
	is(dxg.io_start, 0xf8000000, "is stored");
	first = command(&create, DXG_CREATEPROCESS, sizeof(create));
	second = command(&create, DXG_CREATEPROCESS, sizeof(create));
	ok(first && second && first != second, "two processes have two handles");
	c.process = first;
	is(command(&c, DXG_DESTROYPROCESS, sizeof(c)), STATUS_SUCCESS, "one is destroyed");
	is(command(&c, DXG_DESTROYPROCESS, sizeof(c)), STATUS_INVALID_HANDLE, "once");
	is(command(&create, DXG_CREATEPROCESS, sizeof(create)), first, "its handle is free again");
}

static void refused(void)
{
	struct dxg_set_io_space io = { .start = 4096, .length = -4096ull };
	struct dxg_create_process create = { .pid = 1 };
	struct dxg_command c = { 0 };
	u64 answer = 0;

	is(command(&c, 1022, sizeof(c)), STATUS_NOT_SUPPORTED, "an unknown command is an error");
	is(command(&c, 0, sizeof(c)), STATUS_NOT_SUPPORTED, "and one of the virtual GPU");
	is(command(&io, DXG_SETIOSPACEREGION, sizeof(io)), STATUS_INVALID_PARAMETER,
	   "an I/O space that wraps");
	is(dxg.io_start, 0xf8000000, "does not replace the other");
	for (u32 at = 0; at < DXG_PROCESSES && answer != ~0ull; at++)
		answer = command(&create, DXG_CREATEPROCESS, sizeof(create));
	is(answer, 0, "a process too many has no handle");
	is(dxg.bad, 0, "none of these is invalid");
	is(command(&io, DXG_SETIOSPACEREGION, sizeof(io) - 8), STATUS_INVALID_PARAMETER,
	   "a short command is answered");
	is(command(&c, DXG_DESTROYPROCESS, 8), STATUS_INVALID_PARAMETER, "and half a header");
	is(dxg.bad, 2, "both are counted as invalid");
}

/*
 * Both rings have their indices in one page: what the host has read is room for its answer, and
 * its answer is one more packet to read. Packets are all over the first ring.
 */
static void answers_that_are_requests(void)
{
	static const u8 order[] = { 0, 1, 2, 3, 0, 4, 5, 6 };
	u8 text[240] = { 0 }, *pages = memory_at(&mem, GUEST_DATA * PAGE_SIZE, 7 * PAGE_SIZE);
	struct vmbus_channel_gpadl_header *h = (void *)text;
	struct vmbus_relid close = { .h.type = CHANNELMSG_CLOSECHANNEL, .relid = dxg.ch->relid };
	struct vmbus_channel_open_channel open = { .h.type = CHANNELMSG_OPENCHANNEL,
						   .relid = dxg.ch->relid,
						   .gpadl = 1,
						   .downstream = 4 };

	*h = (struct vmbus_channel_gpadl_header){
		.h.type = CHANNELMSG_GPADL_HEADER,
		.relid = dxg.ch->relid,
		.gpadl = 1,
		.range_bytes = 8 + 8 * sizeof(order),
		.ranges = 1,
		.byte_count = sizeof(order) * PAGE_SIZE,
	};
	for (u32 i = 0; i < sizeof(order); i++)
		put64(h->pfns + 8 * i, GUEST_DATA + order[i]);
	memset(pages, 0, 7 * PAGE_SIZE);
	for (u32 at = PAGE_SIZE; at < 4 * PAGE_SIZE; at += 32) {
		put16(pages + at, VM_PKT_DATA_INBAND);
		put16(pages + at + 2, 2); /* words of the descriptor, of all */
		put16(pages + at + 4, 3);
		put16(pages + at + 6, VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED);
	}
	guest_post(&close, sizeof(close));
	guest_post(h, sizeof(*h) + 8 * sizeof(order));
	guest_post(&open, sizeof(open));
	is(last_status, 0, "a channel whose rings share a page opens");
	put32(pages, 64); /* two packets */
	alarm(20);
	dxg.ch->ops->signal(dxg.ch);
	alarm(0);
	is(agains, 1, "answers that are requests again do not hold the host");
	dxg.ch->ops->signal(dxg.ch);
	is(agains, 2, "they go on at the next signal");
}

int main(void)
{
	guest_start();
	guest_contact();
	dxg_init(&dxg, &bus);
	handshake();
	refused();
	guest_noise(20000, VM_PKT_DATA_INBAND);
	is(dxg.ch->state, CHANNEL_OPEN, "the channel is open after 20000 random packets");
	answers_that_are_requests();
	return done();
}
