// SPDX-License-Identifier: GPL-2.0
/*
 * Load a bzImage and start it by the 64-bit boot protocol (Documentation/x86/boot.rst
 * of the guest). The setup header has the same offset in the file and in struct
 * boot_params, the "zero page".
 */
#define _GNU_SOURCE
#include "boot.h"
#include "acpi.h"
#include <asm/bootparam.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define GDT	     0x1000
#define BOOT_PARAMS  0x2000
#define CMDLINE	     0x3000
#define CMDLINE_ROOM 0x1000
#define PAGE_TABLES  0x4000 /* six pages: the first 4 GB */
#define LOW_END	     0x9f000
#define LOW_RESERVED 0xe0000 /* where the kernel looks for firmware, and finds ACPI_RSDP */
#define LOW_MEMORY   0x100000
#define HEADER	     offsetof(struct boot_params, hdr)
#define BOOT_FLAG    0xaa55
#define HEADER_MAGIC 0x53726448 /* HdrS */
#define ENTRY_64     0x200	/* from where the kernel is loaded */
#define NO_LOADER_ID 0xff

#define E820_RAM      1
#define E820_RESERVED 2

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

static void e820(struct boot_params *params, u64 start, u64 end, u32 type)
{
	if (start < end)
		params->e820_table[params->e820_entries++] = (struct boot_e820_entry){
			.addr = start,
			.size = end - start,
			.type = type,
		};
}

void boot_memory_map(struct boot_params *params, const struct memory *mem)
{
	e820(params, 0, LOW_END, E820_RAM);
	e820(params, LOW_RESERVED, LOW_MEMORY, E820_RESERVED);
	for (int i = 0; i < mem->regions; i++) {
		const struct region *r = &mem->region[i];

		e820(params, r->gpa ? r->gpa : LOW_MEMORY, r->gpa + r->size, E820_RAM);
	}
}

static int check_image(const struct file *file, const char *path)
{
	const struct setup_header *hdr = (const void *)(file->data + HEADER);

	if (file->size < 0x1000 || hdr->boot_flag != BOOT_FLAG || hdr->header != HEADER_MAGIC)
		return error("%s: not a bzImage", path);
	if (hdr->version < 0x20c || !(hdr->xloadflags & XLF_KERNEL_64))
		return error("%s: no 64-bit entry (boot protocol %u.%02u)", path, hdr->version >> 8,
			     hdr->version & 0xff);
	return 0;
}

static int load_kernel(struct vm *vm, const char *path, struct boot_params *params, u64 *entry)
{
	const struct setup_header *hdr;
	u64 setup, need, header_end;
	struct file file;
	u8 *to;

	if (map_file(&file, path) || check_image(&file, path))
		return -1;
	hdr = (const void *)(file.data + HEADER);
	/* the second byte of the jump instruction at 0x200 is the end of the header */
	header_end = 0x202 + (hdr->jump >> 8);
	memcpy((u8 *)params + HEADER, hdr, header_end - HEADER);
	setup = ((hdr->setup_sects ? hdr->setup_sects : 4) + 1) * 512;
	if (setup >= file.size)
		return error("%s: truncated", path);
	need = hdr->init_size;
	if (need < file.size - setup)
		need = file.size - setup;
	to = memory_at(&vm->mem, hdr->pref_address, need);
	if (!to)
		return error("%s: needs RAM up to %llu MB", path,
			     (unsigned long long)(hdr->pref_address + need) >> 20);
	memcpy(to, file.data + setup, file.size - setup);
	*entry = hdr->pref_address + ENTRY_64;
	munmap((void *)file.data, file.size);
	return 0;
}

static int load_initrd(struct vm *vm, const char *path, struct boot_params *params)
{
	u64 kernel_end = params->hdr.pref_address + params->hdr.init_size;
	u64 top = vm->mem.region[0].size, at;
	struct file file;

	if (map_file(&file, path))
		return -1;
	if (top > (u64)params->hdr.initrd_addr_max + 1)
		top = (u64)params->hdr.initrd_addr_max + 1;
	at = file.size < top ? (top - file.size) & ~(u64)(PAGE_SIZE - 1) : 0;
	if (at < kernel_end)
		return error("%s: does not fit into RAM beside the kernel", path);
	memcpy(memory_at(&vm->mem, at, file.size), file.data, file.size);
	params->hdr.ramdisk_image = at;
	params->hdr.ramdisk_size = file.size;
	munmap((void *)file.data, file.size);
	return 0;
}

static struct kvm_segment segment(u16 selector, u8 type, int code)
{
	return (struct kvm_segment){
		.selector = selector,
		.limit = 0xffffffff,
		.type = type,
		.present = 1,
		.s = 1,
		.g = 1,
		.l = code,
		.db = !code,
	};
}

static int start_at(struct vm *vm, u64 entry)
{
	struct kvm_regs regs = { .rip = entry, .rsi = BOOT_PARAMS, .rsp = LOW_END, .rflags = 2 };
	u64 *gdt = memory_at(&vm->mem, GDT, 32);
	u64 *pml4 = memory_at(&vm->mem, PAGE_TABLES, 6 * PAGE_SIZE);
	struct kvm_sregs sregs;

	gdt[2] = 0x00af9b000000ffff; /* 0x10: code, long mode */
	gdt[3] = 0x00cf93000000ffff; /* 0x18: data */
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
	sregs.cr4 = 0x20;	/* PAE */
	sregs.cr0 = 0x80000011; /* PG, ET, PE */
	sregs.efer = 0x500;	/* LME, LMA */
	if (ioctl(vm->vcpu[0].fd, KVM_SET_SREGS, &sregs) ||
	    ioctl(vm->vcpu[0].fd, KVM_SET_REGS, &regs))
		return error("kvm: registers of vCPU 0: %s", strerror(errno));
	return 0;
}

int boot_load(struct vm *vm, const char *kernel, const char *initrd, const char *cmdline)
{
	struct boot_params *params = memory_at(&vm->mem, BOOT_PARAMS, PAGE_SIZE);
	size_t len = strlen(cmdline);
	u64 entry = 0;

	if (load_kernel(vm, kernel, params, &entry))
		return -1;
	if (len >= CMDLINE_ROOM || len > params->hdr.cmdline_size)
		return error("the command line has %zu bytes, the kernel takes %u", len,
			     params->hdr.cmdline_size);
	memcpy(memory_at(&vm->mem, CMDLINE, CMDLINE_ROOM), cmdline, len + 1);
	params->hdr.type_of_loader = NO_LOADER_ID;
	params->hdr.cmd_line_ptr = CMDLINE;
	params->acpi_rsdp_addr = ACPI_RSDP;
	boot_memory_map(params, &vm->mem);
	if (initrd && load_initrd(vm, initrd, params))
		return -1;
	if (acpi_write(&vm->mem, vm->cpus))
		return -1;
	return start_at(vm, entry);
}
