// SPDX-License-Identifier: GPL-2.0
/*
 * The registers of a virtio device behind PCI. The BARs are those of OpenVMM: 0 has the
 * registers, 2 the MSI-X table, 4 the shared memory.
 */
#define _GNU_SOURCE
#include "virtio_pci.h"
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_pci.h>
#include <linux/virtio_ring.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CAPABILITIES 0x40	    /* where they begin in the configuration space */
#define MSIX_CONTROL PCI_MSIX_FLAGS /* offset in the capability, which is the first */

#define BAR_REGISTERS 0
#define BAR_MSIX      2
#define BAR_SHARED    4
#define BAR_SIZE      PAGE_SIZE /* of the first two */

/* in BAR_REGISTERS; the layout is ours */
#define COMMON	      0x000
#define COMMON_SIZE   56 /* struct virtio_pci_common_cfg */
#define ISR	      0x040
#define CONFIG	      0x080
#define NOTIFY	      0x100
#define NOTIFY_STRIDE 4 /* an address for each queue */

#define PBA   0x800 /* in BAR_MSIX, after the table */
#define ENTRY 16
/* what is served before others have the lock: requests, and their bytes */
#define TURN	   VIRTQUEUE_SIZE
#define TURN_BYTES (4 * VIRTQUEUE_BYTES)

#define COMMON_FEATURES \
	(BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_ACCESS_PLATFORM) | BIT(VIRTIO_RING_F_INDIRECT_DESC))
/* a driver must accept these: without the second its DMA would bypass the bounce pool */
#define NEEDED_FEATURES (BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_ACCESS_PLATFORM))

/* The size of the register that begins at an offset of the common configuration, or 0. */
static const u8 width[COMMON_SIZE] = {
	[VIRTIO_PCI_COMMON_DFSELECT] = 4,  [VIRTIO_PCI_COMMON_DF] = 4,
	[VIRTIO_PCI_COMMON_GFSELECT] = 4,  [VIRTIO_PCI_COMMON_GF] = 4,
	[VIRTIO_PCI_COMMON_MSIX] = 2,	   [VIRTIO_PCI_COMMON_NUMQ] = 2,
	[VIRTIO_PCI_COMMON_STATUS] = 1,	   [VIRTIO_PCI_COMMON_CFGGENERATION] = 1,
	[VIRTIO_PCI_COMMON_Q_SELECT] = 2,  [VIRTIO_PCI_COMMON_Q_SIZE] = 2,
	[VIRTIO_PCI_COMMON_Q_MSIX] = 2,	   [VIRTIO_PCI_COMMON_Q_ENABLE] = 2,
	[VIRTIO_PCI_COMMON_Q_NOFF] = 2,	   [VIRTIO_PCI_COMMON_Q_DESCLO] = 4,
	[VIRTIO_PCI_COMMON_Q_DESCHI] = 4,  [VIRTIO_PCI_COMMON_Q_AVAILLO] = 4,
	[VIRTIO_PCI_COMMON_Q_AVAILHI] = 4, [VIRTIO_PCI_COMMON_Q_USEDLO] = 4,
	[VIRTIO_PCI_COMMON_Q_USEDHI] = 4,
};

/* Send what is pending at vector N, if nothing masks it. */
static void deliver(struct virtio_pci *v, u32 n)
{
	u16 control = get16(v->function.capabilities + MSIX_CONTROL);
	const u8 *entry = v->table + n * ENTRY;
	struct pci_msi msi;

	if (!(v->pending & BIT(n)) || !(control & PCI_MSIX_FLAGS_ENABLE) ||
	    (control & PCI_MSIX_FLAGS_MASKALL) ||
	    (get32(entry + PCI_MSIX_ENTRY_VECTOR_CTRL) & PCI_MSIX_ENTRY_CTRL_MASKBIT))
		return;
	v->pending &= ~BIT(n);
	msi.address = get64(entry);
	msi.data = get32(entry + PCI_MSIX_ENTRY_DATA);
	v->host.interrupt(v->host.arg, &msi);
}

static int msix_enabled(const struct virtio_pci *v)
{
	return !!(get16(v->function.capabilities + MSIX_CONTROL) & PCI_MSIX_FLAGS_ENABLE);
}

static void interrupt(struct virtio_pci *v, u16 vector)
{
	if (!msix_enabled(v) || vector >= v->function.msix_vectors)
		return;
	v->pending |= BIT(vector);
	deliver(v, vector);
}

int virtio_pci_ready(const struct virtio_pci *v, unsigned int queue)
{
	return (v->status & VIRTIO_CONFIG_S_DRIVER_OK) &&
		!(v->status & VIRTIO_CONFIG_S_NEEDS_RESET) && queue < v->queues &&
		v->queue[queue].enabled;
}

void virtio_pci_fail(struct virtio_pci *v, const char *why)
{
	if (v->status & VIRTIO_CONFIG_S_NEEDS_RESET)
		return;
	if (!v->errors++) /* once: a guest can do it again and again */
		note("virtio device %u needs a reset: %s", v->function.device - 0x1040, why);
	v->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	if (v->status & VIRTIO_CONFIG_S_DRIVER_OK) {
		v->isr |= VIRTIO_PCI_ISR_CONFIG;
		interrupt(v, v->config_vector);
	}
}

int virtio_pci_take(struct virtio_pci *v, unsigned int queue, struct chain *chain)
{
	int rc = virtio_pci_ready(v, queue) ? virtqueue_take(&v->queue[queue], chain) : 0;

	if (rc < 0)
		virtio_pci_fail(v, v->queue[queue].error);
	v->requests += rc > 0;
	return rc > 0;
}

void virtio_pci_put(struct virtio_pci *v, unsigned int queue, const struct chain *chain, u32 len)
{
	if (virtio_pci_ready(v, queue))
		virtqueue_put(&v->queue[queue], chain, len);
}

void virtio_pci_notify(struct virtio_pci *v, unsigned int queue)
{
	if (!virtio_pci_ready(v, queue) || !virtqueue_interrupts(&v->queue[queue]))
		return;
	if (!msix_enabled(v))
		v->isr |= 1;
	interrupt(v, v->vector[queue]);
}

/*
 * The guest says that QUEUE has buffers. It may add more while they are served, without end:
 * the rest is for the loop, so that others get the lock.
 */
static void run(struct virtio_pci *v, unsigned int queue)
{
	struct chain chain;
	u64 one = 1, bytes = 0;
	int n = 0;

	if (!virtio_pci_ready(v, queue))
		return;
	if (v->ops->inputs & BIT(queue)) {
		v->ops->buffers(v->device, queue);
		return;
	}
	for (; n < TURN && bytes < TURN_BYTES && virtio_pci_take(v, queue, &chain); n++) {
		virtio_pci_put(v, queue, &chain, v->ops->request(v->device, queue, &chain));
		bytes += chain.out_len + chain.in_len;
	}
	if (n)
		virtio_pci_notify(v, queue);
	if (n == TURN || bytes >= TURN_BYTES) {
		v->unfinished |= BIT(queue);
		if (write(v->again, &one, sizeof(one)) < 0)
			error("eventfd: %s", strerror(errno));
	}
}

static void run_unfinished(void *arg, u32 events)
{
	struct virtio_pci *v = arg;
	u32 queues = v->unfinished;
	u64 n;

	(void)events;
	v->unfinished = 0;
	if (read(v->again, &n, sizeof(n)) < 0)
		return;
	for (u32 i = 0; i < v->queues; i++)
		if (queues & BIT(i))
			run(v, i);
}

/* Of the device, by status 0; the MSI-X table is the function's and stays. */
static void reset_device(struct virtio_pci *v)
{
	v->status = v->isr = 0;
	v->accepted = 0;
	v->strange = 0;
	v->device_select = v->driver_select = v->select = v->unfinished = 0;
	v->config_vector = VIRTIO_MSI_NO_VECTOR;
	for (u32 i = 0; i < v->queues; i++) {
		v->queue[i] = (struct virtqueue){ .mem = v->host.mem,
						  .seen = v->host.seen,
						  .size = VIRTQUEUE_SIZE };
		v->vector[i] = VIRTIO_MSI_NO_VECTOR;
	}
	if (v->ops->reset)
		v->ops->reset(v->device);
}

static void set_status(struct virtio_pci *v, u8 status)
{
	u8 added = status & ~v->status;

	if (!status) {
		reset_device(v);
		return;
	}
	/* bits are only added; the driver sees by reading that one was refused */
	v->status |= status &
		(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | VIRTIO_CONFIG_S_FAILED);
	if ((added & VIRTIO_CONFIG_S_FEATURES_OK) && !v->strange && !(v->accepted & ~v->offered) &&
	    (v->accepted & v->needed) == v->needed)
		v->status |= VIRTIO_CONFIG_S_FEATURES_OK;
	if (!(added & VIRTIO_CONFIG_S_DRIVER_OK) || !(v->status & VIRTIO_CONFIG_S_FEATURES_OK))
		return;
	v->status |= VIRTIO_CONFIG_S_DRIVER_OK;
	if (v->ops->start)
		v->ops->start(v->device);
	for (u32 i = 0; i < v->queues; i++) /* the driver may have added buffers before */
		run(v, i);
}

static void enable_queue(struct virtio_pci *v, struct virtqueue *q)
{
	q->indirect = !!(v->accepted & BIT(VIRTIO_RING_F_INDIRECT_DESC));
	if (!(v->status & VIRTIO_CONFIG_S_FEATURES_OK))
		virtio_pci_fail(v, "a queue was enabled before the features were agreed on");
	else if (virtqueue_enable(q))
		virtio_pci_fail(v, q->error);
}

/* Half of an address: the low 32 bits at LOW, the high ones after them. */
static void set_address(u64 *address, int low, u64 offset, u32 value)
{
	if (offset == (u64)low)
		*address = (*address & ~0xffffffffull) | value;
	else
		*address = (*address & 0xffffffff) | (u64)value << 32;
}

/* A register of the selected queue, which must not be in use. */
static void queue_write(struct virtio_pci *v, struct virtqueue *q, u64 offset, u32 value)
{
	switch (offset) {
	case VIRTIO_PCI_COMMON_Q_SIZE:
		q->size = value; /* checked when it is enabled */
		break;
	case VIRTIO_PCI_COMMON_Q_ENABLE:
		if (value)
			enable_queue(v, q);
		break;
	case VIRTIO_PCI_COMMON_Q_DESCLO:
	case VIRTIO_PCI_COMMON_Q_DESCHI:
		set_address(&q->desc, VIRTIO_PCI_COMMON_Q_DESCLO, offset, value);
		break;
	case VIRTIO_PCI_COMMON_Q_AVAILLO:
	case VIRTIO_PCI_COMMON_Q_AVAILHI:
		set_address(&q->avail, VIRTIO_PCI_COMMON_Q_AVAILLO, offset, value);
		break;
	case VIRTIO_PCI_COMMON_Q_USEDLO:
	case VIRTIO_PCI_COMMON_Q_USEDHI:
		set_address(&q->used, VIRTIO_PCI_COMMON_Q_USEDLO, offset, value);
		break;
	}
}

static void accept(struct virtio_pci *v, u32 features)
{
	if (v->status & VIRTIO_CONFIG_S_FEATURES_OK)
		return;
	if (v->driver_select < 2)
		set_address(&v->accepted, 0, v->driver_select, features);
	else if (features)
		v->strange = 1;
}

static void common_write(struct virtio_pci *v, u64 offset, u32 value)
{
	u16 vector = value < v->function.msix_vectors ? value : VIRTIO_MSI_NO_VECTOR;

	switch (offset) {
	case VIRTIO_PCI_COMMON_DFSELECT:
		v->device_select = value;
		break;
	case VIRTIO_PCI_COMMON_GFSELECT:
		v->driver_select = value;
		break;
	case VIRTIO_PCI_COMMON_GF:
		accept(v, value);
		break;
	case VIRTIO_PCI_COMMON_MSIX:
		v->config_vector = vector;
		break;
	case VIRTIO_PCI_COMMON_STATUS:
		set_status(v, value);
		break;
	case VIRTIO_PCI_COMMON_Q_SELECT:
		v->select = value;
		break;
	case VIRTIO_PCI_COMMON_Q_MSIX:
		if (v->select < v->queues)
			v->vector[v->select] = vector;
		break;
	default:
		if (v->select < v->queues && !v->queue[v->select].enabled &&
		    !(v->status & VIRTIO_CONFIG_S_DRIVER_OK))
			queue_write(v, &v->queue[v->select], offset, value);
	}
}

/* All registers, as they are read. */
static void common_read(const struct virtio_pci *v, u8 *to)
{
	const struct virtqueue *q = v->select < v->queues ? &v->queue[v->select] : NULL;
	u32 n = v->device_select, m = v->driver_select;

	memset(to, 0, COMMON_SIZE);
	put32(to + VIRTIO_PCI_COMMON_DFSELECT, n);
	put32(to + VIRTIO_PCI_COMMON_DF, n < 2 ? v->offered >> 32 * n : 0);
	put32(to + VIRTIO_PCI_COMMON_GFSELECT, m);
	put32(to + VIRTIO_PCI_COMMON_GF, m < 2 ? v->accepted >> 32 * m : 0);
	put16(to + VIRTIO_PCI_COMMON_MSIX, v->config_vector);
	put16(to + VIRTIO_PCI_COMMON_NUMQ, v->queues);
	to[VIRTIO_PCI_COMMON_STATUS] = v->status;
	put16(to + VIRTIO_PCI_COMMON_Q_SELECT, v->select);
	put16(to + VIRTIO_PCI_COMMON_Q_MSIX, q ? v->vector[v->select] : VIRTIO_MSI_NO_VECTOR);
	if (!q)
		return; /* size 0: there is no such queue */
	put16(to + VIRTIO_PCI_COMMON_Q_SIZE, q->size);
	put16(to + VIRTIO_PCI_COMMON_Q_ENABLE, q->enabled);
	put16(to + VIRTIO_PCI_COMMON_Q_NOFF, v->select);
	put64(to + VIRTIO_PCI_COMMON_Q_DESCLO, q->desc);
	put64(to + VIRTIO_PCI_COMMON_Q_AVAILLO, q->avail);
	put64(to + VIRTIO_PCI_COMMON_Q_USEDLO, q->used);
}

/* Is the access to SIZE bytes at OFFSET within LEN bytes at START? */
static int within(u64 offset, u32 size, u64 start, u64 len)
{
	return offset >= start && size <= len && offset - start <= len - size;
}

static u64 take_bytes(const void *from, u32 size)
{
	u64 value = 0;

	memcpy(&value, from, size);
	return value;
}

static u64 registers_read(struct virtio_pci *v, u64 offset, u32 size)
{
	u8 common[COMMON_SIZE], isr = v->isr;

	if (within(offset, size, COMMON, COMMON_SIZE)) {
		common_read(v, common);
		return take_bytes(common + offset - COMMON, size);
	}
	if (offset == ISR && size == 1) {
		v->isr = 0;
		return isr;
	}
	if (within(offset, size, CONFIG, v->config_size))
		return take_bytes(v->config + offset - CONFIG, size);
	return ~0ull;
}

static void registers_write(struct virtio_pci *v, u64 offset, u32 size, u64 value)
{
	if (within(offset, size, NOTIFY, v->queues * NOTIFY_STRIDE)) {
		if ((offset - NOTIFY) % NOTIFY_STRIDE == 0)
			run(v, (offset - NOTIFY) / NOTIFY_STRIDE);
	} else if (size == 8) { /* an address at once */
		registers_write(v, offset, 4, value & 0xffffffff);
		registers_write(v, offset + 4, 4, value >> 32);
	} else if (within(offset, size, COMMON, COMMON_SIZE) && width[offset - COMMON] == size) {
		common_write(v, offset - COMMON, value);
	}
}

static u64 msix_read(const struct virtio_pci *v, u64 offset, u32 size)
{
	if (within(offset, size, 0, v->function.msix_vectors * ENTRY))
		return take_bytes(v->table + offset, size);
	if (within(offset, size, PBA, sizeof(v->pending)))
		return take_bytes((const u8 *)&v->pending + offset - PBA, size);
	return ~0ull;
}

static void msix_write(struct virtio_pci *v, u64 offset, u32 size, u64 value)
{
	if (size < 4 || offset % size || !within(offset, size, 0, v->function.msix_vectors * ENTRY))
		return;
	memcpy(v->table + offset, &value, size);
	deliver(v, offset / ENTRY); /* it may have been unmasked */
}

static u64 bar_read(void *self, unsigned int bar, u64 offset, unsigned int size)
{
	struct virtio_pci *v = self;
	u64 value = ~0ull;

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return value;
	if (bar == BAR_REGISTERS)
		value = registers_read(v, offset, size);
	else if (bar == BAR_MSIX)
		value = msix_read(v, offset, size);
	else if (bar == BAR_SHARED && within(offset, size, 0, v->function.bar_size[bar]))
		value = take_bytes((u8 *)v->function.bar_memory[bar] + offset, size);
	return size == 8 ? value : value & (BIT(8 * size) - 1);
}

static void bar_write(void *self, unsigned int bar, u64 offset, unsigned int size, u64 value)
{
	struct virtio_pci *v = self;

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return;
	if (size < 8)
		value &= BIT(8 * size) - 1;
	if (bar == BAR_REGISTERS)
		registers_write(v, offset, size, value);
	else if (bar == BAR_MSIX)
		msix_write(v, offset, size, value);
	else if (bar == BAR_SHARED && within(offset, size, 0, v->function.bar_size[bar]))
		memcpy((u8 *)v->function.bar_memory[bar] + offset, &value, size);
}

/* Only two bits of the capabilities can be written: MSI-X on, and all vectors masked. */
static void capability_written(void *self, unsigned int offset)
{
	struct virtio_pci *v = self;
	u8 *capabilities = v->function.capabilities;
	u16 control = get16(capabilities + MSIX_CONTROL) &
		(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);

	(void)offset;
	memcpy(capabilities, v->wired, sizeof(v->wired));
	put16(capabilities + MSIX_CONTROL, get16(v->wired + MSIX_CONTROL) | control);
	for (u32 i = 0; i < v->function.msix_vectors; i++)
		deliver(v, i);
}

static void reset_function(void *self)
{
	struct virtio_pci *v = self;

	reset_device(v);
	memcpy(v->function.capabilities, v->wired, sizeof(v->wired));
	memset(v->table, 0, sizeof(v->table));
	for (u32 i = 0; i < v->function.msix_vectors; i++)
		v->table[i * ENTRY + PCI_MSIX_ENTRY_VECTOR_CTRL] = PCI_MSIX_ENTRY_CTRL_MASKBIT;
	v->pending = 0;
}

/* Add a capability of SIZE bytes; its id is the first. The one before it points to it. */
static void add_capability(struct virtio_pci *v, const void *bytes, u32 size)
{
	u8 *all = v->function.capabilities;
	u32 at = v->function.capabilities_size, last = 0;

	memcpy(all + at, bytes, size);
	while (at && all[last + 1])
		last = all[last + 1] - CAPABILITIES;
	if (at)
		all[last + 1] = CAPABILITIES + at;
	v->function.capabilities_size = ALIGN(at + size, 4);
	memcpy(v->wired, all, sizeof(v->wired));
}

/* One of virtio's: TYPE is VIRTIO_PCI_CAP_*, EXTRA what follows struct virtio_pci_cap. */
static void add_structure(struct virtio_pci *v, u8 type, u8 bar, u32 offset, u32 length,
			  const void *extra, u32 extra_size)
{
	u8 bytes[sizeof(struct virtio_pci_cap) + 8] = { PCI_CAP_ID_VNDR };

	bytes[VIRTIO_PCI_CAP_LEN] = sizeof(struct virtio_pci_cap) + extra_size;
	bytes[VIRTIO_PCI_CAP_CFG_TYPE] = type;
	bytes[VIRTIO_PCI_CAP_BAR] = bar;
	put32(bytes + VIRTIO_PCI_CAP_OFFSET, offset);
	put32(bytes + VIRTIO_PCI_CAP_LENGTH, length);
	if (extra_size)
		memcpy(bytes + sizeof(struct virtio_pci_cap), extra, extra_size);
	add_capability(v, bytes, bytes[VIRTIO_PCI_CAP_LEN]);
}

void virtio_pci_config(struct virtio_pci *v, const void *config, u32 size)
{
	memcpy(v->config, config, size);
	v->config_size = size;
	add_structure(v, VIRTIO_PCI_CAP_DEVICE_CFG, BAR_REGISTERS, CONFIG, size, NULL, 0);
}

u64 virtio_pci_bar_size(u64 size)
{
	u64 bar = PAGE_SIZE;

	while (bar < size && bar < BIT(63))
		bar *= 2;
	return bar;
}

void virtio_pci_share(struct virtio_pci *v, void *memory, u64 size)
{
	u32 high[2] = { 0, size >> 32 }; /* of struct virtio_pci_cap64 */

	v->function.bar_size[BAR_SHARED] = virtio_pci_bar_size(size);
	v->function.bar_64[BAR_SHARED] = true;
	v->function.bar_memory[BAR_SHARED] = memory;
	add_structure(v, VIRTIO_PCI_CAP_SHARED_MEMORY_CFG, BAR_SHARED, 0, size, high, sizeof(high));
}

/* As OpenVMM has it: drivers look at the ids, the class is for people. */
static u32 class_of(u16 type)
{
	switch (type) {
	case VIRTIO_ID_NET:
		return 0x020000; /* Ethernet */
	case VIRTIO_ID_CONSOLE:
		return 0x078000; /* communication, other */
	default:
		return 0x088000; /* system peripheral, other */
	}
}

int virtio_pci_init(struct virtio_pci *v, const struct virtio_host *host,
		    const struct virtio_ops *ops, void *device, u16 type, u64 features, u32 queues)
{
	struct pci_function *f = &v->function;
	u32 stride = NOTIFY_STRIDE;
	u8 msix[12] = { PCI_CAP_ID_MSIX };

	memset(v, 0, sizeof(*v));
	v->host = *host;
	v->ops = ops;
	v->device = device;
	v->offered = features | COMMON_FEATURES;
	v->needed = NEEDED_FEATURES;
	v->queues = queues;
	*f = (struct pci_function){
		.vendor = 0x1af4,
		.device = 0x1040 + type,
		.subsystem_vendor = 0x1414, /* Microsoft, as OpenVMM has it */
		.subsystem = 0x2000,
		.class = class_of(type),
		.revision = 1,
		.bar_size = { [BAR_REGISTERS] = BAR_SIZE, [BAR_MSIX] = BAR_SIZE },
		.bar_64 = { [BAR_REGISTERS] = true, [BAR_MSIX] = true },
		.msix_vectors = queues + 1,
		.bar_read = bar_read,
		.bar_write = bar_write,
		.capability_written = capability_written,
		.reset = reset_function,
		.self = v,
	};
	put16(msix + PCI_MSIX_FLAGS, f->msix_vectors - 1);
	put32(msix + PCI_MSIX_TABLE, BAR_MSIX);
	put32(msix + PCI_MSIX_PBA, PBA | BAR_MSIX);
	add_capability(v, msix, sizeof(msix));
	add_structure(v, VIRTIO_PCI_CAP_COMMON_CFG, BAR_REGISTERS, COMMON, COMMON_SIZE, NULL, 0);
	add_structure(v, VIRTIO_PCI_CAP_NOTIFY_CFG, BAR_REGISTERS, NOTIFY, queues * NOTIFY_STRIDE,
		      &stride, sizeof(stride));
	add_structure(v, VIRTIO_PCI_CAP_ISR_CFG, BAR_REGISTERS, ISR, 1, NULL, 0);
	reset_function(v);
	v->again = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (v->again < 0)
		return error("eventfd: %s", strerror(errno));
	v->watch = loop_watch(host->loop, v->again, EPOLLIN, run_unfinished, v);
	if (!v->watch)
		close(v->again);
	return v->watch ? 0 : -1;
}

void virtio_pci_end(struct virtio_pci *v)
{
	loop_forget(v->host.loop, v->watch);
	close(v->again);
}
