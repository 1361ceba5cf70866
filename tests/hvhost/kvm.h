/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_H
#define KVM_H

#include "hyperv.h"
#include "loop.h"
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

struct vm {
	int dev, fd, cpus;
	struct memory mem;
	struct hyperv hv;
	struct loop *loop;
	struct vcpu vcpu[HV_MAX_VPS];
	struct port_ops ports;
	struct hv_host host;
	enum end end;
	int ended;   /* eventfd: end is no longer RUNNING */
	u64 started; /* now_ns() when the first vCPU ran */
	struct timer limit;
	/* for the report: entries after an event that KVM could not deliver */
	u64 exits, reentries;
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
/* HVCALL_SIGNAL_EVENT on CONNECTION signals the eventfd FD; FD -1 removes it. */
int vm_doorbell(struct vm *vm, u32 connection, int fd);
u64 vcpu_msr(struct vcpu *vcpu, u32 index); /* ~0: not readable */
u64 vm_reference_time(void *vm);	    /* the guest's counter, 100 ns */

#endif
