/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A minimal driver for tests of virtio devices: memory, and the driver's side of a PCI
 * function and its queues. It finds the registers as Linux does, by the capabilities.
 */
#ifndef VIRTIO_TEST_H
#define VIRTIO_TEST_H

#include "../virtio_pci.h"
#include "tap.h"
#include <linux/pci_regs.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>
#include <linux/virtio_ring.h>
#include <stdlib.h>

#define GUEST_MEMORY   (16ull << 20)
#define GUEST_QUEUES   0x100000 /* rings: a page each of descriptors, available, used */
#define GUEST_DATA     0x400000 /* buffers, handed out in a circle */
#define GUEST_DATA_END 0xc00000

#define ACKNOWLEDGED (VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER)
#define RUNNING_BITS (ACKNOWLEDGED | VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK)
#define PLATFORM     (BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_ACCESS_PLATFORM))

struct driver_queue {
	u64 desc, avail, used;
	u16 size, next_desc, next_avail, next_used;
};

static struct memory mem;
static struct loop loop;
static struct pci_function *fn;
static struct driver_queue dq[VIRTIO_QUEUES];
static u32 common_at, notify_at, notify_stride, isr_at, config_at, config_length, shared_cap;
static u64 data_next = GUEST_DATA;
static int interrupts[32]; /* by the data of the message */

static void on_interrupt(void *arg, const struct pci_msi *msi)
{
	(void)arg;
	if (msi->address == 0xfee00000 && msi->data < 32)
		interrupts[msi->data]++;
	else
		abort();
}

static inline struct virtio_host guest_host(void)
{
	if (!mem.regions && (memory_init(&mem, GUEST_MEMORY) || loop_init(&loop)))
		exit(1);
	return (struct virtio_host){ .mem = &mem, .loop = &loop, .interrupt = on_interrupt };
}

static inline u64 reg_read(u32 bar, u64 offset, u32 size)
{
	return fn->bar_read(fn->self, bar, offset, size);
}

static inline void reg_write(u32 bar, u64 offset, u32 size, u64 value)
{
	fn->bar_write(fn->self, bar, offset, size, value);
}

static inline u64 common(u32 offset, u32 size)
{
	return reg_read(0, common_at + offset, size);
}

static inline void set_common(u32 offset, u32 size, u64 value)
{
	reg_write(0, common_at + offset, size, value);
}

static inline u8 *at(u64 gpa, u64 len)
{
	u8 *host = memory_at(&mem, gpa, len);

	if (!host)
		abort();
	return host;
}

/* Write to the configuration space as vpci does. */
static inline void capability_write(u32 offset, u16 value)
{
	put16(fn->capabilities + offset - 0x40, value);
	fn->capability_written(fn->self, offset);
}

/* Walk the capabilities: how many of virtio's there are. */
static inline int find_registers(void)
{
	int found = 0;
	u8 next = 0x40;

	for (int i = 0; next && i < 32; i++) {
		const u8 *cap = fn->capabilities + next - 0x40;

		if (cap[0] == PCI_CAP_ID_VNDR) {
			u32 offset = get32(cap + VIRTIO_PCI_CAP_OFFSET);

			found++;
			switch (cap[VIRTIO_PCI_CAP_CFG_TYPE]) {
			case VIRTIO_PCI_CAP_COMMON_CFG:
				common_at = offset;
				break;
			case VIRTIO_PCI_CAP_NOTIFY_CFG:
				notify_at = offset;
				notify_stride = get32(cap + VIRTIO_PCI_NOTIFY_CAP_MULT);
				break;
			case VIRTIO_PCI_CAP_ISR_CFG:
				isr_at = offset;
				break;
			case VIRTIO_PCI_CAP_DEVICE_CFG:
				config_at = offset;
				config_length = get32(cap + VIRTIO_PCI_CAP_LENGTH);
				break;
			case VIRTIO_PCI_CAP_SHARED_MEMORY_CFG:
				shared_cap = next - 0x40;
				break;
			}
		}
		next = cap[1];
	}
	return found;
}

static inline u8 status(void)
{
	return common(VIRTIO_PCI_COMMON_STATUS, 1);
}

static inline void set_status_bits(u8 bits)
{
	set_common(VIRTIO_PCI_COMMON_STATUS, 1, status() | bits);
}

static inline u64 offered(void)
{
	u64 features;

	set_common(VIRTIO_PCI_COMMON_DFSELECT, 4, 0);
	features = common(VIRTIO_PCI_COMMON_DF, 4);
	set_common(VIRTIO_PCI_COMMON_DFSELECT, 4, 1);
	return features | common(VIRTIO_PCI_COMMON_DF, 4) << 32;
}

/* From reset to FEATURES_OK; the status. */
static inline u8 negotiate(u64 features)
{
	set_common(VIRTIO_PCI_COMMON_STATUS, 1, 0);
	set_status_bits(VIRTIO_CONFIG_S_ACKNOWLEDGE);
	set_status_bits(VIRTIO_CONFIG_S_DRIVER);
	for (u32 i = 0; i < 4; i++) {
		set_common(VIRTIO_PCI_COMMON_GFSELECT, 4, i);
		set_common(VIRTIO_PCI_COMMON_GF, 4, i < 2 ? (u32)(features >> 32 * i) : 0);
	}
	set_status_bits(VIRTIO_CONFIG_S_FEATURES_OK);
	return status();
}

/* MSI-X on, vector N sends N, of queue N too; the last one is of the configuration. */
static inline void set_vectors(void)
{
	for (u32 i = 0; i < fn->msix_vectors; i++) {
		reg_write(2, i * 16, 4, 0xfee00000);
		reg_write(2, i * 16 + 4, 4, 0);
		reg_write(2, i * 16 + 8, 4, i);
		reg_write(2, i * 16 + 12, 4, 0);
	}
	capability_write(0x42, PCI_MSIX_FLAGS_ENABLE);
	set_common(VIRTIO_PCI_COMMON_MSIX, 2, fn->msix_vectors - 1);
}

static inline void set_queue_addresses(u16 n, u64 desc, u64 avail, u64 used)
{
	set_common(VIRTIO_PCI_COMMON_Q_SELECT, 2, n);
	set_common(VIRTIO_PCI_COMMON_Q_DESCLO, 4, (u32)desc);
	set_common(VIRTIO_PCI_COMMON_Q_DESCHI, 4, desc >> 32);
	set_common(VIRTIO_PCI_COMMON_Q_AVAILLO, 4, (u32)avail);
	set_common(VIRTIO_PCI_COMMON_Q_AVAILHI, 4, avail >> 32);
	set_common(VIRTIO_PCI_COMMON_Q_USEDLO, 4, (u32)used);
	set_common(VIRTIO_PCI_COMMON_Q_USEDHI, 4, used >> 32);
}

/* Set up queue N with SIZE entries, or its own size if that is 0. */
static inline void set_queue(u16 n, u16 size)
{
	struct driver_queue *q = &dq[n];
	u64 base = GUEST_QUEUES + n * 3ull * PAGE_SIZE;

	memset(at(base, 3 * PAGE_SIZE), 0, 3 * PAGE_SIZE);
	*q = (struct driver_queue){ base, base + PAGE_SIZE, base + 2 * PAGE_SIZE, size, 0, 0, 0 };
	set_queue_addresses(n, q->desc, q->avail, q->used);
	if (size)
		set_common(VIRTIO_PCI_COMMON_Q_SIZE, 2, size);
	q->size = common(VIRTIO_PCI_COMMON_Q_SIZE, 2);
	set_common(VIRTIO_PCI_COMMON_Q_MSIX, 2, n);
	set_common(VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
}

/* Reset, and start with all queues. */
static inline u8 start_driver(u64 features, u32 queues)
{
	memset(interrupts, 0, sizeof(interrupts));
	negotiate(features | PLATFORM);
	set_vectors();
	for (u32 i = 0; i < queues; i++)
		set_queue(i, 0);
	set_status_bits(VIRTIO_CONFIG_S_DRIVER_OK);
	return status();
}

static inline void set_desc(u16 n, u16 i, u64 addr, u32 len, u16 flags, u16 next)
{
	u8 *d = at(dq[n].desc + 16 * i, 16);

	put64(d, addr);
	put32(d + 8, len);
	put16(d + 12, flags);
	put16(d + 14, next);
}

/* Make the chain that begins at HEAD available. */
static inline void offer_chain(u16 n, u16 head)
{
	struct driver_queue *q = &dq[n];
	u8 *avail = at(q->avail, 4 + 2 * q->size);

	put16(avail + 4 + 2 * (q->next_avail % q->size), head);
	put16(avail + 2, ++q->next_avail);
}

static inline void kick(u16 n)
{
	reg_write(0, notify_at + n * notify_stride, 2, n);
}

static inline u64 data_page(u32 len)
{
	u64 gpa = data_next + len <= GUEST_DATA_END ? data_next : GUEST_DATA;

	data_next = ALIGN(gpa + len, 16);
	return gpa;
}

/*
 * A buffer of OUT bytes and room for IN: descriptors of its own for both. Where the room is;
 * it is filled with 0xee.
 */
static inline u8 *add_buffer(u16 n, const void *out, u32 out_len, u32 in_len)
{
	u64 gpa = data_page(out_len + in_len + 16);
	u16 head = dq[n].next_desc, size = dq[n].size;
	u8 *host = at(gpa, out_len + in_len);

	if (out_len)
		memcpy(host, out, out_len);
	memset(host + out_len, 0xee, in_len);
	if (out_len)
		set_desc(n, head, gpa, out_len, in_len ? VRING_DESC_F_NEXT : 0, (head + 1) % size);
	if (in_len)
		set_desc(n, (head + !!out_len) % size, gpa + out_len, in_len, VRING_DESC_F_WRITE,
			 0);
	dq[n].next_desc = (head + !!out_len + !!in_len) % size;
	offer_chain(n, head);
	return host + out_len;
}

/* The next returned buffer's length, or -1 if there is none. */
static inline long long returned(u16 n)
{
	struct driver_queue *q = &dq[n];
	const u8 *used = at(q->used, 4 + 8 * q->size);

	if (get16(used + 2) == q->next_used)
		return -1;
	return get32(used + 4 + 8 * (q->next_used++ % q->size) + 4);
}

static inline void send_buffer(u16 n, const void *out, u32 len)
{
	add_buffer(n, out, len, 0);
	kick(n);
}

/* Does the device need a reset? */
static inline int broken(void)
{
	return !!(status() & VIRTIO_CONFIG_S_NEEDS_RESET);
}

#endif
