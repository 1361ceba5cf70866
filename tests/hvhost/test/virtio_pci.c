// SPDX-License-Identifier: GPL-2.0
/* The registers of a virtio device, with a device that returns what it gets. */
#define _GNU_SOURCE
#include "virtio.h"

#define ECHO	0 /* queues */
#define INPUT	1
#define FEATURE BIT(3)

static struct virtio_pci v;
static int starts, resets, given, refill;
static u8 shared[2 * PAGE_SIZE];

static u32 request(void *device, unsigned int queue, struct chain *chain)
{
	u8 bytes[64];
	u32 n = chain_read(chain, 0, bytes, sizeof(bytes));

	(void)device;
	(void)queue;
	if (refill)
		add_buffer(ECHO, "x", 1, 0);
	return chain_write(chain, 0, bytes, n);
}

static void buffers(void *device, unsigned int queue)
{
	(void)device;
	given += queue == INPUT;
}

static void started(void *device)
{
	(void)device;
	starts++;
}

static void was_reset(void *device)
{
	(void)device;
	resets++;
}

static const struct virtio_ops ops = {
	.request = request,
	.buffers = buffers,
	.start = started,
	.reset = was_reset,
	.inputs = BIT(INPUT),
};

static void capabilities(void)
{
	struct virtio_host host = guest_host();
	const u8 config[6] = { 1, 2, 3, 4, 5, 6 };
	const u8 *cap;

	is(virtio_pci_init(&v, &host, &ops, NULL, 3, FEATURE, 2), 0, "virtio-pci: init");
	virtio_pci_config(&v, config, sizeof(config));
	virtio_pci_share(&v, shared, PAGE_SIZE + 1000);
	fn = &v.function;
	is(fn->vendor << 16 | fn->device, 0x1af41043, "the ids are those of a console");
	is(fn->class, 0x078000, "and the class");
	is(find_registers(), 5, "five capabilities of virtio");
	is(fn->capabilities[0], PCI_CAP_ID_MSIX, "after that of MSI-X");
	is(get16(fn->capabilities + 2), 2, "which has a vector for each queue and one more");
	is(config_length, 6, "the configuration has its size");
	cap = fn->capabilities + shared_cap;
	is(cap[VIRTIO_PCI_CAP_LEN], sizeof(struct virtio_pci_cap64), "shared memory: 64 bits");
	is(get32(cap + VIRTIO_PCI_CAP_LENGTH), PAGE_SIZE + 1000, "has its size");
	is(fn->bar_size[cap[VIRTIO_PCI_CAP_BAR]], 2 * PAGE_SIZE, "in a BAR of a power of 2");
	ok(fn->capabilities_size <= sizeof(fn->capabilities), "the capabilities fit");
	reg_write(4, 8192 - 8, 8, 0x1122334455667788);
	is(get32(shared + 8188), 0x11223344, "the shared memory can be written");
	is(reg_read(4, 8190, 2), 0x1122, "and read");
	reg_write(4, 8192 - 4, 8, 0);
	is(reg_read(4, 8192 - 4, 8), -1, "but not beyond its end");
	for (u32 i = 2; i < sizeof(fn->capabilities) - 1; i += 2)
		capability_write(0x40 + i, 0xffff);
	is(get16(fn->capabilities + 2), 0xc002, "of the capabilities two bits can be written");
	is(find_registers(), 5, "no others");
	capability_write(0x42, 0);
}

static void features(void)
{
	u8 with = ACKNOWLEDGED | VIRTIO_CONFIG_S_FEATURES_OK;

	is(offered(), PLATFORM | BIT(VIRTIO_RING_F_INDIRECT_DESC) | FEATURE,
	   "features: version 1, access platform, indirect descriptors, the device's");
	set_common(VIRTIO_PCI_COMMON_DFSELECT, 4, 2);
	is(common(VIRTIO_PCI_COMMON_DF, 4), 0, "none beyond bit 63");
	is(negotiate(PLATFORM), with, "the first two are enough");
	is(negotiate(offered()), with, "all are accepted");
	is(negotiate(BIT(VIRTIO_F_VERSION_1)), ACKNOWLEDGED, "not without access platform");
	is(negotiate(BIT(VIRTIO_F_ACCESS_PLATFORM)), ACKNOWLEDGED, "nor without version 1");
	is(negotiate(PLATFORM | 1), ACKNOWLEDGED, "nor with one that is not offered");
	set_common(VIRTIO_PCI_COMMON_STATUS, 1, 0);
	set_common(VIRTIO_PCI_COMMON_GFSELECT, 4, 7);
	set_common(VIRTIO_PCI_COMMON_GF, 4, 1);
	set_common(VIRTIO_PCI_COMMON_GFSELECT, 4, 0);
	for (u32 i = 0; i < 2; i++) {
		set_common(VIRTIO_PCI_COMMON_GFSELECT, 4, i);
		set_common(VIRTIO_PCI_COMMON_GF, 4, (u32)(PLATFORM >> 32 * i));
	}
	set_status_bits(with);
	is(status(), ACKNOWLEDGED, "nor with one beyond bit 63");
	negotiate(PLATFORM);
	set_common(VIRTIO_PCI_COMMON_GFSELECT, 4, 0);
	set_common(VIRTIO_PCI_COMMON_GF, 4, 0xffffffff);
	is(common(VIRTIO_PCI_COMMON_GF, 4), 0, "features cannot change after that");
	negotiate(BIT(VIRTIO_F_VERSION_1));
	set_status_bits(VIRTIO_CONFIG_S_DRIVER_OK);
	is(status(), ACKNOWLEDGED, "without agreement there is no driver");
	is(starts, 0, "and the device does not start");
}

static void registers(void)
{
	negotiate(PLATFORM);
	is(common(VIRTIO_PCI_COMMON_NUMQ, 2), 2, "registers: two queues");
	set_common(VIRTIO_PCI_COMMON_Q_SELECT, 2, 2);
	is(common(VIRTIO_PCI_COMMON_Q_SIZE, 2), 0, "a third one has size 0");
	set_common(VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	is(common(VIRTIO_PCI_COMMON_Q_ENABLE, 2), 0, "and cannot be enabled");
	set_common(VIRTIO_PCI_COMMON_Q_SELECT, 2, 0);
	is(common(VIRTIO_PCI_COMMON_Q_SIZE, 2), VIRTQUEUE_SIZE, "the first one has 256");
	set_common(VIRTIO_PCI_COMMON_Q_DESCLO, 8, 0x1122334455667780);
	is(common(VIRTIO_PCI_COMMON_Q_DESCLO, 8), 0x1122334455667780, "64 bits at once are two");
	set_common(VIRTIO_PCI_COMMON_Q_DESCLO, 2, 0);
	set_common(VIRTIO_PCI_COMMON_Q_DESCLO + 1, 4, 0);
	is(common(VIRTIO_PCI_COMMON_Q_DESCLO, 4), 0x55667780, "other widths do not write");
	set_common(VIRTIO_PCI_COMMON_MSIX, 2, 3);
	is(common(VIRTIO_PCI_COMMON_MSIX, 2), VIRTIO_MSI_NO_VECTOR, "a vector that is not there");
	set_common(VIRTIO_PCI_COMMON_Q_MSIX, 2, 2);
	is(common(VIRTIO_PCI_COMMON_Q_MSIX, 2), 2, "and one that is");
	is(reg_read(0, config_at, 2), 0x201, "the configuration is read");
	is(reg_read(0, config_at + 5, 2), 0xffff, "not beyond its end");
	reg_write(0, config_at, 2, 0);
	is(reg_read(0, config_at, 1), 1, "nor written");
	is(reg_read(0, 0xff0, 4), 0xffffffff, "what is not there has all ones");
	is(reg_read(1, 0, 4), 0xffffffff, "in the other BARs too");
	is(reg_read(0, common_at + 54, 4), 0xffffffff, "and over the end");
	is(reg_read(0, common_at, 3), -1, "a width of 3 reads nothing");
	is(reg_read(0, ~0ull - 2, 8), -1, "nor does the end of the space");
	reg_write(0, ~0ull - 2, 8, 0);
	reg_write(2, ~0ull - 3, 4, 0);
}

/* What a queue does when it is enabled as the test says, after DRIVER_OK. */
static int enabled_as(u16 size, u64 desc)
{
	negotiate(PLATFORM);
	set_queue_addresses(ECHO, desc, GUEST_QUEUES + PAGE_SIZE, GUEST_QUEUES + 2 * PAGE_SIZE);
	set_common(VIRTIO_PCI_COMMON_Q_SIZE, 2, size);
	set_common(VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	set_status_bits(VIRTIO_CONFIG_S_DRIVER_OK);
	kick(ECHO);
	return common(VIRTIO_PCI_COMMON_Q_ENABLE, 2);
}

static void queue_setup(void)
{
	is(enabled_as(8, GUEST_QUEUES), 1, "a queue of 8 is enabled");
	is(broken(), 0, "and nothing is wrong");
	set_common(VIRTIO_PCI_COMMON_Q_SIZE, 2, 16);
	is(common(VIRTIO_PCI_COMMON_Q_SIZE, 2), 8, "its size cannot change then");
	is(enabled_as(0, GUEST_QUEUES) << 1 | broken(), 1, "one of 0 is not: needs a reset");
	is(enabled_as(48, GUEST_QUEUES) << 1 | broken(), 1, "nor one of 48");
	is(enabled_as(0x8000, GUEST_QUEUES) << 1 | broken(), 1, "nor one of 32,768");
	is(enabled_as(8, GUEST_MEMORY) << 1 | broken(), 1, "nor one beyond RAM");
	is(enabled_as(8, ~15ull) << 1 | broken(), 1, "nor one at the end of the space");
	set_common(VIRTIO_PCI_COMMON_STATUS, 1, 0);
	is(status(), 0, "a reset is the way out");
	set_queue(ECHO, 8);
	is(common(VIRTIO_PCI_COMMON_Q_ENABLE, 2), 0, "no queue before the features are agreed on");
}

static void exchange(void)
{
	u8 *in;

	starts = given = 0;
	is(start_driver(FEATURE, 2), RUNNING_BITS, "exchange: the driver is ready");
	is(starts, 1, "the device starts");
	is(given, 1, "and looks at its input queue");
	in = add_buffer(ECHO, "hello", 5, 10);
	kick(ECHO);
	is(returned(ECHO), 5, "a buffer comes back with 5 bytes");
	ok(!memcmp(in, "hello\xee", 6), "that are right");
	is(interrupts[ECHO], 1, "with an interrupt");
	is(reg_read(0, isr_at, 1), 0, "of MSI-X, not of the ISR");
	in = add_buffer(ECHO, "hello", 5, 3);
	kick(ECHO);
	is(returned(ECHO), 3, "no more than there is room for");
	put16(at(dq[ECHO].avail, 2), VRING_AVAIL_F_NO_INTERRUPT);
	send_buffer(ECHO, "x", 1);
	is(returned(ECHO), 0, "with interrupts off it comes back");
	is(interrupts[ECHO], 2, "without one");
	put16(at(dq[ECHO].avail, 2), 0);
	kick(INPUT);
	is(given, 2, "a kick of the input queue is handed on");
	reg_write(0, notify_at + 2 * notify_stride, 2, 2);
	reg_write(0, notify_at + 1, 2, 0);
	is(broken(), 0, "one of a queue that is not there is not");
}

static void masks(void)
{
	memset(interrupts, 0, sizeof(interrupts));
	reg_write(2, 16 * ECHO + 12, 4, 1);
	send_buffer(ECHO, "x", 1);
	send_buffer(ECHO, "x", 1);
	is(interrupts[ECHO], 0, "a masked vector waits");
	is(reg_read(2, 0x800, 8), BIT(ECHO), "and is pending");
	reg_write(2, 16 * ECHO + 12, 4, 0);
	is(interrupts[ECHO], 1, "until it is unmasked");
	is(reg_read(2, 0x800, 8), 0, "once");
	capability_write(0x42, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	send_buffer(ECHO, "x", 1);
	is(interrupts[ECHO], 1, "all masked: it waits");
	capability_write(0x42, PCI_MSIX_FLAGS_ENABLE);
	is(interrupts[ECHO], 2, "until they are not");
	capability_write(0x42, 0);
	send_buffer(ECHO, "x", 1);
	is(interrupts[ECHO], 2, "without MSI-X there is none");
	is(reg_read(0, isr_at, 1), 1, "but the ISR has it");
	is(reg_read(0, isr_at, 1), 0, "until it is read");
	capability_write(0x42, PCI_MSIX_FLAGS_ENABLE);
	is(interrupts[ECHO], 2, "and it is not sent later");
}

static void failures(void)
{
	u16 config = fn->msix_vectors - 1, used;

	start_driver(0, 2);
	set_desc(ECHO, 0, GUEST_MEMORY, 4, 0, 0);
	offer_chain(ECHO, 0);
	kick(ECHO);
	is(broken(), 1, "failures: a buffer beyond RAM needs a reset");
	is(interrupts[config], 1, "with an interrupt of the configuration");
	is(reg_read(0, isr_at, 1), VIRTIO_PCI_ISR_CONFIG, "and in the ISR");
	is(returned(ECHO), -1, "the buffer does not come back");
	send_buffer(ECHO, "x", 1);
	is(returned(ECHO), -1, "nor do later ones");
	start_driver(0, 2);
	is(broken(), 0, "a reset mends it");
	send_buffer(ECHO, "x", 1);
	is(returned(ECHO), 0, "and buffers come back");
	negotiate(PLATFORM);
	set_queue(ECHO, 8);
	send_buffer(ECHO, "x", 1);
	is(returned(ECHO), -1, "not before the driver is ready");
	set_status_bits(VIRTIO_CONFIG_S_DRIVER_OK);
	is(returned(ECHO), 0, "but then, without another kick");
	put16(at(dq[ECHO].avail + 2, 2), dq[ECHO].next_avail + 1000);
	kick(ECHO);
	is(broken(), 1, "an available index that jumps needs a reset");
	start_driver(0, 2);
	used = get16(at(dq[ECHO].used + 2, 2));
	set_common(VIRTIO_PCI_COMMON_STATUS, 1, 0);
	send_buffer(ECHO, "x", 1);
	is(get16(at(dq[ECHO].used + 2, 2)), used, "a device that is off takes no buffers");
	fn->reset(fn->self);
	send_buffer(ECHO, "x", 1);
	is(get16(at(dq[ECHO].used + 2, 2)), used, "nor one whose function was reset");
	is(get16(fn->capabilities + 2), 2, "which has MSI-X off");
	is(reg_read(2, 12, 4), 1, "and its vectors masked");
	ok(resets > 3, "the device was told: %d times", resets);
	ok(v.errors > 0, "and the failures are counted: %d", (int)v.errors);
}

/* Buffers that a guest adds while they are served: others get a turn. */
static void turns(void)
{
	start_driver(0, 2);
	for (int i = 0; i < VIRTQUEUE_SIZE; i++)
		add_buffer(ECHO, "x", 1, 0);
	kick(ECHO);
	for (int i = 0; i < VIRTQUEUE_SIZE; i++)
		if (returned(ECHO) < 0)
			ok(0, "buffer %d did not come back", i);
	is(v.unfinished, BIT(ECHO), "after 256 buffers the rest is for the loop");
	add_buffer(ECHO, "x", 1, 0);
	is(returned(ECHO), -1, "it is not served without a kick");
	loop_once(&loop, 100);
	is(returned(ECHO), 0, "but by the loop");
	is(v.unfinished, 0, "which is done then");
	set_desc(ECHO, 0, GUEST_DATA, VIRTQUEUE_BYTES, 0, 0);
	for (int i = 0; i < 5; i++)
		offer_chain(ECHO, 0);
	kick(ECHO);
	is(get16(at(dq[ECHO].used + 2, 2)), VIRTQUEUE_SIZE + 1 + 4, "nor after 8 MB");
	loop_once(&loop, 100);
	is(get16(at(dq[ECHO].used + 2, 2)), VIRTQUEUE_SIZE + 1 + 5, "but by the loop");
	refill = 1;
	send_buffer(ECHO, "x", 1);
	loop_once(&loop, 100);
	refill = 0;
	is(dq[ECHO].next_avail - get16(at(dq[ECHO].used + 2, 2)), 1,
	   "buffers that are added without end do not take the loop");
}

/* Random accesses: nothing to see, but the sanitizers look. */
static void noise(void)
{
	static const u8 sizes[] = { 1, 2, 4, 8 };
	u32 seed = 3;

	start_driver(0, 2);
	for (int i = 0; i < 200000; i++) {
		u32 size;
		u64 offset, value;

		seed = seed * 1103515245 + 12345;
		size = sizes[seed >> 30];
		offset = seed >> 8 & (seed & 0x80 ? 0x1ff : 0x3f);
		value = (seed & 0x8000 ? GUEST_QUEUES : 0) + (seed >> 4 & 0xfff0);
		if (offset == VIRTIO_PCI_COMMON_STATUS)
			value |= seed & 0x100000 ? RUNNING_BITS : 0;
		reg_write(seed >> 29 & 2, offset, size, value);
		reg_read(seed >> 29 & 2, offset, size);
		if (i % 1000 == 0)
			start_driver(0, 2);
		if (i % 16 == 0)
			capability_write(0x40 + (seed >> 8 & 0x7e), 0);
	}
	start_driver(0, 2);
	send_buffer(ECHO, "x", 1);
	is(returned(ECHO), 0, "after 200,000 random accesses the device works");
}

int main(void)
{
	capabilities();
	features();
	registers();
	queue_setup();
	exchange();
	masks();
	failures();
	turns();
	noise();
	virtio_pci_end(&v);
	return done();
}
