/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TC_H
#define TC_H

/* Rows of network.c about traffic control. */
int qdiscs(const char *names);
int classifiers(const char *names);
int actions(const char *names);
int drops_at_egress(const char *arg);
int netem_delays(const char *arg);

#endif
