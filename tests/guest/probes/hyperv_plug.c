// SPDX-License-Identifier: GPL-2.0
/*
 * Hot plug and removal of disks under load on another disk. Each disk has its own
 * controller, which is offered, used and rescinded. Nothing may be left of them.
 */
#define _GNU_SOURCE
#include "../../hvhost/stream.h"
#include "hyperv.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLUGS	   50
#define WARM	   10 /* caches have reached their size by then */
#define SECTORS	   (16l << 11)
#define PLUG_MS	   30000
#define BYTES	   (256l << 10) /* written to each of them */
#define LOAD_BYTES (1l << 20)
#define LOAD_REST  20000 /* us between two files, for the single processor */

static const char *const dirs[] = {
	"/sys/bus/vmbus/devices", "/sys/block",		  "/sys/class/scsi_host",
	"/sys/class/scsi_device", "/sys/class/scsi_disk", "/sys/class/bdi",
};
#define DIRS (sizeof(dirs) / sizeof(dirs[0]))

int dir_entries(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

/* A row of /proc/meminfo in kB; 0 if the kernel does not have it. */
static long meminfo(const char *row)
{
	char text[8192], *at;

	if (read_file("/proc/meminfo", text, sizeof(text)) < 0)
		return 0;
	at = strstr(text, row);
	return at ? atol(at + strlen(row)) : 0;
}

/* Write and flush files until killed. */
static pid_t load(void)
{
	pid_t pid = fork();

	while (!pid) {
		if (write_stream("ext4/load", LOAD_BYTES))
			_exit(1);
		usleep(LOAD_REST);
	}
	return pid;
}

/* 0, or -1 if it had failed before. */
static int end_load(pid_t pid)
{
	int early = waitpid(pid, NULL, WNOHANG) == pid;

	if (early)
		return failed("the load on the first disk failed");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}

struct leak {
	const char *row;
	long max; /* kB */
	long before;
};

/* Measure memory use without dirty or cached data. */
static void measure(struct leak *leaks, int n, int after)
{
	sync();
	write_file("/proc/sys/vm/drop_caches", "3");
	/* freed after a grace period, or by work that is queued */
	usleep(500000);
	for (int i = 0; i < n; i++) {
		long now = strcmp(leaks[i].row, "MemFree:") ? meminfo(leaks[i].row) : free_kb();

		if (after)
			leaks[i].before -= now;
		else
			leaks[i].before = now;
	}
}

struct events {
	int uevent, log;
};

/* Listen to uevents, and to the log for "Attached SCSI disk". */
static int listen_to(struct events *e)
{
	struct sockaddr_nl at = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int size = 4 << 20;

	e->uevent = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (e->uevent < 0 || bind(e->uevent, (void *)&at, sizeof(at)))
		return failed("uevents: %s", strerror(errno));
	setsockopt(e->uevent, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	e->log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (e->log < 0 || lseek(e->log, 0, SEEK_END) < 0)
		return failed("/dev/kmsg: %s", strerror(errno));
	return 0;
}

/*
 * Wait until the driver has scanned the controller and the disk is set up: a guest waits
 * forever for a request that is outstanding at the rescind.
 */
static int settled(const struct events *e)
{
	struct pollfd in[] = {
		{ .fd = e->uevent, .events = POLLIN },
		{ .fd = e->log, .events = POLLIN },
	};
	int bound = 0, attached = 0;
	char text[8192];
	ssize_t n;

	while (!bound || !attached) {
		if (poll(in, 2, PLUG_MS) < 1)
			return failed(
				"no event for %d ms: the driver is%s bound, the disk is%s attached",
				PLUG_MS, bound ? "" : " not", attached ? "" : " not");
		if (in[0].revents) {
			n = recv(e->uevent, text, sizeof(text) - 1, MSG_DONTWAIT);
			text[n > 0 ? n : 0] = '\0';
			/* ACTION@PATH, then NUL separated KEY=VALUE */
			for (char *at = text; at < text + n; at += strlen(at) + 1)
				bound |= !strncmp(text, "bind@", 5) &&
					!strcmp(at, "DRIVER=hv_storvsc");
		}
		if (in[1].revents) {
			n = read(e->log, text, sizeof(text) - 1);
			text[n > 0 ? n : 0] = '\0';
			attached |= !!strstr(text, "] Attached SCSI disk");
		}
	}
	return 0;
}

/*
 * Write to the disk and read it back. When this returns, no request is outstanding:
 * O_DIRECT, as the page cache reads ahead.
 */
static int use(const char *dev)
{
	char *buf = aligned_alloc(4096, BYTES);
	int fd, rc = 0;

	if (!buf || write_stream(dev, BYTES))
		return FAIL;
	fd = open(dev, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (fd < 0 || read(fd, buf, BYTES) != BYTES)
		rc = failed("%s: %s", dev, strerror(errno));
	else if (stream_check(buf, 0, BYTES) != BYTES)
		rc = failed("%s: the data differs from what was written", dev);
	close(fd);
	free(buf);
	return rc;
}

/*
 * After each close 4.19 sends the disk a TEST UNIT READY from a work queue, and nothing
 * tells when that is done. There the guest deletes the disk first, which waits for it;
 * later kernels lose the disk together with the controller.
 */
static int give_up(const char *dev)
{
	char path[64];

	if (kernel_at_least(5, 0))
		return 0;
	snprintf(path, sizeof(path), "/sys/block/%s/device/delete", dev + strlen("/dev/"));
	return write_file(path, "1");
}

static int plug_in(const struct events *e, const char *how, char *dev, size_t size)
{
	char answer[16];

	if (host_ask(answer, sizeof(answer), "plug %s", how) || settled(e))
		return -1;
	for (int i = 0; disk_find(dev, size, SECTORS); i++) {
		if (i == 100)
			return failed("not in /dev");
		usleep(50000);
	}
	return 0;
}

int plug_disk(char *dev, size_t size)
{
	struct events events;

	return listen_to(&events) ? -1 : plug_in(&events, "", dev, size);
}

int unplug_disk(const char *dev)
{
	char answer[16];

	return give_up(dev) ? -1 : host_ask(answer, sizeof(answer), "unplug");
}

static int plug_once(const struct events *e, int n, const char *how)
{
	char dev[32];

	if (plug_in(e, how, dev, sizeof(dev)) || use(dev) || unplug_disk(dev))
		return failed("disk %d", n);
	return 0;
}

int plug_cached(void)
{
	struct events events;

	return listen_to(&events) ? -1 : plug_once(&events, 1, "cached");
}

/* Plugs FIRST to LAST under load. */
static int plug(const struct events *e, int first, int last)
{
	long began = now_ms();
	pid_t pid = load();
	int rc = 0;

	for (int n = first; !rc && n <= last; n++)
		rc = plug_once(e, n, "");
	if (end_load(pid) || rc)
		return FAIL;
	diag("%d disks were plugged and removed in %ld ms%s", last - first + 1, now_ms() - began,
	     kernel_at_least(5, 0) ? "" : ", deleted by the guest first");
	return 0;
}

/*
 * Plugs FIRST to LAST, and what is more in use after them: 0 if all of it is within its bounds,
 * 1 if not, -1 if a plug fails.
 */
static int grows(const struct events *e, struct leak *leaks, int n, int first, int last)
{
	int rc = 0;

	measure(leaks, n, 0);
	if (plug(e, first, last))
		return -1;
	measure(leaks, n, 1);
	for (int i = 0; i < n; i++) {
		long grown = i < n - 1 ? -leaks[i].before : leaks[i].before;

		diag("%s %ld kB more in use after %d plugs, at most %ld kB are expected",
		     leaks[i].row, grown, last - first + 1, leaks[i].max);
		rc |= grown > leaks[i].max;
	}
	return rc;
}

static int hot_plug(const char *arg)
{
	struct leak leaks[] = {
		/* each processor has partly used slabs; a page a disk would be 160 kB */
		{ "SUnreclaim:", 120 * sysconf(_SC_NPROCESSORS_ONLN), 0 },
		{ "Percpu:", 40, 0 },
		{ "VmallocUsed:", 160, 0 },
		{ "MemFree:", 1600, 0 },
	};
	const int n = sizeof(leaks) / sizeof(leaks[0]);
	int before[DIRS], rc = PASS, more;
	struct events events;
	char dev[32];

	(void)arg;
	if (listen_to(&events) || disk_first(dev, sizeof(dev)) || ext4_make(dev) ||
	    mount_on(dev, "ext4", "ext4", 0, NULL))
		return FAIL;
	for (size_t i = 0; i < DIRS; i++)
		before[i] = dir_entries(dirs[i]);
	if (plug(&events, 1, WARM))
		return FAIL;
	more = grows(&events, leaks, n, WARM + 1, PLUGS);
	/* -16 to 136 kB of slabs that are not full were seen; only a leak grows again */
	if (more == 1)
		more = grows(&events, leaks, n, PLUGS + 1, 2 * PLUGS - WARM);
	if (more < 0)
		return FAIL;
	for (size_t i = 0; i < DIRS; i++)
		if (dir_entries(dirs[i]) != before[i])
			rc = failed("%s had %d entries, now %d", dirs[i], before[i],
				    dir_entries(dirs[i]));
	if (more)
		rc = failed("more is in use after each %d plugs", PLUGS - WARM);
	umount("ext4");
	return rc;
}

const struct probe hyperv_plug_probes[] = {
	{ "a second disk is plugged and removed 50 times under load", hot_plug, NULL },
	{ NULL, NULL, NULL },
};
