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

#endif
