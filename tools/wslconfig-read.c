// SPDX-License-Identifier: GPL-2.0
/*
 * What WSL reads in a .wslconfig. The rules are those of src/shared/configfile in
 * github.com/microsoft/WSL and of the C runtime that reads the file for it in text mode:
 * CR LF is one character, a UTF-8 BOM at the start is skipped.
 *
 * The parser there has one buffer for section and key. A section line that is broken
 * behind its name leaves that name in the buffer, but not its length, and the next key
 * stands behind as much of the buffer as the last good section was long. Below, `name`
 * and `section` are this buffer and that length.
 */
#include <string.h>
#include <strings.h>
#include <stdlib.h>

#include "wslconfig.h"

#define END (-1)

struct lexer {
	const unsigned char *data;
	size_t length;
	int c;		    /* the current character, a UTF-16 unit, or END */
	int low;	    /* the second unit of a surrogate pair, or 0 */
	size_t at, next;    /* offsets of it and of the one after it */
	bool fresh;	    /* nothing of the current line was read yet */
	unsigned long line; /* of the current character */
	struct bytes name, value;
	size_t section;
};

void bytes_add(struct bytes *b, const char *data, size_t length)
{
	char *grown = realloc(b->data, b->length + length + 1);

	if (!grown)
		fail("out of memory");
	b->data = grown;
	if (length)
		memcpy(grown + b->length, data, length);
	b->length += length;
	grown[b->length] = '\0';
}

void bytes_text(struct bytes *b, const char *text)
{
	bytes_add(b, text, strlen(text));
}

void bytes_free(struct bytes *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

static void bytes_char(struct bytes *b, int c)
{
	/* WSL keeps 8 bits of each character */
	char byte = (char)c;

	bytes_add(b, &byte, 1);
}

/* cut or, with NUL, extend to LENGTH */
static void bytes_resize(struct bytes *b, size_t length)
{
	while (b->length < length)
		bytes_char(b, 0);
	if (b->data)
		b->data[length] = '\0';
	b->length = length;
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t';
}

static bool is_alpha(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_alnum(int c)
{
	return is_alpha(c) || (c >= '0' && c <= '9');
}

/* the bytes of the UTF-8 sequence at P and its code point; 1 and U+FFFD when it is none */
static size_t decode(const unsigned char *p, size_t left, unsigned long *point)
{
	static const unsigned long least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t bytes = *p < 0xc2 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 1;
	size_t i;

	*point = 0xfffd;
	if (bytes == 1 || bytes > left)
		return 1;
	*point = *p & (0x7f >> bytes);
	for (i = 1; i < bytes; i++) {
		if ((p[i] & 0xc0) != 0x80)
			break;
		*point = *point << 6 | (p[i] & 0x3f);
	}
	if (i == bytes && *point >= least[bytes] && *point <= 0x10ffff &&
	    (*point < 0xd800 || *point > 0xdfff))
		return bytes;
	*point = 0xfffd;
	return 1;
}

/* go to the next character */
static void advance(struct lexer *l)
{
	const unsigned char *p;
	unsigned long point;

	l->fresh = false;
	if (l->low) {
		l->c = l->low;
		l->low = 0;
		return;
	}
	l->at = l->next;
	if (l->at == l->length) {
		l->c = END;
		return;
	}
	p = l->data + l->at;
	if (*p == '\r' && l->length - l->at > 1 && p[1] == '\n') {
		l->c = '\n';
		l->next += 2;
	} else if (*p < 0x80) {
		l->c = *p;
		l->next++;
	} else {
		l->next += decode(p, l->length - l->at, &point);
		l->c = point < 0x10000 ? (int)point : (int)(0xd7c0 + (point >> 10));
		l->low = point < 0x10000 ? 0 : (int)(0xdc00 | (point & 0x3ff));
	}
}

/* go behind the line end that is the current character, if it is one */
static void end_line(struct lexer *l)
{
	if (l->c != '\n' && l->c != '\r')
		return;
	l->line++;
	advance(l);
	l->fresh = true;
}

static void skip_blanks(struct lexer *l)
{
	while (is_blank(l->c))
		advance(l);
}

/* to the LF: a CR ends neither a comment nor an invalid line */
static void skip_to_lf(struct lexer *l)
{
	while (l->c != END && l->c != '\n')
		advance(l);
}

struct lexer *lexer_new(const char *data, size_t length)
{
	struct lexer *l = calloc(1, sizeof(*l));

	if (!l)
		fail("out of memory");
	l->data = (const unsigned char *)data;
	l->length = length;
	l->line = 1;
	if (length >= 3 && !memcmp(data, "\xef\xbb\xbf", 3))
		l->next = 3;
	advance(l);
	l->fresh = true;
	return l;
}

void lexer_free(struct lexer *l)
{
	bytes_free(&l->name);
	bytes_free(&l->value);
	free(l);
}

bool lexer_fresh(const struct lexer *l)
{
	return l->fresh;
}

static void invalid(struct lexer *l, struct item *item, const char *why)
{
	item->kind = ITEM_INVALID;
	item->name = item->value = NULL;
	item->why = why;
	skip_to_lf(l);
}

static void read_name(struct lexer *l)
{
	do {
		bytes_char(&l->name, l->c);
		advance(l);
	} while (is_alnum(l->c));
}

/* [section]; the current character is the bracket */
static void read_section(struct lexer *l, struct item *item)
{
	advance(l);
	if (!is_alpha(l->c)) {
		invalid(l, item, "a section begins with a letter");
		return;
	}
	bytes_resize(&l->name, 0);
	read_name(l);
	if (l->c != ']') {
		invalid(l, item, "the name of a section has letters and digits only, then ]");
		return;
	}
	advance(l);
	skip_blanks(l);
	if (l->c == '#') {
		skip_to_lf(l);
	} else if (l->c != END && l->c != '\n' && l->c != '\r') {
		invalid(l, item, "there is text behind the section");
		return;
	}
	l->section = l->name.length;
	item->kind = ITEM_SECTION;
	item->name = l->name.data;
}

/* the character behind a backslash; false when it cannot stand there */
static bool read_escape(struct lexer *l)
{
	advance(l);
	switch (l->c) {
	case '\\':
	case '"':
		bytes_char(&l->value, l->c);
		return true;
	case 'b':
		bytes_char(&l->value, '\b');
		return true;
	case 'n':
		bytes_char(&l->value, '\n');
		return true;
	case 't':
		bytes_char(&l->value, '\t');
		return true;
	case '\n':
		l->line++;
		return true;
	case '\r': /* continues as well; an error before WSL 2.7.2 */
		return true;
	default:
		return false;
	}
}

/* the value of a key, up to its comment or the end of the line; false: item is invalid */
static bool read_value(struct lexer *l, struct item *item)
{
	bool quoted = false;
	size_t kept = 0; /* blanks at the end go, unless a quote or an escape follows them */

	bytes_resize(&l->value, 0);
	bytes_add(&l->value, "", 0);
	for (; l->c != END && l->c != '\n' && l->c != '\r'; advance(l)) {
		bool blank = is_blank(l->c);

		if (l->c == '#' && !quoted)
			break;
		if (l->c == '"') {
			quoted = !quoted;
		} else if (l->c != '\\') {
			bytes_char(&l->value, l->c);
		} else if (!read_escape(l)) {
			invalid(l, item, "a backslash has to be doubled");
			return false;
		}
		if (!blank)
			kept = l->value.length;
	}
	if (quoted) {
		invalid(l, item, "a quote is not closed");
		return false;
	}
	bytes_resize(&l->value, kept);
	return true;
}

/* key = value; the current character is the first of the key */
static void read_key(struct lexer *l, struct item *item)
{
	bytes_resize(&l->name, l->section);
	if (l->section)
		bytes_char(&l->name, '.');
	read_name(l);
	skip_blanks(l);
	if (l->c != '=') {
		invalid(l, item, "the name of a key has letters and digits only, then =");
		return;
	}
	advance(l);
	skip_blanks(l);
	if (!read_value(l, item))
		return;
	if (l->c == '#')
		skip_to_lf(l);
	item->kind = ITEM_KEY;
	item->name = l->name.data;
	item->value = l->value.data;
}

bool lexer_next(struct lexer *l, struct item *item)
{
	for (;;) {
		skip_blanks(l);
		if (l->c == '#')
			skip_to_lf(l);
		if (l->c != '\n' && l->c != '\r')
			break;
		end_line(l);
	}
	if (l->c == END)
		return false;
	memset(item, 0, sizeof(*item));
	item->line = l->line;
	item->start = l->at;
	if (l->c == '[')
		read_section(l, item);
	else if (is_alpha(l->c))
		read_key(l, item);
	else
		invalid(l, item, "a key begins with a letter, a comment with #");
	item->terminator = l->at;
	item->lone_cr = l->c == '\r';
	end_line(l);
	item->end = l->at;
	return true;
}

const char *wslconfig_refused(const char *data, size_t length)
{
	if (length >= 2 && (!memcmp(data, "\xff\xfe", 2) || !memcmp(data, "\xfe\xff", 2)))
		return "is UTF-16";
	if (length && memchr(data, '\0', length))
		return "has a NUL byte in it";
	if (length && memchr(data, 0x1a, length))
		return "has a Ctrl-Z in it, where Windows stops to read";
	return NULL;
}

char *lower(const char *text)
{
	char *low = copy(text), *p;

	for (p = low; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	return low;
}

void wslconfig_read(struct table *settings, const char *data, size_t length)
{
	struct lexer *l = lexer_new(data, length);
	struct item item;

	*settings = (struct table){ .entry_size = sizeof(struct setting) };
	while (lexer_next(l, &item)) {
		struct setting *s;
		char *key;

		if (item.kind != ITEM_KEY)
			continue;
		key = lower(item.name);
		s = table_add(settings, key);
		free(key);
		if (s->value)
			continue;
		s->value = copy(item.value);
		s->line = item.line;
	}
	lexer_free(l);
}

const char *wslconfig_get(const struct table *settings, const char *key)
{
	char *low = lower(key);
	const struct setting *s = table_find(settings, low);

	free(low);
	return s ? s->value : NULL;
}

void wslconfig_forget(struct table *settings)
{
	size_t i;

	for (i = 0; i < settings->count; i++)
		free(((struct setting *)settings->entry[i])->value);
	table_free(settings);
}
