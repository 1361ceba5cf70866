// SPDX-License-Identifier: GPL-2.0
/*
 * FUSE: a server with a root directory and one file in it, "file". Its contents
 * are in memory that outlives a mount.
 */
#define _GNU_SOURCE
#include "fuse.h"
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_ID 2 /* FUSE_ROOT_ID is 1 */

static struct store {
	size_t size;
	char text[256];
} * store;

static void answer(int fd, uint64_t unique, int error, const void *data, size_t len)
{
	static char buf[4096];
	struct fuse_out_header *out = (void *)buf;

	out->len = sizeof(*out) + len;
	out->error = error;
	out->unique = unique;
	memcpy(out + 1, data, len);
	if (write(fd, buf, out->len) < 0)
		diag("answer to FUSE: %s", strerror(errno));
}

static struct fuse_attr attributes(uint64_t id)
{
	struct fuse_attr attr = { .ino = id, .nlink = 1 };

	attr.mode = id == FILE_ID ? S_IFREG | 0644 : S_IFDIR | 0755;
	attr.size = id == FILE_ID ? store->size : 0;
	return attr;
}

static void lookup(int fd, struct fuse_in_header *in)
{
	struct fuse_entry_out entry = { .nodeid = FILE_ID, .attr = attributes(FILE_ID) };

	if (strcmp((char *)(in + 1), "file"))
		answer(fd, in->unique, -ENOENT, NULL, 0);
	else
		answer(fd, in->unique, 0, &entry, sizeof(entry));
}

static void put(int fd, struct fuse_in_header *in)
{
	struct fuse_write_in *write_in = (void *)(in + 1);
	struct fuse_write_out out = { .size = write_in->size };

	if (write_in->offset + write_in->size > sizeof(store->text)) {
		answer(fd, in->unique, -ENOSPC, NULL, 0);
		return;
	}
	memcpy(store->text + write_in->offset, write_in + 1, write_in->size);
	store->size = write_in->offset + write_in->size;
	answer(fd, in->unique, 0, &out, sizeof(out));
}

static void get(int fd, struct fuse_in_header *in)
{
	struct fuse_read_in *read_in = (void *)(in + 1);
	size_t at = read_in->offset < store->size ? read_in->offset : store->size;
	size_t len = store->size - at;

	answer(fd, in->unique, 0, store->text + at, len < read_in->size ? len : read_in->size);
}

static void serve(int fd)
{
	static char buf[FUSE_MIN_READ_BUFFER * 20] __attribute__((aligned(8)));
	struct fuse_in_header *in = (void *)buf;
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION,
		.minor = 26,
		.max_write = 4096,
	};
	struct fuse_attr_out attr = { 0 };
	struct fuse_open_out handle = { 0 };

	while (read(fd, buf, sizeof(buf)) > 0) {
		switch (in->opcode) {
		case FUSE_INIT:
			answer(fd, in->unique, 0, &init, sizeof(init));
			break;
		case FUSE_SETATTR: /* only for O_TRUNC */
			store->size = ((struct fuse_setattr_in *)(in + 1))->size;
			/* fall through */
		case FUSE_GETATTR:
			attr.attr = attributes(in->nodeid);
			answer(fd, in->unique, 0, &attr, sizeof(attr));
			break;
		case FUSE_LOOKUP:
			lookup(fd, in);
			break;
		case FUSE_OPEN:
			answer(fd, in->unique, 0, &handle, sizeof(handle));
			break;
		case FUSE_WRITE:
			put(fd, in);
			break;
		case FUSE_READ:
			get(fd, in);
			break;
		case FUSE_FLUSH:
		case FUSE_RELEASE:
			answer(fd, in->unique, 0, NULL, 0);
			break;
		case FUSE_FORGET:
		case FUSE_INTERRUPT:
			break;
		default:
			answer(fd, in->unique, -ENOSYS, NULL, 0);
		}
	}
}

/* A mount on ./fuse; its server's process, or -1 after diag(). */
static pid_t fuse_mount(void)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];
	pid_t server;

	if (fd < 0)
		return failed("open /dev/fuse: %s", strerror(errno));
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount_on("probe", "fuse", "fuse", 0, options))
		return -1;
	server = fork();
	if (server == 0) {
		serve(fd);
		_exit(0);
	}
	close(fd);
	return server;
}

int fuse(const char *arg)
{
	pid_t server;
	int rc;

	(void)arg;
	store = mmap(NULL, sizeof(*store), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (store == MAP_FAILED)
		return failed("mmap: %s", strerror(errno));
	server = fuse_mount();
	rc = server < 0 ? FAIL : write_file("fuse/file", "text\n");
	if (!rc && strcmp(store->text, "text\n"))
		rc = failed("the server received \"%s\"", store->text);
	if (!rc && umount("fuse"))
		rc = failed("umount: %s", strerror(errno));
	/* after the unmount the server reads an error and ends */
	if (!rc && exit_of(server))
		rc = FAIL;
	if (rc)
		return rc;
	server = fuse_mount();
	rc = server < 0 ? FAIL : expect_text("fuse/file", "text\n");
	umount2("fuse", MNT_DETACH);
	return rc;
}
