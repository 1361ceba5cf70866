// SPDX-License-Identifier: GPL-2.0
/*
 * What Android in a container needs: binder devices from a file system of their own, over
 * which one process calls another, and buffers that are shared by file descriptor.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/android/binder.h>
#include <linux/android/binderfs.h>
#include <linux/dma-heap.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define MAPPED (128 * 1024) /* for the data that binder delivers */

/* The device NAME of a binderfs; before 5.0 one that the machine has. NULL after diag(). */
static const char *device(const char *name)
{
	struct binderfs_device device = { 0 };
	static char path[64];
	int fd, rc;

	if (!kernel_at_least(5, 0)) {
		snprintf(path, sizeof(path), "/dev/%s", name);
		return path;
	}
	snprintf(device.name, sizeof(device.name), "probe-%s", name);
	snprintf(path, sizeof(path), "binder/probe-%s", name);
	if (access("binder", F_OK) && mount_on("binder", "binder", "binder", 0, NULL))
		return NULL;
	fd = open("binder/binder-control", O_RDONLY | O_CLOEXEC);
	rc = fd < 0 || ioctl(fd, BINDER_CTL_ADD, &device) ?
		failed("BINDER_CTL_ADD %s: %s", device.name, strerror(errno)) :
		0;
	close(fd);
	return rc ? NULL : path;
}

/* Open device PATH as a program does; fd, or -1. */
static int binder_open(const char *path)
{
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	struct binder_version version;

	if (!path)
		return -1;
	if (fd < 0 || ioctl(fd, BINDER_VERSION, &version))
		return failed("%s: %s", path, strerror(errno));
	if (version.protocol_version != BINDER_CURRENT_PROTOCOL_VERSION)
		return failed("%s: version %d, not %d", path, version.protocol_version,
			      BINDER_CURRENT_PROTOCOL_VERSION);
	if (mmap(NULL, MAPPED, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED)
		return failed("mmap %s: %s", path, strerror(errno));
	return fd;
}

static int devices(const char *arg)
{
	(void)arg;
	return binder_open(device("binder")) < 0 || binder_open(device("vndbinder")) < 0 ? FAIL :
											   PASS;
}

/* ---- a call */

/* A command and its transaction, as they follow each other in the buffer. */
struct command {
	uint32_t code;
	struct binder_transaction_data data;
} __attribute__((packed));

/*
 * Write LEN bytes of commands and read the answers until CODE comes, whose transaction goes
 * to *DATA. 0, or -1 after diag().
 */
static int talk(int fd, const void *commands, int len, uint32_t code,
		struct binder_transaction_data *data)
{
	struct binder_write_read io = { .write_size = len, .write_buffer = (uintptr_t)commands };
	char in[1024], *at;
	uint32_t got;

	for (;;) {
		io.read_size = sizeof(in);
		io.read_consumed = 0;
		io.read_buffer = (uintptr_t)in;
		if (ioctl(fd, BINDER_WRITE_READ, &io))
			return failed("BINDER_WRITE_READ: %s", strerror(errno));
		for (at = in; at < in + io.read_consumed; at += _IOC_SIZE(got)) {
			memcpy(&got, at, sizeof(got));
			at += sizeof(got);
			if (got == BR_DEAD_REPLY || got == BR_FAILED_REPLY)
				return failed("the call failed with %x", got);
			if (got == code) {
				memcpy(data, at, sizeof(*data));
				return 0;
			}
		}
		io.write_size = 0;
	}
}

/* The manager of the context returns twice the number that it is called with. */
static void manager(int fd)
{
	const uint32_t enter = BC_ENTER_LOOPER;
	struct command reply = { .code = BC_REPLY };
	struct binder_transaction_data call;
	uint32_t number;

	if (talk(fd, &enter, sizeof(enter), BR_TRANSACTION, &call))
		_exit(1);
	memcpy(&number, (void *)(uintptr_t)call.data.ptr.buffer, sizeof(number));
	number *= 2;
	reply.data.data_size = sizeof(number);
	reply.data.data.ptr.buffer = (uintptr_t)&number;
	talk(fd, &reply, sizeof(reply), BR_TRANSACTION_COMPLETE, &call);
	pause();
}

static int calls(const char *arg)
{
	uint32_t number = 21, got = 0;
	struct command call = {
		.code = BC_TRANSACTION,
		.data = { .code = 1,
			  .data_size = sizeof(number),
			  .data.ptr.buffer = (uintptr_t)&number },
	};
	struct binder_transaction_data reply;
	const char *path = device("binder");
	int fd, ready[2], pid;
	char byte;

	(void)arg;
	if (!path || pipe2(ready, O_CLOEXEC))
		return FAIL;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fd = binder_open(path);
		if (fd < 0 || ioctl(fd, BINDER_SET_CONTEXT_MGR, 0))
			_exit(failed("BINDER_SET_CONTEXT_MGR: %s", strerror(errno)));
		if (write(ready[1], "", 1) == 1)
			manager(fd);
		_exit(1);
	}
	close(ready[1]);
	/* the end of the file if the manager ended */
	if (pid < 0 || read(ready[0], &byte, 1) != 1)
		return failed("there is no manager");
	fd = binder_open(path);
	if (fd < 0 || talk(fd, &call, sizeof(call), BR_REPLY, &reply))
		return FAIL;
	memcpy(&got, (void *)(uintptr_t)reply.data.ptr.buffer, sizeof(got));
	return got == 42 ? PASS : failed("expected 42, got %u", got);
}

/* ---- buffers */

static int heap(const char *path)
{
	struct dma_heap_allocation_data buffer = {
		.len = 65536,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *one, *two;

	if (fd < 0 || ioctl(fd, DMA_HEAP_IOCTL_ALLOC, &buffer))
		return failed("%s: %s", path, strerror(errno));
	one = mmap(NULL, buffer.len, PROT_READ | PROT_WRITE, MAP_SHARED, buffer.fd, 0);
	two = mmap(NULL, buffer.len, PROT_READ, MAP_SHARED, buffer.fd, 0);
	if (one == MAP_FAILED || two == MAP_FAILED)
		return failed("mmap of a buffer: %s", strerror(errno));
	strcpy(one + 40000, "shared");
	return strcmp(two + 40000, "shared") ? failed("two mappings differ") : PASS;
}

const struct probe android_probes[] = {
	{ "there are two binder devices", devices, NULL },
	{ "a process calls another over binder", calls, NULL },
	{ "the system's heap has a buffer that two can map", heap, "/dev/dma_heap/system", 5, 6 },
	{ NULL, NULL, NULL },
};
