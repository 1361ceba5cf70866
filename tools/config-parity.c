// SPDX-License-Identifier: GPL-2.0
/*
 * config-parity - which symbols of another kernel's .config are not on here, and why?
 *
 *   config-parity LINE OMITTED TREE CONFIG BASELINE [OPTIONAL...]
 *
 * LINE is the name of the long-term line, OMITTED the list of reasons
 * (config/omitted.list), TREE the kernel tree that CONFIG is for, and CONFIG and
 * BASELINE are .config files. A symbol is on when it is y or m. OPTIONAL are the
 * fragments of optional features, each with the feature's name before its first dot.
 *
 * OMITTED has "SYMBOL LINES REASON" a line. LINES is * or names with commas between,
 * and a * in SYMBOL stands for any characters. The first entry that matches a symbol
 * gives its reason.
 *
 * Prints rows "KIND<tab>TEXT":
 *   unused    an entry of OMITTED for LINE that no baseline needs: it is the first one
 *             for no symbol of TREE or BASELINE that is off here
 *   reason    "SYMBOL<tab>REASON" for each symbol that may be off here, sorted. Three
 *             kinds need no entry: one that an OPTIONAL turns on, one that no Kconfig
 *             file of TREE defines, and one without a prompt, whose value follows from
 *             others.
 *   missing   a symbol that is off here without a reason
 *   total     the counts, and the symbols that TREE does not define
 * If a line of OMITTED is malformed, there is only "malformed<tab>LINE-NUMBER".
 *
 * Exit status: 0 done, 1 an error, 2 usage.
 */
#include <stdlib.h>
#include <string.h>

#include "kconfig.h"
#include "text.h"

const char program[] = "config-parity";

#define BLANKS " \t"

struct symbol {
	const char *key;
	bool on_here, on_there;
	bool known, prompt;   /* a Kconfig file of the tree defines it, with a prompt */
	bool unknown;	      /* the reason is that none does */
	const char *optional; /* the OPTIONAL that turns it on, or NULL */
	const char *reason;   /* that, or a text */
};

struct entry {
	char *pattern, *reason;
	bool used;
};

struct omitted {
	struct entry *entry;
	size_t count;
};

/* does TEXT match PATTERN, in which * stands for any characters? */
static bool matches(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			retry = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++retry;
		} else {
			return false;
		}
	}
	return !pattern[strspn(pattern, "*")];
}

/* is LINE one of LINES, which has commas between? */
static bool has_line(const char *lines, const char *line)
{
	size_t length = strlen(line);

	for (;;) {
		size_t end = strcspn(lines, ",");

		if (end == length && !strncmp(lines, line, length))
			return true;
		if (!lines[end])
			return false;
		lines += end + 1;
	}
}

/* end the word that TEXT begins with; returns what follows, without blanks in front */
static char *cut_word(char *text)
{
	char *end = text + strcspn(text, BLANKS);
	char *next = end + strspn(end, BLANKS);

	*end = '\0';
	return next;
}

static void add_entry(struct omitted *o, const char *pattern, const char *reason)
{
	o->entry = realloc(o->entry, (o->count + 1) * sizeof(*o->entry));
	if (!o->entry)
		fail("out of memory");
	o->entry[o->count++] = (struct entry){ copy(pattern), copy(reason), false };
}

/* the entries for LINE; returns 0, or the number of the first malformed line */
static unsigned long read_omitted(struct omitted *o, const char *path, const char *line)
{
	unsigned long malformed = 0;
	struct reader r;

	reader_open(&r, path);
	while (reader_next(&r)) {
		char *pattern = r.line + strspn(r.line, BLANKS), *lines, *reason;

		if (*r.line == '#' || !*pattern)
			continue;
		lines = cut_word(pattern);
		reason = cut_word(lines);
		if (!*reason || (strcmp(lines, "*") && lines[strspn(lines, "0123456789.,")])) {
			if (!malformed)
				malformed = r.number;
		} else if (!strcmp(lines, "*") || has_line(lines, line)) {
			add_entry(o, pattern, reason);
		}
	}
	return malformed;
}

static void see_definition(void *data, const struct kconfig_definition *d)
{
	struct symbol *s = table_add(data, d->symbol);

	s->known = true;
	s->prompt |= d->prompt != NULL;
}

/* the symbols that are on in the .config PATH; one that is there twice is as it is last */
static void read_config(struct table *symbols, const char *path, bool here)
{
	const char *symbol, *value;
	struct reader r;

	reader_open(&r, path);
	while (reader_next(&r)) {
		struct symbol *s;
		bool on;

		if (!config_line(r.line, &symbol, &value))
			continue;
		on = !strcmp(value, "y") || !strcmp(value, "m");
		s = table_add(symbols, symbol);
		*(here ? &s->on_here : &s->on_there) = on;
	}
}

/* the symbols that the fragment PATH turns on */
static void read_optional(struct table *symbols, const char *path)
{
	const char *symbol, *value;
	struct reader r;

	reader_open(&r, path);
	while (reader_next(&r))
		if (config_line(r.line, &symbol, &value) &&
		    (!strcmp(value, "y") || !strcmp(value, "m")))
			((struct symbol *)table_add(symbols, symbol))->optional = path;
}

struct totals {
	unsigned int there, here, optional, omitted, derived, unknown;
};

/* why the symbol may be off here, or NULL */
static const char *reason_for(struct symbol *s, struct omitted *o, struct totals *n)
{
	size_t i;

	if (s->optional) {
		n->optional++;
		return s->optional;
	}
	for (i = 0; i < o->count; i++) {
		if (!matches(o->entry[i].pattern, s->key))
			continue;
		n->omitted++;
		return o->entry[i].reason;
	}
	if (!s->known) {
		s->unknown = true;
		n->unknown++;
		return "the release has no such symbol";
	}
	if (!s->prompt) {
		n->derived++;
		return "follows from others, it has no prompt";
	}
	return NULL;
}

static void compare(struct table *symbols, struct omitted *o, struct totals *n)
{
	size_t i;

	for (i = 0; i < symbols->count; i++) {
		struct symbol *s = symbols->entry[i];

		if (!s->on_there)
			continue;
		n->there++;
		if (s->on_here)
			n->here++;
		else
			s->reason = reason_for(s, o, n);
	}
}

/* mark the first entry that matches each symbol that is off here and may be asked for */
static void find_used(const struct table *symbols, struct omitted *o)
{
	size_t i, k;

	for (k = 0; k < symbols->count; k++) {
		const struct symbol *s = symbols->entry[k];

		if (s->on_here || s->optional || (!s->known && !s->on_there))
			continue;
		for (i = 0; i < o->count && !matches(o->entry[i].pattern, s->key); i++)
			;
		if (i < o->count)
			o->entry[i].used = true;
	}
}

static void print_unused(const struct table *symbols, const struct omitted *o, const char *line)
{
	size_t i;

	for (i = 0; i < o->count; i++) {
		const struct symbol *s = table_find(symbols, o->entry[i].pattern);

		if (s && s->on_here)
			printf("unused\t%s, which is on in %s\n", o->entry[i].pattern, line);
		else if (!o->entry[i].used)
			printf("unused\t%s\n", o->entry[i].pattern);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct symbol *const *s = a, *const *t = b;

	return strcmp((*s)->key, (*t)->key);
}

static void print_reason(const struct symbol *s)
{
	const char *name;

	if (s->reason != s->optional) {
		printf("reason\t%s\t%s\n", s->key, s->reason);
		return;
	}
	name = strrchr(s->optional, '/');
	name = name ? name + 1 : s->optional;
	printf("reason\t%s\tWITH=%.*s adds it\n", s->key, (int)strcspn(name, "."), name);
}

static void print_reasons(const struct table *symbols)
{
	struct symbol **sorted = calloc(symbols->count + 1, sizeof(*sorted));
	size_t i, n = 0;

	if (!sorted)
		fail("out of memory");
	for (i = 0; i < symbols->count; i++) {
		struct symbol *s = symbols->entry[i];

		if (s->reason)
			sorted[n++] = s;
	}
	qsort(sorted, n, sizeof(*sorted), by_name);
	for (i = 0; i < n; i++)
		print_reason(sorted[i]);
	free(sorted);
}

static void print_missing(const struct table *symbols)
{
	size_t i;

	for (i = 0; i < symbols->count; i++) {
		const struct symbol *s = symbols->entry[i];

		if (s->on_there && !s->on_here && !s->reason)
			printf("missing\t%s\n", s->key);
	}
}

static void print_totals(const struct table *symbols, const struct totals *n)
{
	size_t i;

	printf("total\t%u symbols are on there: %u are on here, ", n->there, n->here);
	if (n->optional)
		printf("%u are optional, ", n->optional);
	printf("%u are left out for a reason, %u follow from others%s\n", n->omitted, n->derived,
	       n->unknown ? "," : "");
	if (!n->unknown)
		return;
	printf("total\tthe release has no such symbol:");
	for (i = 0; i < symbols->count; i++) {
		const struct symbol *s = symbols->entry[i];

		if (s->unknown)
			printf(" %s", s->key);
	}
	putchar('\n');
}

int main(int argc, char **argv)
{
	struct table symbols = { .entry_size = sizeof(struct symbol) };
	struct omitted omitted = { 0 };
	struct totals n = { 0 };
	unsigned long malformed;
	int i;

	if (argc < 6) {
		fputs("usage: config-parity LINE OMITTED TREE CONFIG BASELINE [OPTIONAL...]\n",
		      stderr);
		return 2;
	}
	malformed = read_omitted(&omitted, argv[2], argv[1]);
	if (malformed) {
		printf("malformed\t%lu\n", malformed);
	} else {
		/* the baseline first: what is printed is in its order */
		read_config(&symbols, argv[5], false);
		read_config(&symbols, argv[4], true);
		for (i = 6; i < argc; i++)
			read_optional(&symbols, argv[i]);
		kconfig_read(argv[3], see_definition, &symbols);
		compare(&symbols, &omitted, &n);
		find_used(&symbols, &omitted);
		print_unused(&symbols, &omitted, argv[1]);
		print_reasons(&symbols);
		print_missing(&symbols);
		print_totals(&symbols, &n);
	}
	while (omitted.count) {
		free(omitted.entry[--omitted.count].pattern);
		free(omitted.entry[omitted.count].reason);
	}
	free(omitted.entry);
	table_free(&symbols);
	return 0;
}
