/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands of the GPU driver on its global channel. Source: the enums and structs
 * dxgkvmb_command* of the guest's drivers/hv/dxgkrnl/dxgvmbus.h. A host with virtual GPUs
 * may negotiate a header before each command, in its PCI function, which hvhost does not have.
 */
#ifndef PROTO_DXG_H
#define PROTO_DXG_H

#include "../hvhost.h"

enum dxg_command_type {
	DXG_CREATEPROCESS = 1000,
	DXG_DESTROYPROCESS = 1001,
	DXG_SETIOSPACEREGION = 1010,
};

#define DXG_VM_TO_HOST 1

#define STATUS_SUCCESS		 0
#define STATUS_INVALID_PARAMETER 0xc000000d
#define STATUS_INVALID_HANDLE	 0xc0000008
#define STATUS_NOT_SUPPORTED	 0xc00000bb

struct dxg_command {
	u64 id;
	u32 process; /* a handle that CREATEPROCESS returned */
	u32 channel, type;
	u32 pad;
} __attribute__((packed));
_Static_assert(sizeof(struct dxg_command) == 24, "command");

struct dxg_set_io_space { /* answered by a status */
	struct dxg_command h;
	u64 start, length;
	u32 gpadl, pad;
} __attribute__((packed));
_Static_assert(sizeof(struct dxg_set_io_space) == 48, "set_io_space");

struct dxg_create_process { /* answered by a handle, 0 for an error */
	struct dxg_command h;
	u64 pointer, pid;
	u16 name[261];
	u8 flags, pad[5];
} __attribute__((packed));
_Static_assert(sizeof(struct dxg_create_process) == 568, "create_process");

#endif
