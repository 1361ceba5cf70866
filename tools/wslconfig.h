/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A .wslconfig as WSL reads it, and our lines in it. No function here reads or writes a
 * file; tests/fuzz/wslconfig.c runs them all on arbitrary bytes.
 */
#ifndef WSLCONFIG_H
#define WSLCONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/* Bytes, with a NUL behind them that LENGTH does not count. All zero is empty. */
struct bytes {
	char *data;
	size_t length;
};

void bytes_add(struct bytes *b, const char *data, size_t length);
void bytes_text(struct bytes *b, const char *text);
void bytes_free(struct bytes *b);

/* One line of the file that WSL looks at: a [section], a key or an invalid line. */
struct item {
	enum { ITEM_SECTION, ITEM_KEY, ITEM_INVALID } kind;
	unsigned long line; /* the first is 1 */
	/* offsets: of its first character, of what ends the line, of the next line */
	size_t start, terminator, end;
	bool lone_cr;	 /* a carriage return alone ends it */
	char *name;	 /* "section" or "section.key", as it is written; NULL if invalid */
	char *value;	 /* of a key, as WSL gets it */
	const char *why; /* of an invalid line */
};

struct lexer;
struct lexer *lexer_new(const char *data, size_t length);
/* The next item, valid until the call after it; false at the end. */
bool lexer_next(struct lexer *l, struct item *item);
/* After the end: would text that is appended stand on a line of its own? */
bool lexer_fresh(const struct lexer *l);
void lexer_free(struct lexer *l);

/* Why WSL and this program cannot read the same in it, or NULL: UTF-16, NUL, Ctrl-Z. */
const char *wslconfig_refused(const char *data, size_t length);

/* A setting of the file; KEY is "section.key" in lower case. */
struct setting {
	const char *key;
	char *value;	    /* the first one, which WSL uses */
	unsigned long line; /* of it */
};

/* A copy of TEXT with ASCII in lower case: WSL compares names without case. */
char *lower(const char *text);

/* What WSL gets out of the file: a table of settings. */
void wslconfig_read(struct table *settings, const char *data, size_t length);
const char *wslconfig_get(const struct table *settings, const char *key);
void wslconfig_forget(struct table *settings);

/* What our lines say. The strings are NULL where there is no such line. */
struct state {
	char *kernel, *modules;		      /* installed now */
	char *before_kernel, *before_modules; /* installed before that */
	bool has_before;		      /* the state before is known; NULL: not ours */
	bool created;			      /* the file did not exist before our lines */
};

void wslconfig_state(struct state *state, const char *data, size_t length);
void state_free(struct state *state);

/* Can VALUE be written so that WSL reads it? Printable ASCII, not empty. */
bool wslconfig_can_say(const char *value);

/*
 * OUT is DATA without our lines, and with the user's as they were.
 */
void wslconfig_unset(struct bytes *out, const char *data, size_t length);

/*
 * OUT is DATA with wsl2.kernel=KERNEL and wsl2.kernelModules=MODULES (NULL: none). The
 * user's own lines of these two keys become comments. What our lines said before is kept
 * in a comment, for wslconfig_back(). CREATED: there is no file yet.
 */
void wslconfig_set(struct bytes *out, const char *data, size_t length, const char *kernel,
		   const char *modules, bool created);

/*
 * OUT is DATA as it was before the last wslconfig_set(); false when that is not known,
 * because there was none or because it was undone already.
 */
bool wslconfig_back(struct bytes *out, const char *data, size_t length);

#endif
