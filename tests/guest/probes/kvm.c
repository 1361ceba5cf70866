// SPDX-License-Identifier: GPL-2.0
/*
 * KVM: a machine with one page of memory and one processor, in real mode, that
 * adds two numbers, writes the sum to a port and halts.
 */
#define _GNU_SOURCE
#include "kvm.h"
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PORT  0x10
#define START 0x1000

static const unsigned char code[] = {
	0x00, 0xd8, /* add %bl, %al */
	0xe6, PORT, /* out %al, $PORT */
	0xf4,	    /* hlt */
};

/* A processor of VM that will run CODE with 40 in al and 2 in bl; fd, or -1. */
static int processor(int vm)
{
	struct kvm_regs regs = { .rip = START, .rax = 40, .rbx = 2, .rflags = 2 };
	struct kvm_userspace_memory_region memory = {
		.guest_phys_addr = START,
		.memory_size = 4096,
	};
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct kvm_sregs sregs;
	int cpu;

	memory.userspace_addr = (unsigned long)page;
	if (page == MAP_FAILED || ioctl(vm, KVM_SET_USER_MEMORY_REGION, &memory))
		return failed("KVM_SET_USER_MEMORY_REGION: %s", strerror(errno));
	memcpy(page, code, sizeof(code));
	cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (cpu < 0 || ioctl(cpu, KVM_GET_SREGS, &sregs))
		return failed("KVM_CREATE_VCPU: %s", strerror(errno));
	sregs.cs.base = sregs.cs.selector = 0;
	if (ioctl(cpu, KVM_SET_SREGS, &sregs) || ioctl(cpu, KVM_SET_REGS, &regs))
		return failed("KVM_SET_REGS: %s", strerror(errno));
	return cpu;
}

int kvm(const char *arg)
{
	static char info[65536];
	int fd, version, vm, cpu, sum;
	struct kvm_run *run;

	(void)arg;
	if (read_file("/proc/cpuinfo", info, sizeof(info)) < 0)
		return FAIL;
	if (!has_word(info, "vmx") && !has_word(info, "svm"))
		return skip("the processor has no virtualisation");
	if (modules_need(has_word(info, "svm") ? "kvm_amd" : "kvm_intel"))
		return FAIL;
	fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return failed("open /dev/kvm: %s", strerror(errno));
	version = ioctl(fd, KVM_GET_API_VERSION, 0);
	if (version != KVM_API_VERSION)
		return failed("KVM's API: expected version %d, got %d", KVM_API_VERSION, version);
	vm = ioctl(fd, KVM_CREATE_VM, 0);
	if (vm < 0)
		return failed("KVM_CREATE_VM: %s", strerror(errno));
	/* where Intel processors may keep what they need for real mode */
	ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000);
	cpu = processor(vm);
	if (cpu < 0)
		return FAIL;
	run = mmap(NULL, ioctl(fd, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED,
		   cpu, 0);
	if (run == MAP_FAILED || ioctl(cpu, KVM_RUN, 0))
		return failed("KVM_RUN: %s", strerror(errno));
	if (run->exit_reason != KVM_EXIT_IO || run->io.port != PORT)
		return failed("expected a write to a port, got exit %d", run->exit_reason);
	sum = *((unsigned char *)run + run->io.data_offset);
	if (sum != 42)
		return failed("expected 40 + 2 = 42, got %d", sum);
	if (ioctl(cpu, KVM_RUN, 0) || run->exit_reason != KVM_EXIT_HLT)
		return failed("expected a halt, got exit %d", run->exit_reason);
	return PASS;
}
