/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A folder that a guest is to stay in, and files around it that it must not reach. Below the
 * folder: files, folders, a FIFO, and symbolic links that lead out of it.
 */
#ifndef FUZZ_FOLDER_H
#define FUZZ_FOLDER_H

#include "../../hvhost/fuse.h"

/* Make both anew; the path of the folder. */
const char *folder_make(void);
/* Has the guest stayed in it? All that it has open is there, and the rest is unchanged. */
void folder_check(const struct fuse_server *s);
/* LEN bytes for the guest have nothing of the files around the folder. */
void folder_keeps(const void *bytes, u32 len);
void folder_remove(void);

#endif
