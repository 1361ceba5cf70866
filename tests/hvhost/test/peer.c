// SPDX-License-Identifier: GPL-2.0
/* The services of the host, when descriptors run out. */
#define _GNU_SOURCE
#include "../peer.h"
#include "../stream.h"
#include "fds.h"
#include "tap.h"
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

static char dir[64];

static int client(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int connects(int fd)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%d", dir, PORT_ECHO);
	return !connect(fd, (void *)&addr, sizeof(addr));
}

/* Is a byte echoed within MS? */
static int echoes(int fd, int ms)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };
	char byte = 'x';

	return send(fd, &byte, 1, MSG_NOSIGNAL) == 1 && poll(&in, 1, ms) == 1 &&
		read(fd, &byte, 1) == 1 && byte == 'x';
}

int main(int argc, char **argv)
{
	int first, second, third;

	if (argc != 2)
		return 2;
	snprintf(dir, sizeof(dir), "%s", argv[1]);
	is(peer_serve_unix(dir, PORT_ECHO), 0, "peer: a service");
	is(peer_start(), 0, "its thread");
	first = client();
	second = client();
	third = client();
	ok(connects(first) && echoes(first, 5000), "it echoes");
	/* accept() has taken a descriptor before it waits for a client */
	take_fds(0);
	ok(connects(second) && echoes(second, 5000), "a client has the last descriptor");
	is(connects(third), 1, "another one connects");
	is(echoes(third, 300), 0, "but there is none for it");
	is(echoes(first, 5000), 1, "those before are served");
	give_fds();
	is(echoes(third, 5000), 1, "with descriptors again it is as well");
	return done();
}
