/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PEER_H
#define PEER_H

#include <stddef.h>

/*
 * The peers of the guest's tests: threads that serve unix sockets in DIR, named after the ports
 * of stream.h, and the same TCP ports, which the drive has not. Clients wait until peer_start()
 * has started the threads. 0, or -1 after error().
 */
int peer_serve_unix(const char *dir, int port);
int peer_serve_tcp(const char *address, int port);
int peer_start(void);
/* Connect to the unix socket PATH and behave like PORT there. */
int peer_call(const char *path, int port);
/* All LEN bytes, to a socket: 0, or -1 at the end of the stream. */
int send_all(int fd, const void *buf, size_t len);

#endif
