// SPDX-License-Identifier: GPL-2.0
/* The vCPU threads, their exits and how a guest ends, on an ioctl() that plays KVM. */
#define _GNU_SOURCE
#include "../kvm.h"
#include "tap.h"
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define VCPU_FD 1000 /* no file: ioctl() is ours */
#define VM_FD	1001
#define PAGE	0x3000 /* the guest's page of hypercalls */
#define DEVICE	0xe0000000

static struct loop loop;
static struct vm vm;
static union {
	struct kvm_run head;
	u8 room[PAGE_SIZE];
} shared;
static struct kvm_run *run = &shared.head;
/*
 * the exits to come: a digit is a suberror of KVM_EXIT_INTERNAL_ERROR, i an interrupt, r and w
 * an access to memory of a device, s the SynIC's, h a read of the port of hypercalls
 */
static const char *script;
static struct kvm_msi sent;
static struct kvm_userspace_memory_region region;
static int has_apic;
static u64 page_msr;

static int other_ioctl(unsigned long request, void *arg)
{
	switch (request) {
	case KVM_SET_USER_MEMORY_REGION:
		region = *(struct kvm_userspace_memory_region *)arg;
		return 0;
	case KVM_SIGNAL_MSI:
		sent = *(struct kvm_msi *)arg;
		return has_apic;
	case KVM_GET_MSRS:
		((struct kvm_msrs *)arg)->entries[0].data = page_msr;
		return 1;
	case KVM_GET_REGS:
		*(struct kvm_regs *)arg = (struct kvm_regs){ .rcx = 0x7e, .rdx = 0x4000 };
		return 0;
	}
	errno = ENOTTY;
	return -1;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	if (fd != VCPU_FD || request != KVM_RUN) {
		va_start(ap, request);
		arg = va_arg(ap, void *);
		va_end(ap);
		return other_ioctl(request, arg);
	}
	if (!*script) { /* the guest runs on: until it is kicked */
		usleep(1000);
		errno = EINTR;
		return -1;
	}
	switch (*script++) {
	case 'i':
		run->exit_reason = KVM_EXIT_INTR;
		break;
	case 'r':
	case 'w':
		run->exit_reason = KVM_EXIT_MMIO;
		run->mmio.phys_addr = DEVICE;
		run->mmio.len = 4;
		run->mmio.is_write = script[-1] == 'w';
		break;
	case 's':
		run->exit_reason = KVM_EXIT_HYPERV;
		run->hyperv.type = KVM_EXIT_HYPERV_SYNIC;
		break;
	case 'h':
		run->exit_reason = KVM_EXIT_IO;
		run->io.direction = KVM_EXIT_IO_IN;
		run->io.port = HYPERCALL_PORT;
		run->io.size = 4;
		run->io.count = 1;
		run->io.data_offset = sizeof(*run);
		break;
	default:
		run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
		run->internal.suberror = script[-1] - '0';
		run->internal.ndata = 0;
	}
	return 0;
}

static int accesses;

static int device_access(void *arg, u64 gpa, u32 len, u8 *data, int write)
{
	(void)arg;
	accesses++;
	if (gpa != DEVICE || len != 4)
		return 0;
	if (!write)
		put32(data, 0x1234);
	return 1;
}

static u64 moved;

static int retarget(void *pci, u64 device, u32 address, u32 data, u32 vector, u64 vps)
{
	(void)pci;
	(void)address;
	(void)data;
	(void)vector;
	(void)vps;
	moved = device;
	return 0;
}

static struct memory kept; /* RAM of the guest, if it has some */
static int with_device;

static void begin(const char *exits, u64 limit_ms)
{
	script = exits;
	memset(&vm, 0, sizeof(vm));
	vm.loop = &loop;
	vm.fd = VM_FD;
	vm.mem = kept;
	if (with_device)
		vm.mmio.access = device_access;
	vm.cpus = 1;
	vm.ended = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	vm.vcpu[0] = (struct vcpu){ .vm = &vm, .fd = VCPU_FD, .run = run };
	hyperv_init(&vm.hv, &vm.mem, 1);
	vm.hv.retarget = retarget;
	if (vm_start(&vm, limit_ms))
		exit(1);
}

static enum end ended(void)
{
	return __atomic_load_n(&vm.end, __ATOMIC_SEQ_CST);
}

/* Run the loop until the guest has ended. */
static enum end finish(void)
{
	while (ended() == RUNNING)
		loop_once(&loop, 10);
	vm_join(&vm);
	timer_stop(&loop, &vm.limit);
	close(vm.ended);
	return vm.end;
}

static void errors(void)
{
	begin("3333333i333i", 500);
	is(finish(), TIMED_OUT, "kvm: a guest is entered again when no event was delivered");
	is(vm.reentries, 10, "each time is counted");
	is(vm.exits, 12, "among the exits");
	begin("33333333", 60000);
	is(finish(), BROKEN, "eight in a row end it");
	is(vm.reentries, 7, "after seven more entries");
	begin("i1", 60000);
	is(finish(), BROKEN, "another error ends it at once");
	is(vm.reentries, 0, "without one more");
}

static void *turns(void *arg)
{
	(void)arg;
	while (ended() == RUNNING)
		loop_once(&loop, 1000);
	return NULL;
}

/* What holds the lock must not see the guest end meanwhile. */
static void time_limit(void)
{
	pthread_t thread;

	begin("", 2000);
	if (pthread_create(&thread, NULL, turns, NULL))
		exit(1);
	usleep(100000);
	/* the thread waits for the limit, without the lock */
	pthread_mutex_lock(&loop.lock);
	usleep(2300000);
	is(ended(), RUNNING, "the time limit waits for the lock");
	vm_end(&vm, POWERED_OFF);
	pthread_mutex_unlock(&loop.lock);
	pthread_join(thread, NULL);
	loop_once(&loop, 0);
	is(finish(), POWERED_OFF, "and does not replace the first reason");
	begin("", 100);
	is(finish(), TIMED_OUT, "without one the guest has timed out");
	ok(now_ns() - vm.started >= 100000000, "and not before the limit");
}

static void devices(void)
{
	begin("r", 100);
	finish();
	is(get32(run->mmio.data), 0xffffffff, "memory of no device reads as ones");
	with_device = 1;
	begin("r", 100);
	finish();
	ok(accesses == 1 && get32(run->mmio.data) == 0x1234, "a device answers a read");
	put32(run->mmio.data, 77);
	begin("w", 100);
	finish();
	ok(accesses == 2 && get32(run->mmio.data) == 77, "and takes a write");
	with_device = 0;
}

static void maps(void)
{
	ok(!vm_map(&vm, 2, DEVICE, 1 << 16, &vm) && region.guest_phys_addr == DEVICE &&
		   region.memory_size == 1 << 16 && region.userspace_addr == (uintptr_t)&vm,
	   "memory of a device is mapped");
	is(region.slot, MEMORY_REGIONS + 2, "in a slot that RAM does not use");
	ok(!vm_map(&vm, 2, DEVICE, 1 << 16, NULL) && !region.memory_size, "and unmapped");
}

static void interrupts(void)
{
	struct pci_msi msi = { 0x1fee01000, 0x31 };

	has_apic = 1;
	is(vm_msi(&vm, &msi), 0, "a message is sent");
	ok(sent.address_lo == 0xfee01000 && sent.address_hi == 1 && sent.data == 0x31, "as it is");
	has_apic = 0;
	is(vm_msi(&vm, &msi), -1, "one that no local APIC takes is an error");
}

static u8 *code;
static int ins;

/* The instructions of the page that a program cannot run. */
static void on_trap(int sig, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	const u8 *at = (const u8 *)regs[REG_RIP];

	(void)info;
	if (at == code + 26 && at[0] == 0xe5) {
		ins++;
		regs[REG_RAX] = 5;
		regs[REG_RIP] += 2;
	} else if (at == code + 22 && at[0] == 0x0f) {
		regs[REG_RAX] = 6;
		regs[REG_RIP] += 3;
	} else {
		signal(sig, SIG_DFL);
	}
}

static u64 call(u64 control)
{
	u64 rax = 0;

	__asm__ volatile("call *%[code]"
			 : "+a"(rax), "+c"(control)
			 : [code] "r"(code)
			 : "rdx", "r8", "memory", "cc");
	return rax;
}

/* Run it: a hypercall is no instruction for a program, nor is a read of a port. */
static void branch(void)
{
	struct sigaction sa = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };

	sigaction(SIGILL, &sa, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	call(0x5c);
	is(ins, 0, "another hypercall does not read the port");
	is(call(0x7e | 2 << 17), 5, "a retarget returns what it reads there");
	is(ins, 1, "once");
	call(0x17e);
	is(ins, 1, "0x17e is another call");
	signal(SIGSEGV, SIG_DFL);
	signal(SIGILL, SIG_DFL);
}

static void hypercalls(void)
{
	u8 *page;

	if (memory_init(&kept, 1 << 20))
		exit(1);
	page = memory_at(&kept, PAGE, PAGE_SIZE);
	memcpy(page, "\x0f\x01\xd9\xc3", 4);
	page_msr = PAGE;
	begin("s", 100);
	finish();
	ok(vm.pages == 0 && page[0] == 0x0f, "a page that is not enabled stays as it is");
	page_msr = 1ull << 40 | 1;
	begin("s", 100);
	finish();
	is(vm.pages, 0, "one that is not RAM is left alone");
	page_msr = PAGE | 1;
	begin("ss", 100);
	finish();
	is(vm.pages, 1, "an enabled one is extended once");
	ok(page[3] == 0xc3, "the return stays for a processor that is in it");
	code = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(code, page, PAGE_SIZE);
	branch();
	memcpy(page, "\x0f\x01\xc1\xc3", 4);
	is(hypercall_page(page), 1, "Intel's instruction is known as well");
	ok(!memcmp(page + 22, "\x0f\x01\xc1\xc3", 4), "and used");
	memcpy(page, "\x0d\x00\x00\x00", 4);
	is(hypercall_page(page), 0, "a page that begins otherwise is not KVM's");
	/* the input of the call at 0x4000 */
	page = memory_at(&kept, 0x4000, PAGE_SIZE);
	put64(page, -1);
	put64(page + 8, 0x77);
	put32(page + 16, 1);
	begin("h", 100);
	finish();
	ok(get32((u8 *)run + sizeof(*run)) == 0 && moved == 0x77,
	   "a read of the port is the hypercall of the registers");
}

int main(void)
{
	alarm(30);
	if (loop_init(&loop))
		return 2;
	errors();
	time_limit();
	devices();
	interrupts();
	maps();
	hypercalls();
	return done();
}
