// SPDX-License-Identifier: GPL-2.0
/* The guest's RAM, and the only place that translates guest physical addresses. */
#define _GNU_SOURCE
#include "memory.h"
#include <errno.h>
#include <sys/mman.h>

static int overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* What is at GPA already, or NULL. */
static const char *taken(const struct memory *mem, u64 gpa, u64 size)
{
	if (overlap(gpa, size, MEMORY_GAP, MEMORY_HIGH - MEMORY_GAP) ||
	    gpa + size > MEMORY_MMIO_HIGH)
		return "room for devices";
	for (int i = 0; i < mem->regions; i++)
		if (overlap(gpa, size, mem->region[i].gpa, mem->region[i].size))
			return "RAM already";
	return NULL;
}

int memory_add(struct memory *mem, u64 gpa, u64 size)
{
	struct region *region = &mem->region[mem->regions];

	if (mem->regions == MEMORY_REGIONS)
		return error("memory: no more than %d regions", MEMORY_REGIONS);
	if (!size || gpa + size < gpa || (gpa | size) % PAGE_SIZE)
		return error("memory: 0x%llx bytes at 0x%llx: not whole pages",
			     (unsigned long long)size, (unsigned long long)gpa);
	if (taken(mem, gpa, size))
		return error("memory: 0x%llx bytes at 0x%llx: there is %s",
			     (unsigned long long)size, (unsigned long long)gpa,
			     taken(mem, gpa, size));
	region->host = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (region->host == MAP_FAILED)
		return error("memory: mmap of 0x%llx bytes: %s", (unsigned long long)size,
			     strerror(errno));
	region->gpa = gpa;
	region->size = size;
	if (mem->slot && mem->slot(mem->vm, mem->regions, region)) {
		munmap(region->host, size);
		return -1;
	}
	mem->regions++;
	return 0;
}

int memory_init(struct memory *mem, u64 size)
{
	u64 low = size < MEMORY_GAP ? size : MEMORY_GAP;

	if (memory_add(mem, 0, low))
		return -1;
	return size > low ? memory_add(mem, MEMORY_HIGH, size - low) : 0;
}

u64 memory_end(const struct memory *mem)
{
	u64 end = 0;

	for (int i = 0; i < mem->regions; i++)
		if (mem->region[i].gpa + mem->region[i].size > end)
			end = mem->region[i].gpa + mem->region[i].size;
	return end;
}

u64 memory_room(const struct memory *mem, u64 size, u64 align)
{
	u64 at = ALIGN(memory_end(mem), align);

	return at < MEMORY_HIGH && at + size > MEMORY_GAP ? MEMORY_HIGH : at;
}

static int within(u64 gpa, u64 len, u64 start, u64 bytes)
{
	return gpa >= start && gpa - start < bytes && len <= bytes - (gpa - start);
}

int memory_is_mmio(u64 gpa, u64 len)
{
	return within(gpa, len, MEMORY_MMIO, MEMORY_MMIO_BYTES) ||
		within(gpa, len, MEMORY_MMIO_HIGH, BIT(MEMORY_MMIO_HIGH_BITS) - MEMORY_MMIO_HIGH);
}

void *memory_at(const struct memory *mem, u64 gpa, u64 len)
{
	for (int i = 0; i < mem->regions; i++) {
		const struct region *r = &mem->region[i];

		if (within(gpa, len, r->gpa, r->size))
			return r->host + (gpa - r->gpa);
	}
	return NULL;
}

int memory_drop(struct memory *mem, u64 gpa, u64 len)
{
	void *host = memory_at(mem, gpa, len);

	if (!host)
		return error("memory: 0x%llx bytes at 0x%llx are not RAM", (unsigned long long)len,
			     (unsigned long long)gpa);
	if (madvise(host, len, MADV_DONTNEED))
		return error("memory: madvise: %s", strerror(errno));
	return 0;
}
