/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A drive of the host, served by 9P2000.L messages: the folder of fuse.c, whose rules hold.
 * Guest side: net/9p, fs/9p. A message and its reply are bytes; drive.c carries them. Not
 * modelled: links, device nodes, extended attributes, locks, owners other than the host's.
 */
#ifndef P9_H
#define P9_H

#include "fuse.h"

#define P9_MSIZE 65536 /* bytes of a message at most: what WSL asks for */
#define P9_FIDS	 2048  /* of a mount; each is a node of fuse.c */
#define P9_ANAME 256   /* bytes of the name of a share that are kept, with a NUL */

struct p9_fid {
	u8 state;   /* P9_FREE etc., see p9.c */
	u32 number; /* the guest's */
	u64 node, fh;
};

struct p9_server {
	struct fuse_server files;
	struct p9_fid fid[P9_FIDS];
	u32 max_msize;	      /* that is offered, at most P9_MSIZE */
	u32 msize;	      /* that was negotiated; 0 before */
	char aname[P9_ANAME]; /* of the last P9_TATTACH */
	u64 requests, bad;    /* bad: messages that no driver sends */
	/* a request to fuse.c and its reply */
	_Alignas(8) u8 ask[P9_MSIZE + 4096];
	_Alignas(8) u8 answer[P9_MSIZE + 4096];
	u32 answer_len; /* after the header */
};

/* Serve the folder PATH to one mount. 0, or -1 after error(). */
int p9_open(struct p9_server *s, const char *path);
/* The mount has ended: another one may come. */
void p9_reset(struct p9_server *s);
void p9_close(struct p9_server *s);
/*
 * A message of LEN bytes; its reply goes to OUT, which has P9_MSIZE bytes. The length of the
 * reply, or 0: LEN is not what the message says, and the stream can only be ended.
 */
u32 p9_request(struct p9_server *s, const u8 *in, u32 len, u8 *out);

#endif
