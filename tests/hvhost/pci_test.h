/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PCI_TEST_H
#define PCI_TEST_H

#include "hvhost.h"
#include "pci.h"

/*
 * A function for tests: 32-bit registers in a 64-bit BAR of 4 kB, and four vectors of MSI-X.
 * The guest's probe has the same numbers.
 */
#define PCI_TEST_VENDOR	 0x1414 /* Microsoft */
#define PCI_TEST_DEVICE	 0x7e57 /* ours */
#define PCI_TEST_ID	 0x00	/* PCI_TEST_MAGIC */
#define PCI_TEST_SCRATCH 0x04 /* reads as the complement of what was written, after a reset as 0 */
#define PCI_TEST_RAISE	 0x08 /* writing N sends vector N; reads as how many were asked for */
#define PCI_TEST_MAGIC	 0x54534554
#define PCI_TEST_TABLE	 0x800
#define PCI_TEST_PENDING 0xc00
#define PCI_TEST_VECTORS 4

struct pci_test {
	struct pci_function f;
	u32 scratch, asked;
	u32 table[PCI_TEST_VECTORS][4]; /* address, its high half, data, bit 0: masked */
	u32 pending;			/* a bit for each vector */
	void (*raise)(void *bus, const struct pci_msi *msi);
	void *bus;
	u64 resets;
};

void pci_test_init(struct pci_test *t, void (*raise)(void *bus, const struct pci_msi *msi),
		   void *bus);

#endif
