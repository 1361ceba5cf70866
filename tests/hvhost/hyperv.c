// SPDX-License-Identifier: GPL-2.0
/*
 * The parts of the hypervisor that KVM leaves to user space: CPUID, the messages and
 * event flags of the synthetic interrupt controller, and the hypercalls that KVM
 * forwards. Guest side: arch/x86/kernel/cpu/mshyperv.c, drivers/hv/hv.c.
 */
#include "hyperv.h"
#include <linux/kvm.h>
#include <stdlib.h>

#define MESSAGE_VMBUS	1
#define MESSAGE_PENDING 1
#define PAGE_ENABLED	1

/*
 * The leaves 0x40000003 (EAX, EBX) and 0x40000004 (EAX) of a host of WSL's, by the log in
 * https://github.com/microsoft/WSL/issues/12591.
 */
#define WSL_LOW	  0xae7f
#define WSL_HIGH  0x3b8030
#define WSL_HINTS 0x20e24
/* What is served on any KVM that has the capabilities that vm_init() asks for: runtime, counter,
 * SynIC, stimers, APIC, hypercall, VP index, TSC page, frequencies; */
#define OWN_LOW 0xa7f
/* messages and signals; */
#define OWN_HIGH 0x30
/* frequency and crash registers; */
#define OWN_MISC 0x500
/* relaxed timing, no automatic end of interrupt, which resampled() needs. */
#define OWN_HINTS 0x220

static struct kvm_cpuid_entry2 *leaf(struct kvm_cpuid2 *cpuid, int room, u32 function)
{
	struct kvm_cpuid_entry2 *entry;

	for (u32 i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == function)
			return &cpuid->entries[i];
	if (cpuid->nent >= (u32)room)
		return NULL;
	entry = &cpuid->entries[cpuid->nent++];
	memset(entry, 0, sizeof(*entry));
	entry->function = function;
	return entry;
}

static void set(struct kvm_cpuid2 *cpuid, int room, u32 function, u32 a, u32 b, u32 c, u32 d)
{
	struct kvm_cpuid_entry2 *entry = leaf(cpuid, room, function);

	if (!entry)
		return;
	entry->eax = a;
	entry->ebx = b;
	entry->ecx = c;
	entry->edx = d;
}

void hyperv_host(struct hv_host *host, const struct kvm_cpuid2 *kvm, u32 build)
{
	*host = (struct hv_host){
		.build = build ? build : HV_BUILD_2016,
		.low = OWN_LOW,
		.high = OWN_HIGH,
		.misc = OWN_MISC,
		.hints = OWN_HINTS,
	};
	for (u32 i = 0; i < kvm->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &kvm->entries[i];

		if (e->function == 0x40000003) {
			host->low |= e->eax & WSL_LOW;
			host->high |= e->ebx & WSL_HIGH;
			host->misc |= e->edx & HV_STIMER_DIRECT_MODE_AVAILABLE;
		} else if (e->function == 0x40000004) {
			host->hints |= e->eax & WSL_HINTS;
		}
	}
	if (!build)
		host->low &= ~HV_ACCESS_TSC_INVARIANT;
}

int hyperv_is_tcg(u32 b, u32 c, u32 d)
{
	u8 signature[12];

	put32(signature, b);
	put32(signature + 4, c);
	put32(signature + 8, d);
	return !memcmp(signature, "TCGTCGTCGTCG", sizeof(signature));
}

/* Take XSAVE, and all that needs it, from an entry. 1: nothing of it is left. */
static int without_xsave(struct kvm_cpuid_entry2 *e)
{
	switch (e->function) {
	case 1:
		/* FMA, XSAVE, OSXSAVE, AVX, F16C */
		e->ecx &= ~(BIT(12) | BIT(26) | BIT(27) | BIT(28) | BIT(29));
		break;
	case 7:
		e->ebx &= ~(BIT(5) | BIT(16) | BIT(17) | BIT(21) | BIT(28) | BIT(30) | BIT(31));
		e->ecx &= ~(BIT(1) | BIT(3) | BIT(4) | BIT(6) | BIT(9) | BIT(10) | BIT(11) |
			    BIT(12) | BIT(14));
		e->edx &= ~(BIT(2) | BIT(3) | BIT(8) | BIT(22) | BIT(23) | BIT(24) | BIT(25));
		return e->index != 0;
	case 0xd:
		return 1;
	case 0x80000001:
		e->ecx &= ~(BIT(1) | BIT(11) | BIT(15) | BIT(16) | BIT(22));
		break;
	}
	return 0;
}

/*
 * Turn the CPUID that KVM supports into the one of VP number VP of VPS. AVX and XSAVE are
 * hidden on QEMU's emulated processor, which gets them wrong for a nested guest. That one has no
 * invariant TSC either, but its TSC is the machine's: if the host has one it is shown anyway.
 */
void hyperv_cpuid(struct kvm_cpuid2 *cpuid, int room, u32 vp, u32 vps, const struct hv_host *host)
{
	struct kvm_cpuid_entry2 *power;
	u32 kept = 0;

	for (u32 i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		/* KVM's signature; topology leaves: one thread per package */
		if ((e->function & 0xffffff00) == 0x40000000 || e->function == 0xb ||
		    e->function == 0x1f || e->function == 0x8000001e)
			continue;
		if (host->emulated && without_xsave(e))
			continue;
		switch (e->function) {
		case 1:
			e->ebx = (e->ebx & 0xffff) | 1 << 16 | vp << 24;
			e->ecx |= BIT(31); /* running on a hypervisor */
			e->edx &= ~BIT(28);
			break;
		case 0x80000008:
			e->ecx = 0;
			break;
		}
		cpuid->entries[kept++] = *e;
	}
	cpuid->nent = kept;
	set(cpuid, room, 0x40000000, 0x40000005, 0x7263694d, 0x666f736f, 0x76482074);
	set(cpuid, room, 0x40000001, 0x31237648, 0, 0, 0);
	set(cpuid, room, 0x40000002, host->build, 0x000a0000, 0, 0);
	set(cpuid, room, 0x40000003, host->low, host->high, 0, host->misc);
	set(cpuid, room, 0x40000004, host->hints, 0xfff, 0, 0);
	set(cpuid, room, 0x40000005, vps, 64, 0, 0);
	power = host->low & HV_ACCESS_TSC_INVARIANT ? leaf(cpuid, room, 0x80000007) : NULL;
	if (power)
		power->edx |= CPUID_INVARIANT_TSC;
}

int hyperv_address_bits(const struct kvm_cpuid2 *cpuid)
{
	for (u32 i = 0; i < cpuid->nent; i++) {
		u32 bits = cpuid->entries[i].eax & 0xff;

		if (cpuid->entries[i].function == 0x80000008 && bits < MEMORY_MMIO_HIGH_BITS)
			return error("cpuid: physical addresses have %u bits, devices need %d",
				     bits, MEMORY_MMIO_HIGH_BITS);
	}
	return 0;
}

void hyperv_init(struct hyperv *hv, struct memory *mem, int vps)
{
	memset(hv, 0, sizeof(*hv));
	hv->mem = mem;
	hv->vps = vps;
	for (int i = 0; i < vps; i++)
		hv->vp[i].last = &hv->vp[i].first;
}

/* The area of SINT 2 in the page of REG (SIMP or SIEFP), or NULL. */
static void *area(struct hyperv *hv, u64 reg)
{
	if (!(reg & PAGE_ENABLED))
		return NULL;
	return memory_at(hv->mem, (reg & ~(u64)(PAGE_SIZE - 1)) + HV_SINT * 256, 256);
}

int hyperv_send(struct hyperv *hv, u32 vp, const void *msg, u32 size)
{
	struct message *message;

	if (vp >= (u32)hv->vps || size > HV_MESSAGE_PAYLOAD_BYTE_COUNT)
		return -1;
	message = calloc(1, sizeof(*message));
	if (!message)
		return -1;
	message->size = size;
	memcpy(message->data, msg, size);
	*hv->vp[vp].last = message;
	hv->vp[vp].last = &message->next;
	hv->queued++;
	hv->kick(hv->vm, vp);
	return 0;
}

/*
 * KVM's synthetic timers write the same slot on the VP's thread inside KVM_RUN, so this
 * must run on that thread too.
 */
void hyperv_deliver(struct hyperv *hv, u32 vp)
{
	struct hv_vp *v = &hv->vp[vp];
	struct message *message = v->first;
	u8 *slot = area(hv, v->simp);

	if (!message || !slot)
		return;
	if (__atomic_load_n((u32 *)slot, __ATOMIC_ACQUIRE)) {
		/* the guest checks the flag after freeing the slot, so check the slot again */
		__atomic_fetch_or(slot + 5, MESSAGE_PENDING, __ATOMIC_SEQ_CST);
		if (__atomic_load_n((u32 *)slot, __ATOMIC_SEQ_CST))
			return;
	}
	slot[4] = message->size;
	slot[5] = message->next ? MESSAGE_PENDING : 0;
	put16(slot + 6, 0);
	put64(slot + 8, 0);
	memset(slot + 16, 0, HV_MESSAGE_PAYLOAD_BYTE_COUNT);
	memcpy(slot + 16, message->data, message->size);
	__atomic_store_n((u32 *)slot, MESSAGE_VMBUS, __ATOMIC_RELEASE);
	v->first = message->next;
	if (!v->first)
		v->last = &v->first;
	free(message);
	hv->queued--;
	hv->raise(hv->vm, vp);
}

void hyperv_drop(struct hyperv *hv)
{
	struct message *message;

	for (int i = 0; i < hv->vps; i++) {
		while ((message = hv->vp[i].first)) {
			hv->vp[i].first = message->next;
			free(message);
		}
		hv->vp[i].last = &hv->vp[i].first;
	}
	hv->queued = 0;
	free(hv->hints.seen);
	hv->hints.seen = NULL;
}

void hyperv_interrupt(struct hyperv *hv, u32 vp, u32 flag)
{
	u8 *flags = vp < (u32)hv->vps ? area(hv, hv->vp[vp].siefp) : NULL;
	u8 bit = 1 << flag % 8;

	if (!flags || flag >= 2048)
		return;
	if (!(__atomic_fetch_or(flags + flag / 8, bit, __ATOMIC_SEQ_CST) & bit))
		hv->raise(hv->vm, vp);
}

static u64 post_message(struct hyperv *hv, u64 gpa)
{
	u8 copy[16 + HV_MESSAGE_PAYLOAD_BYTE_COUNT];
	const u8 *input = memory_at(hv->mem, gpa, sizeof(copy));
	u32 size;

	if (gpa % 8)
		return HV_STATUS_INVALID_ALIGNMENT;
	if (!input)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	memcpy(copy, input, sizeof(copy));
	size = get32(copy + 12);
	if (get32(copy + 8) != MESSAGE_VMBUS || size > HV_MESSAGE_PAYLOAD_BYTE_COUNT)
		return HV_STATUS_INVALID_PARAMETER;
	/* the guest does not read the answers to the ones before: it tries again later */
	if (hv->queued >= HV_MESSAGES_MAX)
		return HV_STATUS_INSUFFICIENT_BUFFERS;
	hv->posted++;
	return hv->post(hv->bus, get32(copy), copy + 16, size);
}

static void hint(struct hyperv *hv, u64 first, u64 count)
{
	struct cold_hints *hints = &hv->hints;

	for (u64 page = first; page < first + count; page++) {
		u8 bit = 1 << page % 8;

		if (page >= hints->limit || hints->seen[page / 8] & bit)
			continue;
		hints->seen[page / 8] |= bit;
		hints->pages++;
	}
	/* cold pages go back to the machine; the guest reads zeros later */
	memory_drop(hv->mem, first * PAGE_SIZE, count * PAGE_SIZE);
}

/* Grow the bitmap to PAGES: memory can be hot added. */
static int room_for_hints(struct cold_hints *hints, u64 pages)
{
	size_t had = hints->seen ? hints->limit / 8 + 1 : 0, bytes = pages / 8 + 1;
	u8 *seen;

	if (had && pages <= hints->limit)
		return 0;
	seen = realloc(hints->seen, bytes);
	if (!seen)
		return -1;
	memset(seen + had, 0, bytes - had);
	hints->seen = seen;
	hints->limit = pages;
	return 0;
}

/*
 * Bits 0-10 of a range: how many pages more than one. Bit 11: they are large, then bit 12 is
 * clear for 2 MB, 13-20 are zero, and 21-63 are the address. Otherwise they have 4 KB, and
 * 12-63 are the address. -1 unless these are whole pages of RAM.
 */
static int read_range(const struct memory *mem, u64 range, u64 *first, u64 *pages)
{
	*first = range >> 12;
	*pages = (range & 0x7ff) + 1;
	if (range & BIT(11)) {
		if (range & (BIT(21) - BIT(12)))
			return -1;
		*pages *= 512;
	}
	return memory_at(mem, *first * PAGE_SIZE, *pages * PAGE_SIZE) ? 0 : -1;
}

static void count_range(struct cold_hints *hints, u64 first, u64 pages)
{
	hints->ranges++;
	if ((pages | first) & (pages - 1))
		hints->uneven++;
	else
		hints->block[__builtin_ctzll(pages)]++;
}

/* Ranges START to REPS - 1; a guest begins where an earlier call ended. */
static u64 heat_hint(struct hyperv *hv, u64 gpa, u32 start, u32 reps)
{
	struct cold_hints *hints = &hv->hints;
	u64 pages, first;
	u8 *input;

	if (start >= reps || reps > HV_MEMORY_HINT_MAX_GPA_PAGE_RANGES)
		goto invalid;
	input = memory_at(hv->mem, gpa, 8 + 8ull * reps);
	if (!input || get64(input) != HV_EXT_MEMORY_HEAT_HINT_TYPE_COLD_DISCARD)
		goto invalid;
	if (room_for_hints(hints, memory_end(hv->mem) / PAGE_SIZE))
		return HV_STATUS_INSUFFICIENT_BUFFERS;
	hints->calls++;
	for (; start < reps; start++) {
		if (read_range(hv->mem, get64(input + 8 + 8 * start), &first, &pages))
			goto invalid;
		count_range(hints, first, pages);
		hint(hv, first, pages);
	}
	return HV_STATUS_SUCCESS | (u64)reps << 32;
invalid:
	hints->invalid++;
	return HV_STATUS_INVALID_PARAMETER | (u64)start << 32;
}

/* The VPs of a set whose variable part has WORDS words at BANKS, the first of them a mask. */
static int read_set(u64 format, const u8 *banks, u32 words, u64 *vps)
{
	u64 valid;

	if (format == HV_GENERIC_SET_ALL) {
		*vps = ~0ull;
		return 0;
	}
	if (format != HV_GENERIC_SET_SPARSE_4K || !words)
		return -1;
	valid = get64(banks);
	if ((u32)__builtin_popcountll(valid) != words - 1)
		return -1;
	/* no VP of ours is beyond the first bank */
	*vps = valid & 1 ? get64(banks + 8) : 0;
	return 0;
}

static u64 retarget(struct hyperv *hv, u64 input, u64 gpa)
{
	u32 words = HV_HYPERCALL_VARHEAD(input);
	const u32 fixed = offsetof(struct hv_retarget_device_interrupt, banks);
	/* a mask of 64 banks, and they */
	u8 copy[sizeof(struct hv_retarget_device_interrupt) + 64 * 8];
	const struct hv_retarget_device_interrupt *r = (void *)copy;
	const u8 *in;
	u64 vps;

	if (gpa % 8)
		return HV_STATUS_INVALID_ALIGNMENT;
	in = words > 65 ? NULL : memory_at(hv->mem, gpa, fixed + 8 * words);
	if (!in)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	memcpy(copy, in, fixed + 8 * words);
	vps = r->set;
	if (r->partition_id != HV_PARTITION_ID_SELF || r->source != HV_INTERRUPT_SOURCE_MSI ||
	    (r->flags & HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET &&
	     read_set(r->set, copy + fixed, words, &vps)))
		return HV_STATUS_INVALID_PARAMETER;
	return hv->retarget(hv->pci, r->device_id, r->msi_address, r->msi_data, r->vector, vps) ?
		HV_STATUS_INVALID_PARAMETER :
		HV_STATUS_SUCCESS;
}

u64 hyperv_call(struct hyperv *hv, u64 input, const u64 params[2])
{
	u32 reps = input >> 32 & 0xfff, start = input >> 48 & 0xfff;
	u8 *out;

	switch (input & 0xffff) {
	case HVCALL_POST_MESSAGE:
		return post_message(hv, params[0]);
	case HVCALL_SIGNAL_EVENT:
		/* KVM has read the operand; no eventfd is registered for the connection */
		hv->signalled++;
		hv->signal(hv->bus, (u32)params[0]);
		return HV_STATUS_SUCCESS;
	case HVCALL_RETARGET_INTERRUPT:
		return hv->retarget ? retarget(hv, input, params[0]) :
				      HV_STATUS_INVALID_HYPERCALL_CODE;
	case HV_EXT_CALL_QUERY_CAPABILITIES:
		out = memory_at(hv->mem, params[1], 8);
		if (!hv->extended || !out)
			return HV_STATUS_INVALID_HYPERCALL_CODE;
		put64(out, HV_EXT_CAPABILITY_MEMORY_COLD_DISCARD_HINT);
		return HV_STATUS_SUCCESS;
	case HV_EXT_CALL_MEMORY_HEAT_HINT:
		return hv->extended ? heat_hint(hv, params[0], start, reps) :
				      HV_STATUS_INVALID_HYPERCALL_CODE;
	}
	return HV_STATUS_INVALID_HYPERCALL_CODE;
}

void hyperv_exit(struct hyperv *hv, u32 vp, struct kvm_hyperv_exit *exit)
{
	switch (exit->type) {
	case KVM_EXIT_HYPERV_SYNIC:
		hv->vp[vp].simp = exit->u.synic.msg_page;
		hv->vp[vp].siefp = exit->u.synic.evt_page;
		break;
	case KVM_EXIT_HYPERV_HCALL:
		exit->u.hcall.result =
			hyperv_call(hv, exit->u.hcall.input, (u64 *)exit->u.hcall.params);
		break;
	}
}
