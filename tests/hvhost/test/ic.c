// SPDX-License-Identifier: GPL-2.0
/* The integration components against a minimal guest. */
#define _GNU_SOURCE
#include "guest.h"
#include "../ic.h"
#include "../loop.h"
#include <time.h>

static struct loop loop;
static struct ic integration;

static u64 reference(void *vm)
{
	(void)vm;
	return 777;
}

/* Answer the packet P like a guest that supports only the last version offered. */
static void ic_answer(struct packet *p)
{
	struct ic_packet *ic = (void *)p->data;
	struct icmsg_negotiate *n = (void *)ic->body;
	struct ic_version last = n->version[n->frameworks + n->messages - 1];

	ic->flags = ICMSGHDRFLAG_TRANSACTION | ICMSGHDRFLAG_RESPONSE;
	if (ic->type == ICMSGTYPE_NEGOTIATE) {
		n->version[0] = n->version[n->frameworks - 1];
		n->version[1] = last;
		n->frameworks = n->messages = 1;
	}
	guest_write(VM_PKT_DATA_INBAND, 0, NULL, 0, p->data, p->len);
}

static u32 pair_status = 1;
static char pair_text[200];

static void pair(void *arg, u32 status, const char *key, const char *value)
{
	(void)arg;
	pair_status = status;
	snprintf(pair_text, sizeof(pair_text), "%s=%s", key, value);
}

static void pairs(void)
{
	struct ic_packet *ic;
	struct ic_kvp *body;
	struct packet p;

	integration.pair = pair;
	is(ic_kvp_enumerate(&integration, 5), -1,
	   "no key-value query before the daemon is registered");
	is(guest_open_at(integration.kvp.ch, 0x200), 0, "key-value pairs open");
	guest_read(&p);
	ic_answer(&p);
	is(ic_kvp_enumerate(&integration, 5), 0, "a query succeeds");
	is(guest_read(&p), 1, "a packet is sent");
	ic = (void *)p.data;
	body = (void *)ic->body;
	is(body->index, 5, "with the index");
	body->key[0] = 'k';
	body->key_size = 4;
	body->value[0] = 'v';
	body->value[1] = 0xfffd;
	body->value_size = 6;
	ic_answer(&p);
	ok(pair_status == 0 && !strcmp(pair_text, "k=v?"),
	   "the key and value are converted to ASCII");
	body->value_size = 0xffffffff;
	memset(body->value, 'x', sizeof(body->value));
	ic_answer(&p);
	is(strlen(pair_text), 2 + 63, "a size that is too long is clamped");
	ic->size = 0;
	ic->status = 0x80070103;
	ic_answer(&p);
	ok(pair_status == 0x80070103 && !strcmp(pair_text, "="),
	   "a response without a body has a status only");
	guest_noise(20000, VM_PKT_DATA_INBAND);
	is(integration.kvp.ch->state, CHANNEL_OPEN,
	   "the channel is open after 20000 random packets");
}

static void time_sync(void)
{
	struct ic_packet *ic;
	struct packet p;

	integration.reference_time = NULL;
	ic_init(&integration, &bus, &loop);
	integration.reference_time = reference;
	is(ic_shutdown(&integration), -1, "utils: shutdown fails before the guest is ready");
	is(guest_open(integration.timesync.ch), 0, "time synchronization opens");
	is(guest_read(&p), 1, "the host sends first");
	ic = (void *)p.data;
	is(ic->type, ICMSGTYPE_NEGOTIATE, "a version negotiation");
	ic_answer(&p);
	is(integration.timesync.message.major, 1, "it accepts the guest's version");
	is(guest_read(&p), 1, "then it sends a packet");
	ic = (void *)p.data;
	is(ic->type, ICMSGTYPE_TIMESYNC, "of type TIMESYNC");
	ok(((struct ictimesync_ref_data *)ic->body)->host > WLTIMEDELTA, "with a time after 1970");
	is(((struct ictimesync_ref_data *)ic->body)->reference, 777,
	   "and the guest's reference counter");
	ic_answer(&p);
	is(integration.timesync.answered, 1, "the response is counted");
}

/* The next packet, a time that is AHEAD seconds ahead of this machine's, with FLAGS. */
static void time_comes(u8 flags, long long ahead, const char *what)
{
	struct ictimesync_ref_data *body;
	struct ic_packet *ic;
	struct packet p;
	long long off;

	if (!ok(guest_read(&p) == 1, "%s", what))
		return;
	ic = (void *)p.data;
	body = (void *)ic->body;
	off = (long long)((body->host - WLTIMEDELTA) / 10000000) - time(NULL) - ahead;
	ok(ic->type == ICMSGTYPE_TIMESYNC && body->flags == flags && off >= -2 && off <= 2,
	   "with its flag and time");
	ic_answer(&p);
}

static void sample_is_due(void)
{
	integration.sample.when = 1;
	loop_once(&loop, 0);
}

/* SINCE began what set the timer: the next sample is due five seconds after that. */
static int due_in_5_s(u64 since)
{
	const u64 interval = 5000000000;

	return integration.sample.when >= since + interval &&
		integration.sample.when <= now_ns() + interval;
}

/* A guest that was paused: its host's clock is ahead, and the host says so by samples only. */
static void resumes(void)
{
	u64 began = now_ns();
	struct packet p;
	int n = 0, other = 0;

	ic_jump(&integration, 3600);
	ok(due_in_5_s(began), "after a pause the next sample is due 5 s later");
	for (int i = 0; i < 12; i++) {
		began = now_ns();
		sample_is_due();
		while (guest_read(&p)) {
			struct ic_packet *ic = (void *)p.data;
			u8 flags = ((struct ictimesync_ref_data *)ic->body)->flags;

			*(flags == ICTIMESYNCFLAG_SAMPLE ? &n : &other) += 1;
			ic_answer(&p);
		}
		other += !due_in_5_s(began);
	}
	ok(n == 12 && other == 0,
	   "in a minute there are 12 of them, and no order to set the clock");
	ic_jump(&integration, -3600);
}

static void samples(void)
{
	struct packet p;

	is(guest_read(&p), 0, "nothing follows at once");
	ok(integration.sample.when > now_ns(), "a sample is due later");
	sample_is_due();
	time_comes(ICTIMESYNCFLAG_SAMPLE, 0, "then a sample is sent");
	ok(integration.sample.when > now_ns(), "and the next one is due");
	is(integration.samples, 1, "samples are counted");
	ic_jump(&integration, 3600);
	is(integration.samples, 0, "from the last jump of the clock on");
	ok(ic_clock(&integration) >= time(NULL) + 3599, "the host's clock is an hour ahead");
	is(guest_read(&p), 0, "which is not sent at once");
	sample_is_due();
	time_comes(ICTIMESYNCFLAG_SAMPLE, 3600, "but by the next sample");
	is(ic_set_clock(&integration), 0, "and when the guest is to set its clock");
	time_comes(ICTIMESYNCFLAG_SYNC, 3600, "a packet is sent");
	is(integration.samples, 1, "which is no sample");
	ic_jump(&integration, -7200);
	sample_is_due();
	time_comes(ICTIMESYNCFLAG_SAMPLE, -3600, "the clock can jump back");
	integration.timesync.ready = 0;
	sample_is_due();
	is(guest_read(&p), 0, "no sample is sent to a guest that is not ready");
	is(integration.samples, 1, "nor counted");
	integration.timesync.ready = 1;
}

static void shuts_down(void)
{
	struct packet p;

	is(guest_open_at(integration.shutdown.ch, 0x180), 0, "shutdown opens");
	guest_read(&p);
	ic_answer(&p);
	is(ic_shutdown(&integration), 0, "shutdown succeeds");
	guest_read(&p);
	is(p.len, ALIGN(28 + 2060, 8), "the request has its full length, which 6.1 checks");
	guest_noise(20000, VM_PKT_DATA_INBAND);
	is(integration.shutdown.ch->state, CHANNEL_OPEN,
	   "the channel is open after 20000 random packets");
}

int main(void)
{
	if (loop_init(&loop))
		return 2;
	guest_start();
	guest_contact();
	time_sync();
	samples();
	resumes();
	shuts_down();
	pairs();
	return done();
}
