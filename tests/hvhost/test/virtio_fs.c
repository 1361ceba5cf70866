// SPDX-License-Identifier: GPL-2.0
/* A folder of the host, against a minimal driver with FUSE requests. The folder is in argv[1]. */
#define _GNU_SOURCE
#include "virtio.h"
#include "fds.h"
#include "../virtio_fs.h"
#include <errno.h>
#include <linux/fuse.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define HIPRIO	 0 /* queues */
#define REQUESTS 1

static struct virtio_fs fs;
static struct fuse_out_header reply_header;
static u8 reply[FUSE_BYTES];
static u32 reply_len;

/* Send LEN bytes as they are, with ROOM for a reply: its length, with the header. */
static long long raw(u16 queue, const void *bytes, u32 len, u32 room)
{
	u8 *in = add_buffer(queue, bytes, len, room);
	long long n;

	kick(queue);
	n = returned(queue);
	reply_len = 0;
	memset(&reply_header, 0, sizeof(reply_header));
	if (n >= (long long)sizeof(reply_header)) {
		memcpy(&reply_header, in, sizeof(reply_header));
		reply_len = n - sizeof(reply_header);
		memcpy(reply, in + sizeof(reply_header), reply_len);
	}
	return n;
}

/* A request with BODY and more bytes after it; its error, positive, or 0. */
static int fuse_more(u32 op, u64 node, const void *body, u32 len, const void *more, u32 more_len)
{
	static u8 bytes[FUSE_BYTES + 8192];
	struct fuse_in_header header = { .opcode = op, .nodeid = node, .unique = 77 };

	header.len = sizeof(header) + len + more_len;
	memcpy(bytes, &header, sizeof(header));
	if (len)
		memcpy(bytes + sizeof(header), body, len);
	if (more_len)
		memcpy(bytes + sizeof(header) + len, more, more_len);
	if (raw(REQUESTS, bytes, header.len, 8192 + sizeof(reply_header)) < 16 ||
	    reply_header.unique != 77 || reply_header.len != reply_len + 16)
		return -1;
	return -reply_header.error;
}

static int fuse(u32 op, u64 node, const void *body, u32 len)
{
	return fuse_more(op, node, body, len, NULL, 0);
}

/* A request whose body is a name of LEN bytes with its end. */
static int named(u32 op, u64 node, const void *name, u32 len)
{
	return fuse(op, node, name, len);
}

/* The node of NAME, or 0. */
static u64 look(u64 dir, const char *name)
{
	return named(FUSE_LOOKUP, dir, name, strlen(name) + 1) ? 0 : get64(reply);
}

static int start_fuse(u32 major, u32 minor)
{
	struct fuse_init_in in = { major, minor, 1 << 20, 0xffffffff, 0, { 0 } };

	return fuse(FUSE_INIT, 0, &in, sizeof(in));
}

static int open_fuse(u32 op, u64 node, u32 flags, u64 *fh)
{
	struct fuse_open_in in = { .flags = flags };
	int rc = fuse(op, node, &in, sizeof(in));

	*fh = rc ? ~0ull : get64(reply);
	return rc;
}

static int release(u32 op, u64 fh)
{
	struct fuse_release_in in = { .fh = fh };

	return fuse(op, 1, &in, sizeof(in));
}

static int read_fuse(u64 fh, u64 offset, u32 size)
{
	struct fuse_read_in in = { .fh = fh, .offset = offset, .size = size };

	return fuse(FUSE_READ, 1, &in, sizeof(in));
}

static int write_fuse(u64 fh, u64 offset, const void *bytes, u32 len)
{
	struct fuse_write_in in = { .fh = fh, .offset = offset, .size = len };

	return fuse_more(FUSE_WRITE, 1, &in, sizeof(in), bytes, len);
}

/* The names that come, in one text, from OFFSET on; the entries with a node in *NODES. */
static const char *list(u32 op, u64 fh, u64 offset, u32 size, int *nodes, u64 *next)
{
	struct fuse_read_in in = { .fh = fh, .offset = offset, .size = size };
	static char text[4096];
	u32 skip = op == FUSE_READDIRPLUS ? sizeof(struct fuse_entry_out) : 0;

	strcpy(text, " ");
	*nodes = 0;
	if (fuse(op, 1, &in, sizeof(in)))
		return "error";
	for (u32 i = 0; i + skip + FUSE_NAME_OFFSET <= reply_len;) {
		u32 len = get32(reply + i + skip + 16);

		strncat(text, (char *)reply + i + skip + FUSE_NAME_OFFSET, len);
		strcat(text, " ");
		*nodes += skip && get64(reply + i);
		*next = get64(reply + i + skip + 8);
		i += FUSE_DIRENT_ALIGN(skip + FUSE_NAME_OFFSET + len);
	}
	return text;
}

static void put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (!f || fputs(text, f) < 0 || fclose(f))
		exit(1);
}

static int make_folder(const char *dir)
{
	return chdir(dir) || mkdir("share", 0755) || mkdir("share/sub", 0755) ||
		mkdir("outside", 0755) || symlink("../secret", "share/link") ||
		symlink("../outside", "share/dirlink") || symlink("/", "share/root") ||
		mkfifo("share/pipe", 0644);
}

static void begins(void)
{
	struct virtio_host host = guest_host();
	u64 fh;

	is(virtio_fs_init(&fs, &host, "a-tag-with-more-bytes-than-there-are-", "share"), -1,
	   "virtio-fs: a tag that is too long");
	is(virtio_fs_init(&fs, &host, "wsl", "none"), -1, "a folder that is not there");
	is(virtio_fs_init(&fs, &host, "wsl", "share"), 0, "init");
	fn = &fs.v.function;
	find_registers();
	is(fn->device, 0x105a, "device 0x105a");
	is(reg_read(0, config_at, 4), get32("wsl"), "the tag");
	is(reg_read(0, config_at + 36, 4), 1, "one queue of requests");
	is(start_driver(0, 2), RUNNING_BITS, "the driver is ready");
	is(open_fuse(FUSE_OPENDIR, 1, 0, &fh), EIO, "nothing before FUSE_INIT");
	is(start_fuse(6, 31), EPROTO, "not version 6");
	is(start_fuse(7, 30), EPROTO, "nor 7.30");
	is(start_fuse(8, 1), 0, "8 is answered");
	is(get32(reply), 7, "with 7");
	is(open_fuse(FUSE_OPENDIR, 1, 0, &fh), EIO, "and not accepted");
	is(start_fuse(7, 45), 0, "7.45 is");
	is(get32(reply + 4), 31, "as 7.31");
	is(get32(reply + offsetof(struct fuse_init_out, max_write)), 1 << 20, "writes of 1 MB");
	is(get32(reply + offsetof(struct fuse_init_out, flags)) &
		   (FUSE_POSIX_ACL | FUSE_EXPORT_SUPPORT | FUSE_WRITEBACK_CACHE | FUSE_INIT_EXT |
		    FUSE_MAP_ALIGNMENT),
	   0, "none of what is not served");
}

static void files(void)
{
	struct fuse_create_in create = { .flags = O_RDWR, .mode = 04777, .umask = 022 };
	struct fuse_setattr_in set = { .valid = FATTR_SIZE | FATTR_MODE | FATTR_MTIME };
	struct fuse_getattr_in get = { 0 };
	struct fuse_flush_in flush = { 0 };
	struct stat st;
	u64 fh, other, node;

	is(look(1, "none"), 0, "files: a name that is not there");
	is(-reply_header.error, ENOENT, "is ENOENT");
	is(fuse_more(FUSE_CREATE, 1, &create, sizeof(create), "new", 4), 0, "create");
	node = get64(reply);
	fh = get64(reply + sizeof(struct fuse_entry_out));
	stat("share/new", &st);
	is(st.st_mode, S_IFREG | 0755, "with the mode and umask, without setuid");
	is(write_fuse(fh, 3, "hello", 5), 0, "write");
	is(get32(reply), 5, "5 bytes");
	is(read_fuse(fh, 0, 4096), 0, "read");
	ok(reply_len == 8 && !memcmp(reply, "\0\0\0hello", 8), "gives 8 bytes");
	is(read_fuse(fh, 8, 4096) || reply_len, 0, "and none at the end");
	flush.fh = fh;
	is(fuse(FUSE_FLUSH, node, &flush, sizeof(flush)), 0, "flush");
	is(fuse(FUSE_GETATTR, node, &get, sizeof(get)), 0, "getattr");
	is(get64(reply + 16 + offsetof(struct fuse_attr, size)), 8, "has the size");
	is(look(1, "new"), node, "lookup gives the same node");
	set.size = 4;
	set.mode = 06600;
	set.mtime = 1000000;
	is(fuse(FUSE_SETATTR, node, &set, sizeof(set)), 0, "setattr");
	stat("share/new", &st);
	is(st.st_size, 4, "sets the size");
	is(st.st_mode, S_IFREG | 0600, "the mode without setuid");
	is(st.st_mtim.tv_sec, 1000000, "and the time");
	set.valid = FATTR_UID;
	set.uid = st.st_uid + 1;
	is(fuse(FUSE_SETATTR, node, &set, sizeof(set)), EPERM, "not the owner");
	create.flags = O_RDWR | O_EXCL;
	is(fuse_more(FUSE_CREATE, 1, &create, sizeof(create), "new", 4), EEXIST, "exclusively");
	create.flags = O_RDWR | O_TRUNC;
	is(fuse_more(FUSE_CREATE, 1, &create, sizeof(create), "new", 4), 0, "or opened");
	is(get64(reply), node, "as the node that it is");
	other = get64(reply + sizeof(struct fuse_entry_out));
	stat("share/new", &st);
	is(st.st_size, 0, "and truncated");
	is(release(FUSE_RELEASE, other), 0, "release");
	is(open_fuse(FUSE_OPEN, node, O_RDONLY, &other), 0, "open for reading");
	is(write_fuse(other, 0, "x", 1), EBADF, "does not write");
	is(release(FUSE_RELEASE, other) || release(FUSE_RELEASE, fh), 0, "both are released");
	is(read_fuse(fh, 0, 1), EBADF, "and cannot be read then");
}

static void big(void)
{
	struct fuse_create_in create = { .flags = O_RDWR, .mode = 0644 };
	struct fuse_read_in in = { .size = FUSE_TRANSFER };
	struct fuse_write_in lie = { 0 };
	static u8 bytes[FUSE_TRANSFER], request[sizeof(struct fuse_in_header) + sizeof(in)];
	struct fuse_in_header header = { sizeof(request), FUSE_READ, 5, 1, 0, 0, 0, 0, 0 };
	struct stat st;

	for (u32 i = 0; i < sizeof(bytes); i++)
		bytes[i] = i * 31 + i / 4096;
	fuse_more(FUSE_CREATE, 1, &create, sizeof(create), "big", 4);
	in.fh = get64(reply + sizeof(struct fuse_entry_out));
	is(write_fuse(in.fh, 0, bytes, sizeof(bytes)), 0, "big: 1 MB is written");
	stat("share/big", &st);
	is(st.st_size, FUSE_TRANSFER, "in one piece");
	memcpy(request, &header, sizeof(header));
	memcpy(request + sizeof(header), &in, sizeof(in));
	is(raw(REQUESTS, request, sizeof(request), 16 + FUSE_TRANSFER), 16 + FUSE_TRANSFER,
	   "and read");
	ok(!memcmp(reply, bytes, sizeof(bytes)), "the same");
	is(fs.server.bad, 0, "nothing was invalid so far");
	in.size++;
	is(fuse(FUSE_READ, 1, &in, sizeof(in)), EINVAL, "a byte more is too much");
	in.size = ~0u;
	is(fuse(FUSE_READ, 1, &in, sizeof(in)), EINVAL, "and so is 4 GB");
	for (u32 size = 2; size < 5; size += 2) {
		lie.fh = in.fh;
		lie.size = size;
		is(fuse_more(FUSE_WRITE, 1, &lie, sizeof(lie), "abc", 3), EINVAL,
		   "a write of another size than there are bytes is invalid");
	}
	lie.size = ~0u;
	is(fuse_more(FUSE_WRITE, 1, &lie, sizeof(lie), "abc", 3), EINVAL, "with 4 GB too");
	release(FUSE_RELEASE, in.fh);
}

static void directories(void)
{
	struct fuse_mkdir_in make = { .mode = 0777, .umask = 027 };
	struct {
		struct fuse_rename_in in;
		char names[8];
	} move = { { 1 }, "new\0old" };
	struct {
		struct fuse_rename2_in in;
		char names[8];
	} swap = { { .newdir = 1, .flags = RENAME_EXCHANGE }, "old\0big" };
	struct stat st;
	const char *names;
	u64 fh, next = 0, dir;
	int nodes, all = 0;

	is(fuse_more(FUSE_MKDIR, 1, &make, sizeof(make), "dir", 4), 0, "directories: mkdir");
	dir = get64(reply);
	stat("share/dir", &st);
	is(st.st_mode, S_IFDIR | 0750, "with the mode");
	is(fuse_more(FUSE_MKDIR, 1, &make, sizeof(make), "dir", 4), EEXIST, "once");
	is(fuse(FUSE_RENAME, 1, &move, sizeof(move)), 0, "rename");
	is(access("share/old", F_OK) || !access("share/new", F_OK), 0, "moves it");
	move = (typeof(move)){ { dir }, "old\0new" };
	is(fuse(FUSE_RENAME, 1, &move, sizeof(move)), 0, "to another directory");
	is(access("share/dir/new", F_OK), 0, "where it is then");
	put_file("share/old", "");
	is(fuse(FUSE_RENAME2, 1, &swap, sizeof(swap)), 0, "rename2 exchanges");
	stat("share/old", &st);
	is(st.st_size, FUSE_TRANSFER, "the files");
	swap.in.flags = RENAME_WHITEOUT;
	is(fuse(FUSE_RENAME2, 1, &swap, sizeof(swap)), EINVAL, "and makes no whiteouts");
	is(open_fuse(FUSE_OPENDIR, 1, 0, &fh), 0, "opendir");
	names = list(FUSE_READDIR, fh, 0, 4096, &nodes, &next);
	ok(strstr(names, " sub ") && strstr(names, " old ") && strstr(names, " . "),
	   "readdir gives the names");
	is(list(FUSE_READDIRPLUS, fh, 0, 4096, &nodes, &next)[0], ' ', "readdirplus too");
	is(nodes, 8, "with nodes, but of . and ..");
	next = 0;
	for (int i = 0; i < 20 && *list(FUSE_READDIRPLUS, fh, next, 200, &nodes, &next); i++) {
		if (!reply_len)
			break;
		all += nodes;
	}
	is(all, 8, "one by one too");
	is(list(FUSE_READDIR, fh, 0, 8, &nodes, &next)[0], 'e', "no room for one is an error");
	is(read_fuse(fh, 0, 10), EISDIR, "a directory is not read as a file");
	is(release(FUSE_RELEASEDIR, fh), 0, "releasedir");
	is(named(FUSE_RMDIR, 1, "dir", 4), ENOTEMPTY, "rmdir of what is not empty");
	is(named(FUSE_UNLINK, dir, "new", 4), 0, "unlink");
	is(named(FUSE_RMDIR, 1, "dir", 4), 0, "and rmdir");
	is(access("share/dir", F_OK), -1, "it is gone");
	is(fuse(FUSE_STATFS, 1, NULL, 0), 0, "statfs");
	ok(get32(reply + 40) > 0, "has a block size");
}

/* The guest stays in the folder. */
static void escapes(void)
{
	static const char *const bad[] = {
		"..", ".", "/", "../secret", "sub/../../secret", "/etc"
	};
	struct fuse_create_in create = { .flags = O_RDWR, .mode = 0644 };
	struct fuse_setattr_in set = { .valid = FATTR_SIZE };
	struct {
		struct fuse_rename_in in;
		char names[16];
	} move = { { 1 }, "old\0../old" };
	u64 fh, link, count = fs.server.bad;
	char longer[300];
	struct stat st;

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		u32 len = strlen(bad[i]) + 1;

		is(named(FUSE_LOOKUP, 1, bad[i], len), EINVAL, bad[i]);
		is(fuse_more(FUSE_CREATE, 1, &create, sizeof(create), bad[i], len), EINVAL,
		   "is not created");
		is(named(FUSE_UNLINK, 1, bad[i], len), EINVAL, "nor deleted");
	}
	is(fuse(FUSE_RENAME, 1, &move, 8 + 11), EINVAL, "nor does a file move there");
	is(fs.server.bad - count, 3 * ARRAY_SIZE(bad) + 1, "all of them are counted");
	link = look(1, "link");
	ok(link != 0, "a link is seen as one");
	is(get32(reply + 40 + offsetof(struct fuse_attr, mode)) & S_IFMT, S_IFLNK, "by its mode");
	is(open_fuse(FUSE_OPEN, link, O_RDONLY, &fh), ELOOP, "but not opened");
	is(fuse(FUSE_SETATTR, link, &set, sizeof(set)), EINVAL, "nor truncated");
	set.valid = FATTR_MODE | FATTR_MTIME;
	ok(fuse(FUSE_SETATTR, link, &set, sizeof(set)) != 0, "nor does its mode change");
	is(fuse(FUSE_SETATTR, look(1, "pipe"), &set, sizeof(set)), EOPNOTSUPP,
	   "nor that of a pipe");
	set.mode = 0711;
	is(fuse(FUSE_SETATTR, look(1, "sub"), &set, sizeof(set)), 0, "that of a folder does");
	stat("share/sub", &st);
	is(st.st_mode, S_IFDIR | 0711, "as wanted");
	stat("secret", &st);
	is((st.st_mode & 0777) && st.st_mtim.tv_sec, 1,
	   "or that of what it points to, or its time");
	is(fuse_more(FUSE_CREATE, 1, &create, sizeof(create), "link", 5), ELOOP, "nor by create");
	is(fuse(FUSE_READLINK, link, NULL, 0), 0, "it can be read");
	ok(reply_len == 9 && !memcmp(reply, "../secret", 9), "for the guest to follow");
	link = look(1, "dirlink");
	is(look(link, "file"), 0, "a link to a directory is none");
	is(-reply_header.error, ENOTDIR, "ENOTDIR");
	is(fuse_more(FUSE_CREATE, link, &create, sizeof(create), "x", 2), ENOTDIR,
	   "nor for create");
	is(open_fuse(FUSE_OPENDIR, look(1, "root"), 0, &fh), ENOTDIR, "and not listed");
	is(open_fuse(FUSE_OPEN, look(1, "pipe"), O_RDONLY, &fh), EOPNOTSUPP,
	   "a pipe is not opened");
	is(access("secret", F_OK) || access("outside/x", F_OK) == 0, 0, "outside nothing changed");
	memset(longer, 'n', sizeof(longer));
	longer[299] = 0;
	is(named(FUSE_LOOKUP, 1, longer, 300), EINVAL, "a name of 299 bytes is too long");
	is(named(FUSE_LOOKUP, 1, "sub", 3), EINVAL, "one without an end is none");
	is(named(FUSE_LOOKUP, 1, "", 1), EINVAL, "nor an empty one");
	is(named(FUSE_LOOKUP, 1, NULL, 0), EINVAL, "nor none at all");
}

/* Look up sub in a folder of its own, with a mount on it: the error, positive. */
static int look_up_mount(void)
{
	static struct fuse_server other;
	static _Alignas(8) u8 in[104], out[256];
	struct fuse_in_header header = { .len = sizeof(in), .opcode = FUSE_INIT };
	struct fuse_init_in init = { 7, 31, 0, 0, 0, { 0 } };

	if (fuse_open(&other, "share"))
		return 0;
	memcpy(in, &header, sizeof(header));
	memcpy(in + sizeof(header), &init, sizeof(init));
	fuse_request(&other, in, sizeof(in), out, sizeof(out));
	header = (struct fuse_in_header){ .len = 44, .opcode = FUSE_LOOKUP, .nodeid = 1 };
	memcpy(in, &header, sizeof(header));
	memcpy(in + sizeof(header), "sub", 4);
	fuse_request(&other, in, 44, out, sizeof(out));
	fuse_close(&other);
	return -get32(out + 4);
}

/* A mount below the folder is not of the folder. A child makes one, if it may. */
static void mounts(void)
{
	int state;
	pid_t child = fork();

	if (!child) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) ||
		    mount("none", "share/sub", "tmpfs", 0, NULL))
			_exit(99);
		_exit(look_up_mount());
	}
	if (child < 0 || waitpid(child, &state, 0) != child || !WIFEXITED(state))
		exit(1);
	if (WEXITSTATUS(state) == 99)
		ok(1, "a mount # skip user namespaces are not permitted here");
	else
		is(WEXITSTATUS(state), EXDEV, "a mount is not entered");
}

/* What the guest knows and has open is bounded, and given back. */
static void bounds(void)
{
	struct fuse_forget_in one = { .nlookup = 1 };
	struct {
		struct fuse_batch_forget_in in;
		struct fuse_forget_one one[2];
	} batch = { { .count = 2 }, { { 1, 100 }, { 0, 1ull << 60 } } };
	struct fuse_in_header header = { .opcode = FUSE_FORGET };
	u8 bytes[sizeof(header) + sizeof(one)];
	char name[32];
	int before, n = 0;
	u64 sub, fh;

	start_driver(0, 2);
	start_fuse(7, 31);
	before = open_fds();
	sub = look(1, "sub");
	is(open_fds(), before + 1, "bounds: a node takes a descriptor");
	look(1, "sub");
	is(open_fds(), before + 1, "once");
	header.nodeid = sub;
	header.len = sizeof(bytes);
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), &one, sizeof(one));
	is(raw(HIPRIO, bytes, sizeof(bytes), 0), 0, "forget has no reply");
	is(open_fds(), before + 1, "and takes one lookup back");
	batch.one[1].nodeid = sub;
	header.opcode = FUSE_BATCH_FORGET;
	is(fuse(FUSE_BATCH_FORGET, 0, &batch, sizeof(batch)), -1, "several at once have none too");
	is(open_fds(), before, "the descriptor is given back");
	is(open_fuse(FUSE_OPENDIR, sub, 0, &fh), EBADF, "and the node is not known");
	is(open_fuse(FUSE_OPENDIR, 1, 0, &fh), 0, "but the folder is, after any forget");
	for (n = 0; n < FUSE_FILES + 10 && !open_fuse(FUSE_OPENDIR, 1, 0, &fh); n++)
		;
	is(n, FUSE_FILES - 1, "as many open as there are handles");
	is(open_fds(), before + FUSE_FILES, "and descriptors");
	start_driver(0, 2);
	is(open_fds(), before, "a reset gives all of them back");
	start_fuse(7, 31);
	mkdir("share/many", 0755);
	for (n = 0; n < FUSE_NODES + 10; n++) {
		sprintf(name, "share/many/%d", n);
		put_file(name, "");
	}
	sub = look(1, "many");
	for (n = 0; n < FUSE_NODES + 10; n++) {
		sprintf(name, "%d", n);
		if (!look(sub, name))
			break;
	}
	is(n, FUSE_NODES - 2, "as many nodes as there are");
	is(-reply_header.error, ENFILE, "then ENFILE");
	is(fuse(FUSE_DESTROY, 0, NULL, 0), 0, "destroy");
	is(open_fds(), before, "gives them back");
	start_fuse(7, 31);
	take_fds(0);
	is(look(1, "sub"), 0, "a host without descriptors");
	is(-reply_header.error, EMFILE, "is EMFILE");
	give_fds();
	ok(look(1, "sub") != 0, "and passes");
}

static void hostile(void)
{
	struct fuse_in_header header = { .opcode = FUSE_STATFS, .nodeid = 1 };
	struct fuse_batch_forget_in batch = { .count = 0xffffffff };
	struct fuse_read_in in = { .fh = ~0ull, .offset = ~0ull, .size = 4096 };
	u8 bytes[64] = { 0 };
	u64 fh, bad = fs.server.bad;

	header.len = 40;
	is(raw(REQUESTS, &header, 40, 100), 96, "hostile: a request that is right");
	is(raw(REQUESTS, &header, 40, 95), 16, "with room for a header alone");
	is(reply_header.error, -EINVAL, "it is an error");
	is(raw(REQUESTS, &header, 39, 100), 0, "less than a header has no reply");
	header.len = 41;
	is(raw(REQUESTS, &header, 40, 100), 16, "a length beyond the chain has one");
	is(reply_header.error, -EINVAL, "EINVAL");
	header.len = 39;
	raw(REQUESTS, &header, 40, 100);
	is(reply_header.error, -EINVAL, "so has one below the header");
	header.len = 0xffffffff;
	raw(REQUESTS, &header, 40, 100);
	is(reply_header.error, -EINVAL, "and one of 4 GB");
	is(fs.server.bad - bad, 5, "they are counted");
	header.opcode = FUSE_LOOKUP;
	memcpy(bytes, &header, sizeof(header));
	bytes[40] = 's';
	put32(bytes, 42);
	is(raw(REQUESTS, bytes, 42, 15), 0, "no room for a header, no reply");
	raw(REQUESTS, bytes, 42, 16);
	is(reply_header.error, -EINVAL, "no room for the reply is an error");
	is(fuse(FUSE_BATCH_FORGET, 0, &batch, sizeof(batch)), -1, "4 billion nodes to forget");
	for (u32 op = 0; op < 80; op++) {
		u64 nodes[] = { 0, 1, 2, FUSE_NODES, FUSE_NODES + 1, ~0ull };

		for (u32 i = 0; op != FUSE_INIT && i < ARRAY_SIZE(nodes); i++) {
			fuse(op, nodes[i], &in, sizeof(in));
			fuse(op, nodes[i], &in, 7);
			fuse(op, nodes[i], NULL, 0);
			start_fuse(7, 31);
		}
	}
	is(fuse(4711, 1, NULL, 0), ENOSYS, "an operation that is not there is ENOSYS");
	is(read_fuse(~0ull, 0, 1), EBADF, "a handle that is not, EBADF");
	is(read_fuse(1ull << 32, 0, 1), EBADF, "with high bits too");
	is(open_fuse(FUSE_OPENDIR, 1, 0, &fh), 0, "after all requests with all nodes it works");
	in.fh = fh;
	is(fuse(FUSE_READDIR, 1, &in, sizeof(in)) != 0, 1, "an offset of 2^64 - 1 is an error");
	set_common(VIRTIO_PCI_COMMON_STATUS, 1, 0);
	is(raw(REQUESTS, bytes, 42, 100), -1, "a device that is off does nothing");
	is(fs.v.errors, 0, "and at no time it needed a reset");
}

/* Random bytes after a header: nothing to see, but the sanitizers look. */
static void noise(void)
{
	struct fuse_in_header header = { .unique = 1 };
	u8 bytes[128];
	u32 seed = 11;

	start_driver(0, 2);
	start_fuse(7, 31);
	for (int i = 0; i < 20000; i++) {
		for (u32 j = 0; j < sizeof(bytes); j += 2) {
			seed = seed * 1103515245 + 12345;
			put16(bytes + j,
			      seed & 0x10000 ? 0 : seed >> 24 & (seed & 0x20000 ? 0x63 : 3));
		}
		header.opcode = seed >> 20 & 0x3f;
		header.nodeid = seed >> 10 & 3;
		if (header.opcode == FUSE_INIT || header.opcode == FUSE_DESTROY)
			continue;
		header.len = sizeof(header) + (seed >> 8 & 0x3f);
		memcpy(bytes, &header, sizeof(header));
		raw(REQUESTS, bytes, header.len, seed >> 4 & 0x3ff);
	}
	is(look(1, "none-of-these"), 0, "after 20,000 random requests");
	is(-reply_header.error, ENOENT, "it works");
	is(access("secret", F_OK) || access("outside/x", F_OK) == 0, 0,
	   "and outside nothing changed");
}

int main(int argc, char **argv)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (argc != 2 || make_folder(argv[1]))
		return 1;
	put_file("secret", "secret\n");
	begins();
	files();
	big();
	directories();
	escapes();
	mounts();
	bounds();
	hostile();
	noise();
	fuse_close(&fs.server);
	virtio_pci_end(&fs.v);
	return done();
}
