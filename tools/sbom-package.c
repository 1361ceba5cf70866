// SPDX-License-Identifier: GPL-2.0
/*
 * The packages of sbom: their package URLs, and their licences in SPDX's names. A licence that
 * is not in the table is not guessed at; the documents then quote what the package says.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sbom.h"

/* versioned: a name of its own with -only, and with -or-later for "+" */
static const struct {
	const char *name, *spdx;
	bool versioned;
} licences[] = {
	{ "GPL-1", "GPL-1.0", true },
	{ "GPL-2", "GPL-2.0", true },
	{ "GPLv2", "GPL-2.0", true },
	{ "GPL-3", "GPL-3.0", true },
	{ "GPLv3", "GPL-3.0", true },
	{ "LGPL-2", "LGPL-2.0", true },
	{ "LGPLv2", "LGPL-2.0", true },
	{ "LGPL-2.1", "LGPL-2.1", true },
	{ "LGPLv2.1", "LGPL-2.1", true },
	{ "LGPL-3", "LGPL-3.0", true },
	{ "LGPLv3", "LGPL-3.0", true },
	{ "GFDL-1.2", "GFDL-1.2", true },
	{ "GFDL-1.3", "GFDL-1.3", true },
	{ "Apache-2", "Apache-2.0", false },
	/* Debian's common-licenses has Perl's text under this name */
	{ "Artistic", "Artistic-1.0-Perl", false },
	{ "Artistic-2", "Artistic-2.0", false },
	{ "BSD-2-clause", "BSD-2-Clause", false },
	{ "BSD-3-clause", "BSD-3-Clause", false },
	{ "BSD-4-clause", "BSD-4-Clause", false },
	{ "CC0-1", "CC0-1.0", false },
	{ "Expat", "MIT", false },
	{ "ISC", "ISC", false },
	{ "MIT", "MIT", false },
	{ "Zlib", "Zlib", false },
};

static bool drop(char *text, const char *end)
{
	size_t length = strlen(text), n = strlen(end);

	if (length <= n || strcmp(text + length - n, end))
		return false;
	text[length - n] = '\0';
	return true;
}

/* append the SPDX name of one licence; false: it is not known */
static bool add_name(FILE *out, const char *word)
{
	char *name = copy(word);
	bool later = drop(name, "+") || drop(name, "-or-later"), found = false;
	size_t i;

	drop(name, "-only");
	drop(name, ".0");
	for (i = 0; i < sizeof(licences) / sizeof(*licences) && !found; i++) {
		found = !strcasecmp(name, licences[i].name) && (licences[i].versioned || !later);
		if (found)
			fprintf(out, "%s%s", licences[i].spdx,
				!licences[i].versioned ? "" :
					later	       ? "-or-later" :
							 "-only");
	}
	free(name);
	return found;
}

char *licence_expression(const char *text)
{
	char *words = copy(text), *word, *rest = words, *expression = NULL;
	bool good = true, name = true;
	size_t size;
	FILE *out = open_memstream(&expression, &size);

	if (!out)
		fail("out of memory");
	/* names and operators take turns; commas and brackets, which group, are not read */
	while (good && (word = strsep(&rest, " \t"))) {
		if (!*word)
			continue;
		if (name)
			good = add_name(out, word);
		else if (!strcasecmp(word, "or"))
			fputs(" OR ", out);
		else if (!strcasecmp(word, "and"))
			fputs(" AND ", out);
		else
			good = false;
		name = !name;
	}
	if (fclose(out))
		fail("out of memory");
	free(words);
	/* "A or B and C" has no order that both sides agree on */
	if (!good || name || (strstr(expression, " OR ") && strstr(expression, " AND "))) {
		free(expression);
		return NULL;
	}
	return expression;
}

/* percent-encoded, as versions have "+", "~" and ":" */
static void add_encoded(FILE *out, const char *text)
{
	for (; *text; text++)
		if (isalnum((unsigned char)*text) || strchr(".-_~", *text))
			fputc(*text, out);
		else
			fprintf(out, "%%%02X", (unsigned char)*text);
}

char *package_url(const struct package *p)
{
	char *url = NULL, *kind, *vendor, *distro, *system = copy(p->system), *rest = system;
	size_t size;
	FILE *out;

	kind = strsep(&rest, "/");
	vendor = strsep(&rest, "/");
	distro = rest;
	if (distro) {
		out = open_memstream(&url, &size);
		if (!out)
			fail("out of memory");
		fprintf(out, "pkg:%s/%s/", kind, vendor);
		add_encoded(out, p->key);
		fputc('@', out);
		add_encoded(out, p->version);
		fputs("?arch=", out);
		add_encoded(out, p->arch);
		fputs("&distro=", out);
		add_encoded(out, distro);
		if (fclose(out))
			fail("out of memory");
	}
	free(system);
	return url;
}
