// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks through a disk that is offered repeatedly: wrong answers to its GPADL and to
 * its open, then invalid packets and indices in its rings. Each ends with a failure that
 * the guest handles, and the guest releases the disk.
 */
#include "hostile.h"
#include "proto/storvsc.h"

#define FIRST_INSTANCE 1000
#define GIVE_UP	       1000 /* ms until a disk that stays open is rescinded */
#define INIT_STEPS     4
/*
 * Numbers: the first of a round is its plan, which is played with any other of the round. Then
 * up to JUNK for each of three answers, or the packets.
 */
#define ROUND 32
#define JUNK  6

enum { REFUSE_GPADL, REFUSE_OPEN, GONE_AT_GPADL, GONE_AT_OPEN, PLANS, PACKETS = PLANS };

static u8 buffer[4096];

static void next_round(struct hostile *h);

/* Number N of the round. */
static u32 number(const struct hostile *h, u32 n)
{
	return 1 + (h->round - 1) * ROUND + n;
}

static int row_of(const struct hostile *h)
{
	return h->plan == PACKETS ? HOSTILE_PACKETS : HOSTILE_ANSWERS;
}

static void junk_answer(struct hostile *h, const void *real, u32 size)
{
	u32 type = get32(real), relid_at = 8, id_at = type == CHANNELMSG_GPADL_TORNDOWN ? 8 : 12;
	u8 msg[240];

	for (u32 i = 0; i < sizeof(msg); i++)
		msg[i] = hostile_draw(h, 256);
	put32(msg, type);
	put32(msg + relid_at, get32((const u8 *)real + relid_at) + hostile_draw(h, 2));
	/* never the right id */
	put32(msg + id_at, get32((const u8 *)real + id_at) + 1 + hostile_draw(h, 0x40000000));
	hostile_say(h, msg,
		    hostile_draw(h, 2) || h->trusting ? size + hostile_draw(h, sizeof(msg) - size) :
							4 + hostile_draw(h, size - 4),
		    &h->answers);
}

static void refuse_gpadl(struct hostile *h, const void *msg)
{
	u8 copy[sizeof(struct vmbus_channel_gpadl_created)];

	memcpy(copy, msg, sizeof(copy));
	hostile_number(h, HOSTILE_ANSWERS, number(h, 0), "a refused GPADL");
	put32(copy + 16, 1 + hostile_draw(h, 0xffffffff));
	/* as a part of the plan it comes with any message of the round */
	h->silent = 0;
	hostile_say(h, copy, sizeof(copy), &h->answers);
}

/* Called before ops->send() while a disk is offered; replaces the victim's answers. */
static int tamper(void *arg, const void *msg, u32 size)
{
	struct hostile *h = arg;
	struct channel *ch = h->victim.ch;
	u32 type = get32(msg), id = get32((const u8 *)msg + 8);
	u32 first = 1, junk;

	if (!ch || h->plan == PACKETS)
		return 0;
	if (type == CHANNELMSG_GPADL_TORNDOWN ?
		    id != h->gpadl :
		    (type != CHANNELMSG_GPADL_CREATED && type != CHANNELMSG_OPENCHANNEL_RESULT) ||
			    id != ch->relid)
		return 0;
	if (type == CHANNELMSG_OPENCHANNEL_RESULT)
		first += JUNK;
	if (type == CHANNELMSG_GPADL_TORNDOWN)
		first += 2 * JUNK;
	hostile_number(h, HOSTILE_ANSWERS, number(h, first), NULL);
	junk = 2 + hostile_draw(h, JUNK - 1);
	for (u32 i = 0; i < junk; i++) {
		hostile_number(h, HOSTILE_ANSWERS, number(h, first + i), "a wrong answer");
		junk_answer(h, msg, size);
	}
	switch (type) {
	case CHANNELMSG_GPADL_CREATED:
		h->gpadl = get32((const u8 *)msg + 12);
		if (h->plan == REFUSE_GPADL)
			refuse_gpadl(h, msg);
		if (h->plan == REFUSE_GPADL || h->plan == GONE_AT_GPADL)
			vmbus_rescind(ch);
		return h->plan == REFUSE_GPADL || h->plan == GONE_AT_GPADL;
	case CHANNELMSG_OPENCHANNEL_RESULT:
		if (h->plan == GONE_AT_OPEN)
			vmbus_rescind(ch);
		return h->plan == GONE_AT_OPEN;
	}
	hostile_send(h, msg, size);
	vmbus_rescind(ch);
	return 1;
}

/* ---- packets; ids and operations are unused ones unless the kind says otherwise */

static void packet(struct hostile *h, u16 type, u64 id, u32 op, u32 len)
{
	u8 data[256];

	for (u32 i = 0; i < sizeof(data); i += 4)
		put32(data + i, hostile_op(h));
	put32(data, op);
	if (h->silent)
		return;
	hostile_tell(h, "packet of type %u, id %llx, operation %x, %u bytes", type,
		     (unsigned long long)id, op, len);
	channel_send(h->ch, type, 0, id, NULL, 0, data, len);
	h->packets++;
}

static void no_operation(struct hostile *h)
{
	packet(h, VM_PKT_COMP, hostile_id(h), hostile_op(h), 64);
}

static void unasked_completion(struct hostile *h)
{
	packet(h, VM_PKT_COMP, hostile_draw(h, 2) ? hostile_id(h) : 1 + hostile_draw(h, 4096),
	       VSTOR_OPERATION_COMPLETE_IO, 64);
}

static void short_packet(struct hostile *h)
{
	packet(h, VM_PKT_COMP, hostile_id(h), hostile_op(h), 8 + 8 * hostile_draw(h, 6));
}

static void unknown_type(struct hostile *h)
{
	packet(h, 16 + hostile_draw(h, 0xfff0), hostile_id(h), hostile_op(h), 64);
}

static void without_id(struct hostile *h)
{
	packet(h, VM_PKT_DATA_INBAND, 0, VSTOR_OPERATION_COMPLETE_IO, 64);
}

static void head_beyond_packet(struct hostile *h)
{
	hostile_packet(h, hostile_draw(h, 2) ? 11 + hostile_draw(h, 0xfff4) : hostile_draw(h, 2),
		       10);
}

/* The pending send size. */
static void pending_size(struct hostile *h)
{
	hostile_index(h, &h->ch->out, 12);
}

const struct hostile_kind hostile_packet_kinds[] = {
	{ "packets with an invalid operation", no_operation, 0 },
	{ "unsolicited completions", unasked_completion, 1 },
	{ "packets that are too short", short_packet, 0 },
	{ "packets of an unknown type", unknown_type, 0 },
	{ "completions without an id", without_id, 1 },
	{ "packets with a descriptor longer than the packet", head_beyond_packet, 1 },
	{ "pending send sizes", pending_size, 0 },
	{ NULL, NULL, 0 },
};

#define PACKET_KINDS (ARRAY_SIZE(hostile_packet_kinds) - 1)

/* Fail the request, so that the guest gives up the disk. */
static void refuse(struct hostile *h, u64 id)
{
	struct vstor_packet failed = { .op = VSTOR_OPERATION_COMPLETE_IO,
				       .status = STOR_STATUS_FAILED };

	channel_send(h->ch, VM_PKT_COMP, 0, id, NULL, 0, &failed, sizeof(failed));
}

static void inject(struct hostile *h)
{
	u32 n;

	hostile_number(h, HOSTILE_PACKETS, number(h, 1), NULL);
	n = 4 + hostile_draw(h, 8);
	for (u32 i = 1; i <= n; i++)
		hostile_one_of(h, HOSTILE_PACKETS, number(h, i), hostile_packet_kinds,
			       ARRAY_SIZE(hostile_packet_kinds) - 1);
	h->over = 1;
}

static void signalled(struct channel *ch)
{
	struct hostile *h = ((struct storvsc *)ch->device)->arg;
	struct packet p;

	while (h->plan == PACKETS && channel_recv(ch, &p, buffer, sizeof(buffer)) > 0) {
		if (h->steps++ < h->after) {
			storvsc_receive(ch, &p);
			continue;
		}
		if (!h->over)
			inject(h);
		refuse(h, p.id);
	}
	h->bus->ops->interrupt(h->bus->world, ch->vp, ch->relid);
}

static int opened(struct channel *ch)
{
	struct hostile *h = ((struct storvsc *)ch->device)->arg;

	return h->plan == PACKETS ? h->normal->open(ch) : -1;
}

static void closed(struct channel *ch)
{
	struct hostile *h = ((struct storvsc *)ch->device)->arg;

	/* a refused open ends here too, and is not the end of the round */
	if (h->plan == PACKETS)
		vmbus_rescind(ch);
}

static void released(struct channel *ch)
{
	struct storvsc *disk = ch->device;
	struct hostile *h = disk->arg;

	disk->ch = h->ch = NULL;
	if (h->rounds)
		next_round(h);
}

static const struct channel_ops ops = {
	.open = opened,
	.signal = signalled,
	.close = closed,
	.released = released,
};

/* Is MSG of the guest about the victim? */
int hostile_disk_message(struct hostile *h, const void *msg, u32 size)
{
	return h->rounds && h->victim.ch && size >= sizeof(struct vmbus_relid) &&
		((const struct vmbus_relid *)msg)->relid == h->victim.ch->relid;
}

/* 4.19 does not close a channel whose probe failed: rescind it. */
static void give_up(void *arg)
{
	struct hostile *h = arg;

	if (h->victim.ch && !h->victim.ch->rescinded) {
		vmbus_rescind(h->victim.ch);
		timer_set(h->loop, &h->timer, HOSTILE_LIMIT);
	} else {
		hostile_end(h, "the guest did not release a disk");
	}
}

static void offer_victim(struct hostile *h)
{
	static const char *const plans[] = {
		[REFUSE_GPADL] = "its GPADL is refused",
		[REFUSE_OPEN] = "its open is refused",
		[GONE_AT_GPADL] = "it is rescinded instead of an answer to its GPADL",
		[GONE_AT_OPEN] = "it is rescinded instead of an answer to its open",
		[PACKETS] = "its initialization fails",
	};

	if (h->plan != PACKETS)
		h->plan = (h->round - 1) % PLANS;
	hostile_number(h, row_of(h), number(h, 0), "a disk");
	h->steps = h->over = 0;
	h->after = hostile_draw(h, INIT_STEPS);
	hostile_tell(h, "%s after %d answers", plans[h->plan], h->plan == PACKETS ? h->after : 0);
	h->gpadl = 0;
	h->timer.fire = give_up;
	timer_set(h->loop, &h->timer, h->plan == PACKETS && h->trusting ? GIVE_UP : HOSTILE_LIMIT);
	if (storvsc_offer(&h->victim, h->bus, h->mem, FIRST_INSTANCE + h->round)) {
		hostile_end(h, "no channel is free");
		return;
	}
	h->normal = h->victim.ch->ops;
	h->victim.ch->ops = &ops;
	h->ch = h->victim.ch;
	h->victim.arg = h;
}

/* Rounds of which nothing is sent are left out. */
static void next_round(struct hostile *h)
{
	do {
		h->round++;
	} while (h->round <= h->rounds &&
		 !hostile_plays(h, row_of(h), number(h, 0), number(h, ROUND - 1)));
	if (h->round <= h->rounds)
		offer_victim(h);
	else
		hostile_end(h, NULL);
}

static int begin(struct hostile *h, int rounds, int plan)
{
	if (h->waiting || h->rounds || h->victim.ch)
		return -1;
	h->bus->tamper = tamper;
	h->rounds = rounds;
	h->round = 0;
	h->plan = plan;
	next_round(h);
	return 0;
}

int hostile_answers(struct hostile *h, int rounds)
{
	return begin(h, rounds, 0);
}

int hostile_packets(struct hostile *h, int rounds)
{
	return begin(h, rounds, PACKETS);
}
