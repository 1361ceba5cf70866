/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HYPERV_H
#define HYPERV_H

#include "memory.h"
#include "proto/hv.h"

#define HV_MAX_VPS 4
#define HV_SINT	   2 /* the interrupt source of VMBus */

struct message {
	struct message *next;
	u32 size;
	u8 data[HV_MESSAGE_PAYLOAD_BYTE_COUNT];
};

struct hv_vp {
	u64 simp, siefp;
	struct message *first, **last; /* queued for the slot */
};

struct cold_hints {
	u64 calls, ranges;
	u64 pages; /* distinct, of 4 KB */
	u8 *seen;  /* a bit for each page below limit */
	u64 limit;
};

struct hyperv {
	struct hv_vp vp[HV_MAX_VPS];
	int vps;
	struct memory *mem;
	int extended; /* KVM forwards extended hypercalls */
	u64 posted, signalled;
	struct cold_hints hints;
	/* provided by the machine */
	void (*raise)(void *vm, u32 vp); /* raise SINT 2 of that VP */
	void (*kick)(void *vm, u32 vp);	 /* run hyperv_deliver() on its thread */
	/* provided by the bus */
	u64 (*post)(void *bus, u32 connection, const void *msg, u32 size);
	void (*signal)(void *bus, u32 connection);
	void *vm, *bus;
};

/* What the host presents to its guest. */
struct hv_host {
	u32 build;
	int direct_timers, extended, invariant_tsc;
};

struct kvm_cpuid2;
struct kvm_hyperv_exit;

void hyperv_cpuid(struct kvm_cpuid2 *cpuid, int room, u32 vp, u32 vps, const struct hv_host *host);
void hyperv_init(struct hyperv *hv, struct memory *mem, int vps);
void hyperv_exit(struct hyperv *hv, u32 vp, struct kvm_hyperv_exit *exit);
int hyperv_send(struct hyperv *hv, u32 vp, const void *msg, u32 size);
/* Call from the thread of the VP only, outside KVM_RUN. */
void hyperv_deliver(struct hyperv *hv, u32 vp);
void hyperv_interrupt(struct hyperv *hv, u32 vp, u32 flag);
void hyperv_drop(struct hyperv *hv);

#endif
