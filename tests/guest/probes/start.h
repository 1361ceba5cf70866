/* SPDX-License-Identifier: GPL-2.0 */
#ifndef START_H
#define START_H

#include "../../wslhost/proto.h"
#include "probe.h"

/*
 * A step of WSL's init, a row. ALONE: in a process of its own; otherwise in init itself, as
 * what it does has to last. IF_MISSING is what becomes of WSL on a kernel without it.
 */
struct step {
	struct probe probe;
	int alone;
	const char *if_missing;
};

#define DEAD   "WSL would be dead here: "
#define STARTS "WSL would start, but "

/* Each ends with an empty one. */
extern const struct step start_call_steps[], start_early_steps[], start_disk_steps[],
	start_init_steps[], start_late_steps[], start_end_steps[];

/* start.c: the report of a boot with wsl.start=1 */
void start_report(void);

/* start_call.c: connections to the service and messages. 0, or -1 after diag(). */
extern int start_first, start_notices; /* the first two; -1: not connected */
int start_call(int port);	       /* a connection, or -1 after diag() */
/* The next message on the first connection has to be of TYPE and LEN bytes or more. */
int start_hear(void *message, size_t size, uint32_t type, size_t len);
int start_tell(int fd, const void *message, size_t size);
uint32_t start_early(int at);		 /* u32 at AT of the early config, or LUN_NONE */
const char *start_early_text(int at);	 /* the string whose offset is there, or "" */
#define CRASH_HELPER "wsl-capture-crash" /* name of /init when a crash runs it */
int start_crash(int argc, char **argv);

/* start_disk.c: /dev/NAME of LUN, for which it waits; 0, or -1 after diag() */
int start_disk(uint32_t lun, char *dev, size_t size);
#define START_SYSTEM "/start/system" /* its overlay */

#endif
