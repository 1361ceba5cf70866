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
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
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
#define BLOCK	     "/sys/block"
#define MUTANT_GUID  "-0000-4000-8000-" /* and twelve digits, the last two are 4d */
#define DEVICES	     16
#define FRAMES	     8
#define CHUNK	     (64 << 10)
#define CHUNKS	     8
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

/* PASS if the kernel's line has WORD, or a row that is a skip, and WHY it is not one of all boots. */
static int asked_for(const char *word, const char *why)
{
	char line[4096];

	if (read_file("/proc/cmdline", line, sizeof(line)) < 0)
		return FAIL;
	return strstr(line, word) ? PASS : skip("%s (docs/hyperv-smoke.md): CMDLINE=%s", why, word);
}

/* May a PCI bus lie? PASS, or what the row is. */
static int may_lie(void)
{
	int rc = has_pci();

	if (rc)
		return rc;
	if (trusting())
		return skip("4.19 does not validate messages of PCI (docs/hyperv-smoke.md)");
	return asked_for("wsl.hostile=pci", "some seeds crash a guest that starts a bus");
}

static int pci_bus(const char *arg)
{
	int rc = may_lie();

	return rc ? rc : sent(arg);
}

/* Is a device with this link in /sys one of the mutator's? hvhost/hostile_mutants.c: INSTANCE */
static int is_mutant(const char *link)
{
	const char *at = strstr(link, MUTANT_GUID);

	return at && strlen(at) >= strlen(MUTANT_GUID) + 12 &&
		!strncmp(at + strlen(MUTANT_GUID) + 10, "4d", 2);
}

/* Give a network card a few frames, which come back. */
static void send_frames(const char *name)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_ifindex = if_nametoindex(name),
				  .sll_halen = 6,
				  .sll_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char frame[60] = "changed messages";

	to.sll_protocol = htons(ETH_P_802_EX1);
	for (int i = 0; i < FRAMES; i++)
		sendto(fd, frame, sizeof(frame), 0, (void *)&to, sizeof(to));
	close(fd);
}

/* Read the start of a disk and write it back; what comes of it is the device's. */
static void use_disk(const char *name)
{
	static char buf[CHUNK] __attribute__((aligned(4096)));
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/%.16s", name);
	fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	for (int i = 0; i < CHUNKS; i++)
		if (pread(fd, buf, sizeof(buf), (off_t)i * sizeof(buf)) == sizeof(buf))
			pwrite(fd, buf, sizeof(buf), (off_t)i * sizeof(buf));
	close(fd);
}

/* The first time that a device is seen with this link? */
static int is_new(const char *link)
{
	static char seen[DEVICES][300];
	static int next;

	for (int i = 0; i < DEVICES; i++)
		if (!strcmp(seen[i], link))
			return 0;
	snprintf(seen[next++ % DEVICES], sizeof(seen[0]), "%s", link);
	return 1;
}

/* Each entry of DIR, a directory of links in /sys, that is a hostile device. */
static void use_each(const char *dir, void (*use)(const char *name, const char *link))
{
	struct dirent *entry;
	DIR *d = opendir(dir);

	while (d && (entry = readdir(d))) {
		char path[300], link[300];
		ssize_t n;

		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		n = readlink(path, link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = '\0';
		if (is_mutant(link) || strstr(link, HOSTILE_CARD))
			use(entry->d_name, link);
	}
	if (d)
		closedir(d);
}

/* Set it up each time: its driver gives it buffers then. */
static void card(const char *name, const char *link)
{
	struct ifreq request = { .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%.15s", name);
	if (!ioctl(fd, SIOCSIFFLAGS, &request) && is_mutant(link) && is_new(link))
		send_frames(name);
	close(fd);
}

/* Once: a disk that goes must have no request. */
static void block(const char *name, const char *link)
{
	if (is_new(link))
		use_disk(name);
}

/* Use the hostile devices that come, for ever. */
static void use_devices(void)
{
	if (first_network())
		_exit(1);
	for (;; usleep(50000)) {
		use_each(NETWORK, card);
		use_each(BLOCK, block);
	}
}

/* ROW, while another process uses the devices. */
static int under_load(int (*row)(const char *arg), const char *arg)
{
	pid_t child = fork();
	int rc;

	if (child < 0)
		return failed("fork: %s", strerror(errno));
	if (!child)
		use_devices();
	rc = row(arg);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return rc;
}

static int virtio_card(const char *arg)
{
	int rc = may_lie();

	return rc ? rc : under_load(sent, arg);
}

/* A device at a time, as many as ARG says: the others must work after each. */
static int devices(const char *arg)
{
	int rc = PASS;

	for (int i = 0; i < atoi(arg) && rc == PASS; i++)
		rc = sent("mutants 1");
	return rc;
}

static int mutants(const char *arg)
{
	int rc;

	if (trusting())
		return skip("4.19 does not validate its input (docs/hyperv-smoke.md)");
	rc = asked_for("wsl.hostile=mutants", "few seeds were booted");
	return rc ? rc : under_load(devices, arg);
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

static int hostile_mutants(const char *arg)
{
	return watched(mutants, arg);
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
	{ "changed messages of valid devices", hostile_mutants, "5" },
	{ "streams with invalid lengths and indices", hostile_streams, NULL },
	{ NULL, NULL, NULL },
};
