// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile Hyper-V host: the kernel may warn, but must neither crash nor hang. The host
 * (tests/hvhost/hostile.c) draws what it sends from a seed, which is printed. After each
 * part the other devices must still work.
 */
#define _GNU_SOURCE
#include "../../hvhost/stream.h"
#include "hyperv.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BYTES	     (256 << 10)
#define ECHO_BYTES   4096
#define STREAMS	     24
#define READS	     8 /* per stream */
#define STREAM_MS    300
#define READ_ALL     3 /* klogctl: SYSLOG_ACTION_READ_ALL */
#define NETWORK	     "/sys/class/net"
#define HOSTILE_CARD "/0060:00:00.0/" /* hvhost/hostile_pci.c: DOMAIN */

/* Reads the disk, not the page cache. */
static int disk_answers(void)
{
	char dev[32], *buf = aligned_alloc(4096, BYTES);
	int fd, rc = PASS;

	if (disk_first(dev, sizeof(dev)))
		return FAIL;
	fd = open(dev, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (fd < 0 || !buf || read(fd, buf, BYTES) != BYTES)
		rc = failed("%s: %s", dev, strerror(errno));
	close(fd);
	free(buf);
	return rc;
}

static int vsock_connect(int port)
{
	struct sockaddr_vm at = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_HOST,
		.svm_port = port,
	};
	struct timeval wait = { .tv_sec = 10 };
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (void *)&at, sizeof(at)))
		return failed("connect to port %d of the host: %s", port, strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	return fd;
}

static int echo_answers(void)
{
	char buf[ECHO_BYTES];
	size_t have = 0;
	ssize_t n = 1;
	int fd;

	if (hyperv_streams(NULL) == SKIP)
		return PASS;
	fd = vsock_connect(PORT_ECHO);
	if (fd < 0)
		return FAIL;
	stream_make(buf, 0, sizeof(buf));
	if (send(fd, buf, sizeof(buf), MSG_NOSIGNAL) != sizeof(buf))
		return failed("send: %s", strerror(errno));
	memset(buf, 0, sizeof(buf));
	while (have < sizeof(buf) && (n = read(fd, buf + have, sizeof(buf) - have)) > 0)
		have += n;
	close(fd);
	return have == sizeof(buf) && stream_check(buf, 0, have) == have ?
		PASS :
		failed("%zu bytes came back", have);
}

static int heart_beats(void)
{
	long long first = host_number("heartbeats"), now = first;

	for (int i = 0; i < 100 && now >= 0 && now == first; i++) {
		usleep(100000);
		now = host_number("heartbeats");
	}
	return now > first ? PASS : failed("no heartbeat within 10 s");
}

/* Print the end of the kernel's log. */
static void last_words(void)
{
	static char log[900];
	int n = klogctl(READ_ALL, log, sizeof(log) - 1);
	char *rest = log, *line;

	log[n > 0 ? n : 0] = '\0';
	while ((line = strsep(&rest, "\n")))
		diag("| %s", line);
}

/* This kernel does not validate lengths and ids from the host. */
static int trusting(void)
{
	return !kernel_at_least(5, 0);
}

static int still_answers(void)
{
	return disk_answers() || echo_answers() || heart_beats() ? FAIL : PASS;
}

/* ARG: the kind, and how many. */
static int sent(const char *arg)
{
	char answer[200];

	if (still_answers())
		return failed("a device failed before anything was sent");
	if (host_ask(answer, sizeof(answer), "hostile %s%s", arg, trusting() ? " trusting" : "")) {
		last_words();
		return FAIL;
	}
	diag("%s", answer);
	for (int i = 0; trusting() && !strncmp(arg, "messages", 8); i++) {
		if (host_ask(answer, sizeof(answer), "left-out %d", i))
			return FAIL;
		if (!*answer)
			break;
		diag("not sent, this kernel does not validate its input: %s", answer);
	}
	return still_answers();
}

/* A read may fail, end, or return anything; it must return. */
static int streams(const char *arg)
{
	int ends = 0, errors = 0, bytes = 0;
	char buf[ECHO_BYTES], answer[200];

	(void)arg;
	if (hyperv_streams(NULL) == SKIP)
		return SKIP;
	if (trusting())
		return skip(
			"4.19 does not validate the lengths in a packet (docs/hyperv-smoke.md)");
	if (still_answers())
		return failed("a device failed before anything was sent");
	for (int i = 0; i < STREAMS; i++) {
		int fd = vsock_connect(PORT_HOSTILE);
		struct pollfd in = { .fd = fd, .events = POLLIN };
		ssize_t n = 0;

		if (fd < 0) {
			last_words();
			return failed("stream %d", i);
		}
		/* for some packets the guest does not wake the reader */
		for (int j = 0; j < READS && poll(&in, 1, STREAM_MS) > 0; j++) {
			n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
			if (n <= 0)
				break;
			bytes += n;
		}
		ends += n == 0;
		errors += n < 0;
		close(fd);
	}
	diag("%d streams: %d ended, %d failed, %d bytes received", STREAMS, ends, errors, bytes);
	if (host_ask(answer, sizeof(answer), "hostile said"))
		return FAIL;
	diag("%s", answer);
	return still_answers();
}

/* May a PCI bus lie? PASS, or what the row is. */
static int may_lie(void)
{
	char line[4096];
	int rc = has_pci();

	if (rc)
		return rc;
	if (trusting())
		return skip("4.19 does not validate messages of PCI (docs/hyperv-smoke.md)");
	if (read_file("/proc/cmdline", line, sizeof(line)) < 0)
		return FAIL;
	return strstr(line, "wsl.hostile=pci") ?
		PASS :
		skip("some seeds crash a guest that starts a bus (docs/hyperv-smoke.md): "
		     "CMDLINE=wsl.hostile=pci");
}

static int pci_bus(const char *arg)
{
	int rc = may_lie();

	return rc ? rc : sent(arg);
}

/* Set each network card of the hostile bus up, for ever: its driver gives it buffers then. */
static void set_cards_up(void)
{
	int fd = -1;

	if (!first_network())
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (;; usleep(50000)) {
		DIR *d = opendir(NETWORK);
		struct dirent *entry;

		while (d && (entry = readdir(d))) {
			struct ifreq request = { .ifr_flags = IFF_UP };
			char path[300], to[300];
			ssize_t n;

			snprintf(path, sizeof(path), NETWORK "/%s", entry->d_name);
			n = readlink(path, to, sizeof(to) - 1);
			to[n > 0 ? n : 0] = '\0';
			if (!strstr(to, HOSTILE_CARD))
				continue;
			snprintf(request.ifr_name, sizeof(request.ifr_name), "%.15s",
				 entry->d_name);
			ioctl(fd, SIOCSIFFLAGS, &request);
		}
		if (d)
			closedir(d);
	}
}

static int virtio_card(const char *arg)
{
	pid_t child;
	int rc = may_lie();

	if (rc)
		return rc;
	child = fork();
	if (child < 0)
		return failed("fork: %s", strerror(errno));
	if (!child)
		set_cards_up();
	rc = sent(arg);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return rc;
}

/*
 * ROW, and whether the kernel reported a fault meanwhile. The bus driver says by a WARNING that a
 * message was invalid; any other report is one.
 */
static int watched(int (*row)(const char *arg), const char *arg)
{
	int fd = kmsg_open(), rc, said, warnings;

	if (fd < 0)
		return FAIL;
	rc = row(arg);
	said = rc == SKIP ? PASS : kmsg_faults(fd, "drivers/hv/", &warnings);
	close(fd);
	if (rc == SKIP)
		return rc;
	diag("%d kernel warnings", warnings);
	return said == PASS ? rc : FAIL;
}

static int hostile(const char *arg)
{
	return watched(sent, arg);
}

static int hostile_pci(const char *arg)
{
	return watched(pci_bus, arg);
}

static int hostile_virtio(const char *arg)
{
	return watched(virtio_card, arg);
}

static int hostile_streams(const char *arg)
{
	return watched(streams, arg);
}

const struct probe hyperv_hostile_probes[] = {
	{ "200 invalid messages", hostile, "messages 200" },
	{ "wrong answers for GPADLs and channels", hostile, "answers 12" },
	{ "invalid packets of a disk", hostile, "packets 8" },
	{ "invalid messages of a PCI bus", hostile_pci, "pci 6" },
	{ "wrong registers and rings of a virtio card", hostile_virtio, "virtio 4" },
	{ "streams with invalid lengths and indices", hostile_streams, NULL },
	{ NULL, NULL, NULL },
};
