/* SPDX-License-Identifier: GPL-2.0 */
/* Reading lines and looking up strings, for the programs of this directory. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The program's name, for its error messages; each program defines it. */
extern const char program[];

/* Print "PROGRAM: error: ..." and exit with status 1. */
void fail(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Like strdup() and strndup(); they do not return when there is no memory. */
char *copy(const char *text);
char *copy_n(const char *text, size_t length);

/* A file that is read line by line. */
struct reader {
	FILE *file;
	const char *path;
	char *line; /* the current line, without its newline */
	size_t room;
	unsigned long number; /* of the current line; the first is 1 */
};

/* Open PATH for reading; fails when it cannot be opened. */
void reader_open(struct reader *r, const char *path);
/*
 * Go to the next line; false at the end, and the file is closed then. The last
 * line needs no newline. A NUL byte becomes '?', so that no text hides behind it.
 */
bool reader_next(struct reader *r);

/*
 * A set of strings, each with data of the caller's. An entry is a struct whose
 * first member is `const char *key`; the rest is zero when it is added. Entries
 * do not move.
 */
struct table {
	size_t entry_size;
	void **entry; /* in the order in which they were added */
	size_t count;
	size_t *slot; /* open addressing: index + 1, 0 is free */
	size_t slots;
};

/* The entry for KEY, or NULL. */
void *table_find(const struct table *t, const char *key);
/* The entry for KEY, added (with a copy of KEY) if there is none. */
void *table_add(struct table *t, const char *key);
void table_free(struct table *t);

#endif
