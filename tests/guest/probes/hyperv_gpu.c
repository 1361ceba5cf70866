// SPDX-License-Identifier: GPL-2.0
/*
 * The GPU driver of GPU=1, on a host that offers its global channel and has no virtual GPU.
 */
#define _GNU_SOURCE
#include "hyperv.h"
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEVICE "/dev/dxg"
#define CLASS  "{dde9cbc0-5060-4436-9448-ea1254a5d177}\n"

/* PASS, or SKIP if the kernel or the host has nothing to test. */
static int have_gpu(void)
{
	char answer[200];

	if (!symbol_known("dxgk_unlocked_ioctl"))
		return skip("this kernel was built without GPU=1");
	if (host_ask(answer, sizeof(answer), "about"))
		return FAIL;
	return strstr(answer, "gpu=1") ? PASS : skip("the host offers no GPU channel");
}

static int bound(const char *arg)
{
	char text[64];
	glob_t devices;
	int rc = have_gpu(), n = 0;

	(void)arg;
	if (rc != PASS)
		return rc;
	if (!glob("/sys/bus/vmbus/drivers/dxgkrnl/*/class_id", 0, NULL, &devices)) {
		for (size_t i = 0; i < devices.gl_pathc; i++)
			n += read_file(devices.gl_pathv[i], text, sizeof(text)) > 0 &&
				!strcmp(text, CLASS);
		globfree(&devices);
	}
	return n == 1 ? PASS : failed("dxgkrnl has %d devices of class %.38s", n, CLASS);
}

/* The driver asks the host for a process at each open, and has no channel for it yet. */
static int refuses(const char *arg)
{
	struct stat st;
	int rc = have_gpu(), fd;

	(void)arg;
	if (rc != PASS)
		return rc;
	if (stat(DEVICE, &st))
		return failed("%s: %s", DEVICE, strerror(errno));
	if (!S_ISCHR(st.st_mode) || (st.st_mode & 0666) != 0666)
		return failed("%s has mode %o", DEVICE, st.st_mode);
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
		return failed("%s opened without a GPU", DEVICE);
	}
	return errno == EBADF ? PASS : failed("open: %s, expected EBADF", strerror(errno));
}

const struct probe hyperv_gpu_probes[] = {
	{ "the driver is bound to the global channel", bound, NULL },
	{ "/dev/dxg is there, and without a GPU its open is EBADF", refuses, NULL },
	{ NULL, NULL, NULL },
};
