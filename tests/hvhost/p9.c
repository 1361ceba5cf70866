// SPDX-License-Identifier: GPL-2.0
/* 9P2000.L messages, as FUSE requests. */
#include "p9.h"
#include "proto/p9.h"
#include "stream.h"
#include <errno.h>
#include <limits.h>
#include <linux/fuse.h>
#include <sys/stat.h>

enum state { P9_FREE, P9_KNOWN, P9_FILE, P9_DIR }; /* the last two are open */

/* A message that is being served: what is left of it, and its reply. */
struct call {
	struct p9_server *s;
	const u8 *in;
	u32 left;
	int broken; /* it is none that a driver sends */
	u8 *out;    /* after the header */
	u32 room, len;
};

/* A number of up to 8 BYTES. */
static u64 take(struct call *c, u32 bytes)
{
	u64 value = 0;

	if (bytes > c->left) {
		c->broken = 1;
		return 0;
	}
	memcpy(&value, c->in, bytes);
	c->in += bytes;
	c->left -= bytes;
	return value;
}

/* A text of fewer than SIZE bytes, and without a NUL. */
static void take_text(struct call *c, char *text, u32 size)
{
	u32 len = take(c, 2);

	*text = '\0';
	if (len > c->left || len >= size || memchr(c->in, '\0', len)) {
		c->broken = 1;
		return;
	}
	memcpy(text, c->in, len);
	text[len] = '\0';
	c->in += len;
	c->left -= len;
}

struct name {
	char text[NAME_MAX + 1];
};

static struct name take_name(struct call *c)
{
	struct name name;

	take_text(c, name.text, sizeof(name.text));
	return name;
}

static struct p9_fid *find_fid(struct p9_server *s, u32 number)
{
	for (struct p9_fid *fid = s->fid; fid < s->fid + P9_FIDS; fid++)
		if (fid->state != P9_FREE && fid->number == number)
			return fid;
	return NULL;
}

/* One that the guest has, or NULL. */
static struct p9_fid *take_fid(struct call *c)
{
	struct p9_fid *fid = find_fid(c->s, take(c, 4));

	c->broken |= !fid;
	return fid;
}

static int invalid(struct call *c)
{
	c->broken = 1;
	return EINVAL;
}

/* Was that the whole message, and one that a driver sends? 0 or an error. */
static int all_taken(struct call *c)
{
	return c->broken || c->left ? invalid(c) : 0;
}

static void put(struct call *c, u64 value, u32 bytes)
{
	memcpy(c->out + c->len, &value, bytes);
	c->len += bytes;
}

static void put_bytes(struct call *c, const void *bytes, u32 len)
{
	memcpy(c->out + c->len, bytes, len);
	c->len += len;
}

/*
 * The version changes with the content, and is not 0, which would keep a guest of Linux 6.4
 * and later from caching (fs/9p/fid.h).
 */
static void put_qid(struct call *c, const struct fuse_attr *attr)
{
	put(c, S_ISDIR(attr->mode) ? P9_QTDIR : S_ISLNK(attr->mode) ? P9_QTSYMLINK : 0, 1);
	put(c, (u32)(attr->mtime * 1000 + attr->mtimensec / 1000000) | 1, 4);
	put(c, attr->ino, 8);
}

/* FUSE request OP about NODE: BODY, then MORE. Its error, or 0 and a reply. */
static int ask_more(struct p9_server *s, u32 op, u64 node, const void *body, u32 len,
		    const void *more, u32 more_len)
{
	struct fuse_in_header in = { .opcode = op, .nodeid = node, .unique = 1 };
	struct fuse_out_header out;
	u32 n;

	in.len = sizeof(in) + len + more_len;
	memcpy(s->ask, &in, sizeof(in));
	if (len)
		memcpy(s->ask + sizeof(in), body, len);
	if (more_len)
		memcpy(s->ask + sizeof(in) + len, more, more_len);
	n = fuse_request(&s->files, s->ask, in.len, s->answer, sizeof(s->answer));
	s->answer_len = n > sizeof(out) ? n - sizeof(out) : 0;
	if (n < sizeof(out))
		return 0;
	memcpy(&out, s->answer, sizeof(out));
	return -out.error;
}

static int ask(struct p9_server *s, u32 op, u64 node, const void *body, u32 len)
{
	return ask_more(s, op, node, body, len, NULL, 0);
}

static int ask_named(struct p9_server *s, u32 op, u64 node, const void *body, u32 len,
		     const struct name *name)
{
	return ask_more(s, op, node, body, len, name->text, strlen(name->text) + 1);
}

/* The reply to a FUSE request, after its header. */
static const void *answer(const struct p9_server *s)
{
	return s->answer + sizeof(struct fuse_out_header);
}

static int get_attr(struct p9_server *s, u64 node, struct fuse_attr *attr)
{
	struct fuse_getattr_in in = { 0 };
	int rc = ask(s, FUSE_GETATTR, node, &in, sizeof(in));

	if (!rc)
		*attr = ((const struct fuse_attr_out *)answer(s))->attr;
	return rc;
}

/* A fid counts as one lookup of its node. The folder's are not counted. */
static void hold(struct p9_server *s, u64 node)
{
	s->files.node[node - 1].lookups += node != FUSE_ROOT_ID;
}

static void forget(struct p9_server *s, u64 node)
{
	struct fuse_forget_in in = { .nlookup = 1 };

	ask(s, FUSE_FORGET, node, &in, sizeof(in));
}

/* Fid NUMBER is NODE, which is held for it: 0 or an error. */
static int add_fid(struct p9_server *s, u32 number, u64 node)
{
	for (struct p9_fid *fid = s->fid; fid < s->fid + P9_FIDS; fid++) {
		if (fid->state == P9_FREE) {
			*fid = (struct p9_fid){ P9_KNOWN, number, node, 0 };
			return 0;
		}
	}
	return ENFILE;
}

static void drop_fid(struct p9_server *s, struct p9_fid *fid)
{
	struct fuse_release_in in = { .fh = fid->fh };

	if (fid->state != P9_KNOWN)
		ask(s, fid->state == P9_DIR ? FUSE_RELEASEDIR : FUSE_RELEASE, fid->node, &in,
		    sizeof(in));
	forget(s, fid->node);
	fid->state = P9_FREE;
}

void p9_reset(struct p9_server *s)
{
	for (struct p9_fid *fid = s->fid; fid < s->fid + P9_FIDS; fid++)
		fid->state = P9_FREE;
	fuse_reset(&s->files);
	s->files.started = 1; /* FUSE_INIT would negotiate nothing of ours */
	s->msize = 0;
}

static int do_version(struct call *c)
{
	static const char ours[] = "9P2000.L";
	u32 msize = take(c, 4);
	struct name name = take_name(c);
	const char *version = strcmp(name.text, ours) ? "unknown" : ours;

	if (all_taken(c) || msize < P9_MSIZE_MIN)
		return invalid(c);
	p9_reset(c->s); /* what the guest had is gone */
	c->s->msize = msize < c->s->max_msize ? msize : c->s->max_msize;
	put(c, c->s->msize, 4);
	put(c, strlen(version), 2);
	put_bytes(c, version, strlen(version));
	return 0;
}

/* The only share is the drive C:, by the name that WSL has for it, and any options. */
static int do_attach(struct call *c)
{
	u32 number = take(c, 4);
	struct fuse_attr attr;
	int rc;

	take(c, 4);   /* the fid of an authentication, which there is none of */
	take_name(c); /* of the user */
	take_text(c, c->s->aname, sizeof(c->s->aname));
	take(c, 4); /* the number of the user */
	if (all_taken(c) || find_fid(c->s, number))
		return invalid(c);
	if (strncmp(c->s->aname, DRVFS_C, strlen(DRVFS_C)))
		return ENOENT;
	rc = get_attr(c->s, FUSE_ROOT_ID, &attr);
	if (!rc)
		rc = add_fid(c->s, number, FUSE_ROOT_ID);
	if (!rc)
		put_qid(c, &attr);
	return rc;
}

/* From *NODE, which is held, to NAME in it, which is held then: 0 or an error. */
static int step(struct call *c, u64 *node, const struct name *name)
{
	const struct fuse_entry_out *entry = answer(c->s);
	int rc = ask_named(c->s, FUSE_LOOKUP, *node, NULL, 0, name);
	u64 next;

	if (rc)
		return rc;
	next = entry->nodeid; /* it is overwritten by the next request */
	put_qid(c, &entry->attr);
	forget(c->s, *node);
	*node = next;
	return 0;
}

/* Where it ends early, the reply has what there is, and there is no new fid. */
static int do_walk(struct call *c)
{
	struct p9_fid *from = take_fid(c);
	u32 number = take(c, 4), names = take(c, 2), n;
	u8 *count = c->out;
	int rc = 0;
	u64 node;

	if (c->broken || names > P9_MAX_WELEM || (from->number != number && find_fid(c->s, number)))
		return invalid(c);
	put(c, 0, 2);
	node = from->node;
	hold(c->s, node);
	for (n = 0; n < names && !rc; n += !rc) {
		struct name name = take_name(c);

		rc = c->broken ? EINVAL : step(c, &node, &name);
	}
	put16(count, n);
	if (!rc)
		rc = all_taken(c);
	if (!rc && from->number == number)
		drop_fid(c->s, from);
	if (!rc)
		rc = add_fid(c->s, number, node);
	if (rc)
		forget(c->s, node);
	return n && n < names && !c->broken ? 0 : rc;
}

static int do_getattr(struct call *c)
{
	struct p9_fid *fid = take_fid(c);
	struct fuse_attr attr;
	int rc;

	take(c, 8); /* which are asked for: all are cheap */
	rc = all_taken(c);
	if (!rc)
		rc = get_attr(c->s, fid->node, &attr);
	if (rc)
		return rc;
	put(c, P9_STATS_BASIC, 8);
	put_qid(c, &attr);
	put(c, attr.mode, 4);
	put(c, attr.uid, 4);
	put(c, attr.gid, 4);
	put(c, attr.nlink, 8);
	put(c, 0, 8); /* rdev */
	put(c, attr.size, 8);
	put(c, attr.blksize, 8);
	put(c, attr.blocks, 8);
	put(c, attr.atime, 8);
	put(c, attr.atimensec, 8);
	put(c, attr.mtime, 8);
	put(c, attr.mtimensec, 8);
	put(c, attr.ctime, 8);
	put(c, attr.ctimensec, 8);
	for (int i = 0; i < 4; i++) /* btime, generation, version of the data: not valid */
		put(c, 0, 8);
	return 0;
}

static int do_setattr(struct call *c)
{
	struct p9_fid *fid = take_fid(c);
	u32 valid = take(c, 4);
	struct fuse_setattr_in in = { .valid = valid & P9_ATTR_SAME };
	u64 atimensec, mtimensec;

	in.mode = take(c, 4);
	in.uid = take(c, 4);
	in.gid = take(c, 4);
	in.size = take(c, 8);
	in.atime = take(c, 8);
	atimensec = take(c, 8);
	in.mtime = take(c, 8);
	mtimensec = take(c, 8);
	if (all_taken(c))
		return EINVAL;
	/* without a time it is to be the host's */
	if ((valid & P9_ATTR_ATIME) && !(valid & P9_ATTR_ATIME_SET))
		in.valid |= FATTR_ATIME_NOW;
	else
		in.atimensec = atimensec < 1000000000 ? atimensec : 1000000000;
	if ((valid & P9_ATTR_MTIME) && !(valid & P9_ATTR_MTIME_SET))
		in.valid |= FATTR_MTIME_NOW;
	else
		in.mtimensec = mtimensec < 1000000000 ? mtimensec : 1000000000;
	return ask(c->s, FUSE_SETATTR, fid->node, &in, sizeof(in));
}

static int do_lopen(struct call *c)
{
	struct p9_fid *fid = take_fid(c);
	struct fuse_open_in in = { .flags = take(c, 4) }; /* those of Linux */
	struct fuse_attr attr;
	int rc;

	if (all_taken(c) || fid->state != P9_KNOWN)
		return invalid(c);
	rc = get_attr(c->s, fid->node, &attr);
	if (!rc)
		rc = ask(c->s, S_ISDIR(attr.mode) ? FUSE_OPENDIR : FUSE_OPEN, fid->node, &in,
			 sizeof(in));
	if (rc)
		return rc;
	fid->state = S_ISDIR(attr.mode) ? P9_DIR : P9_FILE;
	fid->fh = ((const struct fuse_open_out *)answer(c->s))->fh;
	put_qid(c, &attr);
	put(c, 0, 4); /* as much as a message takes */
	return 0;
}

/* The fid of the directory becomes that of the file. */
static int do_lcreate(struct call *c)
{
	struct p9_fid *fid = take_fid(c);
	struct name name = take_name(c);
	struct fuse_create_in in = { .flags = take(c, 4) };
	struct fuse_entry_out entry;
	int rc;

	in.mode = take(c, 4);
	take(c, 4); /* the group */
	if (all_taken(c) || fid->state != P9_KNOWN)
		return invalid(c);
	rc = ask_named(c->s, FUSE_CREATE, fid->node, &in, sizeof(in), &name);
	if (rc)
		return rc;
	memcpy(&entry, answer(c->s), sizeof(entry));
	fid->fh = get64((const u8 *)answer(c->s) + sizeof(entry));
	fid->state = P9_FILE;
	forget(c->s, fid->node);
	fid->node = entry.nodeid;
	put_qid(c, &entry.attr);
	put(c, 0, 4);
	return 0;
}

static int do_mkdir(struct call *c)
{
	struct p9_fid *dir = take_fid(c);
	struct name name = take_name(c);
	struct fuse_mkdir_in in = { .mode = take(c, 4) };
	struct fuse_entry_out entry;
	int rc;

	take(c, 4); /* the group */
	if (all_taken(c))
		return EINVAL;
	rc = ask_named(c->s, FUSE_MKDIR, dir->node, &in, sizeof(in), &name);
	if (rc)
		return rc;
	memcpy(&entry, answer(c->s), sizeof(entry));
	put_qid(c, &entry.attr);
	forget(c->s, entry.nodeid);
	return 0;
}

/* Ask for what Tread and Treaddir name, of a fid in STATE, by OPCODE; the answer, or an error */
static int ask_read(struct call *c, int state, u32 opcode)
{
	struct p9_fid *fid = take_fid(c);
	struct fuse_read_in in = { 0 };

	in.offset = take(c, 8);
	in.size = take(c, 4);
	if (all_taken(c) || in.size > c->room - 4)
		return invalid(c);
	if ((int)fid->state != state)
		return EBADF;
	in.fh = fid->fh;
	return ask(c->s, opcode, fid->node, &in, sizeof(in));
}

static int do_read(struct call *c)
{
	int rc = ask_read(c, P9_FILE, FUSE_READ);

	if (rc)
		return rc;
	put(c, c->s->answer_len, 4);
	put_bytes(c, answer(c->s), c->s->answer_len);
	return 0;
}

static int do_write(struct call *c)
{
	struct p9_fid *fid = take_fid(c);
	struct fuse_write_in in = { 0 };
	int rc;

	in.offset = take(c, 8);
	in.size = take(c, 4);
	if (c->broken || in.size != c->left)
		return invalid(c);
	if (fid->state != P9_FILE)
		return EBADF;
	in.fh = fid->fh;
	rc = ask_more(c->s, FUSE_WRITE, fid->node, &in, sizeof(in), c->in, in.size);
	if (!rc)
		put(c, ((const struct fuse_write_out *)answer(c->s))->size, 4);
	return rc;
}

/* The entries of FUSE's reply; none is longer here than there. */
static void put_entries(struct call *c)
{
	const u8 *at = answer(c->s), *end = at + c->s->answer_len;
	struct fuse_dirent entry;

	for (; at + FUSE_NAME_OFFSET <= end;
	     at += FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + entry.namelen)) {
		struct fuse_attr attr = { 0 };

		memcpy(&entry, at, FUSE_NAME_OFFSET);
		attr.ino = entry.ino;
		attr.mode = entry.type << 12;
		put_qid(c, &attr);
		put(c, entry.off, 8);
		put(c, entry.type, 1);
		put(c, entry.namelen, 2);
		put_bytes(c, at + FUSE_NAME_OFFSET, entry.namelen);
	}
}

static int do_readdir(struct call *c)
{
	u8 *count = c->out;
	int rc = ask_read(c, P9_DIR, FUSE_READDIR);

	if (rc)
		return rc;
	put(c, 0, 4);
	put_entries(c);
	put32(count, c->len - 4);
	return 0;
}

static int do_fsync(struct call *c)
{
	struct p9_fid *fid = take_fid(c);
	struct fuse_fsync_in in = { 0 };

	take(c, 4); /* whether only the data */
	if (all_taken(c))
		return EINVAL;
	if (fid->state == P9_KNOWN)
		return EBADF;
	in.fh = fid->fh;
	return ask(c->s, fid->state == P9_DIR ? FUSE_FSYNCDIR : FUSE_FSYNC, fid->node, &in,
		   sizeof(in));
}

static int do_statfs(struct call *c)
{
	struct p9_fid *fid = take_fid(c);
	struct fuse_statfs_out out;
	int rc = all_taken(c);

	if (!rc)
		rc = ask(c->s, FUSE_STATFS, fid->node, NULL, 0);
	if (rc)
		return rc;
	memcpy(&out, answer(c->s), sizeof(out));
	put(c, P9_FS_MAGIC, 4);
	put(c, out.st.bsize, 4);
	put(c, out.st.blocks, 8);
	put(c, out.st.bfree, 8);
	put(c, out.st.bavail, 8);
	put(c, out.st.files, 8);
	put(c, out.st.ffree, 8);
	put(c, 0, 8); /* the number of the file system */
	put(c, out.st.namelen, 4);
	return 0;
}

static int do_readlink(struct call *c)
{
	struct p9_fid *fid = take_fid(c);
	int rc = all_taken(c);

	if (!rc)
		rc = ask(c->s, FUSE_READLINK, fid->node, NULL, 0);
	if (!rc && c->s->answer_len > c->room - 2)
		rc = ENAMETOOLONG;
	if (rc)
		return rc;
	put(c, c->s->answer_len, 2);
	put_bytes(c, answer(c->s), c->s->answer_len);
	return 0;
}

static int do_renameat(struct call *c)
{
	struct p9_fid *from = take_fid(c), *to;
	struct name old = take_name(c), new;
	struct fuse_rename_in in;
	char names[2 * sizeof(old)];
	u32 len = strlen(old.text) + 1;

	to = take_fid(c);
	new = take_name(c);
	if (all_taken(c))
		return EINVAL;
	in.newdir = to->node;
	memcpy(names, old.text, len);
	strcpy(names + len, new.text);
	return ask_more(c->s, FUSE_RENAME, from->node, &in, sizeof(in), names,
			len + strlen(new.text) + 1);
}

static int do_unlinkat(struct call *c)
{
	struct p9_fid *dir = take_fid(c);
	struct name name = take_name(c);
	u32 flags = take(c, 4);

	if (all_taken(c) || (flags & ~P9_AT_REMOVE))
		return invalid(c);
	return ask_named(c->s, flags ? FUSE_RMDIR : FUSE_UNLINK, dir->node, NULL, 0, &name);
}

static int do_clunk(struct call *c)
{
	struct p9_fid *fid = take_fid(c);

	if (all_taken(c))
		return EINVAL;
	drop_fid(c->s, fid);
	return 0;
}

/* By its path and not its fid a file is removed; the fid is gone all the same. */
static int do_remove(struct call *c)
{
	int rc = do_clunk(c);

	return rc ? rc : EOPNOTSUPP;
}

/* The message that it is about has been answered. */
static int do_flush(struct call *c)
{
	take(c, 2);
	return all_taken(c);
}

static int (*const handlers[])(struct call *c) = {
	[P9_TSTATFS] = do_statfs,     [P9_TLOPEN] = do_lopen,	    [P9_TLCREATE] = do_lcreate,
	[P9_TREADLINK] = do_readlink, [P9_TGETATTR] = do_getattr,   [P9_TSETATTR] = do_setattr,
	[P9_TREADDIR] = do_readdir,   [P9_TFSYNC] = do_fsync,	    [P9_TMKDIR] = do_mkdir,
	[P9_TRENAMEAT] = do_renameat, [P9_TUNLINKAT] = do_unlinkat, [P9_TVERSION] = do_version,
	[P9_TATTACH] = do_attach,     [P9_TFLUSH] = do_flush,	    [P9_TWALK] = do_walk,
	[P9_TREAD] = do_read,	      [P9_TWRITE] = do_write,	    [P9_TCLUNK] = do_clunk,
	[P9_TREMOVE] = do_remove,
};

static int serve(struct call *c, u32 type)
{
	if (!c->s->msize && type != P9_TVERSION)
		return invalid(c);
	/* the guest does without, as for extended attributes, or its caller has the error */
	if (type >= ARRAY_SIZE(handlers) || !handlers[type])
		return EOPNOTSUPP;
	return handlers[type](c);
}

u32 p9_request(struct p9_server *s, const u8 *in, u32 len, u8 *out)
{
	struct call c = { .s = s, .in = in + P9_HEADER, .out = out + P9_HEADER };
	int rc;

	s->requests++;
	if (len < P9_HEADER || get32(in) != len || len > (s->msize ? s->msize : P9_MSIZE)) {
		s->bad++;
		return 0;
	}
	c.left = len - P9_HEADER;
	c.room = (s->msize ? s->msize : P9_MSIZE_MIN) - P9_HEADER;
	rc = serve(&c, in[4]);
	s->bad += c.broken;
	if (rc) {
		c.len = 0;
		put(&c, rc, 4);
	}
	put32(out, P9_HEADER + c.len);
	out[4] = rc ? P9_RLERROR : in[4] + 1;
	put16(out + 5, get16(in + 5)); /* the tag */
	return P9_HEADER + c.len;
}

int p9_open(struct p9_server *s, const char *path)
{
	memset(s, 0, sizeof(*s));
	s->max_msize = P9_MSIZE;
	return fuse_open(&s->files, path);
}

void p9_close(struct p9_server *s)
{
	fuse_close(&s->files);
}
