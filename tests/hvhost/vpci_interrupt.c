// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts of PCI over VMBus. The guest asks for a vector on processors, and gets a message
 * for it, which it writes into the function's MSI-X table; the number of the message is all
 * that a function sends. Later the guest moves it to another processor by a hypercall, and
 * the table stays.
 */
#include "vpci.h"
#include "proto/vpci.h"

/*
 * What the guest gets. The number in the low bits counts up with the vectors of one message,
 * as MSI does; the rest is no vector, so a guest that ignored the answer is seen.
 */
#define ADDRESS	     0xfee00000ull
#define DATA(n)	     (0x5600u | (n))
#define FIRST_VECTOR 16 /* of the local APIC; the ones below are exceptions */
#define LAST_VECTOR  255

static struct vpci_interrupt *of_message(struct vpci *bus, u64 address, u32 data)
{
	u32 n = data - DATA(0);

	return address == ADDRESS && n < VPCI_INTERRUPTS && bus->interrupt[n].used ?
		&bus->interrupt[n] :
		NULL;
}

static u64 present(const struct vpci *bus, u64 vps)
{
	return vps & (BIT(bus->root->vps) - 1);
}

/* COUNT free entries in a row, at a multiple of COUNT; the first one, or -1. */
static int find(const struct vpci *bus, u32 count)
{
	u32 free = 0;

	for (u32 n = 0; n < VPCI_INTERRUPTS; n++) {
		if (n % count == 0)
			free = 0;
		free += !bus->interrupt[n].used;
		if (n % count == count - 1 && free == count)
			return n + 1 - count;
	}
	return -1;
}

u32 vpci_create_interrupt(struct vpci *bus, unsigned int slot, u32 vector, u32 count, u64 vps,
			  struct pci_msi *msi)
{
	int first;

	if (!count || count > PCI_MSI_MAX_VECTORS || (count & (count - 1)) ||
	    vector < FIRST_VECTOR || vector > LAST_VECTOR || vector + count - 1 > LAST_VECTOR ||
	    !present(bus, vps)) {
		bus->root->bad++;
		return PCI_STATUS_BAD_DATA;
	}
	first = find(bus, count);
	if (first < 0) {
		bus->root->refused++;
		return PCI_STATUS_INSUFFICIENT_RESOURCES;
	}
	for (u32 i = 0; i < count; i++)
		bus->interrupt[first + i] = (struct vpci_interrupt){
			.used = 1,
			.slot = slot,
			.count = i ? 0 : count,
			.vector = vector + i,
			.vps = present(bus, vps),
		};
	msi->address = ADDRESS;
	msi->data = DATA(first);
	return PCI_STATUS_SUCCESS;
}

u32 vpci_delete_interrupt(struct vpci *bus, unsigned int slot, u64 address, u32 data)
{
	struct vpci_interrupt *first = of_message(bus, address, data);

	if (!first || first->slot != (int)slot || !first->count) {
		bus->root->bad++;
		return PCI_STATUS_BAD_DATA;
	}
	memset(first, 0, first->count * sizeof(*first));
	return PCI_STATUS_SUCCESS;
}

void vpci_delete_interrupts(struct vpci *bus, unsigned int slot)
{
	for (u32 n = 0; n < VPCI_INTERRUPTS; n++)
		if (bus->interrupt[n].used && bus->interrupt[n].slot == (int)slot)
			memset(&bus->interrupt[n], 0, sizeof(bus->interrupt[n]));
}

int vpci_set_target(struct vpci *bus, u32 address, u32 data, u32 vector, u64 vps)
{
	struct vpci_interrupt *interrupt = of_message(bus, address, data);

	if (!interrupt || vector < FIRST_VECTOR || vector > LAST_VECTOR || !present(bus, vps)) {
		bus->root->bad++;
		return -1;
	}
	interrupt->vector = vector;
	interrupt->vps = present(bus, vps);
	bus->root->retargeted++;
	return 0;
}

/* To the first of the processors: the guest names one, and then moves it where it wants it. */
void vpci_raise(void *arg, const struct pci_msi *msi)
{
	struct vpci *bus = arg;
	struct vpci_interrupt *interrupt = of_message(bus, msi->address, msi->data);
	struct pci_msi to;

	if (!interrupt) {
		bus->root->lost++;
		return;
	}
	/* physical destination, fixed, edge; the ID of a local APIC is the number of its VP */
	to.address = ADDRESS | (u64)__builtin_ctzll(interrupt->vps) << 12;
	to.data = interrupt->vector;
	bus->root->raised++;
	if (bus->root->signal(bus->root->vm, &to))
		bus->root->lost++;
}
