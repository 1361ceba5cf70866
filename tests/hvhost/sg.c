// SPDX-License-Identifier: GPL-2.0
/* Guest buffers that a packet describes by page numbers. */
#include "sg.h"

#define RANGES	    20 /* offset of the range count in a packet */
#define FIRST_RANGE 24

static int add(struct sg *sg, const struct memory *mem, u64 pfn, u32 offset, u32 len)
{
	u8 *page = pfn < BIT(40) ? memory_at(mem, pfn * PAGE_SIZE, PAGE_SIZE) : NULL;

	if (!page || sg->n == SG_MAX_PAGES)
		return -1;
	sg->iov[sg->n].iov_base = page + offset;
	sg->iov[sg->n++].iov_len = len;
	sg->len += len;
	return 0;
}

int sg_from_packet(struct sg *sg, const struct memory *mem, const struct packet *packet)
{
	const u8 *at = packet->desc + FIRST_RANGE, *end = packet->data;
	u32 ranges;

	sg->n = sg->len = 0;
	if (packet->type != VM_PKT_DATA_USING_GPA_DIRECT)
		return 0;
	if (packet->head < FIRST_RANGE)
		return -1;
	ranges = get32(packet->desc + RANGES);
	while (ranges--) {
		u32 left, offset;

		if (end - at < 8)
			return -1;
		left = get32(at);
		offset = get32(at + 4);
		at += 8;
		if (offset >= PAGE_SIZE || left > SG_MAX_PAGES * PAGE_SIZE)
			return -1;
		while (left) {
			u32 n = PAGE_SIZE - offset < left ? PAGE_SIZE - offset : left;

			if (end - at < 8 || add(sg, mem, get64(at), offset, n))
				return -1;
			at += 8;
			left -= n;
			offset = 0;
		}
		/* a driver with a single range may send more page numbers than its length needs */
		if (ranges && end - at < 8)
			return -1;
	}
	return 0;
}

static u32 copy(const struct sg *sg, void *data, u32 len, int to_guest)
{
	u32 done = 0;

	for (int i = 0; i < sg->n && done < len; i++) {
		u32 n = sg->iov[i].iov_len < len - done ? sg->iov[i].iov_len : len - done;

		if (to_guest)
			memcpy(sg->iov[i].iov_base, (u8 *)data + done, n);
		else
			memcpy((u8 *)data + done, sg->iov[i].iov_base, n);
		done += n;
	}
	return done;
}

u32 sg_to_guest(struct sg *sg, const void *data, u32 len)
{
	return copy(sg, (void *)data, len, 1);
}

u32 sg_from_guest(const struct sg *sg, void *data, u32 len)
{
	return copy(sg, data, len, 0);
}

void sg_trim(struct sg *sg, u32 len)
{
	u32 have = 0;

	for (int i = 0; i < sg->n; i++) {
		if (have + sg->iov[i].iov_len >= len) {
			sg->iov[i].iov_len = len - have;
			sg->n = len > have ? i + 1 : i;
			sg->len = len;
			return;
		}
		have += sg->iov[i].iov_len;
	}
}
