/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FUSE_H
#define FUSE_H

/* A row of filesystems.c. */
int fuse(const char *arg);

#endif
