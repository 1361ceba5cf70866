// SPDX-License-Identifier: GPL-2.0
/*
 * The state of the vCPUs of a guest that hit the time limit, on standard error. Look up
 * the addresses in dist/<line>/System.map; with nokaslr on the command line they match.
 */
#define _GNU_SOURCE
#include "kvm.h"
#include <sys/ioctl.h>

#define STACK_WORDS 512
#define MAX_CALLS   24
/* kernel text of x86-64, Documentation/x86/x86_64/mm.rst */
#define TEXT_START 0xffffffff80000000ull
#define TEXT_END   0xffffffffc0000000ull

/* The eight bytes at a virtual address of the guest, or 0 if that is not RAM. */
static u64 word_at(struct vcpu *vcpu, u64 address)
{
	struct kvm_translation at = { .linear_address = address };
	u8 *word;

	if (ioctl(vcpu->fd, KVM_TRANSLATE, &at) || !at.valid)
		return 0;
	word = memory_at(&vcpu->vm->mem, at.physical_address, sizeof(u64));
	return word ? get64(word) : 0;
}

/* Words on the stack that look like return addresses; some are stale. */
static void dump_stack(struct vcpu *vcpu)
{
	struct kvm_regs regs;
	int calls = 0;

	if (ioctl(vcpu->fd, KVM_GET_REGS, &regs))
		return;
	note("vCPU %d: rip %#llx, rflags %#llx, possible callers:", vcpu->id,
	     (unsigned long long)regs.rip, (unsigned long long)regs.rflags);
	for (u64 i = 0; i < STACK_WORDS && calls < MAX_CALLS; i++) {
		u64 word = word_at(vcpu, (regs.rsp & ~7ull) + i * 8);

		if (word >= TEXT_START && word < TEXT_END) {
			note("  %#llx", (unsigned long long)word);
			calls++;
		}
	}
}

/* The vectors set in a 256-bit register of the local APIC; REG is its first word. */
static void dump_vectors(const struct kvm_lapic_state *lapic, const char *name, u32 reg)
{
	for (int i = 0; i < 256; i++)
		if (get32(lapic->regs + reg + i / 32 * 16) & BIT(i % 32))
			note("  %s: vector %#x", name, i);
}

/* Pending interrupts, and the timers that may raise more. */
static void dump_interrupts(struct vcpu *vcpu)
{
	struct kvm_vcpu_events events;
	struct kvm_lapic_state lapic;
	struct kvm_mp_state state;

	if (ioctl(vcpu->fd, KVM_GET_LAPIC, &lapic) || ioctl(vcpu->fd, KVM_GET_MP_STATE, &state) ||
	    ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events))
		return;
	note("  %s, interrupt shadow %u, injected %u (vector %#x), task priority %#x",
	     state.mp_state == KVM_MP_STATE_HALTED ? "halted" : "running", events.interrupt.shadow,
	     events.interrupt.injected, events.interrupt.nr, get32(lapic.regs + 0x80));
	dump_vectors(&lapic, "in service", 0x100);
	dump_vectors(&lapic, "requested", 0x200);
	note("  APIC timer %#x, initial count %u, current %u", get32(lapic.regs + 0x320),
	     get32(lapic.regs + 0x380), get32(lapic.regs + 0x390));
	note("  reference time %llu", (unsigned long long)vcpu_msr(vcpu, 0x40000020));
	for (u32 i = 0; i < 4; i++)
		note("  synthetic timer %u: configuration %#llx, count %llu", i,
		     (unsigned long long)vcpu_msr(vcpu, 0x400000b0 + 2 * i),
		     (unsigned long long)vcpu_msr(vcpu, 0x400000b1 + 2 * i));
}

void vm_dump(struct vm *vm)
{
	for (int i = 0; i < vm->cpus; i++) {
		dump_stack(&vm->vcpu[i]);
		dump_interrupts(&vm->vcpu[i]);
	}
}
