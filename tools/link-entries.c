// SPDX-License-Identifier: GPL-2.0
/*
 * link-entries - the [link "NAME"] sections of upstream.lock, which pin external patches
 *
 *   git config -z -f upstream.lock --list | link-entries [check LINE]
 *
 * Prints a row "NAME SHA256 PATCH-IDS LINES URL" for each section, in the file's
 * order, with tabs between: "-" for a key that is missing, and the values of a key
 * that is given several times with blanks between. Control characters are blanks.
 *
 * check: print the rows only if every value has the right form. Otherwise print what
 * is wrong with the first section that is unsound, and below it what to do; LINE is
 * named as an example. Exit status: 0 done, 3 a section is unsound, 1 an error, 2 usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

const char program[] = "link-entries";

#define DIGITS	   "0123456789"
#define HEX	   DIGITS "abcdefABCDEF"
#define NAME_CHARS DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._/+-"

enum key { SHA256, PATCH_ID, LINES, URL, KEYS };

struct link {
	const char *key;   /* the section's name */
	char *value[KEYS]; /* NULL: missing */
};

static void add_value(struct link *link, const char *key, const char *value)
{
	static const char *const name[KEYS] = { "sha256", "patch-id", "lines", "url" };
	char *old, *both;
	int i;

	for (i = 0; i < KEYS && strcmp(name[i], key); i++)
		;
	if (i == KEYS || !*value)
		return;
	old = link->value[i];
	if (asprintf(&both, "%s%s%s", old ? old : "", old ? " " : "", value) < 0)
		fail("out of memory");
	free(old);
	link->value[i] = both;
}

/* one setting: "link.NAME.KEY", and behind a newline its value, if it has one */
static void read_setting(struct table *links, char *text)
{
	char *value = strchr(text, '\n'), *key, *name, *p;

	if (value)
		*value++ = '\0';
	if (strncmp(text, "link.", 5))
		return;
	for (p = text; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	for (p = value; p && *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	name = text + 5;
	key = strrchr(name, '.');
	if (key)
		*key++ = '\0';
	else /* [link] without a name */
		key = name, name = "";
	add_value(table_add(links, *name ? name : "-"), key, value ? value : "");
}

static void read_settings(struct table *links)
{
	char *text = NULL;
	size_t room = 0;

	while (getdelim(&text, &room, '\0', stdin) >= 0)
		read_setting(links, text);
	if (!feof(stdin))
		fail("standard input: %s", strerror(errno));
	free(text);
}

static bool is_hex(const char *text, size_t length)
{
	return strlen(text) == length && strspn(text, HEX) == length;
}

static bool is_patch_name(const char *name)
{
	size_t length = strlen(name);
	const char *slash = strrchr(name, '/');

	return strspn(name, NAME_CHARS) == length && *name != '/' && !strstr(name, "..") && slash &&
		length > 6 && !strcmp(name + length - 6, ".patch");
}

static bool starts(const char *text, const char *head)
{
	return !strncmp(text, head, strlen(head));
}

/* the words of TEXT are all hex digits, 40 each */
static bool are_patch_ids(const char *text)
{
	for (;;) {
		size_t length = strcspn(text, " ");

		if (length && (length != 40 || strspn(text, HEX) != 40))
			return false;
		if (!text[length])
			return true;
		text += length + 1;
	}
}

static bool unsound(const char *name, const char *what, const char *value, const char *expected)
{
	printf("[link \"%s\"] %s%s, expected %s\n", name, what, value, expected);
	return false;
}

static bool is_sound(const struct link *link, const char *line)
{
	const char *url = link->value[URL], *sha256 = link->value[SHA256];
	const char *ids = link->value[PATCH_ID], *lines = link->value[LINES];

	if (!is_patch_name(link->key)) {
		printf("[link \"%s\"] is not a name for a patch\nexpected topic/name.patch\n",
		       link->key);
		return false;
	}
	if (!url || strchr(url, ' ')) {
		unsound(link->key, "has url ", url ? url : "-", "one address");
		puts("a section that is given twice has two");
		return false;
	}
	if (!starts(url, "https://") && !starts(url, "http://") && !starts(url, "file:") &&
	    *url != '/')
		return unsound(link->key, "has url ", url, "https://..., file:/... or a path");
	if (!sha256 || !is_hex(sha256, 64))
		return unsound(link->key, "has sha256 ", sha256 ? sha256 : "-", "64 hex digits");
	if (ids && !are_patch_ids(ids))
		return unsound(link->key, "has patch-id ", ids,
			       "what git patch-id --stable prints");
	if (!lines) {
		printf("[link \"%s\"] has no lines\nadd the lines it is for: lines = \"%s\"\n",
		       link->key, line);
		return false;
	}
	if (lines[strspn(lines, DIGITS ". ")])
		return unsound(link->key, "has lines ", lines,
			       "lines with blanks between: \"4.19 6.1\"");
	return true;
}

static void print_link(const struct link *link)
{
	int i;

	fputs(link->key, stdout);
	for (i = 0; i < KEYS; i++)
		printf("\t%s", link->value[i] ? link->value[i] : "-");
	putchar('\n');
}

int main(int argc, char **argv)
{
	struct table links = { .entry_size = sizeof(struct link) };
	bool sound = true;
	size_t i;
	int k;

	if (argc != 1 && (argc != 3 || strcmp(argv[1], "check"))) {
		fputs("usage: git config -z -f FILE --list | link-entries [check LINE]\n", stderr);
		return 2;
	}
	read_settings(&links);
	for (i = 0; argc == 3 && sound && i < links.count; i++)
		sound = is_sound(links.entry[i], argv[2]);
	for (i = 0; i < links.count; i++) {
		struct link *link = links.entry[i];

		if (sound)
			print_link(link);
		for (k = 0; k < KEYS; k++)
			free(link->value[k]);
	}
	table_free(&links);
	return sound ? 0 : 3;
}
