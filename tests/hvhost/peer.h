/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PEER_H
#define PEER_H

/*
 * The peers of the guest's tests: threads that serve unix sockets in DIR, named after
 * the ports of stream.h, and the same TCP ports. Clients wait until peer_start() has started
 * the threads. 0, or -1 after error().
 */
int peer_serve_unix(const char *dir, int port);
int peer_serve_tcp(const char *address, int port);
int peer_start(void);
/* Connect to the unix socket PATH and behave like PORT there. */
int peer_call(const char *path, int port);

#endif
