// SPDX-License-Identifier: GPL-2.0
/*
 * The mutator: each field of the table changes what it names and nothing else; and a minimal guest
 * that uses a disk, a card and the heartbeat with changed messages: what is changed depends on the
 * seed, and on the numbers that are played. The table of what was changed is printed.
 */
#define _GNU_SOURCE
#include "guest.h"
#include "../hostile.h"
#include "../proto/netvsc.h"
#include "../proto/storvsc.h"

#define SEEDS	     200
#define DEVICES	     5 /* of a seed: two disks, two cards, the heartbeat */
#define RECEIVE_PAGE 0x280
#define SEND_PAGE    0x290
#define BEAT_RING    0x300
#define FIELDS	     256 /* of the table, at most */
#define DRAWS	     200 /* of a field */
#define REQUEST	     5
#define RATE	     12

static struct loop loop;
static struct hostile hostile;
static struct ic integration;
static struct ring beats_in, beats_out;
static struct vmbus_ops world;
static u32 refused, too_long, others, half_open, unanswered, miscounted;
static int ended;
static const char *why;
/* the log of one seed */
static char text[65536];
static u32 text_len, errors;
static u32 planned[FIELDS], changed[FIELDS];

static void take(const char *line, u32 len)
{
	errors += !!strstr(line, "error: ");
	if (strncmp(line, "hvhost: hostile mutants:", 24) || text_len + len >= sizeof(text))
		return;
	memcpy(text + text_len, line, len);
	text_len += len;
	text[text_len] = '\0';
}

static void hear(void *w, u32 vp, const void *msg, u32 size)
{
	u32 type = size >= 8 ? get32(msg) : 0, relid = size >= 12 ? get32((u8 *)msg + 8) : 0;

	too_long += size > 240;
	/* a device that is not changed: the other components */
	others += type == CHANNELMSG_RESCIND_CHANNELOFFER && relid &&
		(relid == integration.timesync.ch->relid ||
		 relid == integration.heartbeat.ch->relid);
	guest_send_msg(w, vp, msg, size >= 20 ? size : 8);
}

static void done_with(void *arg, const char *error)
{
	(void)arg;
	ended++;
	why = error;
}

/* As Linux does when the hypercall has a transient error. */
static void post(const void *msg, u32 size)
{
	for (int i = 0; i < 2; i++) {
		if (!vmbus_message(&bus, VMBUS_MESSAGE_CONNECTION_ID, msg, size))
			return;
		refused++;
	}
}

/* 0, or what the guest was told instead */
static u32 open_at(struct channel *ch, u64 first)
{
	struct vmbus_channel_open_channel o = {
		.h.type = CHANNELMSG_OPENCHANNEL,
		.relid = ch->relid,
		.openid = ch->relid,
		.gpadl = GUEST_GPADL(ch),
		.downstream = RING_PAGES,
	};

	for (u64 i = first; i < first + 2 * RING_PAGES; i++)
		memset(memory_at(&mem, i * PAGE_SIZE, PAGE_SIZE), 0, PAGE_SIZE);
	gpadl_send(post, ch->relid, o.gpadl, first, 2 * RING_PAGES);
	last_status = 1;
	post(&o, sizeof(o));
	half_open += (last_status == 0) != (ch->state == CHANNEL_OPEN);
	if (ch->state != CHANNEL_OPEN)
		return 1;
	ring_init(&to_host, ch->gpadl->page, RING_PAGES);
	ring_init(&from_host, ch->gpadl->page + RING_PAGES, RING_PAGES);
	opened_channel = ch;
	return 0;
}

static void about(u32 type, u32 relid, u32 gpadl)
{
	struct vmbus_channel_gpadl_teardown t = { .h.type = type, .relid = relid, .gpadl = gpadl };

	post(&t, sizeof(t));
}

/* Read what has come; how many packets are an answer with ID and LEN bytes? */
static u32 drain(u64 id, u32 len)
{
	struct packet p;
	u8 done[NVSP_SIZE] = { 0 };
	u32 answers = 0;

	put32(done, NVSP_MSG1_TYPE_SEND_RNDIS_PKT_COMPLETE);
	while (guest_read(&p)) {
		if (p.type == VM_PKT_DATA_USING_XFER_PAGES)
			guest_write(VM_PKT_COMP, p.id, NULL, 0, done, sizeof(done));
		answers += p.id == id && p.len == len;
	}
	return answers;
}

static void command(const u8 *cdb)
{
	struct vstor_packet s = { .op = VSTOR_OPERATION_EXECUTE_SRB };
	u8 extra[24] = { 0 };

	memcpy(s.srb.cdb, cdb, 16);
	s.srb.transfer = PAGE_SIZE;
	put32(extra + 4, 1);
	put32(extra + 8, PAGE_SIZE);
	put64(extra + 16, GUEST_DATA);
	guest_write(VM_PKT_DATA_USING_GPA_DIRECT, REQUEST, extra, sizeof(extra), &s, sizeof(s));
	unanswered += !drain(REQUEST, sizeof(s));
}

/* Initialize the controller, scan and read its disk, as Linux does. */
static void use_disk(void)
{
	static const u32 steps[] = { VSTOR_OPERATION_BEGIN_INITIALIZATION,
				     VSTOR_OPERATION_QUERY_PROTOCOL_VERSION,
				     VSTOR_OPERATION_QUERY_PROPERTIES,
				     VSTOR_OPERATION_END_INITIALIZATION };
	static const u8 cdbs[][16] = {
		{ INQUIRY },
		{ REPORT_LUNS },
		{ INQUIRY },
		{ INQUIRY, 1, 0 },
		{ INQUIRY, 1, 0x83 },
		{ INQUIRY, 1, 0xb0 },
		{ SERVICE_ACTION_IN_16, 0x10 },
		{ MODE_SENSE, 0, 0x3f },
		{ MODE_SENSE, 0, 8 },
		{ READ_10, 0, 0, 0, 0, 8, 0, 0, 8 },
	};
	struct vstor_packet s = { .version = 0x0602 };

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		s.op = steps[i];
		guest_write(VM_PKT_DATA_INBAND, ~0ull, NULL, 0, &s, sizeof(s));
		unanswered += !drain(~0ull, sizeof(s));
	}
	for (size_t i = 0; i < ARRAY_SIZE(cdbs); i++)
		command(cdbs[i]);
	for (int i = 0; i < 20; i++)
		command(cdbs[ARRAY_SIZE(cdbs) - 1]);
}

static void nvsp(u32 type, u32 first, u32 second)
{
	u8 msg[NVSP_SIZE] = { 0 };

	put32(msg, type);
	put32(msg + 4, first);
	put32(msg + 8, second);
	guest_write(VM_PKT_DATA_INBAND, REQUEST, NULL, 0, msg, sizeof(msg));
	unanswered += type != NVSP_MSG1_TYPE_REVOKE_RECV_BUF &&
		type != NVSP_MSG1_TYPE_REVOKE_SEND_BUF && !drain(REQUEST, sizeof(msg));
}

/* LEN bytes of an RNDIS message, with the words of BODY behind its length. */
static void rndis(u32 type, u32 len, u32 first, u32 second, u32 third, u32 fourth)
{
	u8 *data = memory_at(&mem, GUEST_DATA * PAGE_SIZE, PAGE_SIZE), extra[24] = { 0 };
	u8 msg[NVSP_SIZE] = { 0 };
	u32 words[] = { type, len, first, second, third, fourth };

	memset(data, 0, len);
	memcpy(data, words, sizeof(words));
	put32(extra + 4, 1);
	put32(extra + 8, len);
	put64(extra + 16, GUEST_DATA);
	put32(msg, NVSP_MSG1_TYPE_SEND_RNDIS_PKT);
	put32(msg + NVSP_RNDIS_SECTION, NETVSC_INVALID_INDEX);
	guest_write(VM_PKT_DATA_USING_GPA_DIRECT, REQUEST, extra, sizeof(extra), msg, sizeof(msg));
	unanswered += !drain(REQUEST, sizeof(msg));
}

/* Start the card, set it up, send some frames, which come back, and give the buffers back. */
static void use_card(u32 relid)
{
	nvsp(NVSP_MSG_TYPE_INIT, 0x60001, 0x60001);
	gpadl_send(post, relid, 99, RECEIVE_PAGE, 4);
	gpadl_send(post, relid, 101, SEND_PAGE, 4);
	nvsp(NVSP_MSG1_TYPE_SEND_RECV_BUF, 99, NETVSC_RECEIVE_BUFFER_ID);
	nvsp(NVSP_MSG1_TYPE_SEND_SEND_BUF, 101, 0);
	rndis(RNDIS_MSG_INIT, 24, 1, 1, 0, 0x4000);
	rndis(RNDIS_MSG_QUERY, 28, 2, RNDIS_OID_802_3_PERMANENT_ADDRESS, 0, 0);
	rndis(RNDIS_MSG_QUERY, 28, 3, RNDIS_OID_GEN_MEDIA_CONNECT_STATUS, 0, 0);
	rndis(RNDIS_MSG_QUERY, 28, 4, OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES, 0, 0);
	rndis(RNDIS_MSG_QUERY, 28, 5, RNDIS_OID_GEN_MAXIMUM_FRAME_SIZE, 0, 0);
	rndis(RNDIS_MSG_SET, 32, 6, RNDIS_OID_GEN_CURRENT_PACKET_FILTER, 4, 20);
	hostile.mutants.card.up = 1;
	for (int i = 0; i < 6; i++) {
		rndis(RNDIS_MSG_PACKET, RNDIS_PACKET_HEADER + 60, RNDIS_PACKET_HEADER - 8, 60, 0,
		      0);
		opened_channel->ops->signal(opened_channel);
		for (int turn = 0; turn < 3; turn++)
			loop_once(&loop, 0);
		drain(0, 0);
	}
	nvsp(NVSP_MSG1_TYPE_REVOKE_RECV_BUF, NETVSC_RECEIVE_BUFFER_ID, 0);
	nvsp(NVSP_MSG1_TYPE_REVOKE_SEND_BUF, 0, 0);
	about(CHANNELMSG_GPADL_TEARDOWN, relid, 99);
	about(CHANNELMSG_GPADL_TEARDOWN, relid, 101);
}

static void fire(void)
{
	hostile.mutants.heard = hostile.mutants.began = 0; /* as if the time had passed */
	hostile.timer.fire(hostile.timer.arg);
}

/* The device of this round, from its offer to its release. */
static void use_device(void)
{
	struct channel *ch = hostile.mutants.ch;
	int before = ended, released = rescinds;
	u32 relid = ch->relid;

	if (hostile.mutants.device == MUTANT_HEARTBEAT) {
		to_host = beats_in;
		from_host = beats_out;
		opened_channel = ch;
		for (int i = 0; i < 60 && ended == before; i++) {
			fire();
			drain(0, 0);
		}
		beats_in = to_host;
		beats_out = from_host;
		return;
	}
	if (!open_at(ch, GUEST_RING)) {
		if (hostile.mutants.device == MUTANT_DISK)
			use_disk();
		else
			use_card(relid);
	}
	while (rescinds == released)
		fire();
	about(CHANNELMSG_CLOSECHANNEL, relid, 0);
	about(CHANNELMSG_GPADL_TEARDOWN, relid, GUEST_GPADL(ch));
	about(CHANNELMSG_RELID_RELEASED, relid, 0);
}

/* Which of all fields is FIELD? */
static u32 index_of(const struct mutant_field *field)
{
	u32 n = 0;

	while (mutator_field(n) != field)
		n++;
	return n;
}

/* One of each device with this seed; the log is in text. Each must come to its end. */
static int play(u64 seed)
{
	struct mutants *m = &hostile.mutants;

	hostile_init(&hostile, &bus, &mem, &loop, seed);
	m->round = m->done = text_len = 0;
	/* what a message was before is in the log */
	integration.heartbeat.transaction = integration.sequence = 0;
	text[0] = '\0';
	for (int i = 0; i < DEVICES; i++) {
		ended = 0;
		why = "it has not ended";
		if (hostile_mutants(&hostile, 1))
			return -1;
		if (!ended)
			use_device();
		if (ended != 1 || why)
			return -1;
		/* a packet for each message in the buffer, but for the changed ones before them */
		miscounted += m->device == MUTANT_CARD &&
			m->seen[MUTANT_RECEIVED] != m->seen[MUTANT_RNDIS] + m->seen[MUTANT_FRAME];
		for (u32 j = 0; !hostile.replays && j < m->rate; j++) {
			planned[index_of(m->plan[j].field)]++;
			changed[index_of(m->plan[j].field)] += m->plan[j].done;
		}
	}
	return 0;
}

/* ---- the table */

static u64 random_word(void *arg, u64 limit)
{
	static u64 n;

	(void)arg;
	n = n * 6364136223846793005ull + 1442695040888963407ull;
	return (n >> 16 ^ n << 40) % limit;
}

/* Changes of FIELD in a message of LEN bytes: how many were not what they should be. */
static u32 wrong_changes(const struct mutant_field *field, u32 len, int fits)
{
	static struct {
		u8 before[64];
		struct mutant m;
		u8 after[64];
	} area, was;
	u32 wrong = 0;
	u64 a, b;

	for (int i = 0; i < DRAWS; i++) {
		int rc;

		memset(&area, 0xa5, sizeof(area));
		area.m.len = len;
		area.m.extra_len = 16;
		was = area;
		rc = mutator_change(field, &area.m, random_word, NULL, &a, &b);
		wrong += !!rc == fits;
		if (rc) {
			wrong += !!memcmp(&area, &was, sizeof(area));
			continue;
		}
		wrong += field->order != MUTANT_TWICE && a == b;
		wrong += area.m.len > len || area.m.extra_len != 16;
		/* what differs is in the bytes of the message, and no more than the field */
		for (u32 at = 0; at < sizeof(area.m.data); at++) {
			if (area.m.data[at] == was.m.data[at])
				continue;
			wrong += at >= len || at < field->at ||
				(field->size && at >= field->at + field->size);
		}
		for (u32 at = 16; at < sizeof(area.m.extra); at++)
			wrong += area.m.extra[at] != 0xa5;
		area.m = was.m;
		wrong += !!memcmp(&area, &was, sizeof(area));
	}
	return wrong;
}

static void table(void)
{
	const struct mutant_field *field;
	u32 wrong = 0, types = 0, of[MUTANT_TYPES] = { 0 };

	for (u32 n = 0; n < mutator_fields; n++) {
		u32 end;
		int in_data;

		field = mutator_field(n);
		of[field->type]++;
		end = field->at + (field->size ? field->size : 1);
		in_data = strcmp(field->name, "packet type") &&
			strcmp(field->name, "transaction id") && field->order != MUTANT_TWICE &&
			!(field->type == MUTANT_RECEIVED &&
			  (strstr(field->name, "range") || strstr(field->name, "page set")));
		wrong += wrong_changes(field, 200, 1);
		wrong += wrong_changes(field, end, 1);
		if (in_data)
			for (u32 len = 0; len < end; len++)
				wrong += wrong_changes(field, len, 0);
	}
	is(wrong, 0,
	   "a field changes to another value, in the message; one that is not there is left");
	for (int type = 0; type < MUTANT_TYPES; type++)
		types += of[type] && mutant_names[type] &&
			mutant_spread[type][0] + mutant_spread[type][1] + mutant_spread[type][2];
	is(types, MUTANT_TYPES, "each type has fields, a name, and a device");
	ok(mutator_fields < FIELDS, "%u fields of %d types", mutator_fields, MUTANT_TYPES);
}

/* ---- seeds */

static void seeds(void)
{
	static char first[sizeof(text)];

	is(play(7), 0, "the guest uses a disk, a card and the heartbeat");
	strcpy(first, text);
	ok(hostile.mutants.done > 3, "%u messages are changed", hostile.mutants.done);
	is(play(7), 0, "once more");
	ok(!strcmp(text, first), "the same seed changes the same");
	is(play(8), 0, "another seed");
	ok(strcmp(text, first) != 0, "changes others");
	hostile.mutants.rate = 1;
	is(play(7), 0, "a lower rate");
	ok(hostile.mutants.done <= DEVICES && hostile.mutants.done > 0, "changes %u messages",
	   hostile.mutants.done);
	hostile.mutants.rate = RATE;
}

/* Number N of a log, or 0: the lines are in the order of the messages. */
static u32 numbers_in(const char *log, u32 *number)
{
	u32 n = 0;

	for (const char *at = log; (at = strstr(at, "hostile mutants:")); n++) {
		at += strlen("hostile mutants:");
		if (number)
			number[n] = atoi(at);
	}
	return n;
}

/* The change NUMBER in a log, from its number to the end of the line, or NULL. */
static const char *change_in(const char *log, u32 number)
{
	static char start[40];

	snprintf(start, sizeof(start), "hostile mutants:%u: ", number);
	return strstr(log, start);
}

/*
 * Two changes of the same field in the same message, to the same value, unless the right value
 * was another: a slot of the card that a left out message does not take.
 */
static int same_change(const char *one, const char *two)
{
	const char *is = one ? strstr(one, ": 0x") : NULL;
	unsigned long long value[2], was[2];

	if (!is || !two || strncmp(one, two, is + 4 - one) ||
	    sscanf(is, ": 0x%llx, was 0x%llx", &value[0], &was[0]) != 2 ||
	    sscanf(two + (is - one), ": 0x%llx, was 0x%llx", &value[1], &was[1]) != 2)
		return 0;
	return was[0] != was[1] || value[0] == value[1];
}

/* Every second change of a seed, alone. */
static void subsets(void)
{
	static char first[sizeof(text)], list[4096];
	u32 number[DEVICES * HOSTILE_MUTATIONS], n, same = 0, played = 0, extra = 0;

	for (u64 seed = 1; seed <= 20; seed++) {
		u32 len = snprintf(list, sizeof(list), "mutants:");

		hostile.replays = 0;
		play(seed);
		strcpy(first, text);
		n = numbers_in(first, number);
		for (u32 i = 0; i < n; i += 2)
			len += snprintf(list + len, sizeof(list) - len, "%s%u", i ? "," : "",
					number[i]);
		extra += hostile_only(&hostile, list) || play(seed);
		for (u32 i = 0; i < n; i += 2, played++)
			same += same_change(change_in(first, number[i]),
					    change_in(text, number[i]));
		extra += numbers_in(text, NULL) != (n + 1) / 2;
	}
	ok(played > 100, "%u changes of 20 seeds alone", played);
	is(same, played, "each is as it was among all");
	is(extra, 0, "and there are no others");
	is(hostile_only(&hostile, "mutants:17"), 0, "one of the card");
	is(play(7), 0, "then neither disk nor heartbeat is used");
	ok(numbers_in(text, NULL) <= 1, "and nothing else is changed");
	hostile.replays = 0;
}

static void busy(void)
{
	is(hostile_mutants(&hostile, 0), -1, "no devices are an error");
	is(hostile_mutants(&hostile, 2000), -1, "so are more than there are numbers");
	hostile.trusting = 1;
	is(hostile_mutants(&hostile, 1), -1, "and a guest that does not validate");
	hostile.trusting = 0;
	hostile.mutants.round = 0;
	is(hostile_mutants(&hostile, 1), 0, "a disk");
	is(hostile_mutants(&hostile, 1), -1, "a second run is refused");
	is(hostile_messages(&hostile, 1), -1, "as is another row");
	ended = 0;
	fire();
	fire();
	ok(ended == 1 && why && strstr(why, "did not release"), "a disk that stays is told");
	about(CHANNELMSG_RELID_RELEASED, hostile.mutants.ch->relid, 0);
	is(hostile.mutants.ch == NULL, 1, "until it goes");
	is(ended, 1, "and nothing begins then");
}

/* The numbers of the table, for a reader. */
static void coverage(void)
{
	const struct mutant_field *field;
	u32 reached = 0, sum = 0;
	int type = -1;

	memset(planned, 0, sizeof(planned));
	memset(changed, 0, sizeof(changed));
	too_long = errors = miscounted = unanswered = half_open = 0;
	bus.bad = 0;
	for (u64 seed = 0; seed < SEEDS; seed++) {
		if (play(seed)) {
			ok(0, "seed %llu: %s", (unsigned long long)seed, why);
			return;
		}
		sum += hostile.mutants.done;
	}
	printf("# %d seeds, %d devices, at most %d changes of each; times that a field was changed:",
	       SEEDS, DEVICES, RATE);
	for (u32 n = 0; n < mutator_fields; n++) {
		field = mutator_field(n);
		if (field->type != type)
			printf("\n# %s:", mutant_names[field->type]);
		printf("%s %s %u", field->type == type ? "," : "", field->name, changed[n]);
		type = field->type;
		reached += changed[n] > 0;
	}
	printf("\n");
	is(reached, mutator_fields, "each field of the table is changed");
	ok(sum > SEEDS * DEVICES, "%u messages are changed, %u hypercalls refused", sum, refused);
	is(bus.bad, 0, "what the guest sends then is not counted as invalid");
	is(integration.heartbeat.bad, 0, "nor are its answers");
	is(errors, 0, "the host has no error");
	is(unanswered, 0, "the guest gets each answer");
	is(miscounted, 0, "a message that is sent before the right one is not counted");
	is(half_open, 0, "a channel is open where the guest was told so");
	is(too_long, 0, "no message is longer than 240 bytes");
	is(others, 0, "the devices that stay are not rescinded");
}

int main(int argc, char **argv)
{
	char path[300];

	if (argc != 2 || loop_init(&loop))
		return 2;
	guest_start();
	world = *bus.ops;
	world.send = hear;
	bus.ops = &world;
	if (ic_init(&integration, &bus, &loop))
		return 2;
	guest_contact();
	snprintf(path, sizeof(path), "%s/disk", argv[1]);
	if (disk_open(&hostile.victim_disk, path, 1 << 20))
		return 2;
	hostile_init(&hostile, &bus, &mem, &loop, 1);
	hostile.done = done_with;
	if (hostile_mutants_init(&hostile, &integration))
		return 2;
	is(hostile.mutants.rate, HOSTILE_RATE, "without a rate it is the usual one");
	hostile.mutants.rate = RATE;
	log_to(take);
	table();
	is(open_at(integration.heartbeat.ch, BEAT_RING), 0, "the heartbeat opens");
	integration.heartbeat.ready = 1;
	beats_in = to_host;
	beats_out = from_host;
	seeds();
	subsets();
	coverage();
	busy();
	vmbus_free(&bus);
	return done();
}
