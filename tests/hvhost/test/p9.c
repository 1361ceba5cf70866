// SPDX-License-Identifier: GPL-2.0
/* The drive by 9P messages. The folder is in argv[1]. */
#define _GNU_SOURCE
#include "p9.h"
#include "fds.h"
#include "tap.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#define ALL_OPTIONS DRVFS_C "uid=0;gid=0;symlinkroot=/mnt/"

static struct p9_server s;

static u32 carry(void)
{
	return p9_request(&s, message, message_len, reply);
}

static void put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (!f || fputs(text, f) < 0 || fclose(f))
		exit(1);
}

static int file_is(const char *path, const char *text)
{
	char got[100] = "";
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(got, 1, sizeof(got) - 1, f) : 0;

	if (f)
		fclose(f);
	return f && n == strlen(text) && !memcmp(got, text, n);
}

/* Invalid messages that CALL has added. */
#define adds_bad(call, wanted, bads, name)                            \
	do {                                                          \
		u64 before_ = s.bad;                                  \
		is(call, wanted, name);                               \
		is(s.bad - before_, bads, name ", invalid messages"); \
	} while (0)

static void sessions(void)
{
	adds_bad(attach(1, ALL_OPTIONS), EINVAL, 1, "an attach before a version");
	adds_bad(version(4095, "9P2000.L"), EINVAL, 1, "messages of 4,095 bytes");
	is(version(1 << 20, "9P2000.u"), 0, "another version");
	ok(got(4, 2) == 7 && !memcmp(reply + P9_HEADER + 6, "unknown", 7), "is unknown");
	is(version(1 << 20, "9P2000.L"), 0, "9P2000.L");
	is(got(0, 4), P9_MSIZE, "is offered with 64 kB a message");
	s.max_msize = 8192;
	is(version(65536, "9P2000.L"), 0, "of a smaller host");
	is(got(0, 4), 8192, "it is smaller");
	s.max_msize = P9_MSIZE;
	is(version(65536, "9P2000.L"), 0, "again");
	ok(got(0, 4) == 65536 && got(4, 2) == 8 && !memcmp(reply + P9_HEADER + 6, "9P2000.L", 8),
	   "of what WSL asks for");
	is(attach(1, "drvfs;path=D:\\;symlinkroot=/mnt/"), ENOENT, "another drive");
	is(attach(1, "drvfs"), ENOENT, "none");
	is(attach(1, "/etc"), ENOENT, "a path of the host");
	is(attach(1, ALL_OPTIONS), 0, "the drive C:");
	ok(got(0, 1) == P9_QTDIR && reply_len == P9_QID, "is a directory");
	ok(!strcmp(s.aname, ALL_OPTIONS), "the name is kept as it came");
	adds_bad(attach(1, ALL_OPTIONS), EINVAL, 1, "a fid that is taken");
	adds_bad(p9(P9_TATTACH, "ddssd", 2, P9_NO_FID, "root", "drvfs\0", 0), ENOENT, 0,
		 "a text ends with its length");
	adds_bad(p9(P9_TATTACH, "dd", 2, P9_NO_FID), EINVAL, 1, "a message that is too short");
	adds_bad(p9(P9_TFLUSH, "wb", 1, 0), EINVAL, 1, "and one that is too long");
	is(p9(P9_TFLUSH, "w", 1), 0, "a flush");
	adds_bad(p9(P9_TXATTRWALK, "dds", 1, 2, "user.x"), EOPNOTSUPP, 0, "no attributes");
	adds_bad(p9(200, "d", 1), EOPNOTSUPP, 0, "a type that is not modelled");
	adds_bad(p9(P9_TCLUNK, "d", 99), EINVAL, 1, "a fid that there is not");
}

static void framing(void)
{
	u64 bad = s.bad;

	put32(message, 6);
	is(p9_request(&s, message, 6, reply), 0, "a message without a header");
	put32(message, 100);
	is(p9_request(&s, message, 50, reply), 0, "one that has another length");
	put32(message, 65537);
	is(p9_request(&s, message, 65537, reply), 0, "one that is too long");
	is(s.bad - bad, 3, "are invalid, without a reply");
}

static void walks(void)
{
	is(walk(1, 2, "a"), 0, "walk to a file");
	ok(got(0, 2) == 1 && got(2, 1) == 0 && reply_len == 2 + P9_QID, "its qid is a file's");
	is(walk(1, 3, "none"), ENOENT, "to none");
	is(p9(P9_TWALK, "ddw", 1, 3, 0), 0, "a copy of a fid");
	is(got(0, 2), 0, "has no names");
	is(p9(P9_TWALK, "ddw", 2, 4, 0), 0, "one of the file");
	is(p9(P9_TCLUNK, "d", 2), 0, "is there without the first");
	is(p9(P9_TWALK, "ddw", 4, 2, 0), 0, "and can be copied");
	is(p9(P9_TGETATTR, "dq", 2, (u64)0), 0, "with the file");
	is(p9(P9_TCLUNK, "d", 4), 0, "in all of them");
	is(p9(P9_TWALK, "ddwss", 1, 4, 2, "sub", "none"), 0, "a walk that ends early");
	is(got(0, 2), 1, "has the names before it");
	adds_bad(p9(P9_TCLUNK, "d", 4), EINVAL, 1, "and no fid");
	is(p9(P9_TWALK, "ddwss", 1, 4, 2, "sub", "b"), 0, "two names");
	is(got(0, 2), 2, "both are there");
	is(walk(3, 3, "sub"), 0, "a fid can move");
	is(walk(3, 5, "b"), 0, "to where b is");
	is(got(2 + 5, 8), ({
		   struct stat st;
		   stat("share/sub/b", &st) ? 0 : st.st_ino;
	   }),
	   "with the number of its inode");
	adds_bad(walk(1, 2, "a"), EINVAL, 1, "a new fid that is taken");
	is(walk(1, 6, ".."), EINVAL, "no name leads out");
	is(walk(1, 6, "sub/b"), EINVAL, "nor has two parts");
	is(walk(1, 6, "link"), 0, "a link");
	is(got(2, 1), P9_QTSYMLINK, "is one");
	is(p9(P9_TREADLINK, "d", 6), 0, "that can be read");
	ok(got(0, 2) == 9 && !memcmp(reply + P9_HEADER + 2, "../secret", 9), "as it is");
	is(p9(P9_TLOPEN, "dd", 6, O_RDONLY), ELOOP, "but not opened");
	is(walk(6, 7, "secret"), ENOTDIR, "nor walked through");
	is(walk(1, 7, "dirlink"), 0, "a link to a folder");
	is(walk(7, 8, "secret"), ENOTDIR, "is no way out either");
	adds_bad(p9(P9_TWALK, "ddw", 1, 9, P9_MAX_WELEM + 1), EINVAL, 1, "17 names");
	adds_bad(p9(P9_TWALK, "ddws", 1, 9, 2, "sub"), EINVAL, 1, "fewer than there should be");
	for (u32 fid = 2; fid < 8; fid++)
		is(p9(P9_TCLUNK, "d", fid), 0, "a fid is given back");
}

static void files(void)
{
	struct stat st;

	is(walk(1, 2, "a"), 0, "a file");
	is(p9(P9_TGETATTR, "dq", 2, (u64)P9_STATS_BASIC), 0, "its attributes");
	stat("share/a", &st);
	ok(reply_len == 153 && got(0, 8) == P9_STATS_BASIC && got(21, 4) == st.st_mode &&
		   got(33, 8) == 1 && got(49, 8) == 6 && got(89, 8) == (u64)st.st_mtime,
	   "are those of the host");
	is(p9(P9_TREAD, "dqd", 2, (u64)0, 100), EBADF, "it cannot be read");
	is(p9(P9_TFSYNC, "dd", 2, 0), EBADF, "or flushed");
	is(p9(P9_TLOPEN, "dd", 2, O_RDWR), 0, "until it is open");
	is(p9(P9_TREAD, "dqd", 2, (u64)1, 100), 0, "from the second byte on");
	ok(got(0, 4) == 5 && !memcmp(reply + P9_HEADER + 4, "irst\n", 5), "it has five");
	is(p9(P9_TREAD, "dqd", 2, (u64)6, 100), 0, "after its end");
	is(got(0, 4), 0, "none");
	is(p9(P9_TREAD, "dqd", 2, (u64)0, P9_MSIZE - 11), 0, "as much as a message takes");
	adds_bad(p9(P9_TREAD, "dqd", 2, (u64)0, P9_MSIZE - 10), EINVAL, 1, "and a byte more");
	is(p9(P9_TWRITE, "dqdB", 2, (u64)6, 7, "second\n", 7), 0, "write after it");
	is(got(0, 4), 7, "all");
	is(p9(P9_TFSYNC, "dd", 2, 0), 0, "and flush it");
	ok(file_is("share/a", "first\nsecond\n"), "the host has it");
	adds_bad(p9(P9_TWRITE, "dqdB", 2, (u64)0, 8, "short", 5), EINVAL, 1,
		 "a write that is short");
	adds_bad(p9(P9_TLOPEN, "dd", 2, O_RDWR), EINVAL, 1, "open twice");
	is(p9(P9_TSETATTR,
	      "ddddd"
	      "qqqqq",
	      2, 8 | P9_ATTR_MTIME | P9_ATTR_MTIME_SET, 0, 0, 0, (u64)5, (u64)0, (u64)0,
	      (u64)1000000, (u64)7),
	   0, "set size and time");
	stat("share/a", &st);
	ok(st.st_size == 5 && st.st_mtime == 1000000 && st.st_mtim.tv_nsec == 7, "it has them");
	is(p9(P9_TSETATTR,
	      "ddddd"
	      "qqqqq",
	      2, P9_ATTR_MTIME, 0, 0, 0, (u64)0, (u64)0, (u64)0, (u64)5, (u64)0),
	   0, "set the time, to none");
	stat("share/a", &st);
	ok(st.st_mtime > 1000000, "is to now");
	is(p9(P9_TSETATTR,
	      "ddddd"
	      "qqqqq",
	      2, 1, 0600, 0, 0, (u64)0, (u64)0, (u64)0, (u64)0, (u64)0),
	   0, "set the mode");
	stat("share/a", &st);
	is(st.st_mode & 0777, 0600, "it has it");
	is(p9(P9_TSTATFS, "d", 2), 0, "the file system");
	ok(reply_len == 60 && got(0, 4) == P9_FS_MAGIC && got(4, 4) && got(56, 4) == 255,
	   "is one of 9P, with its size");
	is(p9(P9_TCLUNK, "d", 2), 0, "close it");
}

static void making(void)
{
	struct stat st;

	is(p9(P9_TWALK, "ddw", 1, 2, 0), 0, "a fid of the folder");
	is(p9(P9_TLCREATE, "dsddd", 2, "new", O_RDWR | O_CREAT | O_EXCL, 0644, 0), 0,
	   "make a file");
	is(p9(P9_TWRITE, "dqdB", 2, (u64)0, 3, "new", 3), 0, "the fid is the file's, and open");
	ok(file_is("share/new", "new"), "the host has it");
	is(p9(P9_TWALK, "ddw", 1, 3, 0), 0, "another fid");
	is(p9(P9_TLCREATE, "dsddd", 3, "new", O_RDWR | O_CREAT | O_EXCL, 0644, 0), EEXIST,
	   "cannot make it again");
	is(p9(P9_TMKDIR, "dsdd", 1, "dir", 0755, 0), 0, "make a directory");
	ok(!stat("share/dir", &st) && S_ISDIR(st.st_mode) && got(0, 1) == P9_QTDIR, "it is one");
	is(walk(1, 4, "dir"), 0, "a fid of it");
	is(p9(P9_TRENAMEAT, "dsds", 1, "new", 4, "moved"), 0, "move the file there");
	ok(file_is("share/dir/moved", "new"), "it is there");
	is(p9(P9_TREAD, "dqd", 2, (u64)0, 3), 0, "and still open");
	is(p9(P9_TUNLINKAT, "dsd", 1, "dir", 0), EISDIR, "a directory is no file to remove");
	is(p9(P9_TUNLINKAT, "dsd", 1, "dir", P9_AT_REMOVE), ENOTEMPTY, "and not empty");
	adds_bad(p9(P9_TUNLINKAT, "dsd", 4, "moved", 1), EINVAL, 1, "a flag that is none");
	is(p9(P9_TUNLINKAT, "dsd", 4, "moved", 0), 0, "remove the file");
	is(p9(P9_TUNLINKAT, "dsd", 1, "dir", P9_AT_REMOVE), 0, "and the directory");
	ok(stat("share/dir", &st) && errno == ENOENT, "they are gone");
	is(p9(P9_TREMOVE, "d", 3), EOPNOTSUPP, "not by their fid");
	adds_bad(p9(P9_TCLUNK, "d", 3), EINVAL, 1, "which is gone then");
	is(p9(P9_TCLUNK, "d", 2), 0, "close the file");
	is(p9(P9_TCLUNK, "d", 4), 0, "and the directory");
}

/* The names of the directory that fid 2 is, in parts of SIZE bytes; the number of parts. */
static int list(u32 size, char *text)
{
	u64 offset = 0;
	int parts = 0;

	for (*text = '\0'; !p9(P9_TREADDIR, "dqd", 2, offset, size) && got(0, 4); parts++) {
		for (u32 at = 4; at < 4 + got(0, 4);) {
			u32 len = got(at + P9_QID + 9, 2);

			offset = got(at + P9_QID, 8);
			sprintf(text + strlen(text), "%.*s ", (int)len,
				(char *)reply + P9_HEADER + at + P9_QID + 11);
			at += P9_QID + 11 + len;
		}
	}
	return parts;
}

static void directories(void)
{
	static char whole[65536], parts[65536];
	char path[40];

	if (mkdir("share/many", 0755))
		exit(1);
	for (int i = 0; i < 300; i++) {
		snprintf(path, sizeof(path), "share/many/%d", i);
		put_file(path, "x");
	}
	is(walk(1, 2, "many"), 0, "a directory with 300 files");
	is(p9(P9_TREADDIR, "dqd", 2, (u64)0, 4096), EBADF, "that is not open");
	is(p9(P9_TLOPEN, "dd", 2, O_RDONLY | O_DIRECTORY), 0, "open");
	is(list(P9_MSIZE - 24, whole), 1, "it is one message");
	ok(strstr(whole, " 299 ") || !strncmp(whole, "299 ", 4), "with all of it");
	ok(list(500, parts) > 10, "or many");
	ok(!strcmp(whole, parts), "that have the same");
	is(p9(P9_TREAD, "dqd", 2, (u64)0, 100), EBADF, "it is no file");
	adds_bad(p9(P9_TREADDIR, "dqd", 2, (u64)0, P9_MSIZE - 10), EINVAL, 1,
		 "more than a message takes");
	is(p9(P9_TFSYNC, "dd", 2, 0), 0, "flush it");
	is(p9(P9_TCLUNK, "d", 2), 0, "and close it");
}

/* What the guest holds of the host. */
static void limits(void)
{
	int before = open_fds();
	u32 fid = 2;

	for (int i = 0; i < 1000; i++)
		if (walk(1, 2, "a") || p9(P9_TLOPEN, "dd", 2, O_RDONLY) || p9(P9_TCLUNK, "d", 2))
			exit(1);
	is(open_fds(), before, "1,000 opened and closed files leave nothing");
	while (fid < P9_FIDS + 10 && !p9(P9_TWALK, "ddw", 1, fid, 0))
		fid++;
	is(fid, P9_FIDS + 1, "2,048 fids are the most");
	is(walk(1, fid, "a"), ENFILE, "then there is no other one");
	is(open_fds(), before, "nor a descriptor that is left of it");
	is(version(65536, "9P2000.L"), 0, "a new session");
	is(attach(1, ALL_OPTIONS), 0, "has all of them");
	is(walk(1, 2, "a") || p9(P9_TLOPEN, "dd", 2, O_RDONLY), 0, "a file is open");
	p9_reset(&s);
	is(open_fds(), before, "and closed at the end of the mount");
}

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1]) || mkdir("share", 0755) || mkdir("share/sub", 0755) ||
	    mkdir("outside", 0755) || symlink("../secret", "share/link") ||
	    symlink("../outside", "share/dirlink"))
		return 2;
	put_file("secret", "secret\n");
	put_file("outside/secret", "secret\n");
	put_file("share/a", "first\n");
	put_file("share/sub/b", "b\n");
	is(p9_open(&s, "share"), 0, "9p: a folder");
	sessions();
	framing();
	walks();
	files();
	making();
	directories();
	limits();
	p9_close(&s);
	return done();
}
