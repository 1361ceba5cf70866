// SPDX-License-Identifier: GPL-2.0
/*
 * What has to hold for our lines in any .wslconfig:
 *
 *   - after `set` WSL reads the kernel and the modules that were set;
 *   - every other key has the value that it had, and no key comes or goes;
 *   - `unset` gives the bytes that there were, and `back` undoes one `set`.
 *
 * The input is one byte that chooses the values, and the file. In a file that has our
 * marks in it already, only the first holds: a mark of ours in a place where we never
 * write one is removed with its line.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/wslconfig.h"

const char program[] = "fuzz";

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static const char *const values[] = {
	"C:\\Users\\Jo Doe\\wsl-kernel\\6.1\\bzImage",
	"C:\\new\\table\\bzImage",
	" # ",
	"a\"b",
	"C:\\x\\",
	"#",
	"a#b ",
	"\"",
};

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: does not hold: %s\n", what);
	abort();
}

static bool same(const struct bytes *a, const char *data, size_t length)
{
	return a->length == length && (!length || !memcmp(a->data, data, length));
}

static bool is_kernel(const char *key)
{
	return !strcmp(key, "wsl2.kernel") || !strcmp(key, "wsl2.kernelmodules");
}

static bool marked(const struct bytes *text)
{
	static const char mark[] = "# wsl-kernel: ";

	return memmem(text->data, text->length, mark, strlen(mark));
}

/* WSL reads KERNEL and MODULES in TEXT */
static void reads(const struct bytes *text, const char *kernel, const char *modules)
{
	struct table settings;
	const char *value;

	wslconfig_read(&settings, text->data, text->length);
	value = wslconfig_get(&settings, "wsl2.kernel");
	require(value && !strcmp(value, kernel), "the kernel that was set is read");
	value = wslconfig_get(&settings, "wsl2.kernelModules");
	require(value ? modules && !strcmp(value, modules) : !modules,
		"the modules that were set are read");
	wslconfig_forget(&settings);
}

/* every setting of A but the kernel's is in B */
static void within(const struct table *a, const struct table *b)
{
	size_t i;

	for (i = 0; i < a->count; i++) {
		const struct setting *s = a->entry[i];
		const char *value;

		if (is_kernel(s->key))
			continue;
		value = wslconfig_get(b, s->key);
		require(value && !strcmp(value, s->value), "the other keys are as before");
	}
}

static void others_are_the_same(const struct bytes *old, const struct bytes *new)
{
	struct table a, b;

	wslconfig_read(&a, old->data, old->length);
	wslconfig_read(&b, new->data, new->length);
	within(&a, &b);
	within(&b, &a);
	wslconfig_forget(&a);
	wslconfig_forget(&b);
}

/* TEXT is set to other values, and back */
static void two_steps(const struct bytes *text, const struct bytes *theirs, const char *kernel,
		      const char *modules, const char *other)
{
	struct bytes second = { 0 }, back = { 0 }, again = { 0 }, bare = { 0 };

	wslconfig_set(&second, text->data, text->length, other, modules ? NULL : "D:\\m", false);
	reads(&second, other, modules ? NULL : "D:\\m");
	wslconfig_unset(&bare, second.data, second.length);
	require(same(&bare, theirs->data, theirs->length), "unset after two sets");
	require(wslconfig_back(&back, second.data, second.length), "there is a state before");
	reads(&back, kernel, modules);
	require(!wslconfig_back(&again, back.data, back.length), "back goes one step");
	bytes_free(&bare);
	wslconfig_unset(&bare, back.data, back.length);
	require(same(&bare, theirs->data, theirs->length), "unset after back");
	bytes_free(&second);
	bytes_free(&back);
	bytes_free(&again);
	bytes_free(&bare);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	struct bytes text = { 0 }, theirs = { 0 }, set = { 0 }, undone = { 0 };
	const char *kernel, *modules, *other;

	if (!size || wslconfig_refused((const char *)input + 1, size - 1))
		return 0;
	kernel = values[input[0] & 7];
	modules = input[0] & 8 ? values[input[0] >> 4 & 7] : NULL;
	other = values[(input[0] + 1) & 7];
	/* memory of exactly this size, so that a read behind it is seen */
	text.data = malloc(size);
	text.length = size - 1;
	memcpy(text.data, input + 1, size - 1);
	text.data[size - 1] = '\0';

	wslconfig_unset(&theirs, text.data, text.length);
	require(marked(&text) || same(&theirs, text.data, text.length), "unset without a mark");
	wslconfig_set(&set, text.data, text.length, kernel, modules, !text.length);
	reads(&set, kernel, modules);
	if (!marked(&text)) {
		others_are_the_same(&text, &set);
		wslconfig_unset(&undone, set.data, set.length);
		require(same(&undone, text.data, text.length), "unset gives the bytes back");
		bytes_free(&undone);
		require(wslconfig_back(&undone, set.data, set.length), "back is known");
		require(same(&undone, text.data, text.length), "back gives the bytes back");
		bytes_free(&undone);
		wslconfig_set(&undone, set.data, set.length, kernel, modules, false);
		require(same(&undone, set.data, set.length), "set twice is set once");
		bytes_free(&undone);
		two_steps(&set, &theirs, kernel, modules, other);
	}
	bytes_free(&text);
	bytes_free(&theirs);
	bytes_free(&set);
	return 0;
}
