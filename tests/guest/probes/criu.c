// SPDX-License-Identifier: GPL-2.0
/* Which pages did a process change? criu saves only these, once it has a first copy. */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SOFT_DIRTY (1ULL << 55) /* in an entry of pagemap */

/* Is the page at AT marked? 1, 0, or -1 after diag(). */
static int marked(const char *at)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry;
	ssize_t n = pread(fd, &entry, sizeof(entry), (uintptr_t)at / 4096 * sizeof(entry));

	close(fd);
	return n != sizeof(entry) ? failed("/proc/self/pagemap: %s", strerror(errno)) :
				    !!(entry & SOFT_DIRTY);
}

static int expect(const char *pages, int first, int second, const char *when)
{
	int one = marked(pages), two = marked(pages + 4096);

	if (one < 0 || two < 0)
		return -1;
	return one == first && two == second ?
		0 :
		failed("%s: expected the marks %d and %d of two pages, got %d and %d", when, first,
		       second, one, two);
}

static int soft_dirty(const char *arg)
{
	char *pages =
		mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	if (pages == MAP_FAILED)
		return failed("mmap: %s", strerror(errno));
	pages[0] = pages[4096] = 1;
	if (expect(pages, 1, 1, "after both were written") ||
	    write_file("/proc/self/clear_refs", "4") ||
	    expect(pages, 0, 0, "after the marks were cleared"))
		return FAIL;
	pages[4096] = 2;
	return expect(pages, 0, 1, "after the second was written") ? FAIL : PASS;
}

const struct probe criu_probes[] = {
	{ "a page that is written is marked", soft_dirty, NULL },
	{ NULL, NULL, NULL },
};
