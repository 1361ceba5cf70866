// SPDX-License-Identifier: GPL-2.0
/* CPUID, messages, event flags, hypercalls and the serial port, without KVM. */
#include "../hyperv.h"
#include "../serial.h"
#include "tap.h"
#include <linux/kvm.h>
#include <stdlib.h>

#define SIMP   0x10000
#define SIEFP  0x11000
#define INPUT  0x12000
#define OUTPUT 0x13000

static struct memory mem;
static struct hyperv hv;
static int raises, kicks, posts, signals;
static u8 posted[240];
static u32 posted_size, posted_to;

static void do_raise(void *vm, u32 vp)
{
	(void)vm;
	(void)vp;
	raises++;
}
static void do_kick(void *vm, u32 vp)
{
	(void)vm;
	(void)vp;
	kicks++;
}
static void do_signal(void *bus, u32 c)
{
	(void)bus;
	(void)c;
	signals++;
}

static u64 do_post(void *bus, u32 connection, const void *msg, u32 size)
{
	(void)bus;
	posts++;
	posted_to = connection;
	posted_size = size;
	memcpy(posted, msg, size);
	return HV_STATUS_SUCCESS;
}

static u64 hypercall(u64 input, u64 in, u64 out)
{
	struct kvm_hyperv_exit exit = { .type = KVM_EXIT_HYPERV_HCALL };

	exit.u.hcall.input = input;
	exit.u.hcall.params[0] = in;
	exit.u.hcall.params[1] = out;
	exit.u.hcall.result = 0xdead;
	hyperv_exit(&hv, 0, &exit);
	return exit.u.hcall.result;
}

static u8 *at(u64 gpa)
{
	return memory_at(&mem, gpa, PAGE_SIZE);
}

static void messages(void)
{
	struct kvm_hyperv_exit synic = { .type = KVM_EXIT_HYPERV_SYNIC };
	u8 *slot = at(SIMP) + 512;

	is(hyperv_send(&hv, 0, "one", 4), 0, "a message is queued");
	is(kicks, 1, "its VP is kicked");
	hyperv_deliver(&hv, 0);
	is(raises, 0, "nothing is delivered without a message page");
	synic.u.synic.msg_page = SIMP | 1;
	synic.u.synic.evt_page = SIEFP | 1;
	hyperv_exit(&hv, 0, &synic);
	hyperv_deliver(&hv, 0);
	is(get32(slot), 1, "with a message page the slot has a VMBus message");
	ok(slot[4] == 4 && !memcmp(slot + 16, "one", 4), "with the data");
	is(slot[5], 0, "without the pending flag");
	is(raises, 1, "and an interrupt");
	hyperv_send(&hv, 0, "two", 4);
	hyperv_send(&hv, 0, "three", 6);
	hyperv_deliver(&hv, 0);
	ok(!memcmp(slot + 16, "one", 4), "a slot in use is not overwritten");
	is(slot[5] & 1, 1, "the pending flag is set");
	put32(slot, 0x80000010);
	hyperv_deliver(&hv, 0);
	is(get32(slot), 0x80000010, "a timer message in the slot is not overwritten");
	put32(slot, 0);
	hyperv_deliver(&hv, 0);
	ok(!memcmp(slot + 16, "two", 4), "a free slot gets the next message");
	is(slot[5] & 1, 1, "with the pending flag");
	put32(slot, 0);
	hyperv_deliver(&hv, 0);
	ok(!memcmp(slot + 16, "three", 6) && !(slot[5] & 1),
	   "the last message has no pending flag");
	is(hyperv_send(&hv, 4, "x", 2), -1, "sending to a VP that does not exist fails");
}

static void event_flags(void)
{
	struct kvm_hyperv_exit synic = { .type = KVM_EXIT_HYPERV_SYNIC };

	raises = 0;
	hyperv_interrupt(&hv, 0, 9);
	is(at(SIEFP)[512 + 1], 2, "an event flag is set");
	hyperv_interrupt(&hv, 0, 9);
	is(raises, 1, "it interrupts once until the guest clears it");
	hyperv_interrupt(&hv, 0, 2048);
	hyperv_interrupt(&hv, 0xffffffff, 9);
	is(raises, 1, "invalid flags and VPs are ignored");
	synic.u.synic.msg_page = (1ull << 40) | 1;
	synic.u.synic.evt_page = SIEFP | 1;
	hyperv_exit(&hv, 0, &synic);
	hyperv_send(&hv, 0, "x", 2);
	hyperv_deliver(&hv, 0);
	is(raises, 1, "a message page outside RAM is ignored");
}

static struct {
	u64 device, vps;
	u32 address, data, vector;
} moved;

static int do_retarget(void *pci, u64 device, u32 address, u32 data, u32 vector, u64 vps)
{
	(void)pci;
	moved.device = device;
	moved.vps = vps;
	moved.address = address;
	moved.data = data;
	moved.vector = vector;
	return vps ? 0 : -1;
}

/* WORDS: of the variable part. */
static u64 retarget(u32 flags, u64 set, u64 mask, u64 bank, u32 words)
{
	struct hv_retarget_device_interrupt r = {
		.partition_id = HV_PARTITION_ID_SELF,
		.device_id = 0x12344000,
		.source = HV_INTERRUPT_SOURCE_MSI,
		.msi_address = 0xfee00000,
		.msi_data = 0x5601,
		.vector = 0x31,
		.flags = flags,
		.set = set,
		.banks = mask,
	};

	memcpy(at(INPUT), &r, sizeof(r));
	put64(at(INPUT) + sizeof(r), bank);
	return hypercall(0x7e | words << 17, INPUT, 0);
}

static void retargets(void)
{
	const u32 set = HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET;

	is(retarget(0, 2, 0, 0, 0), HV_STATUS_INVALID_HYPERCALL_CODE,
	   "without PCI there is no retarget");
	hv.retarget = do_retarget;
	is(retarget(0, 2, 0, 0, 0), HV_STATUS_SUCCESS, "with it, a mask of VPs is taken");
	ok(moved.device == 0x12344000 && moved.address == 0xfee00000 && moved.data == 0x5601 &&
		   moved.vector == 0x31 && moved.vps == 2,
	   "with the message, its device and vector");
	is(retarget(set, 0, 1, 4, 2), HV_STATUS_SUCCESS, "and a set");
	is(moved.vps, 4, "with its bank");
	is(retarget(set, 0, 2, 4, 2), HV_STATUS_INVALID_PARAMETER, "VPs from 64 on are not there");
	is(retarget(set, 0, 3, 4, 3), HV_STATUS_SUCCESS, "of two banks the first counts");
	is(retarget(set, 1, 0, 0, 0), HV_STATUS_SUCCESS, "all VPs have a format of their own");
	is(moved.vps, -1, "for all of them");
	moved.vector = 0;
	is(retarget(set, 0, 1, 4, 1), HV_STATUS_INVALID_PARAMETER, "a bank that is missing");
	is(retarget(set, 0, 1, 4, 0), HV_STATUS_INVALID_PARAMETER, "no banks at all");
	is(retarget(set, 0, 1, 4, 66), HV_STATUS_INVALID_HYPERCALL_INPUT, "too many");
	is(retarget(set, 2, 1, 4, 2), HV_STATUS_INVALID_PARAMETER, "and an unknown format fail");
	put64(at(INPUT), 7);
	is(hypercall(0x7e, INPUT, 0), HV_STATUS_INVALID_PARAMETER, "so does another partition");
	is(hypercall(0x7e, INPUT + 4, 0), HV_STATUS_INVALID_ALIGNMENT, "a misaligned input");
	is(hypercall(0x7e, (16 << 20) - 48, 0), HV_STATUS_INVALID_HYPERCALL_INPUT,
	   "and one that leaves RAM");
	is(moved.vector, 0, "none of these reaches PCI");
}

static void hypercalls(void)
{
	u8 *in = at(INPUT);

	put32(in, 1);
	put32(in + 8, 1);
	put32(in + 12, 5);
	memcpy(in + 16, "hello", 5);
	is(hypercall(0x5c, INPUT, 0), HV_STATUS_SUCCESS, "posting a message succeeds");
	ok(posts == 1 && posted_to == 1 && posted_size == 5 && !memcmp(posted, "hello", 5),
	   "the bus gets it");
	put32(in + 12, 241);
	is(hypercall(0x5c, INPUT, 0), HV_STATUS_INVALID_PARAMETER,
	   "a message that is too long is rejected");
	is(hypercall(0x5c, INPUT + 4, 0), HV_STATUS_INVALID_ALIGNMENT, "a misaligned input too");
	is(hypercall(0x5c, 1ull << 41, 0), HV_STATUS_INVALID_HYPERCALL_INPUT,
	   "an input outside RAM too");
	is(posts, 1, "the bus gets none of these");
	is(hypercall(0x1005d, 0x2001, 0), HV_STATUS_SUCCESS, "a signal that KVM forwards succeeds");
	is(signals, 1, "the bus gets it");
	is(hypercall(0x77, INPUT, OUTPUT), HV_STATUS_INVALID_HYPERCALL_CODE,
	   "an unknown hypercall is rejected");
	is(hypercall(0x8001, INPUT, OUTPUT), HV_STATUS_INVALID_HYPERCALL_CODE,
	   "an extended hypercall is rejected by default");
	hv.extended = 1;
	is(hypercall(0x8001, INPUT, OUTPUT), HV_STATUS_SUCCESS,
	   "with extended hypercalls the query succeeds");
	is(get64(at(OUTPUT)), 0x100, "cold discard hints are the only capability");
}

#define HINT(start, reps) (0x8003 | (u64)(reps) << 32 | (u64)(start) << 48)
#define RANGE(i)	  (at(INPUT) + 8 + 8 * (i))
#define SMALL(pfn, pages) ((u64)(pfn) << 12 | ((pages)-1))
#define LARGE(gpa, pages) ((u64)(gpa) | 1 << 11 | ((pages)-1))

static void cold_hints(void)
{
	struct cold_hints *h = &hv.hints;

	memset(at(0x400000), 1, PAGE_SIZE);
	put64(at(INPUT), 2);
	put64(RANGE(0), LARGE(0x400000, 2));
	put64(RANGE(1), SMALL(0x800, 3));
	is(hypercall(HINT(0, 2), INPUT, 0), 2ull << 32, "a hint with two ranges succeeds");
	is(h->pages, 2 * 512 + 3, "all pages are counted");
	is(at(0x400000)[0], 0, "and dropped");
	ok(h->block[10] == 1 && h->uneven == 1, "4 MB are a block, three pages are none");
	is(hypercall(HINT(0, 2), INPUT, 0), 2ull << 32, "the same hint again succeeds");
	is(h->pages, 2 * 512 + 3, "no page is counted twice");
	is(memory_add(&mem, 0x40000000, 2 << 20), 0, "memory is hot added");
	put64(RANGE(0), LARGE(0x40000000, 1));
	is(hypercall(HINT(0, 1), INPUT, 0), 1ull << 32, "a hint about the new memory succeeds");
	is(h->pages, 3 * 512 + 3, "and is counted");
}

/* What page_reporting_order=5 makes of free memory: 128 kB and more, in pages of 4 kB. */
static void small_hints(void)
{
	struct cold_hints *h = &hv.hints;
	int n = 0;

	memset(h->block, 0, sizeof(h->block));
	h->uneven = 0;
	memset(memory_at(&mem, 0xa1f000, 2 * PAGE_SIZE), 1, 2 * PAGE_SIZE);
	for (; n < 30; n++)
		put64(RANGE(n), SMALL(0x600 + 64 * n, 32));
	put64(RANGE(n++), SMALL(0xe00, 256));
	put64(RANGE(n++), SMALL(0xfff, 1));
	is(hypercall(HINT(0, n), INPUT, 0), (u64)n << 32, "a hint with 32 ranges succeeds");
	ok(h->block[5] == 30 && h->block[8] == 1 && h->block[0] == 1,
	   "30 of 128 kB, one of 1 MB, and the last page of RAM");
	is(at(0xa1f000)[0], 0, "the last page of 128 kB is dropped");
	is(at(0xa20000)[0], 1, "the page behind it keeps its content");
	put64(RANGE(0), SMALL(0xa10, 32));
	is(hypercall(HINT(0, 1), INPUT, 0), 1ull << 32, "128 kB at 64 kB are taken");
	ok(h->block[5] == 30 && h->uneven == 1, "but are no block");
	is(hypercall(HINT(30, 31), INPUT, 0), 31ull << 32, "a call goes on behind 30 ranges");
	ok(h->block[5] == 30 && h->block[8] == 2, "and takes only the one that was left");
	put64(RANGE(0), SMALL(0x800, 2048));
	is(hypercall(HINT(0, 1), INPUT, 0), 1ull << 32, "2048 pages are the most of a range");
	is(h->block[11], 1, "they are a block of 8 MB");
	is(h->invalid, 0, "none of it was invalid");
}

static void invalid_hints(void)
{
	struct cold_hints *h = &hv.hints;
	u64 pages = h->pages, ranges = h->ranges;

	put64(RANGE(0), SMALL(0x900, 1));
	put64(RANGE(1), SMALL(0xfffffff, 1));
	is(hypercall(HINT(0, 2), INPUT, 0), HV_STATUS_INVALID_PARAMETER | 1ull << 32,
	   "a range outside RAM is rejected, the one before it completes");
	put64(RANGE(0), SMALL(0xfff, 2));
	is(hypercall(HINT(0, 1), INPUT, 0), HV_STATUS_INVALID_PARAMETER,
	   "a range that ends outside RAM too");
	/* 128 kB as 0 - 1 pages of 2 MB */
	put64(RANGE(0), LARGE(0x400000, 0) | 0x7ff);
	is(hypercall(HINT(0, 1), INPUT, 0), HV_STATUS_INVALID_PARAMETER, "a length of 0 - 1 too");
	put64(RANGE(0), LARGE(0x420000, 1));
	is(hypercall(HINT(0, 1), INPUT, 0), HV_STATUS_INVALID_PARAMETER,
	   "a large page that is not aligned too");
	put64(RANGE(0), LARGE(0x400000, 1) | 1 << 12);
	is(hypercall(HINT(0, 1), INPUT, 0), HV_STATUS_INVALID_PARAMETER, "pages of 1 GB too");
	is(hypercall(HINT(0, 0), INPUT, 0), HV_STATUS_INVALID_PARAMETER,
	   "a hint without ranges is rejected");
	is(hypercall(HINT(2, 2), INPUT, 0), HV_STATUS_INVALID_PARAMETER | 2ull << 32,
	   "one that begins behind its ranges too");
	is(hypercall(HINT(0, 512), INPUT, 0), HV_STATUS_INVALID_PARAMETER,
	   "one with more ranges than a page has room for too");
	put64(at(INPUT), 3);
	is(hypercall(HINT(0, 1), INPUT, 0), HV_STATUS_INVALID_PARAMETER,
	   "another type of hint is rejected");
	is(h->invalid, 9, "each was counted");
	ok(h->pages == pages && h->ranges == ranges + 1, "and no page of them taken");
}

static u64 post_and_answer(void *bus, u32 connection, const void *msg, u32 size)
{
	(void)bus;
	(void)connection;
	hyperv_send(&hv, 0, msg, size);
	return HV_STATUS_SUCCESS;
}

/* A guest that posts, and never frees the slot that the answers come in. */
static void never_reads(void)
{
	u8 *in = at(INPUT), *slot = at(SIMP) + 512;
	struct kvm_hyperv_exit synic = { .type = KVM_EXIT_HYPERV_SYNIC };
	u64 status = 0, posted_before = hv.posted;
	int n;

	synic.u.synic.msg_page = SIMP | 1;
	hyperv_exit(&hv, 0, &synic);
	hyperv_drop(&hv);
	hv.post = post_and_answer;
	put32(in, 1);
	put32(in + 8, 1);
	put32(in + 12, 5);
	put32(slot, 1);
	for (n = 0; n < 100000 && status == HV_STATUS_SUCCESS; n++) {
		status = hypercall(0x5c, INPUT, 0);
		hyperv_deliver(&hv, 0);
	}
	is(status, HV_STATUS_INSUFFICIENT_BUFFERS, "a guest that reads no answer may not go on");
	is(n, HV_MESSAGES_MAX + 1, "when the queue is full");
	is(hv.posted - posted_before, HV_MESSAGES_MAX, "the message does not reach the bus");
	is(hyperv_send(&hv, 0, "x", 2), 0, "the host can still send");
	for (n = 0; n < 2; n++) {
		put32(slot, 0);
		hyperv_deliver(&hv, 0);
	}
	is(hypercall(0x5c, INPUT, 0), HV_STATUS_SUCCESS, "with two answers read, the guest too");
	is(hypercall(0x5c, INPUT, 0), HV_STATUS_INSUFFICIENT_BUFFERS, "but only once");
	hv.post = do_post;
}

static struct kvm_cpuid_entry2 entry_of(const struct kvm_cpuid2 *c, u32 function)
{
	for (u32 i = 0; i < c->nent; i++)
		if (c->entries[i].function == function)
			return c->entries[i];
	return (struct kvm_cpuid_entry2){ .function = 0 };
}

/* Space for the entries that a test sets, and for those that are added. */
static struct kvm_cpuid2 *cpuid_of(const struct kvm_cpuid_entry2 *entries, u32 n)
{
	struct kvm_cpuid2 *c = calloc(1, sizeof(*c) + 32 * sizeof(*entries));

	if (!c)
		exit(1);
	c->nent = n;
	memcpy(c->entries, entries, n * sizeof(*entries));
	return c;
}

static int host_is(const struct hv_host *h, u32 low, u32 high, u32 misc, u32 hints)
{
	return h->low == low && h->high == high && h->misc == misc && h->hints == hints;
}

/*
 * KVM_GET_SUPPORTED_HV_CPUID of 6.12 and 6.18, and of 6.1, by kvm_get_hv_cpuid() in
 * arch/x86/kvm/hyperv.c.
 */
static void offers(void)
{
	static const struct kvm_cpuid_entry2 entries[] = {
		{ .function = 0x40000000, .eax = 0x40000082 },
		{ .function = 0x40000003, .eax = 0xaaff, .ebx = 0x100830, .edx = 0x84d12 },
		{ .function = 0x40000004, .eax = 0x40e2c, .ebx = 0xfff },
		{ .function = 0x4000000a, .eax = 0xffffffff, .ebx = 0xffffffff },
	};
	struct kvm_cpuid2 *kvm = cpuid_of(entries, ARRAY_SIZE(entries));
	struct hv_host h;

	hyperv_host(&h, kvm, 22621);
	is(h.build, 22621, "cpuid: the build is what was asked for");
	ok(host_is(&h, 0xaa7f, 0x100030, 0x80500, 0xe24),
	   "of WSL's features a new KVM serves all but guest idle, and the hypercalls of a VTL");
	ok(!(h.high & 0x800) && !(h.misc & 0x812) && !(h.hints & 0x40008),
	   "what WSL's hosts do not have is not offered: debugging, the APIC's MSRs");
	hyperv_host(&h, kvm, 0);
	ok(h.build == 14393 && host_is(&h, 0x2a7f, 0x100030, 0x80500, 0xe24),
	   "Windows Server 2016 has no invariant TSC");
	kvm->entries[1].eax = 0x2aff;
	kvm->entries[1].ebx = 0x830;
	hyperv_host(&h, kvm, 22621);
	ok(host_is(&h, 0x2a7f, 0x30, 0x80500, 0xe24),
	   "that of 6.1 has none, and forwards no hints");
	kvm->entries[2].eax = 0x22c;
	hyperv_host(&h, kvm, 22621);
	is(h.hints, 0x224, "IPIs by hypercall are not recommended unless KVM has them");
	kvm->nent = 0;
	hyperv_host(&h, kvm, 22621);
	ok(host_is(&h, 0xa7f, 0x30, 0x500, 0x220), "a KVM that cannot say gets what all have");
	free(kvm);
}

/* The entries of a processor with AVX-512, as KVM has them. */
static struct kvm_cpuid2 *processor(void)
{
	static const struct kvm_cpuid_entry2 entries[] = {
		{ .function = 1, .ebx = 0x77778888, .ecx = 0x7fffffff, .edx = ~0u },
		{ .function = 7, .ebx = ~0u, .ecx = ~0u, .edx = ~0u },
		{ .function = 7, .index = 1, .eax = 0x30 },
		{ .function = 0xb, .index = 0, .eax = 1 },
		{ .function = 0xd, .index = 0, .eax = 0xe7 },
		{ .function = 0xd, .index = 1, .eax = 0xf },
		{ .function = 0x40000000, .ebx = 0x4b4d564b }, /* KVMK */
		{ .function = 0x40000001 },
		{ .function = 0x80000001, .ecx = ~0u },
		{ .function = 0x80000008, .eax = 0x3030, .ecx = 0x3007 },
	};

	return cpuid_of(entries, ARRAY_SIZE(entries));
}

static int count(const struct kvm_cpuid2 *c, u32 function)
{
	int n = 0;

	for (u32 i = 0; i < c->nent; i++)
		n += c->entries[i].function == function;
	return n;
}

static void cpuid(void)
{
	struct hv_host host = {
		.build = 19045, .low = 0x2a7f, .high = 0x30, .misc = 5, .hints = 6
	};
	struct kvm_cpuid2 *c = processor();
	struct kvm_cpuid_entry2 e;

	hyperv_cpuid(c, 32, 3, 4, &host);
	e = entry_of(c, 1);
	ok(e.ebx == 0x3018888 && e.ecx >> 31 && !(e.edx & 1 << 28),
	   "leaf 1: APIC id, one thread, hypervisor bit");
	ok(count(c, 0x40000000) == 1 && entry_of(c, 0x40000000).ebx == 0x7263694d,
	   "the signature is Hyper-V's, and none of KVM is left");
	is(count(c, 0xb), 0, "nor a topology");
	is(entry_of(c, 0x80000008).ecx, 0, "or a number of cores");
	e = entry_of(c, 0x40000003);
	ok(e.eax == 0x2a7f && e.ebx == 0x30 && e.ecx == 0 && e.edx == 5,
	   "the privileges are the host's");
	ok(entry_of(c, 0x40000004).eax == 6 && entry_of(c, 0x40000004).ebx == 0xfff,
	   "so are the hints");
	is(entry_of(c, 0x40000002).eax, 19045, "the build too");
	is(entry_of(c, 0x40000005).eax, 4, "and the processors");
	is(entry_of(c, 0x80000007).edx, 0, "no invariant TSC");
	ok(count(c, 0xd) == 2 && count(c, 7) == 2 && entry_of(c, 7).ebx == ~0u &&
		   (entry_of(c, 1).ecx & 0x3c001000) == 0x3c001000,
	   "XSAVE and AVX are those of the processor");
	free(c);
	c = processor();
	host.low |= HV_ACCESS_TSC_INVARIANT;
	host.emulated = 1;
	hyperv_cpuid(c, 32, 3, 4, &host);
	is(entry_of(c, 0x80000007).edx, 0x100, "a host with an invariant TSC has the leaf for it");
	ok(count(c, 0xd) == 0 && count(c, 7) == 1 && !(entry_of(c, 1).ecx & 0x3c001000),
	   "QEMU's processor has no XSAVE, AVX, FMA and F16C");
	e = entry_of(c, 7);
	ok(!(e.ebx & 0xd0230020) && !(e.ecx & 0x5e5a) && !(e.edx & 0x3c0010c) &&
		   !(entry_of(c, 0x80000001).ecx & 0x418802),
	   "nor what builds on them");
	ok(e.ebx & 1 << 3 && e.ecx & 1 << 2, "the rest of leaf 7 stays");
	free(c);
	ok(hyperv_is_tcg(0x54474354, 0x43544743, 0x47435447), "its signature is known");
	ok(!hyperv_is_tcg(0x4b4d564b, 0x564b4d56, 0x4d) &&
		   !hyperv_is_tcg(0x7263694d, 0x666f736f, 0x76482074) && !hyperv_is_tcg(0, 0, 0),
	   "that of KVM is another, so is Hyper-V's");
}

static void address_bits(void)
{
	static const struct kvm_cpuid_entry2 none[] = { { .function = 1 } };
	struct kvm_cpuid2 *c = cpuid_of(none, 1);

	is(hyperv_address_bits(c), 0, "a processor that does not say how long addresses are");
	c->entries[0].function = 0x80000008;
	c->entries[0].eax = 0x3024;
	is(hyperv_address_bits(c), 0, "and one with 36 bits will do");
	c->entries[0].eax = 0x3020;
	is(hyperv_address_bits(c), -1, "32 are too few for the memory of devices");
	free(c);
}

static u8 sent[16];
static int sends, line_level;
static void uart_byte(void *arg, u8 byte)
{
	(void)arg;
	sent[sends++ % 16] = byte;
}
static void uart_line(void *arg, int level)
{
	(void)arg;
	line_level = level;
}

static void uart(void)
{
	struct serial s = { .byte = uart_byte, .line = uart_line };

	serial_write(&s, 0, 'x');
	ok(sends == 1 && sent[0] == 'x', "serial: a byte is sent at once");
	is(line_level, 0, "no interrupt while it is disabled");
	serial_write(&s, 1, 2);
	is(line_level, 1, "enabling it while the transmitter is empty raises it");
	is(serial_read(&s, 2) & 0xf, 2, "IIR names the transmitter");
	is(line_level, 0, "reading IIR clears it");
	serial_write(&s, 1, 1);
	serial_input(&s, "ab", 2);
	is(line_level, 1, "input raises the interrupt");
	is(serial_read(&s, 5) & 1, 1, "LSR has the data bit");
	is(serial_read(&s, 0), 'a', "the first byte is read");
	is(serial_read(&s, 0), 'b', "the second byte is read");
	is(line_level, 0, "then the interrupt is cleared");
	serial_write(&s, 3, 0x80);
	serial_write(&s, 0, 12);
	is(serial_read(&s, 0), 12, "the divisor latch shares the port");
	serial_write(&s, 3, 3);
	is(sends, 1, "and is not transmitted");
	serial_write(&s, 4, 0x1a);
	is(serial_read(&s, 6) & 0xf0, 0x90,
	   "loopback: the modem lines that the kernel's probe expects");
	for (int i = 0; i < 1000; i++)
		serial_input(&s, "z", 1);
	is(s.head - s.tail, sizeof(s.in), "excess input is dropped");
}

int main(void)
{
	if (memory_init(&mem, 16 << 20))
		return 1;
	hyperv_init(&hv, &mem, 2);
	hv.raise = do_raise;
	hv.kick = do_kick;
	hv.post = do_post;
	hv.signal = do_signal;
	ok(!memory_at(&mem, 16 << 20, 1) && !memory_at(&mem, (16 << 20) - 1, 2) &&
		   !memory_at(&mem, ~0ull, 2) && !memory_at(&mem, 8, ~0ull) &&
		   memory_at(&mem, (16 << 20) - 1, 1),
	   "memory_at() checks bounds");
	is(memory_add(&mem, 0x9ffe00000 - 0x1000, 0x2000), -1, "RAM does not reach into devices");
	offers();
	cpuid();
	address_bits();
	messages();
	event_flags();
	hypercalls();
	retargets();
	cold_hints();
	small_hints();
	invalid_hints();
	never_reads();
	hyperv_drop(&hv);
	uart();
	return done();
}
