/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The drive C: of the host, for mounts of the guest by 9P over a stream (p9.h): each has a thread
 * that serves it. Any thread may call the functions, once drive_init() has returned.
 */
#ifndef DRIVE_H
#define DRIVE_H

#include "p9.h"

#define DRIVES 4 /* mounts at once */

struct drive_state {
	u32 mounts;	      /* now */
	u32 msize;	      /* of the last message */
	char aname[P9_ANAME]; /* of the last that has attached */
	u64 requests, bad;    /* of all, for the report */
};

/* It is this FOLDER, a descriptor. Before the sandbox is entered. 0, or -1 after error(). */
int drive_init(int folder);
/* Serve the stream FD until it ends, which the caller closes. */
void drive_serve(int fd);
/* The next mounts are offered messages of MSIZE bytes, P9_MSIZE at most. */
void drive_limit(u32 msize);
/* End the streams of all mounts. */
void drive_end(void);
void drive_state(struct drive_state *state);

#endif
