/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BROKER_H
#define BROKER_H

/*
 * Connects to unix sockets for hvhost, which cannot in its sandbox: seccomp does not see the
 * path. It is a process of its own, outside, that takes the number of a path which it was
 * given before, and returns a descriptor. It ends when hvhost does.
 */
#define BROKER_PATHS 32

/* Start it, with the PATHS that will be asked for, N of them. 0, or -1 after error(). */
int broker_start(const char *const *paths, unsigned int n);
/*
 * A stream connected to PATH, which has SOCK_NONBLOCK if FLAGS has it; or -1 and errno: EACCES if
 * broker_start() was not told of it. Without a broker it is made here. One thread at a time.
 */
int broker_connect(const char *path, int flags);

#endif
