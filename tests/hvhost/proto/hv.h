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
#define HV_EXT_CALL_QUERY_CAPABILITIES		   0x8001
#define HV_EXT_CALL_MEMORY_HEAT_HINT		   0x8003
#define HV_EXT_CAPABILITY_MEMORY_COLD_DISCARD_HINT BIT(8)
#define HV_EXT_MEMORY_HEAT_HINT_TYPE_COLD_DISCARD  2
#define HV_MEMORY_HINT_MAX_GPA_PAGE_RANGES	   511

#define HV_MESSAGE_PAYLOAD_BYTE_COUNT 240

/* CPUID 0x40000003: in EAX, EBX and EDX. The guest uses MSR 0x40000118 if it has the first. */
#define HV_ACCESS_TSC_INVARIANT		BIT(15)
#define HV_ENABLE_EXTENDED_HYPERCALLS	BIT(20)
#define HV_STIMER_DIRECT_MODE_AVAILABLE BIT(19)
/* CPUID 0x80000007, EDX; shown once the guest has written that MSR */
#define CPUID_INVARIANT_TSC BIT(8)

#define HV_BUILD_2016 14393 /* the one that KVM implements parts of */

#endif
