// SPDX-License-Identifier: GPL-2.0
/* FUSE requests on a folder of the host. */
#define _GNU_SOURCE
#include "fuse.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OLDEST_MINOR 31 /* 5.4's, the first with virtiofs */
#define VALID_S	     1	/* seconds for which the guest may keep names and attributes */
#define STAY	     (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV)

/* A request that is being served: what is left of it, and where its reply goes. */
struct request {
	struct fuse_server *s;
	struct fuse_in_header header;
	const u8 *in;
	u32 left;
	u8 *out; /* after the header */
	u32 room, len;
};

struct fd_path {
	char text[32];
};

/* A path to the file itself, for calls that take no O_PATH descriptor. */
static struct fd_path path_of(int fd)
{
	struct fd_path path;

	snprintf(path.text, sizeof(path.text), "/proc/self/fd/%d", fd);
	return path;
}

/* The request is none that a driver sends; what its reply says. */
static int invalid(struct request *r)
{
	r->s->bad++;
	return -EINVAL;
}

/* SIZE bytes of the request, or NULL if it has not as many. */
static const void *take(struct request *r, u32 size)
{
	const u8 *at = r->in;

	if (size > r->left)
		return NULL;
	r->in += size;
	r->left -= size;
	return at;
}

/* A name, which is one component of a path, or NULL. */
static const char *take_name(struct request *r)
{
	const char *name = (const char *)r->in;
	u32 len = strnlen(name, r->left);

	if (len == r->left || !len || len > NAME_MAX || memchr(name, '/', len) ||
	    !strcmp(name, ".") || !strcmp(name, ".."))
		return NULL;
	return take(r, len + 1);
}

/* Add to the reply: 0, or an error if there is no room. */
static int reply(struct request *r, const void *bytes, u32 size)
{
	if (size > r->room - r->len)
		return invalid(r);
	memcpy(r->out + r->len, bytes, size);
	r->len += size;
	return 0;
}

static struct fuse_node *node_of(struct fuse_server *s, u64 id)
{
	return id && id <= FUSE_NODES && s->node[id - 1].fd >= 0 ? &s->node[id - 1] : NULL;
}

/* The node that the request is about, or -1: its descriptor. */
static int node_fd(const struct request *r)
{
	struct fuse_node *node = node_of(r->s, r->header.nodeid);

	return node ? node->fd : -1;
}

/* The open file with handle FH, or -1. */
static int file_fd(const struct request *r, u64 fh)
{
	return fh < FUSE_FILES ? r->s->file[fh] : -1;
}

static int open_beneath(int dir, const char *name, int flags, u32 mode)
{
	struct open_how how = {
		.flags = flags | O_NOFOLLOW | O_CLOEXEC,
		.mode = mode,
		.resolve = STAY,
	};

	return syscall(SYS_openat2, dir, name, &how, sizeof(how));
}

static void fill_attr(struct fuse_attr *attr, const struct stat *st)
{
	*attr = (struct fuse_attr){
		.ino = st->st_ino,
		.size = st->st_size,
		.blocks = st->st_blocks,
		.atime = st->st_atim.tv_sec,
		.mtime = st->st_mtim.tv_sec,
		.ctime = st->st_ctim.tv_sec,
		.atimensec = st->st_atim.tv_nsec,
		.mtimensec = st->st_mtim.tv_nsec,
		.ctimensec = st->st_ctim.tv_nsec,
		.mode = st->st_mode,
		.nlink = st->st_nlink,
		.uid = st->st_uid,
		.gid = st->st_gid,
		.blksize = st->st_blksize,
	};
}

/* The node with the inode of FD, ST, which is closed or taken over; NULL if there is no room. */
static struct fuse_node *get_node(struct fuse_server *s, int fd, const struct stat *st)
{
	struct fuse_node *unused = NULL;

	for (struct fuse_node *node = s->node; node < s->node + FUSE_NODES; node++) {
		if (node->fd < 0) {
			unused = unused ? unused : node;
		} else if (node->ino == st->st_ino && node->dev == st->st_dev) {
			close(fd);
			node->lookups++;
			return node;
		}
	}
	if (!unused) {
		close(fd);
		return NULL;
	}
	*unused = (struct fuse_node){ fd, st->st_dev, st->st_ino, ++s->generation, 1 };
	return unused;
}

/* Look up NAME in DIR: an error, or 0 and what the reply says of it. */
static int look_up(struct fuse_server *s, int dir, const char *name, struct fuse_entry_out *out)
{
	int fd = open_beneath(dir, name, O_PATH, 0);
	struct fuse_node *node;
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		int rc = -errno;

		if (fd >= 0)
			close(fd);
		return rc;
	}
	node = get_node(s, fd, &st);
	if (!node)
		return -ENFILE;
	memset(out, 0, sizeof(*out));
	out->nodeid = node - s->node + 1;
	out->generation = node->generation;
	out->entry_valid = out->attr_valid = VALID_S;
	fill_attr(&out->attr, &st);
	return 0;
}

static void forget(struct fuse_server *s, u64 id, u64 lookups)
{
	struct fuse_node *node = node_of(s, id);

	if (!node || id == FUSE_ROOT_ID)
		return;
	node->lookups -= lookups < node->lookups ? lookups : node->lookups;
	if (node->lookups)
		return;
	close(node->fd);
	node->fd = -1;
}

/* A free handle for FD, or an error and FD is closed. */
static int add_file(struct fuse_server *s, int fd, u64 *fh)
{
	if (fd < 0)
		return -errno;
	for (*fh = 0; *fh < FUSE_FILES; ++*fh) {
		if (s->file[*fh] < 0) {
			s->file[*fh] = fd;
			return 0;
		}
	}
	close(fd);
	return -EMFILE;
}

/* Open the file that FD names, if it is a regular one: others may block, or do more. */
static int open_node(int fd, u32 flags)
{
	struct stat st;

	if (fstat(fd, &st))
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = S_ISLNK(st.st_mode) ? ELOOP : EOPNOTSUPP;
		return -1;
	}
	return open(path_of(fd).text, (flags & (O_ACCMODE | O_TRUNC)) | O_CLOEXEC);
}

static int do_init(struct request *r)
{
	const struct fuse_init_in *in = take(r, offsetof(struct fuse_init_in, flags) + 4);
	struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION, .minor = OLDEST_MINOR };

	if (!in)
		return invalid(r);
	if (in->major > FUSE_KERNEL_VERSION) /* the guest asks again, with ours */
		return reply(r, &out, sizeof(out));
	if (in->major < FUSE_KERNEL_VERSION || in->minor < OLDEST_MINOR)
		return -EPROTO;
	out.max_readahead = in->max_readahead < FUSE_TRANSFER ? in->max_readahead : FUSE_TRANSFER;
	out.flags = in->flags &
		(FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_MAX_PAGES | FUSE_DO_READDIRPLUS |
		 FUSE_READDIRPLUS_AUTO | FUSE_PARALLEL_DIROPS);
	out.max_background = 12; /* what the guest has by itself */
	out.congestion_threshold = 9;
	out.max_write = FUSE_TRANSFER;
	out.max_pages = FUSE_TRANSFER / PAGE_SIZE;
	out.time_gran = 1;
	fuse_reset(r->s);
	r->s->started = 1;
	return reply(r, &out, sizeof(out));
}

static int do_lookup(struct request *r)
{
	const char *name = take_name(r);
	struct fuse_entry_out out;
	int rc;

	if (!name)
		return invalid(r);
	if (r->room < sizeof(out)) /* else it would be looked up, and the guest not know */
		return invalid(r);
	rc = look_up(r->s, node_fd(r), name, &out);
	return rc ? rc : reply(r, &out, sizeof(out));
}

static int do_forget(struct request *r)
{
	const struct fuse_forget_in *in = take(r, sizeof(*in));

	if (in)
		forget(r->s, r->header.nodeid, in->nlookup);
	return in ? 0 : invalid(r);
}

static int do_batch_forget(struct request *r)
{
	const struct fuse_batch_forget_in *in = take(r, sizeof(*in));
	const struct fuse_forget_one *one;

	if (!in || in->count > r->left / sizeof(*one))
		return invalid(r);
	for (u32 i = 0; i < in->count; i++) {
		one = take(r, sizeof(*one));
		forget(r->s, one->nodeid, one->nlookup);
	}
	return 0;
}

static int reply_attr(struct request *r)
{
	struct fuse_attr_out out = { .attr_valid = VALID_S };
	struct stat st;

	if (fstat(node_fd(r), &st))
		return -errno;
	fill_attr(&out.attr, &st);
	return reply(r, &out, sizeof(out));
}

static int do_getattr(struct request *r)
{
	return take(r, sizeof(struct fuse_getattr_in)) ? reply_attr(r) : invalid(r);
}

static struct timespec time_of(u32 valid, u32 set, u32 now, u64 s, u32 ns)
{
	return (struct timespec){ s, !(valid & set) ? UTIME_OMIT : valid & now ? UTIME_NOW : ns };
}

static int set_size(const struct request *r, const struct fuse_setattr_in *in)
{
	int fd, rc;

	if (in->valid & FATTR_FH) /* it may be writable where the file is not */
		return ftruncate(file_fd(r, in->fh), in->size) ? -errno : 0;
	fd = open_node(node_fd(r), O_WRONLY);
	if (fd < 0)
		return -errno;
	rc = ftruncate(fd, in->size) ? -errno : 0;
	close(fd);
	return rc;
}

/* The rights and times of the file with MODE that FD names. Not by its path, see sandbox.c. */
static int set_inode(int fd, u32 mode, const struct fuse_setattr_in *in)
{
	struct timespec times[2] = {
		time_of(in->valid, FATTR_ATIME, FATTR_ATIME_NOW, in->atime, in->atimensec),
		time_of(in->valid, FATTR_MTIME, FATTR_MTIME_NOW, in->mtime, in->mtimensec),
	};
	int open = S_ISDIR(mode) ? open_beneath(fd, ".", O_RDONLY | O_DIRECTORY, 0) :
				   open_node(fd, O_RDONLY);
	int rc = 0;

	if (open < 0 && errno == EACCES && S_ISREG(mode))
		open = open_node(fd, O_WRONLY);
	if (open < 0)
		return -errno;
	/* a file of the host with other rights than its guest's is no thing to make */
	if (((in->valid & FATTR_MODE) && fchmod(open, in->mode & 0777)) ||
	    ((in->valid & (FATTR_ATIME | FATTR_MTIME)) && futimens(open, times)))
		rc = -errno;
	close(open);
	return rc;
}

static int do_setattr(struct request *r)
{
	const struct fuse_setattr_in *in = take(r, sizeof(*in));
	struct stat st;
	int rc = 0;

	if (!in || fstat(node_fd(r), &st))
		return invalid(r);
	if (in->atimensec >= 1000000000 || in->mtimensec >= 1000000000)
		return invalid(r);
	if (((in->valid & FATTR_UID) && in->uid != st.st_uid) ||
	    ((in->valid & FATTR_GID) && in->gid != st.st_gid))
		return -EPERM;
	if ((in->valid & FATTR_SIZE) && !S_ISREG(st.st_mode))
		return invalid(r);
	if (in->valid & FATTR_SIZE)
		rc = set_size(r, in);
	if (!rc && (in->valid & (FATTR_MODE | FATTR_ATIME | FATTR_MTIME)))
		rc = set_inode(node_fd(r), st.st_mode, in);
	return rc ? rc : reply_attr(r);
}

static int do_readlink(struct request *r)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(node_fd(r), "", text, sizeof(text));

	return n < 0 ? -errno : reply(r, text, n);
}

static int do_mkdir(struct request *r)
{
	const struct fuse_mkdir_in *in = take(r, sizeof(*in));
	const char *name = in ? take_name(r) : NULL;
	struct fuse_entry_out out;
	int rc;

	if (!name || r->room < sizeof(out))
		return invalid(r);
	if (mkdirat(node_fd(r), name, in->mode & ~in->umask & 0777))
		return -errno;
	rc = look_up(r->s, node_fd(r), name, &out);
	return rc ? rc : reply(r, &out, sizeof(out));
}

static int do_unlink(struct request *r)
{
	const char *name = take_name(r);
	int flags = r->header.opcode == FUSE_RMDIR ? AT_REMOVEDIR : 0;

	if (!name)
		return invalid(r);
	return unlinkat(node_fd(r), name, flags) ? -errno : 0;
}

static int do_rename(struct request *r)
{
	int second = r->header.opcode == FUSE_RENAME2; /* it has flags */
	u32 size = second ? sizeof(struct fuse_rename2_in) : sizeof(struct fuse_rename_in);
	const struct fuse_rename_in *in = take(r, size);
	u32 flags = in && second ? ((const struct fuse_rename2_in *)in)->flags : 0;
	const char *from = in ? take_name(r) : NULL, *to = from ? take_name(r) : NULL;
	struct fuse_node *dir = in ? node_of(r->s, in->newdir) : NULL;

	if (!to || !dir || (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)))
		return invalid(r);
	return renameat2(node_fd(r), from, dir->fd, to, flags) ? -errno : 0;
}

static int do_open(struct request *r)
{
	const struct fuse_open_in *in = take(r, sizeof(*in));
	struct fuse_open_out out = { 0 };
	int rc, dir = r->header.opcode == FUSE_OPENDIR;

	if (!in || r->room < sizeof(out))
		return invalid(r);
	rc = add_file(r->s,
		      dir ? open_beneath(node_fd(r), ".", O_RDONLY | O_DIRECTORY, 0) :
			    open_node(node_fd(r), in->flags),
		      &out.fh);
	return rc ? rc : reply(r, &out, sizeof(out));
}

static int do_create(struct request *r)
{
	const struct fuse_create_in *in = take(r, sizeof(*in));
	const char *name = in ? take_name(r) : NULL;
	struct {
		struct fuse_entry_out entry;
		struct fuse_open_out open;
	} out = { 0 };
	int rc, made;

	if (!name || r->room < sizeof(out))
		return invalid(r);
	made = open_beneath(node_fd(r), name, O_CREAT | O_EXCL | (in->flags & O_ACCMODE),
			    in->mode & ~in->umask & 0777);
	if (made < 0 && (errno != EEXIST || (in->flags & O_EXCL)))
		return -errno;
	rc = look_up(r->s, node_fd(r), name, &out.entry);
	if (rc) {
		if (made >= 0)
			close(made);
		return rc;
	}
	if (made < 0) /* it was there */
		made = open_node(r->s->node[out.entry.nodeid - 1].fd, in->flags);
	rc = add_file(r->s, made, &out.open.fh);
	if (rc)
		forget(r->s, out.entry.nodeid, 1);
	return rc ? rc : reply(r, &out, sizeof(out));
}

static int do_read(struct request *r)
{
	const struct fuse_read_in *in = take(r, sizeof(*in));
	u32 size = in && in->size < r->room ? in->size : r->room;
	ssize_t n;

	if (!in || in->size > FUSE_TRANSFER)
		return invalid(r);
	n = pread(file_fd(r, in->fh), r->out, size, in->offset);
	if (n < 0)
		return -errno;
	r->len = n;
	return 0;
}

static int do_write(struct request *r)
{
	const struct fuse_write_in *in = take(r, sizeof(*in));
	struct fuse_write_out out = { 0 };
	ssize_t n;

	if (!in || in->size != r->left || r->room < sizeof(out))
		return invalid(r);
	n = pwrite(file_fd(r, in->fh), r->in, in->size, in->offset);
	if (n < 0)
		return -errno;
	out.size = n;
	return reply(r, &out, sizeof(out));
}

static int do_statfs(struct request *r)
{
	struct fuse_statfs_out out = { 0 };
	struct statfs st;

	if (fstatfs(node_fd(r), &st))
		return -errno;
	out.st = (struct fuse_kstatfs){
		.blocks = st.f_blocks,
		.bfree = st.f_bfree,
		.bavail = st.f_bavail,
		.files = st.f_files,
		.ffree = st.f_ffree,
		.bsize = st.f_bsize,
		.namelen = NAME_MAX,
		.frsize = st.f_frsize,
	};
	return reply(r, &out, sizeof(out));
}

static int do_release(struct request *r)
{
	const struct fuse_release_in *in = take(r, sizeof(*in));

	if (!in || file_fd(r, in->fh) < 0)
		return invalid(r);
	close(r->s->file[in->fh]);
	r->s->file[in->fh] = -1;
	return 0;
}

static int do_flush(struct request *r)
{
	const struct fuse_flush_in *in = take(r, sizeof(*in));

	return in && file_fd(r, in->fh) >= 0 ? 0 : invalid(r);
}

static int do_fsync(struct request *r)
{
	const struct fuse_fsync_in *in = take(r, sizeof(*in));

	if (!in)
		return invalid(r);
	return fsync(file_fd(r, in->fh)) ? -errno : 0;
}

/* Add an entry of a directory: 1, or 0 if there is no room. */
static int add_entry(struct request *r, int dir, const struct dirent64 *entry, u32 limit)
{
	int plus = r->header.opcode == FUSE_READDIRPLUS;
	u32 name_at = plus ? FUSE_NAME_OFFSET_DIRENTPLUS : FUSE_NAME_OFFSET;
	u32 len = strlen(entry->d_name), size = FUSE_DIRENT_ALIGN(name_at + len);
	struct fuse_direntplus out = { .dirent = {
					       .ino = entry->d_ino,
					       .off = entry->d_off,
					       .namelen = len,
					       .type = entry->d_type,
				       } };
	u8 *at = r->out + r->len;

	if (size > limit - r->len)
		return 0;
	memset(at, 0, size);
	if (plus && strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
		look_up(r->s, dir, entry->d_name, &out.entry_out); /* else the guest does it */
	if (plus)
		memcpy(at, &out.entry_out, sizeof(out.entry_out));
	memcpy(at + name_at - FUSE_NAME_OFFSET, &out.dirent, FUSE_NAME_OFFSET);
	memcpy(at + name_at, entry->d_name, len);
	r->len += size;
	return 1;
}

static int do_readdir(struct request *r)
{
	const struct fuse_read_in *in = take(r, sizeof(*in));
	u32 limit = in && in->size < r->room ? in->size : r->room;
	_Alignas(struct dirent64) char buf[8192];
	struct dirent64 *entry;
	ssize_t n;
	int dir;

	if (!in)
		return invalid(r);
	dir = file_fd(r, in->fh);
	if (lseek(dir, in->offset, SEEK_SET) < 0)
		return -errno;
	while ((n = getdents64(dir, buf, sizeof(buf))) > 0) {
		for (ssize_t at = 0; at < n; at += entry->d_reclen) {
			entry = (struct dirent64 *)(buf + at);
			if (!add_entry(r, dir, entry, limit))
				return r->len ? 0 : invalid(r);
		}
	}
	return n < 0 && !r->len ? -errno : 0;
}

static int do_destroy(struct request *r)
{
	fuse_reset(r->s);
	return 0;
}

static int (*const handlers[])(struct request *r) = {
	[FUSE_INIT] = do_init,
	[FUSE_DESTROY] = do_destroy,
	[FUSE_LOOKUP] = do_lookup,
	[FUSE_FORGET] = do_forget,
	[FUSE_BATCH_FORGET] = do_batch_forget,
	[FUSE_GETATTR] = do_getattr,
	[FUSE_SETATTR] = do_setattr,
	[FUSE_READLINK] = do_readlink,
	[FUSE_MKDIR] = do_mkdir,
	[FUSE_UNLINK] = do_unlink,
	[FUSE_RMDIR] = do_unlink,
	[FUSE_RENAME] = do_rename,
	[FUSE_RENAME2] = do_rename,
	[FUSE_OPEN] = do_open,
	[FUSE_OPENDIR] = do_open,
	[FUSE_CREATE] = do_create,
	[FUSE_READ] = do_read,
	[FUSE_WRITE] = do_write,
	[FUSE_STATFS] = do_statfs,
	[FUSE_RELEASE] = do_release,
	[FUSE_RELEASEDIR] = do_release,
	[FUSE_FLUSH] = do_flush,
	[FUSE_FSYNC] = do_fsync,
	[FUSE_FSYNCDIR] = do_fsync,
	[FUSE_READDIR] = do_readdir,
	[FUSE_READDIRPLUS] = do_readdir,
};

static int serve(struct request *r, u32 len)
{
	u32 op = r->header.opcode;

	if (r->header.len != len)
		return invalid(r);
	if (!r->s->started && op != FUSE_INIT)
		return -EIO;
	if (op >= ARRAY_SIZE(handlers) || !handlers[op])
		return -ENOSYS; /* the guest does without it from then on */
	return handlers[op](r);
}

u32 fuse_request(struct fuse_server *s, const u8 *in, u32 len, u8 *out, u32 room)
{
	struct fuse_out_header header = { 0 };
	struct request r = { .s = s, .in = in + sizeof(r.header), .out = out + sizeof(header) };

	s->requests++;
	if (len < sizeof(r.header)) {
		s->bad++;
		return 0;
	}
	memcpy(&r.header, in, sizeof(r.header));
	r.left = len - sizeof(r.header);
	r.room = room < sizeof(header) ? 0 : room - sizeof(header);
	header.error = serve(&r, len);
	if (r.header.opcode == FUSE_FORGET || r.header.opcode == FUSE_BATCH_FORGET ||
	    room < sizeof(header))
		return 0;
	header.len = sizeof(header) + (header.error ? 0 : r.len);
	header.unique = r.header.unique;
	memcpy(out, &header, sizeof(header));
	return header.len;
}

void fuse_reset(struct fuse_server *s)
{
	for (u32 i = 0; i < FUSE_FILES; i++) {
		if (s->file[i] >= 0)
			close(s->file[i]);
		s->file[i] = -1;
	}
	for (u32 i = FUSE_ROOT_ID; i < FUSE_NODES; i++) { /* all but the folder */
		if (s->node[i].fd >= 0)
			close(s->node[i].fd);
		s->node[i].fd = -1;
	}
	s->started = 0;
}

int fuse_open(struct fuse_server *s, const char *path)
{
	struct stat st;

	memset(s, 0, sizeof(*s));
	for (u32 i = 0; i < FUSE_NODES; i++)
		s->node[i].fd = -1;
	for (u32 i = 0; i < FUSE_FILES; i++)
		s->file[i] = -1;
	s->node[0].fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->node[0].fd < 0 || fstat(s->node[0].fd, &st))
		return error("%s: %s", path, strerror(errno));
	if (stat(path_of(s->node[0].fd).text, &st))
		return error("/proc is not mounted, which %s needs", path);
	s->node[0].dev = st.st_dev;
	s->node[0].ino = st.st_ino;
	/* a file over a limit of ours is an error of the guest's, not our end */
	signal(SIGXFSZ, SIG_IGN);
	return 0;
}

void fuse_close(struct fuse_server *s)
{
	fuse_reset(s);
	close(s->node[0].fd);
}
