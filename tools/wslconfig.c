// SPDX-License-Identifier: GPL-2.0
/*
 * wslconfig - read a .wslconfig as WSL does, and put a kernel into it
 *
 *   wslconfig get FILE KEY                  the value of KEY (wsl2.memory) that WSL uses
 *   wslconfig writable FILE                 would `set` be refused? Changes nothing
 *   wslconfig check FILE                    a row "LINE REASON" for each line it ignores
 *   wslconfig state FILE                    rows "NAME VALUE" of what `set` has written:
 *                                           kernel, kernelModules, before,
 *                                           beforeModules; before is "nothing" when
 *                                           there was no kernel of ours
 *   wslconfig set [-n] FILE KERNEL [MODULES]  set wsl2.kernel and wsl2.kernelModules
 *   wslconfig back [-n] FILE                the file as it was before the last `set`
 *   wslconfig unset [-n] FILE               the file as it was before the first one
 *
 * There are tabs in the rows. KERNEL and MODULES are paths as Windows has them. Only our
 * own lines are written; the user's lines of these two keys become comments until `unset`,
 * every other byte stays. -n prints what would be written and writes nothing.
 *
 * FILE is replaced whole, through FILE.wsl-kernel, or stays as it was. One that `set` made
 * is removed when nothing is left in it. A symbolic link is followed. Exit status: 0 done,
 * 1 an error, 2 usage, 3 KEY is not set, lines are ignored, or there is nothing to undo.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wslconfig.h"

const char program[] = "wslconfig";

/* no .wslconfig is larger; in bytes */
#define LARGEST (1 << 20)

struct file {
	char *path; /* without symbolic links */
	bool exists;
	mode_t mode;
	struct bytes text;
};

static void read_file(struct file *f, const char *path)
{
	char chunk[4096];
	struct stat st;
	const char *why;
	ssize_t n;
	int fd;

	memset(f, 0, sizeof(*f));
	bytes_add(&f->text, "", 0);
	f->path = realpath(path, NULL);
	fd = f->path ? open(f->path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0 && errno != ENOENT)
		fail("%s: cannot be read: %s", path, strerror(errno));
	if (fd < 0) {
		f->path = copy(path);
		return;
	}
	f->exists = true;
	if (fstat(fd, &st))
		fail("%s: %s", path, strerror(errno));
	f->mode = st.st_mode & 07777;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		bytes_add(&f->text, chunk, n);
		if (f->text.length > LARGEST)
			fail("%s: is larger than 1 MB", path);
	}
	if (n < 0)
		fail("%s: cannot be read: %s", path, strerror(errno));
	close(fd);
	why = wslconfig_refused(f->text.data, f->text.length);
	if (why)
		fail("%s: %s\n  to convert it from UTF-16: iconv -f UTF-16 -t UTF-8 FILE >NEW, "
		     "then mv NEW FILE\n  otherwise remove that byte with an editor",
		     path, why);
}

static void free_file(struct file *f)
{
	free(f->path);
	bytes_free(&f->text);
}

/* on disk before the rename that makes it count */
static bool write_whole(int fd, const struct bytes *text)
{
	size_t done = 0;
	ssize_t n;

	while (done < text->length) {
		n = write(fd, text->data + done, text->length - done);
		if (n < 0)
			return false;
		done += n;
	}
	return !fsync(fd);
}

static void sync_directory(const char *path)
{
	char *name = copy(path);
	int fd = open(dirname(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(name);
	/* a drive of Windows may refuse it; the rename is done either way */
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/* die if it cannot be; a link that leads to no file yet would be replaced, not followed */
static void writable(const struct file *f, const char *path)
{
	struct stat st;
	char *name;

	if (!f->exists && !lstat(path, &st))
		fail("%s: is a symbolic link to a file that does not exist", path);
	/* the owner of the directory could replace it, but somebody wants it as it is */
	if (f->exists && !(f->mode & 0222))
		fail("%s: is read-only\n  clear that in Windows: attrib -r "
		     "\"%%USERPROFILE%%\\.wslconfig\"",
		     path);
	name = copy(f->path);
	if (faccessat(AT_FDCWD, dirname(name), W_OK | X_OK, AT_EACCESS))
		fail("%s: cannot be written: %s", path, strerror(errno));
	free(name);
}

static void replace_file(const struct file *f, const struct bytes *text)
{
	char *new = NULL;
	bool ok;
	int fd;

	if (asprintf(&new, "%s.wsl-kernel", f->path) < 0)
		fail("out of memory");
	/* one that a killed run left */
	unlink(new);
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		fail("%s: cannot be created: %s", new, strerror(errno));
	ok = write_whole(fd, text);
	/* without the metadata option a drive of Windows has no modes to set */
	if (f->exists && fchmod(fd, f->mode))
		errno = 0;
	ok = !close(fd) && ok;
	if (!ok || rename(new, f->path)) {
		int error = errno;

		unlink(new);
		fail("%s: cannot be written, it is unchanged: %s", f->path, strerror(error));
	}
	sync_directory(f->path);
	free(new);
}

static void store(const struct file *f, const char *path, const struct bytes *text, bool print,
		  bool remove)
{
	if (print) {
		if (fwrite(text->data, 1, text->length, stdout) != text->length)
			fail("standard output: %s", strerror(errno));
		return;
	}
	if (f->exists && !remove && text->length == f->text.length &&
	    !memcmp(text->data, f->text.data, text->length))
		return;
	writable(f, path);
	if (!remove) {
		replace_file(f, text);
	} else if (f->exists) {
		if (unlink(f->path))
			fail("%s: cannot be removed: %s", path, strerror(errno));
		sync_directory(f->path);
	}
}

/* ---- the commands; each returns the exit status */

static int get(const struct file *f, const char *key)
{
	struct table settings;
	const char *value;

	wslconfig_read(&settings, f->text.data, f->text.length);
	value = wslconfig_get(&settings, key);
	if (value)
		puts(value);
	wslconfig_forget(&settings);
	return value ? 0 : 3;
}

static int check(const struct file *f)
{
	struct lexer *l = lexer_new(f->text.data, f->text.length);
	struct table settings;
	struct item item;
	int status = 0;

	wslconfig_read(&settings, f->text.data, f->text.length);
	while (lexer_next(l, &item)) {
		const struct setting *s = NULL;
		char *key;

		if (item.kind == ITEM_KEY) {
			key = lower(item.name);
			s = table_find(&settings, key);
			free(key);
		}
		if (item.kind == ITEM_INVALID)
			printf("%lu\t%s\n", item.line, item.why);
		else if (s && s->line != item.line)
			printf("%lu\t%s is set in line %lu already\n", item.line, item.name,
			       s->line);
		else
			continue;
		status = 3;
	}
	wslconfig_forget(&settings);
	lexer_free(l);
	return status;
}

static int show_state(const struct file *f)
{
	struct state s;
	int status;

	wslconfig_state(&s, f->text.data, f->text.length);
	status = s.kernel ? 0 : 3;
	if (s.kernel)
		printf("kernel\t%s\n", s.kernel);
	if (s.modules)
		printf("kernelModules\t%s\n", s.modules);
	if (s.has_before)
		printf("before\t%s\n", s.before_kernel ? s.before_kernel : "nothing");
	if (s.before_modules)
		printf("beforeModules\t%s\n", s.before_modules);
	state_free(&s);
	return status;
}

static void must_be_sayable(const char *value)
{
	if (!wslconfig_can_say(value))
		fail("\"%s\": cannot be named in .wslconfig\n  WSL keeps 8 bits of each "
		     "character, so only printable ASCII arrives: take another folder",
		     value);
}

/* set, back or unset; MODULES may be NULL */
static int edit(const struct file *f, const char *path, const char *command, const char *kernel,
		const char *modules, bool print)
{
	struct bytes text = { 0 };
	struct state now;
	bool known = true, remove = false;

	wslconfig_state(&now, f->text.data, f->text.length);
	if (!strcmp(command, "set")) {
		must_be_sayable(kernel);
		if (modules)
			must_be_sayable(modules);
		wslconfig_set(&text, f->text.data, f->text.length, kernel, modules, !f->exists);
	} else if (!strcmp(command, "unset")) {
		wslconfig_unset(&text, f->text.data, f->text.length);
		remove = now.created && !text.length;
	} else {
		known = wslconfig_back(&text, f->text.data, f->text.length);
		remove = now.created && !text.length;
	}
	if (known && (f->exists || text.length))
		store(f, path, &text, print, remove);
	state_free(&now);
	bytes_free(&text);
	return known ? 0 : 3;
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";
	bool print = argc > 2 && !strcmp(argv[2], "-n");
	char **word = argv + 2 + print;
	int words = argc - 2 - print, status = 2;
	bool sets = !strcmp(command, "set"),
	     undoes = !strcmp(command, "back") || !strcmp(command, "unset");
	struct file f;

	if (words < 1 || (print && !sets && !undoes)) {
		fputs("usage: wslconfig get|writable|check|state|set|back|unset [-n] FILE [WORD...]\n",
		      stderr);
		return 2;
	}
	read_file(&f, word[0]);
	if (!strcmp(command, "get") && words == 2)
		status = get(&f, word[1]);
	else if (!strcmp(command, "writable") && words == 1)
		writable(&f, word[0]), status = 0;
	else if (!strcmp(command, "check") && words == 1)
		status = check(&f);
	else if (!strcmp(command, "state") && words == 1)
		status = show_state(&f);
	else if ((sets && (words == 2 || words == 3)) || (undoes && words == 1))
		status = edit(&f, word[0], command, words > 1 ? word[1] : NULL,
			      words > 2 ? word[2] : NULL, print);
	else
		fputs("usage: see the head of tools/wslconfig.c\n", stderr);
	free_file(&f);
	if (fflush(stdout) || ferror(stdout))
		fail("standard output: %s", strerror(errno));
	return status;
}
