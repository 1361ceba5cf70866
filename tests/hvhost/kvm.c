// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual machine and its processors. KVM emulates the interrupt controllers, the
 * synthetic timers and the hypercall page. Exits to us are port I/O, Hyper-V's messages
 * and signals, and the ways a guest can end.
 */
#define _GNU_SOURCE
#include "kvm.h"
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define CPUID_ROOM     256
#define MSR_HYPERCALL  0x40000001
#define MSR_VP_INDEX   0x40000002
#define MSR_SCONTROL   0x40000080
#define SINT_GSI(vp)   (24 + (vp)) /* beyond the pins of the IOAPIC */
#define KICK	       SIGUSR1
#define DELIVERY_TRIES 8

static const struct {
	int cap;
	const char *name;
} needed[] = {
	{ KVM_CAP_HYPERV, "HYPERV" },
	{ KVM_CAP_HYPERV_SYNIC2, "HYPERV_SYNIC2" },
	{ KVM_CAP_HYPERV_VP_INDEX, "HYPERV_VP_INDEX" },
	{ KVM_CAP_HYPERV_EVENTFD, "HYPERV_EVENTFD" },
	{ KVM_CAP_IRQ_ROUTING, "IRQ_ROUTING" },
	{ KVM_CAP_SIGNAL_MSI, "SIGNAL_MSI" },
	{ KVM_CAP_IRQFD_RESAMPLE, "IRQFD_RESAMPLE" },
	{ KVM_CAP_IMMEDIATE_EXIT, "IMMEDIATE_EXIT" },
};

static int kvm_error(const char *what)
{
	return error("kvm: %s: %s", what, strerror(errno));
}

static int add_slot(void *arg, int slot, const struct region *region)
{
	struct vm *vm = arg;
	struct kvm_userspace_memory_region kvm_region = {
		.slot = slot,
		.guest_phys_addr = region->gpa,
		.memory_size = region->size,
		.userspace_addr = (uintptr_t)region->host,
	};

	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &kvm_region))
		return kvm_error("KVM_SET_USER_MEMORY_REGION");
	return 0;
}

static void raise_sint(void *arg, u32 vp)
{
	vm_irq(arg, SINT_GSI(vp), 1);
}

/* Force the vCPU out of KVM_RUN; its thread delivers messages before it re-enters. */
static void kick(void *arg, u32 vp)
{
	struct vcpu *vcpu = &((struct vm *)arg)->vcpu[vp];

	if (!vcpu->started)
		return;
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	if (!pthread_equal(pthread_self(), vcpu->thread))
		pthread_kill(vcpu->thread, KICK);
}

/* EOI or EOM of the guest: its message slot may be free now. */
static void resampled(void *arg, u32 events)
{
	struct vcpu *vcpu = arg;
	u64 n;

	(void)events;
	if (read(vcpu->resample, &n, sizeof(n)) > 0 && vcpu->vm->hv.vp[vcpu->id].first)
		kick(vcpu->vm, vcpu->id);
}

static struct kvm_cpuid2 *cpuid_alloc(void)
{
	struct kvm_cpuid2 *cpuid =
		calloc(1, sizeof(*cpuid) + CPUID_ROOM * sizeof(cpuid->entries[0]));

	if (cpuid)
		cpuid->nent = CPUID_ROOM;
	return cpuid;
}

/* Is the processor that KVM runs on emulated by QEMU? */
static int emulated(void)
{
	unsigned int a, b, c, d;

	__cpuid(1, a, b, c, d);
	if (!(c & BIT(31)))
		return 0;
	__cpuid(0x40000000, a, b, c, d);
	return hyperv_is_tcg(b, c, d);
}

/* What the host is, by what KVM supports, if it can say so. */
static int ask_hyperv(struct vm *vm, u32 build)
{
	struct kvm_cpuid2 *cpuid = cpuid_alloc();

	if (!cpuid)
		return error("no memory");
	if (ioctl(vm->dev, KVM_CHECK_EXTENSION, KVM_CAP_SYS_HYPERV_CPUID) <= 0 ||
	    ioctl(vm->dev, KVM_GET_SUPPORTED_HV_CPUID, cpuid))
		cpuid->nent = 0;
	hyperv_host(&vm->host, cpuid, build);
	vm->host.emulated = emulated();
	vm->hv.extended = !!(vm->host.high & HV_ENABLE_EXTENDED_HYPERCALLS);
	free(cpuid);
	return 0;
}

static int set_cpuid(struct vm *vm, struct vcpu *vcpu)
{
	struct kvm_cpuid2 *cpuid = cpuid_alloc();
	int rc = -1;

	if (!cpuid)
		return error("no memory");
	if (ioctl(vm->dev, KVM_GET_SUPPORTED_CPUID, cpuid)) {
		kvm_error("KVM_GET_SUPPORTED_CPUID");
	} else if (!hyperv_address_bits(cpuid)) {
		hyperv_cpuid(cpuid, CPUID_ROOM, vcpu->id, vm->cpus, &vm->host);
		rc = ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid) ? kvm_error("KVM_SET_CPUID2") : 0;
	}
	free(cpuid);
	return rc;
}

/* KVM's list of MSRs ends in an array of any length: room for one. */
union one_msr {
	struct kvm_msrs list;
	u8 room[sizeof(struct kvm_msrs) + sizeof(struct kvm_msr_entry)];
};

static union one_msr one_msr(u32 index, u64 value)
{
	union one_msr msr = { .room = { 0 } };

	msr.list.nmsrs = 1;
	msr.list.entries[0].index = index;
	msr.list.entries[0].data = value;
	return msr;
}

static int set_msr(struct vcpu *vcpu, u32 index, u64 value)
{
	union one_msr msr = one_msr(index, value);

	if (ioctl(vcpu->fd, KVM_SET_MSRS, &msr) != 1)
		return error("kvm: KVM_SET_MSRS: 0x%x: rejected", index);
	return 0;
}

u64 vcpu_msr(struct vcpu *vcpu, u32 index)
{
	union one_msr msr = one_msr(index, 0);

	return ioctl(vcpu->fd, KVM_GET_MSRS, &msr) == 1 ? msr.list.entries[0].data : ~0ull;
}

/*
 * KVM derives the reference counter from its clock. Reading the MSR instead would wait
 * for the vCPU to leave KVM_RUN, which an idle one does not.
 */
u64 vm_reference_time(void *arg)
{
	struct kvm_clock_data clock;

	return ioctl(((struct vm *)arg)->fd, KVM_GET_CLOCK, &clock) ? 0 : clock.clock / 100;
}

/* Set the interrupt pins of the local APIC as firmware does. */
static int set_lapic(struct vcpu *vcpu)
{
	struct kvm_lapic_state lapic;

	if (ioctl(vcpu->fd, KVM_GET_LAPIC, &lapic))
		return kvm_error("KVM_GET_LAPIC");
	put32(lapic.regs + 0x350, 0x700); /* pin 0: from the PIC */
	put32(lapic.regs + 0x360, 0x400); /* pin 1: NMI */
	return ioctl(vcpu->fd, KVM_SET_LAPIC, &lapic) ? kvm_error("KVM_SET_LAPIC") : 0;
}

static int add_vcpu(struct vm *vm, int id)
{
	struct vcpu *vcpu = &vm->vcpu[id];
	struct kvm_enable_cap synic = { .cap = KVM_CAP_HYPERV_SYNIC2 };
	int size = ioctl(vm->dev, KVM_GET_VCPU_MMAP_SIZE, 0);

	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, id);
	if (vcpu->fd < 0)
		return kvm_error("KVM_CREATE_VCPU");
	/*
	 * Use the current TSC rate. KVM's default is the rate of when its module was loaded;
	 * if the kernel has recalibrated since and KVM cannot scale, the guest's reference
	 * counter and timers would stand still.
	 */
	if (ioctl(vcpu->fd, KVM_SET_TSC_KHZ, 0))
		return kvm_error("KVM_SET_TSC_KHZ");
	vcpu->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		return kvm_error("mmap of kvm_run");
	if (set_cpuid(vm, vcpu))
		return -1;
	if (ioctl(vcpu->fd, KVM_ENABLE_CAP, &synic))
		return kvm_error("KVM_ENABLE_CAP of HYPERV_SYNIC2");
	if (set_msr(vcpu, MSR_VP_INDEX, id) || set_msr(vcpu, MSR_SCONTROL, 1))
		return -1;
	return set_lapic(vcpu);
}

/* PIC and IOAPIC pins as on a PC, then SINT 2 of each VP. The SynICs must exist. */
static int set_routes(struct vm *vm)
{
	union {
		struct kvm_irq_routing list;
		u8 room[sizeof(struct kvm_irq_routing) + 64 * sizeof(struct kvm_irq_routing_entry)];
	} table = { .room = { 0 } };
	struct kvm_irq_routing_entry *e = table.list.entries;

	for (int pin = 0; pin < 16; pin++, e++) {
		e->gsi = pin;
		e->type = KVM_IRQ_ROUTING_IRQCHIP;
		e->u.irqchip.irqchip = pin < 8 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE;
		e->u.irqchip.pin = pin % 8;
	}
	for (int pin = 0; pin < 24; pin++) {
		if (pin == 2)
			continue;
		e->gsi = pin;
		e->type = KVM_IRQ_ROUTING_IRQCHIP;
		e->u.irqchip.irqchip = KVM_IRQCHIP_IOAPIC;
		/* the timer is on pin 2, see the MADT */
		e->u.irqchip.pin = pin ? pin : 2;
		e++;
	}
	for (int vp = 0; vp < vm->cpus; vp++, e++) {
		e->gsi = SINT_GSI(vp);
		e->type = KVM_IRQ_ROUTING_HV_SINT;
		e->u.hv_sint.vcpu = vp;
		e->u.hv_sint.sint = HV_SINT;
	}
	table.list.nr = e - table.list.entries;
	if (ioctl(vm->fd, KVM_SET_GSI_ROUTING, &table))
		return kvm_error("KVM_SET_GSI_ROUTING");
	return 0;
}

/* Watch for the EOI of SINT 2. */
static int watch_eoi(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct kvm_irqfd irqfd = {
		.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.gsi = SINT_GSI(vcpu->id),
		.flags = KVM_IRQFD_FLAG_RESAMPLE,
		.resamplefd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};

	vcpu->resample = irqfd.resamplefd;
	if (ioctl(vm->fd, KVM_IRQFD, &irqfd))
		return kvm_error("KVM_IRQFD");
	return loop_watch(vm->loop, vcpu->resample, EPOLLIN, resampled, vcpu) ? 0 : -1;
}

int vm_init(struct vm *vm, struct loop *loop, u64 memory, int cpus, u32 build)
{
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };

	memset(vm, 0, sizeof(*vm));
	vm->loop = loop;
	vm->cpus = cpus;
	vm->ram = memory;
	vm->ended = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	vm->dev = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->dev < 0)
		return error("/dev/kvm: %s", strerror(errno));
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (ioctl(vm->dev, KVM_CHECK_EXTENSION, needed[i].cap) <= 0)
			return error("/dev/kvm: this kernel's KVM lacks %s", needed[i].name);
	vm->fd = ioctl(vm->dev, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		return kvm_error("KVM_CREATE_VM");
	hyperv_init(&vm->hv, &vm->mem, cpus);
	vm->hv.vm = vm;
	vm->hv.raise = raise_sint;
	vm->hv.kick = kick;
	if (ask_hyperv(vm, build))
		return -1;
	vm->mem.slot = add_slot;
	vm->mem.vm = vm;
	if (memory_init(&vm->mem, memory))
		return -1;
	if (ioctl(vm->fd, KVM_SET_TSS_ADDR, 0xfffbd000ul))
		return kvm_error("KVM_SET_TSS_ADDR");
	if (ioctl(vm->fd, KVM_CREATE_IRQCHIP))
		return kvm_error("KVM_CREATE_IRQCHIP");
	if (ioctl(vm->fd, KVM_CREATE_PIT2, &pit))
		return kvm_error("KVM_CREATE_PIT2");
	for (int i = 0; i < cpus; i++)
		if (add_vcpu(vm, i))
			return -1;
	if (set_routes(vm))
		return -1;
	for (int i = 0; i < cpus; i++)
		if (watch_eoi(&vm->vcpu[i]))
			return -1;
	return 0;
}

int vm_irq(struct vm *vm, u32 gsi, int level)
{
	struct kvm_irq_level irq = { .irq = gsi, .level = level };

	return ioctl(vm->fd, KVM_IRQ_LINE, &irq);
}

int vm_msi(void *arg, const struct pci_msi *msi)
{
	struct vm *vm = arg;
	struct kvm_msi kvm_msi = {
		.address_lo = msi->address,
		.address_hi = msi->address >> 32,
		.data = msi->data,
	};

	return ioctl(vm->fd, KVM_SIGNAL_MSI, &kvm_msi) > 0 ? 0 : -1;
}

/* The slots of RAM come before these. No message: a guest can place two BARs at one address. */
int vm_map(void *arg, unsigned int n, u64 gpa, u64 size, void *host)
{
	struct vm *vm = arg;
	struct kvm_userspace_memory_region region = {
		.slot = MEMORY_REGIONS + n,
		.guest_phys_addr = gpa,
		.memory_size = host ? size : 0,
		.userspace_addr = (uintptr_t)host,
	};

	return ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region);
}

int vm_doorbell(struct vm *vm, u32 connection, int fd)
{
	struct kvm_hyperv_eventfd doorbell = {
		.conn_id = connection,
		.fd = fd,
		.flags = fd < 0 ? KVM_HYPERV_EVENTFD_DEASSIGN : 0,
	};

	return ioctl(vm->fd, KVM_HYPERV_EVENTFD, &doorbell);
}

void vm_end(struct vm *vm, enum end end)
{
	u64 one = 1;

	/* a reset follows a panic: the first cause counts; the vCPUs read it without the lock */
	if (vm->end == RUNNING)
		__atomic_store_n(&vm->end, end, __ATOMIC_SEQ_CST);
	if (write(vm->ended, &one, sizeof(one)) < 0)
		error("eventfd: %s", strerror(errno));
}

static void do_io(struct vm *vm, struct kvm_run *run)
{
	u8 *data = (u8 *)run + run->io.data_offset;
	u32 value;

	for (u32 i = 0; i < run->io.count; i++, data += run->io.size) {
		value = 0;
		if (run->io.direction == KVM_EXIT_IO_OUT) {
			memcpy(&value, data, run->io.size);
			vm->ports.out(vm->ports.arg, run->io.port, run->io.size, value);
		} else {
			value = vm->ports.in(vm->ports.arg, run->io.port, run->io.size);
			memcpy(data, &value, run->io.size);
		}
	}
}

/*
 * KVM answers hypercalls that it does not know by itself; HVCALL_RETARGET_INTERRUPT is one. So
 * the page that it has written for the guest gets a branch. Another processor may be in the
 * page meanwhile: the return behind the instruction stays where it is.
 */
int hypercall_page(u8 *page)
{
	static const u8 vmcall[] = { 0x0f, 0x01, 0xc1, 0xc3 },
			vmmcall[] = { 0x0f, 0x01, 0xd9, 0xc3 };

	_Static_assert(HVCALL_RETARGET_INTERRUPT == 0x7e && HYPERCALL_PORT == 0xb8, "branch");

	if (memcmp(page, vmcall, sizeof(vmcall)) && memcmp(page, vmmcall, sizeof(vmmcall)))
		return 0;
	memcpy(page + 16, "\x66\x83\xf9\x7e\x74\x04", 6);	 /* cmp $0x7e, %cx; je to the in */
	memcpy(page + 22, page, 4);				 /* vmcall; ret */
	memcpy(page + 26, "\xe5\xb8\xc3", 3);			 /* in $0xb8, %eax; ret */
	__atomic_store_n((u16 *)page, 0x0eeb, __ATOMIC_SEQ_CST); /* jmp to the cmp */
	return 1;
}

/* The guest enables the page before the SynIC, which exits, and the bus after both. */
static void synic(struct vcpu *vcpu)
{
	u64 msr = vcpu_msr(vcpu, MSR_HYPERCALL);
	u8 *page = memory_at(&vcpu->vm->mem, msr & ~(u64)(PAGE_SIZE - 1), PAGE_SIZE);

	if (msr != ~0ull && (msr & 1) && page)
		vcpu->vm->pages += hypercall_page(page);
}

/* A hypercall by the branch. The registers are those of the call. */
static void port_call(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	struct kvm_regs regs;
	u32 status = HV_STATUS_INVALID_HYPERCALL_CODE;

	if (ioctl(vcpu->fd, KVM_GET_REGS, &regs))
		kvm_error("KVM_GET_REGS");
	else
		status = hyperv_call(&vcpu->vm->hv, regs.rcx, (u64[]){ regs.rdx, regs.r8 });
	memcpy((u8 *)run + run->io.data_offset, &status, sizeof(status));
}

static void do_mmio(struct vm *vm, struct kvm_run *run)
{
	if (vm->mmio.access && run->mmio.len <= sizeof(run->mmio.data) &&
	    vm->mmio.access(vm->mmio.arg, run->mmio.phys_addr, run->mmio.len, run->mmio.data,
			    run->mmio.is_write))
		return;
	if (!run->mmio.is_write)
		memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
}

/* KVM gives up; what it adds depends on the suberror (Documentation/virt/kvm/api.rst). */
static void internal_error(int vcpu, const struct kvm_run *run)
{
	char text[16 * 20 + 1] = "";

	for (unsigned int i = 0, n = 0; i < run->internal.ndata && i < 16; i++)
		n += snprintf(text + n, sizeof(text) - n, " 0x%llx",
			      (unsigned long long)run->internal.data[i]);
	error("kvm: internal error %u on vCPU %d, data%s", run->internal.suberror, vcpu,
	      *text ? text : " none");
}

/*
 * Is it worth entering the guest again? KVM_INTERNAL_ERROR_DELIVERY_EV says that the guest
 * touched a device while an event was being delivered. svm_check_emulate_instruction() of
 * 6.14 and later asks EXITINTINFO for the type of that event and not for its valid bit, and
 * QEMU's SVM leaves the type of the event before standing, so a read of the APIC after an
 * exception ends here though nothing is being delivered. The next entry clears the field;
 * a real fault comes again at once.
 */
static int delivery_error(struct vcpu *vcpu)
{
	if (vcpu->run->internal.suberror != KVM_INTERNAL_ERROR_DELIVERY_EV ||
	    ++vcpu->undelivered >= DELIVERY_TRIES)
		return 0;
	vcpu->vm->reentries++;
	return 1;
}

/* Handle an exit. The lock is held. */
static void handle(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct kvm_run *run = vcpu->run;

	vm->exits++;
	if (run->exit_reason != KVM_EXIT_INTERNAL_ERROR)
		vcpu->undelivered = 0;
	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		if (run->io.port == HYPERCALL_PORT && run->io.direction == KVM_EXIT_IO_IN &&
		    run->io.size == 4 && run->io.count == 1)
			port_call(vcpu);
		else
			do_io(vm, run);
		break;
	case KVM_EXIT_MMIO:
		do_mmio(vm, run);
		break;
	case KVM_EXIT_HYPERV:
		hyperv_exit(&vm->hv, vcpu->id, &run->hyperv);
		if (run->hyperv.type == KVM_EXIT_HYPERV_SYNIC)
			synic(vcpu);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		vm_end(vm, run->system_event.type == KVM_SYSTEM_EVENT_CRASH ? CRASHED : RESET);
		break;
	case KVM_EXIT_SHUTDOWN:
		vm_end(vm, TRIPLE_FAULT);
		break;
	case KVM_EXIT_INTR:
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		if (delivery_error(vcpu))
			break;
		internal_error(vcpu->id, run);
		vm_end(vm, BROKEN);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		error("kvm: entry failed, hardware reason 0x%llx",
		      (unsigned long long)run->fail_entry.hardware_entry_failure_reason);
		vm_end(vm, BROKEN);
		break;
	default:
		error("kvm: unknown exit reason %u", run->exit_reason);
		vm_end(vm, BROKEN);
	}
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *vcpu = arg;
	struct vm *vm = vcpu->vm;
	int rc;

	for (;;) {
		pthread_mutex_lock(&vm->loop->lock);
		hyperv_deliver(&vm->hv, vcpu->id);
		pthread_mutex_unlock(&vm->loop->lock);
		if (__atomic_load_n(&vm->end, __ATOMIC_SEQ_CST) != RUNNING)
			break;
		rc = ioctl(vcpu->fd, KVM_RUN, 0);
		if (rc < 0 && (errno == EINTR || errno == EAGAIN)) {
			__atomic_store_n(&vcpu->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
			continue;
		}
		pthread_mutex_lock(&vm->loop->lock);
		if (rc < 0) {
			kvm_error("KVM_RUN");
			vm_end(vm, BROKEN);
		} else {
			handle(vcpu);
		}
		pthread_mutex_unlock(&vm->loop->lock);
	}
	return NULL;
}

static void on_kick(int sig)
{
	(void)sig;
}

static void time_is_up(void *arg)
{
	vm_end(arg, TIMED_OUT);
}

int vm_start(struct vm *vm, u64 limit_ms)
{
	struct sigaction sa = { .sa_handler = on_kick };

	sigaction(KICK, &sa, NULL);
	vm->started = now_ns();
	pthread_mutex_lock(&vm->loop->lock);
	vm->limit.fire = time_is_up;
	vm->limit.arg = vm;
	timer_set(vm->loop, &vm->limit, limit_ms);
	for (int i = 0; i < vm->cpus; i++) {
		if (pthread_create(&vm->vcpu[i].thread, NULL, vcpu_thread, &vm->vcpu[i])) {
			pthread_mutex_unlock(&vm->loop->lock);
			return error("pthread_create: %s", strerror(errno));
		}
		vm->vcpu[i].started = 1;
	}
	pthread_mutex_unlock(&vm->loop->lock);
	return 0;
}

/* After vm_end(): wait for the vCPU threads. */
void vm_join(struct vm *vm)
{
	for (int i = 0; i < vm->cpus; i++) {
		if (!vm->vcpu[i].started)
			continue;
		kick(vm, i);
		pthread_join(vm->vcpu[i].thread, NULL);
		vm->vcpu[i].started = 0;
	}
}
