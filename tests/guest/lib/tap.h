/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TAP_H
#define TAP_H

#include "probe.h"

/* The report, TAP version 13, on the console. */
void tap_open(void);
void tap_plan(int rows);
void tap_probe(const char *area, const struct probe *probe, int seconds);
void tap_skip(const char *area, const char *reason);
int tap_rows(void);

#endif
