// SPDX-License-Identifier: GPL-2.0
/* The host's end of the test streams, for hv_sock and for TCP. */
#define _GNU_SOURCE
#include "peer.h"
#include "broker.h"
#include "drive.h"
#include "loop.h"
#include "stream.h"
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SERVICES 10 /* of three kinds, on a unix socket and on two network cards; the drive */

struct job {
	int fd, port;
};

static struct job services[SERVICES]; /* of which the first have no thread yet: */
static int waiting;

int send_all(int fd, const void *buf, size_t len)
{
	ssize_t n;

	for (size_t done = 0; done < len; done += n) {
		n = send(fd, (const char *)buf + done, len - done, MSG_NOSIGNAL);
		if (n <= 0)
			return -1;
	}
	return 0;
}

static void echo(int fd)
{
	char buf[16384];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (send_all(fd, buf, n))
			return;
	shutdown(fd, SHUT_WR);
}

static void sink(int fd)
{
	char buf[16384], text[64];
	u64 at = 0, bad = ~0ull;
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		size_t good = stream_check(buf, at, n);

		if (good < (size_t)n && bad == ~0ull)
			bad = at + good;
		at += n;
	}
	snprintf(text, sizeof(text), bad == ~0ull ? "ok %llu\n" : "bad at %llu\n",
		 (unsigned long long)(bad == ~0ull ? at : bad));
	send_all(fd, text, strlen(text));
}

static void source(int fd)
{
	char buf[16384];

	for (u64 at = 0; at < STREAM_BYTES; at += sizeof(buf)) {
		stream_make(buf, at, sizeof(buf));
		if (send_all(fd, buf, sizeof(buf)))
			return;
	}
	shutdown(fd, SHUT_WR);
	while (read(fd, buf, sizeof(buf)) > 0)
		;
}

static void *work(void *arg)
{
	struct job job = *(struct job *)arg;

	free(arg);
	if (job.port == PORT_SINK)
		sink(job.fd);
	else if (job.port == PORT_SOURCE)
		source(job.fd);
	else if (job.port == PORT_DRVFS)
		drive_serve(job.fd);
	else
		echo(job.fd);
	close(job.fd);
	return NULL;
}

static int start(void *(*run)(void *arg), int fd, int port)
{
	struct job *job = malloc(sizeof(*job));
	pthread_t thread;

	if (!job)
		return -1;
	job->fd = fd;
	job->port = port;
	if (pthread_create(&thread, NULL, run, job)) {
		free(job);
		return error("pthread_create: %s", strerror(errno));
	}
	pthread_detach(thread);
	return 0;
}

static void *serve(void *arg)
{
	struct job job = *(struct job *)arg;
	int fd, failed = 0;

	free(arg);
	for (;;) {
		fd = accept4(job.fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && failed++ == 0)
			error("port %d: accept: %s", job.port, strerror(errno));
		if (fd < 0 && !accept_passes(errno))
			return NULL;
		if (fd < 0)
			usleep(ACCEPT_RETRY_MS * 1000);
		else if (start(work, fd, job.port))
			close(fd);
	}
}

static int serve_later(int fd, int port)
{
	if (waiting == SERVICES)
		return error("port %d: at most %d services", port, SERVICES);
	services[waiting++] = (struct job){ fd, port };
	return 0;
}

int peer_start(void)
{
	while (waiting) {
		waiting--;
		if (start(serve, services[waiting].fd, services[waiting].port))
			return -1;
	}
	return 0;
}

int peer_serve_unix(const char *dir, int port)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%d", dir, port);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 64))
		return error("%s: %s", addr.sun_path, strerror(errno));
	return serve_later(fd, port);
}

int peer_serve_tcp(const char *address, int port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = inet_addr(address),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 16))
		return error("%s:%d: %s", address, port, strerror(errno));
	return serve_later(fd, port);
}

int peer_call(const char *path, int port)
{
	int fd = broker_connect(path, 0);

	if (fd < 0)
		return -1;
	if (start(work, fd, port)) {
		close(fd);
		return -1;
	}
	return 0;
}
