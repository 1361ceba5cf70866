/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HYPERV_H
#define HYPERV_H

#include "memory.h"
#include "proto/hv.h"

#define HV_MAX_VPS 4
#define HV_SINT	   2 /* the interrupt source of VMBus */
/*
 * A guest may post while fewer messages than this wait for it. The number is ours: the two
 * hundred of the hostile host fit, and what one message can be answered with, an offer for
 * each relid, comes on top.
 */
#define HV_MESSAGES_MAX 1024

struct message {
	struct message *next;
	u32 size;
	u8 data[HV_MESSAGE_PAYLOAD_BYTE_COUNT];
};

struct hv_vp {
	u64 simp, siefp;
	struct message *first, **last; /* queued for the slot */
};

#define HV_ORDERS 21 /* a range has at most 2048 pages of 2 MB */

struct cold_hints {
	u64 calls, ranges;
	u64 pages; /* distinct, of 4 KB */
	u8 *seen;  /* a bit for each page below limit */
	u64 limit;
	/* ranges that are a block: 1 << order pages of 4 KB at a multiple of their size */
	u64 block[HV_ORDERS];
	u64 uneven;  /* ranges that are none; the guest only knows blocks */
	u64 invalid; /* ranges and hints that were rejected */
};

struct hyperv {
	struct hv_vp vp[HV_MAX_VPS];
	int vps;
	struct memory *mem;
	int extended;	     /* KVM forwards extended hypercalls */
	unsigned int queued; /* messages, for all VPs */
	u64 posted, signalled;
	struct cold_hints hints;
	/* provided by the machine */
	void (*raise)(void *vm, u32 vp); /* raise SINT 2 of that VP */
	void (*kick)(void *vm, u32 vp);	 /* run hyperv_deliver() on its thread */
	/* provided by the bus */
	u64 (*post)(void *bus, u32 connection, const void *msg, u32 size);
	void (*signal)(void *bus, u32 connection);
	/* provided by PCI, or NULL; VPS: bit N: VP N */
	int (*retarget)(void *pci, u64 device, u32 address, u32 data, u32 vector, u64 vps);
	void *vm, *bus, *pci;
};

/* What the host presents to its guest: its build, leaf 0x40000003 (EAX, EBX, EDX), 0x40000004. */
struct hv_host {
	u32 build;
	u32 low, high, misc, hints;
	int emulated; /* the processor is QEMU's: no XSAVE, no AVX */
};

struct kvm_cpuid2;
struct kvm_hyperv_exit;

/*
 * What WSL's hosts offer, as far as it can be served: KVM is KVM_GET_SUPPORTED_HV_CPUID's
 * answer, without entries if there is none. BUILD is that of the host; 0: the build of Windows
 * Server 2016, without an invariant TSC.
 */
void hyperv_host(struct hv_host *host, const struct kvm_cpuid2 *kvm, u32 build);
/* Is CPUID leaf 0x40000000 of this machine (EBX, ECX, EDX) that of QEMU without KVM? 1 or 0. */
int hyperv_is_tcg(u32 b, u32 c, u32 d);
void hyperv_cpuid(struct kvm_cpuid2 *cpuid, int room, u32 vp, u32 vps, const struct hv_host *host);
/* Can the guest reach the memory of devices? 0, or -1 after error(). */
int hyperv_address_bits(const struct kvm_cpuid2 *cpuid);
void hyperv_init(struct hyperv *hv, struct memory *mem, int vps);
void hyperv_exit(struct hyperv *hv, u32 vp, struct kvm_hyperv_exit *exit);
/* A hypercall in memory; PARAMS: the addresses of its input and output. Its status. */
u64 hyperv_call(struct hyperv *hv, u64 input, const u64 params[2]);
/* Queue a message of at most 240 bytes. 0, or -1: no such VP, too long, or no memory. */
int hyperv_send(struct hyperv *hv, u32 vp, const void *msg, u32 size);
/* Call from the thread of the VP only, outside KVM_RUN. */
void hyperv_deliver(struct hyperv *hv, u32 vp);
void hyperv_interrupt(struct hyperv *hv, u32 vp, u32 flag);
void hyperv_drop(struct hyperv *hv);

#endif
