// SPDX-License-Identifier: GPL-2.0
/* Dynamic memory against a minimal guest. */
#define _GNU_SOURCE
#include "guest.h"
#include "../balloon.h"
#include "../proto/balloon.h"

static struct balloon balloon;

static int done_calls;
static void on_done(void *arg)
{
	(void)arg;
	done_calls++;
}

static u16 dm(void *msg, u16 type, u32 size)
{
	struct dm_header *h = msg;
	struct packet p;

	h->type = type;
	h->size = size;
	guest_write(VM_PKT_DATA_INBAND, 0, NULL, 0, msg, size);
	return guest_read(&p) ? get16(p.data) : 0;
}

static void negotiation(void)
{
	struct dm_version_request v = { .version = 0x30000 };
	struct dm_capabilities caps = { .caps = 3 };
	struct dm_status status = { .available = 1234 };

	balloon_init(&balloon, &bus, &mem);
	balloon.done = on_done;
	is(guest_open(balloon.ch), 0, "balloon: open");
	is(balloon_inflate(&balloon, 5), -1, "the balloon cannot inflate before it is ready");
	is(dm(&v, DM_VERSION_REQUEST, sizeof(v)), DM_VERSION_RESPONSE,
	   "an unknown version is answered");
	is(balloon.version, 0, "and rejected");
	v.version = DYNMEM_PROTOCOL_VERSION_WIN10;
	dm(&v, DM_VERSION_REQUEST, sizeof(v));
	is(balloon.version, DYNMEM_PROTOCOL_VERSION_WIN10, "2.0 is accepted");
	is(dm(&caps, DM_CAPABILITIES_REPORT, sizeof(caps)), DM_CAPABILITIES_RESPONSE,
	   "capabilities are answered");
	dm(&status, DM_STATUS_REPORT, sizeof(status));
	is(balloon.available, 1234, "a pressure report is read");
}

static void pages(void)
{
	u8 text[64] = { 0 }, *page = memory_at(&mem, 0x300 * PAGE_SIZE, PAGE_SIZE);
	struct dm_balloon_response *r = (void *)text;
	struct packet p;

	is(balloon_inflate(&balloon, 2), 0, "inflate");
	is(balloon_inflate(&balloon, 2), -1, "a second request is refused");
	guest_read(&p);
	is(((struct dm_balloon *)p.data)->pages, 2, "the request has the number of pages");
	page[0] = 1;
	r->more_count = 1 << 1;
	r->range[0] = 0x300 | 2ull << 40;
	dm(r, DM_BALLOON_RESPONSE, sizeof(*r) + 8);
	is(done_calls, 1, "the response calls done()");
	is(balloon.pages, 2, "two pages are in the balloon");
	is(page[0], 0, "and dropped");
	is(balloon_deflate(&balloon), 0, "deflate");
	guest_read(&p);
	is(((struct dm_unballoon_request *)p.data)->range[0], 0x300 | 2ull << 40,
	   "the request has the same pages");
	dm(text, DM_UNBALLOON_RESPONSE, sizeof(struct dm_header));
	is(done_calls, 2, "the response calls done()");
}

static int lines;

static void count_line(const char *line, u32 len)
{
	(void)line;
	(void)len;
	lines++;
}

static void invalid(void)
{
	u8 text[64] = { 0 };
	struct dm_balloon_response *r = (void *)text;
	struct packet p;

	balloon_inflate(&balloon, 2);
	guest_read(&p);
	r->more_count = 100 << 1;
	dm(r, DM_BALLOON_RESPONSE, sizeof(*r) + 8);
	is(balloon.pages, 0, "a response with fewer ranges than it claims is ignored");
	r->more_count = 1 << 1;
	r->range[0] = (BIT(40) - 1) | 5ull << 40;
	log_to(count_line);
	dm(r, DM_BALLOON_RESPONSE, sizeof(*r) + 8);
	log_to(NULL);
	is(balloon.pages, 0, "a range outside RAM is ignored");
	is(lines, 0, "without a line in the log, which a guest could fill the disk with");
	is(balloon.bad, 2, "both are counted as invalid");
}

int main(void)
{
	guest_start();
	guest_contact();
	negotiation();
	pages();
	invalid();
	guest_noise(20000, VM_PKT_DATA_INBAND);
	is(balloon.ch->state, CHANNEL_OPEN, "the channel is open after 20000 random packets");
	return done();
}
