/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BOOT_H
#define BOOT_H

#include "kvm.h"

/* Load the image, the initrd (or NULL) and CMDLINE, and set vCPU 0 to start it. */
int boot_load(struct vm *vm, const char *kernel, const char *initrd, const char *cmdline);

#endif
