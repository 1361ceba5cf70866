// SPDX-License-Identifier: GPL-2.0
/*
 * Mutations of valid messages. One device at a time comes, is valid but for a few messages of
 * which a field is changed (mutator.c), and goes: a disk, a network card whose frames come back;
 * every fifth is the heartbeat, which stays. Which field of which message it is, and its value,
 * is drawn for each mutation from its number, before the device comes.
 */
#define _GNU_SOURCE
#include "hostile.h"
#include "proto/netvsc.h"
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define INSTANCE      0x4d000000 /* and the round; the guest's load looks for the 4d */
#define ROUNDS	      ((HOSTILE_NUMBERS - 1) / HOSTILE_MUTATIONS)
#define TICK	      500   /* ms */
#define STARTED	      12000 /* ms from the offer, when the guest never says anything */
#define QUIET	      4000  /* ms without a signal: it has scanned its disk, or set its card up */
#define SETTLED	      14000 /* the same after a reset, after which Linux waits 10 s */
#define DEVICE_TIME   18000 /* at most */
#define BEATS	      40
#define BEAT_TICK     100
#define TURN	      32	  /* frames before others have the lock */
#define STOR_INIT_ID  (~0ull)	  /* Linux's since 5.11: of its initialization, */
#define STOR_RESET_ID (~0ull - 1) /* and of a reset */

static void next_device(struct hostile *h);

static u32 number(const struct hostile *h, u32 n)
{
	return 1 + (h->mutants.round - 1) * HOSTILE_MUTATIONS + n;
}

static u64 draw(void *h, u64 limit)
{
	return hostile_draw(h, limit);
}

/* Any field of a message that the device gets. */
static void plan(struct hostile *h)
{
	struct mutants *m = &h->mutants;

	for (u32 i = 0; i < HOSTILE_MUTATIONS; i++) {
		const struct mutant_field *field;

		hostile_number(h, HOSTILE_MUTANTS, number(h, i), NULL);
		do {
			field = mutator_field(hostile_draw(h, mutator_fields));
		} while (!mutant_spread[field->type][m->device]);
		m->plan[i] = (struct mutation){
			.field = field,
			.nth = hostile_draw(h, mutant_spread[field->type][m->device]),
		};
		m->plan[i].drawn = h->drawn;
	}
}

/*
 * Change COPY, a message of this TYPE, if that is planned: returns its mutation, or NULL. One that
 * is left out takes its message all the same, so that the others have theirs.
 */
static struct mutation *change(struct hostile *h, int type, struct mutant *copy)
{
	static const char *const orders[] = { "", ", before the right one", "" };
	struct mutants *m = &h->mutants;
	u32 nth = m->seen[type]++;

	for (u32 i = 0; i < m->rate; i++) {
		struct mutation *mutation = &m->plan[i];
		const struct mutant_field *field = mutation->field;
		u64 was, is;

		if (mutation->done || field->type != type || mutation->nth > nth)
			continue;
		hostile_number(h, HOSTILE_MUTANTS, number(h, i), mutant_names[type]);
		h->drawn = mutation->drawn;
		if (mutator_change(field, copy, draw, h, &was, &is))
			continue;
		mutation->done = 1;
		if (h->silent)
			return NULL;
		m->done++;
		note("hostile mutants:%u: %s %u: %s: 0x%llx, was 0x%llx%s", h->number,
		     mutant_names[type], nth, field->name, (unsigned long long)is,
		     (unsigned long long)was, orders[field->order]);
		return mutation;
	}
	return NULL;
}

/* ---- messages of the bus */

static int created_for(const struct mutants *m, u32 gpadl)
{
	for (u32 i = 0; i < m->gpadls; i++)
		if (m->gpadl[i] == gpadl)
			return 1;
	return 0;
}

/* The type of a message about the device, or -1. */
static int type_of(struct mutants *m, const void *msg, u32 size)
{
	u32 relid;

	if (m->offering)
		return MUTANT_OFFER;
	if (!m->ch || size < sizeof(struct vmbus_relid))
		return -1;
	relid = ((const struct vmbus_relid *)msg)->relid;
	switch (get32(msg)) {
	case CHANNELMSG_RESCIND_CHANNELOFFER:
		return relid == m->ch->relid ? MUTANT_RESCIND : -1;
	case CHANNELMSG_OPENCHANNEL_RESULT:
		return relid == m->ch->relid ? MUTANT_OPENED : -1;
	case CHANNELMSG_GPADL_CREATED:
		if (relid != m->ch->relid)
			return -1;
		if (m->gpadls < ARRAY_SIZE(m->gpadl))
			m->gpadl[m->gpadls++] =
				((const struct vmbus_channel_gpadl_created *)msg)->gpadl;
		return MUTANT_CREATED;
	case CHANNELMSG_GPADL_TORNDOWN:
		return created_for(m, relid) ? MUTANT_TORNDOWN : -1;
	}
	return -1;
}

static int tamper(void *arg, const void *msg, u32 size)
{
	struct hostile *h = arg;
	struct mutation *mutation = NULL;
	struct mutant copy = { .len = size };
	int type = type_of(&h->mutants, msg, size);

	memcpy(copy.data, msg, size);
	if (type >= 0)
		mutation = change(h, type, &copy);
	if (!mutation)
		return 0;
	hostile_send(h, copy.data, copy.len);
	/* the guest takes the pages of the rings back */
	if (type == MUTANT_OPENED && mutation->field->order == MUTANT_INSTEAD)
		vmbus_close(h->mutants.ch);
	return mutation->field->order == MUTANT_INSTEAD;
}

/* What the guest posts about the device. A release that got lost would never come again. */
static u64 refuse(void *arg, const void *msg, u32 size)
{
	struct hostile *h = arg;
	struct mutant status = { .len = 8 };

	(void)size;
	if (h->mutants.ch)
		h->mutants.heard = now_ns();
	switch (get32(msg)) {
	case CHANNELMSG_OPENCHANNEL:
	case CHANNELMSG_CLOSECHANNEL:
	case CHANNELMSG_GPADL_HEADER:
	case CHANNELMSG_GPADL_TEARDOWN:
		break;
	default:
		return 0;
	}
	if (!h->mutants.ch || ((const struct vmbus_relid *)msg)->relid != h->mutants.ch->relid)
		return 0;
	change(h, MUTANT_RESULT, &status);
	return get64(status.data);
}

/* Is MSG of the guest about the device? A body names a GPADL only, which may have been refused. */
int hostile_mutant_message(struct hostile *h, const void *msg, u32 size)
{
	const struct mutants *m = &h->mutants;

	return m->ch && size >= sizeof(struct vmbus_relid) &&
		(((const struct vmbus_relid *)msg)->relid == m->ch->relid ||
		 get32(msg) == CHANNELMSG_GPADL_BODY);
}

/* ---- packets */

static int storvsc_type(struct mutants *m, const struct outgoing *packet)
{
	const struct vstor_packet *answer = packet->data;

	if (packet->type != VM_PKT_COMP || packet->len != sizeof(*answer))
		return -1;
	if (packet->id == STOR_RESET_ID) {
		m->settles = 1;
		return -1;
	}
	if (packet->id != STOR_INIT_ID)
		return MUTANT_COMPLETED;
	return answer->properties.max_transfer_bytes ? MUTANT_PROPERTIES : MUTANT_INITIALIZED;
}

static int netvsc_type(const struct outgoing *packet)
{
	if (packet->type == VM_PKT_DATA_USING_XFER_PAGES)
		return MUTANT_RECEIVED;
	switch (get32(packet->data)) {
	case NVSP_MSG_TYPE_INIT_COMPLETE:
		return MUTANT_VERSION;
	case NVSP_MSG1_TYPE_SEND_RECV_BUF_COMPLETE:
		return MUTANT_RECEIVE_BUFFER;
	case NVSP_MSG1_TYPE_SEND_SEND_BUF_COMPLETE:
		return MUTANT_SEND_BUFFER;
	case NVSP_MSG1_TYPE_SEND_RNDIS_PKT_COMPLETE:
		return MUTANT_SENT;
	}
	return -1;
}

static int packet_type(struct mutants *m, const struct channel *ch, const struct outgoing *packet)
{
	if (!ch || ch != m->ch)
		return -1;
	switch (m->device) {
	case MUTANT_DISK:
		return storvsc_type(m, packet);
	case MUTANT_CARD:
		return netvsc_type(packet);
	default:
		return MUTANT_BEAT;
	}
}

static int alter(void *arg, struct channel *ch, const struct outgoing *packet, int *rc)
{
	struct hostile *h = arg;
	struct mutant copy = { .type = packet->type,
			       .id = packet->id,
			       .extra_len = packet->extra_len,
			       .len = packet->len };
	struct outgoing altered = *packet;
	struct mutation *mutation;
	int type = packet_type(&h->mutants, ch, packet);

	/* the packet of a changed message is not counted, or leaving it out changed others */
	if (type == MUTANT_RECEIVED && h->mutants.extra) {
		h->mutants.extra = 0;
		return 0;
	}
	/* without room for two the right one would get lost */
	if (type < 0 || packet->len > sizeof(copy.data) || packet->extra_len > sizeof(copy.extra) ||
	    ring_room(&ch->out) < 2 * (packet->extra_len + packet->len + 32))
		return 0;
	if (packet->extra_len)
		memcpy(copy.extra, packet->extra, packet->extra_len);
	memcpy(copy.data, packet->data, packet->len);
	mutation = change(h, type, &copy);
	if (!mutation)
		return 0;
	altered.type = copy.type;
	altered.id = copy.id;
	altered.extra = copy.extra;
	altered.data = copy.data;
	altered.len = copy.len;
	*rc = channel_write(ch, &altered);
	return mutation->field->order == MUTANT_INSTEAD;
}

/* ---- a disk */

static int data_type(const u8 *cdb)
{
	switch (cdb[0]) {
	case INQUIRY:
		return cdb[1] & 1 ? MUTANT_VPD : MUTANT_INQUIRY;
	case SERVICE_ACTION_IN_16:
		return MUTANT_CAPACITY;
	case MODE_SENSE:
	case MODE_SENSE_10:
		return MUTANT_MODE;
	case REPORT_LUNS:
		return MUTANT_LUNS;
	}
	return -1;
}

static void filled(void *arg, const u8 *cdb, u32 len, struct sg *sg)
{
	struct mutant copy = { .len = len };
	int type = data_type(cdb);

	if (type < 0 || len > sizeof(copy.data) || sg_from_guest(sg, copy.data, len) != len)
		return;
	if (change(arg, type, &copy))
		sg_to_guest(sg, copy.data, len);
}

static void too_late(void *arg)
{
	((struct hostile *)arg)->mutants.running = 0;
	hostile_end(arg, "the guest did not release a device with changed messages");
}

static void withdraw(struct hostile *h)
{
	h->timer.fire = too_late;
	timer_set(h->loop, &h->timer, HOSTILE_LIMIT);
	vmbus_rescind(h->mutants.ch);
}

/*
 * A request that is under way when its channel goes never ends, and nor does a probe that waits
 * for an answer, so all wait until the guest is quiet: first the LUN, which Linux gives up without
 * another request, and then the channel.
 */
static void tick(void *arg)
{
	struct hostile *h = arg;
	struct mutants *m = &h->mutants;
	u64 now = now_ns(), quiet = (m->settles ? SETTLED : QUIET) * 1000000ull;

	timer_set(h->loop, &h->timer, TICK);
	if (now - m->began < DEVICE_TIME * 1000000ull &&
	    (m->heard ? now - m->heard < quiet : now - m->began < STARTED * 1000000ull))
		return;
	if (m->device == MUTANT_DISK && !m->detached) {
		m->detached = 1;
		m->settles = 0;
		m->heard = m->began = now;
		storvsc_detach(&m->scsi, 0);
		if (!m->scsi.changed) /* the guest was told */
			return;
	}
	withdraw(h);
}

static void signalled(struct channel *ch)
{
	struct hostile *h = ch->bus->hostile;

	h->mutants.heard = now_ns();
	h->normal->signal(ch);
}

/* From the offer on: the device's channel, and the time. */
static void watch(struct hostile *h, struct channel *ch)
{
	struct mutants *m = &h->mutants;

	h->normal = ch->ops;
	m->ops = *h->normal;
	m->ops.signal = signalled;
	ch->ops = &m->ops;
	m->ch = ch;
	m->settles = m->detached = 0;
	m->heard = 0;
	m->began = now_ns();
	h->timer.fire = tick;
	timer_set(h->loop, &h->timer, TICK);
}

static void end_round(void *arg)
{
	struct hostile *h = arg;
	struct mutants *m = &h->mutants;

	m->ch = NULL;
	if (m->device == MUTANT_CARD) {
		loop_forget(h->loop, m->card.tap.watch);
		m->card.tap.watch = NULL;
	}
	if (m->running)
		next_device(h);
}

static int offer_disk(struct hostile *h)
{
	struct mutants *m = &h->mutants;

	memset(&m->scsi, 0, sizeof(m->scsi));
	h->victim_disk.write_through = 1; /* a disk that goes gets no flush */
	storvsc_attach(&m->scsi, 0, &h->victim_disk);
	m->scsi.gone = end_round;
	m->scsi.filled = filled;
	m->scsi.arg = h;
	if (storvsc_offer(&m->scsi, h->bus, h->mem, INSTANCE | m->round))
		return -1;
	watch(h, m->scsi.ch);
	return 0;
}

/* ---- a card */

static int before(void *arg, u8 *msg, u32 *len)
{
	struct mutant copy = { .len = *len };
	int type = get32(msg) & RNDIS_MSG_COMPLETION ? MUTANT_RNDIS : MUTANT_FRAME;

	memcpy(copy.data, msg, *len);
	if (!change(arg, type, &copy))
		return 0;
	memcpy(msg, copy.data, copy.len);
	*len = copy.len;
	((struct hostile *)arg)->mutants.extra = 1;
	return 1;
}

/* Send each frame of the card back. */
static void echo(void *arg, u32 events)
{
	struct mutants *m = arg;
	u8 frame[NETTAP_FRAME];

	(void)events;
	for (int i = 0; i < TURN; i++) {
		ssize_t n = read(m->wire[1], frame, sizeof(frame));

		if (n <= 0 || write(m->wire[1], frame, n) != n)
			break;
	}
}

static int offer_card(struct hostile *h)
{
	struct mutants *m = &h->mutants;

	if (netvsc_init(&m->card, h->bus, h->loop, h->mem, m->wire[0], INSTANCE | m->round))
		return -1;
	m->card.gone = end_round;
	m->card.before = before;
	m->card.arg = h;
	watch(h, m->card.ch);
	return 0;
}

/* ---- the heartbeat */

/* What the guest answered is not its fault, nor are the versions that came of it. */
static void end_of_beats(void *arg)
{
	struct hostile *h = arg;
	struct ic_channel *now = &h->mutants.ic->heartbeat, *then = &h->mutants.heartbeat;

	now->framework = then->framework;
	now->message = then->message;
	now->bad = then->bad;
	end_round(h);
}

static void beat_tick(void *arg)
{
	struct hostile *h = arg;

	timer_set(h->loop, &h->timer, h->mutants.beats < BEATS ? BEAT_TICK : TICK);
	if (h->mutants.beats++ < BEATS)
		ic_beat(h->mutants.ic);
	else
		h->timer.fire = end_of_beats;
}

static void begin_beats(struct hostile *h)
{
	struct mutants *m = &h->mutants;

	m->heartbeat = m->ic->heartbeat;
	m->beats = 0;
	h->timer.fire = beat_tick;
	timer_set(h->loop, &h->timer, BEAT_TICK);
}

/* ---- rounds */

/* 0, or -1: there is no such device now */
static int begin_device(struct hostile *h)
{
	struct mutants *m = &h->mutants;
	int rc;

	memset(m->seen, 0, sizeof(m->seen));
	m->gpadls = 0;
	plan(h);
	if (m->device == MUTANT_HEARTBEAT) {
		if (!m->ic || !m->ic->heartbeat.ready)
			return -1;
		m->ch = m->ic->heartbeat.ch;
		begin_beats(h);
		return 0;
	}
	m->offering = 1;
	rc = m->device == MUTANT_DISK ? offer_disk(h) : offer_card(h);
	m->offering = 0;
	return rc;
}

static void end(struct hostile *h, const char *error)
{
	h->mutants.running = 0;
	h->bus->tamper = NULL;
	h->bus->alter = NULL;
	h->bus->refuse = NULL;
	hostile_end(h, error);
}

/* Devices of which no mutation is made are left out. */
static void next_device(struct hostile *h)
{
	static const enum mutant_device turns[] = { MUTANT_DISK, MUTANT_CARD, MUTANT_DISK,
						    MUTANT_CARD, MUTANT_HEARTBEAT };
	struct mutants *m = &h->mutants;

	while (h->round++ < h->rounds) {
		m->device = turns[m->round++ % ARRAY_SIZE(turns)];
		if (!hostile_plays(h, HOSTILE_MUTANTS, number(h, 0), number(h, m->rate - 1)))
			continue;
		if (begin_device(h))
			end(h, "a device with changed messages could not be offered");
		return;
	}
	end(h, NULL);
}

int hostile_mutants(struct hostile *h, int rounds)
{
	struct mutants *m = &h->mutants;

	if (h->trusting || h->waiting || h->rounds || h->victim.ch || h->pci.ch || m->ch ||
	    rounds < 1 || m->round + rounds > ROUNDS)
		return -1;
	hostile_hang_up(h);
	h->bus->tamper = tamper;
	h->bus->alter = alter;
	h->bus->refuse = refuse;
	m->running = 1;
	h->rounds = rounds;
	h->round = 0;
	next_device(h);
	return 0;
}

int hostile_mutants_init(struct hostile *h, struct ic *ic)
{
	struct mutants *m = &h->mutants;

	m->ic = ic;
	if (!m->rate)
		m->rate = HOSTILE_RATE;
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, m->wire))
		return error("socketpair: %s", strerror(errno));
	return loop_watch(h->loop, m->wire[1], EPOLLIN, echo, m) ? 0 : -1;
}
