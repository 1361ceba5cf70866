// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

void fail(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: error: ", program);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static void *must(void *p)
{
	if (!p)
		fail("out of memory");
	return p;
}

char *copy(const char *text)
{
	return must(strdup(text));
}

char *copy_n(const char *text, size_t length)
{
	return must(strndup(text, length));
}

void reader_open(struct reader *r, const char *path)
{
	memset(r, 0, sizeof(*r));
	r->path = path;
	r->file = fopen(path, "re");
	if (!r->file)
		fail("%s: %s", path, strerror(errno));
}

bool reader_next(struct reader *r)
{
	ssize_t length = getline(&r->line, &r->room, r->file);
	ssize_t i;

	if (length < 0) {
		if (!feof(r->file))
			fail("%s: %s", r->path, strerror(errno));
		fclose(r->file);
		free(r->line);
		memset(r, 0, sizeof(*r));
		return false;
	}
	if (length && r->line[length - 1] == '\n')
		r->line[--length] = '\0';
	for (i = 0; i < length; i++)
		if (!r->line[i])
			r->line[i] = '?';
	r->number++;
	return true;
}

static const char *key_of(const void *entry)
{
	return *(const char *const *)entry;
}

/* the slot that has KEY, or the free one where it belongs; FNV-1a */
static size_t find_slot(const struct table *t, const char *key)
{
	uint64_t hash = 14695981039346656037ULL;
	const char *p;
	size_t i;

	for (p = key; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 1099511628211ULL;
	i = hash & (t->slots - 1);
	while (t->slot[i] && strcmp(key_of(t->entry[t->slot[i] - 1]), key))
		i = (i + 1) & (t->slots - 1);
	return i;
}

void *table_find(const struct table *t, const char *key)
{
	size_t i;

	if (!t->slots)
		return NULL;
	i = t->slot[find_slot(t, key)];
	return i ? t->entry[i - 1] : NULL;
}

static void grow(struct table *t)
{
	size_t i;

	t->slots = t->slots ? t->slots * 2 : 64;
	free(t->slot);
	t->slot = must(calloc(t->slots, sizeof(*t->slot)));
	t->entry = must(realloc(t->entry, t->slots / 2 * sizeof(*t->entry)));
	for (i = 0; i < t->count; i++)
		t->slot[find_slot(t, key_of(t->entry[i]))] = i + 1;
}

void *table_add(struct table *t, const char *key)
{
	void *entry = table_find(t, key);

	if (entry)
		return entry;
	if (t->count >= t->slots / 2)
		grow(t);
	entry = must(calloc(1, t->entry_size));
	*(const char **)entry = copy(key);
	t->entry[t->count++] = entry;
	t->slot[find_slot(t, key)] = t->count;
	return entry;
}

void table_free(struct table *t)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		free((void *)key_of(t->entry[i]));
		free(t->entry[i]);
	}
	free(t->entry);
	free(t->slot);
	memset(t, 0, sizeof(*t));
}
