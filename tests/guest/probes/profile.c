// SPDX-License-Identifier: GPL-2.0
/* The kernel's own profile, which counts from the moment that it is enabled. */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The sum of all counters, after the first word, which is the step. */
static long counted(void)
{
	int fd = open("/proc/profile", O_RDONLY | O_CLOEXEC);
	static unsigned int counters[16384];
	long sum = 0, at = 1, n;

	if (fd < 0)
		return failed("/proc/profile: %s", strerror(errno));
	while ((n = read(fd, counters, sizeof(counters))) > 0) {
		for (; at < n / (long)sizeof(counters[0]); at++)
			sum += counters[at];
		at = 0;
	}
	close(fd);
	return sum;
}

static int profile(const char *arg)
{
	char buf[4096];
	int fd, tries;
	long sum = 0;

	(void)arg;
	if (expect_text("/sys/kernel/profiling", "0\n") || write_file("/sys/kernel/profiling", "8"))
		return FAIL;
	fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	/* one counter for 256 bytes; work for the kernel until a tick finds it there */
	for (tries = 0; tries < 20000 && sum == 0; tries++) {
		if (read(fd, buf, sizeof(buf)) != sizeof(buf))
			return failed("/dev/urandom: %s", strerror(errno));
		if (tries % 1000 == 999)
			sum = counted();
	}
	if (sum < 0)
		return FAIL;
	return sum ? PASS : failed("nothing is counted");
}

const struct probe profile_probes[] = {
	{ "the kernel's work is counted", profile, NULL },
	{ NULL, NULL, NULL },
};
