// SPDX-License-Identifier: GPL-2.0
/*
 * config-check - does a .config have the values that fragments request?
 *
 *   config-check [-t TREE] FRAGMENT... CONFIG
 *
 * Prints a row "SYMBOL WANTED GOT FILE" for each symbol that does not have the
 * requested value, with tabs between: SYMBOL is without CONFIG_, FILE the fragment
 * that requests it. Of several fragments that request a symbol the last one wins.
 * With the Kconfig files of TREE it knows which symbols are members of one choice: a
 * request of y for a member replaces that for another.
 *
 * The exception is the boot contract: what a fragment requests between the lines
 * "# ==== boot contract: begin" and "# ==== boot contract: end" no later fragment
 * may change, nor a contract in it. A request that contradicts it is a row with the
 * fragment of the contract as a fifth column and the contract's value as GOT. These
 * rows come first.
 *
 * A symbol that is not set has the value n. Exit status: 0 all symbols have the
 * requested value, 3 there are rows, 1 an error, 2 usage.
 */
#include <stdlib.h>
#include <string.h>

#include "kconfig.h"
#include "text.h"

const char program[] = "config-check";

struct symbol {
	const char *key;
	char *wanted; /* NULL: no fragment requests it */
	char *got;    /* NULL: not set */
	const char *file;
	bool contract; /* the boot contract requests it */
	bool clash;    /* a row says that a fragment contradicts the contract */
};

/* the choice that a symbol is a member of */
struct member {
	const char *key;
	unsigned int choice;
};

static bool starts(const char *text, const char *head)
{
	return !strncmp(text, head, strlen(head));
}

static int print_row(const struct symbol *s, const char *wanted, const char *got, const char *file)
{
	/* a reader that takes tabs for blanks would lose an empty column */
	return printf("%s\t%s\t%s\t%s", s->key, *wanted ? wanted : "(empty)", got, file);
}

static void request(struct symbol *s, const char *value, const char *file, bool contract)
{
	/* a copy of the base file as EXTRA= has a contract of its own */
	if (s->contract && (!contract || s->file != file) && strcmp(value, s->wanted)) {
		if (!s->clash && print_row(s, value, s->wanted, file))
			printf("\t%s\n", s->file);
		s->clash = true;
		return;
	}
	s->contract |= contract;
	free(s->wanted);
	s->wanted = copy(value);
	s->file = file;
}

static unsigned int choice_of(const struct table *members, const char *symbol)
{
	const struct member *m = table_find(members, symbol);

	return m ? m->choice : 0;
}

/* only one member of a choice is on */
static void replace_members(struct table *symbols, const struct table *members,
			    const struct symbol *chosen, const char *file, bool contract)
{
	unsigned int choice = choice_of(members, chosen->key);
	size_t i;

	for (i = 0; choice && i < symbols->count; i++) {
		struct symbol *s = symbols->entry[i];

		if (s != chosen && !strcmp(s->wanted, "y") && choice_of(members, s->key) == choice)
			request(s, "n", file, contract);
	}
}

static void see_member(void *data, const struct kconfig_definition *d)
{
	if (d->choice)
		((struct member *)table_add(data, d->symbol))->choice = d->choice;
}

static void read_fragment(struct table *symbols, const struct table *members, const char *path)
{
	struct symbol *s;
	const char *symbol, *value;
	bool contract = false;
	struct reader r;

	reader_open(&r, path);
	while (reader_next(&r)) {
		if (starts(r.line, "# ==== boot contract: begin"))
			contract = true;
		else if (starts(r.line, "# ==== boot contract: end"))
			contract = false;
		else if (config_line(r.line, &symbol, &value)) {
			s = table_add(symbols, symbol);
			request(s, value, path, contract);
			if (!strcmp(s->wanted, "y"))
				replace_members(symbols, members, s, path, contract);
		}
	}
}

static void read_config(struct table *symbols, const char *path)
{
	const char *symbol, *value;
	struct reader r;

	reader_open(&r, path);
	while (reader_next(&r)) {
		struct symbol *s;

		if (!config_line(r.line, &symbol, &value))
			continue;
		s = table_find(symbols, symbol);
		if (!s)
			continue;
		free(s->got);
		s->got = copy(value);
	}
}

int main(int argc, char **argv)
{
	struct table symbols = { .entry_size = sizeof(struct symbol) };
	struct table members = { .entry_size = sizeof(struct member) };
	bool found = false;
	size_t i;
	int arg = 1;

	if (argc > 2 && !strcmp(argv[1], "-t")) {
		kconfig_read(argv[2], see_member, &members);
		arg = 3;
	}
	if (argc < arg + 2) {
		fputs("usage: config-check [-t TREE] FRAGMENT... CONFIG\n", stderr);
		return 2;
	}
	for (; arg < argc - 1; arg++)
		read_fragment(&symbols, &members, argv[arg]);
	read_config(&symbols, argv[argc - 1]);
	for (i = 0; i < symbols.count; i++) {
		struct symbol *s = symbols.entry[i];
		const char *got = s->got ? s->got : "n";

		found |= s->clash;
		if (!s->clash && strcmp(got, s->wanted)) {
			print_row(s, s->wanted, got, s->file);
			putchar('\n');
			found = true;
		}
		free(s->wanted);
		free(s->got);
	}
	table_free(&symbols);
	table_free(&members);
	return found ? 3 : 0;
}
