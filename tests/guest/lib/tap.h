/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TAP_H
#define TAP_H

#include "probe.h"

/* The report, TAP version 13, on the console. */
void tap_open(void);
void tap_plan(int rows);
/* A row. PASS, FAIL or SKIP */
int tap_probe(const char *area, const struct probe *probe, int seconds);
/* The same in this process, without a limit, for what has to outlast the row. */
int tap_here(const char *area, const struct probe *probe);
void tap_note(const char *text); /* a comment */
void tap_skip(const char *area, const char *reason);
int tap_rows(void);

#endif
