// SPDX-License-Identifier: GPL-2.0
/*
 * The hostile host against a guest in miniature, which gives back what it is offered:
 * that all is drawn from the seed, that the channels of others are left alone, and
 * that what the guest says about it is not counted as its fault.
 */
#define _GNU_SOURCE
#include "guest.h"
#include "../hostile.h"
#include "../proto/storvsc.h"
#include "../stream.h"

#define MESSAGES	2000
#define GUEST_SOCK	0x180		/* page numbers: the rings of the stream */

static struct loop loop;
static struct hostile hostile;
static struct vmbus_ops world;
static u64 sum;
static u32 said, strange, flags, others;
static int ended;
static const char *why;

static void hear(void *w, u32 vp, const void *msg, u32 size)
{
	u32 type = size >= 8 ? get32(msg) : 0, relid = size >= 12 ? get32((u8 *)msg + 8) : 0;

	said++;
	strange += size > 240;
	for (u32 i = 0; i < size; i++)
		sum = sum * 31 + ((const u8 *)msg)[i];
	guest_send_msg(w, vp, msg, size >= 12 ? size : 8);
	if (type == CHANNELMSG_RESCIND_CHANNELOFFER && size == sizeof(struct vmbus_relid) && !hostile.victim.ch)
		others += relid && relid < 1024;
	if (type == CHANNELMSG_OFFERCHANNEL && size == sizeof(struct vmbus_channel_offer_channel) && hostile.messages < MESSAGES) {
		relid = ((const struct vmbus_channel_offer_channel *)msg)->relid;
		others += relid && relid < 1024;
	}
}

static void flag(void *w, u32 vp, u32 relid)
{
	(void)w;
	(void)vp;
	flags++;
	sum = sum * 31 + relid;
	others += relid && relid < 1024;
}

static void done_with(void *arg, const char *error)
{
	(void)arg;
	ended++;
	why = error;
}

static void give_back(u32 relid)
{
	struct vmbus_relid r = { .h.type = CHANNELMSG_RELID_RELEASED, .relid = relid };

	guest_post(&r, sizeof(r));
}

static u64 messages(u64 seed, int trusting)
{
	hostile_init(&hostile, &bus, &mem, &loop, seed);
	hostile.drawn = 0;
	hostile.trusting = trusting;
	hostile.messages = sum = said = ended = 0;
	is(hostile_messages(&hostile, MESSAGES), 0, "messages begin");
	is(hostile.messages, MESSAGES, "all of them are sent");
	is(hostile_messages(&hostile, 1), ended ? 0 : -1, "no more before the guest is done");
	/* a guest that does not check has found them all, others not those beyond */
	for (int i = 0; i < hostile.owned; i++)
		give_back(hostile.own[i].offer.relid);
	is(ended, 1, "the end is told when all is given back");
	ok(!why, "as a success");
	return sum;
}

static void control(void)
{
	u64 first = messages(7, 0);

	is(messages(7, 0), first, "the same seed is the same to the byte");
	ok(messages(8, 0) != first, "another is not");
	ok(messages(7, 1) != first, "a guest that trusts is spared some");
	is(others, 0, "no channel of another is meant");
	is(strange, 0, "no message is longer than a slot");
	is(bus.bad, 0, "what the guest gives back is not held against it");
	hostile.trusting = 0;
	give_back(700);
	is(bus.bad, 1, "but what nobody has offered is");
	is(strcmp(hostile_left_out(0), "offers that are too short"), 0, "what is left out is named");
	is(hostile_left_out(100) == NULL, 1, "up to the last of it");
}

/* The guest opens the disk as it is told to, and gives it back when it is to go. */
static void disks(void)
{
	struct vstor_packet s = { .op = VSTOR_OPERATION_BEGIN_INITIALIZATION };
	struct vmbus_relid gone = { .h.type = CHANNELMSG_CLOSECHANNEL };
	struct packet p;
	int before = rescinds, refused = 0;
	u64 bad;

	ended = 0;
	is(hostile_answers(&hostile, 8), 0, "answers begin");
	is(hostile_answers(&hostile, 8), -1, "one at a time");
	bad = bus.bad;
	for (int i = 0; i < 8 && !ended; i++) {
		struct channel *ch = hostile.victim.ch;

		before = rescinds;
		refused += guest_open(ch) != 0;
		if (rescinds == before) {
			struct vmbus_channel_gpadl_teardown t = {
				.h.type = CHANNELMSG_GPADL_TEARDOWN, .relid = ch->relid,
				.gpadl = 0xe1e10 + ch->relid,
			};

			guest_post(&t, sizeof(t));
		}
		ok(rescinds > before, "disk %d is taken away", i + 1);
		give_back(ch->relid);
	}
	is(ended, 1, "the last of them is the end");
	is(refused, 8, "none was opened");
	ok(hostile.answers >= 24, "%u answers were lies", hostile.answers);
	is(bus.bad, bad, "the guest is not blamed");

	ended = 0;
	is(hostile_packets(&hostile, 6), 0, "packets begin");
	for (int i = 0; i < 6 && !ended; i++) {
		struct channel *ch = hostile.victim.ch;
		int fine = 0;

		last_status = 0;
		is(guest_open(ch), 0, "this one is opened");
		for (u32 op = 0; op < 5; op++) {
			static const u32 ops[] = { VSTOR_OPERATION_BEGIN_INITIALIZATION, VSTOR_OPERATION_QUERY_PROTOCOL_VERSION, VSTOR_OPERATION_QUERY_PROPERTIES,
						   VSTOR_OPERATION_END_INITIALIZATION, VSTOR_OPERATION_END_INITIALIZATION };

			s.op = ops[op];
			s.version = 0x0602;
			guest_write(VM_PKT_DATA_INBAND, 3, NULL, 0, &s, sizeof(s));
			while (guest_read(&p))
				fine += p.id == 3 && p.len == sizeof(s) &&
					((struct vstor_packet *)p.data)->status == STOR_STATUS_OK;
		}
		ok(fine < 4, "and fails in its start, after %d steps", fine);
		gone.relid = ch->relid;
		guest_post(&gone, sizeof(gone));
		give_back(ch->relid);
	}
	is(ended, 1, "and the last is the end");
	ok(hostile.packets >= 24, "%u packets were lies", hostile.packets);
}

static void streams(void)
{
	struct vmbus_channel_tl_connect_request request = { .h.type = CHANNELMSG_TL_CONNECT_REQUEST };
	u32 before;

	is(hostile_connect(&hostile, &request), 0, "a stream to another port is not for it");
	put32(request.service.b, PORT_HOSTILE);
	for (int i = 0; i < 200; i++) {
		struct channel *ch;

		is(hostile_connect(&hostile, &request), 1, "a stream");
		ch = hostile.ch;
		before = hostile.packets;
		guest_open_at(ch, GUEST_SOCK);
		ok(hostile.packets > before, "is full of lies once it is open");
		before = rescinds;
		ch->ops->signal(ch);
		is(rescinds, before + 1, "and over when the guest says something");
		give_back(ch->relid);
	}
	hostile_hang_up(&hostile);
	is(hostile.ch == NULL, 1, "nothing is left");
}

int main(int argc, char **argv)
{
	char path[300];

	if (argc != 2 || loop_init(&loop))
		return 2;
	guest_start();
	world = *bus.ops;
	world.send = hear;
	world.interrupt = flag;
	bus.ops = &world;
	guest_contact();
	snprintf(path, sizeof(path), "%s/disk", argv[1]);
	if (storvsc_open_file(&hostile.victim, path, 1 << 20))
		return 2;
	hostile.done = done_with;
	control();
	disks();
	streams();
	vmbus_free(&bus);
	return done();
}
