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

	put32(data, RNDIS_MSG_PACKET);
	put32(data + 4, RNDIS_PACKET_HEADER + sizeof(frame));
	put32(data + 8, RNDIS_PACKET_HEADER - 8);
	put32(data + 12, sizeof(frame));
	memcpy(data + RNDIS_PACKET_HEADER, frame, sizeof(frame));
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
	close(tap[1]);
	vmbus_free(&bus);
	return done();
}
