// SPDX-License-Identifier: GPL-2.0
/*
 * Split virtqueues. The guest may change the rings at any time: each value is copied once,
 * then checked, then used.
 */
#include "virtqueue.h"
#include <linux/virtio_ring.h>

#define DESC_SIZE  16 /* struct vring_desc */
#define RING_IDX   2  /* of the available and of the used ring, after the flags */
#define RING_ENTRY 4
#define USED_SIZE  8 /* struct vring_used_elem */

struct desc {
	u64 addr;
	u32 len;
	u16 flags, next;
};

static int invalid(struct virtqueue *q, const char *what)
{
	q->error = what;
	return -1;
}

int virtqueue_enable(struct virtqueue *q)
{
	u32 size = q->size;

	if (!size || size > VIRTQUEUE_SIZE || (size & (size - 1)))
		return invalid(q, "the size of the queue is no power of 2, or too large");
	if (q->desc % 16 || q->avail % 2 || q->used % 4)
		return invalid(q, "a ring is not aligned");
	q->table = memory_at(q->mem, q->desc, size * DESC_SIZE);
	q->available = memory_at(q->mem, q->avail, RING_ENTRY + 2 * size);
	q->done = memory_at(q->mem, q->used, RING_ENTRY + USED_SIZE * size);
	if (!q->table || !q->available || !q->done)
		return invalid(q, "a ring is not in RAM");
	q->next_avail = q->next_used = 0;
	q->enabled = 1;
	return 0;
}

u16 virtqueue_waiting(const struct virtqueue *q)
{
	const u16 *idx = (const u16 *)(q->available + RING_IDX);

	return __atomic_load_n(idx, __ATOMIC_ACQUIRE) - q->next_avail;
}

static struct desc copy(const u8 *from)
{
	return (struct desc){ get64(from), get32(from + 8), get16(from + 12), get16(from + 14) };
}

/* LEN bytes, at least one, at GPA in host memory, or NULL unless they are RAM. */
static void *reach(struct virtqueue *q, u64 gpa, u32 len)
{
	void *host = memory_at(q->mem, gpa, len);

	if (host && q->seen) {
		q->seen->first = gpa < q->seen->first ? gpa : q->seen->first;
		q->seen->last = gpa + len - 1 > q->seen->last ? gpa + len - 1 : q->seen->last;
	}
	return host;
}

/* Add what a descriptor describes to the chain. */
static int add(struct virtqueue *q, struct chain *c, const struct desc *d)
{
	int write = !!(d->flags & VRING_DESC_F_WRITE);
	u32 *total = write ? &c->in_len : &c->out_len;
	void *host;

	if (!write && c->ins)
		return invalid(q, "a part to read follows a part to write");
	if (!d->len)
		return 0;
	if (d->len > VIRTQUEUE_BYTES - c->in_len - c->out_len)
		return invalid(q, "a chain is too long");
	host = reach(q, d->addr, d->len);
	if (!host)
		return invalid(q, "a buffer is not in RAM");
	c->iov[c->outs + c->ins] = (struct iovec){ host, d->len };
	*total += d->len;
	*(write ? &c->ins : &c->outs) += 1;
	return 0;
}

/* Follow a chain in a table of SIZE descriptors: no more steps than the table has. */
static int follow(struct virtqueue *q, struct chain *c, const u8 *table, u32 size, u32 at,
		  struct desc *indirect)
{
	for (u32 steps = 0; steps < size; steps++) {
		struct desc d = copy(table + at * DESC_SIZE);

		if (d.flags & VRING_DESC_F_INDIRECT) {
			if (!indirect || !q->indirect)
				return invalid(q, "an indirect descriptor is not allowed here");
			if (d.flags & VRING_DESC_F_NEXT)
				return invalid(q, "an indirect descriptor has a next one");
			*indirect = d;
			return 0;
		}
		if (add(q, c, &d))
			return -1;
		if (!(d.flags & VRING_DESC_F_NEXT))
			return 0;
		at = d.next;
		if (at >= size)
			return invalid(q, "the next descriptor is beyond the table");
	}
	return invalid(q, "a chain has a loop");
}

int virtqueue_take(struct virtqueue *q, struct chain *c)
{
	u8 table[VIRTQUEUE_SIZE * DESC_SIZE];
	struct desc indirect = { 0 };
	u16 waiting = virtqueue_waiting(q), entry = q->next_avail % q->size;
	const u8 *host;

	if (!waiting)
		return 0;
	if (waiting > q->size)
		return invalid(q, "the available index is ahead by more than the queue's size");
	c->head = get16(q->available + RING_ENTRY + 2 * entry);
	if (c->head >= q->size)
		return invalid(q, "the first descriptor is beyond the table");
	c->outs = c->ins = c->out_len = c->in_len = 0;
	if (follow(q, c, q->table, q->size, c->head, &indirect))
		return -1;
	if (indirect.flags) {
		/* parts before it and as many as the table has: both are in iov */
		if (!indirect.len || indirect.len % DESC_SIZE ||
		    c->outs + c->ins + indirect.len / DESC_SIZE > VIRTQUEUE_SIZE)
			return invalid(q, "the length of an indirect table is invalid");
		host = reach(q, indirect.addr, indirect.len);
		if (!host)
			return invalid(q, "an indirect table is not in RAM");
		memcpy(table, host, indirect.len);
		if (follow(q, c, table, indirect.len / DESC_SIZE, 0, NULL))
			return -1;
	}
	q->next_avail++;
	return 1;
}

void virtqueue_put(struct virtqueue *q, const struct chain *c, u32 len)
{
	u8 *entry = q->done + RING_ENTRY + USED_SIZE * (q->next_used % q->size);

	put32(entry, c->head);
	put32(entry + 4, len);
	/* the guest must see the entry and the data no later than the index */
	__atomic_store_n((u16 *)(q->done + RING_IDX), ++q->next_used, __ATOMIC_RELEASE);
}

int virtqueue_interrupts(const struct virtqueue *q)
{
	/* the guest clears the flag, then looks at the index: it must not miss both */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !(get16(q->available) & VRING_AVAIL_F_NO_INTERRUPT);
}

/* Copy between DATA and the N parts at IOV, from offset AT on. */
static u32 transfer(const struct iovec *iov, u32 n, u32 at, u8 *data, u32 len, int to_guest)
{
	u32 done = 0;

	for (; n && done < len; iov++, n--) {
		u32 part = iov->iov_len, size;

		if (at >= part) {
			at -= part;
			continue;
		}
		size = part - at < len - done ? part - at : len - done;
		if (to_guest)
			memcpy((u8 *)iov->iov_base + at, data + done, size);
		else
			memcpy(data + done, (u8 *)iov->iov_base + at, size);
		done += size;
		at = 0;
	}
	return done;
}

u32 chain_read(const struct chain *c, u32 at, void *to, u32 len)
{
	return transfer(c->iov, c->outs, at, to, len, 0);
}

u32 chain_write(const struct chain *c, u32 at, const void *from, u32 len)
{
	return transfer(c->iov + c->outs, c->ins, at, (u8 *)from, len, 1);
}
