// SPDX-License-Identifier: GPL-2.0
/* How WSL's init ends: wsl --shutdown, or the last distribution. */
#define _GNU_SOURCE
#include "hyperv.h"
#include "start.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANG_UP_MS 60000
#define GONE_MS	   10000

static int hung_up(const char *arg)
{
	struct pollfd in = { .fd = start_first, .events = POLLIN };
	char byte;

	(void)arg;
	if (start_first < 0)
		return failed("there is no connection to the service");
	if (poll(&in, 1, HANG_UP_MS) != 1)
		return failed("poll() says nothing within %d s", HANG_UP_MS / 1000);
	return recv(start_first, &byte, 1, 0) == 0 ? PASS :
						     failed("it is no end: %s", strerror(errno));
}

static int children(const char *arg)
{
	char list[4096], want[16];
	pid_t pid = fork();
	int rc = PASS;

	(void)arg;
	if (pid == 0)
		for (;;)
			pause();
	snprintf(want, sizeof(want), "%d", pid);
	if (read_file("/proc/self/task/1/children", list, sizeof(list)) < 0)
		rc = FAIL;
	else if (!has_word(list, want))
		rc = failed("the children of init are \"%s\", without %s", list, want);
	kill(pid, SIGKILL);
	if (waitpid(pid, NULL, 0) != pid)
		rc = failed("waitpid: %s", strerror(errno));
	return rc;
}

/* Flush the disk of LUN, then delete it. */
static int detach(uint32_t lun)
{
	char dev[40], path[80];
	long end = now_ms() + GONE_MS;
	int fd;

	if (start_disk(lun, dev, sizeof(dev)))
		return FAIL;
	fd = open(dev, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, BLKFLSBUF, 0)) {
		diag("BLKFLSBUF of %s: %s", dev, strerror(errno));
		close(fd);
		return FAIL;
	}
	close(fd);
	snprintf(path, sizeof(path), "/sys/block/%.16s/device/delete", dev + strlen("/dev/"));
	if (write_file(path, "1"))
		return FAIL;
	while (!access(path, F_OK) && now_ms() < end)
		usleep(50000);
	return access(path, F_OK) ? PASS : failed("%s is still there", dev);
}

static int disks(const char *arg)
{
	uint32_t lun = start_early(EARLY_SYSTEM_LUN);

	(void)arg;
	if (lun == LUN_NONE)
		return skip("there is no system disk");
	/* the overlay holds the disk below it */
	if (umount(START_SYSTEM) || umount("/start/systemvhd"))
		return failed("umount: %s", strerror(errno));
	return detach(lun);
}

const struct step start_end_steps[] = {
	{ { "init reads that the service has hung up", hung_up, NULL },
	  0,
	  "wsl --shutdown would have to kill the virtual machine" },
	{ { "init can list its children, and kill them", children, NULL },
	  0,
	  STARTS "at its end processes would be cut off (CONFIG_PROC_CHILDREN)" },
	{ { "a disk is flushed and deleted", disks, NULL },
	  0,
	  STARTS "at its end disks would be taken away unflushed" },
	{ { NULL, NULL, NULL }, 0, NULL },
};
