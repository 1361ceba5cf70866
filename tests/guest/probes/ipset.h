/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IPSET_H
#define IPSET_H

/* Rows of netfilter.c about sets of addresses. */
int set_kinds(const char *names);
int set_holds(const char *arg);
/* Make the set "s" of addresses, with 10.0.0.HOST in it; 0, or -1 after diag(). */
int set_of(int host);

#endif
