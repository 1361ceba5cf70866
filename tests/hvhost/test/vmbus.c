// SPDX-License-Identifier: GPL-2.0
/* VMBus with recorded callbacks: no KVM, no guest. */
#include "../vmbus.h"
#include "gpadl.h"
#include "tap.h"
#include <stdlib.h>

#define SENT  4096
#define PAGES 64

static struct vmbus bus;
static struct {
	u32 type, size, vp;
	u8 data[240];
} sent[SENT];
static int sends, doorbells, interrupts, connects, opens, closes, releases, refuse;
static u32 interrupt_vp;
static u8 *memory;

static void world_send(void *w, u32 vp, const void *msg, u32 size)
{
	(void)w;
	if (sends == SENT)
		sends = 0;
	sent[sends].type = get32(msg);
	sent[sends].size = size;
	sent[sends].vp = vp;
	memcpy(sent[sends++].data, msg, size);
}

static void *world_page(void *w, u64 pfn)
{
	(void)w;
	return pfn < PAGES ? memory + pfn * PAGE_SIZE : NULL;
}

static int world_doorbell(void *w, struct channel *ch, int on)
{
	(void)w;
	(void)ch;
	doorbells += on ? 1 : -1;
	return 0;
}

static void world_interrupt(void *w, u32 vp, u32 relid)
{
	(void)w;
	(void)relid;
	interrupts++;
	interrupt_vp = vp;
}

static void world_connect(void *w, const struct vmbus_channel_tl_connect_request *r)
{
	(void)w;
	(void)r;
	connects++;
}

static void world_again(void *w, struct channel *ch)
{
	(void)w;
	(void)ch;
}

static const struct vmbus_ops world = {
	world_send, world_page, world_doorbell, world_interrupt, world_connect, world_again,
};

static int dev_open(struct channel *ch)
{
	(void)ch;
	opens++;
	return refuse ? -1 : 0;
}
/* DEVICE is a GPADL that is held until close, or NULL. */
static void dev_close(struct channel *ch)
{
	closes++;
	vmbus_gpadl_put(ch, ch->device);
}
static void dev_released(struct channel *ch)
{
	(void)ch;
	releases++;
}
static const struct channel_ops dev = {
	.open = dev_open,
	.close = dev_close,
	.released = dev_released,
};
static const struct guid type = { { 1 } }, instance = { { 2 } };

static u64 post(const void *msg, u32 size)
{
	return vmbus_message(&bus, VMBUS_MESSAGE_CONNECTION_ID, msg, size);
}

static int last(void)
{
	return sends ? (int)sent[sends - 1].type : 0;
}
static u32 word(int at)
{
	return get32(sent[sends - 1].data + at);
}

static u64 contact(u32 version, u32 connection)
{
	struct vmbus_channel_initiate_contact c = { .h.type = CHANNELMSG_INITIATE_CONTACT,
						    .version = version,
						    .vp = 1 };

	return vmbus_message(&bus, connection, &c, sizeof(c));
}

static void relid_message(u32 what, u32 relid)
{
	struct vmbus_relid m = { .h.type = what, .relid = relid };

	post(&m, sizeof(m));
}

static void send(const void *msg, u32 size)
{
	post(msg, size);
}

static void gpadl(u32 relid, u32 handle, u64 first, u32 pages)
{
	gpadl_send(send, relid, handle, first, pages);
}

static void open_channel(u32 relid, u32 handle, u32 downstream)
{
	struct vmbus_channel_open_channel o = {
		.h.type = CHANNELMSG_OPENCHANNEL,
		.relid = relid,
		.openid = 9,
		.gpadl = handle,
		.vp = 3,
		.downstream = downstream,
	};

	post(&o, sizeof(o));
}

static void teardown(u32 relid, u32 handle)
{
	struct vmbus_channel_gpadl_teardown t = {
		.h.type = CHANNELMSG_GPADL_TEARDOWN,
		.relid = relid,
		.gpadl = handle,
	};

	post(&t, sizeof(t));
}

static struct channel *offer(u16 flags)
{
	return vmbus_offer(&bus, &type, &instance, flags, NULL, 0, &dev, NULL);
}

static void start(void)
{
	struct vmbus_channel_message_header request = { .type = CHANNELMSG_REQUESTOFFERS };

	vmbus_free(&bus);
	vmbus_init(&bus, &world, NULL);
	contact(VMBUS_VERSION(5, 3), VMBUS_MESSAGE_CONNECTION_ID_4);
	post(&request, sizeof(request));
	sends = doorbells = interrupts = connects = opens = closes = releases = refuse = 0;
}

/* What a driver that tries the N versions in turn gets from a host that has HIGHEST. */
static u32 agreed(const u32 *version, int n, u32 highest)
{
	bus.max_version = highest;
	for (int i = 0; i < n; i++) {
		sends = 0;
		if (contact(version[i],
			    version[i] >= VMBUS_VERSION(5, 0) ? VMBUS_MESSAGE_CONNECTION_ID_4 :
								VMBUS_MESSAGE_CONNECTION_ID))
			continue;
		if (sent[sends - 1].data[8])
			return bus.version == version[i] ? version[i] : 0;
	}
	return 0;
}

/* The versions of drivers/hv/connection.c, of 6.1 to 6.18 and of 4.19. */
static void fallback(void)
{
	static const u32 new[] = {
		VMBUS_VERSION(5, 3), VMBUS_VERSION(5, 2), VMBUS_VERSION(5, 1), VMBUS_VERSION(5, 0),
		VMBUS_VERSION(4, 1), VMBUS_VERSION(4, 0), VMBUS_VERSION(3, 0), VMBUS_VERSION(2, 4),
	};
	static const u32 old[] = {
		VMBUS_VERSION(5, 0), VMBUS_VERSION(4, 0), VMBUS_VERSION(3, 0),
		VMBUS_VERSION(2, 4), VMBUS_VERSION(1, 1), VMBUS_VERSION(0, 13),
	};
	/* what the old one gets of a host whose highest is new[i] */
	static const int of_old[] = { 0, 0, 0, 0, 1, 1, 2, 3 };
	int same = 0, fell = 0;

	for (size_t i = 0; i < ARRAY_SIZE(new); i++) {
		same += agreed(new, ARRAY_SIZE(new), new[i]) == new[i];
		fell += agreed(old, ARRAY_SIZE(old), new[i]) == old[of_old[i]];
	}
	is(same, ARRAY_SIZE(new), "a driver gets the version of the host, of whatever age");
	is(fell, ARRAY_SIZE(new), "one that does not know it gets the next lower");
	is(agreed(old + 4, 2, VMBUS_VERSION(2, 4)), 0, "before 2.4 there is none");
	is(vmbus_version_known(VMBUS_VERSION(4, 2)), 0, "4.2 is no version of a host");
	vmbus_free(&bus);
	sends = 0;
}

static void versions(void)
{
	struct vmbus_channel_message_header request = { .type = CHANNELMSG_REQUESTOFFERS };

	vmbus_init(&bus, &world, NULL);
	fallback();
	vmbus_init(&bus, &world, NULL);
	offer(VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE);
	post(&request, sizeof(request));
	is(sends, 0, "no message is answered before INITIATE_CONTACT");
	is(contact(VMBUS_VERSION(6, 0), VMBUS_MESSAGE_CONNECTION_ID_4), 0,
	   "INITIATE_CONTACT with an unknown version succeeds");
	is(last(), CHANNELMSG_VERSION_RESPONSE, "it is answered");
	is(sent[0].data[8], 0, "as not supported");
	is(sent[0].vp, 1, "on the requested VP");
	contact(VMBUS_VERSION(5, 3), VMBUS_MESSAGE_CONNECTION_ID_4);
	is(sent[sends - 1].data[8], 1, "5.3 is supported");
	is(word(12), VMBUS_MESSAGE_CONNECTION_ID, "with the connection for later messages");
	is(contact(VMBUS_VERSION(5, 0), 77), 18, "an unknown connection is invalid");
	bus.max_version = VMBUS_VERSION(4, 0);
	is(contact(VMBUS_VERSION(5, 0), VMBUS_MESSAGE_CONNECTION_ID_4), 18,
	   "for an older host the connection of 5.0 is invalid");
	contact(VMBUS_VERSION(4, 0), VMBUS_MESSAGE_CONNECTION_ID);
	is(sent[sends - 1].data[8], 1, "4.0 is supported");
	sends = 0;
	post(&request, sizeof(request));
	is(sends, 2, "each offer is one message, then ALLOFFERS_DELIVERED");
	is(sent[0].type, CHANNELMSG_OFFERCHANNEL, "first the offer");
	is(sent[0].size, 196, "with its size");
	is(last(), CHANNELMSG_ALLOFFERS_DELIVERED, "and then the end of them");
	post(&request, sizeof(request));
	is(sends, 2, "they are sent once");
	offer(VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE);
	is(last(), CHANNELMSG_OFFERCHANNEL, "a later one comes by itself");
}

static void opens_once(struct channel *ch)
{
	gpadl(ch->relid, 5, 0, 40);
	is(last(), CHANNELMSG_GPADL_CREATED, "a GPADL in two messages is created");
	is(word(16), 0, "without an error");
	is(sends, 2, "with one answer");
	open_channel(ch->relid, 5, 20);
	is(last(), CHANNELMSG_OPENCHANNEL_RESULT, "open is answered");
	is(word(12), 9, "with the id of the open");
	is(word(16), 0, "it succeeds");
	is(doorbells, 1, "the channel has a doorbell");
	is(opens, 1, "the device sees the open");
	open_channel(ch->relid, 5, 20);
	ok(word(16) != 0, "a second open fails");
}

static void packets(struct channel *ch)
{
	struct vmbus_channel_modifychannel modify = {
		.h.type = CHANNELMSG_MODIFYCHANNEL,
		.relid = ch->relid,
		.vp = 2,
	};
	u8 data[64] = { 0 }, buf[256];
	struct packet p;
	struct ring guest;

	is(channel_send(ch, VM_PKT_DATA_INBAND, 0, 1, NULL, 0, data, sizeof(data)), 0,
	   "a packet is sent");
	is(interrupts, 1, "with an interrupt");
	is(interrupt_vp, 3, "on the VP of the open");
	ring_init(&guest, ch->gpadl->page, 20);
	ring_write(&guest, VM_PKT_DATA_INBAND, 0, 4, NULL, 0, data, 8);
	is(channel_recv(ch, &p, buf, sizeof(buf)), 1, "a packet is received");
	post(&modify, sizeof(modify));
	is(last(), CHANNELMSG_MODIFYCHANNEL_RESPONSE, "from 5.3 on MODIFYCHANNEL is answered");
	guest = ch->out;
	ring_init(&guest, ch->gpadl->page + 20, 20);
	ring_read(&guest, &p, buf, sizeof(buf));
	channel_send(ch, VM_PKT_DATA_INBAND, 0, 1, NULL, 0, data, sizeof(data));
	is(interrupt_vp, 2, "the interrupt moves to the new VP");
}

static void closes_once(struct channel *ch)
{
	sends = 0;
	teardown(ch->relid, 5);
	is(sends, 0, "the rings of an open channel cannot be torn down");
	relid_message(CHANNELMSG_CLOSECHANNEL, ch->relid);
	is(closes, 1, "the device sees the close");
	is(doorbells, 0, "the doorbell is removed");
	is(sends, 0, "close is not answered");
	teardown(ch->relid + 1, 5);
	is(sends, 0, "teardown with the relid of another channel fails");
	teardown(ch->relid, 5);
	is(last(), CHANNELMSG_GPADL_TORNDOWN, "teardown after close is answered");
	is(word(8), 5, "with the handle");
}

static void goes_away(struct channel *ch)
{
	sends = 0;
	relid_message(CHANNELMSG_RELID_RELEASED, ch->relid);
	is(releases, 0, "RELID_RELEASED without a rescind is invalid");
	vmbus_rescind(ch);
	vmbus_rescind(ch);
	is(sends, 1, "a second rescind sends nothing");
	gpadl(ch->relid, 6, 0, 4);
	open_channel(ch->relid, 6, 2);
	ok(word(16) != 0, "a rescinded channel cannot be opened");
	relid_message(CHANNELMSG_RELID_RELEASED, ch->relid);
	is(releases, 1, "RELID_RELEASED releases the channel");
	is(bus.gpadl[0].handle, 0, "and its GPADLs");
	is(offer(VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE)->relid, 1, "the relid is reused");
}

/* The life of a channel: open, packets, close, release. */
static void life(void)
{
	struct channel *ch;

	start();
	ch = offer(VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE);
	opens_once(ch);
	packets(ch);
	closes_once(ch);
	goes_away(ch);
}

static void refusals(void)
{
	struct channel *ch;

	start();
	ch = offer(VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE);
	gpadl(ch->relid, 5, PAGES - 2, 4);
	is(last(), CHANNELMSG_GPADL_CREATED, "a GPADL outside RAM is answered");
	ok(word(16) != 0, "with an error");
	open_channel(ch->relid, 5, 2);
	ok(word(16) != 0, "open with it fails");
	gpadl(ch->relid, 5, 0, 4);
	is(word(16), 0, "the handle can be reused");
	open_channel(ch->relid, 5, 0);
	ok(word(16) != 0, "open without pages for the ring to the host fails");
	open_channel(ch->relid, 5, 4);
	ok(word(16) != 0, "without pages for the ring to the guest too");
	open_channel(ch->relid, 5, 0xffffffff);
	ok(word(16) != 0, "with an offset outside the GPADL too");
	refuse = 1;
	open_channel(ch->relid, 5, 2);
	ok(word(16) != 0, "the device can refuse an open");
	is(doorbells, 0, "the doorbell is removed then");
	refuse = 0;
	open_channel(ch->relid, 5, 2);
	is(word(16), 0, "a later open succeeds");
	sends = 0;
	relid_message(CHANNELMSG_CLOSECHANNEL, 0);
	relid_message(CHANNELMSG_CLOSECHANNEL, VMBUS_RELIDS);
	relid_message(CHANNELMSG_CLOSECHANNEL, 0xffffffff);
	relid_message(CHANNELMSG_CLOSECHANNEL, ch->relid + 1);
	is(closes, 1, "close of a channel that is not open does nothing");
	is(sends, 0, "and is not answered");
	while (offer(VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE))
		;
	is(sends, VMBUS_RELIDS - 2, "there are channels for all event flags but flag 0");
}

static void ends(void)
{
	struct vmbus_channel_message_header unload = { .type = CHANNELMSG_UNLOAD };
	struct vmbus_channel_message_header request = { .type = CHANNELMSG_REQUESTOFFERS };
	struct channel *disk, *sock;

	start();
	disk = offer(VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE);
	sock = offer(VMBUS_CHANNEL_TLNPI_PROVIDER_OFFER);
	gpadl(disk->relid, 5, 0, 4);
	open_channel(disk->relid, 5, 2);
	gpadl(sock->relid, 6, 4, 4);
	open_channel(sock->relid, 6, 2);
	sends = 0;
	post(&unload, sizeof(unload));
	is(sends, 1, "unload has one answer");
	is(last(), CHANNELMSG_UNLOAD_RESPONSE, "UNLOAD_RESPONSE");
	is(closes, 2, "the devices see both channels close");
	is(releases, 1, "a stream is released");
	is(doorbells, 0, "all doorbells are removed");
	is(channel_send(disk, VM_PKT_DATA_INBAND, 0, 0, NULL, 0, &request, 8), RING_FULL,
	   "no packet is written after unload");
	contact(VMBUS_VERSION(4, 0), VMBUS_MESSAGE_CONNECTION_ID);
	is(word(12), VMBUS_VERSION(4, 0), "a new kernel connects");
	sends = 0;
	post(&request, sizeof(request));
	is(sends, 2, "and gets the offer of the disk");
	gpadl(disk->relid, 5, 0, 4);
	is(word(16), 0, "the old GPADL is gone");
	contact(VMBUS_VERSION(5, 3), VMBUS_MESSAGE_CONNECTION_ID_4);
	is(bus.gpadl[0].handle, 0, "INITIATE_CONTACT without unload drops it too");
}

/* A device that keeps the pages of a GPADL, beside the rings. */
static void references(void)
{
	struct vmbus_channel_message_header unload = { .type = CHANNELMSG_UNLOAD };
	struct channel *ch;
	struct gpadl *held;
	u64 bad;

	start();
	ch = offer(VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE);
	gpadl(ch->relid, 5, 0, 4);
	gpadl(ch->relid, 6, 4, 4);
	ok(!vmbus_gpadl_get(ch, 7), "no reference to a GPADL that does not exist");
	held = vmbus_gpadl_get(ch, 5);
	ok(held && vmbus_gpadl_get(ch, 5) == held, "two references to a GPADL");
	sends = 0;
	teardown(ch->relid, 5);
	is(sends, 0, "teardown is not answered while a device holds it");
	ok(!vmbus_gpadl_get(ch, 5), "nor is there a new reference");
	open_channel(ch->relid, 5, 2);
	ok(word(16) != 0, "open with it fails");
	bad = bus.bad;
	teardown(ch->relid, 5);
	is(bus.bad, bad + 1, "a second teardown is invalid");
	sends = 0;
	vmbus_gpadl_put(ch, held);
	is(sends, 0, "the first put does not answer it");
	is(held->page[0] == memory, 1, "the pages are still there");
	vmbus_gpadl_put(ch, held);
	is(sends, 1, "the last put answers the teardown");
	is(last(), CHANNELMSG_GPADL_TORNDOWN, "as GPADL_TORNDOWN");
	is(word(8), 5, "with the handle");
	held = vmbus_gpadl_get(ch, 6);
	vmbus_gpadl_put(ch, held);
	is(held->handle, 6, "a put without teardown keeps the GPADL");
	held = vmbus_gpadl_get(ch, 6);
	teardown(ch->relid, 6);
	ch->device = held;
	gpadl(ch->relid, 7, 8, 4);
	open_channel(ch->relid, 7, 2);
	sends = 0;
	post(&unload, sizeof(unload));
	is(sends, 1, "an unload has one answer");
	is(last(), CHANNELMSG_UNLOAD_RESPONSE, "a pending teardown is not answered");
}

/* A device whose channel is open, with two subchannels, of which the first is open. */
static struct channel *with_subchannels(struct channel *sub[2])
{
	struct channel *ch;

	start();
	ch = offer(VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE);
	ok(!vmbus_offer_subchannel(ch, 1, &dev), "a channel that is not open has no subchannels");
	gpadl(ch->relid, 5, 0, 4);
	open_channel(ch->relid, 5, 2);
	sub[0] = vmbus_offer_subchannel(ch, 1, &dev);
	sub[1] = vmbus_offer_subchannel(ch, 2, &dev);
	if (!sub[0] || !sub[1])
		exit(1);
	gpadl(sub[0]->relid, 6, 4, 4);
	open_channel(sub[0]->relid, 6, 2);
	is(word(16), 0, "a subchannel opens");
	return ch;
}

static void subchannels_are_offered(void)
{
	struct channel *sub[2], *ch = with_subchannels(sub);
	struct vmbus_channel_offer_channel *first = (void *)sent[0].data, *o;
	u8 data[8] = { 0 };

	o = (void *)sent[sends - 4].data;
	ok(o->h.type == CHANNELMSG_OFFERCHANNEL && o->subchannel == 1 && !first->subchannel,
	   "the offer of a subchannel has its index");
	ok(!memcmp(&o->type, &first->type, 32), "and the class and the instance of its device");
	ok(o->relid == sub[0]->relid && o->relid != first->relid &&
		   o->connection != first->connection,
	   "but a relid and a connection of its own");
	is(doorbells, 2, "each channel has a doorbell");
	gpadl(ch->relid, 7, 8, 4);
	open_channel(sub[1]->relid, 7, 2);
	ok(word(16) != 0, "it does not open with a GPADL of the device's channel");
	channel_send(sub[0], VM_PKT_DATA_INBAND, 0, 1, NULL, 0, data, sizeof(data));
	is(interrupt_vp, 3, "its interrupts go to the VP of its open");
	is(vmbus_channels(&bus), 3, "the guest has three channels");
	ok(vmbus_subchannel(ch, 2) == sub[1] && !vmbus_subchannel(ch, 3),
	   "a subchannel is found by its index");
}

static void subchannels_go(void)
{
	struct channel *sub[2], *ch = with_subchannels(sub);
	u64 bad = bus.bad;

	sends = 0;
	vmbus_rescind(sub[0]);
	ok(sends == 1 && word(8) == sub[0]->relid && !ch->rescinded,
	   "a subchannel is rescinded alone");
	ok(!vmbus_subchannel(ch, 1) && vmbus_channels(&bus) == 2, "and gone for the host");
	relid_message(CHANNELMSG_RELID_RELEASED, sub[1]->relid);
	is(releases, 0, "the other one is not to be released");
	relid_message(CHANNELMSG_RELID_RELEASED, sub[0]->relid);
	ok(releases == 1 && closes == 1 && ch->state == CHANNEL_OPEN,
	   "the guest releases it, and the device's channel stays open");
	sub[0] = vmbus_offer_subchannel(ch, 1, &dev);
	sends = 0;
	vmbus_rescind(ch);
	ok(sends == 3 && get32(sent[0].data + 8) == sub[0]->relid &&
		   get32(sent[1].data + 8) == sub[1]->relid && get32(sent[2].data + 8) == ch->relid,
	   "the subchannels are rescinded before their device");
	ok(!vmbus_offer_subchannel(ch, 3, &dev), "which gets no more of them");
	relid_message(CHANNELMSG_RELID_RELEASED, ch->relid);
	ok(closes == 2 && releases == 1, "the device waits for the release of its subchannels");
	relid_message(CHANNELMSG_RELID_RELEASED, ch->relid);
	is(bus.bad, bad + 2, "a second release is invalid");
	relid_message(CHANNELMSG_RELID_RELEASED, sub[0]->relid);
	is(releases, 2, "one has been released");
	relid_message(CHANNELMSG_RELID_RELEASED, sub[1]->relid);
	ok(releases == 4 && ch->state == CHANNEL_FREE, "with the last one the device goes");
}

static void subchannels_end(void)
{
	struct vmbus_channel_message_header unload = { .type = CHANNELMSG_UNLOAD };
	struct vmbus_channel_message_header request = { .type = CHANNELMSG_REQUESTOFFERS };
	struct channel *sub[2], *ch = with_subchannels(sub);

	sends = 0;
	relid_message(CHANNELMSG_CLOSECHANNEL, ch->relid);
	is(closes, 2, "with the device's channel its subchannels close");
	ok(sends == 2 && sent[0].type == CHANNELMSG_RESCIND_CHANNELOFFER &&
		   last() == CHANNELMSG_RESCIND_CHANNELOFFER && !ch->rescinded,
	   "and are rescinded");
	is(doorbells, 0, "all doorbells are removed");
	open_channel(ch->relid, 5, 2);
	is(word(16), 0, "the device's channel can be opened again");
	ok(vmbus_offer_subchannel(ch, 1, &dev) != NULL,
	   "with a new subchannel, before the old one is released");
	relid_message(CHANNELMSG_RELID_RELEASED, sub[0]->relid);
	relid_message(CHANNELMSG_RELID_RELEASED, sub[1]->relid);
	is(releases, 2, "which it is then");
	sends = 0;
	post(&unload, sizeof(unload));
	ok(sends == 1 && releases == 3, "unload ends subchannels without a word");
	contact(VMBUS_VERSION(5, 3), VMBUS_MESSAGE_CONNECTION_ID_4);
	sends = 0;
	post(&request, sizeof(request));
	is(sends, 2, "the next kernel is offered the device alone");
	while (offer(VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE))
		;
	gpadl(ch->relid, 5, 0, 4);
	open_channel(ch->relid, 5, 2);
	ok(!vmbus_offer_subchannel(ch, 1, &dev), "no subchannel without a relid");
}

/* Any bytes in any order: no crash, and afterwards the bus works. */
static void noise(void)
{
	u8 msg[240];
	u32 seed = 42;

	start();
	offer(VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE);
	offer(VMBUS_CHANNEL_TLNPI_PROVIDER_OFFER);
	for (int i = 0; i < 200000; i++) {
		if (bus.channel[1].state == CHANNEL_OPEN && i % 16 == 0)
			vmbus_offer_subchannel(&bus.channel[1], 1 + i % 3, &dev);
		if (i % 64 == 0 && bus.channel[2 + i / 64 % 8].state != CHANNEL_FREE)
			vmbus_rescind(&bus.channel[2 + i / 64 % 8]);
		for (size_t j = 0; j < 64; j += 4) {
			seed = seed * 1103515245 + 12345;
			/* small numbers hit relids, handles and page numbers */
			put32(msg + j, seed >> 16 & (seed & 0x8000 ? 0xffff : 7));
		}
		put32(msg, seed >> 16 & 0x1f);
		if (get32(msg) == CHANNELMSG_INITIATE_CONTACT)
			put32(msg + 8, VMBUS_VERSION(5, 3));
		seed = seed * 1103515245 + 12345;
		vmbus_message(&bus, VMBUS_MESSAGE_CONNECTION_ID, msg,
			      (seed >> 16) % (sizeof(msg) + 1));
	}
	ok(bus.bad > 0, "200000 random messages: %llu were invalid", (unsigned long long)bus.bad);
	ok(bus.contacts > 100, "%llu were INITIATE_CONTACT", (unsigned long long)bus.contacts);
	sends = 0;
	is(contact(VMBUS_VERSION(5, 3), VMBUS_MESSAGE_CONNECTION_ID_4), 0,
	   "a guest can connect afterwards");
	is(sent[0].data[8], 1, "with a supported version");
}

int main(void)
{
	memory = aligned_alloc(PAGE_SIZE, PAGES * PAGE_SIZE);
	if (!memory)
		return 1;
	memset(memory, 0, PAGES * PAGE_SIZE);
	versions();
	life();
	refusals();
	ends();
	references();
	subchannels_are_offered();
	subchannels_go();
	subchannels_end();
	noise();
	vmbus_free(&bus);
	free(memory);
	return done();
}
