/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BOOT_H
#define BOOT_H

#include "kvm.h"

/* Load the image, the initrd (or NULL) and CMDLINE, and point vCPU 0 at its entry. */
int boot_load(struct vm *vm, const char *kernel, const char *initrd, const char *cmdline);

#endif
