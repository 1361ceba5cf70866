// SPDX-License-Identifier: GPL-2.0
/*
 * RAM below and above the gap: its slots and e820 table, what is translated, and rings and
 * buffers above 4 GB. The pages are never touched but for a few, so 6 GB take no memory.
 */
#define _GNU_SOURCE
#include "guest.h"
#include "../acpi.h"
#include "../balloon.h"
#include "../boot.h"
#include "../host.h"
#include "../proto/balloon.h"
#include "../sg.h"
#include <asm/bootparam.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#define MB	     (1ull << 20)
#define GB	     (1ull << 30)
#define RAM	     (6 * GB)
#define HIGH_END     (MEMORY_HIGH + RAM - MEMORY_GAP)
#define KERNEL	     (16 * MB)
#define KERNEL_BYTES (32 * MB)
#define INITRD_MAX   0x7fffffffull
#define INITRD_BYTES 5000

static struct vm vm;
static struct loop loop;
static struct host host;
static const struct vmbus_ops *host_ops;
static struct region slots[4];
static int slot_calls;

static int slot(void *arg, int n, const struct region *region)
{
	(void)arg;
	slots[n % 4] = *region;
	slot_calls++;
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	(void)fd;
	(void)request;
	return 0;
}

int vm_doorbell(struct vm *v, u32 connection, int fd)
{
	(void)v;
	(void)connection;
	(void)fd;
	return 0;
}

int acpi_write(struct memory *memory, int cpus)
{
	(void)memory;
	(void)cpus;
	return 0;
}

/* One row for each size: which regions, and where more would be. */
static void layout(u64 size, u64 high, const char *name)
{
	struct memory m = { .slot = slot };

	slot_calls = 0;
	ok(!memory_init(&m, size) && slot_calls == m.regions && m.regions == (high ? 2 : 1) &&
		   slots[0].gpa == 0 && slots[0].size == size - high &&
		   (!high ||
		    (slots[1].gpa == MEMORY_HIGH && slots[1].size == high &&
		     slots[1].host == m.region[1].host)),
	   "memory: %s", name);
}

static void translation(void)
{
	struct memory *m = &vm.mem;

	ok(memory_at(m, MEMORY_GAP - PAGE_SIZE, PAGE_SIZE) != NULL &&
		   !memory_at(m, MEMORY_GAP - PAGE_SIZE, PAGE_SIZE + 1),
	   "the last page below the gap ends there");
	ok(!memory_at(m, MEMORY_GAP, 1) && !memory_at(m, MEMORY_HIGH - 1, 1) &&
		   !memory_at(m, MEMORY_HIGH - 1, 2),
	   "the gap is no RAM");
	ok(!memory_at(m, MEMORY_GAP - PAGE_SIZE, MEMORY_HIGH - MEMORY_GAP + 2 * PAGE_SIZE),
	   "nor is a range that spans it");
	ok(memory_at(m, MEMORY_HIGH, 1) == m->region[1].host &&
		   memory_at(m, HIGH_END - 1, 1) == m->region[1].host + (RAM - MEMORY_GAP) - 1,
	   "what is above is at its place in the second region");
	ok(!memory_at(m, HIGH_END - 1, 2) && !memory_at(m, HIGH_END, 1), "up to its end");
	is(memory_end(m), HIGH_END, "which is as far above 4 GB as the gap took away");
	((u8 *)memory_at(m, HIGH_END - PAGE_SIZE, 1))[0] = 7;
	is(memory_drop(m, HIGH_END - PAGE_SIZE, PAGE_SIZE), 0, "a page there can be given back");
	is(*(u8 *)memory_at(m, HIGH_END - PAGE_SIZE, 1), 0, "it reads as zeros");
	is(memory_drop(m, MEMORY_GAP - PAGE_SIZE, 2 * PAGE_SIZE), -1, "not one of the gap");
}

static void adding(void)
{
	struct memory m = { .slot = slot };

	memory_init(&m, 64 * MB);
	is(memory_add(&m, 32 * MB, MB), -1, "RAM is not added where there is some");
	is(memory_add(&m, MEMORY_GAP - MB, 2 * MB), -1, "nor into the gap");
	is(memory_add(&m, MEMORY_HIGH - MB, MB), -1, "or its end");
	is(memory_add(&m, MEMORY_GAP - MB, MB), 0, "right below it may be RAM");
	is(memory_add(&m, MEMORY_HIGH, MB), 0, "and right above it");
	is(m.regions, 3, "what was refused is not there");
	is(memory_room(&m, MB, 128 * MB), MEMORY_HIGH + 128 * MB, "the next is above all of it");
	m = (struct memory){ .region = { { .size = 2944 * MB } }, .regions = 1 };
	is(memory_room(&m, 128 * MB, 128 * MB), 2944 * MB, "it fits below the gap");
	is(memory_room(&m, 256 * MB, 128 * MB), MEMORY_HIGH, "or it goes above");
}

/* Hot added memory, as the balloon driver is told about it. */
static void hot_add(void)
{
	struct dm_header caps[4] = { { .type = DM_CAPABILITIES_REPORT, .size = 32 } };
	struct balloon balloon;
	struct packet p;

	balloon_init(&balloon, &bus, &mem);
	guest_open(balloon.ch);
	guest_write(VM_PKT_DATA_INBAND, 0, NULL, 0, caps, sizeof(caps));
	guest_read(&p);
	is(balloon_hot_add(&balloon, 256 * MB), 0, "256 MB are added to 2944 MB");
	ok(guest_read(&p) && get64(p.data + 8) == (MEMORY_HIGH / PAGE_SIZE | 0x10000ull << 40),
	   "the guest is told that they are at 4 GB");
	ok(memory_at(&mem, MEMORY_HIGH, 256 * MB) && !memory_at(&mem, MEMORY_GAP, 1),
	   "where they are");
}

static int table_is(const struct boot_params *params, int n, u64 start, u64 end, u32 type)
{
	const struct boot_e820_entry *e = &params->e820_table[n];

	return e->addr == start && e->size == end - start && e->type == type;
}

static void memory_map(void)
{
	struct boot_params params = { .e820_entries = 0 };
	struct memory m = { .slot = slot };

	boot_memory_map(&params, &vm.mem);
	is(params.e820_entries, 4, "the e820 table of 6 GB has four ranges");
	ok(table_is(&params, 0, 0, 0x9f000, 1) && table_is(&params, 1, 0xe0000, 0x100000, 2),
	   "low memory, and what is reserved for ACPI");
	ok(table_is(&params, 2, 0x100000, MEMORY_GAP, 1), "RAM up to the gap");
	ok(table_is(&params, 3, MEMORY_HIGH, HIGH_END, 1), "and from 4 GB on");
	params.e820_entries = 0;
	memory_init(&m, 3 * GB);
	boot_memory_map(&params, &m);
	is(params.e820_entries, 3, "3 GB have nothing above");
}

static void put(const char *path, const void *data, size_t size, size_t length)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || ftruncate(fd, length))
		exit(2);
	close(fd);
}

/* A kernel and an initramfs, which has to be where the kernel looks for it. */
static void boot(const char *dir)
{
	static struct boot_params image; /* the header is at the same offset */
	const struct boot_params *params = memory_at(&vm.mem, 0x2000, PAGE_SIZE);
	char kernel[200], initrd[200];

	image.hdr = (struct setup_header){
		.setup_sects = 4,
		.boot_flag = 0xaa55,
		.jump = 0x6aeb,
		.header = 0x53726448,
		.version = 0x20f,
		.xloadflags = 1,
		.pref_address = KERNEL,
		.init_size = KERNEL_BYTES,
		.cmdline_size = 2047,
		.initrd_addr_max = INITRD_MAX,
	};
	snprintf(kernel, sizeof(kernel), "%s/kernel", dir);
	snprintf(initrd, sizeof(initrd), "%s/initrd", dir);
	put(kernel, &image, sizeof(image), 8192);
	put(initrd, "070701", 6, INITRD_BYTES);
	vm.cpus = 1;
	is(boot_load(&vm, kernel, initrd, "quiet"), 0, "a kernel is loaded into 6 GB");
	is(params->hdr.ramdisk_image, INITRD_MAX + 1 - 2 * PAGE_SIZE,
	   "its initramfs is as high as it may be");
	ok(!memcmp(memory_at(&vm.mem, params->hdr.ramdisk_image, 6), "070701", 6) &&
		   params->hdr.ramdisk_size == INITRD_BYTES,
	   "and all there");
	is(params->e820_entries, 4, "its table of memory has the part above 4 GB");
}

static void *page(void *world, u64 pfn)
{
	(void)world;
	return host_ops->page(&host, pfn);
}

static int packets;

static void take(struct channel *ch, struct packet *packet)
{
	(void)ch;
	packets += packet->len == 8 && !memcmp(packet->data, "from 4GB", 8);
}

static void drain(struct channel *ch)
{
	static u8 buf[4096];

	channel_drain(ch, buf, sizeof(buf), take);
}

static void released(struct channel *ch)
{
	(void)ch;
}

static const struct channel_ops ops = { .signal = drain, .released = released };

static void rings(void)
{
	static const struct vmbus_ops world = {
		guest_send_msg, page, guest_doorbell, guest_interrupt, guest_connect, guest_again,
	};
	const struct guid guid = { { 1 } };
	struct channel *ch;

	host_init(&host, &loop, &vm, &bus);
	host_ops = bus.ops;
	vmbus_init(&bus, &world, NULL);
	mem = vm.mem;
	guest_contact();
	ch = vmbus_offer(&bus, &guid, &guid, 0, NULL, 0, &ops, NULL);
	ok(guest_open_at(ch, MEMORY_GAP / PAGE_SIZE - RING_PAGES) != 0,
	   "rings that reach into the gap are refused");
	is(host.high_pages, 0, "of which no page is above 4 GB");
	is(guest_open_at(ch, HIGH_END / PAGE_SIZE - 2 * RING_PAGES), 0,
	   "rings in the last pages of RAM are taken");
	is(host.high_pages, 2 * RING_PAGES, "all of their pages are counted");
	ok(ch->gpadl->page[0] == memory_at(&mem, HIGH_END - 2 * RING_PAGES * PAGE_SIZE, 1),
	   "they are where the guest has them");
	guest_write(VM_PKT_DATA_INBAND, 1, NULL, 0, "from 4GB", 8);
	is(packets, 1, "and a packet in them arrives");
	is(page(NULL, MEMORY_HIGH / PAGE_SIZE - 1) == NULL && page(NULL, 1ull << 52) == NULL, 1,
	   "page numbers that are no RAM are none");
}

/* A buffer whose pages are on both sides of the gap is two pieces. */
static void scattered(void)
{
	u8 desc[24 + 8 + 16] = { 0 };
	struct packet p = { .type = VM_PKT_DATA_USING_GPA_DIRECT, .desc = desc };
	struct sg sg;

	p.head = sizeof(desc);
	p.data = desc + sizeof(desc);
	put32(desc + 20, 1);
	put32(desc + 24, 2 * PAGE_SIZE - 100);
	put32(desc + 28, 100);
	put64(desc + 32, MEMORY_GAP / PAGE_SIZE - 1);
	put64(desc + 40, MEMORY_HIGH / PAGE_SIZE);
	ok(!sg_from_packet(&sg, &vm.mem, &p) && sg.n == 2 &&
		   sg.iov[1].iov_base == vm.mem.region[1].host && sg.iov[1].iov_len == PAGE_SIZE,
	   "a buffer with its second page above 4 GB");
	put64(desc + 40, MEMORY_GAP / PAGE_SIZE);
	is(sg_from_packet(&sg, &vm.mem, &p), -1, "with it in the gap it is refused");
	put64(desc + 40, HIGH_END / PAGE_SIZE);
	is(sg_from_packet(&sg, &vm.mem, &p), -1, "and beyond the end");
}

int main(int argc, char **argv)
{
	if (argc != 2 || loop_init(&loop))
		return 2;
	layout(2 * GB, 0, "2 GB are one region");
	layout(3 * GB, 0, "3 GB end at the gap");
	layout(3 * GB + PAGE_SIZE, PAGE_SIZE, "a page more is above 4 GB");
	layout(8 * GB, 5 * GB, "of 8 GB, 5 are above");
	adding();
	if (memory_init(&vm.mem, RAM))
		return 2;
	translation();
	memory_map();
	boot(argv[1]);
	rings();
	scattered();
	mem = (struct memory){ .regions = 0 };
	memory_init(&mem, 2944 * MB);
	vm.mem = mem;
	hot_add();
	return done();
}
