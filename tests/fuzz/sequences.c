// SPDX-License-Identifier: GPL-2.0
/*
 * sequences LENGTH - every sequence of up to LENGTH of the pieces below, as the
 * input of tests/fuzz/wslconfig.c. The pieces are what decides how WSL reads a line. Prints
 * how many there were; aborts at the first for which something does not hold.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static const char *const pieces[] = {
	"[wsl2]", "[a", "]", "kernel=", "KernelModules = ", "m=",	    "\n", "\r", "\\",
	"\"",	  "#",	" ", ";",	"\xc3\xb6",	    "\xef\xbb\xbf",
};
#define PIECES (sizeof(pieces) / sizeof(*pieces))

static unsigned long count;

static void run(uint8_t *input, size_t size, unsigned int left)
{
	size_t i;

	input[0] = (uint8_t)(count % 251);
	LLVMFuzzerTestOneInput(input, size);
	count++;
	if (!left)
		return;
	for (i = 0; i < PIECES; i++) {
		memcpy(input + size, pieces[i], strlen(pieces[i]));
		run(input, size + strlen(pieces[i]), left - 1);
	}
}

int main(int argc, char **argv)
{
	unsigned int length = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	uint8_t *input;

	if (!length || length > 9) {
		fputs("usage: sequences LENGTH\n", stderr);
		return 2;
	}
	input = calloc(1, 1 + 16 * length);
	if (!input)
		return 1;
	run(input, 1, length);
	printf("%lu sequences\n", count);
	free(input);
	return 0;
}
