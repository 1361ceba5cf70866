/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A folder of the host, served by FUSE requests. Guest side: fs/fuse. A request and its reply
 * are bytes; what carries them is the caller's. The guest stays in the folder: a name is one
 * component, no symbolic link is followed, and a mount below the folder is not entered. Not
 * modelled: links, device nodes, extended attributes, locks, change of owner, DAX.
 */
#ifndef FUSE_SERVER_H
#define FUSE_SERVER_H

#include "hvhost.h"

/* Descriptors at most: of files that the guest knows, and has open. Ours. */
#define FUSE_NODES 2048
#define FUSE_FILES 512
/* Bytes of a read or write at most: the 256 pages that virtiofs can have. */
#define FUSE_TRANSFER (1 << 20)
/* Bytes of a request or reply at most: with headers and two names. */
#define FUSE_BYTES (FUSE_TRANSFER + 4096)

struct fuse_node {
	int fd; /* O_PATH, or -1 if the entry is free */
	u64 dev, ino, generation, lookups;
};

struct fuse_server {
	struct fuse_node node[FUSE_NODES]; /* its id is the index + 1; the first is the folder */
	int file[FUSE_FILES];		   /* its handle is the index; -1 if it is free */
	int started;			   /* FUSE_INIT has come */
	u64 generation;
	u64 requests, bad; /* for the report; bad: invalid ones */
};

/* Serve the folder PATH. 0, or -1 after error(). */
int fuse_open(struct fuse_server *s, const char *path);
/* Forget what the guest knows and has open. */
void fuse_reset(struct fuse_server *s);
void fuse_close(struct fuse_server *s);
/*
 * A request of LEN bytes, aligned to 8; its reply goes to OUT, which has ROOM bytes. The length
 * of the reply, 0 if there is none.
 */
u32 fuse_request(struct fuse_server *s, const u8 *in, u32 len, u8 *out, u32 room);

#endif
