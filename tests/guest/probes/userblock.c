// SPDX-License-Identifier: GPL-2.0
/*
 * Block devices served by a program. The programs (ublksrv, tcmu-runner) are not
 * available here; only the kernel's interfaces for them are tested.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A back end in user space is configured, and its device appears for the program. */
static int tcmu(const char *arg)
{
	int rc = FAIL;

	(void)arg;
	if (module_load("target_core_user") || mount_on("configfs", "config", "configfs", 0, NULL))
		return FAIL;
	if (make_dir("config/target/core/user_0") || make_dir("config/target/core/user_0/probe"))
		return FAIL;
	if (!write_file("config/target/core/user_0/probe/control",
			"dev_size=1048576,dev_config=probe/") &&
	    !write_file("config/target/core/user_0/probe/enable", "1"))
		rc = access("/sys/class/uio/uio0", F_OK) ?
			failed("no /sys/class/uio/uio0: %s", strerror(errno)) :
			PASS;
	if (rmdir("config/target/core/user_0/probe") || rmdir("config/target/core/user_0"))
		rc = failed("remove user_0: %s", strerror(errno));
	return rc;
}

static int loopback(const char *arg)
{
	(void)arg;
	if (module_load("tcm_loop") || mount_on("configfs", "config", "configfs", 0, NULL))
		return FAIL;
	if (make_dir("config/target/loopback"))
		return FAIL;
	return rmdir("config/target/loopback") ? failed("remove loopback: %s", strerror(errno)) :
						 PASS;
}

static int ublk(const char *arg)
{
	struct stat st;

	(void)arg;
	if (module_load("ublk_drv"))
		return FAIL;
	if (stat("/dev/ublk-control", &st))
		return failed("/dev/ublk-control: %s", strerror(errno));
	return S_ISCHR(st.st_mode) ? PASS : failed("/dev/ublk-control is not a device");
}

const struct probe userblock_probes[] = {
	{ "TCMU creates a device for its program", tcmu, NULL },
	{ "the loopback fabric can be set up", loopback, NULL },
	{ "ublk has its control device", ublk, NULL, 6, 0 },
	{ NULL, NULL, NULL },
};
