/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A PCI function of one device: what vpci (the host side of pci-hyperv) asks of it. Register
 * accesses come from a vCPU's thread with the machine's lock held, as all of hvhost's devices
 * are called. Sizes are in bytes. A function sends its interrupts by vpci_raise().
 */
#ifndef HVHOST_PCI_H
#define HVHOST_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCI_BARS 6

struct pci_msi { /* what the guest's interrupt is sent by: KVM_SIGNAL_MSI */
	uint64_t address;
	uint32_t data;
};

struct pci_function {
	uint16_t vendor, device, subsystem_vendor, subsystem;
	uint32_t class; /* 24 bits: class, subclass, programming interface */
	uint8_t revision;
	/* a power of 2, or 0; a 64-bit BAR takes two entries, the second is 0 */
	uint64_t bar_size[PCI_BARS];
	bool bar_64[PCI_BARS];
	/* as they are in the configuration space from 0x40 on; linked already, the first at 0x40 */
	uint8_t capabilities[192];
	unsigned int capabilities_size; /* 0: the function has none */
	unsigned int msix_vectors;	/* of the table, which the function keeps in its BAR */

	/* A read or write of SIZE (1, 2, 4, 8) at OFFSET in BAR; what is not there reads as ones. */
	uint64_t (*bar_read)(void *self, unsigned int bar, uint64_t offset, unsigned int size);
	void (*bar_write)(void *self, unsigned int bar, uint64_t offset, unsigned int size,
			  uint64_t value);
	/* After a write to the capabilities; OFFSET is from the start of the configuration space. */
	void (*capability_written)(void *self, unsigned int offset);
	/* Power on, D0 left, or ejected: back to the state of a function that was just plugged in. */
	void (*reset)(void *self);
	void *self;
};

#endif
