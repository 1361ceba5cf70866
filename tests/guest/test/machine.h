/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine that is a directory, for rows that only read files: what they say and the files
 * that they open come here. Linked with --wrap=fopen,--wrap=access.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "probe.h"
#include <stdio.h>

extern const char *machine; /* the directory */
const char *below(const char *path);
FILE *__wrap_fopen(const char *path, const char *mode);

/* Print "ok|not ok|skip ROW" for each, and what a row says behind "# ". */
void rows(const struct probe *probe);
void row(const char *what, int result);

#endif
