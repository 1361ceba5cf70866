// SPDX-License-Identifier: GPL-2.0
/*
 * The integration components: heartbeat, time synchronization, shutdown, and key-value
 * pairs, which need a daemon in the guest. Guest side: drivers/hv/hv_util.c, hv_kvp.c.
 * Not modelled: snapshots (VSS), file copy.
 */
#include "ic.h"
#include <time.h>

#define BEAT_MS	  2000
#define SAMPLE_MS 5000 /* as a real host */

struct ic_service {
	const char *name;
	struct guid type, instance;
	u16 number;
	u32 messages;
	struct ic_version message[4]; /* newest first */
	void (*ready)(struct ic_channel *c);
};

static u8 buffer[8192];

static int request(struct ic_channel *c, u16 type, const void *body, u32 size)
{
	static u8 text[sizeof(struct ic_packet) + sizeof(struct ic_kvp)];
	struct ic_packet *p = (struct ic_packet *)text;

	memset(p, 0, sizeof(*p));
	p->pipe_type = 1;
	p->pipe_size = sizeof(*p) - 8 + size;
	p->framework = c->framework;
	p->type = type;
	p->message = c->message;
	p->size = size;
	p->transaction = ++c->transaction;
	p->flags = ICMSGHDRFLAG_TRANSACTION | ICMSGHDRFLAG_REQUEST;
	memcpy(p->body, body, size);
	if (!c->ch || channel_send(c->ch, VM_PKT_DATA_INBAND, 0, 0, NULL, 0, p, sizeof(*p) + size))
		return -1;
	c->sent++;
	return 0;
}

static void negotiate(struct ic_channel *c)
{
	static const struct ic_version frameworks[] = { { 3, 0 }, { 1, 0 } };
	u8 text[64] = { 0 };
	struct icmsg_negotiate *n = (struct icmsg_negotiate *)text;
	u32 all = ARRAY_SIZE(frameworks) + c->service->messages;

	n->frameworks = ARRAY_SIZE(frameworks);
	n->messages = c->service->messages;
	memcpy(n->version, frameworks, sizeof(frameworks));
	memcpy(n->version + ARRAY_SIZE(frameworks), c->service->message,
	       c->service->messages * sizeof(struct ic_version));
	c->framework = (struct ic_version){ 1, 0 };
	c->message = (struct ic_version){ 1, 0 };
	request(c, ICMSGTYPE_NEGOTIATE, text, sizeof(*n) + all * sizeof(struct ic_version));
}

/* Convert at most SIZE bytes of UTF-16, terminated or not, to ASCII. */
static void ascii(char *text, size_t room, const u16 *utf16, u32 size)
{
	size_t i;

	for (i = 0; i < room - 1 && i < size / 2 && utf16[i]; i++)
		text[i] = utf16[i] >= ' ' && utf16[i] < 0x7f ? utf16[i] : '?';
	text[i] = '\0';
}

static void got_pair(struct ic *ic, const struct ic_packet *p)
{
	static struct ic_kvp pair;
	char key[64], value[64];

	memset(&pair, 0, sizeof(pair));
	memcpy(&pair, p->body, p->size < sizeof(pair) ? p->size : sizeof(pair));
	ascii(key, sizeof(key), pair.key, pair.key_size);
	ascii(value, sizeof(value), pair.value, pair.value_size);
	if (ic->pair)
		ic->pair(ic->arg, p->status, key, value);
}

static void receive(struct channel *ch, struct packet *packet)
{
	struct ic_channel *c = ch->device;
	struct ic_packet *p = (struct ic_packet *)packet->data;
	const struct icmsg_negotiate *n = (struct icmsg_negotiate *)p->body;

	if (packet->type != VM_PKT_DATA_INBAND || packet->len < sizeof(*p) ||
	    !(p->flags & ICMSGHDRFLAG_RESPONSE) || packet->len < sizeof(*p) + p->size) {
		c->bad++;
		return;
	}
	c->status = p->status;
	if (p->type != ICMSGTYPE_NEGOTIATE) {
		if (p->type != c->service->number)
			return;
		c->answered++;
		if (p->type == ICMSGTYPE_KVPEXCHANGE)
			got_pair(c->ic, p);
		return;
	}
	if (p->size < sizeof(*n) + 2 * sizeof(struct ic_version) || n->frameworks != 1 ||
	    n->messages != 1) {
		c->bad++;
		return;
	}
	c->framework = n->version[0];
	c->message = n->version[1];
	c->ready = 1;
	if (c->service->ready)
		c->service->ready(c);
}

static int opened(struct channel *ch)
{
	((struct ic_channel *)ch->device)->ready = 0;
	((struct ic_channel *)ch->device)->sent = 0;
	return 0;
}

static void signalled(struct channel *ch)
{
	struct ic_channel *c = ch->device;

	/* the host sends first, after the result of the open */
	if (!c->sent)
		negotiate(c);
	channel_drain(ch, buffer, sizeof(buffer), receive);
}

static void closed(struct channel *ch)
{
	((struct ic_channel *)ch->device)->ready = 0;
}

static void released(struct channel *ch)
{
	((struct ic_channel *)ch->device)->ch = NULL;
}

static const struct channel_ops ops = {
	.open = opened,
	.signal = signalled,
	.close = closed,
	.released = released,
};

int ic_beat(struct ic *ic)
{
	struct heartbeat_msg_data body = { .sequence = ++ic->sequence };

	if (!ic->heartbeat.ready)
		return -1;
	return request(&ic->heartbeat, ICMSGTYPE_HEARTBEAT, &body, sizeof(body));
}

static void beat(void *arg)
{
	struct ic *ic = arg;

	ic_beat(ic);
	timer_set(ic->loop, &ic->beat, BEAT_MS);
}

static int send_time(struct ic *ic, u8 flags)
{
	struct ictimesync_ref_data body = { .flags = flags, .stratum = 1 };
	struct timespec ts;

	if (!ic->timesync.ready)
		return -1;
	clock_gettime(CLOCK_REALTIME, &ts);
	body.host = WLTIMEDELTA + (ts.tv_sec + ic->ahead) * 10000000ull + ts.tv_nsec / 100;
	body.reference = ic->reference_time(ic->vm);
	return request(&ic->timesync, ICMSGTYPE_TIMESYNC, &body, sizeof(body));
}

int ic_set_clock(struct ic *ic)
{
	return send_time(ic, ICTIMESYNCFLAG_SYNC);
}

long long ic_clock(const struct ic *ic)
{
	return time(NULL) + ic->ahead;
}

static void sample(void *arg)
{
	struct ic *ic = arg;

	if (!send_time(ic, ICTIMESYNCFLAG_SAMPLE))
		ic->samples++;
	timer_set(ic->loop, &ic->sample, SAMPLE_MS);
}

void ic_jump(struct ic *ic, int seconds)
{
	ic->ahead += seconds;
	ic->samples = 0;
	timer_set(ic->loop, &ic->sample, SAMPLE_MS);
}

int ic_shutdown(struct ic *ic)
{
	struct shutdown_msg_data body = { .timeout = 60 };

	if (!ic->shutdown.ready)
		return -1;
	return request(&ic->shutdown, ICMSGTYPE_SHUTDOWN, &body, sizeof(body));
}

int ic_kvp_enumerate(struct ic *ic, u32 index)
{
	struct ic_kvp body = {
		.operation = KVP_OP_ENUMERATE,
		.pool = KVP_POOL_AUTO,
		.index = index,
	};

	if (!ic->kvp.ready)
		return -1;
	return request(&ic->kvp, ICMSGTYPE_KVPEXCHANGE, &body, sizeof(body));
}

/* A guest boots without a clock: set it as soon as the component is ready. */
static void first_time(struct ic_channel *c)
{
	ic_set_clock(c->ic);
}

static const struct ic_service services[] = {
	{
		.name = "heartbeat",
		.type = { { 0x39, 0x4f, 0x16, 0x57, 0x15, 0x91, 0x78, 0x4e, 0xab, 0x55, 0x38, 0x2f,
			    0x3b, 0xd5, 0x42, 0x2d } },
		.instance = { { 'H', 'V', 'H', 'B', 0, 0, 0, 0x40, 0x80 } },
		.number = ICMSGTYPE_HEARTBEAT,
		.messages = 2,
		.message = { { 3, 0 }, { 1, 0 } },
	},
	{
		.name = "time synchronization",
		.type = { { 0x30, 0xe6, 0x27, 0x95, 0xae, 0xd0, 0x7b, 0x49, 0xad, 0xce, 0xe8, 0x0a,
			    0xb0, 0x17, 0x5c, 0xaf } },
		.instance = { { 'H', 'V', 'T', 'S', 0, 0, 0, 0x40, 0x80 } },
		.number = ICMSGTYPE_TIMESYNC,
		.messages = 3,
		.message = { { 4, 0 }, { 3, 0 }, { 1, 0 } },
		.ready = first_time,
	},
	{
		.name = "shutdown",
		.type = { { 0x31, 0x60, 0x0b, 0x0e, 0x13, 0x52, 0x34, 0x49, 0x81, 0x8b, 0x38, 0xd9,
			    0x0c, 0xed, 0x39, 0xdb } },
		.instance = { { 'H', 'V', 'S', 'D', 0, 0, 0, 0x40, 0x80 } },
		.number = ICMSGTYPE_SHUTDOWN,
		.messages = 4,
		.message = { { 3, 2 }, { 3, 1 }, { 3, 0 }, { 1, 0 } },
	},
	{
		.name = "key-value pairs",
		.type = { { 0xe7, 0xf4, 0xa0, 0xa9, 0x45, 0x5a, 0x96, 0x4d, 0xb8, 0x27, 0x8a, 0x84,
			    0x1e, 0x8c, 0x03, 0xe6 } },
		.instance = { { 'H', 'V', 'K', 'V', 0, 0, 0, 0x40, 0x80 } },
		.number = ICMSGTYPE_KVPEXCHANGE,
		.messages = 3,
		.message = { { 4, 0 }, { 3, 0 }, { 1, 0 } },
	},
};

int ic_init(struct ic *ic, struct vmbus *bus, struct loop *loop)
{
	struct ic_channel *channels[] = { &ic->heartbeat, &ic->timesync, &ic->shutdown, &ic->kvp };
	u8 user[4];

	memset(ic, 0, sizeof(*ic));
	ic->bus = bus;
	ic->loop = loop;
	put32(user, VMBUS_PIPE_TYPE_MESSAGE);
	for (size_t i = 0; i < ARRAY_SIZE(channels); i++) {
		channels[i]->ic = ic;
		channels[i]->service = &services[i];
		channels[i]->ch = vmbus_offer(bus, &services[i].type, &services[i].instance,
					      VMBUS_CHANNEL_NAMED_PIPE_MODE, user, sizeof(user),
					      &ops, channels[i]);
		if (!channels[i]->ch)
			return error("%s: no channel is free", services[i].name);
	}
	ic->beat.fire = beat;
	ic->beat.arg = ic;
	timer_set(loop, &ic->beat, BEAT_MS);
	ic->sample.fire = sample;
	ic->sample.arg = ic;
	timer_set(loop, &ic->sample, SAMPLE_MS);
	return 0;
}
