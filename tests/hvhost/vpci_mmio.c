// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of PCI over VMBus: a window of two pages for each bus, where the guest selects a
 * slot and then has its configuration space, and the BARs that it writes there. The address
 * of both is the guest's choice.
 */
#include "vpci.h"
#include "proto/vpci.h"
#include <linux/pci_regs.h>

#define CONFIG_BYTES 256 /* no function of ours has extended configuration space */
#define CAPABILITIES 0x40
#define BAR(n)	     (PCI_BASE_ADDRESS_0 + 4 * (n))
/* what of the command register can be changed */
#define COMMAND	      (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE)
#define MSIX_SWITCHES (PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL)

/* Entry N of the BARs belongs to this one: the second half of a 64-bit BAR to the one before. */
static unsigned int owner(const struct pci_function *f, unsigned int n)
{
	return n && f->bar_64[n - 1] ? n - 1 : n;
}

u32 vpci_bar_mask(const struct pci_function *f, unsigned int n)
{
	unsigned int bar = owner(f, n);
	u64 size = f->bar_size[bar];
	u32 type = f->bar_64[bar] ? PCI_BASE_ADDRESS_MEM_TYPE_64 : 0;

	if (!size)
		return 0;
	/* the low four bits are no address */
	size = size < 16 ? 16 : size;
	return n == bar ? (u32) ~(size - 1) | type : (u32)(~(size - 1) >> 32);
}

static u64 bar_address(const struct vpci_function *fn, unsigned int bar)
{
	u64 low = fn->bar[bar] & PCI_BASE_ADDRESS_MEM_MASK;

	return fn->f->bar_64[bar] && bar + 1 < PCI_BARS ? low | (u64)fn->bar[bar + 1] << 32 : low;
}

static void unmap(struct vpci_root *root, struct vpci_function *fn, unsigned int bar)
{
	root->map(root->vm, fn->map[bar], fn->mapped[bar], fn->f->bar_size[bar], NULL);
	root->maps &= ~BIT(fn->map[bar]);
	fn->mapped[bar] = 0;
}

static void map(struct vpci_root *root, struct vpci_function *fn, unsigned int bar, u64 gpa)
{
	u64 size = fn->f->bar_size[bar];
	int n = __builtin_ctz(~root->maps);

	if (n >= VPCI_MAPS || !memory_is_mmio(gpa, size) ||
	    root->map(root->vm, n, gpa, size, fn->f->bar_memory[bar]))
		return;
	root->maps |= BIT(n);
	fn->map[bar] = n;
	fn->mapped[bar] = gpa;
}

void vpci_map(struct vpci *bus, unsigned int slot)
{
	struct vpci_function *fn = &bus->function[slot];

	if (!bus->root || !bus->root->map)
		return;
	for (unsigned int bar = 0; bar < PCI_BARS; bar++) {
		u64 gpa = bar_address(fn, bar);

		if (!fn->f->bar_memory[bar])
			continue;
		if (!bus->window || !(fn->command & PCI_COMMAND_MEMORY))
			gpa = 0;
		if (fn->mapped[bar] == gpa)
			continue;
		if (fn->mapped[bar])
			unmap(bus->root, fn, bar);
		if (gpa)
			map(bus->root, fn, bar, gpa);
	}
}

void vpci_reset_function(struct vpci *bus, unsigned int slot)
{
	struct vpci_function *fn = &bus->function[slot];

	if (!fn->f)
		return;
	fn->command = 0;
	memset(fn->bar, 0, sizeof(fn->bar));
	vpci_map(bus, slot);
	memcpy(fn->f->capabilities, fn->capabilities, sizeof(fn->capabilities));
	if (fn->f->reset)
		fn->f->reset(fn->f->self);
}

static void config_space(const struct vpci_function *fn, u8 *space)
{
	const struct pci_function *f = fn->f;

	memset(space, 0, CONFIG_BYTES);
	put16(space + PCI_VENDOR_ID, f->vendor);
	put16(space + PCI_DEVICE_ID, f->device);
	put16(space + PCI_COMMAND, fn->command);
	space[PCI_REVISION_ID] = f->revision;
	space[PCI_CLASS_PROG] = f->class;
	put16(space + PCI_CLASS_DEVICE, f->class >> 8);
	for (unsigned int n = 0; n < PCI_BARS; n++)
		put32(space + BAR(n),
		      fn->bar[n] | (owner(f, n) == n ? vpci_bar_mask(f, n) & 0xf : 0));
	put16(space + PCI_SUBSYSTEM_VENDOR_ID, f->subsystem_vendor);
	put16(space + PCI_SUBSYSTEM_ID, f->subsystem);
	if (f->capabilities_size) {
		put16(space + PCI_STATUS, PCI_STATUS_CAP_LIST);
		space[PCI_CAPABILITY_LIST] = CAPABILITIES;
		memcpy(space + CAPABILITIES, f->capabilities, f->capabilities_size);
	}
}

/*
 * The bits that the guest may change in the byte AT, one of the capabilities: none of what links
 * them, of MSI-X the two that switch it. The rest is left to the function.
 */
static u8 writable(const struct pci_function *f, unsigned int at)
{
	const u8 *caps = f->capabilities;
	unsigned int begin = 0, next = 0;

	at -= CAPABILITIES;
	/* a list that ends in itself ends here as well */
	for (unsigned int n = 0; n < sizeof(f->capabilities) / 4; n++) {
		if (next <= at && next > begin)
			begin = next;
		if (caps[next + 1] < CAPABILITIES ||
		    caps[next + 1] - CAPABILITIES + 2u > f->capabilities_size)
			break;
		next = caps[next + 1] - CAPABILITIES;
	}
	if (at - begin < 2)
		return 0;
	if (caps[begin] == PCI_CAP_ID_MSIX)
		return at - begin == PCI_MSIX_FLAGS + 1 ? MSIX_SWITCHES >> 8 : 0;
	return 0xff;
}

/* The guest has written LEN bytes at AT; SPACE is the space with them in it. */
static void config_written(struct vpci_function *fn, unsigned int at, unsigned int len,
			   const u8 *space)
{
	struct pci_function *f = fn->f;
	int capability = 0;

	/* a host ignores addresses while they are in use (prepopulate_bars() in the guest) */
	for (unsigned int n = 0; n < PCI_BARS; n++)
		if (at < BAR(n) + 4 && at + len > BAR(n) && !(fn->command & PCI_COMMAND_MEMORY))
			fn->bar[n] = get32(space + BAR(n)) & vpci_bar_mask(f, n) &
				(owner(f, n) == n ? PCI_BASE_ADDRESS_MEM_MASK : ~0ul);
	if (at < PCI_COMMAND + 2 && at + len > PCI_COMMAND)
		fn->command = get16(space + PCI_COMMAND) & COMMAND;
	for (unsigned int i = at; i < at + len; i++) {
		u8 bits, *byte;

		if (i < CAPABILITIES || i >= CAPABILITIES + f->capabilities_size)
			continue;
		bits = writable(f, i);
		byte = &f->capabilities[i - CAPABILITIES];
		*byte = (*byte & ~bits) | (space[i] & bits);
		capability = 1;
	}
	if (capability && f->capability_written)
		f->capability_written(f->self, at);
}

static void config_access(struct vpci *bus, unsigned int at, u32 len, u8 *data, int write)
{
	struct vpci_function *fn = bus->slot < VPCI_FUNCTIONS ? &bus->function[bus->slot] : NULL;
	u8 space[CONFIG_BYTES];

	if (!write)
		memset(data, 0xff, len);
	if (!fn || !fn->f || at + len > CONFIG_BYTES || len > 4)
		return;
	config_space(fn, space);
	if (write) {
		memcpy(space + at, data, len);
		config_written(fn, at, len, space);
		vpci_map(bus, bus->slot);
	} else {
		memcpy(data, space + at, len);
	}
}

static void window_access(struct vpci *bus, u64 at, u32 len, u8 *data, int write)
{
	if (at >= CFG_PAGE_OFFSET) {
		config_access(bus, at - CFG_PAGE_OFFSET, len, data, write);
	} else if (write) {
		if (at == 0 && len == 4)
			bus->slot = get32(data);
	} else {
		memset(data, 0, len);
		if (at == 0 && len == 4)
			put32(data, bus->slot);
	}
}

/* Accesses that a function does not know (three bytes, not aligned) are lost. */
static void bar_access(const struct pci_function *f, unsigned int bar, u64 at, u32 len, u8 *data,
		       int write)
{
	u64 value = 0;

	if ((len & (len - 1)) || at % len || !(write ? !!f->bar_write : !!f->bar_read)) {
		if (!write)
			memset(data, 0xff, len);
	} else if (write) {
		memcpy(&value, data, len);
		f->bar_write(f->self, bar, at, len, value);
	} else {
		value = f->bar_read(f->self, bar, at, len);
		memcpy(data, &value, len);
	}
}

static int bus_access(struct vpci *bus, u64 gpa, u32 len, u8 *data, int write)
{
	if (gpa >= bus->window && gpa - bus->window <= PCI_CONFIG_MMIO_LENGTH - len) {
		window_access(bus, gpa - bus->window, len, data, write);
		return 1;
	}
	for (unsigned int slot = 0; slot < VPCI_FUNCTIONS; slot++) {
		struct vpci_function *fn = &bus->function[slot];

		if (!fn->f || !(fn->command & PCI_COMMAND_MEMORY))
			continue;
		for (unsigned int bar = 0; bar < PCI_BARS; bar++) {
			u64 at = gpa - bar_address(fn, bar), size = fn->f->bar_size[bar];

			/* unassigned BARs are at 0, where there is RAM */
			if (gpa < at || at >= size || len > size - at || !bar_address(fn, bar))
				continue;
			bar_access(fn->f, bar, at, len, data, write);
			return 1;
		}
	}
	return 0;
}

int vpci_mmio(void *arg, u64 gpa, u32 len, u8 *data, int write)
{
	struct vpci_root *root = arg;

	if (!len || len > 8)
		return 0;
	for (struct vpci *bus = root->first; bus; bus = bus->next)
		if (bus->window && bus_access(bus, gpa, len, data, write))
			return 1;
	return 0;
}
