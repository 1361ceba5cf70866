// SPDX-License-Identifier: GPL-2.0
/*
 * kconfig-explain - why does a symbol not have the requested value?
 *
 *   kconfig-explain SYMBOL...   without CONFIG_, for the .config of this directory
 *
 * Prints one line each: SYMBOL, a tab, the reason: there is no such symbol, the terms of
 * "depends on" or of the prompt's condition that are off with their values, the
 * symbols that select it, or that it has no prompt. Exit status: 0, or 2 for usage.
 *
 * It is linked with the tree's own kconfig objects (all but conf.o, which has main), so
 * Kconfig is read exactly as the kernel's build reads it. scripts/config/explain-symbol.sh
 * compiles it for each line and sets the environment that Kconfig files read (srctree,
 * SRCARCH, ARCH, KERNELVERSION, CC...). lkc.h is the tree's interface.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkc.h"

static void quiet(const char *s)
{
	(void)s;
}

static void put(void *data, struct symbol *sym, const char *text)
{
	(void)data;
	fputs(text, stdout);
	if (sym && sym->name && sym->type != S_UNKNOWN)
		printf("=%s", sym_get_string_value(sym));
	else if (sym && !(sym->flags & SYMBOL_CONST))
		fputs(" (no such symbol)", stdout);
}

/* print the terms of a conjunction that are below y after N others; returns the new N */
static int off_terms(struct expr *e, int n, const char *intro)
{
	if (!e)
		return n;
	if (e->type == E_AND)
		return off_terms(e->right.expr, off_terms(e->left.expr, n, intro), intro);
	if (expr_calc_value(e) == yes)
		return n;
	fputs(n ? ", " : intro, stdout);
	expr_print(e, put, NULL, E_NONE);
	return n + 1;
}

/* print the terms of a disjunction that are on after N others; returns the new N */
static int on_terms(struct expr *e, int n, const char *intro)
{
	if (!e)
		return n;
	if (e->type == E_OR)
		return on_terms(e->right.expr, on_terms(e->left.expr, n, intro), intro);
	if (expr_calc_value(e) == no)
		return n;
	/* three are enough: CRC32 has a dozen */
	if (n < 3) {
		fputs(n ? ", " : intro, stdout);
		expr_print(e, put, NULL, E_NONE);
	} else if (n == 3) {
		fputs(" and others", stdout);
	}
	return n + 1;
}

static void explain(const char *name)
{
	struct symbol *sym = sym_find(name);
	struct property *prop;
	int prompts = 0, said = 0;

	printf("%s\t", name);
	if (!sym || sym->type == S_UNKNOWN) {
		puts("this kernel has no such symbol");
		return;
	}
	sym_calc_value(sym);
	said = off_terms(sym->dir_dep.expr, 0, "depends on ");
	if (!said) {
		for (prop = sym->prop; prop; prop = prop->next) {
			if (prop->type != P_PROMPT)
				continue;
			prompts++;
			said += off_terms(prop->visible.expr, 0, "can only be set if ");
		}
	}
	if (!said && sym->rev_dep.expr)
		said += on_terms(sym->rev_dep.expr, 0, "selected by ");
	if (!said)
		printf("kconfig sets it to %s: %s", sym_get_string_value(sym),
		       prompts ? "its choice, range or type does not allow the value" :
				 "it has no prompt, request what selects it instead");
	putchar('\n');
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 2) {
		fputs("usage: kconfig-explain SYMBOL...\n", stderr);
		return 2;
	}
	conf_set_message_callback(quiet);
	conf_parse("Kconfig");
	conf_read(NULL);
	for (i = 1; i < argc; i++)
		explain(argv[i]);
	return 0;
}
