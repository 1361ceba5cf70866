/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MEMORY_H
#define MEMORY_H

#include "hvhost.h"

/*
 * RAM is below 3 GB, above 4 GB, and hot added. The gap is for devices, the interrupt
 * controllers and what KVM needs for itself.
 */
#define MEMORY_GAP     0xC0000000ull
#define MEMORY_HIGH    0x100000000ull
#define MEMORY_REGIONS 8

/*
 * What acpi.asl lets the guest place devices in. The high range is WSL's: 16 GB, and 8 GB and
 * 2 MB for what WSLg shares, up to the end of 36 address bits (WslCoreVm.cpp). RAM ends below.
 */
#define MEMORY_MMIO	      0xe0000000ull
#define MEMORY_MMIO_BYTES     0x10000000ull
#define MEMORY_MMIO_HIGH      0x9ffe00000ull
#define MEMORY_MMIO_HIGH_BITS 36

struct region {
	u64 gpa, size;
	u8 *host;
};

struct memory {
	struct region region[MEMORY_REGIONS];
	int regions;
	/* registers a region with KVM; NULL in unit tests */
	int (*slot)(void *vm, int slot, const struct region *region);
	void *vm;
};

/* SIZE bytes of RAM at GPA, whole pages. 0, or -1 after error(): there are devices, or RAM. */
int memory_add(struct memory *mem, u64 gpa, u64 size);
/* The RAM that the guest starts with: what does not fit below the gap is above it. */
int memory_init(struct memory *mem, u64 size);
u64 memory_end(const struct memory *mem);
/* Where SIZE bytes more of RAM can be, above all of it and at a multiple of ALIGN. */
u64 memory_room(const struct memory *mem, u64 size, u64 align);
int memory_is_mmio(u64 gpa, u64 len); /* 1 if a device may be there, else 0 */

/* The LEN bytes at GPA in host memory, or NULL unless all of them are RAM. */
void *memory_at(const struct memory *mem, u64 gpa, u64 len);

/* Return pages to the machine; they read as zeros afterwards. */
int memory_drop(struct memory *mem, u64 gpa, u64 len);

#endif
