/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BPF_H
#define BPF_H

/* Rows of containers.c. */
int bpf_socket(const char *arg);
int bpf_device(const char *arg);

#endif
