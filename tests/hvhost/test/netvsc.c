// SPDX-License-Identifier: GPL-2.0
/* The network card against a minimal guest; a socket pair replaces the tap interface. */
#define _GNU_SOURCE
#include "guest.h"
#include "../loop.h"
#include "../netvsc.h"
#include "../proto/netvsc.h"
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVE	     99 /* GPADL of the receive buffer */
#define RECEIVE_PAGE 0x280
#define SEND	     101 /* GPADL of the send buffer */
#define SEND_PAGE    0x290

static struct loop loop;
static struct netvsc net;
static int tap[2];

static u32 nvsp(u32 type, const void *body, u32 len, struct packet *p)
{
	u8 msg[40] = { 0 };

	put32(msg, type);
	memcpy(msg + 4, body, len);
	guest_write(VM_PKT_DATA_INBAND, 5, NULL, 0, msg, sizeof(msg));
	return guest_read(p) ? get32(p->data) : 0;
}

/* An RNDIS message: SIZE bytes in SECTION of the send buffer, LEN at the page GUEST_DATA. */
static void rndis_in(u64 id, u32 section, u32 size, u32 len)
{
	u32 body[4] = { NVSP_MSG1_TYPE_SEND_RNDIS_PKT, NVSP_CONTROL, section, size };
	u8 extra[24] = { 0 }, msg[40] = { 0 };

	put32(extra + 4, 1);
	put32(extra + 8, len);
	put64(extra + 16, GUEST_DATA);
	memcpy(msg, body, sizeof(body));
	guest_write(VM_PKT_DATA_USING_GPA_DIRECT, id, extra, sizeof(extra), msg, sizeof(msg));
}

static void rndis(u64 id, u32 len)
{
	rndis_in(id, NETVSC_INVALID_INDEX, 0, len);
}

/* Begin a GPADL of four pages with the first PFNS page numbers. */
static void gpadl(u32 handle, u64 first, u32 pfns)
{
	u8 text[240] = { 0 };
	struct vmbus_channel_gpadl_header *h = (void *)text;

	*h = (struct vmbus_channel_gpadl_header){
		.h.type = CHANNELMSG_GPADL_HEADER,
		.relid = net.ch->relid,
		.gpadl = handle,
		.range_bytes = 8 + 8 * 4,
		.ranges = 1,
		.byte_count = 4 * PAGE_SIZE,
	};
	for (u32 i = 0; i < pfns; i++)
		put64(h->pfns + 8 * i, first + i);
	guest_post(h, sizeof(*h) + 8 * pfns);
}

static u8 *guest_data(void)
{
	u8 *data = memory_at(&mem, GUEST_DATA * PAGE_SIZE, PAGE_SIZE);

	memset(data, 0, 256);
	return data;
}

/* The RNDIS packet of FRAME, of LEN bytes, in DATA. */
static void put_frame(u8 *data, const u8 *frame, u32 len)
{
	put32(data, RNDIS_MSG_PACKET);
	put32(data + 4, RNDIS_PACKET_HEADER + len);
	put32(data + 8, RNDIS_PACKET_HEADER - 8);
	put32(data + 12, len);
	memcpy(data + RNDIS_PACKET_HEADER, frame, len);
}

static void teardown(u32 handle)
{
	struct vmbus_channel_gpadl_teardown t = {
		.h.type = CHANNELMSG_GPADL_TEARDOWN,
		.relid = net.ch->relid,
		.gpadl = handle,
	};

	last_type = 0;
	guest_post(&t, sizeof(t));
}

static void begins(void)
{
	u32 init[2] = { 0x60001, 0x60001 }, old[2] = { 1, 1 };
	u32 buffer[2] = { RECEIVE, NETVSC_RECEIVE_BUFFER_ID };
	struct packet p;

	netvsc_init(&net, &bus, &loop, &mem, tap[0], 0);
	is(guest_open(net.ch), 0, "netvsc: open");
	nvsp(NVSP_MSG_TYPE_INIT, old, sizeof(old), &p);
	is(get32(p.data + 12), NVSP_STAT_FAIL, "an unknown version is refused");
	is(nvsp(NVSP_MSG_TYPE_INIT, init, sizeof(init), &p), NVSP_MSG_TYPE_INIT_COMPLETE,
	   "6.1 is answered");
	is(get32(p.data + 12), NVSP_STAT_SUCCESS, "and accepted");
	nvsp(NVSP_MSG1_TYPE_SEND_RECV_BUF, buffer, sizeof(buffer), &p);
	is(get32(p.data + 4), NVSP_STAT_FAIL, "a receive buffer without a GPADL fails");
	gpadl(RECEIVE, RECEIVE_PAGE, 4);
	nvsp(NVSP_MSG1_TYPE_SEND_RECV_BUF, buffer, sizeof(buffer), &p);
	is(get32(p.data + 4), NVSP_STAT_SUCCESS, "a receive buffer with one succeeds");
	is(get32(p.data + 20), 4 * PAGE_SIZE / 1728, "with as many slots as fit");
}

/* Query the MAC address, with the request in a page range of the packet. */
static void ask_address(u64 id)
{
	u8 *data = guest_data();

	put32(data, RNDIS_MSG_QUERY);
	put32(data + 4, 28);
	put32(data + 8, 42);
	put32(data + 12, RNDIS_OID_802_3_PERMANENT_ADDRESS);
	rndis(id, 28);
}

static void queries(void)
{
	u8 *data, done[40] = { 0 };
	struct packet p;

	ask_address(6);
	is(guest_read(&p) && p.type == VM_PKT_COMP && p.id == 6, 1, "a query is completed");
	is(guest_read(&p) && p.type == VM_PKT_DATA_USING_XFER_PAGES, 1, "and answered");
	data = memory_at(&mem, RECEIVE_PAGE * PAGE_SIZE, 4 * PAGE_SIZE);
	data += get32(p.desc + 28);
	is(get32(data), RNDIS_MSG_QUERY | RNDIS_MSG_COMPLETION, "in the receive buffer");
	is(get32(data + 8), 42, "with its id");
	is(data[24 + 5], 2, "with the MAC address");
	is(net.free_slots, net.slots - 1, "a slot is in use");
	put32(done, NVSP_MSG1_TYPE_SEND_RNDIS_PKT);
	guest_write(VM_PKT_COMP, p.id, NULL, 0, done, sizeof(done));
	is(net.free_slots, net.slots, "the guest's completion frees it");
	guest_write(VM_PKT_COMP, p.id, NULL, 0, done, sizeof(done));
	guest_write(VM_PKT_COMP, 1ull << 40, NULL, 0, done, sizeof(done));
	is(net.free_slots, net.slots, "a repeated completion does not free it again");
	is(net.bad, 2, "nor one of a slot that does not exist: both are invalid");
}

static void frames(void)
{
	u8 frame[64] = "frame", got[64], *data = guest_data();
	struct packet p;

	put_frame(data, frame, sizeof(frame));
	rndis(7, RNDIS_PACKET_HEADER + sizeof(frame));
	is(read(tap[1], got, sizeof(got)), sizeof(frame), "a frame of the guest is sent");
	ok(!memcmp(got, frame, sizeof(frame)), "unchanged");
	put32(data + 12, 0x7fffffff);
	rndis(7, RNDIS_PACKET_HEADER + sizeof(frame));
	is(read(tap[1], got, sizeof(got)), -1, "a frame with an invalid length is not");
	while (guest_read(&p))
		;
	net.up = 1;
	net.ch->ops->signal(net.ch);
	is(write(tap[1], frame, sizeof(frame)), sizeof(frame), "a frame for the guest");
	loop_once(&loop, 100);
	is(guest_read(&p) && p.type == VM_PKT_DATA_USING_XFER_PAGES, 1, "is received");
}

/* The pages of a buffer stay until the card drops it. */
static void receive_buffer_teardown(void)
{
	u32 id = NETVSC_RECEIVE_BUFFER_ID;
	struct packet p;

	teardown(RECEIVE);
	is(last_type, 0, "teardown of the receive buffer is not answered while the card has it");
	gpadl(RECEIVE + 1, RECEIVE_PAGE, 0);
	ask_address(8);
	is(guest_read(&p) && p.type == VM_PKT_COMP, 1, "a query after the teardown is completed");
	is(guest_read(&p) && p.type == VM_PKT_DATA_USING_XFER_PAGES, 1,
	   "and answered, in pages that are still referenced");
	nvsp(NVSP_MSG1_TYPE_REVOKE_RECV_BUF, &id, sizeof(id), &p);
	is(last_type, CHANNELMSG_GPADL_TORNDOWN, "revoking the buffer answers the teardown");
	ask_address(9);
	is(guest_read(&p) && p.type == VM_PKT_COMP, 1, "a query after the revoke is completed");
	is(guest_read(&p), 0, "but not answered");
}

static void send_buffer_teardown(void)
{
	u32 buffer[2] = { SEND, 0 };
	u64 out = net.tap.from_guest;
	struct packet p;
	u8 *data;

	gpadl(SEND, SEND_PAGE, 4);
	nvsp(NVSP_MSG1_TYPE_SEND_SEND_BUF, buffer, sizeof(buffer), &p);
	is(get32(p.data + 4), NVSP_STAT_SUCCESS, "a send buffer succeeds");
	data = memory_at(&mem, SEND_PAGE * PAGE_SIZE, PAGE_SIZE);
	put32(data, RNDIS_MSG_PACKET);
	put32(data + 4, RNDIS_PACKET_HEADER + 60);
	put32(data + 8, RNDIS_PACKET_HEADER - 8);
	put32(data + 12, 60);
	teardown(SEND);
	is(last_type, 0, "teardown of the send buffer is not answered while the card has it");
	gpadl(SEND + 1, SEND_PAGE, 0);
	rndis_in(10, 0, RNDIS_PACKET_HEADER + 60, 0);
	is(net.tap.from_guest, out + 1, "a frame is sent, from pages that are still referenced");
	while (guest_read(&p))
		;
	nvsp(NVSP_MSG1_TYPE_SEND_SEND_BUF, buffer, sizeof(buffer), &p);
	is(get32(p.data + 4), NVSP_STAT_FAIL,
	   "a buffer that is being torn down cannot be set again");
	is(last_type, CHANNELMSG_GPADL_TORNDOWN, "which drops it and answers the teardown");
}

/* The card drops its buffers at close. */
static void close_with_buffers(void)
{
	u32 buffer[2] = { RECEIVE + 5, NETVSC_RECEIVE_BUFFER_ID };
	struct vmbus_relid end = { .h.type = CHANNELMSG_CLOSECHANNEL, .relid = net.ch->relid };
	struct packet p;

	gpadl(RECEIVE + 5, RECEIVE_PAGE, 4);
	nvsp(NVSP_MSG1_TYPE_SEND_RECV_BUF, buffer, sizeof(buffer), &p);
	teardown(RECEIVE + 5);
	is(last_type, 0, "teardown before close is not answered");
	guest_post(&end, sizeof(end));
	is(last_type, CHANNELMSG_GPADL_TORNDOWN, "until close");
}

static const u8 hash_key[NETVSC_HASH_KEYLEN] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

/* From 66.9.149.187, port 2794, to 161.142.100.80, port 1766: of Microsoft's verification suite. */
static const u8 tcp[64] = {
	[12] = 0x08, 0x00, [14] = 0x45, [23] = 6, [26] = 66,   9,    149,  187,
	161,	     142,  100,		80,	  [34] = 0x0a, 0xea, 0x06, 0xe6,
};

static void hashes(void)
{
	u8 frame[64];

	memcpy(frame, tcp, sizeof(frame));
	is(rss_hash(hash_key, frame, sizeof(frame)), 0x51ccc178, "the hash of TCP on IPv4");
	frame[23] = 17;
	is(rss_hash(hash_key, frame, sizeof(frame)), 0x323e8fc2, "of UDP: of the addresses");
	frame[23] = 6;
	frame[20] = 0x20;
	is(rss_hash(hash_key, frame, sizeof(frame)), 0x323e8fc2, "of a fragment too");
	frame[12] = 0x88;
	is(rss_hash(hash_key, frame, sizeof(frame)), 0, "another frame has none");
	is(rss_hash(hash_key, tcp, 20), 0, "nor has one that is too short");
}

/* The status of the RNDIS message at GUEST_DATA, of LEN bytes; ANSWER is the whole of it. */
static u32 control(u32 len, const u8 **answer)
{
	u8 done[40] = { NVSP_MSG1_TYPE_SEND_RNDIS_PKT };
	struct packet p;

	rndis(20, len);
	if (!guest_read(&p) || !guest_read(&p) || p.type != VM_PKT_DATA_USING_XFER_PAGES)
		return 0xdead;
	*answer =
		(u8 *)memory_at(&mem, RECEIVE_PAGE * PAGE_SIZE, 4 * PAGE_SIZE) + get32(p.desc + 28);
	guest_write(VM_PKT_COMP, p.id, NULL, 0, done, sizeof(done));
	return get32(*answer + 12);
}

static u32 ask_capabilities(const u8 **answer)
{
	u8 *data = guest_data();

	put32(data, RNDIS_MSG_QUERY);
	put32(data + 4, 28);
	put32(data + 12, OID_GEN_RECEIVE_SCALE_CAPABILITIES);
	return control(28, answer);
}

/* Set a table of two entries, of which the one that tcp has is QUEUE. */
static u32 set_rss(u32 queue, u16 flags)
{
	struct ndis_recv_scale_param p = {
		.flags = flags,
		.table_size = 8,
		.table_offset = sizeof(p),
		.key_size = sizeof(hash_key),
		.key_offset = sizeof(p) + 8,
	};
	u32 len = 28 + sizeof(p) + 8 + sizeof(hash_key);
	const u8 *answer;
	u8 *data = guest_data();

	put32(data, RNDIS_MSG_SET);
	put32(data + 4, len);
	put32(data + 12, OID_GEN_RECEIVE_SCALE_PARAMETERS);
	put32(data + 16, len - 28);
	put32(data + 20, 20);
	memcpy(data + 28, &p, sizeof(p));
	put32(data + 28 + sizeof(p), queue); /* 0x51ccc178 is even */
	memcpy(data + 28 + sizeof(p) + 8, hash_key, sizeof(hash_key));
	return control(len, &answer);
}

static u32 ask_for(u32 count, u32 *have)
{
	u32 body[2] = { NVSP_SUBCHANNEL_ALLOCATE, count };
	struct packet p;

	if (nvsp(NVSP_MSG5_TYPE_SUBCHANNEL, body, sizeof(body), &p) != NVSP_MSG5_TYPE_SUBCHANNEL)
		return 0;
	*have = get32(p.data + 8);
	return get32(p.data + 4);
}

static void open_again(void)
{
	u32 init[2] = { 0x60001, 0x60001 }, buffer[2] = { RECEIVE, NETVSC_RECEIVE_BUFFER_ID };
	u32 have = 9;
	struct packet p;

	net.max_subchannels = 2;
	net.version = 0;
	is(guest_open(net.ch), 0, "the card opens again");
	is(ask_for(1, &have), NVSP_STAT_FAIL, "no subchannel before a version is agreed");
	nvsp(NVSP_MSG_TYPE_INIT, init, sizeof(init), &p);
	gpadl(RECEIVE, RECEIVE_PAGE, 4);
	nvsp(NVSP_MSG1_TYPE_SEND_RECV_BUF, buffer, sizeof(buffer), &p);
}

static void subchannels_on_request(void)
{
	const struct ndis_recv_scale_cap *cap;
	const u8 *answer = NULL;
	u32 have = 9;
	int before;

	open_again();
	is(ask_capabilities(&answer), 0, "the card has RSS");
	cap = (const void *)(answer + 24);
	ok(get32(answer + 16) == 18 && cap->queues == 3 && cap->entries == ITAB_NUM,
	   "with a queue for each processor");
	ok(set_rss(0, 0) != 0, "there are no parameters without subchannels");
	before = offers;
	is(ask_for(3, &have), NVSP_STAT_FAIL, "three subchannels are too many");
	is(ask_for(0, &have), NVSP_STAT_FAIL, "none is no request");
	is(offers, before, "nothing is offered for those");
	ok(ask_for(2, &have) == NVSP_STAT_SUCCESS && have == 2, "two are granted");
	ok(offers == before + 2 && last_offer.subchannel == 2, "and offered");
	is(ask_for(1, &have), NVSP_STAT_FAIL, "there is no second request");
	is(offers, before + 2, "nothing is offered for it");
	is(set_rss(3, 0), RNDIS_STATUS_INVALID_DATA, "a table with an unknown queue is refused");
	is(set_rss(1, 0), 0, "one with known queues is not");
}

/* Does the tcp frame come by the channel that is used now? Complete it if DONE. */
static int comes(int done)
{
	u8 end[40] = { NVSP_MSG1_TYPE_SEND_RNDIS_PKT };
	struct packet p;

	if (write(tap[1], tcp, sizeof(tcp)) != sizeof(tcp))
		return -1;
	loop_once(&loop, 100);
	if (!guest_read(&p) || p.type != VM_PKT_DATA_USING_XFER_PAGES)
		return 0;
	if (done)
		guest_write(VM_PKT_COMP, p.id, NULL, 0, end, sizeof(end));
	return 1;
}

static void subchannels_have_frames(struct channel *first, struct channel *second)
{
	struct guest_end card = guest_use((struct guest_end){ .ch = NULL }), sub;
	u32 table = NVSP_SIZE, control_on_sub[2] = { 0x60001, 0x60001 };
	u8 got[64], end[40] = { NVSP_MSG1_TYPE_SEND_RNDIS_PKT }, *data;
	struct packet p;
	u64 bad;

	while (read(tap[1], got, sizeof(got)) > 0)
		;
	is(guest_open_at(second, GUEST_RING + 4 * RING_PAGES), 0, "the second subchannel opens");
	open_vp = 1;
	is(guest_open_at(first, GUEST_RING + 2 * RING_PAGES), 0, "the first one too");
	open_vp = 0;
	sub = guest_use(card);
	ok(guest_read(&p) && get32(p.data) == NVSP_MSG5_TYPE_SEND_INDIRECTION_TABLE &&
		   get32(p.data + 8) == table && get32(p.data + table + 4) == 1 &&
		   get32(p.data + table + 8) == 2 && get32(p.data + table + 12) == 0,
	   "then the guest gets the table for what it sends");
	net.up = 1;
	net.ch->ops->signal(net.ch);
	card = guest_use(sub);
	is(comes(0), 1, "a frame of the flow comes by the channel of the guest's table");
	ok(interrupt_vp == 1 && interrupt_relid == first->relid && net.to_guest[1] == 1,
	   "on its VP, and is counted");
	bad = net.bad;
	sub = guest_use(card);
	guest_write(VM_PKT_COMP, 1, NULL, 0, end, sizeof(end));
	for (u64 id = 2; id <= net.slots; id++)
		guest_write(VM_PKT_COMP, id, NULL, 0, end, sizeof(end));
	ok(net.bad == bad + net.slots && net.free_slots == net.slots - 1,
	   "it is not completed by another channel");
	card = guest_use(sub);
	data = guest_data();
	put_frame(data, tcp, sizeof(tcp));
	rndis(30, RNDIS_PACKET_HEADER + sizeof(tcp));
	ok(read(tap[1], got, sizeof(got)) == sizeof(tcp) && net.from_guest[1] == 1,
	   "a frame of the guest goes by a subchannel");
	ok(guest_read(&p) && p.type == VM_PKT_COMP && p.id == 30, "and is completed by it");
	bad = net.bad;
	ask_address(31);
	is(net.bad, bad + 1, "which takes no request to the card");
	guest_read(&p);
	is(nvsp(NVSP_MSG_TYPE_INIT, control_on_sub, sizeof(control_on_sub), &p), 0,
	   "nor another message");
	guest_noise(5000, VM_PKT_DATA_USING_GPA_DIRECT);
	vmbus_rescind(first);
	guest_use(card);
	is(comes(1), 1, "when it is rescinded the flow comes by the card's channel");
	guest_relid(CHANNELMSG_CLOSECHANNEL, first->relid);
	is(net.free_slots, net.slots, "a slot that the guest had by it is free when it is closed");
	is(set_rss(1, NDIS_RSS_PARAM_FLAG_DISABLE_RSS), 0, "the guest ends RSS");
	is(net.rss.entries, 0, "there is no table any more");
	rescinds = 0;
	guest_close(net.ch);
	ok(rescinds == 1 && !net.queue[0] && !net.queue[2], "all goes with the card's channel");
}

int main(void)
{
	if (loop_init(&loop) || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, tap))
		return 2;
	guest_start();
	guest_contact();
	begins();
	queries();
	frames();
	receive_buffer_teardown();
	send_buffer_teardown();
	guest_noise(20000, VM_PKT_DATA_USING_GPA_DIRECT);
	is(net.ch->state, CHANNEL_OPEN, "the channel is open after 20000 random packets");
	close_with_buffers();
	hashes();
	subchannels_on_request();
	subchannels_have_frames(vmbus_subchannel(net.ch, 1), vmbus_subchannel(net.ch, 2));
	close(tap[1]);
	vmbus_free(&bus);
	return done();
}
