// SPDX-License-Identifier: GPL-2.0
/* The PCI function of the tests. */
#include "pci_test.h"
#include <linux/pci_regs.h>

#define BAR_BYTES 4096
#define MASKED	  1 /* in the last word of a table's entry */

/* Send what is pending, as far as it is not masked. */
static void send(struct pci_test *t)
{
	u16 flags = get16(t->f.capabilities + PCI_MSIX_FLAGS);

	if ((flags & (PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL)) != PCI_MSIX_FLAGS_ENABLE)
		return;
	for (unsigned int n = 0; n < PCI_TEST_VECTORS; n++) {
		const u32 *entry = t->table[n];
		struct pci_msi msi = { entry[0] | (u64)entry[1] << 32, entry[2] };

		if (!(t->pending & BIT(n)) || (entry[3] & MASKED))
			continue;
		t->pending &= ~BIT(n);
		t->raise(t->bus, &msi);
	}
}

static u32 load(const struct pci_test *t, u64 at)
{
	if (at >= PCI_TEST_TABLE && at < PCI_TEST_TABLE + sizeof(t->table))
		return t->table[(at - PCI_TEST_TABLE) / 16][at % 16 / 4];
	switch (at) {
	case PCI_TEST_ID:
		return PCI_TEST_MAGIC;
	case PCI_TEST_SCRATCH:
		return t->scratch;
	case PCI_TEST_RAISE:
		return t->asked;
	case PCI_TEST_PENDING:
		return t->pending;
	case PCI_TEST_PENDING + 4:
		return 0;
	}
	return ~0u;
}

static void store(struct pci_test *t, u64 at, u32 value)
{
	if (at >= PCI_TEST_TABLE && at < PCI_TEST_TABLE + sizeof(t->table)) {
		t->table[(at - PCI_TEST_TABLE) / 16][at % 16 / 4] = value;
		send(t);
	} else if (at == PCI_TEST_SCRATCH) {
		t->scratch = ~value;
	} else if (at == PCI_TEST_RAISE) {
		t->asked++;
		if (value < PCI_TEST_VECTORS)
			t->pending |= BIT(value);
		send(t);
	}
}

static uint64_t bar_read(void *self, unsigned int bar, uint64_t offset, unsigned int size)
{
	(void)bar;
	if (size == 8)
		return load(self, offset) | (u64)load(self, offset + 4) << 32;
	return size == 4 ? load(self, offset) : ~0ull;
}

static void bar_write(void *self, unsigned int bar, uint64_t offset, unsigned int size,
		      uint64_t value)
{
	(void)bar;
	if (size < 4)
		return;
	store(self, offset, value);
	if (size == 8)
		store(self, offset + 4, value >> 32);
}

static void capability_written(void *self, unsigned int offset)
{
	(void)offset;
	send(self);
}

static void reset(void *self)
{
	struct pci_test *t = self;

	t->resets++;
	t->scratch = t->asked = t->pending = 0;
	memset(t->table, 0, sizeof(t->table));
	for (unsigned int n = 0; n < PCI_TEST_VECTORS; n++)
		t->table[n][3] = MASKED;
}

void pci_test_init(struct pci_test *t, void (*raise)(void *bus, const struct pci_msi *msi),
		   void *bus)
{
	memset(t, 0, sizeof(*t));
	t->f = (struct pci_function){
		.vendor = PCI_TEST_VENDOR,
		.device = PCI_TEST_DEVICE,
		.subsystem_vendor = PCI_TEST_VENDOR,
		.subsystem = PCI_TEST_DEVICE,
		.class = 0xff0000, /* of no class */
		.revision = 1,
		.bar_size = { BAR_BYTES },
		.bar_64 = { true },
		.capabilities = { PCI_CAP_ID_MSIX },
		.capabilities_size = PCI_CAP_MSIX_SIZEOF,
		.msix_vectors = PCI_TEST_VECTORS,
		.bar_read = bar_read,
		.bar_write = bar_write,
		.capability_written = capability_written,
		.reset = reset,
		.self = t,
	};
	put16(t->f.capabilities + PCI_MSIX_FLAGS, PCI_TEST_VECTORS - 1);
	put32(t->f.capabilities + PCI_MSIX_TABLE, PCI_TEST_TABLE);
	put32(t->f.capabilities + PCI_MSIX_PBA, PCI_TEST_PENDING);
	t->raise = raise;
	t->bus = bus;
}
