// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include "kconfig.h"
#include "text.h"

#define LETTERS	     "abcdefghijklmnopqrstuvwxyz"
#define SYMBOL_CHARS LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
#define BLANKS	     " \t"

static bool one_of(const char *word, size_t length, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == length && !memcmp(*list, word, length))
			return true;
	return false;
}

/* "SYMBOL", then nothing but a comment: a copy of SYMBOL, else NULL */
static char *symbol_in(const char *text)
{
	size_t length = strspn(text, SYMBOL_CHARS);
	const char *rest = text + length + strspn(text + length, BLANKS);

	return length && (!*rest || *rest == '#') ? copy_n(text, length) : NULL;
}

/* from the first quote, which TEXT begins with, to the last one; NULL when there is no other */
static char *prompt_in(const char *text)
{
	const char *end = text + strlen(text);

	if (*text != '"' && *text != '\'')
		return NULL;
	while (*--end != '"' && *end != '\'')
		;
	return end > text ? copy_n(text + 1, end - text - 1) : NULL;
}

static void finish(struct kconfig_definition *d, kconfig_fn *fn, void *data)
{
	if (d->symbol)
		fn(data, d);
	free((char *)d->symbol);
	free((char *)d->prompt);
	d->symbol = d->prompt = NULL;
}

/* CHOICES counts the choices of all files */
static void read_file(const char *path, const char *part, unsigned int *choices, kconfig_fn *fn,
		      void *data)
{
	static const char *const config[] = { "config", "menuconfig", NULL };
	static const char *const end[] = {
		"choice", "endchoice", "menu", "endmenu", "if", "endif", "comment", "source", NULL,
	};
	static const char *const type[] = {
		"bool", "tristate", "string", "int", "hex", "prompt", NULL,
	};
	struct kconfig_definition d = { .part = part };
	struct reader r;

	reader_open(&r, path);
	while (reader_next(&r)) {
		const char *word = r.line + strspn(r.line, BLANKS);
		size_t length = strspn(word, LETTERS);
		const char *rest = word + length + strspn(word + length, BLANKS);
		bool blank = rest > word + length;
		char *text;

		if (blank && one_of(word, length, config) && (text = symbol_in(rest))) {
			finish(&d, fn, data);
			d.symbol = text;
		} else if ((blank || !*rest) && one_of(word, length, end)) {
			finish(&d, fn, data);
			if (length == strlen("choice") && !memcmp(word, "choice", length))
				d.choice = ++*choices;
			else if (length == strlen("endchoice") &&
				 !memcmp(word, "endchoice", length))
				d.choice = 0;
		} else if (d.symbol && blank && one_of(word, length, type) &&
			   (text = prompt_in(rest))) {
			free((char *)d.prompt);
			d.prompt = text;
		}
	}
	finish(&d, fn, data);
}

/* a directory whose Kconfig files say nothing of this kernel */
static bool left_out(const FTSENT *e)
{
	return (e->fts_level == 1 && *e->fts_name == '.') ||
		(e->fts_level == 2 && !strcmp(e->fts_parent->fts_name, "arch") &&
		 strcmp(e->fts_name, "x86"));
}

void kconfig_read(const char *tree, kconfig_fn *fn, void *data)
{
	char *root[] = { (char *)tree, NULL };
	unsigned int choices = 0;
	FTS *fts = fts_open(root, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	FTSENT *e;

	if (!fts)
		fail("%s: %s", tree, strerror(errno));
	while (errno = 0, (e = fts_read(fts))) {
		const char *part = e->fts_path + strlen(tree);

		if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS)
			fail("%s: %s", e->fts_path, strerror(e->fts_errno));
		if (e->fts_level == 0 && e->fts_info != FTS_D && e->fts_info != FTS_DP)
			fail("%s: %s", tree, strerror(ENOTDIR));
		if (e->fts_info == FTS_D && left_out(e))
			fts_set(fts, e, FTS_SKIP);
		if (e->fts_info != FTS_F || strncmp(e->fts_name, "Kconfig", 7))
			continue;
		if (e->fts_level == 1 && *e->fts_name == '.')
			continue;
		part += strspn(part, "/");
		part = copy_n(part, strcspn(part, "/"));
		read_file(e->fts_path, part, &choices, fn, data);
		free((char *)part);
	}
	if (errno)
		fail("%s: %s", tree, strerror(errno));
	fts_close(fts);
}

bool config_line(char *line, const char **symbol, const char **value)
{
	static const char unset[] = " is not set";
	bool comment = !strncmp(line, "# ", 2);
	size_t length;

	if (comment)
		line += 2;
	if (strncmp(line, "CONFIG_", 7))
		return false;
	line += 7;
	length = strspn(line, SYMBOL_CHARS);
	if (!length || (comment ? strcmp(line + length, unset) != 0 : line[length] != '='))
		return false;
	line[length] = '\0';
	*symbol = line;
	*value = comment ? "n" : line + length + 1;
	return true;
}
