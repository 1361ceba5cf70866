/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PEER_H
#define PEER_H

/*
 * Who the guest's tests talk to: threads that serve unix sockets in DIR, named
 * after the ports of stream.h, and the same ports of TCP.
 */
int peer_serve_unix(const char *dir, int port);
int peer_serve_tcp(int port);
/* Connect to the unix socket PATH and do there what PORT does. */
int peer_call(const char *path, int port);

#endif
