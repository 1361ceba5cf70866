// SPDX-License-Identifier: GPL-2.0
/*
 * PCI over VMBus: messages in the ring, accesses to the windows and the BARs, the hypercall
 * that moves an interrupt. Two buses: relid 1 has the function of the tests and one with
 * memory, relid 2 a virtio console.
 */
#include "world.h"
#include "../../hvhost/pci_test.h"
#include "../../hvhost/proto/vpci.h"
#include "../../hvhost/virtio_console.h"
#include "../../hvhost/vpci.h"
#include <stdlib.h>

#define BUSES  2
#define VPS    2
#define MEMORY (64u << 10) /* of the function that has some */

static struct vpci_root root;
static struct vpci pci[BUSES];
static struct pci_test test;
static struct pci_function memory;
static struct virtio_console console;
static u8 *bar;
static u64 mapped[VPCI_MAPS];

static int signal_msi(void *vm, const struct pci_msi *msi)
{
	(void)vm;
	require(msi->data >= 16 && msi->data <= 255 && (msi->address >> 12 & 0xff) < VPS,
		"an interrupt is a vector of a processor");
	return 0;
}

/* As KVM: a range is mapped once, and a number has one range. */
static int map(void *vm, unsigned int n, u64 gpa, u64 size, void *host)
{
	(void)vm;
	require(n < VPCI_MAPS && size == MEMORY, "what is mapped");
	if (!host) {
		require(mapped[n] == gpa, "what is unmapped was mapped");
		mapped[n] = 0;
		return 0;
	}
	require(!mapped[n] && host == bar && memory_is_mmio(gpa, size), "where it is mapped");
	mapped[n] = gpa;
	return 0;
}

static uint64_t memory_read(void *self, unsigned int n, uint64_t offset, unsigned int size)
{
	u64 value = 0;

	(void)self;
	require(n == 2 && offset + size <= MEMORY, "an access is in the BAR");
	memcpy(&value, bar + offset, size);
	return value;
}

static void memory_store(void *self, unsigned int n, uint64_t offset, unsigned int size,
			 uint64_t value)
{
	(void)self;
	require(n == 2 && offset + size <= MEMORY, "an access is in the BAR");
	memcpy(bar + offset, &value, size);
}

static void output(void *arg, unsigned int port, const void *bytes, u32 len)
{
	(void)arg;
	(void)bytes;
	require(port < VIRTIO_CONSOLE_PORTS && len, "output of a port");
}

static struct pci_function *function_of(u32 n)
{
	return n == 0 ? &test.f : n == 1 ? &memory : &console.v.function;
}

static int in_use(const struct pci_function *f)
{
	for (u32 i = 0; i < BUSES; i++)
		for (u32 slot = 0; slot < VPCI_FUNCTIONS; slot++)
			if (pci[i].function[slot].f == f)
				return 1;
	return 0;
}

static void start(void)
{
	struct vmbus_channel_message_header request = { .type = CHANNELMSG_REQUESTOFFERS };
	struct virtio_host host = {
		.mem = &mem, .loop = &loop, .interrupt = vpci_raise, .arg = &pci[1]
	};

	world_start();
	bus_start(VMBUS_VERSION(5, 3));
	vpci_init(&root, &bus, VPS);
	root.signal = signal_msi;
	root.map = map;
	memset(pci, 0, sizeof(pci));
	memset(mapped, 0, sizeof(mapped));
	bar = calloc(1, MEMORY); /* the sanitizer knows where it ends */
	memory = (struct pci_function){
		.vendor = 1,
		.bar_size = { [2] = MEMORY },
		.bar_64 = { [2] = true },
		.bar_memory = { [2] = bar },
		.bar_read = memory_read,
		.bar_write = memory_store,
	};
	pci_test_init(&test, vpci_raise, &pci[0]);
	require(bar && !virtio_console_init(&console, &host, output, NULL, NULL), "functions");
	vpci_plug(&pci[0], 0, &test.f);
	vpci_plug(&pci[0], 1, &memory);
	vpci_plug(&pci[1], 0, &console.v.function);
	require(!vpci_offer(&pci[0], &root, 1) && !vpci_offer(&pci[1], &root, 2), "two buses");
	vmbus_message(&bus, VMBUS_MESSAGE_CONNECTION_ID, &request, sizeof(request));
}

static void end(void)
{
	bus_end();
	for (u32 i = 0; i < VPCI_MAPS; i++)
		require(!mapped[i], "nothing is mapped without a bus");
	virtio_pci_end(&console.v);
	free(bar);
	world_end();
}

static void access_at(u64 gpa, u32 len, u64 value, int write)
{
	u8 *data = malloc(len ? len : 1); /* of exactly this size */

	memcpy(data, &value, len);
	vpci_mmio(&root, gpa, len, data, write);
	free(data);
}

static u64 bar_at(const struct vpci_function *fn, u32 n)
{
	return (fn->bar[n] & ~0xfull) |
		(n + 1 < PCI_BARS && fn->f->bar_64[n] ? (u64)fn->bar[n + 1] << 32 : 0);
}

static void of_window(struct op *op)
{
	struct vpci *to = &pci[arg(op, 1) % BUSES];
	u32 slot = arg(op, 1), n = op->kind == VPCI_BAR ? arg(op, 1) % PCI_BARS : 0;
	u32 offset = arg(op, 2), len = arg(op, 1) % 9;
	u64 value = arg(op, 8);

	if (op->kind == VPCI_CONFIG) {
		access_at(to->window, 4, slot, 1);
		access_at(to->window + CFG_PAGE_OFFSET + offset, len, value, 1);
	} else if (slot < VPCI_FUNCTIONS && to->function[slot].f) {
		access_at(bar_at(&to->function[slot], n) + offset, len, value, 1);
	}
}

static void any_access(struct op *op)
{
	u64 gpa = arg(op, 8);
	u32 len = arg(op, 1) % 9;

	access_at(gpa, len, arg(op, 8), op->kind == VPCI_WRITE);
}

static void of_interrupt(struct op *op)
{
	struct pci_msi msi;
	struct vpci *from;
	u64 device;
	u32 address, data, vector;

	if (op->kind == VPCI_RETARGET) {
		device = arg(op, 8);
		address = arg(op, 4);
		data = arg(op, 4);
		vector = arg(op, 4);
		vpci_retarget(&root, device, address, data, vector, arg(op, 8));
		return;
	}
	from = &pci[arg(op, 1) % BUSES];
	msi.address = arg(op, 8);
	msi.data = arg(op, 4);
	vpci_raise(from, &msi);
}

static void of_host(struct op *op)
{
	u32 n = arg(op, 1) % BUSES, slot = arg(op, 1) % VPCI_FUNCTIONS;

	if (op->kind == VPCI_EJECT) {
		vpci_eject(&pci[n], slot);
	} else if (op->kind == VPCI_PLUG) {
		for (u32 i = 0; i < 3; i++) /* the console is of the second bus */
			if (!in_use(function_of(i)) && (i == 2) == (n == 1) &&
			    !vpci_plug(&pci[n], slot, function_of(i)))
				break;
	} else if (pci[n].ch) {
		vpci_withdraw(&pci[n]);
	} else {
		vpci_offer(&pci[n], &root, n + 1);
	}
}

static void run_op(struct op *op)
{
	op->kind %= VPCI_KINDS;
	if (op->kind < OP_TARGET)
		world_op(op);
	else if (op->kind == VPCI_READ || op->kind == VPCI_WRITE)
		any_access(op);
	else if (op->kind == VPCI_CONFIG || op->kind == VPCI_BAR)
		of_window(op);
	else if (op->kind == VPCI_RETARGET || op->kind == VPCI_RAISE)
		of_interrupt(op);
	else
		of_host(op);
}

int LLVMFuzzerTestOneInput(const u8 *input, size_t size)
{
	const u8 *at = input;
	struct op op;

	start();
	while (next_op(&at, input + size, &op))
		run_op(&op);
	end();
	return 0;
}
