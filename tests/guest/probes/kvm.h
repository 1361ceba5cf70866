/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_H
#define KVM_H

/* A row of contract.c. */
int kvm(const char *arg);

#endif
