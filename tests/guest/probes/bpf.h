/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BPF_H
#define BPF_H

/* Rows of containers.c. */
int bpf_socket(const char *arg);
int bpf_device(const char *arg);
/* security.c: this process gets EPERM at HOOK until the fd is closed; -1 after diag(). */
int bpf_deny(const char *hook);
/* queue.c: a program is called where FUNCTION returns, which a compiler may inline */
int bpf_at_exit(const char *function);
/* queue.c: a program may call functions that the kernel has registered (kfuncs). */
int bpf_kfuncs(const char *arg);
/* and be a congestion control of TCP (struct_ops) */
int bpf_struct_ops(const char *arg);

#endif
