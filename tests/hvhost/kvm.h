/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_H
#define KVM_H

#include "hyperv.h"
#include "loop.h"
#include "pci.h"
#include <linux/kvm.h>

enum end {
	RUNNING,
	POWERED_OFF, /* the guest asked for sleep state 5 */
	RESET,	     /* reset register, keyboard controller, or reset MSR */
	CRASHED,     /* the guest reported a panic */
	TRIPLE_FAULT,
	TIMED_OUT,
	BROKEN, /* KVM failed */
};

struct vm;

struct vcpu {
	struct vm *vm;
	int id, fd, resample;
	struct kvm_run *run;
	pthread_t thread;
	int started;
	int undelivered; /* exits in a row in which KVM gave up on an event */
};

/* Handlers of port I/O; a read of an unused port is all ones. */
struct port_ops {
	u32 (*in)(void *arg, u16 port, int size);
	void (*out)(void *arg, u16 port, int size, u32 value);
	void *arg;
};

/*
 * Accesses to LEN bytes at GPA where there is no RAM: 1, and what is read is in DATA; 0: nobody
 * has them, a read is all ones.
 */
struct mmio_ops {
	int (*access)(void *arg, u64 gpa, u32 len, u8 *data, int write);
	void *arg;
};

struct vm {
	int dev, fd, cpus;
	u64 ram; /* bytes that the guest starts with */
	struct memory mem;
	struct hyperv hv;
	struct loop *loop;
	struct vcpu vcpu[HV_MAX_VPS];
	struct port_ops ports;
	struct mmio_ops mmio;
	struct hv_host host;
	enum end end;
	int ended;   /* eventfd: end is no longer RUNNING */
	u64 started; /* now_ns() when the first vCPU ran */
	struct timer limit;
	/* for the report: entries after an event that KVM could not deliver; extended pages of
	 * hypercalls */
	u64 exits, reentries, pages;
};

/* BUILD is that of the host; 0: the build of Windows Server 2016, without an invariant TSC */
int vm_init(struct vm *vm, struct loop *loop, u64 memory, int cpus, u32 build);
/* Start the vCPUs; after LIMIT_MS the loop ends the guest as TIMED_OUT. 0, or -1 after error(). */
int vm_start(struct vm *vm, u64 limit_ms);
/* Let the vCPUs end. The first END counts. The lock of the loop is held. */
void vm_end(struct vm *vm, enum end end);
void vm_join(struct vm *vm);
void vm_dump(struct vm *vm); /* dump.c; after vm_join() */
int vm_irq(struct vm *vm, u32 gsi, int level);
int vm_msi(void *vm, const struct pci_msi *msi); /* 0, or -1: no local APIC took it */
/* N is below VPCI_MAPS; see vpci.h */
int vm_map(void *vm, unsigned int n, u64 gpa, u64 size, void *host);
/*
 * Extend KVM's page of hypercalls by the ones that KVM does not hand on: they read
 * HYPERCALL_PORT. 1, or 0: PAGE is not as KVM writes it, or has been extended.
 */
int hypercall_page(u8 *page);
#define HYPERCALL_PORT 0xb8
/* HVCALL_SIGNAL_EVENT on CONNECTION signals the eventfd FD; FD -1 removes it. */
int vm_doorbell(struct vm *vm, u32 connection, int fd);
u64 vcpu_msr(struct vcpu *vcpu, u32 index); /* ~0: not readable */
u64 vm_reference_time(void *vm);	    /* the guest's counter, 100 ns */

#endif
