// SPDX-License-Identifier: GPL-2.0
/* The disks of WSL's start: its system distribution, swap, modules. */
#define _GNU_SOURCE
#include "hyperv.h"
#include "start.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <unistd.h>

/* WSL looks for its LUNs on the first controller, and waits 10 s for one that was added */
#define LUNS	    "/sys/bus/scsi/devices/0:0:0:%u/block"
#define DISK_MS	    10000
#define SYSTEM_DISK "/start/systemvhd"
#define MODULES	    "/start/modulesvhd"
#define SWAP_PAGES  1024

/* The node is there before the disk: until that is live an open is ENXIO. */
static int opens(const char *dev)
{
	int fd = open(dev, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int start_disk(uint32_t lun, char *dev, size_t size)
{
	long end = now_ms() + DISK_MS;
	struct dirent *entry;
	char path[100];
	int found = 0;
	DIR *d;

	snprintf(path, sizeof(path), LUNS, lun);
	do {
		d = opendir(path);
		while (d && !found && (entry = readdir(d))) {
			if (entry->d_name[0] == '.')
				continue;
			snprintf(dev, size, "/dev/%.16s", entry->d_name);
			found = opens(dev);
		}
		if (d)
			closedir(d);
		if (!found)
			usleep(50000);
	} while (!found && now_ms() < end);
	return found ? 0 : failed("%s has no disk within %d s", path, DISK_MS / 1000);
}

/* Mount the LUN that the early config has AT, as ext4, read-only. */
static int mount_lun(int at, const char *dir)
{
	uint32_t lun = start_early(at);
	char dev[40];

	if (lun == LUN_NONE)
		return skip("the service has no such disk");
	if (start_disk(lun, dev, sizeof(dev)))
		return FAIL;
	return mount_on(dev, dir, "ext4", MS_RDONLY, NULL) ? FAIL : PASS;
}

/* A tmpfs over LOWER, at TARGET: what the kernel does for every disk of WSL that is read-only. */
static int overlay(const char *target, const char *lower, unsigned long flags)
{
	char rw[200], options[700];

	snprintf(rw, sizeof(rw), "%s/rw", target);
	if (make_dir(target) || mount_on("tmpfs", rw, "tmpfs", 0, NULL))
		return FAIL;
	snprintf(options, sizeof(options), "%s/upper", rw);
	if (make_dir(options))
		return FAIL;
	snprintf(options, sizeof(options), "%s/work", rw);
	if (make_dir(options))
		return FAIL;
	snprintf(options, sizeof(options), "lowerdir=%s,upperdir=%s/upper,workdir=%s/work", lower,
		 rw, rw);
	return mount_on("overlay", target, "overlay", flags, options) ? FAIL : PASS;
}

static int system_disk(const char *arg)
{
	(void)arg;
	return mount_lun(EARLY_SYSTEM_LUN, SYSTEM_DISK);
}

static int system_overlay(const char *arg)
{
	(void)arg;
	if (access(SYSTEM_DISK, F_OK))
		return skip("there is no system disk");
	if (overlay(START_SYSTEM, SYSTEM_DISK, 0))
		return FAIL;
	return write_file(START_SYSTEM "/written", "to the tmpfs\n") ||
			absent(SYSTEM_DISK "/written") ?
		FAIL :
		PASS;
}

/* In a mount namespace of the row: init goes on in the root that it has. */
static int new_root(const char *arg)
{
	static const char *const moved[] = { "dev", "proc", "sys" };
	char from[64], to[64];

	(void)arg;
	if (access(START_SYSTEM, F_OK))
		return skip("there is no system disk");
	for (int i = 0; i < 3; i++) {
		snprintf(from, sizeof(from), "/start/%s", moved[i]);
		snprintf(to, sizeof(to), START_SYSTEM "/%s", moved[i]);
		if (make_dir(to))
			return FAIL;
		if (mount(from, to, NULL, MS_MOVE | MS_REC, NULL))
			return failed("move %s: %s", from, strerror(errno));
	}
	if (chdir(START_SYSTEM) || mount(".", "/", NULL, MS_MOVE, NULL) || chroot("."))
		return failed("the new root: %s", strerror(errno));
	if (expect_text("/written", "to the tmpfs\n"))
		return FAIL;
	return exists("/proc/1/stat") || exists("/dev/null") ? FAIL : PASS;
}

/* The service adds this disk when the machine runs. WSL calls mkswap and swapon. */
static int swap(const char *arg)
{
	uint32_t lun = start_early(EARLY_SWAP_LUN);
	char answer[64], dev[40];

	(void)arg;
	if (lun == LUN_NONE)
		return skip("the service has no such disk");
	if (host_ask(answer, sizeof(answer), "add-lun %u", lun) ||
	    start_disk(lun, dev, sizeof(dev)) || swap_on(dev, SWAP_PAGES))
		return FAIL;
	return expect_words("/proc/swaps", dev);
}

static int hardware_clock(const char *arg)
{
	int fd, rc;

	(void)arg;
	if (expect_text("/sys/class/ptp/ptp0/clock_name", "hyperv\n"))
		return FAIL;
	fd = open("/dev/ptp0", O_RDONLY | O_CLOEXEC);
	rc = fd < 0 ? failed("/dev/ptp0: %s", strerror(errno)) : PASS;
	close(fd);
	return rc;
}

static int modules_disk(const char *arg)
{
	(void)arg;
	return mount_lun(EARLY_MODULES_LUN, MODULES);
}

static int modules_overlay(const char *arg)
{
	char dir[100];
	struct utsname uts;

	(void)arg;
	if (access(MODULES, F_OK))
		return skip("there is no disk of modules");
	uname(&uts);
	snprintf(dir, sizeof(dir), "/lib/modules/%s", uts.release);
	if (make_dir("/lib") || make_dir("/lib/modules") ||
	    overlay(dir, MODULES, MS_NOATIME | MS_NOSUID | MS_NODEV))
		return FAIL;
	strcat(dir, "/modules.dep");
	return exists(dir);
}

/* The list that loadDefaultKernelModules and loadKernelModules make. */
static int load_modules(const char *arg)
{
	char list[300], *rest = list, *name;
	int rc = PASS;

	(void)arg;
	snprintf(list, sizeof(list), "%s", start_early_text(EARLY_MODULES_LIST));
	if (access(MODULES, F_OK) || !*list)
		return skip("there is no disk of modules, or nothing to load");
	while ((name = strsep(&rest, ",")))
		if (*name && loads(name))
			rc = FAIL;
	return rc;
}

const struct step start_disk_steps[] = {
	{ { "LUN of the system distribution, an ext4", system_disk, NULL },
	  0,
	  DEAD "init ends when it cannot mount it" },
	{ { "a tmpfs as overlay on it", system_overlay, NULL },
	  0,
	  DEAD "init ends when it cannot write to it" },
	{ { "which becomes the root, with dev, proc and sys", new_root, NULL },
	  1,
	  DEAD "init ends when it cannot move there" },
	{ { "a LUN that is added for swap", swap, NULL }, 0, STARTS "it has no swap" },
	{ { "ptp0 is the clock of Hyper-V", hardware_clock, NULL },
	  0,
	  STARTS "chronyd has nothing to set the clock by, and it drifts" },
	{ { "LUN of the modules, an ext4", modules_disk, NULL },
	  0,
	  DEAD "init ends when it cannot mount it; it does not with kernelModules= taken out" },
	{ { "an overlay on it at /lib/modules/RELEASE", modules_overlay, NULL },
	  0,
	  DEAD "init ends; it does not with kernelModules= taken out" },
	{ { "the modules that WSL loads by itself", load_modules, NULL },
	  0,
	  STARTS "they are missing" },
	{ { NULL, NULL, NULL }, 0, NULL },
};
