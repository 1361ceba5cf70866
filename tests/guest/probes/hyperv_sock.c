// SPDX-License-Identifier: GPL-2.0
/* hv_sock (AF_VSOCK over VMBus), and the network card. */
#define _GNU_SOURCE
#include "../../hvhost/stream.h"
#include "hyperv.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/vm_sockets.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define STREAMS	    32
#define STREAM_PART (64 << 10) /* per stream */
#define CHUNK	    (64 << 10)
#define LAST_PART   (STREAM_BYTES - 4096) /* from there on it fits into the ring, with the FIN */

static int vsock_connect(unsigned int port)
{
	struct sockaddr_vm at = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_HOST,
		.svm_port = port,
	};
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return failed("socket(AF_VSOCK): %s", strerror(errno));
	if (connect(fd, (void *)&at, sizeof(at))) {
		diag("connect to port %u of the host: %s", port, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

/* Send BYTES of data, shut down our direction, and read the result from the peer. */
static int send_bytes(int fd, size_t bytes)
{
	char *buf = malloc(CHUNK), text[64] = "", want[64];
	size_t have = 0, at;
	ssize_t n = 1;

	for (at = 0; buf && at < bytes; at += CHUNK) {
		stream_make(buf, at, CHUNK);
		for (size_t done = 0; done < CHUNK; done += n) {
			n = send(fd, buf + done, CHUNK - done, MSG_NOSIGNAL);
			if (n <= 0) {
				free(buf);
				return failed("send at %zu: %s", at + done, strerror(errno));
			}
		}
	}
	free(buf);
	/* the other direction stays open */
	if (shutdown(fd, SHUT_WR))
		return failed("shutdown: %s", strerror(errno));
	while (have < sizeof(text) - 1 && (n = read(fd, text + have, sizeof(text) - 1 - have)) > 0)
		have += n;
	text[have] = '\0';
	snprintf(want, sizeof(want), "ok %zu\n", bytes);
	if (strcmp(text, want))
		return failed("the host answered \"%.*s\", expected \"ok %zu\"",
			      (int)strcspn(text, "\n"), text, bytes);
	return PASS;
}

static int send_stream(int fd)
{
	return send_bytes(fd, STREAM_BYTES);
}

/*
 * Receive the data to the end of the stream. With PAUSE, milliseconds, wait that long
 * before the last part, so that the host has sent its FIN too.
 */
static int take_stream(int fd, int pause)
{
	char *buf = malloc(CHUNK);
	size_t at = 0, good, part;
	ssize_t n = 0;
	int rc = PASS;

	while (buf && !rc) {
		part = CHUNK;
		if (pause && at < LAST_PART && LAST_PART - at < CHUNK)
			part = LAST_PART - at;
		if (pause && at == LAST_PART)
			usleep(pause * 1000);
		n = read(fd, buf, part);
		if (n <= 0)
			break;
		good = stream_check(buf, at, n);
		if (good < (size_t)n)
			rc = failed("byte %zu differs from what was sent", at + good);
		at += n;
	}
	free(buf);
	if (!rc && (n < 0 || at != STREAM_BYTES))
		rc = failed("%zu of %lu bytes received: %s", at, STREAM_BYTES,
			    n < 0 ? strerror(errno) : "the stream ended");
	return rc;
}

static int speed(int rc, long began)
{
	long ms = now_ms() - began;

	if (rc == PASS)
		diag("%ld kB/s", (long)(STREAM_BYTES / 1024 * 1000) / (ms ? ms : 1));
	return rc;
}

static int to_host(const char *arg)
{
	int fd = vsock_connect(PORT_SINK);
	long began = now_ms();

	(void)arg;
	return fd < 0 ? FAIL : speed(send_stream(fd), began);
}

static int from_host(const char *arg)
{
	int fd = vsock_connect(PORT_SOURCE);
	long began = now_ms();

	(void)arg;
	return fd < 0 ? FAIL : speed(take_stream(fd, 0), began);
}

int sock_end(const char *arg)
{
	int fd = vsock_connect(PORT_SOURCE), rc;

	(void)arg;
	rc = fd < 0 ? FAIL : take_stream(fd, 500);
	close(fd);
	return rc;
}

/* Have the host connect and behave like port WHAT. */
static int host_calls(int listener, int what)
{
	struct pollfd in = { .fd = listener, .events = POLLIN };
	char answer[32];
	int fd;

	if (host_ask(answer, sizeof(answer), "call %d %d", PORT_GUEST, what))
		return -1;
	if (poll(&in, 1, 10000) != 1)
		return failed("nothing to accept on port %d within 10 s", PORT_GUEST);
	fd = accept(listener, NULL, NULL);
	return fd < 0 ? failed("accept: %s", strerror(errno)) : fd;
}

static int called(const char *arg)
{
	struct sockaddr_vm at = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = PORT_GUEST,
	};
	int listener = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0), fd, rc;

	(void)arg;
	if (listener < 0 || bind(listener, (void *)&at, sizeof(at)) || listen(listener, 8))
		return failed("listen on vsock port %d: %s", PORT_GUEST, strerror(errno));
	fd = host_calls(listener, PORT_SINK);
	rc = fd < 0 ? FAIL : send_stream(fd);
	close(fd);
	if (rc)
		return rc;
	fd = host_calls(listener, PORT_SOURCE);
	return fd < 0 ? FAIL : take_stream(fd, 0);
}

static int echo_part(int *fds, char *buf)
{
	size_t sent[STREAMS] = { 0 }, got[STREAMS] = { 0 }, left = STREAMS;
	struct pollfd p[STREAMS];
	ssize_t n;
	int i;

	while (left) {
		for (i = 0; i < STREAMS; i++) {
			p[i].fd = got[i] < STREAM_PART ? fds[i] : -1;
			p[i].events = POLLIN | (sent[i] < STREAM_PART ? POLLOUT : 0);
		}
		if (poll(p, STREAMS, 30000) <= 0)
			return failed("%zu of %d streams are stalled", left, STREAMS);
		for (i = 0; i < STREAMS; i++) {
			if (p[i].fd >= 0 && p[i].revents & POLLOUT) {
				size_t len =
					STREAM_PART - sent[i] < 4096 ? STREAM_PART - sent[i] : 4096;

				/* each stream sends a different part of the data */
				stream_make(buf, (size_t)i * STREAM_PART + sent[i] / 8 * 8, 4104);
				n = send(fds[i], buf + sent[i] % 8, len,
					 MSG_NOSIGNAL | MSG_DONTWAIT);
				if (n < 0 && errno != EAGAIN)
					return failed("stream %d: send: %s", i, strerror(errno));
				sent[i] += n > 0 ? n : 0;
			}
			if (p[i].fd >= 0 && p[i].revents & (POLLIN | POLLHUP)) {
				n = recv(fds[i], buf, 4096, MSG_DONTWAIT);
				if (n == 0 || (n < 0 && errno != EAGAIN))
					return failed("stream %d ended after %zu bytes", i, got[i]);
				if (n < 0)
					continue;
				if (stream_check(buf, (size_t)i * STREAM_PART + got[i], n) !=
				    (size_t)n)
					return failed(
						"stream %d: the echo differs from what was sent",
						i);
				got[i] += n;
				left -= got[i] == STREAM_PART;
			}
		}
	}
	return PASS;
}

static int many(const char *arg)
{
	char *buf = malloc(8192);
	int fds[STREAMS], i, rc = PASS;

	(void)arg;
	for (i = 0; i < STREAMS; i++) {
		fds[i] = vsock_connect(PORT_ECHO);
		if (fds[i] < 0)
			return failed("stream %d of %d", i + 1, STREAMS);
	}
	if (buf)
		rc = echo_part(fds, buf);
	for (i = 0; i < STREAMS; i++)
		close(fds[i]);
	free(buf);
	return rc;
}

/*
 * The host refuses by silence: no line of the kernel reads its TL_CONNECT_RESULT, so connect()
 * waits its 2 s. Every error that comes without a host is another one.
 */
static int nobody(const char *arg)
{
	struct sockaddr_vm at = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_HOST,
		.svm_port = PORT_NOBODY,
	};
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0), error;
	long began = now_ms(), took;

	(void)arg;
	if (fd < 0)
		return failed("socket(AF_VSOCK): %s", strerror(errno));
	error = connect(fd, (void *)&at, sizeof(at)) ? errno : 0;
	took = now_ms() - began;
	close(fd);
	diag("%s after %ld ms", error ? strerror(error) : "connected", took);
	if (error != ETIMEDOUT)
		return failed("expected %s", strerror(ETIMEDOUT));
	return took <= 3000 ? PASS : failed("it took %ld ms, expected at most 3000", took);
}

const struct probe hyperv_sock_probes[] = {
	{ "16 MB to the host, and its answer after our shutdown", to_host, NULL },
	{ "16 MB from the host", from_host, NULL },
	{ "the end of a stream, with the last data unread", sock_end, NULL },
	{ "the host connects: 16 MB each way", called, NULL },
	{ "32 streams at once", many, NULL },
	{ "connect to an unserved port times out within 3 s", nobody, NULL },
	{ NULL, NULL, NULL },
};

/* ---- the network card, in the initial network namespace */

static int set_address(int sock, const char *name, const char *address)
{
	struct ifreq ifr = { 0 };
	struct sockaddr_in *addr = (void *)&ifr.ifr_addr;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	addr->sin_family = AF_INET;
	inet_pton(AF_INET, address, &addr->sin_addr);
	if (ioctl(sock, SIOCSIFADDR, &ifr))
		return failed("%s: set address: %s", name, strerror(errno));
	inet_pton(AF_INET, "255.255.255.0", &addr->sin_addr);
	if (ioctl(sock, SIOCSIFNETMASK, &ifr) || ioctl(sock, SIOCGIFFLAGS, &ifr))
		return failed("%s: set netmask: %s", name, strerror(errno));
	ifr.ifr_flags |= IFF_UP;
	return ioctl(sock, SIOCSIFFLAGS, &ifr) ? failed("%s up: %s", name, strerror(errno)) : 0;
}

static int enter(void)
{
	int fd = open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		return failed("the initial network namespace: %s", strerror(errno));
	close(fd);
	return 0;
}

static int no_card(void)
{
	char answer[200];

	if (host_ask(answer, sizeof(answer), "about"))
		return FAIL;
	return strstr(answer, " net=1") ? PASS : skip("the host has no tap interface");
}

/* The interface of the driver, or -1: the order in which they come is not defined. */
static int card_find(const char *driver, char *name, size_t size)
{
	char path[64 + 256], link[256];
	struct dirent *entry;
	DIR *d = opendir("/sys/class/net");
	int found = 0;

	while (d && !found && (entry = readdir(d))) {
		ssize_t len;

		snprintf(path, sizeof(path), "/sys/class/net/%s/device/driver", entry->d_name);
		len = readlink(path, link, sizeof(link) - 1);
		link[len > 0 ? len : 0] = '\0';
		if (len > 0 && !strcmp(strrchr(link, '/') + 1, driver)) {
			snprintf(name, size, "%.15s", entry->d_name);
			found = 1;
		}
	}
	if (d)
		closedir(d);
	return found ? 0 : -1;
}

int card_up(const char *driver, const char *address)
{
	char name[IFNAMSIZ], path[64], text[8];
	int tries = 0, sock;

	if (enter())
		return FAIL;
	while (card_find(driver, name, sizeof(name))) {
		if (tries++ == 100)
			return failed("no interface has the driver %s after 10 s", driver);
		usleep(100000);
	}
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (set_address(sock, name, address))
		return FAIL;
	snprintf(path, sizeof(path), "/sys/class/net/%s/carrier", name);
	for (int i = 0; i < 50; i++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

		close(fd);
		if (n > 0 && text[0] == '1')
			return PASS;
		usleep(100000);
	}
	return failed("%s has no carrier after 5 s", name);
}

static int link_up(const char *arg)
{
	int rc = no_card();

	(void)arg;
	return rc ? rc : card_up("hv_netvsc", NET_GUEST);
}

static int ping(const char *arg)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	struct {
		struct icmphdr h;
		char text[48];
	} out = { .h.type = ICMP_ECHO }, in;
	struct timeval wait = { .tv_sec = 1 };
	int rc = no_card(), sock;
	unsigned int sum = 0;

	(void)arg;
	if (rc || enter())
		return rc ? rc : FAIL;
	sock = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	inet_pton(AF_INET, NET_HOST, &at.sin_addr);
	strcpy(out.text, "through the network card");
	out.h.un.echo.id = 7;
	for (size_t i = 0; i < sizeof(out) / 2; i++)
		sum += ((unsigned short *)&out)[i];
	sum = (sum >> 16) + (sum & 0xffff);
	out.h.checksum = ~(sum + (sum >> 16));
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	for (int i = 0; i < 10; i++) {
		char packet[256];
		ssize_t n;

		sendto(sock, &out, sizeof(out), 0, (void *)&at, sizeof(at));
		n = recv(sock, packet, sizeof(packet), 0);
		if (n < (ssize_t)(20 + sizeof(in)))
			continue;
		memcpy(&in, packet + 20, sizeof(in));
		if (in.h.type == ICMP_ECHOREPLY && !strcmp(in.text, out.text))
			return PASS;
	}
	return failed("no echo from %s within 10 s", NET_HOST);
}

static int tcp_connect(const char *host, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, host, &at.sin_addr);
	if (fd < 0 || connect(fd, (void *)&at, sizeof(at)))
		return failed("connect to %s:%d: %s", host, port, strerror(errno));
	return fd;
}

/* Receive and check the first BYTES of what the peer sends. */
static int take_bytes(int fd, size_t bytes)
{
	char *buf = malloc(CHUNK);
	size_t at = 0, good;
	ssize_t n = 1;

	while (buf && at < bytes && (n = read(fd, buf, CHUNK)) > 0) {
		good = stream_check(buf, at, n);
		if (good < (size_t)n)
			return failed("byte %zu differs from what was sent", at + good);
		at += n;
	}
	free(buf);
	return at < bytes ? failed("%zu of %zu bytes received: %s", at, bytes,
				   n < 0 ? strerror(errno) : "the stream ended") :
			    PASS;
}

int card_streams(const char *host, size_t bytes)
{
	int fd, rc;

	if (enter())
		return FAIL;
	fd = tcp_connect(host, PORT_SINK);
	rc = fd < 0 ? FAIL : send_bytes(fd, bytes);
	close(fd);
	if (rc)
		return rc;
	fd = tcp_connect(host, PORT_SOURCE);
	rc = fd < 0 ? FAIL : take_bytes(fd, bytes);
	close(fd);
	return rc;
}

static int tcp(const char *arg)
{
	int rc = no_card(), fd;
	long began = now_ms();

	(void)arg;
	if (rc || enter())
		return rc ? rc : FAIL;
	fd = tcp_connect(NET_HOST, PORT_SINK);
	rc = fd < 0 ? FAIL : speed(send_stream(fd), began);
	close(fd);
	if (rc)
		return rc;
	began = now_ms();
	fd = tcp_connect(NET_HOST, PORT_SOURCE);
	return fd < 0 ? FAIL : speed(take_stream(fd, 0), began);
}

const struct probe hyperv_net_probes[] = {
	{ "the card has a link", link_up, NULL },
	{ "ping", ping, NULL },
	{ "16 MB over TCP, each way", tcp, NULL },
	{ NULL, NULL, NULL },
};
