// SPDX-License-Identifier: GPL-2.0
/* The broker, with and without its process. The sockets are in argv[1]. */
#define _GNU_SOURCE
#include "../broker.h"
#include "../hvhost.h"
#include "fds.h"
#include "tap.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static const char *const paths[] = { "socket", "none", "nobody" };

static int serve(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(addr.sun_path, path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 8))
		exit(1);
	return fd;
}

/* Connect to PATH: 0, or the error. It must come with these FLAGS, and carry a byte to SERVER. */
static int connects(const char *path, int flags, int server)
{
	int fd = broker_connect(path, flags), stream, rc = -1;
	struct pollfd in = { .fd = server, .events = POLLIN };
	char byte = 'x';

	if (fd < 0)
		return errno;
	stream = poll(&in, 1, 5000) == 1 ? accept(server, NULL, NULL) : -1;
	if (stream >= 0 && send(fd, &byte, 1, MSG_NOSIGNAL) == 1 && read(stream, &byte, 1) == 1 &&
	    !(fcntl(fd, F_GETFL) & O_NONBLOCK) == !(flags & SOCK_NONBLOCK) &&
	    fcntl(fd, F_GETFD) == FD_CLOEXEC)
		rc = 0;
	close(stream);
	close(fd);
	return rc;
}

/* Streams that nobody has at the other end. */
static void drain(int server)
{
	struct pollfd in = { .fd = server, .events = POLLIN };

	while (poll(&in, 1, 0) == 1)
		close(accept(server, NULL, NULL));
}

static void sockets(int server, const char *how)
{
	int before = open_fds();

	ok(!connects("socket", SOCK_NONBLOCK, server), "%s: a stream that does not wait", how);
	is(connects("socket", 0, server), 0, "one that does");
	is(connects("none", 0, server), ENOENT, "a socket that is not there");
	is(connects("nobody", 0, server), ECONNREFUSED, "one that nobody serves");
	is(open_fds(), before, "no descriptor is left");
	take_fds(0);
	is(connects("socket", 0, server), EMFILE, "no descriptor is free");
	give_fds();
	drain(server);
	is(connects("socket", 0, server), 0, "now there is");
}

int main(int argc, char **argv)
{
	int server, status;

	if (argc != 2 || chdir(argv[1]))
		return 2;
	server = serve("socket");
	close(serve("nobody"));
	close(serve("other"));
	sockets(server, "broker: without its process");
	is(broker_start(paths, BROKER_PATHS + 1), -1, "more sockets than it takes");
	is(broker_start(paths, ARRAY_SIZE(paths)), 0, "its process");
	sockets(server, "by it");
	is(connects("other", 0, server), EACCES, "a socket that it was not told of");
	is(connects("./socket", 0, server), EACCES, "nor one by another name");
	closefrom(server); /* and the socket to the process */
	is(wait(&status) > 0 && WIFEXITED(status) && !WEXITSTATUS(status), 1,
	   "it ends with hvhost");
	return done();
}
