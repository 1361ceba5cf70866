// SPDX-License-Identifier: GPL-2.0
/*
 * What the host is, and what the kernel made of it. "machine" is a command of
 * tests/hvhost/commands.c.
 */
#include "hyperv.h"
#include <stdio.h>
#include <string.h>

#define MB	  (1ull << 20)
#define GAP_MB	  3072 /* of hvhost's RAM there is no more below 4 GB */
#define ABOVE	  (1ull << 32)
#define LOW_HOLES MB /* the kernel's first page, and what the e820 table leaves out below 1 MB */

/* The value of "NAME=" in the host's answer, as FMT has it; 0, or -1 after diag() */
static int ask_machine(const char *name, const char *fmt, void *value)
{
	char answer[200], *at;

	if (host_ask(answer, sizeof(answer), "machine"))
		return -1;
	at = strstr(answer, name);
	if (!at || sscanf(at + strlen(name), fmt, value) != 1)
		return failed("\"machine\": the host answered \"%s\"", answer);
	return 0;
}

/* The bytes of RAM in /proc/iomem, below and above 4 GB; 0, or -1 after diag() */
static int system_ram(unsigned long long *below, unsigned long long *above)
{
	static char text[65536];
	unsigned long long first, last;
	char *line, *rest = text;
	int name;

	*below = *above = 0;
	if (read_file("/proc/iomem", text, sizeof(text)) < 0)
		return -1;
	while ((line = strsep(&rest, "\n")))
		/* what is part of another range is indented */
		if (sscanf(line, "%llx-%llx : %n", &first, &last, &name) == 2 && *line != ' ' &&
		    !strcmp(line + name, "System RAM"))
			*(first < ABOVE ? below : above) += last - first + 1;
	return 0;
}

int hyperv_ram(const char *arg)
{
	unsigned long long ram, low, high, below, above;

	(void)arg;
	if (ask_machine("ram=", "%llu", &ram) || system_ram(&below, &above))
		return FAIL;
	low = (ram < GAP_MB ? ram : GAP_MB) * MB;
	high = ram * MB - low;
	diag("%llu MB: %llu kB below 4 GB, %llu kB above", ram, below >> 10, above >> 10);
	if (above != high)
		return failed("above 4 GB there should be %llu kB", high >> 10);
	if (below > low || below + LOW_HOLES < low)
		return failed("below 4 GB there should be %llu kB", low >> 10);
	return PASS;
}
