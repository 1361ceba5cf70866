// SPDX-License-Identifier: GPL-2.0
/*
 * The packets of a ring. Guest side: drivers/hv/ring_buffer.c. The guest can change the
 * ring at any time: indices and lengths are read once and checked, and a packet is
 * copied before it is parsed.
 */
#include "ring.h"

#define WRITE_INDEX	  0
#define READ_INDEX	  4
#define MASK		  8
#define PENDING_SIZE	  12
#define FEATURES	  64
#define PENDING_SUPPORTED 1
#define DESCRIPTOR	  16
#define TRAILER		  8

static u32 load(const struct ring *ring, u32 at)
{
	return __atomic_load_n((u32 *)(ring->page[0] + at), __ATOMIC_ACQUIRE);
}

static void store(struct ring *ring, u32 at, u32 value)
{
	__atomic_store_n((u32 *)(ring->page[0] + at), value, __ATOMIC_RELEASE);
}

static void fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

int ring_init(struct ring *ring, u8 **page, u32 pages)
{
	if (pages < 2 || pages > RING_MAX_PAGES)
		return -1;
	ring->page = page;
	ring->pages = pages;
	ring->size = (pages - 1) * PAGE_SIZE;
	ring->index = 0;
	return 0;
}

/* Copy LEN bytes at INDEX out of, or with TO_RING into, the data; wraps around. */
static void copy(struct ring *ring, u32 index, void *data, u32 len, int to_ring)
{
	u8 *bytes = data;

	while (len) {
		u32 n = PAGE_SIZE - index % PAGE_SIZE;
		u8 *at = ring->page[1 + index / PAGE_SIZE] + index % PAGE_SIZE;

		if (n > len)
			n = len;
		if (to_ring)
			memcpy(at, bytes, n);
		else
			memcpy(bytes, at, n);
		bytes += n;
		len -= n;
		index = (index + n) % ring->size;
	}
}

static int valid(const struct ring *ring, u32 index)
{
	return index < ring->size && index % 8 == 0;
}

static u32 used(const struct ring *ring, u32 write, u32 read)
{
	return write >= read ? write - read : ring->size - read + write;
}

int ring_read(struct ring *ring, struct packet *packet, void *buf, u32 size)
{
	u32 write = load(ring, WRITE_INDEX), have, head, len;
	u8 desc[DESCRIPTOR];

	if (!valid(ring, write))
		return RING_BAD_INDEX;
	have = used(ring, write, ring->index);
	if (!have)
		return RING_EMPTY;
	if (have < DESCRIPTOR + TRAILER)
		return RING_BAD_LENGTH;
	copy(ring, ring->index, desc, DESCRIPTOR, 0);
	head = get16(desc + 2) * 8;
	len = get16(desc + 4) * 8;
	if (head < DESCRIPTOR || len < head || len + TRAILER > have)
		return RING_BAD_LENGTH;
	if (len > size)
		return RING_TOO_LONG;
	copy(ring, ring->index, buf, len, 0);
	/* the guest may have changed it since: use the checked copy */
	memcpy(buf, desc, DESCRIPTOR);
	packet->type = get16(desc);
	packet->flags = get16(desc + 6);
	packet->id = get64(desc + 8);
	packet->head = head;
	packet->len = len - head;
	packet->desc = buf;
	packet->data = packet->desc + head;
	ring->index = (ring->index + len + TRAILER) % ring->size;
	store(ring, READ_INDEX, ring->index);
	return 1;
}

void ring_draining(struct ring *ring)
{
	store(ring, MASK, 1);
	fence();
}

int ring_drained(struct ring *ring)
{
	store(ring, MASK, 0);
	fence();
	return load(ring, WRITE_INDEX) != ring->index;
}

static u32 free_for_guest(const struct ring *ring)
{
	u32 write = load(ring, WRITE_INDEX);

	return valid(ring, write) ? ring->size - used(ring, write, ring->index) : 0;
}

/*
 * Derive the space before the read from the space now. What the guest has written
 * meanwhile counts as present before, or a guest that filled the ring during the read
 * would wait forever.
 */
int ring_wanted(const struct ring *ring, const struct packet *packet)
{
	u32 pending, now;

	fence();
	pending = load(ring, PENDING_SIZE);
	now = free_for_guest(ring);
	return pending && now > pending && now - (packet->head + packet->len + TRAILER) <= pending;
}

u32 ring_room(const struct ring *ring)
{
	u32 read = load(ring, READ_INDEX), room;

	if (!valid(ring, read))
		return 0;
	/* write == read means empty, so eight bytes stay free */
	room = ring->size - used(ring, ring->index, read) - 8;
	return room > DESCRIPTOR + TRAILER ? room - DESCRIPTOR - TRAILER : 0;
}

int ring_ask(struct ring *ring, u32 len)
{
	if (ring_room(ring) >= len)
		return 1;
	store(ring, PENDING_SIZE, ALIGN(len, 8) + DESCRIPTOR + TRAILER);
	fence();
	return ring_room(ring) >= len;
}

int ring_write(struct ring *ring, u16 type, u16 flags, u64 id, const void *extra, u32 extra_len,
	       const void *data, u32 len)
{
	u32 head = DESCRIPTOR + extra_len, total = head + ALIGN(len, 8);
	u32 begin = ring->index, at = begin, read = load(ring, READ_INDEX);
	u8 desc[DESCRIPTOR], zero[8] = { 0 }, trailer[TRAILER] = { 0 };

	if (!valid(ring, read))
		return RING_BAD_INDEX;
	if (ring->size - used(ring, begin, read) <= total + TRAILER) {
		if (total + TRAILER >= ring->size)
			return RING_BAD_LENGTH;
		if (!ring_ask(ring, total - DESCRIPTOR))
			return RING_FULL;
		read = load(ring, READ_INDEX);
		if (!valid(ring, read))
			return RING_BAD_INDEX;
	}
	store(ring, PENDING_SIZE, 0);
	put16(desc, type);
	put16(desc + 2, head / 8);
	put16(desc + 4, total / 8);
	put16(desc + 6, flags);
	put64(desc + 8, id);
	put32(trailer + 4, begin);
	copy(ring, at, desc, DESCRIPTOR, 1);
	at = (at + DESCRIPTOR) % ring->size;
	copy(ring, at, (void *)extra, extra_len, 1);
	at = (at + extra_len) % ring->size;
	copy(ring, at, (void *)data, len, 1);
	at = (at + len) % ring->size;
	copy(ring, at, zero, ALIGN(len, 8) - len, 1);
	at = (at + ALIGN(len, 8) - len) % ring->size;
	copy(ring, at, trailer, TRAILER, 1);
	ring->index = (at + TRAILER) % ring->size;
	store(ring, WRITE_INDEX, ring->index);
	fence();
	/* a guest that still had packets to read finds this one without a signal */
	return load(ring, MASK) == 0 && load(ring, READ_INDEX) == begin ? 1 : 2;
}
