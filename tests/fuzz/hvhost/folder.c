// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "folder.h"
#include "world.h"
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET	   "what is around the folder stays unread"
#define FILE_BYTES (8 << 20) /* that a file can have */

static char top[256], folder[300], around[300], secret[320];
static struct stat was_around, was_secret, was_top;

static void make_file(const char *in, const char *name, const char *text)
{
	char path[400];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", in, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), "a file");
	close(fd);
}

static void make_dir(const char *path)
{
	require(!mkdir(path, 0755), "a directory");
}

static void make_link(const char *to, const char *name)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	require(!symlink(to, path), "a symbolic link");
}

static void look_around(struct stat *t, struct stat *a, struct stat *s)
{
	require(!stat(top, t) && !stat(around, a) && !stat(secret, s),
		"what is around the folder is still there");
}

const char *folder_make(void)
{
	struct rlimit limit = { .rlim_cur = FILE_BYTES, .rlim_max = FILE_BYTES };
	char path[400];

	if (!*top) { /* a hostile guest can have a file as large as the disk */
		setrlimit(RLIMIT_FSIZE, &limit);
		signal(SIGXFSZ, SIG_IGN);
	}
	snprintf(top, sizeof(top), "%s/fs", fuzz_dir());
	snprintf(folder, sizeof(folder), "%s/folder", top);
	snprintf(around, sizeof(around), "%s/around", top);
	snprintf(secret, sizeof(secret), "%s/secret", around);
	make_dir(top);
	make_dir(around);
	make_file(around, "secret", SECRET);
	make_dir(folder);
	make_file(folder, "a", "hello");
	make_file(folder, "b", "");
	snprintf(path, sizeof(path), "%s/d", folder);
	make_dir(path);
	make_file(path, "c", "in a folder");
	snprintf(path, sizeof(path), "%s/f", folder);
	require(!mkfifo(path, 0644), "a FIFO");
	make_link("..", "u");
	make_link("../around/secret", "s");
	make_link(around, "o");
	make_link("/proc/self/root", "r");
	look_around(&was_top, &was_around, &was_secret);
	return folder;
}

void folder_keeps(const void *bytes, u32 len)
{
	require(!memmem(bytes, len, SECRET, strlen(SECRET)), "the guest stays in the folder");
}

static void inside(int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	if (fd < 0)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	require(n > 0, "what the guest has is open");
	path[n] = '\0';
	require(!strncmp(path, folder, strlen(folder)) &&
			(path[strlen(folder)] == '/' || !path[strlen(folder)]),
		"what the guest has open is in the folder");
}

static int same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mode == b->st_mode && a->st_size == b->st_size &&
		a->st_nlink == b->st_nlink && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
		a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
		a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

void folder_check(const struct fuse_server *s)
{
	struct stat t, a, b;

	for (u32 i = 0; i < FUSE_NODES; i++)
		inside(s->node[i].fd);
	for (u32 i = 0; i < FUSE_FILES; i++)
		inside(s->file[i]);
	look_around(&t, &a, &b);
	require(same(&t, &was_top) && same(&a, &was_around) && same(&b, &was_secret),
		"what is around the folder is unchanged");
}

void folder_remove(void)
{
	remove_all(top);
	require(access(top, F_OK), "the folder can be removed");
}
