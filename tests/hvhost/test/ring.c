// SPDX-License-Identifier: GPL-2.0
/* The ring: framing, wrap-around, flow control, and invalid contents. */
#include "../ring.h"
#include "tap.h"
#include <stdlib.h>

#define PAGES 5

static u8 memory[PAGES][PAGE_SIZE] __attribute__((aligned(8)));
static u8 *pages[PAGES];
/* the host's end and the guest's end */
static struct ring host, guest;
static u8 buf[PAGE_SIZE * PAGES];

static u32 *index_at(int at)
{
	return (u32 *)(memory[0] + at);
}

static void reset(void)
{
	memset(memory, 0, sizeof(memory));
	for (int i = 0; i < PAGES; i++)
		pages[i] = memory[i ? PAGES - i : 0]; /* pages in reverse order */
	ring_init(&host, pages, PAGES);
	ring_init(&guest, pages, PAGES);
}

static void framing(void)
{
	struct packet p;
	u8 data[13] = "hello, guest";

	reset();
	is(ring_read(&host, &p, buf, sizeof(buf)), RING_EMPTY, "a new ring is empty");
	is(ring_write(&guest, VM_PKT_DATA_INBAND, 1, 77, NULL, 0, data, sizeof(data)), 1,
	   "the first packet in an empty ring needs a signal");
	is(ring_write(&guest, VM_PKT_DATA_INBAND, 0, 78, NULL, 0, data, 8), 2,
	   "the second does not");
	is(ring_read(&host, &p, buf, sizeof(buf)), 1, "a packet is read");
	is(p.type, VM_PKT_DATA_INBAND, "with its type");
	is(p.flags, 1, "its flags");
	is(p.id, 77, "its id");
	is(p.len, 16, "its length, padded to a multiple of eight");
	ok(!memcmp(p.data, data, sizeof(data)), "its data");
	is(ring_read(&host, &p, buf, sizeof(buf)), 1, "the next packet");
	is(p.id, 78, "in order");
	is(ring_read(&host, &p, buf, sizeof(buf)), RING_EMPTY, "then the ring is empty");
	is(*index_at(0), 16 + 16 + 8 + 16 + 8 + 8,
	   "the write index counts descriptor, data and trailer");
	is(*index_at(4), *index_at(0), "the read index is equal to it");
}

static void wraps(void)
{
	struct packet p;
	u8 data[1000];
	int wrong = 0;

	reset();
	for (int i = 0; i < 500; i++) {
		u32 len = 8 + (i * 37) % 900, extra_len = i % 3 * 8;

		for (u32 j = 0; j < len; j++)
			data[j] = i + j;
		if (ring_write(&guest, VM_PKT_DATA_USING_GPA_DIRECT, 0, i, data, extra_len, data,
			       len) < 0 ||
		    ring_read(&host, &p, buf, sizeof(buf)) != 1 || p.id != (u64)i ||
		    p.head != 16 + extra_len || p.len != ALIGN(len, 8) || memcmp(p.data, data, len))
			wrong++;
	}
	is(wrong, 0, "500 packets of many lengths wrap around intact");
}

static void flow(void)
{
	struct packet p;
	u8 data[1000] = { 0 };
	int n = 0, rc;

	reset();
	while ((rc = ring_write(&host, VM_PKT_DATA_INBAND, 0, n, NULL, 0, data, sizeof(data))) > 0)
		n++;
	is(rc, RING_FULL, "a ring that is not read fills up");
	is(n, (int)(host.size - 1) / 1024, "after the expected number of packets");
	is(*index_at(12), 1024, "and requests a signal when there is room");
	ok(ring_room(&host) < 1000, "ring_room() is less than the packet");
	is(ring_ask(&host, 1000), 0, "ring_ask() is 0");
	ring_read(&guest, &p, buf, sizeof(buf));
	is(ring_wanted(&guest, &p), 1, "the reader must signal");
	ring_read(&guest, &p, buf, sizeof(buf));
	is(ring_wanted(&guest, &p), 0, "once only");
	while (ring_write(&host, VM_PKT_DATA_INBAND, 0, n, NULL, 0, data, sizeof(data)) > 0)
		;
	ring_read(&guest, &p, buf, sizeof(buf));
	is(ring_wanted(&guest, &p), 1, "again after the ring was full again");
	ring_read(&guest, &p, buf, sizeof(buf));
	is(ring_ask(&host, 1000), 1, "ring_ask() is 1 when there is room");
	ok(ring_write(&host, VM_PKT_DATA_INBAND, 0, 0, NULL, 0, data, sizeof(data)) > 0,
	   "and a packet fits");
	is(*index_at(12), 0, "the request for a signal is cleared");
	is(ring_write(&host, VM_PKT_DATA_INBAND, 0, 0, NULL, 0, buf, sizeof(buf) - PAGE_SIZE),
	   RING_BAD_LENGTH, "a packet larger than the ring fails");

	reset();
	ring_draining(&guest);
	is(*index_at(8), 1, "signals are masked while draining");
	is(ring_write(&host, VM_PKT_DATA_INBAND, 0, 0, NULL, 0, data, 8), 2,
	   "a packet needs no signal then");
	is(ring_drained(&guest), 1, "the end of draining reports the packet");
	is(*index_at(8), 0, "and unmasks signals");
}

/* Read one packet with the given lengths in its descriptor and write index. */
static int bad(u16 head8, u16 len8, u32 write)
{
	struct packet p;

	reset();
	put16(pages[1], VM_PKT_DATA_INBAND);
	put16(pages[1] + 2, head8);
	put16(pages[1] + 4, len8);
	*index_at(0) = write;
	return ring_read(&host, &p, buf, 256);
}

static void hostile(void)
{
	struct packet p;
	u8 data[8] = { 0 };
	u32 seed = 1;
	int wrong = 0;

	is(bad(2, 3, 32), 1, "a valid handmade packet is read");
	is(bad(2, 3, 33), RING_BAD_INDEX, "a write index that is not a multiple of eight");
	is(bad(2, 3, 4 * PAGE_SIZE), RING_BAD_INDEX, "a write index just outside the ring");
	is(bad(2, 3, 0xfffffff8), RING_BAD_INDEX, "a write index far outside");
	is(bad(2, 3, 16), RING_BAD_LENGTH, "contents shorter than descriptor and trailer");
	is(bad(1, 3, 32), RING_BAD_LENGTH, "a descriptor length below the minimum");
	is(bad(4, 3, 32), RING_BAD_LENGTH, "a descriptor length beyond the packet");
	is(bad(2, 0xffff, 32), RING_BAD_LENGTH, "a packet length beyond the contents");
	is(bad(2, 0, 32), RING_BAD_LENGTH, "a packet length of 0");
	is(bad(2, 100, 2000), RING_TOO_LONG, "a packet longer than the buffer");
	reset();
	*index_at(4) = 5;
	is(ring_write(&host, VM_PKT_DATA_INBAND, 0, 0, NULL, 0, data, 8), RING_BAD_INDEX,
	   "an invalid read index fails a write");
	is(ring_room(&host), 0, "ring_room() is 0 then");
	/* a read must return and stay in bounds, whatever is in the ring (the sanitizers check) */
	for (int i = 0; i < 20000; i++) {
		for (size_t j = 0; j < sizeof(memory[1]); j += 512 + i % 8) {
			seed = seed * 1103515245 + 12345;
			put32(memory[1 + i % 4] + j % (PAGE_SIZE - 4), seed);
		}
		*index_at(0) = seed >> 8 & (i & 1 ? 0xfff8 : 0x3ff8);
		host.index = seed >> 5 & 0x3ff8;
		if (ring_read(&host, &p, buf, sizeof(buf)) == 1 &&
		    (p.data + p.len > buf + sizeof(buf) || host.index >= host.size))
			wrong++;
	}
	is(wrong, 0, "20000 random rings: packets stay in the buffer, indices in the ring");
}

int main(void)
{
	framing();
	wraps();
	flow();
	hostile();
	is(ring_init(&host, pages, 1), -1, "a ring of one page is invalid");
	is(ring_init(&host, pages, RING_MAX_PAGES + 1), -1, "a ring larger than the maximum too");
	return done();
}
