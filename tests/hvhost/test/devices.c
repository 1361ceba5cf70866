// SPDX-License-Identifier: GPL-2.0
/* The devices, each against a guest in miniature: answers, errors, lies. */
#define _GNU_SOURCE
#include "guest.h"
#include "../balloon.h"
#include "../hv_sock.h"
#include "../ic.h"
#include "../loop.h"
#include "../proto/balloon.h"
#include "../proto/ic.h"
#include "../proto/storvsc.h"
#include "../storvsc.h"
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct loop loop;
static struct storvsc disk;
static struct balloon balloon;
static struct ic integration;
static struct hv_sock sock;

/* ---- storvsc */

static struct vstor_packet stor(u32 op, u16 version)
{
	struct vstor_packet s = { .op = op, .version = version }, answer = { .status = 0xdead };
	struct packet p;

	guest_write(VM_PKT_DATA_INBAND, 3, NULL, 0, &s, sizeof(s));
	if (guest_read(&p) && p.type == VM_PKT_COMP && p.id == 3 && p.len == sizeof(answer))
		memcpy(&answer, p.data, sizeof(answer));
	return answer;
}

/* A command with the buffer LEN bytes at page GUEST_DATA + PAGE, OFFSET in it. */
static struct vmscsi_request srb(const u8 *cdb, u32 len, u32 offset, u64 page, u8 target)
{
	struct vstor_packet s = { .op = VSTOR_OPERATION_EXECUTE_SRB }, answer = { .srb.srb_status = 0xee };
	u8 extra[8 + 8 + 8 * 16] = { 0 };
	struct packet p;
	u32 pages = (offset + len + PAGE_SIZE - 1) / PAGE_SIZE;

	memcpy(s.srb.cdb, cdb, 16);
	s.srb.transfer = len;
	s.srb.target = target;
	put32(extra + 4, 1);
	put32(extra + 8, len);
	put32(extra + 12, offset);
	for (u32 i = 0; i < pages; i++)
		put64(extra + 16 + 8 * i, GUEST_DATA + page + i);
	guest_write(VM_PKT_DATA_USING_GPA_DIRECT, 4, extra, 16 + 8 * pages, &s, sizeof(s));
	if (guest_read(&p) && p.id == 4 && p.len == sizeof(answer))
		memcpy(&answer, p.data, sizeof(answer));
	return answer.srb;
}

static void storage(const char *dir)
{
	u8 write[16] = { WRITE_10, 0, 0, 0, 0, 8, 0, 0, 8 }, read[16] = { READ_10, 0, 0, 0, 0, 8, 0, 0, 8 };
	u8 inquiry[16] = { INQUIRY, 0, 0, 0, 36 }, beyond[16] = { READ_10, 0, 0xff, 0, 0, 0, 0, 0, 8 };
	u8 far[16] = { READ_16, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 8 };
	u8 capacity[16] = { READ_CAPACITY }, flush[16] = { SYNCHRONIZE_CACHE }, odd[16] = { 0xc1 };
	u8 luns[16] = { REPORT_LUNS };
	u8 *data = memory_at(&mem, GUEST_DATA * PAGE_SIZE, 4 * PAGE_SIZE), file[4096];
	struct vmscsi_request r;
	char path[200];

	snprintf(path, sizeof(path), "%s/disk", dir);
	is(storvsc_open_file(&disk, path, 1 << 20), 0, "storvsc: a disk is made");
	storvsc_offer(&disk, &bus, &mem, 1);
	is(guest_open(disk.ch), 0, "it opens");
	is(stor(VSTOR_OPERATION_QUERY_PROTOCOL_VERSION, 0x0602).status, STOR_STATUS_ORDER, "no version before the beginning");
	is(stor(VSTOR_OPERATION_EXECUTE_SRB, 0).status, STOR_STATUS_ORDER, "no command either");
	is(stor(VSTOR_OPERATION_BEGIN_INITIALIZATION, 0).status, 0, "the beginning");
	is(stor(VSTOR_OPERATION_QUERY_PROTOCOL_VERSION, 0x0402).status, STOR_STATUS_REVISION, "an old version is refused");
	is(stor(VSTOR_OPERATION_QUERY_PROTOCOL_VERSION, 0x0602).status, 0, "6.2 is agreed to");
	is(stor(VSTOR_OPERATION_QUERY_PROPERTIES, 0).properties.max_transfer_bytes, 0x40000, "properties");
	is(stor(VSTOR_OPERATION_END_INITIALIZATION, 0).status, 0, "the end of it");

	r = srb(inquiry, 36, 0, 0, 0);
	is(r.srb_status, SRB_STATUS_SUCCESS, "INQUIRY");
	ok(!memcmp(data + 8, "HVHOST  ", 8), "says who we are");
	srb(inquiry, 36, 0, 0, 1);
	is(data[0], 0x7f, "an absent target says that it is absent");
	is(srb(luns, 64, 0, 0, 1).srb_status, SRB_STATUS_SUCCESS, "and that it has no LUNs");
	is(srb(read, 4096, 0, 0, 1).srb_status, SRB_STATUS_INVALID_LUN, "it cannot be read");
	srb(capacity, 8, 0, 0, 0);
	ok(data[2] == 0x07 && data[3] == 0xff && data[6] == 2, "1 MB is 2048 sectors of 512");
	memset(data, 0x5a, 4096 + 512);
	is(srb(write, 4096, 512, 0, 0).srb_status, SRB_STATUS_SUCCESS, "4096 bytes across two pages are written");
	is(pread(disk.fd, file, 4096, 8 * 512), 4096, "they are in the file");
	ok(file[0] == 0x5a && file[4095] == 0x5a, "where they belong");
	memset(data, 0, 8192);
	r = srb(read, 4096, 100, 0, 0);
	is(r.transfer, 4096, "and are read again");
	ok(data[99] == 0 && data[100] == 0x5a && data[4195] == 0x5a && data[4196] == 0,
	   "into the bytes that were asked for, and no others");
	is(srb(flush, 0, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS, "SYNCHRONIZE CACHE");
	is(disk.flushes, 1, "is counted");
	r = srb(beyond, 4096, 0, 0, 0);
	is(r.cdb[2], ILLEGAL_REQUEST, "beyond the end is an illegal request");
	is(srb(far, 4096, 0, 0, 0).cdb[12], 0x21, "so is an address that overflows");
	is(srb(odd, 0, 0, 0, 0).cdb[12], 0x20, "and an unknown command");
	is(srb(read, 512, 0, 0, 0).srb_status, SRB_STATUS_INVALID_REQUEST, "a buffer that is too small");
	is(srb(read, 4096, 0, 1ull << 50, 0).srb_status, SRB_STATUS_INVALID_REQUEST, "a page that is not RAM");
	is(srb(read, 4096, PAGE_SIZE, 0, 0).srb_status, SRB_STATUS_INVALID_REQUEST, "an offset beyond its page");
	disk.faults = 1;
	r = srb(read, 4096, 0, 0, 0);
	is(r.cdb[2], MEDIUM_ERROR, "a fault is a medium error");
	is(r.srb_status, SRB_STATUS_ERROR | SRB_STATUS_AUTOSENSE_VALID, "with sense data");
	disk.faults = 0;
	guest_noise(20000, VM_PKT_DATA_USING_GPA_DIRECT);
	is(srb(read, 4096, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS, "after 20000 packets of noise it reads");
}

/* ---- balloon */

static int balloon_done_calls;
static void balloon_done(void *arg) { (void)arg; balloon_done_calls++; }

static u16 dm(void *msg, u16 type, u32 size)
{
	struct dm_header *h = msg;
	struct packet p;

	h->type = type;
	h->size = size;
	guest_write(VM_PKT_DATA_INBAND, 0, NULL, 0, msg, size);
	return guest_read(&p) ? get16(p.data) : 0;
}

static void dynamic_memory(void)
{
	struct dm_version_request v = { .version = 0x30000 };
	struct dm_capabilities caps = { .caps = 3 };
	struct dm_status status = { .available = 1234 };
	u8 text[64] = { 0 }, *page = memory_at(&mem, 0x300 * PAGE_SIZE, PAGE_SIZE);
	struct dm_balloon_response *r = (void *)text;
	struct packet p;

	balloon_init(&balloon, &bus, &mem);
	balloon.done = balloon_done;
	is(guest_open(balloon.ch), 0, "balloon: it opens");
	is(balloon_inflate(&balloon, 5), -1, "nothing is taken before it is ready");
	is(dm(&v, DM_VERSION_REQUEST, sizeof(v)), DM_VERSION_RESPONSE, "an unknown version is answered");
	is(balloon.version, 0, "and not agreed to");
	v.version = DYNMEM_PROTOCOL_VERSION_WIN10;
	dm(&v, DM_VERSION_REQUEST, sizeof(v));
	is(balloon.version, DYNMEM_PROTOCOL_VERSION_WIN10, "2.0 is");
	is(dm(&caps, DM_CAPABILITIES_REPORT, sizeof(caps)), DM_CAPABILITIES_RESPONSE, "capabilities");
	dm(&status, DM_STATUS_REPORT, sizeof(status));
	is(balloon.available, 1234, "a pressure report is read");
	is(balloon_inflate(&balloon, 2), 0, "pages are asked for");
	is(balloon_inflate(&balloon, 2), -1, "once at a time");
	guest_read(&p);
	is(((struct dm_balloon *)p.data)->pages, 2, "so many");
	page[0] = 1;
	r->more_count = 1 << 1;
	r->range[0] = 0x300 | 2ull << 40;
	dm(r, DM_BALLOON_RESPONSE, sizeof(*r) + 8);
	is(balloon_done_calls, 1, "the answer ends it");
	is(balloon.pages, 2, "two pages");
	is(page[0], 0, "which are gone");
	is(balloon_deflate(&balloon), 0, "they are given back");
	guest_read(&p);
	is(((struct dm_unballoon_request *)p.data)->range[0], 0x300 | 2ull << 40, "the same ones");
	dm(text, DM_UNBALLOON_RESPONSE, sizeof(struct dm_header));
	is(balloon_done_calls, 2, "and that is answered");
	balloon_inflate(&balloon, 2);
	guest_read(&p);
	r->more_count = 100 << 1;
	dm(r, DM_BALLOON_RESPONSE, sizeof(*r) + 8);
	is(balloon.pages, 0, "an answer that promises more ranges than it has");
	r->more_count = 1 << 1;
	r->range[0] = (BIT(40) - 1) | 5ull << 40;
	dm(r, DM_BALLOON_RESPONSE, sizeof(*r) + 8);
	is(balloon.pages, 0, "pages that the guest does not have");
	is(balloon.bad, 2, "are counted");
	guest_noise(20000, VM_PKT_DATA_INBAND);
	is(balloon.ch->state, CHANNEL_OPEN, "20000 packets of noise are lived through");
}

/* ---- integration components */

static u64 reference(void *vm) { (void)vm; return 777; }

/* Answer the packet P as a guest that has only the last of the versions offered. */
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
	is(ic_kvp_enumerate(&integration, 5), -1, "no key-value pair before the guest's program is there");
	is(guest_open_at(integration.kvp.ch, 0x200), 0, "key-value pairs open");
	guest_read(&p);
	ic_answer(&p);
	is(ic_kvp_enumerate(&integration, 5), 0, "a pair is asked for");
	is(guest_read(&p), 1, "by a packet");
	ic = (void *)p.data;
	body = (void *)ic->body;
	is(body->index, 5, "with its number");
	body->key[0] = 'k';
	body->key_size = 4;
	body->value[0] = 'v';
	body->value[1] = 0xfffd;
	body->value_size = 6;
	ic_answer(&p);
	ok(pair_status == 0 && !strcmp(pair_text, "k=v?"), "its text is read");
	body->value_size = 0xffffffff;
	memset(body->value, 'x', sizeof(body->value));
	ic_answer(&p);
	is(strlen(pair_text), 2 + 63, "a size that is too long reads no further");
	ic->size = 0;
	ic->status = 0x80070103;
	ic_answer(&p);
	ok(pair_status == 0x80070103 && !strcmp(pair_text, "="), "an answer without a body is an error alone");
	guest_noise(20000, VM_PKT_DATA_INBAND);
	is(integration.kvp.ch->state, CHANNEL_OPEN, "20000 packets of noise are lived through");
}

static void components(void)
{
	struct ic_packet *ic;
	struct packet p;

	integration.reference_time = NULL;
	ic_init(&integration, &bus, &loop);
	integration.reference_time = reference;
	is(ic_shutdown(&integration), -1, "utils: no shutdown before the guest is ready");
	is(guest_open(integration.timesync.ch), 0, "time synchronisation opens");
	is(guest_read(&p), 1, "the host speaks first");
	ic = (void *)p.data;
	is(ic->type, ICMSGTYPE_NEGOTIATE, "about versions");
	ic_answer(&p);
	is(integration.timesync.message.major, 1, "it takes the guest's");
	is(guest_read(&p), 1, "and sets the clock");
	ic = (void *)p.data;
	is(ic->type, ICMSGTYPE_TIMESYNC, "with a time message");
	ok(((struct ictimesync_ref_data *)ic->body)->host > WLTIMEDELTA, "after 1970");
	is(((struct ictimesync_ref_data *)ic->body)->reference, 777, "and the guest's own counter");
	ic_answer(&p);
	is(integration.timesync.answered, 1, "the answer is counted");
	is(guest_open_at(integration.shutdown.ch, 0x180), 0, "shutdown opens");
	guest_read(&p);
	ic_answer(&p);
	is(ic_shutdown(&integration), 0, "the guest can be shut down");
	guest_read(&p);
	is(p.len, ALIGN(28 + 2060, 8), "the request is whole: 6.1 looks at its length");
	guest_noise(20000, VM_PKT_DATA_INBAND);
	is(integration.shutdown.ch->state, CHANNEL_OPEN, "20000 packets of noise are lived through");
	pairs();
}

/* ---- sockets */

static int unix_listen(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	return bind(fd, (void *)&addr, sizeof(addr)) || listen(fd, 4) ? -1 : fd;
}

static void sockets(const char *dir)
{
	struct vmbus_channel_tl_connect_request c = {
		.h.type = CHANNELMSG_TL_CONNECT_REQUEST,
		.service = { { 0x88, 0x13, 0, 0, 0xcb, 0xfa, 0xe6, 0x11,
			0xbd, 0x58, 0x64, 0x00, 0x6a, 0x79, 0x86, 0xd3 } },
		.endpoint = { { 9 } },
	};
	struct vmbus_relid released = { .h.type = CHANNELMSG_RELID_RELEASED };
	u8 data[64] = { 1, 0, 0, 0, 5, 0, 0, 0, 'h', 'e', 'l', 'l', 'o' };
	char path[100], buf[64];
	struct channel *ch;
	struct packet p;
	int listener, peer, before = offers;

	hv_sock_init(&sock, &bus, &loop);
	snprintf(path, sizeof(path), "%s/socket", dir);
	listener = unix_listen(path);
	hv_sock_service(&sock, 5000, path);
	hv_sock_connect(&sock, &c);
	is(offers, before + 1, "hv_sock: a guest that connects gets a channel");
	is(last_offer.flags, 0x2011, "of its kind");
	ok(last_offer.type.b[0] == 0x88 && last_offer.instance.b[0] == 9, "as it asked for it");
	ch = &bus.channel[last_offer.relid];
	is(guest_open(ch), 0, "which it opens");
	peer = accept(listener, NULL, NULL);
	guest_write(VM_PKT_DATA_INBAND, 0, NULL, 0, data, 13);
	is(read(peer, buf, sizeof(buf)), 5, "its bytes come out of the socket");
	ok(!memcmp(buf, "hello", 5), "as they went in");
	is(write(peer, "world!", 6), 6, "the other way");
	loop_once(&loop, 100);
	is(guest_read(&p), 1, "they come");
	ok(get32(p.data + 4) == 6 && !memcmp(p.data + 8, "world!", 6), "as one packet");
	put32(data + 4, 0);
	guest_write(VM_PKT_DATA_INBAND, 0, NULL, 0, data, 8);
	is(read(peer, buf, sizeof(buf)), 0, "the guest's end is the socket's end");
	is(write(peer, "more", 4), 4, "in that direction");
	loop_once(&loop, 100);
	is(guest_read(&p) && get32(p.data + 4) == 4, 1, "not in the other");
	before = rescinds;
	close(peer);
	loop_once(&loop, 100);
	is(guest_read(&p) && get32(p.data + 4) == 0, 1, "the socket's end is told");
	is(rescinds, before + 1, "and with both ends the channel is taken back");
	released.relid = ch->relid;
	guest_post(&released, sizeof(released));
	is(sock.live, 0, "nothing is left");

	hv_sock_connect(&sock, &c);
	ch = &bus.channel[last_offer.relid];
	guest_open(ch);
	peer = accept(listener, NULL, NULL);
	before = rescinds;
	put32(data + 4, 60000);
	guest_write(VM_PKT_DATA_INBAND, 0, NULL, 0, data, 16);
	is(sock.bad, 1, "a length beyond its packet is bad");
	is(rescinds, before + 1, "and ends the stream");
	close(peer);
	before = offers;
	c.service.b[0] = 1;
	hv_sock_connect(&sock, &c);
	is(sock.refused, 1, "a port that nobody serves is refused");
	c.service.b[0] = 0x88;
	c.service.b[15] = 0;
	hv_sock_connect(&sock, &c);
	is(sock.refused, 2, "so is a service that is no port");
	is(offers, before, "silently");
	close(listener);
	hv_sock_connect(&sock, &c);

	snprintf(path, sizeof(path), "%s/listen", dir);
	is(hv_sock_listen(&sock, 6000, path), 0, "a socket for a port of the guest");
	peer = socket(AF_UNIX, SOCK_STREAM, 0);
	{
		struct sockaddr_un addr = { .sun_family = AF_UNIX };

		snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
		is(connect(peer, (void *)&addr, sizeof(addr)), 0, "somebody connects");
	}
	loop_once(&loop, 100);
	is(last_offer.user[4], 1, "the guest is offered a connection from the host");
	is(get32(last_offer.type.b), 6000, "to its port");
	before = rescinds;
	for (int i = 0; i < 30 && rescinds == before; i++)
		loop_once(&loop, 100);
	is(rescinds, before + 1, "and when it does not accept, that ends");
	close(peer);
}

int main(int argc, char **argv)
{
	if (argc != 2 || loop_init(&loop))
		return 2;
	guest_start();
	guest_contact();
	storage(argv[1]);
	dynamic_memory();
	components();
	sockets(argv[1]);
	return done();
}
