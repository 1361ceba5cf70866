// SPDX-License-Identifier: GPL-2.0
/*
 * For LD_PRELOAD: file names as a volume has them that folds case, such as /mnt/c, for
 * programs that ask whether a file is there. Upper case letters of the last component are
 * looked up as lower case. A test makes its files with lower case names.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *folded(const char *path, char *name)
{
	char *c;

	snprintf(name, PATH_MAX, "%s", path);
	c = strrchr(name, '/');
	for (c = c ? c : name; *c; c++)
		*c = tolower((unsigned char)*c);
	return name;
}

int stat(const char *path, struct stat *st)
{
	char name[PATH_MAX];

	return syscall(SYS_newfstatat, AT_FDCWD, folded(path, name), st, 0);
}

int stat64(const char *path, struct stat64 *st)
{
	return stat(path, (struct stat *)st);
}

int faccessat(int dir, const char *path, int mode, int flags)
{
	char name[PATH_MAX];

	(void)flags;
	return syscall(SYS_faccessat, dir, folded(path, name), mode);
}

int access(const char *path, int mode)
{
	return faccessat(AT_FDCWD, path, mode, 0);
}
