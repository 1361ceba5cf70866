// SPDX-License-Identifier: GPL-2.0
/*
 * For LD_PRELOAD: a volume that folds case, such as /mnt/c, for programs that ask whether a
 * file is there. A name that a directory does not have is looked for in other letters; only
 * the last component is.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* the path of the file that PATH names, in NAME if it is another one than PATH */
static const char *folded(const char *path, char *name)
{
	const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;
	int length = last - path;
	struct dirent *e;
	DIR *dir;

	if (!syscall(SYS_faccessat, AT_FDCWD, path, F_OK))
		return path;
	snprintf(name, PATH_MAX, "%.*s.", length, path);
	dir = opendir(name);
	while (dir && (e = readdir(dir)))
		if (!strcasecmp(e->d_name, last)) {
			snprintf(name, PATH_MAX, "%.*s%s", length, path, e->d_name);
			path = name;
			break;
		}
	if (dir)
		closedir(dir);
	return path;
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
