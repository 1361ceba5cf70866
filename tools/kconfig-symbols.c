// SPDX-License-Identifier: GPL-2.0
/*
 * kconfig-symbols - which configuration symbols does a kernel tree define?
 *
 *   kconfig-symbols DIR       print "SYMBOL<tab>PROMPT" for each definition in the
 *                             Kconfig files below DIR, sorted. PROMPT is "PART: TEXT",
 *                             PART being the directory at the top; it is empty for a
 *                             symbol without a prompt, and for a prompt of one word,
 *                             which does not tell one symbol from another.
 *   kconfig-symbols OLD NEW   print "SYMBOL REPLACEMENT" for each symbol that is
 *                             defined below OLD and not below NEW, sorted. REPLACEMENT
 *                             is "-", or the one new symbol that has the same prompt.
 *
 * Exit status: 0 done, 1 an error, 2 usage.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "kconfig.h"
#include "text.h"

const char program[] = "kconfig-symbols";

/* the lines of one tree: "SYMBOL<tab>PROMPT", each once */
struct line {
	const char *key;
};

static void add_line(void *data, const struct kconfig_definition *d)
{
	/* one word does not tell one symbol from another */
	bool telling = d->prompt && strchr(d->prompt, ' ');
	char *text;

	if (asprintf(&text, "%s\t%s%s%s", d->symbol, telling ? d->part : "", telling ? ": " : "",
		     telling ? d->prompt : "") < 0)
		fail("out of memory");
	table_add(data, text);
	free(text);
}

static int by_key(const void *a, const void *b)
{
	return strcmp(**(const char *const *const *)a, **(const char *const *const *)b);
}

static void sort(struct table *t)
{
	/* the slots no longer fit: nothing is looked up in a sorted table */
	free(t->slot);
	t->slot = NULL;
	t->slots = 0;
	if (t->count)
		qsort(t->entry, t->count, sizeof(*t->entry), by_key);
}

static void read_tree(struct table *lines, const char *dir)
{
	lines->entry_size = sizeof(struct line);
	kconfig_read(dir, add_line, lines);
	sort(lines);
}

static int print_symbols(const char *dir)
{
	struct table lines = { 0 };
	size_t i;

	read_tree(&lines, dir);
	for (i = 0; i < lines.count; i++)
		puts(((struct line *)lines.entry[i])->key);
	table_free(&lines);
	return 0;
}

struct symbol {
	const char *key;
	const char *prompt; /* the last in the order of the lines; points into one */
};

struct prompt {
	const char *key;
	const struct symbol *symbol;
	unsigned int count; /* of the new symbols that have it */
};

/* the symbols of LINES; cuts the lines in two */
static void read_symbols(struct table *symbols, struct table *lines)
{
	size_t i;

	symbols->entry_size = sizeof(struct symbol);
	for (i = 0; i < lines->count; i++) {
		char *text = (char *)((struct line *)lines->entry[i])->key;
		char *prompt = strchr(text, '\t');
		struct symbol *s;

		*prompt++ = '\0';
		s = table_add(symbols, text);
		if (*prompt)
			s->prompt = prompt;
		/* the line is "SYMBOL\0PROMPT" from here on */
	}
}

/* the prompts of the symbols that NEW has and OLD has not */
static void read_prompts(struct table *prompts, const struct table *old, struct table *lines,
			 const struct table *new)
{
	size_t i;

	prompts->entry_size = sizeof(struct prompt);
	for (i = 0; i < lines->count; i++) {
		const char *symbol = ((struct line *)lines->entry[i])->key;
		const char *prompt = symbol + strlen(symbol) + 1;
		struct prompt *p;

		if (table_find(old, symbol) || !*prompt)
			continue;
		p = table_add(prompts, prompt);
		p->symbol = table_find(new, symbol);
		p->count++;
	}
}

static int print_removed(const char *old_dir, const char *new_dir)
{
	struct table old_lines = { 0 }, new_lines = { 0 }, old = { 0 }, new = { 0 },
		     prompts = { 0 };
	size_t i;

	read_tree(&old_lines, old_dir);
	read_tree(&new_lines, new_dir);
	read_symbols(&old, &old_lines);
	read_symbols(&new, &new_lines);
	read_prompts(&prompts, &old, &new_lines, &new);
	for (i = 0; i < old.count; i++) {
		const struct symbol *s = old.entry[i];
		const struct prompt *p = s->prompt ? table_find(&prompts, s->prompt) : NULL;

		if (!table_find(&new, s->key))
			printf("%s %s\n", s->key, p && p->count == 1 ? p->symbol->key : "-");
	}
	table_free(&prompts);
	table_free(&new);
	table_free(&old);
	table_free(&new_lines);
	table_free(&old_lines);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return print_symbols(argv[1]);
	if (argc == 3)
		return print_removed(argv[1], argv[2]);
	fputs("usage: kconfig-symbols DIR | kconfig-symbols OLD NEW\n", stderr);
	return 2;
}
