/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "hvhost.h"
#include <seccomp.h>

/* What this machine needs beyond what every machine does. */
struct sandbox {
	const char *folder; /* of --virtio-fs, with all that is below it; or NULL */
	const char *dir;    /* of --tests, for files in it; or NULL */
	int sockets;	    /* accept streams, and take those of the broker */
};

/*
 * From here on the process can open no files but those of SANDBOX, execute nothing, and make
 * no system calls but those listed in sandbox.c: one that is not ends it with a line that
 * names the call. For a guest that takes hvhost over. Once, when all other files are open and
 * before the first thread is started. What it is made of, as the end of a row, or NULL after
 * error(). What the kernel was built without is a line of the log, and no error.
 */
const char *sandbox_enter(const struct sandbox *sandbox);

/* Its parts, for the tests. */
/* Landlock: 1, 0: this kernel has none, which note() says, or -1 after error(). */
int sandbox_files(const struct sandbox *sandbox);
/* The system calls, to which rules can be added; NULL after error(). */
scmp_filter_ctx sandbox_filter(const struct sandbox *sandbox);
/* Bind all threads, also those that run already, to FILTER, and free it. 0, or -1 after error(). */
int sandbox_load(scmp_filter_ctx filter);

#endif
