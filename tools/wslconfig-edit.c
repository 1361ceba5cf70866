// SPDX-License-Identifier: GPL-2.0
/*
 * Our lines in a .wslconfig. An edit only inserts text, so that undoing it is to remove
 * that text again, wherever the user has moved it to. All of it is printable ASCII with a
 * mark:
 *
 *   [wsl2] # wsl-kernel: added                 a line of ours
 *   # wsl-kernel: before: kernel=C:\\bzImage   one too: what our line said before
 *   # wsl-kernel: saved: kernel=C:\\old        before a line of the user's
 *   memory=4GB # wsl-kernel: newline           a line that we had to end, and the end
 *
 * undo.cmd (scripts/install/undo.sh) removes the same text without this program.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "wslconfig.h"

#define MARK	"# wsl-kernel: "
#define ADDED	MARK "added"
#define CREATED ADDED ", with the file"
#define BEFORE	MARK "before: "
#define NOTHING "nothing"
#define SAVED	MARK "saved: "
#define NEWLINE " " MARK "newline"

static const char kernel_key[] = "wsl2.kernel", modules_key[] = "wsl2.kernelmodules";

static bool starts(const char *at, const char *end, const char *text)
{
	size_t length = strlen(text);

	return (size_t)(end - at) >= length && !memcmp(at, text, length);
}

/* the first MARK in [AT, END), or END */
static const char *find_mark(const char *at, const char *end)
{
	for (; at < end; at++)
		if (*at == *MARK && starts(at, end, MARK))
			break;
	return at;
}

static const char *skip_line_end(const char *at, const char *end)
{
	if (at < end && *at == '\r')
		at++;
	if (at < end && *at == '\n')
		at++;
	return at;
}

static bool printable(char c)
{
	return c >= ' ' && c <= '~';
}

void wslconfig_unset(struct bytes *out, const char *data, size_t length)
{
	const char *at = data, *end = data + length, *mark;

	bytes_add(out, "", 0);
	while ((mark = find_mark(at, end)) < end) {
		const char *kept = mark;

		if (starts(mark, end, SAVED)) {
			bytes_add(out, at, mark - at);
			at = mark + strlen(SAVED);
			continue;
		}
		if (mark > at && starts(mark - 1, end, NEWLINE)) {
			bytes_add(out, at, mark - 1 - at);
			at = skip_line_end(mark - 1 + strlen(NEWLINE), end);
			continue;
		}
		if (!starts(mark, end, ADDED) && !starts(mark, end, BEFORE)) {
			/* a comment of the user's; its blank may be the first byte of NEWLINE */
			bytes_add(out, at, mark + 1 - at);
			at = mark + 1;
			continue;
		}
		while (kept > at && printable(kept[-1]))
			kept--;
		bytes_add(out, at, kept - at);
		for (at = mark; at < end && printable(*at);)
			at++;
		at = skip_line_end(at, end);
	}
	bytes_add(out, at, end - at);
}

bool wslconfig_can_say(const char *value)
{
	const char *p = value;

	while (printable(*p))
		p++;
	return *value && !*p;
}

/* the two values that LINES set, as WSL reads them; NULL for one that cannot be ours */
static void values(const struct bytes *lines, char **kernel, char **modules)
{
	struct bytes text = { 0 };
	struct table settings;
	const char *value;

	bytes_text(&text, "[wsl2]\n");
	bytes_add(&text, lines->data, lines->length);
	wslconfig_read(&settings, text.data, text.length);
	/* the user may have changed them */
	value = wslconfig_get(&settings, kernel_key);
	*kernel = value && wslconfig_can_say(value) ? copy(value) : NULL;
	value = wslconfig_get(&settings, modules_key);
	*modules = value && wslconfig_can_say(value) ? copy(value) : NULL;
	wslconfig_forget(&settings);
	bytes_free(&text);
}

void wslconfig_state(struct state *state, const char *data, size_t length)
{
	const char *at = data, *end = data + length, *first, *last;
	struct bytes now = { 0 }, before = { 0 };

	memset(state, 0, sizeof(*state));
	bytes_add(&now, "", 0);
	bytes_add(&before, "", 0);
	for (; (at = find_mark(at, end)) < end; at = last) {
		for (first = at; first > data && printable(first[-1]);)
			first--;
		for (last = at; last < end && printable(*last);)
			last++;
		if (starts(at, end, ADDED)) {
			state->created |= starts(at, end, CREATED);
			if (*first != '[')
				bytes_add(&now, first, last - first);
			bytes_text(&now, "\n");
		} else if (starts(at, end, BEFORE)) {
			state->has_before = true;
			at += strlen(BEFORE);
			if (!starts(at, end, NOTHING))
				bytes_add(&before, at, last - at);
			bytes_text(&before, "\n");
		}
	}
	values(&now, &state->kernel, &state->modules);
	values(&before, &state->before_kernel, &state->before_modules);
	bytes_free(&now);
	bytes_free(&before);
}

void state_free(struct state *state)
{
	free(state->kernel);
	free(state->modules);
	free(state->before_kernel);
	free(state->before_modules);
	memset(state, 0, sizeof(*state));
}

/* KEY=VALUE, so that WSL reads VALUE */
static void add_value(struct bytes *out, const char *key, const char *value)
{
	size_t length = strlen(value);
	bool quote = strchr(value, '#') || *value == ' ' || value[length - 1] == ' ';

	bytes_text(out, key);
	bytes_text(out, quote ? "=\"" : "=");
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			bytes_text(out, "\\");
		bytes_add(out, value, 1);
	}
	bytes_text(out, quote ? "\"" : "");
}

/* what is written */
struct edit {
	const char *kernel, *modules;
	bool has_before;
	const char *before_kernel, *before_modules;
	bool created;
	/* found in the file */
	const char *eol;
	size_t place;	 /* offset of our lines */
	bool in_section; /* there is a [wsl2] before them */
	bool fresh;	 /* the file ends with a line end */
};

static void add_line(struct bytes *out, const struct edit *e, const char *key, const char *value)
{
	if (!value)
		return;
	add_value(out, key, value);
	bytes_text(out, " " ADDED);
	bytes_text(out, e->eol);
}

static void add_before(struct bytes *out, const struct edit *e, const char *key, const char *value)
{
	bytes_text(out, BEFORE);
	if (key)
		add_value(out, key, value);
	else
		bytes_text(out, NOTHING);
	bytes_text(out, e->eol);
}

static void add_lines(struct bytes *out, const struct edit *e)
{
	if (!e->in_section) {
		bytes_text(out, e->created ? "[wsl2] " CREATED : "[wsl2] " ADDED);
		bytes_text(out, e->eol);
	}
	add_line(out, e, "kernel", e->kernel);
	add_line(out, e, "kernelModules", e->modules);
	if (!e->has_before)
		return;
	if (!e->before_kernel)
		add_before(out, e, NULL, NULL);
	else
		add_before(out, e, "kernel", e->before_kernel);
	if (e->before_modules)
		add_before(out, e, "kernelModules", e->before_modules);
}

/* find the place of our lines, and how lines end here */
static void look(struct edit *e, const char *data, size_t length)
{
	const char *lf = length ? memchr(data, '\n', length) : NULL;
	struct lexer *l = lexer_new(data, length);
	struct item item;

	e->place = length;
	/* Windows' own, unless the file says otherwise; CR alone does not end our comments */
	e->eol = !lf && !(length && memchr(data, '\r', length)) ? "\r\n" :
		lf && lf > data && lf[-1] == '\r'		? "\r\n" :
								  "\n";
	while (lexer_next(l, &item)) {
		if (e->in_section || item.kind != ITEM_SECTION || strcasecmp(item.name, "wsl2"))
			continue;
		e->in_section = true;
		e->place = item.end;
	}
	e->fresh = lexer_fresh(l);
	lexer_free(l);
}

/* the user's item [START, END) as a comment; every physical line of it needs its own mark */
static void add_saved(struct bytes *out, const struct edit *e, const char *data,
		      const struct item *item)
{
	size_t i;

	bytes_text(out, SAVED);
	for (i = item->start; i < item->terminator; i++) {
		bytes_add(out, data + i, 1);
		if (data[i] == '\n')
			bytes_text(out, SAVED);
	}
	/* a comment ends with LF only */
	if (item->lone_cr) {
		bytes_text(out, NEWLINE);
		bytes_text(out, e->eol);
	}
	bytes_add(out, data + item->terminator, item->end - item->terminator);
}

static bool is_ours(const struct item *item)
{
	return item->kind == ITEM_KEY &&
		(!strcasecmp(item->name, kernel_key) || !strcasecmp(item->name, modules_key));
}

/* DATA has no lines of ours */
static void write_edit(struct bytes *out, struct edit *e, const char *data, size_t length)
{
	struct lexer *l = lexer_new(data, length);
	bool placed = false;
	struct item item;
	size_t done = 0;

	look(e, data, length);
	while (lexer_next(l, &item)) {
		if (is_ours(&item)) {
			bytes_add(out, data + done, item.start - done);
			add_saved(out, e, data, &item);
			done = item.end;
		}
		if (!placed && item.end == e->place && e->place < length) {
			bytes_add(out, data + done, item.end - done);
			done = item.end;
			add_lines(out, e);
			placed = true;
		}
	}
	bytes_add(out, data + done, length - done);
	if (!placed) {
		if (!e->fresh) {
			bytes_text(out, NEWLINE);
			bytes_text(out, e->eol);
		}
		add_lines(out, e);
	}
	lexer_free(l);
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* do our lines say this, and does WSL read them? */
static bool is_set(const struct state *now, const char *data, size_t length, const char *kernel,
		   const char *modules)
{
	struct table settings;
	bool is;

	wslconfig_read(&settings, data, length);
	is = same(now->kernel, kernel) && same(now->modules, modules) &&
		same(wslconfig_get(&settings, kernel_key), kernel) &&
		same(wslconfig_get(&settings, modules_key), modules);
	wslconfig_forget(&settings);
	return is;
}

void wslconfig_set(struct bytes *out, const char *data, size_t length, const char *kernel,
		   const char *modules, bool created)
{
	struct bytes theirs = { 0 };
	struct state now;
	struct edit e = { .kernel = kernel, .modules = modules, .has_before = true };

	wslconfig_state(&now, data, length);
	if (is_set(&now, data, length, kernel, modules)) {
		/* written already; the state before it stays the one to go back to */
		bytes_add(out, data, length);
	} else {
		e.before_kernel = now.kernel;
		e.before_modules = now.modules;
		e.created = created || now.created;
		wslconfig_unset(&theirs, data, length);
		write_edit(out, &e, theirs.data, theirs.length);
		bytes_free(&theirs);
	}
	state_free(&now);
}

bool wslconfig_back(struct bytes *out, const char *data, size_t length)
{
	struct bytes theirs = { 0 };
	struct state now;
	bool known;

	wslconfig_state(&now, data, length);
	known = now.has_before;
	if (known && now.before_kernel) {
		struct edit e = { .kernel = now.before_kernel,
				  .modules = now.before_modules,
				  .created = now.created };

		wslconfig_unset(&theirs, data, length);
		write_edit(out, &e, theirs.data, theirs.length);
		bytes_free(&theirs);
	} else if (known) {
		wslconfig_unset(out, data, length);
	}
	state_free(&now);
	return known;
}
