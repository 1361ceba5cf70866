// SPDX-License-Identifier: GPL-2.0
/*
 * release-unpack - unpack a release of somebody else's, once all of it is known to be harmless
 *
 *   release-unpack ARCHIVE DIR
 *
 * ARCHIVE is an uncompressed tar, DIR an empty directory. The whole archive is read first, and
 * nothing is written if an entry is not a regular file, has a name that is absolute, leads out
 * of DIR or has a control character in it, has the name of another one or is below one, or if
 * the sizes exceed that of the archive, as holes make them. Modes, owners, times and
 * attributes are not taken over: a file gets 0644, a directory 0755.
 *
 * Exit status: 0 done; 1 the archive was refused, or an error; 2 usage.
 */
#define _GNU_SOURCE
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

const char program[] = "release-unpack";

#define BLOCK (256U << 10)

/* a file of the archive, or a directory above one */
struct member {
	const char *key;
	bool directory;
};

struct release {
	const char *path;
	struct archive *a;
	off_t bytes; /* of the archive */
	struct table members;
};

/* names of an unknown archive go to a terminal */
static const char *printable(const char *name)
{
	static char text[128];
	size_t i;

	for (i = 0; i < sizeof(text) - 1 && name[i]; i++)
		text[i] = name[i] < ' ' || name[i] == 127 ? '?' : name[i];
	text[i] = '\0';
	return text;
}

static void open_archive(struct release *r)
{
	r->a = archive_read_new();
	/* no compression and no other format: less code reads what nobody has checked yet */
	if (!r->a || archive_read_support_format_tar(r->a) != ARCHIVE_OK)
		fail("out of memory");
	if (archive_read_open_filename(r->a, r->path, BLOCK) != ARCHIVE_OK)
		fail("%s: is no tar archive: %s", r->path, archive_error_string(r->a));
}

/* the next entry, or NULL at the end */
static struct archive_entry *next_entry(struct release *r)
{
	struct archive_entry *entry;
	int rc = archive_read_next_header(r->a, &entry);

	if (rc == ARCHIVE_EOF)
		return NULL;
	if (rc != ARCHIVE_OK)
		fail("%s: is damaged: %s", r->path, archive_error_string(r->a));
	return entry;
}

static bool leads_out(const char *name)
{
	const char *part = name;
	size_t length;

	for (;;) {
		length = strcspn(part, "/");
		if (length == 0 || (length == 1 && *part == '.') ||
		    (length == 2 && part[0] == '.' && part[1] == '.'))
			return true;
		if (!part[length])
			return false;
		part += length + 1;
	}
}

static bool has_control(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == 127)
			return true;
	return false;
}

static void add_member(struct release *r, const char *name, bool directory)
{
	struct member *m = table_find(&r->members, name);

	if (!m) {
		m = table_add(&r->members, name);
		m->directory = directory;
	} else if (!directory || !m->directory) {
		fail("%s: refused: %s is in it twice, or a file and a directory", r->path,
		     printable(name));
	}
}

static void check_entry(struct release *r, struct archive_entry *entry, off_t *total)
{
	const char *name = archive_entry_pathname(entry), *slash;
	char *parent;

	if (!name || !*name)
		fail("%s: refused: an entry has no name", r->path);
	if (archive_entry_hardlink(entry) || archive_entry_filetype(entry) != AE_IFREG)
		fail("%s: refused: %s is a link, a directory or a device; a release has files only",
		     r->path, printable(name));
	if (*name == '/')
		fail("%s: refused: %s is an absolute name", r->path, printable(name));
	if (leads_out(name))
		fail("%s: refused: %s leads out of the directory, or is no plain name", r->path,
		     printable(name));
	if (has_control(name))
		fail("%s: refused: %s has a control character in its name", r->path,
		     printable(name));
	if (archive_entry_size(entry) > r->bytes - *total)
		fail("%s: refused: %s has holes, or the archive is cut off", r->path,
		     printable(name));
	*total += archive_entry_size(entry);
	for (slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		parent = copy_n(name, (size_t)(slash - name));
		add_member(r, parent, true);
		free(parent);
	}
	add_member(r, name, false);
}

static void check_archive(struct release *r)
{
	struct archive_entry *entry;
	off_t total = 0;

	open_archive(r);
	while ((entry = next_entry(r))) {
		check_entry(r, entry, &total);
		if (archive_read_data_skip(r->a) != ARCHIVE_OK)
			fail("%s: is damaged: %s", r->path, archive_error_string(r->a));
	}
	if (!r->members.count)
		fail("%s: is empty", r->path);
	archive_read_free(r->a);
}

static void make_parents(int dir, const char *name)
{
	const char *slash;
	char *parent;

	for (slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		parent = copy_n(name, (size_t)(slash - name));
		if (mkdirat(dir, parent, 0755) && errno != EEXIST)
			fail("%s: %s", parent, strerror(errno));
		free(parent);
	}
}

static void unpack(struct release *r, const char *into)
{
	int dir = open(into, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	struct archive_entry *entry;
	const char *name;

	if (dir < 0)
		fail("%s: %s", into, strerror(errno));
	open_archive(r);
	while ((entry = next_entry(r))) {
		name = archive_entry_pathname(entry);
		/* somebody may have changed the file meanwhile */
		if (!name || !table_find(&r->members, name))
			fail("%s: changed while it was read", r->path);
		make_parents(dir, name);
		fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
		if (fd < 0)
			fail("%s/%s: %s", into, name, strerror(errno));
		if (archive_read_data_into_fd(r->a, fd) != ARCHIVE_OK)
			fail("%s/%s: %s", into, name, archive_error_string(r->a));
		if (close(fd))
			fail("%s/%s: %s", into, name, strerror(errno));
	}
	archive_read_free(r->a);
	close(dir);
}

int main(int argc, char **argv)
{
	struct release r = { .members = { .entry_size = sizeof(struct member) } };
	struct stat st;

	if (argc != 3) {
		fprintf(stderr, "usage: release-unpack ARCHIVE DIR\n");
		return 2;
	}
	r.path = argv[1];
	if (stat(r.path, &st))
		fail("%s: %s", r.path, strerror(errno));
	r.bytes = st.st_size;
	check_archive(&r);
	unpack(&r, argv[2]);
	table_free(&r.members);
	return 0;
}
