// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of probes/modules_disk.c on a machine that is a directory:
 *   modules DIR
 * DIR has proc/cmdline and what is on the disk, as lib/modules/RELEASE; every mount succeeds,
 * and so does every program, which does nothing. "modprobe -a" prints DIR/modprobe, and the
 * modules in DIR/loaded are loaded then.
 */
#define _GNU_SOURCE
#include "machine.h"
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

int __wrap_uname(struct utsname *uts);
int __wrap_statvfs(const char *path, struct statvfs *st);
int __wrap_execv(const char *path, char *const argv[]);
int __wrap_mkdir(const char *path, unsigned int mode);

int __wrap_uname(struct utsname *uts)
{
	snprintf(uts->release, sizeof(uts->release), "9.1.5");
	return 0;
}

int __wrap_statvfs(const char *path, struct statvfs *st)
{
	(void)path;
	st->f_flag = ST_NOATIME | ST_NOSUID | ST_NODEV;
	return 0;
}

int __wrap_execv(const char *path, char *const argv[])
{
	FILE *f;
	char line[256];

	(void)path;
	if (argv[1] && !strcmp(argv[1], "-a")) {
		f = __wrap_fopen("modprobe", "re");
		while (f && fgets(line, sizeof(line), f))
			dprintf(1, "%s", line);
		__wrap_fopen("ran", "we");
	}
	_exit(0);
}

int __wrap_mkdir(const char *path, unsigned int mode)
{
	(void)path;
	(void)mode;
	return 0;
}

int disk_labelled(char *dev, size_t size, const char *label)
{
	(void)label;
	snprintf(dev, size, "/dev/vda");
	return 0;
}

int mount_on(const char *dev, const char *dir, const char *type, unsigned long flags,
	     const char *options)
{
	(void)dev;
	(void)dir;
	(void)type;
	(void)flags;
	(void)options;
	return 0;
}

int make_dir(const char *path)
{
	(void)path;
	return 0;
}

int write_file(const char *path, const char *text)
{
	(void)path;
	(void)text;
	return 0;
}

int expect_text(const char *path, const char *text)
{
	(void)path;
	(void)text;
	return PASS;
}

int kernel_at_least(int major, int minor)
{
	(void)major;
	(void)minor;
	return 1;
}

int module_loaded(const char *name)
{
	FILE *f = access("ran", F_OK) ? NULL : __wrap_fopen("loaded", "re");
	char line[64];
	int found = 0;

	while (f && !found && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		found = !strcmp(line, name);
	}
	if (f)
		fclose(f);
	return found;
}

int exit_of(int pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void show_end(int fd)
{
	(void)fd;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	machine = argv[1];
	rows(modules_disk_probes);
	return 0;
}
