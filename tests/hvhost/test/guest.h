/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A minimal guest for tests of devices: memory, a connected bus, and the guest's ends of
 * the rings of one channel.
 */
#ifndef GUEST_H
#define GUEST_H

#include "../memory.h"
#include "../vmbus.h"
#include "gpadl.h"
#include "tap.h"
#include <stdlib.h>

#define GUEST_MEMORY	(16ull << 20)
#define GUEST_RING	0x100 /* page numbers: rings, and data of packets */
#define GUEST_DATA	0x200
#define RING_PAGES	16
#define GUEST_GPADL(ch) (0xe1e10 + (ch)->relid) /* handle of a channel's rings */

static struct memory mem;
static struct vmbus bus;
static struct ring to_host, from_host;
static struct channel *opened_channel;
static u32 last_type, last_status;
static int rescinds, offers, agains, interrupts;
static u32 interrupt_vp, interrupt_relid, open_vp;
static struct vmbus_channel_offer_channel last_offer;
static const struct vmbus_channel_tl_connect_request *tl_connected;
static u8 guest_buf[65536];

static void guest_send_msg(void *w, u32 vp, const void *msg, u32 size)
{
	(void)w;
	(void)vp;
	last_type = get32(msg);
	if (last_type == CHANNELMSG_OPENCHANNEL_RESULT)
		last_status = ((const struct vmbus_channel_open_result *)msg)->status;
	rescinds += last_type == CHANNELMSG_RESCIND_CHANNELOFFER;
	if (last_type == CHANNELMSG_OFFERCHANNEL && size >= sizeof(last_offer)) {
		offers++;
		memcpy(&last_offer, msg, sizeof(last_offer));
	}
}

static void *guest_page(void *w, u64 pfn)
{
	(void)w;
	return memory_at(&mem, pfn * PAGE_SIZE, PAGE_SIZE);
}

static int guest_doorbell(void *w, struct channel *ch, int on)
{
	(void)w;
	(void)ch;
	(void)on;
	return 0;
}

static void guest_interrupt(void *w, u32 vp, u32 relid)
{
	(void)w;
	interrupts++;
	interrupt_vp = vp;
	interrupt_relid = relid;
}

static void guest_connect(void *w, const struct vmbus_channel_tl_connect_request *r)
{
	(void)w;
	tl_connected = r;
}

static void guest_again(void *w, struct channel *ch)
{
	(void)w;
	(void)ch;
	agains++;
}

static inline void guest_post(const void *msg, u32 size)
{
	vmbus_message(&bus, VMBUS_MESSAGE_CONNECTION_ID, msg, size);
}

static inline void guest_start(void)
{
	static const struct vmbus_ops world = {
		guest_send_msg,	 guest_page,	guest_doorbell,
		guest_interrupt, guest_connect, guest_again,
	};

	if (memory_init(&mem, GUEST_MEMORY))
		exit(1);
	vmbus_init(&bus, &world, NULL);
}

static inline void guest_contact(void)
{
	struct vmbus_channel_initiate_contact c = {
		.h.type = CHANNELMSG_INITIATE_CONTACT,
		.version = VMBUS_VERSION(5, 3),
	};
	struct vmbus_channel_message_header request = { .type = CHANNELMSG_REQUESTOFFERS };

	vmbus_message(&bus, VMBUS_MESSAGE_CONNECTION_ID_4, &c, sizeof(c));
	guest_post(&request, sizeof(request));
}

/* Open a channel with its rings at page FIRST, set to_host and from_host; its status. */
static inline u32 guest_open_at(struct channel *ch, u64 first)
{
	struct vmbus_channel_open_channel o = {
		.h.type = CHANNELMSG_OPENCHANNEL,
		.relid = ch->relid,
		.openid = ch->relid,
		.gpadl = GUEST_GPADL(ch),
		.vp = open_vp,
		.downstream = RING_PAGES,
	};
	u8 **pages = NULL;

	for (u64 i = first; i < first + 2 * RING_PAGES; i++)
		if (memory_at(&mem, i * PAGE_SIZE, PAGE_SIZE))
			memset(memory_at(&mem, i * PAGE_SIZE, PAGE_SIZE), 0, PAGE_SIZE);
	gpadl_send(guest_post, ch->relid, o.gpadl, first, 2 * RING_PAGES);
	guest_post(&o, sizeof(o));
	if (last_status == 0) {
		pages = ch->gpadl->page;
		ring_init(&to_host, pages, RING_PAGES);
		ring_init(&from_host, pages + RING_PAGES, RING_PAGES);
		opened_channel = ch;
	}
	return last_status;
}

static inline u32 guest_open(struct channel *ch)
{
	return guest_open_at(ch, GUEST_RING);
}

/* The channel that the functions below use, which the last open has set. */
struct guest_end {
	struct ring to_host, from_host;
	struct channel *ch;
};

/* Use END from now on; returns the one before. */
static inline struct guest_end guest_use(struct guest_end end)
{
	struct guest_end before = { to_host, from_host, opened_channel };

	to_host = end.to_host;
	from_host = end.from_host;
	opened_channel = end.ch;
	return before;
}

static inline void guest_relid(u32 type, u32 relid)
{
	struct vmbus_relid m = { .h.type = type, .relid = relid };

	guest_post(&m, sizeof(m));
}

static inline void guest_close(struct channel *ch)
{
	struct vmbus_channel_gpadl_teardown teardown = {
		.h.type = CHANNELMSG_GPADL_TEARDOWN,
		.relid = ch->relid,
		.gpadl = GUEST_GPADL(ch),
	};

	guest_relid(CHANNELMSG_CLOSECHANNEL, ch->relid);
	guest_post(&teardown, sizeof(teardown));
}

/* Send a packet to the device and signal it. */
static inline void guest_write(u16 type, u64 id, const void *extra, u32 extra_len, const void *data,
			       u32 len)
{
	ring_write(&to_host, type, VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED, id, extra,
		   extra_len, data, len);
	opened_channel->ops->signal(opened_channel);
}

/* 1 and the next packet of the device, or 0. */
static inline int guest_read(struct packet *p)
{
	return ring_read(&from_host, p, guest_buf, sizeof(guest_buf)) == 1;
}

/* Send random packets; the device must survive them. */
static inline void guest_noise(int rounds, u16 type)
{
	u8 data[256], extra[64];
	struct packet p;
	u32 seed = 7;

	for (int i = 0; i < rounds; i++) {
		for (size_t j = 0; j < sizeof(data); j += 4) {
			seed = seed * 1103515245 + 12345;
			put32(data + j, seed >> 16 & (seed & 0x40000000 ? 0xffff : 0xf));
		}
		memcpy(extra, data + 64, sizeof(extra));
		if (opened_channel->state != CHANNEL_OPEN)
			return;
		guest_write(i % 3 ? type : VM_PKT_DATA_INBAND, i, extra, (seed >> 8) % 9 * 8, data,
			    seed >> 20 & 0xff);
		while (guest_read(&p))
			;
	}
}

#endif
