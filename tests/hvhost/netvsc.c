// SPDX-License-Identifier: GPL-2.0
/*
 * A network card on a tap interface. Guest side: drivers/net/hyperv. Not modelled: offloads,
 * virtual functions. A frame for the guest occupies a slot of the receive buffer until the guest
 * completes it, by the same channel. A guest of protocol 5 and later can ask for subchannels,
 * once; they have frames only.
 */
#define _GNU_SOURCE
#include "netvsc.h"
#include "proto/netvsc.h"
#include "sg.h"

#define SLOT_SIZE    1728
#define SECTION_SIZE 6144

static const struct guid type = { { 0x63, 0x51, 0x61, 0xf8, 0x3e, 0xdf, 0xc5, 0x46, 0x91, 0x3f,
				    0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e } };
static const u8 mac[6] = { 0x00, 0x15, 0x5d, 0x77, 0x00, 0x02 };
static const u32 versions[] = { 0x60001, 0x60000, 0x50000, 0x40000, 0x30002, 2 };
static u8 buffer[32768];
static u8 rndis[65536];

static void complete(struct channel *ch, u64 id, u32 what, const void *body, u32 len)
{
	u8 msg[NVSP_SIZE] = { 0 };

	put32(msg, what);
	if (len)
		memcpy(msg + 4, body, len);
	if (channel_send(ch, VM_PKT_COMP, 0, id, NULL, 0, msg, sizeof(msg)))
		((struct netvsc *)ch->device)->bad++;
}

/* Copy to or from a buffer of the guest that a GPADL describes. */
static int gpadl_copy(struct gpadl *gpadl, u64 at, void *data, u32 len, int to_guest)
{
	u8 *bytes = data;

	at += gpadl->byte_offset;
	if (at + len > (u64)gpadl->pages * PAGE_SIZE)
		return -1;
	while (len) {
		u32 n = PAGE_SIZE - at % PAGE_SIZE;
		u8 *page = gpadl->page[at / PAGE_SIZE] + at % PAGE_SIZE;

		if (n > len)
			n = len;
		if (to_guest)
			memcpy(page, bytes, n);
		else
			memcpy(bytes, page, n);
		bytes += n;
		at += n;
		len -= n;
	}
	return 0;
}

/* Put an RNDIS message in a free slot; 0, or -1: no slot or no room. */
static int put(struct channel *ch, u32 kind, void *msg, u32 len)
{
	struct netvsc *net = ch->device;
	u8 nvsp[NVSP_SIZE] = { 0 }, extra[16] = { 0 };
	u32 slot;

	if (!net->receive || !net->free_slots || len > SLOT_SIZE ||
	    !ring_ask(&ch->out, sizeof(extra) + sizeof(nvsp)))
		return -1;
	slot = net->free_slot[net->free_slots - 1];
	if (gpadl_copy(net->receive, slot * SLOT_SIZE, msg, len, 1))
		return -1;
	put16(extra, NETVSC_RECEIVE_BUFFER_ID);
	put32(extra + 4, 1);
	put32(extra + 8, len);
	put32(extra + 12, slot * SLOT_SIZE);
	put32(nvsp, NVSP_MSG1_TYPE_SEND_RNDIS_PKT);
	put32(nvsp + 4, kind);
	put32(nvsp + NVSP_RNDIS_SECTION, NETVSC_INVALID_INDEX);
	if (channel_send(ch, VM_PKT_DATA_USING_XFER_PAGES,
			 VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED, slot + 1, extra,
			 sizeof(extra), nvsp, sizeof(nvsp)))
		return -1;
	net->free_slots--;
	net->taken[slot] = 1 + ch->offer.subchannel;
	return 0;
}

static int to_guest(struct channel *ch, u32 kind, const void *msg, u32 len)
{
	struct netvsc *net = ch->device;
	u8 copy[SLOT_SIZE];
	u32 n = len;

	if (len > SLOT_SIZE)
		return -1;
	memcpy(copy, msg, len);
	/* only with room for both, or the right one would be lost */
	if (net->before && net->receive && net->free_slots > 1 &&
	    ring_room(&ch->out) >= 4 * (16 + NVSP_SIZE + 24) && net->before(net->arg, copy, &n)) {
		put(ch, kind, copy, n);
		memcpy(copy, msg, len);
	}
	return put(ch, kind, copy, len);
}

static void free_slot(struct channel *ch, u64 id)
{
	struct netvsc *net = ch->device;

	if (!id || id > net->slots || net->taken[id - 1] != 1 + ch->offer.subchannel) {
		net->bad++;
		return;
	}
	net->taken[id - 1] = 0;
	net->free_slot[net->free_slots++] = id - 1;
}

static int usable(const struct channel *ch)
{
	return ch && !ch->rescinded;
}

static int room(void *card)
{
	struct netvsc *net = card;

	if (!net->ch || net->ch->state != CHANNEL_OPEN || !net->up || !net->free_slots)
		return 0;
	/* the next frame may be for any of them */
	for (int i = 0; i <= VMBUS_SUBCHANNELS; i++)
		if (usable(net->queue[i]) && !ring_ask(&net->queue[i]->out, 16 + NVSP_SIZE))
			return 0;
	return 1;
}

/* Answer a query, with no data on an error. */
static void query(struct netvsc *net, const u8 *msg)
{
	struct ndis_recv_scale_cap cap = {
		.type = NDIS_OBJECT_TYPE_RSS_CAPABILITIES,
		.revision = NDIS_RECEIVE_SCALE_CAPABILITIES_REVISION_2,
		.size = sizeof(cap),
		.flags = NDIS_RSS_CAPS,
		.entries = ITAB_NUM,
	};
	u8 reply[24 + OFFLOAD_SIZE] = { 0 };
	u32 len = 4;

	put32(reply, RNDIS_MSG_QUERY | RNDIS_MSG_COMPLETION);
	memcpy(reply + 8, msg + 8, 4);
	switch (get32(msg + 12)) {
	case RNDIS_OID_GEN_MAXIMUM_FRAME_SIZE:
		put32(reply + 24, 1500);
		break;
	case RNDIS_OID_802_3_PERMANENT_ADDRESS:
		memcpy(reply + 24, net->mac, 6);
		len = 6;
		break;
	case OID_GEN_RECEIVE_SCALE_CAPABILITIES:
		if (net->max_subchannels && net->version >= NVSP_PROTOCOL_VERSION_5) {
			cap.messages = cap.queues = 1 + net->max_subchannels;
			memcpy(reply + 24, &cap, sizeof(cap));
			len = sizeof(cap);
			break;
		}
		put32(reply + 12, RNDIS_STATUS_NOT_SUPPORTED);
		len = 0;
		break;
	case RNDIS_OID_GEN_MEDIA_CONNECT_STATUS:
		break;				    /* 0: connected */
	case OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES: /* type, revision, size; no offload is set */
		reply[24] = 0xa7;
		reply[25] = 1;
		put16(reply + 26, OFFLOAD_SIZE);
		len = OFFLOAD_SIZE;
		break;
	default:
		put32(reply + 12, RNDIS_STATUS_NOT_SUPPORTED);
		len = 0;
	}
	put32(reply + 4, 24 + len);
	put32(reply + 16, len);
	put32(reply + 20, len ? 16 : 0);
	if (to_guest(net->ch, NVSP_CONTROL, reply, 24 + len))
		net->bad++;
}

static void set(struct netvsc *net, const u8 *msg, u32 len)
{
	u32 oid = get32(msg + 12), size = get32(msg + 16), at = get32(msg + 20);
	u8 reply[16] = { 0 };

	put32(reply, RNDIS_MSG_SET | RNDIS_MSG_COMPLETION);
	put32(reply + 4, sizeof(reply));
	memcpy(reply + 8, msg + 8, 4);
	if (oid == RNDIS_OID_GEN_CURRENT_PACKET_FILTER && len >= 12 && at <= len - 12)
		net->up = !!get32(msg + 8 + at);
	else if (oid == OID_GEN_RECEIVE_SCALE_PARAMETERS && net->subchannels) {
		if (at > len - 8 || size > len - 8 - at ||
		    rss_set(&net->rss, msg + 8 + at, size, 1 + net->subchannels))
			put32(reply + 12, RNDIS_STATUS_INVALID_DATA);
	} else if (oid != OID_TCP_OFFLOAD_PARAMETERS)
		put32(reply + 12, RNDIS_STATUS_NOT_SUPPORTED);
	if (to_guest(net->ch, NVSP_CONTROL, reply, sizeof(reply)))
		net->bad++;
}

static void initialize(struct netvsc *net, const u8 *msg)
{
	u8 reply[52] = { 0 };

	put32(reply, RNDIS_MSG_INIT | RNDIS_MSG_COMPLETION);
	put32(reply + 4, sizeof(reply));
	memcpy(reply + 8, msg + 8, 4);
	put32(reply + 16, 1);
	put32(reply + 24, 1); /* connectionless */
	put32(reply + 32, 1); /* one packet a message */
	put32(reply + 36, SLOT_SIZE);
	put32(reply + 40, 3); /* aligned to 8 */
	if (to_guest(net->ch, NVSP_CONTROL, reply, sizeof(reply)))
		net->bad++;
}

static void frame(struct channel *ch, const u8 *msg, u32 len)
{
	struct netvsc *net = ch->device;
	u32 offset = get32(msg + 8), size = get32(msg + 12);

	if (offset > len - 8 || size > len - 8 - offset) {
		net->bad++;
		return;
	}
	net->from_guest[ch->offer.subchannel]++;
	nettap_send(&net->tap, msg + 8 + offset, size);
}

static void rndis_message(struct channel *ch, const u8 *msg, u32 len)
{
	struct netvsc *net = ch->device;
	u32 kind = len >= 8 ? get32(msg) : 0, total = len >= 8 ? get32(msg + 4) : 0;

	/* several messages may be batched; each handler gets its full fixed part */
	while (total >= 16 && total <= len) {
		if (kind == RNDIS_MSG_PACKET && total >= RNDIS_PACKET_HEADER)
			frame(ch, msg, total);
		else if (ch->primary)
			net->bad++;
		else if (kind == RNDIS_MSG_INIT)
			initialize(net, msg);
		else if (kind == RNDIS_MSG_QUERY && total >= 28)
			query(net, msg);
		else if (kind == RNDIS_MSG_SET && total >= 28)
			set(net, msg, total);
		msg += total;
		len -= total;
		kind = len >= 8 ? get32(msg) : 0;
		total = len >= 8 ? get32(msg + 4) : 0;
	}
}

static void from_guest(struct channel *ch, struct packet *packet)
{
	struct netvsc *net = ch->device;
	u32 section = get32(packet->data + NVSP_RNDIS_SECTION);
	u32 size = get32(packet->data + NVSP_RNDIS_SIZE), len = 0, done[1] = { NVSP_STAT_SUCCESS };
	static struct sg sg;

	if (section != NETVSC_INVALID_INDEX) {
		if (net->send && size <= SECTION_SIZE &&
		    !gpadl_copy(net->send, (u64)section * SECTION_SIZE, rndis, size, 0))
			len = size;
	}
	/* the rest, or all of it, is in the page ranges of the packet */
	if (packet->type == VM_PKT_DATA_USING_GPA_DIRECT &&
	    !sg_from_packet(&sg, net->mem, packet) && len + sg.len <= sizeof(rndis))
		len += sg_from_guest(&sg, rndis + len, sg.len);
	if (!len)
		net->bad++;
	complete(ch, packet->id, NVSP_MSG1_TYPE_SEND_RNDIS_PKT_COMPLETE, done, sizeof(done));
	rndis_message(ch, rndis, len);
}

/* Make BUFFER the GPADL HANDLE; 0 for none. */
static struct gpadl *set_buffer(struct netvsc *net, struct gpadl **buffer, u32 handle)
{
	struct gpadl *old = *buffer;

	*buffer = vmbus_gpadl_get(net->ch, handle);
	vmbus_gpadl_put(net->ch, old);
	return *buffer;
}

static void receive_buffer(struct netvsc *net, struct packet *packet)
{
	u32 done[6] = { NVSP_STAT_FAIL };

	if (set_buffer(net, &net->receive, get32(packet->data + NVSP_GPADL))) {
		net->slots = net->receive->byte_count / SLOT_SIZE;
		if (net->slots > NETVSC_SLOTS)
			net->slots = NETVSC_SLOTS;
		for (net->free_slots = 0; net->free_slots < net->slots; net->free_slots++)
			net->free_slot[net->free_slots] = net->free_slots;
		memset(net->taken, 0, sizeof(net->taken));
		done[0] = NVSP_STAT_SUCCESS;
		done[1] = 1; /* section */
		done[2] = 0; /* its offset */
		done[3] = SLOT_SIZE;
		done[4] = net->slots;
		done[5] = net->slots * SLOT_SIZE;
	}
	complete(net->ch, packet->id, NVSP_MSG1_TYPE_SEND_RECV_BUF_COMPLETE, done, sizeof(done));
}

static void send_buffer(struct netvsc *net, struct packet *packet)
{
	u32 done[2] = { NVSP_STAT_FAIL };

	if (set_buffer(net, &net->send, get32(packet->data + NVSP_GPADL))) {
		done[0] = NVSP_STAT_SUCCESS;
		done[1] = SECTION_SIZE;
	}
	complete(net->ch, packet->id, NVSP_MSG1_TYPE_SEND_SEND_BUF_COMPLETE, done, sizeof(done));
}

static void init(struct netvsc *net, struct packet *packet)
{
	u32 asked = get32(packet->data + NVSP_INIT_VERSION), done[3] = { asked, 0, NVSP_STAT_FAIL };

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++)
		if (versions[i] == asked)
			done[2] = NVSP_STAT_SUCCESS;
	net->version = asked;
	complete(net->ch, packet->id, NVSP_MSG_TYPE_INIT_COMPLETE, done, sizeof(done));
}

/* Which channel the guest is to send by: each in turn. It computes the same by itself. */
static void send_table(struct netvsc *net)
{
	u8 msg[NVSP_SIZE + 4 * VRSS_SEND_TAB_SIZE] = { 0 };

	put32(msg, NVSP_MSG5_TYPE_SEND_INDIRECTION_TABLE);
	put32(msg + 4, VRSS_SEND_TAB_SIZE);
	put32(msg + 8, NVSP_SIZE); /* its offset */
	for (u32 i = 0; i < VRSS_SEND_TAB_SIZE; i++)
		put32(msg + NVSP_SIZE + 4 * i, i % (1 + net->subchannels));
	if (channel_send(net->ch, VM_PKT_DATA_INBAND, 0, 0, NULL, 0, msg, sizeof(msg)))
		net->bad++;
}

static int subchannel_opened(struct channel *ch)
{
	struct netvsc *net = ch->device;

	net->queue[ch->offer.subchannel] = ch;
	for (int i = 1; i <= net->subchannels; i++)
		if (!net->queue[i])
			return 0;
	send_table(net);
	return 0;
}

/* The guest completes no more of what it had by this channel. */
static void subchannel_closed(struct channel *ch)
{
	struct netvsc *net = ch->device;

	net->queue[ch->offer.subchannel] = NULL;
	for (u32 slot = 0; slot < net->slots; slot++)
		if (net->taken[slot] == 1 + ch->offer.subchannel)
			free_slot(ch, slot + 1);
	nettap_wake(&net->tap);
}

static void subchannel_released(struct channel *ch)
{
	(void)ch;
}

static void signalled(struct channel *ch);

static const struct channel_ops subchannel_ops = {
	.open = subchannel_opened,
	.signal = signalled,
	.close = subchannel_closed,
	.released = subchannel_released,
};

/* The offers are on their way when the guest has the answer, which says how many there are. */
static void subchannels(struct netvsc *net, struct packet *packet)
{
	u32 count = get32(packet->data + NVSP_SUB_COUNT), done[2] = { NVSP_STAT_FAIL, 0 };

	if (net->version >= NVSP_PROTOCOL_VERSION_5 && !net->subchannels && count &&
	    count <= net->max_subchannels &&
	    get32(packet->data + NVSP_SUB_OP) == NVSP_SUBCHANNEL_ALLOCATE) {
		while (net->subchannels < count &&
		       vmbus_offer_subchannel(net->ch, net->subchannels + 1, &subchannel_ops))
			net->subchannels++;
		done[0] = NVSP_STAT_SUCCESS;
		done[1] = net->subchannels;
	}
	complete(net->ch, packet->id, NVSP_MSG5_TYPE_SUBCHANNEL, done, sizeof(done));
}

static void receive(struct channel *ch, struct packet *packet)
{
	struct netvsc *net = ch->device;

	if (packet->type == VM_PKT_COMP) {
		free_slot(ch, packet->id);
		return;
	}
	if (packet->len < 16) {
		net->bad++;
		return;
	}
	if (ch->primary && get32(packet->data) != NVSP_MSG1_TYPE_SEND_RNDIS_PKT) {
		net->bad++;
		return;
	}
	switch (get32(packet->data)) {
	case NVSP_MSG5_TYPE_SUBCHANNEL:
		subchannels(net, packet);
		break;
	case NVSP_MSG_TYPE_INIT:
		init(net, packet);
		break;
	case NVSP_MSG1_TYPE_SEND_RECV_BUF:
		receive_buffer(net, packet);
		break;
	case NVSP_MSG1_TYPE_SEND_SEND_BUF:
		send_buffer(net, packet);
		break;
	case NVSP_MSG1_TYPE_REVOKE_RECV_BUF:
		set_buffer(net, &net->receive, 0);
		break;
	case NVSP_MSG1_TYPE_REVOKE_SEND_BUF:
		set_buffer(net, &net->send, 0);
		break;
	case NVSP_MSG1_TYPE_SEND_RNDIS_PKT:
		from_guest(ch, packet);
		break;
	case NVSP_MSG1_TYPE_SEND_NDIS_VER:
	case NVSP_MSG2_TYPE_SEND_NDIS_CONFIG:
		break;
	default:
		if (packet->flags & VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED)
			complete(ch, packet->id, NVSP_MSG1_TYPE_SEND_RNDIS_PKT_COMPLETE, NULL, 0);
	}
}

static void signalled(struct channel *ch)
{
	struct netvsc *net = ch->device;

	channel_drain(ch, buffer, sizeof(buffer), receive);
	if (ch->state == CHANNEL_OPEN)
		nettap_wake(&net->tap);
}

static int deliver(void *card, u8 *frame, u32 len)
{
	struct netvsc *net = card;
	struct channel *ch = net->queue[rss_queue(&net->rss, frame, len)];
	u8 *msg = frame - RNDIS_PACKET_HEADER;

	put32(msg, RNDIS_MSG_PACKET);
	put32(msg + 4, RNDIS_PACKET_HEADER + len);
	put32(msg + 8, RNDIS_PACKET_HEADER - 8);
	put32(msg + 12, len);
	if (!usable(ch))
		ch = net->ch;
	if (to_guest(ch, NVSP_DATA, msg, RNDIS_PACKET_HEADER + len))
		return -1;
	net->to_guest[ch->offer.subchannel]++;
	return 0;
}

static int opened(struct channel *ch)
{
	struct netvsc *net = ch->device;

	net->queue[0] = ch;
	net->subchannels = 0;
	net->rss.entries = 0;
	return 0;
}

static void closed(struct channel *ch)
{
	struct netvsc *net = ch->device;

	net->queue[0] = NULL;
	set_buffer(net, &net->receive, 0);
	set_buffer(net, &net->send, 0);
	net->up = 0;
	nettap_wake(&net->tap);
}

static void released(struct channel *ch)
{
	struct netvsc *net = ch->device;

	net->ch = NULL;
	if (net->gone)
		net->gone(net->arg);
}

static const struct channel_ops ops = {
	.open = opened,
	.signal = signalled,
	.close = closed,
	.released = released,
};

int netvsc_init(struct netvsc *net, struct vmbus *bus, struct loop *loop, struct memory *mem,
		int tap, u32 number)
{
	struct guid instance = { { 'H', 'V', 'N', 'T', 0, 0, 0, 0x40, 0x80 } };

	put32(instance.b + 12, number);
	memset(net, 0, sizeof(*net));
	net->bus = bus;
	net->mem = mem;
	memcpy(net->mac, mac, sizeof(mac));
	net->mac[4] = number;
	if (nettap_init(&net->tap, loop, tap, room, deliver, net))
		return -1;
	net->ch = vmbus_offer(bus, &type, &instance, VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE, NULL,
			      0, &ops, net);
	return net->ch ? 0 : error("netvsc: no channel is free");
}
