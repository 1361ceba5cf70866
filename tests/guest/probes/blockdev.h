/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BLOCKDEV_H
#define BLOCKDEV_H

/* Rows of filesystems.c about block devices. */
int ramdisk(const char *arg);
int loop_partition(const char *text);
int zram(const char *algorithm);
int nbd(const char *arg);
int md_levels(const char *names);
int md_mirror(const char *arg);
int dm_targets(const char *names);
int dm_crypt(const char *cipher);

#endif
