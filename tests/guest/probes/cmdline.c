// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel command line of WSL (tests/wsl-cmdline) is taken: a word that the kernel does
 * not know it hands to init, or ignores silently when there is a dot in it. What each line
 * takes, and where it shows, is in config/cmdline.list.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIST	"/tests/cmdline.list"
#define WORDS	32
#define UNKNOWN "Unknown kernel command line parameters \""
#define FOR_ALL "WSL_ROOT_INIT=1" /* is on every line, and never the kernel's */

static struct word {
	char name[64], lines[64], place[128];
	const char *value; /* on the command line; NULL if it is not there */
} words[WORDS];
static int count;

static const struct word *find(const char *text)
{
	size_t len = strcspn(text, "=");
	int i;

	for (i = 0; i < count; i++)
		if (strlen(words[i].name) == len && !strncmp(words[i].name, text, len))
			return &words[i];
	return NULL;
}

/* Does the line of the running kernel take it? */
static int taken(const struct word *word)
{
	char lines[sizeof(word->lines)], *rest = lines, *line;
	int major, minor;

	strcpy(lines, word->lines);
	while ((line = strsep(&rest, ","))) {
		if (!strcmp(line, "*"))
			return 1;
		if (sscanf(line, "%d.%d", &major, &minor) == 2 && kernel_at_least(major, minor) &&
		    !kernel_at_least(major, minor + 1))
			return 1;
	}
	return 0;
}

/* The files of module parameters have Y for 1. */
static int same(const char *seen, const char *value)
{
	return !strcmp(seen, value) || (!strcmp(seen, "Y") && !strcmp(value, "1")) ||
		(!strcmp(seen, "N") && !strcmp(value, "0"));
}

static int file_has(const char *path, const char *value)
{
	char text[128];

	if (read_file(path, text, sizeof(text)) < 0)
		return FAIL;
	text[strcspn(text, "\n")] = '\0';
	return same(text, value) ? PASS :
				   failed("%s: expected \"%s\", got \"%s\"", path, value, text);
}

static int init_has(const char *name, const char *value)
{
	const char *seen = getenv(name);

	if (seen && !strcmp(seen, value))
		return PASS;
	return failed("init has %s=%s, expected \"%s\"", name, seen ? seen : "(nothing)", value);
}

/* The machine may have more processors than that, not the kernel. */
static int cpus_are(const char *value)
{
	char want[32] = "0";
	int n = atoi(value);

	if (n > 1)
		snprintf(want, sizeof(want), "0-%d", n - 1);
	return file_has("/sys/devices/system/cpu/possible", want);
}

static int ptys_are(const char *value)
{
	char path[] = "/sys/class/tty/ptyp0";
	int n = atoi(value);

	if (!n)
		return access(path, F_OK) ? PASS : failed("%s exists", path);
	if (n > 15)
		return skip("only 0 to 15 are counted");
	path[sizeof(path) - 2] = "0123456789abcdef"[n - 1];
	if (access(path, F_OK))
		return failed("%s does not exist", path);
	path[sizeof(path) - 2] = "0123456789abcdef"[n];
	return access(path, F_OK) ? PASS : failed("%s exists", path);
}

static int in_effect(const struct word *word)
{
	const char *place = word->place, *value = word->value;

	if (!strcmp(place, "init"))
		return init_has(word->name, value);
	if (!strcmp(place, "cpus"))
		return cpus_are(value);
	if (!strcmp(place, "ptys"))
		return ptys_are(value);
	if (!strncmp(place, "log ", 4))
		return log_line(place + 4, "");
	if (!strncmp(place, "vmbus ", 6)) {
		if (access("/sys/bus/vmbus", F_OK))
			return skip("this is no guest of Hyper-V");
		place += 6;
	}
	if (*place == '/')
		return file_has(place, value);
	return failed("%s: %s has no known PLACE", LIST, word->name);
}

static int word_taken(const char *name)
{
	const struct word *word = find(name);

	if (taken(word))
		return in_effect(word);
	/* what a patch has added belongs in the list, or nothing checks it */
	if (*word->place == '/' && !access(word->place, F_OK))
		return failed("this line takes it, config/cmdline.list says that it does not");
	return skip("this line does not take it");
}

/* TEXT is a word that init was given: may it be? */
static int handed_over(const char *text)
{
	const struct word *word = find(text);

	if (!word) {
		if (islower(*text))
			diag("not a word of WSL's: %s", text);
		return PASS;
	}
	if (!strcmp(word->place, "init") || !taken(word))
		return PASS;
	return failed("the kernel does not know %s", text);
}

/* The strings in FILE of init, each ending in NUL; FIRST of them are not words. */
static int init_strings(const char *file, int first, char *seen, size_t size)
{
	int n = read_file(file, seen, size), at, rc = PASS;

	if (n < 0)
		return FAIL;
	for (at = 0; at < n; at += strlen(seen + at) + 1)
		if (--first < 0 && handed_over(seen + at))
			rc = FAIL;
	return rc;
}

/* The same as init was given, in the kernel's words: since 5.14. */
static int logged(void)
{
	char *text, *word;
	int rc = PASS;

	if (!kernel_at_least(5, 14))
		return PASS;
	text = log_from(UNKNOWN);
	if (!text || !strstr(text, FOR_ALL))
		return failed("the kernel's log does not name %s as unknown", FOR_ALL);
	text[strcspn(text + strlen(UNKNOWN), "\"") + strlen(UNKNOWN)] = '\0';
	text += strlen(UNKNOWN);
	while ((word = strsep(&text, " ")))
		if (*word && handed_over(word))
			rc = FAIL;
	return rc;
}

/* Is TEXT or TEXT=... one of the N bytes of strings? */
static int among(const char *strings, int n, const char *text)
{
	size_t len = strlen(text);
	int at;

	for (at = 0; at < n; at += strlen(strings + at) + 1)
		if (!strncmp(strings + at, text, len) &&
		    (!strings[at + len] || strings[at + len] == '='))
			return 1;
	return 0;
}

static int all_known(const char *arg)
{
	static char env[8192], args[8192];
	int i, rc = PASS;

	(void)arg;
	if (!count)
		return failed("%s is missing or empty", LIST);
	if (init_strings("/proc/1/environ", 0, env, sizeof(env)) ||
	    init_strings("/proc/1/cmdline", 1, args, sizeof(args)) || logged())
		rc = FAIL;
	for (i = 0; i < count; i++)
		if (words[i].value && !taken(&words[i]) && !strchr(words[i].name, '.') &&
		    !among(env, sizeof(env), words[i].name) &&
		    !among(args, sizeof(args), words[i].name))
			rc = failed("this line knows %s, config/cmdline.list says that it does not",
				    words[i].name);
	return rc;
}

/* The last NAME or NAME=... wins, as it does in the kernel. */
static const char *value_of(const char *name, const char *cmdline)
{
	char *copy = strdup(cmdline), *rest = copy, *word;
	size_t len = strlen(name);
	const char *value = NULL;

	while (copy && (word = strsep(&rest, " \n")))
		if (!strncmp(word, name, len) && (!word[len] || word[len] == '='))
			value = word[len] ? word + len + 1 : word + len;
	return value;
}

static void read_list(const char *cmdline)
{
	FILE *f = fopen(LIST, "re");
	char line[256];

	while (f && count < WORDS && fgets(line, sizeof(line), f)) {
		struct word *word = &words[count];

		if (*line == '#' ||
		    sscanf(line, "%63s %63s %127[^\n]", word->name, word->lines, word->place) != 3)
			continue;
		word->value = value_of(word->name, cmdline);
		count++;
	}
	if (f)
		fclose(f);
}

struct probe *cmdline_probes(const char *cmdline)
{
	struct probe *probes;
	int i, n = 0;

	read_list(cmdline);
	probes = calloc(count + 2, sizeof(*probes));
	if (!probes)
		return NULL;
	probes[n++] = (struct probe){ "the kernel knows every word of WSL's", all_known, NULL };
	for (i = 0; i < count; i++)
		if (words[i].value && strcmp(words[i].place, "-"))
			probes[n++] = (struct probe){ words[i].name, word_taken, words[i].name };
	return probes;
}
