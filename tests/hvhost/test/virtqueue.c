// SPDX-License-Identifier: GPL-2.0
/* Split virtqueues: what a driver makes of a ring, good and bad. */
#include "../virtqueue.h"
#include "tap.h"
#include <linux/virtio_ring.h>
#include <stdlib.h>

#define SIZE  8
#define DESC  0x10000
#define AVAIL 0x11000
#define USED  0x12000
#define DATA  0x20000
#define RAM   (1 << 20)

static struct memory mem;
static struct virtqueue q;
static struct chain chain;
static u16 next_avail;

static u8 *at(u64 gpa)
{
	return memory_at(&mem, gpa, 1);
}

static void desc_at(u64 table, u16 i, u64 addr, u32 len, u16 flags, u16 next)
{
	u8 *d = at(table + 16 * i);

	put64(d, addr);
	put32(d + 8, len);
	put16(d + 12, flags);
	put16(d + 14, next);
}

static void desc(u16 i, u64 addr, u32 len, u16 flags, u16 next)
{
	desc_at(DESC, i, addr, len, flags, next);
}

static int enable(u16 size, u64 table, u64 avail, u64 used)
{
	memset(at(DESC), 0, 3 * PAGE_SIZE);
	next_avail = 0;
	q = (struct virtqueue){ .mem = &mem,
				.size = size,
				.desc = table,
				.avail = avail,
				.used = used,
				.indirect = 1 };
	return virtqueue_enable(&q);
}

static void fresh(void)
{
	if (enable(SIZE, DESC, AVAIL, USED))
		abort();
}

static int take(u16 head)
{
	put16(at(AVAIL + 4 + 2 * (next_avail % SIZE)), head);
	put16(at(AVAIL + 2), ++next_avail);
	return virtqueue_take(&q, &chain);
}

/* Take the chain at descriptor 0 of a ring that was written after fresh(). */
static void refused(const char *what, const char *name)
{
	int rc = take(0);

	ok(rc == -1 && !strcmp(q.error, what), "%s", name);
	if (rc != -1 || strcmp(q.error, what))
		fprintf(stderr, "# %d, %s\n", rc, q.error ? q.error : "no error");
}

static void setup(void)
{
	is(enable(SIZE, DESC, AVAIL, USED), 0, "virtqueue: a queue of 8 is enabled");
	is(enable(VIRTQUEUE_SIZE, DESC, AVAIL, USED), 0, "and one of 256");
	is(enable(1, DESC, AVAIL, USED), 0, "and one of 1");
	is(enable(0, DESC, AVAIL, USED), -1, "a size of 0 is refused");
	is(enable(12, DESC, AVAIL, USED), -1, "so is one that is no power of 2");
	is(enable(512, DESC, AVAIL, USED), -1, "and one that is too large");
	is(enable(SIZE, DESC + 8, AVAIL, USED), -1, "descriptors that are not aligned");
	is(enable(SIZE, DESC, AVAIL + 1, USED), -1, "an available ring that is not");
	is(enable(SIZE, DESC, AVAIL, USED + 2), -1, "a used ring that is not");
	is(enable(SIZE, RAM - 16 * SIZE, AVAIL, USED), 0, "descriptors at the end of RAM");
	is(enable(SIZE, RAM - 16 * SIZE + 16, AVAIL, USED), -1, "and beyond it");
	is(enable(SIZE, DESC, RAM - 18, USED), -1, "an available ring beyond it");
	is(enable(SIZE, DESC, AVAIL, RAM - 64), -1, "a used ring beyond it");
	is(enable(SIZE, ~0ull << 4, AVAIL, USED), -1, "and descriptors at the end of the space");
	is(q.enabled, 0, "what is refused is not enabled");
}

static void chains(void)
{
	u8 text[16] = { 0 };

	fresh();
	is(virtqueue_take(&q, &chain), 0, "no buffer at the start");
	memcpy(at(DATA), "hello", 5);
	memcpy(at(DATA + 100), "world", 5);
	desc(0, DATA, 5, VRING_DESC_F_NEXT, 5);
	desc(5, DATA + 100, 5, VRING_DESC_F_NEXT, 2);
	desc(2, DATA + 200, 3, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 3);
	desc(3, DATA + 300, 100, VRING_DESC_F_WRITE, 0);
	is(take(0), 1, "a chain of four is taken");
	is(chain.out_len, 10, "10 bytes to read");
	is(chain.in_len, 103, "103 to write");
	is(chain_read(&chain, 3, text, sizeof(text)), 7, "7 from offset 3 on");
	ok(!memcmp(text, "loworld", 8), "which go over a border");
	is(chain_read(&chain, 10, text, 1), 0, "nothing from the end on");
	is(chain_write(&chain, 2, "abc", 3), 3, "3 are written");
	ok(at(DATA + 202)[0] == 'a' && at(DATA + 300)[0] == 'b', "over a border too");
	is(chain_write(&chain, 100, "abcdef", 6), 3, "and no more than there is room for");
	is(at(DATA + 400)[0], 0, "nothing behind it");
	virtqueue_put(&q, &chain, 103);
	is(get16(at(USED + 2)), 1, "it is returned");
	is(get32(at(USED + 4)), 0, "by its first descriptor");
	is(get32(at(USED + 8)), 103, "with the bytes written");
	for (int i = 0; i < 3 * SIZE; i++) {
		if (take(3) != 1)
			break;
		virtqueue_put(&q, &chain, i);
	}
	is(get16(at(USED + 2)), 3 * SIZE + 1, "the rings go round");
	is(virtqueue_interrupts(&q), 1, "the guest wants interrupts");
	put16(at(AVAIL), VRING_AVAIL_F_NO_INTERRUPT);
	is(virtqueue_interrupts(&q), 0, "or none");
	q.next_avail = next_avail = 0xffff;
	put16(at(AVAIL + 2), 0xffff);
	is(take(3), 1, "the index wraps");
	is(virtqueue_take(&q, &chain), 0, "and that was the last one");
}

static void indirect(void)
{
	fresh();
	desc(0, DATA, 2, VRING_DESC_F_NEXT, 1);
	desc(1, DATA + 0x1000, 32, VRING_DESC_F_INDIRECT, 0);
	desc_at(DATA + 0x1000, 0, DATA, 7, VRING_DESC_F_NEXT, 1);
	desc_at(DATA + 0x1000, 1, DATA, 9, VRING_DESC_F_WRITE, 0);
	is(take(0), 1, "an indirect table is followed, after a descriptor");
	is(chain.out_len * 100 + chain.in_len, 909, "all parts are there");
	q.indirect = 0;
	refused("an indirect descriptor is not allowed here", "not if it was not negotiated");
	fresh();
	desc(0, DATA + 0x1000, 32, VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT, 1);
	refused("an indirect descriptor has a next one", "indirect and next are refused");
	fresh();
	desc(0, DATA + 0x1000, 32, VRING_DESC_F_INDIRECT, 0);
	desc_at(DATA + 0x1000, 0, DATA + 0x1000, 32, VRING_DESC_F_INDIRECT, 0);
	refused("an indirect descriptor is not allowed here", "a table in a table is");
	fresh();
	desc(0, DATA + 0x1000, 0, VRING_DESC_F_INDIRECT, 0);
	refused("the length of an indirect table is invalid", "an empty table is");
	fresh();
	desc(0, DATA + 0x1000, 24, VRING_DESC_F_INDIRECT, 0);
	refused("the length of an indirect table is invalid", "one with half a descriptor is");
	fresh();
	desc(0, DATA + 0x1000, 16 * (VIRTQUEUE_SIZE + 1), VRING_DESC_F_INDIRECT, 0);
	refused("the length of an indirect table is invalid", "one that is too long is");
	fresh();
	desc(0, DATA, 1, VRING_DESC_F_NEXT, 1);
	desc(1, DATA + 0x1000, 16 * VIRTQUEUE_SIZE, VRING_DESC_F_INDIRECT, 0);
	refused("the length of an indirect table is invalid", "so is one with what is before it");
	fresh();
	desc(0, RAM - 16, 32, VRING_DESC_F_INDIRECT, 0);
	refused("an indirect table is not in RAM", "one that is not in RAM is");
	fresh();
	desc(0, DATA + 0x1000, 32, VRING_DESC_F_INDIRECT, 0);
	desc_at(DATA + 0x1000, 0, DATA, 1, VRING_DESC_F_NEXT, 1);
	desc_at(DATA + 0x1000, 1, DATA, 1, VRING_DESC_F_NEXT, 0);
	refused("a chain has a loop", "a loop in a table is");
	fresh();
	desc(0, DATA + 0x1000, 32, VRING_DESC_F_INDIRECT, 0);
	desc_at(DATA + 0x1000, 0, DATA, 1, VRING_DESC_F_NEXT, 2);
	refused("the next descriptor is beyond the table", "a next one beyond the table is");
	fresh();
	desc(0, DATA + 0x1000, 16 * VIRTQUEUE_SIZE, VRING_DESC_F_INDIRECT, 0);
	for (int i = 0; i < VIRTQUEUE_SIZE; i++)
		desc_at(DATA + 0x1000, i, DATA, 1, i < VIRTQUEUE_SIZE - 1 ? VRING_DESC_F_NEXT : 0,
			i + 1);
	is(take(0), 1, "a table of 256 is taken");
	is(chain.out_len, VIRTQUEUE_SIZE, "with all of its parts");
}

static void hostile(void)
{
	fresh();
	desc(0, DATA, 1, VRING_DESC_F_NEXT, 1);
	desc(1, DATA, 1, VRING_DESC_F_NEXT, 0);
	refused("a chain has a loop", "a loop of two is refused");
	fresh();
	desc(0, DATA, 0, VRING_DESC_F_NEXT, 0);
	refused("a chain has a loop", "a loop of one without bytes is");
	fresh();
	desc(0, DATA, 1, VRING_DESC_F_NEXT, SIZE);
	refused("the next descriptor is beyond the table", "a next one beyond the table is");
	fresh();
	desc(0, RAM - 4, 5, 0, 0);
	refused("a buffer is not in RAM", "a buffer that ends beyond RAM is");
	fresh();
	desc(0, ~0ull - 2, 8, 0, 0);
	refused("a buffer is not in RAM", "one at the end of the space is");
	fresh();
	desc(0, DATA, 0xffffffff, 0, 0);
	refused("a chain is too long", "one of 4 GB is");
	fresh();
	for (u16 i = 0; i < SIZE; i++)
		desc(i, 0, RAM, i < SIZE - 1 ? VRING_DESC_F_NEXT : 0, i + 1);
	refused("a chain is too long", "one of all of RAM eight times is");
	fresh();
	desc(0, DATA, 1, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 1);
	desc(1, DATA, 1, 0, 0);
	refused("a part to read follows a part to write", "parts in the wrong order are");
	fresh();
	put16(at(AVAIL + 2), SIZE + 1);
	is(virtqueue_take(&q, &chain), -1, "an available index that jumps is");
	fresh();
	put16(at(AVAIL + 2), 0xffff);
	is(virtqueue_take(&q, &chain), -1, "one that goes back is");
	fresh();
	is(take(SIZE), -1, "a first descriptor beyond the table is");
	is(take(0xffff), -1, "and the last number of all");
}

/* Rings of random bytes: nothing to see, but the sanitizers look. */
static void noise(void)
{
	u32 seed = 7, taken = 0, bad = 0;

	for (int round = 0; round < 20000; round++) {
		fresh();
		for (int i = 0; i < 16 * SIZE; i += 2) {
			seed = seed * 1103515245 + 12345;
			put16(at(DESC + i),
			      i % 16 == 8	   ? seed >> 16 & 0x3f :
				      i % 16 >= 12 ? seed >> 20 & 7 :
				      i % 16 >= 4  ? 0 :
						     seed >> 16 & (i % 16 ? 0xf : 0xfff0));
		}
		*(take(seed >> 24 & 7) == 1 ? &taken : &bad) += 1;
	}
	ok(taken > 1000 && bad > 1000, "20,000 random rings: %u taken, %u refused", taken, bad);
}

int main(void)
{
	if (memory_init(&mem, RAM))
		return 1;
	setup();
	chains();
	indirect();
	hostile();
	noise();
	return done();
}
