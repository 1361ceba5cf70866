/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the targets run in: a guest's memory, its bus and the event loop, as before each input.
 * No threads; the clock stands still but for the operations that move it (hvhost's sources are
 * compiled with fuzz_clock_gettime() for clock_gettime()).
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "../../hvhost/loop.h"
#include "../../hvhost/memory.h"
#include "../../hvhost/vmbus.h"
#include "kinds.h"
#include "ops.h"
#include <time.h>

#define LOW_PAGES  256 /* of RAM at 0, all that a byte can name */
#define HIGH_PAGES 16  /* from 4 GB on */
#define RELIDS	   32  /* channels whose rings the guest has */

extern struct memory mem;
extern struct loop loop;
extern struct vmbus bus;

/* End the target: WHAT does not hold. */
void require(int holds, const char *what);
int fuzz_clock_gettime(clockid_t clock, struct timespec *ts);

/* Memory of zeros, with unmapped pages around it, and a loop. */
void world_start(void);
/* Free all of it. No more descriptors may be open than at the start. */
void world_end(void);

/* What the bus calls; a target replaces what it needs before bus_start(). */
extern struct vmbus_ops bus_ops;
/* A bus, with the guest connected if VERSION is not 0. */
void bus_start(u32 version);
void bus_end(void);

void memory_write(struct op *op);
/* Run OP, whose kind is below OP_TARGET; the bus is needed from OP_MESSAGE on. */
void world_op(struct op *op);

/* A temporary directory, removed at exit; TMPDIR is used. */
const char *fuzz_dir(void);
/* Remove PATH with all that is in it. */
void remove_all(const char *path);

#endif
