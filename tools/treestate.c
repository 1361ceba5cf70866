// SPDX-License-Identifier: GPL-2.0
/*
 * treestate - has anything in a source tree changed since it was recorded?
 *
 *   treestate record DIR INDEX   hash every file of DIR and write INDEX; a file
 *                                whose stat is the same as in the old INDEX is not
 *                                read, a changed one gets a new time
 *   treestate follow DIR INDEX   hash every file of DIR while it is being unpacked,
 *                                until standard input ends, and write INDEX
 *   treestate check DIR INDEX    print "M path", "A path", "D path" for each
 *                                file that differs from INDEX in content, type
 *                                or execute bit; a touched file does not
 *   treestate stat DIR           print a digest of the names, sizes and times
 *
 * Exit status: 0 done (and for check: nothing differs), 3 check found a
 * difference, 1 an error, 2 usage.
 *
 * INDEX is text: a line "treestate 1 DIGEST", DIGEST being the SHA-256 of all
 * modes, hashes and paths, then for each file, sorted by path,
 *   mode(octal) size mtime(ns) ctime(ns) inode sha256 path
 * Ignored: .git, .pc, .queue, what patch(1) leaves (*.orig, *.rej), and what editors,
 * indexers and file managers do: left_out() has the names. No kernel has a file of one.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#define HEX  65 /* a SHA-256 in hex and its NUL */
#define NSEC 1000000000LL
#define RACY (20 * NSEC / 1000) /* file times tick every 10 ms at HZ=100 */

struct file {
	char *path;
	unsigned int mode; /* type and owner's execute bit */
	long long size, mtime, ctime;
	unsigned long long ino;
	char hash[HEX]; /* empty: not read yet */
};

struct index {
	struct file *file;
	size_t n, room;
};

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("treestate: error: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

static void *must(void *p)
{
	if (!p)
		fail("out of memory");
	return p;
}

static struct file *add(struct index *ix)
{
	if (ix->n == ix->room) {
		ix->room = ix->room ? ix->room * 2 : 1024;
		ix->file = must(realloc(ix->file, ix->room * sizeof(*ix->file)));
	}
	return memset(&ix->file[ix->n++], 0, sizeof(struct file));
}

static void drop(struct index *ix)
{
	while (ix->n)
		free(ix->file[--ix->n].path);
	free(ix->file);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

/* the tree is being unpacked: what cannot be read yet is read in the next scan */
static int unpacking;

static int matches(const char *name, const char *const *pattern)
{
	for (; *pattern; pattern++)
		if (!fnmatch(*pattern, name, 0))
			return 1;
	return 0;
}

static int left_out(const char *name, int top)
{
	static const char *const anywhere[] = {
		".", "..", "*.orig", "*.rej",
		/* vim, Emacs, kate: backups, locks and text that is not saved */
		"?*~", ".*.sw?", "#*#", ".#*", ".netrwhist",
		/* file managers, Windows, NFS, FUSE */
		".DS_Store", ".directory", "Thumbs.db", "*:Zone.Identifier", ".nfs0*",
		".fuse_hidden*", NULL
	};
	/* a selftest of the kernel's has a directory "tags" */
	static const char *const at_top[] = { ".git", ".pc", ".queue",
					      /* ctags, cscope, GNU global, clangd, ccls */
					      "tags", "TAGS", "cscope.*", "ncscope.*", "GPATH",
					      "GRTAGS", "GSYMS", "GTAGS", "compile_commands.json",
					      ".clangd", ".cache", ".ccls", ".ccls-cache",
					      /* settings of one project */
					      ".vscode", ".idea", ".dir-locals.el", ".exrc",
					      ".nvim.lua", ".vimrc", ".project", ".cproject",
					      ".settings", ".kdev4", "*.kdev4", NULL };

	return matches(name, anywhere) || (top && matches(name, at_top));
}

static void take_stat(struct file *f, const struct stat *st)
{
	f->mode = st->st_mode & (S_IFMT | S_IXUSR);
	f->size = st->st_size;
	f->mtime = st->st_mtim.tv_sec * NSEC + st->st_mtim.tv_nsec;
	f->ctime = st->st_ctim.tv_sec * NSEC + st->st_ctim.tv_nsec;
	f->ino = st->st_ino;
}

/* prefix: the path of dirfd below the tree, "" or ending in a slash */
static void walk(struct index *ix, int dirfd, const char *prefix)
{
	DIR *d = fdopendir(dirfd);
	struct dirent *e;

	if (!d)
		fail("%s: %s", prefix, strerror(errno));
	while ((e = readdir(d))) {
		struct stat st;
		char *path;

		if (left_out(e->d_name, !*prefix))
			continue;
		if (strchr(e->d_name, '\n'))
			fail("%s%s: a newline in a file name", prefix, e->d_name);
		if (fstatat(dirfd, e->d_name, &st, AT_SYMLINK_NOFOLLOW)) {
			if (unpacking)
				continue;
			fail("%s%s: %s", prefix, e->d_name, strerror(errno));
		}
		if (asprintf(&path, "%s%s%s", prefix, e->d_name, S_ISDIR(st.st_mode) ? "/" : "") <
		    0)
			fail("out of memory");
		if (S_ISDIR(st.st_mode)) {
			int fd = openat(dirfd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

			if (fd >= 0)
				walk(ix, fd, path);
			else if (!unpacking)
				fail("%s: %s", path, strerror(errno));
			free(path);
		} else {
			struct file *f = add(ix);

			f->path = path;
			take_stat(f, &st);
		}
	}
	closedir(d);
}

/* start of the scan; a later change has a later ctime, give or take a tick */
static long long looked;

static void scan(struct index *ix, const char *dir, int *fd)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	looked = now.tv_sec * NSEC + now.tv_nsec;
	*fd = open(dir, O_RDONLY | O_DIRECTORY);
	if (*fd < 0)
		fail("%s: %s", dir, strerror(errno));
	walk(ix, dup(*fd), "");
	qsort(ix->file, ix->n, sizeof(*ix->file), by_path);
}

static void hex(EVP_MD_CTX *ctx, char out[HEX])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n, i;

	if (!EVP_DigestFinal_ex(ctx, md, &n))
		fail("SHA-256 failed");
	for (i = 0; i < n; i++)
		sprintf(out + 2 * i, "%02x", md[i]);
}

static EVP_MD_CTX *start(void)
{
	static __thread EVP_MD_CTX *ctx;

	if (!ctx)
		ctx = must(EVP_MD_CTX_new());
	if (!EVP_DigestInit_ex(ctx, EVP_sha256(), NULL))
		fail("SHA-256 failed");
	return ctx;
}

/* a regular file's content, a symbolic link's target; other types have no content */
static void hash_file(struct file *f, int dirfd)
{
	static __thread char buf[1 << 17];
	EVP_MD_CTX *ctx = start();
	ssize_t n;

	if (S_ISLNK(f->mode)) {
		n = readlinkat(dirfd, f->path, buf, sizeof(buf));
		if (n < 0 && unpacking)
			return;
		if (n < 0)
			fail("%s: %s", f->path, strerror(errno));
		EVP_DigestUpdate(ctx, buf, n);
	} else if (S_ISREG(f->mode)) {
		int fd = openat(dirfd, f->path, O_RDONLY | O_NOFOLLOW);

		if (fd < 0 && unpacking)
			return;
		if (fd < 0)
			fail("%s: %s", f->path, strerror(errno));
		while ((n = read(fd, buf, sizeof(buf))) > 0)
			EVP_DigestUpdate(ctx, buf, n);
		if (n < 0)
			fail("%s: %s", f->path, strerror(errno));
		close(fd);
	}
	hex(ctx, f->hash);
}

/* 0 when there is no INDEX yet */
static int load(struct index *ix, const char *name)
{
	FILE *in = fopen(name, "r");
	char *text = NULL;
	size_t room = 0;
	ssize_t len;

	if (!in) {
		if (errno == ENOENT)
			return 0;
		fail("%s: %s", name, strerror(errno));
	}
	if (getline(&text, &room, in) < 0 || strncmp(text, "treestate 1 ", 12))
		fail("%s: not an index of treestate", name);
	while ((len = getline(&text, &room, in)) > 0) {
		struct file *f = add(ix);
		int at = 0;

		/* a truncated line has no newline */
		if (text[len - 1] != '\n')
			fail("%s: line %zu is damaged", name, ix->n + 1);
		text[len - 1] = '\0';
		if (sscanf(text, "%o %lld %lld %lld %llu %64s %n", &f->mode, &f->size, &f->mtime,
			   &f->ctime, &f->ino, f->hash, &at) != 6 ||
		    !at || !text[at] || strlen(f->hash) != HEX - 1)
			fail("%s: line %zu is damaged", name, ix->n + 1);
		f->path = must(strdup(text + at));
	}
	free(text);
	fclose(in);
	return 1;
}

static int same_stat(const struct file *a, const struct file *b)
{
	return a->mode == b->mode && a->size == b->size && a->mtime == b->mtime &&
		a->ctime == b->ctime && a->ino == b->ino;
}

static int same_content(const struct file *a, const struct file *b)
{
	return a->mode == b->mode && !strcmp(a->hash, b->hash);
}

/* another write within the same tick would leave the same times: force a read */
static void distrust(struct index *ix)
{
	size_t i;

	for (i = 0; i < ix->n; i++)
		if (looked - ix->file[i].ctime < RACY)
			ix->file[i].ctime = 0;
}

static void save(struct index *ix, const char *name)
{
	EVP_MD_CTX *ctx = start();
	char digest[HEX], *tmp;
	FILE *out;
	size_t i;

	for (i = 0; i < ix->n; i++) {
		struct file *f = &ix->file[i];

		EVP_DigestUpdate(ctx, &f->mode, sizeof(f->mode));
		EVP_DigestUpdate(ctx, f->hash, strlen(f->hash));
		EVP_DigestUpdate(ctx, f->path, strlen(f->path) + 1);
	}
	hex(ctx, digest);
	if (asprintf(&tmp, "%s.new", name) < 0)
		fail("out of memory");
	out = fopen(tmp, "w");
	if (!out)
		fail("%s: %s", tmp, strerror(errno));
	fprintf(out, "treestate 1 %s\n", digest);
	distrust(ix);
	for (i = 0; i < ix->n; i++) {
		struct file *f = &ix->file[i];

		fprintf(out, "%o %lld %lld %lld %llu %s %s\n", f->mode, f->size, f->mtime, f->ctime,
			f->ino, f->hash, f->path);
	}
	if (fflush(out) || ferror(out) || fclose(out) || rename(tmp, name))
		fail("%s: %s", name, strerror(errno));
	free(tmp);
}

/*
 * kbuild compares times: a file with new content and a time before the last record
 * would not be compiled again, so it is touched.
 */
static void touch_changed(struct file *f, int dirfd, long long recorded)
{
	struct stat st;

	if (f->mtime >= recorded)
		return;
	if (utimensat(dirfd, f->path, NULL, AT_SYMLINK_NOFOLLOW) ||
	    fstatat(dirfd, f->path, &st, AT_SYMLINK_NOFOLLOW))
		fail("%s: %s", f->path, strerror(errno));
	take_stat(f, &st);
}

static struct {
	struct index *ix;
	int dirfd;
	size_t next;
} work;

/* hash the files that have no hash yet, in several threads */
static void *hasher(void *unused)
{
	size_t i;

	while ((i = __atomic_fetch_add(&work.next, 1, __ATOMIC_RELAXED)) < work.ix->n)
		if (!*work.ix->file[i].hash)
			hash_file(&work.ix->file[i], work.dirfd);
	return unused;
}

static void hash_all(struct index *ix, int dirfd)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t thread[8];
	int i, others = n < 1 ? 0 : n > 8 ? 7 : n - 1;

	work.ix = ix;
	work.dirfd = dirfd;
	work.next = 0;
	for (i = 0; i < others; i++)
		if (pthread_create(&thread[i], NULL, hasher, NULL))
			break;
	hasher(NULL);
	while (i--)
		pthread_join(thread[i], NULL);
}

/* copy the hashes of unchanged files from old; both are sorted */
static void reuse(struct index *now, const struct index *old)
{
	size_t i, j = 0;

	for (i = 0; i < now->n; i++) {
		struct file *f = &now->file[i];

		while (j < old->n && strcmp(old->file[j].path, f->path) < 0)
			j++;
		if (j < old->n && !strcmp(old->file[j].path, f->path) &&
		    same_stat(f, &old->file[j]))
			memcpy(f->hash, old->file[j].hash, HEX);
	}
}

static void record(const char *dir, const char *name)
{
	struct index old = { 0 }, now = { 0 };
	long long recorded = 0;
	struct stat st;
	size_t i, j;
	int fd;

	if (load(&old, name) && !stat(name, &st))
		recorded = st.st_mtim.tv_sec * NSEC + st.st_mtim.tv_nsec;
	scan(&now, dir, &fd);
	reuse(&now, &old);
	hash_all(&now, fd);
	for (i = 0, j = 0; recorded && i < now.n; i++) {
		struct file *f = &now.file[i];

		while (j < old.n && strcmp(old.file[j].path, f->path) < 0)
			j++;
		if (j == old.n || strcmp(old.file[j].path, f->path) ||
		    !same_content(f, &old.file[j]))
			touch_changed(f, fd, recorded);
	}
	save(&now, name);
	close(fd);
}

/* is standard input at its end, now or within MS milliseconds? */
static int ended(int ms)
{
	struct pollfd in = { .fd = 0, .events = POLLIN };
	char byte;

	return poll(&in, 1, ms) > 0 && read(0, &byte, 1) <= 0;
}

/* hash while the tree is being unpacked, on processors that are idle meanwhile */
static void follow(const char *dir, const char *name)
{
	struct index seen = { 0 };
	int fd;

	do {
		struct index now = { 0 };

		unpacking = !ended(sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 500 : -1);
		scan(&now, dir, &fd);
		reuse(&now, &seen);
		hash_all(&now, fd);
		close(fd);
		if (unpacking)
			distrust(&now);
		drop(&seen);
		seen = now;
	} while (unpacking);
	save(&seen, name);
}

static int check(const char *dir, const char *name)
{
	struct index old = { 0 }, now = { 0 };
	size_t i = 0, j = 0;
	int fd, differ = 0, refresh = 0;

	if (!load(&old, name))
		fail("%s: %s", name, strerror(ENOENT));
	scan(&now, dir, &fd);
	while (i < now.n || j < old.n) {
		struct file *f = &now.file[i], *was = &old.file[j];
		int order = 1;

		if (i < now.n)
			order = j < old.n ? strcmp(f->path, was->path) : -1;
		if (order < 0) {
			printf("A %s\n", f->path);
			differ = 1;
			i++;
			continue;
		}
		if (order > 0) {
			printf("D %s\n", was->path);
			differ = 1;
			j++;
			continue;
		}
		if (!same_stat(f, was)) {
			hash_file(f, fd);
			if (same_content(f, was)) {
				*was = *f;
				refresh = 1;
			} else {
				printf("M %s\n", f->path);
				differ = 1;
			}
		}
		i++;
		j++;
	}
	/* the next check need not read touched files again */
	if (refresh)
		save(&old, name);
	close(fd);
	return differ ? 3 : 0;
}

static void print_stat(const char *dir)
{
	struct index now = { 0 };
	EVP_MD_CTX *ctx = start();
	char digest[HEX], text[64];
	size_t i;
	int fd;

	scan(&now, dir, &fd);
	for (i = 0; i < now.n; i++) {
		struct file *f = &now.file[i];
		int n = snprintf(text, sizeof(text), "%o %lld %lld ", f->mode, f->size, f->mtime);

		EVP_DigestUpdate(ctx, text, n);
		EVP_DigestUpdate(ctx, f->path, strlen(f->path) + 1);
	}
	hex(ctx, digest);
	puts(digest);
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "record")) {
		record(argv[2], argv[3]);
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "follow")) {
		follow(argv[2], argv[3]);
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "check"))
		return check(argv[2], argv[3]);
	if (argc == 3 && !strcmp(argv[1], "stat")) {
		print_stat(argv[2]);
		return 0;
	}
	fputs("usage: treestate record|follow|check DIR INDEX | stat DIR\n", stderr);
	return 2;
}
