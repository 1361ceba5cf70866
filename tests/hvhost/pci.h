/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A PCI function of one device: what vpci (the host side of pci-hyperv) asks of it. Register
 * accesses come from a vCPU's thread with the machine's lock held, as all of hvhost's devices
 * are called. Sizes are in bytes.
 */
#ifndef HVHOST_PCI_H
#define HVHOST_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCI_BARS 6

/* What the guest's interrupt is sent by: KVM_SIGNAL_MSI. */
struct pci_msi {
	uint64_t address;
	uint32_t data;
};

struct pci_function {
	uint16_t vendor, device, subsystem_vendor, subsystem;
	uint32_t class; /* 24 bits: class, subclass, programming interface */
	uint8_t revision;
	/* A power of 2, or 0; 64-bit BARs take two entries, the second is 0. */
	uint64_t bar_size[PCI_BARS];
	bool bar_64[PCI_BARS];
	/*
	 * Host memory behind a BAR, of its size, or NULL if it has registers. The guest is to have
	 * it mapped; the handlers serve it too, for accesses that are not mapped.
	 */
	void *bar_memory[PCI_BARS];
	/*
	 * Capabilities, as they are in the config space from 0x40 on; linked already, the first at
	 * 0x40. Their size is 0 if the function has none.
	 */
	uint8_t capabilities[192];
	unsigned int capabilities_size;
	/* Entries of the MSI-X table, which the function's BAR handler keeps. */
	unsigned int msix_vectors;

	/*
	 * A read or write of SIZE (1, 2, 4, 8) at OFFSET in BAR; reads of what is not there give
	 * all ones.
	 */
	uint64_t (*bar_read)(void *self, unsigned int bar, uint64_t offset, unsigned int size);
	void (*bar_write)(void *self, unsigned int bar, uint64_t offset, unsigned int size,
			  uint64_t value);
	/*
	 * A write to the capabilities (offset from the start of the config space), after it was
	 * stored. The function puts back what is read-only.
	 */
	void (*capability_written)(void *self, unsigned int offset);
	/* Power on, D0 left, or ejected: back to the state of a function just plugged in. */
	void (*reset)(void *self);
	void *self;
};

#endif
