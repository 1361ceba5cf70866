// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio devices console, network card, folder and persistent memory: their registers, and
 * their queues in the guest's memory, of which each has a page.
 */
#define _GNU_SOURCE
#include "folder.h"
#include "world.h"
#include "../../hvhost/virtio_console.h"
#include "../../hvhost/virtio_fs.h"
#include "../../hvhost/virtio_net.h"
#include "../../hvhost/virtio_pmem.h"
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>
#include <linux/virtio_ring.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEVICES	   4
#define QUEUE_PAGE 16 /* the first one's */
#define DATA_PAGE  64
#define AVAIL	   0x400 /* in the page of a queue */
#define USED	   0x800
#define ENTRIES	   16
#define PARTS	   16
#define PMEM_BYTES PAGE_SIZE
#define NOTIFY	   0x100 /* in BAR 0; the layout is virtio_pci.c's */

static struct virtio_console console;
static struct virtio_net net;
static struct virtio_fs fs;
static struct virtio_pmem pmem;
static struct virtio_pci *const device[DEVICES] = { &console.v, &net.v, &fs.v, &pmem.v };
static int tap[2];

static void interrupt(void *arg, const struct pci_msi *msi)
{
	(void)arg;
	(void)msi;
}

static void output(void *arg, unsigned int port, const void *bytes, u32 len)
{
	(void)arg;
	(void)bytes;
	require(port < VIRTIO_CONSOLE_PORTS && len, "output of a port");
}

static void make_pmem(const struct virtio_host *host)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s/pmem", fuzz_dir());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	require(fd >= 0 && !ftruncate(fd, PMEM_BYTES), "a file");
	close(fd);
	require(!virtio_pmem_init(&pmem, host, path, 0), "persistent memory");
}

static void start(void)
{
	struct virtio_host host = { .mem = &mem, .loop = &loop, .interrupt = interrupt };

	world_start();
	require(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, tap),
		"a pair of sockets");
	require(!virtio_console_init(&console, &host, output, NULL, NULL) &&
			!virtio_net_init(&net, &host, tap[0]) &&
			!virtio_fs_init(&fs, &host, "t", folder_make()),
		"the devices");
	make_pmem(&host);
}

static void end(void)
{
	folder_check(&fs.server);
	virtio_pci_end(&console.v);
	virtio_pci_end(&net.v);
	virtio_pci_end(&fs.v);
	virtio_pmem_end(&pmem);
	fuse_close(&fs.server);
	close(tap[0]);
	close(tap[1]);
	folder_remove();
	world_end();
}

static void store(struct virtio_pci *v, u32 bar, u32 offset, u32 size, u64 value)
{
	v->function.bar_write(v, bar, offset, size, value);
}

static u64 queue_at(u32 d, u32 queue)
{
	return (QUEUE_PAGE + d * VIRTIO_QUEUES + queue) * PAGE_SIZE;
}

static void set_address(struct virtio_pci *v, u32 low, u64 gpa)
{
	store(v, 0, low, 8, gpa);
}

/* As a driver does it, with FEATURES changed. */
static void start_driver(u32 d, u64 features, u16 entries)
{
	struct virtio_pci *v = device[d];

	store(v, 0, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	store(v, 0, VIRTIO_PCI_COMMON_STATUS, 1,
	      VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	features ^= v->offered;
	for (u32 i = 0; i < 2; i++) {
		store(v, 0, VIRTIO_PCI_COMMON_GFSELECT, 4, i);
		store(v, 0, VIRTIO_PCI_COMMON_GF, 4, features >> 32 * i);
	}
	store(v, 0, VIRTIO_PCI_COMMON_STATUS, 1, v->status | VIRTIO_CONFIG_S_FEATURES_OK);
	for (u32 i = 0; i < v->queues; i++) {
		u64 at = queue_at(d, i);

		memset(memory_at(&mem, at, PAGE_SIZE), 0, PAGE_SIZE);
		store(v, 0, VIRTIO_PCI_COMMON_Q_SELECT, 2, i);
		store(v, 0, VIRTIO_PCI_COMMON_Q_SIZE, 2, entries);
		store(v, 0, VIRTIO_PCI_COMMON_Q_MSIX, 2, i);
		set_address(v, VIRTIO_PCI_COMMON_Q_DESCLO, at);
		set_address(v, VIRTIO_PCI_COMMON_Q_AVAILLO, at + AVAIL);
		set_address(v, VIRTIO_PCI_COMMON_Q_USEDLO, at + USED);
		store(v, 0, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	}
	store(v, 0, VIRTIO_PCI_COMMON_STATUS, 1, v->status | VIRTIO_CONFIG_S_DRIVER_OK);
}

static void put_desc(u8 *to, u64 gpa, u32 len, u16 flags, u16 next)
{
	put64(to, gpa);
	put32(to + 8, len);
	put16(to + 12, flags);
	put16(to + 14, next);
}

static void kick(u32 d, u32 queue)
{
	store(device[d], 0, NOTIFY + 4 * queue, 2, queue);
}

/* Parts one after the other in the pages for data, with what is left of OP in those to read. */
static void chain(struct op *op)
{
	u32 d = arg(op, 1) % DEVICES, queue = arg(op, 1) % VIRTIO_QUEUES, flags = arg(op, 1);
	u32 parts = arg(op, 1) % (PARTS + 1), len[PARTS], write[PARTS];
	u8 *page = memory_at(&mem, queue_at(d, queue), PAGE_SIZE);
	u64 gpa = DATA_PAGE * PAGE_SIZE, indirect = gpa - PAGE_SIZE;
	u8 *table = flags & CHAIN_INDIRECT ? memory_at(&mem, indirect, PAGE_SIZE) : page;
	u16 index = get16(page + AVAIL + 2);

	for (u32 i = 0; i < parts; i++) {
		write[i] = arg(op, 1) & 1;
		len[i] = arg(op, 2);
	}
	for (u32 i = 0; i < parts; i++) {
		u16 next = i + 1 < parts || flags & CHAIN_LOOSE ? VRING_DESC_F_NEXT : 0;
		u32 n = write[i] ? 0 : len[i] < op->len ? len[i] : op->len;

		put_desc(table + 16 * i, gpa, len[i], (write[i] ? VRING_DESC_F_WRITE : 0) | next,
			 i + 1);
		if (n && gpa + n <= LOW_PAGES * PAGE_SIZE)
			memcpy(memory_at(&mem, gpa, n), op->data, n);
		op->data += n;
		op->len -= n;
		gpa += len[i];
	}
	if (flags & CHAIN_INDIRECT)
		put_desc(page, indirect, 16 * parts, VRING_DESC_F_INDIRECT, 0);
	put16(page + AVAIL + 4 + 2 * (index % ENTRIES), 0);
	put16(page + AVAIL + 2, index + 1);
	if (!(flags & CHAIN_NO_KICK))
		kick(d, queue);
}

static void registers(struct op *op)
{
	struct virtio_pci *v = device[arg(op, 1) % DEVICES];
	u32 bar = arg(op, 1) % PCI_BARS, offset = arg(op, 2), size = arg(op, 1);

	/* vpci.c asks for no more than there is */
	if (offset + size > v->function.bar_size[bar] || !size || size > 8)
		return;
	if (op->kind == VIRTIO_READ)
		v->function.bar_read(v, bar, offset, size);
	else
		store(v, bar, offset, size, arg(op, 8));
}

/* As vpci.c does it: what it lets through is stored, then told. */
static void capability(struct op *op)
{
	struct virtio_pci *v = device[arg(op, 1) % DEVICES];
	u32 offset = arg(op, 1);

	if (offset + 2 > v->function.capabilities_size)
		return;
	put16(v->function.capabilities + offset, arg(op, 2));
	v->function.capability_written(v, 0x40 + offset);
}

static void input(struct op *op)
{
	u32 port = arg(op, 1);
	u8 sink[64];

	if (port < VIRTIO_CONSOLE_PORTS) {
		virtio_console_input(&console, port, op->data, op->len);
		return;
	}
	while (recv(tap[1], sink, sizeof(sink), 0) >= 0)
		;
	send(tap[1], op->data, op->len < NETTAP_FRAME ? op->len : NETTAP_FRAME, 0);
	loop_once(&loop, 0);
}

static void run_op(struct op *op)
{
	u64 features;
	u32 d, queue;

	op->kind %= VIRTIO_KINDS;
	if (op->kind < VIRTIO_START) {
		world_op(op);
	} else if (op->kind == VIRTIO_START) {
		d = arg(op, 1) % DEVICES;
		features = arg(op, 8);
		start_driver(d, features, arg(op, 2));
	} else if (op->kind == VIRTIO_READ || op->kind == VIRTIO_WRITE) {
		registers(op);
	} else if (op->kind == VIRTIO_CAPABILITY) {
		capability(op);
	} else if (op->kind == VIRTIO_CHAIN) {
		chain(op);
	} else if (op->kind == VIRTIO_KICK) {
		d = arg(op, 1) % DEVICES;
		queue = arg(op, 1) % VIRTIO_QUEUES;
		put16(memory_at(&mem, queue_at(d, queue) + AVAIL + 2, 2), arg(op, 2));
		kick(d, queue);
	} else {
		input(op);
	}
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size)
{
	const u8 *at = bytes;
	struct op op;

	start();
	while (next_op(&at, bytes + size, &op))
		run_op(&op);
	end();
	return 0;
}
