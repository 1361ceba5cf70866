/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DXG_H
#define DXG_H

#include "vmbus.h"

#define DXG_PROCESSES 64

struct dxg {
	struct channel *ch;
	u64 io_start, io_length; /* where the guest wants the GPU's memory; 0: not said yet */
	u8 process[DXG_PROCESSES];
	u64 commands, refused, bad;
};

int dxg_init(struct dxg *dxg, struct vmbus *bus);

#endif
