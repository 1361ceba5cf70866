// SPDX-License-Identifier: GPL-2.0
/* The process that connects to unix sockets for hvhost in its sandbox. */
#define _GNU_SOURCE
#include "broker.h"
#include "hvhost.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct request {
	u8 path, blocking;
};

static const char *known[BROKER_PATHS];
static unsigned int count;
static int broker = -1; /* the socket to it */

/* A message of SIZE bytes at BYTES, with room for a descriptor. */
struct message {
	struct msghdr header;
	struct iovec iov;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
};

static void make_message(struct message *m, void *bytes, size_t size)
{
	memset(m, 0, sizeof(*m));
	m->iov.iov_base = bytes;
	m->iov.iov_len = size;
	m->header.msg_iov = &m->iov;
	m->header.msg_iovlen = 1;
	m->header.msg_control = &m->control;
	m->header.msg_controllen = sizeof(m->control);
}

static int connect_to(const char *path, int flags)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, rc;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	if (fd < 0 || !connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	rc = errno;
	close(fd);
	errno = rc;
	return -1;
}

/* Never waits: hvhost does, with the lock of its loop. */
static int serve(const struct request *request)
{
	int fd;

	if (request->path >= count) {
		errno = EACCES;
		return -1;
	}
	fd = connect_to(known[request->path], SOCK_NONBLOCK);
	if (fd >= 0 && request->blocking)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	return fd;
}

/* Serve at SOCKET until its other end is closed. */
static _Noreturn void run(int socket)
{
	struct request request;
	struct message m;
	int fd, rc;

	while (recv(socket, &request, sizeof(request), 0) == sizeof(request)) {
		fd = serve(&request);
		rc = fd < 0 ? errno : 0;
		make_message(&m, &rc, sizeof(rc));
		if (fd < 0) {
			m.header.msg_control = NULL;
			m.header.msg_controllen = 0;
		} else {
			m.control.header.cmsg_level = SOL_SOCKET;
			m.control.header.cmsg_type = SCM_RIGHTS;
			m.control.header.cmsg_len = CMSG_LEN(sizeof(int));
			memcpy(CMSG_DATA(&m.control.header), &fd, sizeof(fd));
		}
		if (sendmsg(socket, &m.header, MSG_NOSIGNAL) < 0)
			break;
		if (fd >= 0)
			close(fd);
	}
	_exit(0);
}

int broker_start(const char *const *paths, unsigned int n)
{
	int end[2];
	pid_t child;

	if (n > BROKER_PATHS)
		return error("broker: at most %d sockets", BROKER_PATHS);
	memcpy(known, paths, n * sizeof(*paths));
	count = n;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, end))
		return error("broker: socketpair: %s", strerror(errno));
	child = fork();
	if (child < 0)
		return error("broker: fork: %s", strerror(errno));
	close(end[child != 0]);
	if (!child)
		run(end[1]);
	broker = end[0];
	return 0;
}

static int ask(const struct request *request)
{
	struct message m;
	int rc = 0, fd = -1;
	ssize_t n;

	/* a kick interrupts the thread of a vCPU */
	do
		n = send(broker, request, sizeof(*request), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	make_message(&m, &rc, sizeof(rc));
	do
		n = recvmsg(broker, &m.header, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	if (n == sizeof(rc) && !rc && m.header.msg_controllen >= CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(&m.control.header), sizeof(fd));
	if (fd >= 0)
		return fd;
	errno = n == sizeof(rc) ? rc : ECONNRESET;
	if (m.header.msg_flags & MSG_CTRUNC) /* it had no number here */
		errno = EMFILE;
	return -1;
}

int broker_connect(const char *path, int flags)
{
	struct request request = { .blocking = !(flags & SOCK_NONBLOCK) };

	if (broker < 0)
		return connect_to(path, flags);
	while (request.path < count && strcmp(known[request.path], path))
		request.path++;
	return ask(&request);
}
