// SPDX-License-Identifier: GPL-2.0
/*
 * Invalid messages: offers of devices that do not exist, unsolicited responses, wrong
 * lengths. Kinds that are not sent to a trusting guest crash one: seen, or concluded
 * from its source (docs/hyperv-smoke.md).
 */
#include "hostile.h"
#include "stream.h"

#define FIRST_RELID 1024       /* relids below belong to real channels */
#define NO_RELID    0xffffffff /* INVALID_RELID of the guest */
/* The GPADL handles of a guest count up from 0xe1e10: with this bit they are unused. */
#define NO_GPADL 0x80000000

static int flip(struct hostile *h)
{
	return hostile_draw(h, 2);
}

static u32 word(struct hostile *h)
{
	return hostile_draw(h, 1ull << 32);
}

static void fill(struct hostile *h, void *data, u32 len)
{
	for (u32 i = 0; i < len; i++)
		((u8 *)data)[i] = hostile_draw(h, 256);
}

void hostile_send(struct hostile *h, const void *msg, u32 size)
{
	h->bus->ops->send(h->bus->world, h->bus->vp, msg, size);
}

void hostile_say(struct hostile *h, const void *msg, u32 size, u32 *count)
{
	u8 start[16] = { 0 }; /* the type, and what follows it: mostly a relid and an id */

	if (h->silent)
		return;
	memcpy(start, msg, size < sizeof(start) ? size : sizeof(start));
	hostile_tell(h, "%u bytes: %u, 0x%x, 0x%x, 0x%x", size, get32(start), get32(start + 4),
		     get32(start + 8), get32(start + 12));
	hostile_send(h, msg, size);
	++*count;
}

static void say(struct hostile *h, const void *msg, u32 size)
{
	hostile_say(h, msg, size, &h->messages);
}

static void flag(struct hostile *h, u32 relid)
{
	if (h->silent)
		return;
	hostile_tell(h, "flag %u", relid);
	h->bus->ops->interrupt(h->bus->world, h->bus->vp, relid);
	h->messages++;
}

static struct hostile_offer *find(struct hostile *h, u32 relid)
{
	for (int i = 0; i < h->owned; i++)
		if (h->own[i].offer.relid == relid)
			return &h->own[i];
	return NULL;
}

/* An unused relid: within the event flags, the invalid one, or out of range. */
static u32 free_relid(struct hostile *h)
{
	u32 relid;

	do {
		switch (hostile_draw(h, 8)) {
		case 0:
			relid = 0;
			break;
		case 1:
			relid = NO_RELID;
			break;
		case 2:
			relid = VMBUS_RELIDS + hostile_draw(h, 8);
			break;
		case 3:
			relid = word(h) | VMBUS_RELIDS;
			break;
		default:
			relid = FIRST_RELID + hostile_draw(h, VMBUS_RELIDS - FIRST_RELID);
		}
	} while (find(h, relid));
	return relid;
}

/* A message of MIN to MAX bytes (240 at most), random but for the type. */
static void noise(struct hostile *h, u32 type, u32 min, u32 max)
{
	u8 msg[240];
	u32 size = min + hostile_draw(h, max - min + 1);

	fill(h, msg, sizeof(msg));
	put32(msg, type);
	say(h, msg, size);
}

static void no_type(struct hostile *h)
{
	noise(h, 0, 0, 240);
}

static void unknown_type(struct hostile *h)
{
	noise(h, flip(h) ? CHANNELMSG_COUNT + hostile_draw(h, 16) : word(h) | CHANNELMSG_COUNT, 8,
	      240);
}

/* Types that only a guest may send. */
static void wrong_way(struct hostile *h)
{
	static const u8 types[] = {
		CHANNELMSG_REQUESTOFFERS,  CHANNELMSG_OPENCHANNEL,
		CHANNELMSG_CLOSECHANNEL,   CHANNELMSG_GPADL_HEADER,
		CHANNELMSG_GPADL_BODY,	   CHANNELMSG_GPADL_TEARDOWN,
		CHANNELMSG_RELID_RELEASED, CHANNELMSG_INITIATE_CONTACT,
		CHANNELMSG_UNLOAD,	   CHANNELMSG_TL_CONNECT_REQUEST,
		CHANNELMSG_MODIFYCHANNEL,
	};

	noise(h, types[hostile_draw(h, sizeof(types))], 8, 240);
}

static const struct {
	u8 type, size;
} answers[] = {
	{ CHANNELMSG_OPENCHANNEL_RESULT, sizeof(struct vmbus_channel_open_result) },
	{ CHANNELMSG_GPADL_CREATED, sizeof(struct vmbus_channel_gpadl_created) },
	{ CHANNELMSG_GPADL_TORNDOWN, sizeof(struct vmbus_channel_gpadl_torndown) },
	{ CHANNELMSG_VERSION_RESPONSE, sizeof(struct vmbus_channel_version_response) },
	{ CHANNELMSG_MODIFYCHANNEL_RESPONSE, sizeof(struct vmbus_channel_modifychannel_response) },
	{ CHANNELMSG_RESCIND_CHANNELOFFER, sizeof(struct vmbus_relid) },
};

static void too_short(struct hostile *h)
{
	int i = hostile_draw(h, ARRAY_SIZE(answers));

	noise(h, answers[i].type, 4, answers[i].size - 1);
}

static void short_offer(struct hostile *h)
{
	noise(h, CHANNELMSG_OFFERCHANNEL, 4, sizeof(struct vmbus_channel_offer_channel) - 1);
}

/* Responses for channels and GPADLs that the guest has not asked for. */
static void unasked(struct hostile *h)
{
	u8 msg[240];
	int i = hostile_draw(h, ARRAY_SIZE(answers) - 1);

	fill(h, msg, sizeof(msg));
	put32(msg, answers[i].type);
	put32(msg + 8,
	      answers[i].type == CHANNELMSG_GPADL_TORNDOWN ? word(h) | NO_GPADL : free_relid(h));
	put32(msg + 12, flip(h) ? word(h) | NO_GPADL : 0);
	say(h, msg, answers[i].size + hostile_draw(h, 240 - answers[i].size));
}

static void all_offers(struct hostile *h)
{
	noise(h, CHANNELMSG_ALLOFFERS_DELIVERED, 8, 240);
}

static void unloaded(struct hostile *h)
{
	noise(h, CHANNELMSG_UNLOAD_RESPONSE, 8, 240);
}

static void offer(struct hostile *h)
{
	struct vmbus_channel_offer_channel offer;

	if (h->owned == HOSTILE_OFFERS) {
		no_type(h);
		return;
	}
	fill(h, &offer, sizeof(offer));
	offer.h.type = CHANNELMSG_OFFERCHANNEL;
	/* otherwise it may become a subchannel of a real device, see the docs */
	offer.subchannel = 0;
	offer.relid = free_relid(h);
	if (flip(h))
		offer.flags |= VMBUS_CHANNEL_TLNPI_PROVIDER_OFFER;
	h->own[h->owned++] = (struct hostile_offer){ .offer = offer, .sent = !h->silent };
	say(h, &offer, sizeof(offer));
}

/* Repeat an earlier offer unchanged; it is the first if that one was left out. */
static void again(struct hostile *h)
{
	struct hostile_offer *own;

	if (!h->owned) {
		no_type(h);
		return;
	}
	own = &h->own[hostile_draw(h, h->owned)];
	own->sent |= !h->silent;
	say(h, &own->offer, sizeof(own->offer));
}

static void rescind_nothing(struct hostile *h)
{
	struct vmbus_relid rescind = { .h.type = CHANNELMSG_RESCIND_CHANNELOFFER,
				       .relid = free_relid(h) };

	say(h, &rescind, sizeof(rescind));
}

static void flag_of_none(struct hostile *h)
{
	u32 relid;

	do {
		relid = flip(h) ? FIRST_RELID + hostile_draw(h, VMBUS_RELIDS - FIRST_RELID) : 0;
	} while (find(h, relid));
	flag(h, relid);
}

static void flag_of_unopened(struct hostile *h)
{
	u32 relid = h->owned ? h->own[hostile_draw(h, h->owned)].offer.relid : VMBUS_RELIDS;

	if (relid >= VMBUS_RELIDS) {
		flag_of_none(h);
		return;
	}
	flag(h, relid);
}

static const struct hostile_kind kinds[] = {
	{ "messages of type 0", no_type, 0 },
	{ "messages of an unknown type", unknown_type, 0 },
	{ "messages that only a guest may send", wrong_way, 0 },
	{ "messages that are too short", too_short, 0 },
	{ "offers that are too short", short_offer, 1 },
	{ "unsolicited responses", unasked, 0 },
	{ "repeated ends of offers", all_offers, 0 },
	{ "unsolicited unload responses", unloaded, 1 },
	{ "offers of unknown devices", offer, 0 },
	{ "offers of unknown devices", offer, 0 },
	{ "repeated offers", again, 0 },
	{ "rescinds of unknown channels", rescind_nothing, 0 },
	{ "event flags without a channel", flag_of_none, 0 },
	{ "event flags of unopened channels", flag_of_unopened, 1 },
	{ NULL, NULL, 0 },
};

void hostile_one_of(struct hostile *h, int row, u32 number, const struct hostile_kind *list, int n)
{
	const struct hostile_kind *kind;

	hostile_number(h, row, number, NULL);
	do {
		kind = &list[hostile_draw(h, n)];
	} while (h->trusting && kind->trusted);
	h->kind = kind->name;
	kind->send(h);
}

const char *hostile_left_out(int n)
{
	const struct hostile_kind *const lists[] = {
		kinds,
		hostile_packet_kinds,
		hostile_ring_kinds,
		hostile_pci_kinds,
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (const struct hostile_kind *kind = lists[i]; kind->name; kind++)
			if (kind->trusted && n-- == 0)
				return kind->name;
	return NULL;
}

void hostile_end(struct hostile *h, const char *error)
{
	timer_stop(h->loop, &h->timer);
	h->waiting = 0;
	h->rounds = 0;
	h->done(h->arg, error);
}

static void too_late(void *arg)
{
	struct hostile *h = arg;

	hostile_end(h, "the guest did not release all offers");
}

/* A guest does not find a channel with an out-of-range relid again. */
static int can_return(struct hostile *h, const struct hostile_offer *own)
{
	return own->offer.relid < VMBUS_RELIDS || h->trusting;
}

static void own_released(struct hostile *h, struct hostile_offer *own)
{
	if (own->released || !own->sent || !can_return(h, own))
		return;
	own->released = 1;
	if (h->waiting && --h->waiting == 0)
		hostile_end(h, NULL);
}

/* A message of the guest about our own offers is not its fault. */
static int provoked(void *arg, const void *msg, u32 size)
{
	struct hostile *h = arg;
	struct hostile_offer *own = NULL;

	if (get32(msg) == CHANNELMSG_RELID_RELEASED && size >= sizeof(struct vmbus_relid)) {
		u32 relid = ((const struct vmbus_relid *)msg)->relid;

		own = find(h, relid);
		if (own)
			own_released(h, own);
	}
	return own || hostile_disk_message(h, msg, size) || hostile_mutant_message(h, msg, size);
}

int hostile_messages(struct hostile *h, int n)
{
	struct vmbus_relid rescind = { .h.type = CHANNELMSG_RESCIND_CHANNELOFFER };

	if (h->waiting || h->rounds)
		return -1;
	h->owned = 0;
	h->timer.fire = too_late;
	for (int i = 1; i <= n; i++)
		hostile_one_of(h, HOSTILE_MESSAGES, i, kinds, ARRAY_SIZE(kinds) - 1);
	for (int i = 0; i < h->owned; i++)
		h->waiting += h->own[i].sent && can_return(h, &h->own[i]);
	for (int i = 0; i < h->owned; i++) {
		if (!h->own[i].sent)
			continue;
		rescind.relid = h->own[i].offer.relid;
		hostile_send(h, &rescind, sizeof(rescind));
	}
	if (!h->waiting)
		h->done(h->arg, NULL);
	else
		timer_set(h->loop, &h->timer, HOSTILE_LIMIT);
	return 0;
}

void hostile_init(struct hostile *h, struct vmbus *bus, struct memory *mem, struct loop *loop,
		  u64 seed)
{
	h->bus = bus;
	h->mem = mem;
	h->loop = loop;
	h->seed = seed;
	h->timer.arg = h;
	storvsc_attach(&h->victim, 0, &h->victim_disk);
	bus->provoked = provoked;
	bus->hostile = h;
}
