// SPDX-License-Identifier: GPL-2.0
/*
 * Rows of probes/hyperv_host.c on a machine that is a directory:
 *   host DIR ROW
 * DIR has proc/iomem, the kernel's log and its release, and in answer what the host says to
 * "machine".
 */
#define _GNU_SOURCE
#include "hyperv.h"
#include "machine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int host_ask(char *answer, size_t size, const char *fmt, ...)
{
	if (strcmp(fmt, "machine") || read_file("answer", answer, size) < 0)
		return -1;
	answer[strcspn(answer, "\n")] = '\0';
	return 0;
}

char *log_from(const char *text)
{
	static char log[4096];

	return read_file("log", log, sizeof(log)) < 0 ? NULL : strstr(log, text);
}

int kernel_at_least(int major, int minor)
{
	char release[32];
	int x = 0, y = 0;

	if (read_file("release", release, sizeof(release)) < 0 ||
	    sscanf(release, "%d.%d", &x, &y) != 2)
		exit(2);
	return x > major || (x == major && y >= minor);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const char *arg);
	} all[] = {
		{ "ram", hyperv_ram },
		{ "version", hyperv_vmbus_version },
		{ "streams", hyperv_streams },
		{ "features", hyperv_features },
		{ "hypercalls", hyperv_hypercalls },
	};

	machine = argc == 3 ? argv[1] : "";
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (argc == 3 && !strcmp(all[i].name, argv[2])) {
			row(all[i].name, all[i].run(NULL));
			return 0;
		}
	return 2;
}
