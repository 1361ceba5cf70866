// SPDX-License-Identifier: GPL-2.0
/*
 * A bzImage, started by the 64-bit boot protocol (Documentation/x86/boot.rst of
 * the guest). The setup header has the same offsets in the file and in the zero
 * page.
 */
#define _GNU_SOURCE
#include "boot.h"
#include "acpi.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define GDT		0x1000
#define ZERO_PAGE	0x2000
#define CMDLINE		0x3000
#define CMDLINE_ROOM	0x1000
#define PAGE_TABLES	0x4000		/* six pages: the first 4 GB */
#define LOW_END		0x9f000
#define HEADER		0x1f1

#define E820_RAM	1
#define E820_RESERVED	2

struct file {
	const u8 *data;
	u64 size;
};

static int map_file(struct file *file, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return error("%s: %s", path, strerror(errno));
	file->size = st.st_size;
	file->data = mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (file->data == MAP_FAILED)
		return error("%s: mmap: %s", path, strerror(errno));
	return 0;
}

static void e820(u8 *zero, u64 start, u64 end, u32 type)
{
	u8 *entry = zero + 0x2d0 + 20 * zero[0x1e8];

	if (start >= end)
		return;
	put64(entry, start);
	put64(entry + 8, end - start);
	put32(entry + 16, type);
	zero[0x1e8]++;
}

static int load_kernel(struct vm *vm, const char *path, u8 *zero, u64 *entry)
{
	struct file file;
	const u8 *f;
	u64 setup, load, need, header_end;
	u8 *to;

	if (map_file(&file, path))
		return -1;
	f = file.data;
	if (file.size < 0x1000 || get16(f + 0x1fe) != 0xaa55 || memcmp(f + 0x202, "HdrS", 4))
		return error("%s: not a bzImage", path);
	if (get16(f + 0x206) < 0x20c || !(f[0x236] & 1))
		return error("%s: no 64-bit entry (boot protocol %u.%02u)", path,
			     f[0x207], f[0x206]);
	header_end = 0x202 + f[0x201];
	memcpy(zero + HEADER, f + HEADER, header_end - HEADER);
	setup = ((f[HEADER] ? f[HEADER] : 4) + 1) * 512;
	if (setup >= file.size)
		return error("%s: cut short", path);
	load = get64(f + 0x258);
	need = get32(f + 0x260);
	if (need < file.size - setup)
		need = file.size - setup;
	to = memory_at(&vm->mem, load, need);
	if (!to)
		return error("%s: needs RAM up to %llu MB", path,
			     (unsigned long long)(load + need) >> 20);
	memcpy(to, f + setup, file.size - setup);
	munmap((void *)f, file.size);
	*entry = load + 0x200;
	return 0;
}

static int load_initrd(struct vm *vm, const char *path, u8 *zero)
{
	u64 top = vm->mem.region[0].size, kernel_end, at;
	struct file file;

	if (map_file(&file, path))
		return -1;
	if (top > (u64)get32(zero + 0x22c) + 1)
		top = (u64)get32(zero + 0x22c) + 1;
	kernel_end = get64(zero + 0x258) + get32(zero + 0x260);
	at = file.size < top ? (top - file.size) & ~(u64)(PAGE_SIZE - 1) : 0;
	if (at < kernel_end)
		return error("%s: does not fit into RAM beside the kernel", path);
	memcpy(memory_at(&vm->mem, at, file.size), file.data, file.size);
	put32(zero + 0x218, at);
	put32(zero + 0x21c, file.size);
	munmap((void *)file.data, file.size);
	return 0;
}

static struct kvm_segment segment(u16 selector, u8 type, int code)
{
	return (struct kvm_segment) {
		.selector = selector, .limit = 0xffffffff, .type = type, .present = 1,
		.s = 1, .g = 1, .l = code, .db = !code,
	};
}

static int start_at(struct vm *vm, u64 entry)
{
	struct kvm_regs regs = { .rip = entry, .rsi = ZERO_PAGE, .rsp = LOW_END, .rflags = 2 };
	u64 *gdt = memory_at(&vm->mem, GDT, 32);
	u64 *pml4 = memory_at(&vm->mem, PAGE_TABLES, 6 * PAGE_SIZE);
	struct kvm_sregs sregs;

	gdt[2] = 0x00af9b000000ffff;	/* 0x10: code, long mode */
	gdt[3] = 0x00cf93000000ffff;	/* 0x18: data */
	pml4[0] = (PAGE_TABLES + PAGE_SIZE) | 3;
	for (int i = 0; i < 4; i++)
		pml4[512 + i] = (PAGE_TABLES + (2 + i) * PAGE_SIZE) | 3;
	for (u64 i = 0; i < 4 * 512; i++)
		pml4[1024 + i] = i << 21 | 0x83;

	if (ioctl(vm->vcpu[0].fd, KVM_GET_SREGS, &sregs))
		return error("kvm: KVM_GET_SREGS: %s", strerror(errno));
	sregs.cs = segment(0x10, 0xb, 1);
	sregs.ds = sregs.es = sregs.ss = sregs.fs = sregs.gs = segment(0x18, 3, 0);
	sregs.gdt.base = GDT;
	sregs.gdt.limit = 31;
	sregs.cr3 = PAGE_TABLES;
	sregs.cr4 = 0x20;			/* PAE */
	sregs.cr0 = 0x80000011;			/* PG, ET, PE */
	sregs.efer = 0x500;			/* LME, LMA */
	if (ioctl(vm->vcpu[0].fd, KVM_SET_SREGS, &sregs) ||
	    ioctl(vm->vcpu[0].fd, KVM_SET_REGS, &regs))
		return error("kvm: registers of vCPU 0: %s", strerror(errno));
	return 0;
}

int boot_load(struct vm *vm, const char *kernel, const char *initrd, const char *cmdline)
{
	u8 *zero = memory_at(&vm->mem, ZERO_PAGE, PAGE_SIZE);
	size_t len = strlen(cmdline);
	u64 entry = 0;

	if (load_kernel(vm, kernel, zero, &entry))
		return -1;
	if (len >= CMDLINE_ROOM || len > get32(zero + 0x238))
		return error("the command line has %zu bytes, the kernel takes %u", len,
			     get32(zero + 0x238));
	memcpy(memory_at(&vm->mem, CMDLINE, CMDLINE_ROOM), cmdline, len + 1);
	zero[0x210] = 0xff;			/* a loader without a number */
	put32(zero + 0x228, CMDLINE);
	put64(zero + 0x70, ACPI_RSDP);
	e820(zero, 0, LOW_END, E820_RAM);
	e820(zero, 0xe0000, 0x100000, E820_RESERVED);
	e820(zero, 0x100000, vm->mem.region[0].size, E820_RAM);
	if (vm->mem.regions > 1)
		e820(zero, MEMORY_HIGH, memory_end(&vm->mem), E820_RAM);
	if (initrd && load_initrd(vm, initrd, zero))
		return -1;
	if (acpi_write(&vm->mem, vm->cpus))
		return -1;
	return start_at(vm, entry);
}
