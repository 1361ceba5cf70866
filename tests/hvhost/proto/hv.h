/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers of the hypervisor. Source: the guest's include/asm-generic/hyperv-tlfs.h, and
 * the Hypervisor Top-Level Functional Specification.
 */
#ifndef PROTO_HV_H
#define PROTO_HV_H

#include "../hvhost.h"

#define HV_STATUS_SUCCESS		  0
#define HV_STATUS_INVALID_HYPERCALL_CODE  2
#define HV_STATUS_INVALID_HYPERCALL_INPUT 3
#define HV_STATUS_INVALID_ALIGNMENT	  4
#define HV_STATUS_INVALID_PARAMETER	  5
#define HV_STATUS_INVALID_CONNECTION_ID	  18
#define HV_STATUS_INSUFFICIENT_BUFFERS	  19

#define HVCALL_POST_MESSAGE			   0x5c
#define HVCALL_SIGNAL_EVENT			   0x5d
#define HVCALL_RETARGET_INTERRUPT		   0x7e
#define HV_EXT_CALL_QUERY_CAPABILITIES		   0x8001
#define HV_EXT_CALL_MEMORY_HEAT_HINT		   0x8003
#define HV_EXT_CAPABILITY_MEMORY_COLD_DISCARD_HINT BIT(8)
#define HV_EXT_MEMORY_HEAT_HINT_TYPE_COLD_DISCARD  2
#define HV_MEMORY_HINT_MAX_GPA_PAGE_RANGES	   511

#define HV_MESSAGE_PAYLOAD_BYTE_COUNT 240

#define HV_PARTITION_ID_SELF			 (~0ull)
#define HV_INTERRUPT_SOURCE_MSI			 1
#define HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET 2 /* else a mask */
#define HV_GENERIC_SET_SPARSE_4K		 0
#define HV_GENERIC_SET_ALL			 1
/* 64-bit words of a call's variable part */
#define HV_HYPERCALL_VARHEAD(input) ((input) >> 17 & 0x3ff)

struct hv_retarget_device_interrupt { /* 6.18: include/hyperv/hvgdk_mini.h */
	u64 partition_id, device_id;
	u32 source, reserved1;
	u32 msi_address, msi_data;
	u64 reserved2;
	u32 vector, flags;
	u64 set;   /* a mask of VPs, or the format of a set; then the call's variable part: */
	u64 banks; /* which banks of 64 VPs follow */
} __attribute__((packed));
_Static_assert(sizeof(struct hv_retarget_device_interrupt) == 64, "retarget");

/* CPUID 0x40000003: in EAX, EBX and EDX. The guest uses MSR 0x40000118 if it has the second. */
#define HV_ACCESS_REENLIGHTENMENT	BIT(13)
#define HV_ACCESS_TSC_INVARIANT		BIT(15)
#define HV_ENABLE_EXTENDED_HYPERCALLS	BIT(20)
#define HV_STIMER_DIRECT_MODE_AVAILABLE BIT(19)
/* CPUID 0x80000007, EDX; shown once the guest has written that MSR */
#define CPUID_INVARIANT_TSC BIT(8)

#define HV_BUILD_2016 14393 /* the one that KVM implements parts of */

#endif
