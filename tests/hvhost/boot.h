/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BOOT_H
#define BOOT_H

#include "kvm.h"

struct boot_params;

/* The RAM of MEM in the e820 table of PARAMS, which is empty. */
void boot_memory_map(struct boot_params *params, const struct memory *mem);
/* Load the image, the initrd (or NULL) and CMDLINE, and point vCPU 0 at its entry. */
int boot_load(struct vm *vm, const char *kernel, const char *initrd, const char *cmdline);

#endif
