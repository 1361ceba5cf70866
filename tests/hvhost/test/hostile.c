// SPDX-License-Identifier: GPL-2.0
/*
 * The hostile host against a minimal guest that releases what it is offered: everything
 * is drawn from the seed, real channels are left alone, and the guest's messages about
 * hostile channels are not counted as invalid.
 */
#define _GNU_SOURCE
#include "guest.h"
#include "../hostile.h"
#include "../proto/storvsc.h"
#include "../proto/vpci.h"
#include "../stream.h"

#define MESSAGES   2000
#define GUEST_SOCK 0x180 /* page number of the rings of a stream */

static struct loop loop;
static struct hostile hostile;
static struct vmbus_ops world;
static u64 sum;
static u32 said, strange, flags, others;
static int ended;
static const char *why;
/* what came, in its order: a sum of each message, and the number that was being sent */
static u64 heard[4 * MESSAGES];
static u32 heard_number[4 * MESSAGES];
static u32 events;

static void remember(const void *bytes, u32 size)
{
	u64 n = size;

	for (u32 i = 0; i < size; i++)
		n = n * 31 + ((const u8 *)bytes)[i];
	if (events < ARRAY_SIZE(heard)) {
		heard[events] = n;
		heard_number[events++] = hostile.number;
	}
}

static void hear(void *w, u32 vp, const void *msg, u32 size)
{
	u32 type = size >= 8 ? get32(msg) : 0, relid = size >= 12 ? get32((u8 *)msg + 8) : 0;

	said++;
	remember(msg, size);
	strange += size > 240;
	for (u32 i = 0; i < size; i++)
		sum = sum * 31 + ((const u8 *)msg)[i];
	guest_send_msg(w, vp, msg, size >= 12 ? size : 8);
	if (type == CHANNELMSG_RESCIND_CHANNELOFFER && size == sizeof(struct vmbus_relid) &&
	    !hostile.victim.ch)
		others += relid && relid < 1024;
	if (type == CHANNELMSG_OFFERCHANNEL && size == sizeof(struct vmbus_channel_offer_channel) &&
	    hostile.messages < MESSAGES) {
		relid = ((const struct vmbus_channel_offer_channel *)msg)->relid;
		others += relid && relid < 1024;
	}
}

static void flag(void *w, u32 vp, u32 relid)
{
	(void)w;
	(void)vp;
	flags++;
	remember(&relid, sizeof(relid));
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
	is(hostile_messages(&hostile, MESSAGES), 0, "messages start");
	is(hostile.messages, MESSAGES, "all of them are sent");
	is(hostile_messages(&hostile, 1), ended ? 0 : -1,
	   "a second run is refused until the guest is done");
	/* a trusting guest releases all, others not those out of range */
	for (int i = 0; i < hostile.owned; i++)
		give_back(hostile.own[i].offer.relid);
	is(ended, 1, "done() is called when everything is released");
	ok(!why, "without an error");
	return sum;
}

static void control(void)
{
	u64 first = messages(7, 0);

	is(messages(7, 0), first, "the same seed sends the same bytes");
	ok(messages(8, 0) != first, "another seed does not");
	ok(messages(7, 1) != first, "a trusting guest is not sent all kinds");
	is(others, 0, "no message is about a real channel");
	is(strange, 0, "no message is longer than 240 bytes");
	is(bus.bad, 0, "releasing them is not counted as invalid");
	hostile.trusting = 0;
	give_back(700);
	is(bus.bad, 1, "releasing a channel that was not offered is");
	is(strcmp(hostile_left_out(0), "offers that are too short"), 0,
	   "kinds that are left out have names");
	is(hostile_left_out(100) == NULL, 1, "the list ends");
}

/* Fewer messages of the seed: each is as it was among all of them. */
static void fewer(void)
{
	static const u32 sent[] = { 5, 17, 18, 19, 1000, 2000 };
	static u64 whole[MESSAGES];
	int same = 0, right = 0, offers_sent = 0;

	events = 0;
	messages(7, 0);
	memcpy(whole, heard, sizeof(whole));
	is(hostile_only(&hostile, "messages:5,17-19,1000,2000"), 0, "six of the messages");
	hostile_init(&hostile, &bus, &mem, &loop, 7);
	hostile.messages = events = ended = 0;
	is(hostile_messages(&hostile, MESSAGES), 0, "they start");
	is(hostile.messages, ARRAY_SIZE(sent), "six are sent");
	for (size_t i = 0; i < ARRAY_SIZE(sent); i++) {
		same += heard[i] == whole[sent[i] - 1];
		right += heard_number[i] == sent[i];
	}
	is(right, ARRAY_SIZE(sent), "those that were named");
	is(same, ARRAY_SIZE(sent), "with the bytes that they had among all");
	for (int i = 0; i < hostile.owned; i++)
		offers_sent += hostile.own[i].sent;
	is(events, ARRAY_SIZE(sent) + offers_sent, "only offers that were sent are rescinded");
	ok(offers_sent < hostile.owned, "%d of %d", offers_sent, hostile.owned);
	for (int i = 0; i < hostile.owned; i++)
		if (hostile.own[i].sent)
			give_back(hostile.own[i].offer.relid);
	is(ended, 1, "done() is called when these are released");

	is(hostile_only(&hostile, "messages:all"), 0, "all, in a replay");
	events = hostile.messages = ended = 0;
	hostile_messages(&hostile, MESSAGES);
	is(hostile.messages, MESSAGES, "are all");
	is(memcmp(heard, whole, sizeof(whole)), 0, "and the same");
	for (int i = 0; i < hostile.owned; i++)
		give_back(hostile.own[i].offer.relid);

	is(hostile_only(&hostile, "answers:1"), 0, "one of another row");
	events = hostile.messages = ended = 0;
	is(hostile_messages(&hostile, MESSAGES), 0, "no message");
	is(events + hostile.messages, 0, "is sent");
	is(ended, 1, "and the row ends");
	ended = 0;
	is(hostile_packets(&hostile, 6), 0, "no packet is, either");
	is(ended, 1, "without a disk");
}

static void numbers(void)
{
	static const char *const wrong[] = {
		"",
		"messages",
		":1",
		"messages:",
		"messages:0",
		"messages:x",
		"messages:1,",
		"messages:5-3",
		"messages:1-",
		"messages:2048",
		"message:1",
		"messagess:1",
		"messages:1 2",
		"nothing:1",
		"messages:-1",
		"messages:1;",
		"messages:all2",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		ok(hostile_only(&hostile, wrong[i]) == -1, "\"%s\" is refused", wrong[i]);
	is(hostile_only(&hostile, "streams:1-3,7"), 0, "numbers and ranges");
	is(hostile_plays(&hostile, HOSTILE_STREAMS, 4, 6), 0, "what is between them is left out");
	is(hostile_plays(&hostile, HOSTILE_STREAMS, 4, 7), 1, "they are not");
	is(hostile_plays(&hostile, HOSTILE_PACKETS, 1, 7), 0, "nor is another row sent");
	hostile.replays = 0;
	is(hostile_plays(&hostile, HOSTILE_PACKETS, 1, 7), 1, "without the option all are");
}

/* Round 3 of the disks alone, of which two answers are sent. */
static void one_disk(void)
{
	struct channel *ch;
	int before = offers;

	is(hostile_only(&hostile, "answers:66,67"), 0, "two answers of the third disk");
	ended = 0;
	hostile.answers = 0;
	is(hostile_answers(&hostile, 8), 0, "they start");
	is(offers, before + 1, "with one disk");
	ch = hostile.victim.ch;
	guest_open(ch);
	is(hostile.answers, 2, "that gets two wrong answers");
	give_back(ch->relid);
	is(ended, 1, "and is the last");
	is(offers, before + 1, "there is no other");
	hostile.replays = 0;
}

/* The guest opens each disk, and releases it when it is rescinded. */
static void answers(void)
{
	int before = rescinds, refused = 0;
	u64 bad;

	ended = 0;
	is(hostile_answers(&hostile, 8), 0, "answers start");
	is(hostile_answers(&hostile, 8), -1, "a second run is refused");
	bad = bus.bad;
	for (int i = 0; i < 8 && !ended; i++) {
		struct channel *ch = hostile.victim.ch;

		before = rescinds;
		refused += guest_open(ch) != 0;
		if (rescinds == before) {
			struct vmbus_channel_gpadl_teardown t = {
				.h.type = CHANNELMSG_GPADL_TEARDOWN,
				.relid = ch->relid,
				.gpadl = 0xe1e10 + ch->relid,
			};

			guest_post(&t, sizeof(t));
		}
		ok(rescinds > before, "disk %d is rescinded", i + 1);
		give_back(ch->relid);
	}
	is(ended, 1, "done() is called after the last");
	is(refused, 8, "no open succeeded");
	ok(hostile.answers >= 24, "%u invalid answers", hostile.answers);
	is(bus.bad, bad, "nothing is counted as invalid");
}

static void packets(void)
{
	struct vstor_packet s = { .op = VSTOR_OPERATION_BEGIN_INITIALIZATION };
	struct vmbus_relid gone = { .h.type = CHANNELMSG_CLOSECHANNEL };
	struct packet p;

	ended = 0;
	is(hostile_packets(&hostile, 6), 0, "packets start");
	for (int i = 0; i < 6 && !ended; i++) {
		struct channel *ch = hostile.victim.ch;
		int fine = 0;

		last_status = 0;
		is(guest_open(ch), 0, "a disk is opened");
		for (u32 op = 0; op < 5; op++) {
			static const u32 ops[] = { VSTOR_OPERATION_BEGIN_INITIALIZATION,
						   VSTOR_OPERATION_QUERY_PROTOCOL_VERSION,
						   VSTOR_OPERATION_QUERY_PROPERTIES,
						   VSTOR_OPERATION_END_INITIALIZATION,
						   VSTOR_OPERATION_END_INITIALIZATION };

			s.op = ops[op];
			s.version = 0x0602;
			guest_write(VM_PKT_DATA_INBAND, 3, NULL, 0, &s, sizeof(s));
			while (guest_read(&p))
				fine += p.id == 3 && p.len == sizeof(s) &&
					((struct vstor_packet *)p.data)->status == STOR_STATUS_OK;
		}
		ok(fine < 4, "its initialization fails after %d steps", fine);
		gone.relid = ch->relid;
		guest_post(&gone, sizeof(gone));
		give_back(ch->relid);
	}
	is(ended, 1, "done() is called after the last");
	ok(hostile.packets >= 24, "%u invalid packets", hostile.packets);
}

static void streams(void)
{
	struct vmbus_channel_tl_connect_request request = { .h.type =
								    CHANNELMSG_TL_CONNECT_REQUEST };
	u32 before;

	is(hostile_connect(&hostile, &request), 0, "a stream to another port is not handled");
	put32(request.service.b, PORT_HOSTILE);
	for (int i = 0; i < 200; i++) {
		struct channel *ch;

		is(hostile_connect(&hostile, &request), 1, "a stream is offered");
		ch = hostile.ch;
		before = hostile.packets;
		guest_open_at(ch, GUEST_SOCK);
		ok(hostile.packets > before, "invalid packets are sent once it is open");
		before = rescinds;
		ch->ops->signal(ch);
		is(rescinds, before + 1, "it is rescinded at the next signal");
		give_back(ch->relid);
	}
	hostile_hang_up(&hostile);
	is(hostile.ch == NULL, 1, "the last stream is gone");
	is(hostile_only(&hostile, "streams:5"), 0, "the first packet of the second stream");
	hostile.streams = 0;
	for (u32 i = 0; i < 3; i++) {
		hostile_connect(&hostile, &request);
		before = hostile.packets;
		guest_open_at(hostile.ch, GUEST_SOCK);
		if (i == 1)
			ok(hostile.packets > before, "it is sent");
		else
			ok(hostile.packets == before, "stream %u has none", i + 1);
		give_back(hostile.ch->relid);
	}
	hostile.replays = 0;
}

static struct vpci_root pci_root;
static u32 ejects, ours, relations, completions;
static u64 packet_sum;

/* Take what a PCI bus has sent. Nothing may be about the function that it has, in slot 0. */
static void hear_pci(void)
{
	struct packet p;

	while (guest_read(&p)) {
		for (u32 i = 0; i < p.len; i++)
			packet_sum = packet_sum * 31 + p.data[i];
		completions += p.type == VM_PKT_COMP;
		if (p.type != VM_PKT_DATA_INBAND || p.len < 8)
			continue;
		relations += get32(p.data) == PCI_BUS_RELATIONS2;
		if (get32(p.data) == PCI_EJECT) {
			ejects++;
			ours += !(get32(p.data + 4) & 0xe0); /* its number is 0 */
		}
	}
}

static void ask_pci(const void *msg, u32 len)
{
	static u64 id;

	guest_write(VM_PKT_DATA_INBAND, ++id, NULL, 0, msg, len);
	hear_pci();
}

/* Start the bus as a guest does, and let its time run out. */
static void start_pci(struct channel *ch)
{
	struct pci_version_request version = { PCI_QUERY_PROTOCOL_VERSION,
					       PCI_PROTOCOL_VERSION_1_4 };
	struct pci_child_message child = { PCI_QUERY_RESOURCE_REQUIREMENTS, 0 };
	struct pci_bus_d0_entry d0 = { .type = PCI_BUS_D0ENTRY, .mmio_base = 0xe0000000 };
	struct vmbus_relid gone = { .h.type = CHANNELMSG_CLOSECHANNEL, .relid = ch->relid };
	struct vmbus_channel_gpadl_teardown t = { .h.type = CHANNELMSG_GPADL_TEARDOWN,
						  .relid = ch->relid,
						  .gpadl = GUEST_GPADL(ch) };
	u32 unknown = 0x4249ffff, no_type = 0;

	guest_open(ch);
	ask_pci(&version, sizeof(version));
	ask_pci(&d0, sizeof(d0));
	for (int i = 0; i < 3; i++)
		ask_pci(&child, sizeof(child));
	ask_pci(&unknown, sizeof(unknown));
	ask_pci(&no_type, sizeof(no_type));
	hostile.timer.fire(hostile.timer.arg);
	hear_pci();
	guest_post(&gone, sizeof(gone));
	guest_post(&t, sizeof(t));
	give_back(ch->relid);
}

static u64 buses(u64 seed, int rounds)
{
	hostile_init(&hostile, &bus, &mem, &loop, seed);
	hostile.drawn = hostile.packets = ejects = ours = relations = completions = packet_sum =
		ended = 0;
	is(hostile_pci(&hostile, rounds), 0, "a PCI bus is offered");
	is(hostile_pci(&hostile, 1), -1, "a second run is refused");
	for (int i = 0; i < rounds && !ended; i++) {
		int before = rescinds;

		start_pci(hostile.ch);
		ok(rescinds == before + 1, "bus %d is rescinded", i + 1);
	}
	is(ended, 1, "done() is called after the last");
	ok(!why, "without an error");
	return packet_sum;
}

static void virtio(void)
{
	int plans[4] = { 0 };

	hostile.drawn = hostile.packets = ended = 0;
	is(hostile_virtio(&hostile, 4), 0, "a bus with a virtio card is offered");
	is(hostile.pci.function[0].f->device, 0x1041, "a network card");
	for (int i = 0; i < 4; i++) {
		plans[i] = hostile.card_plan;
		start_pci(hostile.ch);
	}
	ok(plans[0] == 1 && plans[1] == 2 && plans[2] == 1 && plans[3] == 2,
	   "its registers are wrong, or its rings, in turn");
	is(hostile.packets, 0, "the messages are right");
	is(ended, 1, "done() is called after the last");
}

static void pci(void)
{
	u64 first;

	is(hostile_pci(&hostile, 1), -1, "a guest without PCI gets no PCI bus");
	vpci_init(&pci_root, &bus, 1);
	pci_root.bad = 5;
	hostile.pci_root = &pci_root;
	first = buses(7, 40);
	is(buses(7, 40), first, "the same seed sends the same packets");
	ok(buses(8, 40) != first, "another seed does not");
	is(ours, 0, "the function in use is not ejected");
	ok(ejects && relations > 40 && completions > 240, "%u ejects, %u relations, %u completions",
	   ejects, relations, completions);
	ok(hostile.packets > 200, "%u invalid packets", hostile.packets);
	is(pci_root.bad, 5, "what the guest sent to it is not counted as invalid");
	is(pci_root.refused + pci_root.entries, 0, "nor as refused, nor as a start");
	virtio();
	is(hostile_pci(&hostile, 1), 0, "one more");
	hostile.timer.fire(hostile.timer.arg);
	hostile.timer.fire(hostile.timer.arg);
	ok(why && !strcmp(why, "the guest did not release a PCI bus"), "a bus that stays is told");
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
	if (disk_open(&hostile.victim_disk, path, 1 << 20))
		return 2;
	hostile.done = done_with;
	control();
	numbers();
	fewer();
	hostile.replays = 0;
	answers();
	one_disk();
	packets();
	streams();
	pci();
	vmbus_free(&bus);
	return done();
}
