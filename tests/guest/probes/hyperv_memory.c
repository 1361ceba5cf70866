// SPDX-License-Identifier: GPL-2.0
/* Dynamic memory: balloon, pressure reports, hot add, cold page hints. */
#define _GNU_SOURCE
#include "hyperv.h"
#include "reporting.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BALLOON_MB 128
#define HOT_ADD_MB 128
#define COLD_MB	   256
#define ORDER	   "page_reporting.page_reporting_order="

/* kB of a line of /proc/meminfo, or -1 */
static long meminfo(const char *name)
{
	char text[8192], *at;

	if (read_file("/proc/meminfo", text, sizeof(text)) < 0)
		return -1;
	at = strstr(text, name);
	return at ? atol(at + strlen(name)) : -1;
}

int host_takes_hints(void)
{
	char answer[200];

	if (host_ask(answer, sizeof(answer), "about"))
		return FAIL;
	if (!strstr(answer, "extended=1"))
		return skip("the KVM of %s does not forward extended hypercalls",
			    strrchr(answer, ' ') + 1);
	return PASS;
}

long free_kb(void)
{
	return meminfo("MemFree:") + pages_per_cpu() * 4;
}

/* Free memory fluctuates: nine tenths of the balloon are enough. */
static int balloon(const char *arg)
{
	long before = free_kb(), during, after;
	char answer[32];

	(void)arg;
	if (host_ask(answer, sizeof(answer), "balloon %d", BALLOON_MB))
		return FAIL;
	if (atol(answer) != BALLOON_MB * 256)
		return failed("%ld of %d pages were ballooned", atol(answer), BALLOON_MB * 256);
	during = free_kb();
	if (host_ask(answer, sizeof(answer), "unballoon"))
		return FAIL;
	for (int i = 0; i < 50; i++) {
		after = free_kb();
		if (after - during >= BALLOON_MB * 922)
			break;
		usleep(100000);
	}
	diag("free: %ld kB before, %ld kB inflated, %ld kB deflated", before, during, after);
	if (before - during < BALLOON_MB * 922 || after - during < BALLOON_MB * 922)
		return failed("free memory did not change by %d MB", BALLOON_MB);
	return PASS;
}

static int reports(const char *arg)
{
	long long first = host_number("reports"), now = first;
	char answer[64], *available;
	long kb;

	(void)arg;
	for (int i = 0; i < 100 && now >= 0 && now < first + 2; i++) {
		usleep(100000);
		now = host_number("reports");
	}
	if (now < first + 2)
		return failed("%lld, and 10 s later %lld", first, now);
	if (host_ask(answer, sizeof(answer), "reports"))
		return FAIL;
	available = strchr(answer, ' ');
	kb = available ? atol(available) * 4 : 0;
	diag("%ld kB available, MemAvailable %ld kB", kb, meminfo("MemAvailable:"));
	return kb > 0 ? PASS : failed("the guest reports no memory available");
}

static int hot_add(const char *arg)
{
	long before = meminfo("MemTotal:"), after = before;
	char answer[32];

	(void)arg;
	/* of the boot contract: every image has it */
	if (write_file("/sys/devices/system/memory/auto_online_blocks", "online") ||
	    host_ask(answer, sizeof(answer), "hotadd %d", HOT_ADD_MB))
		return FAIL;
	if (atol(answer) != HOT_ADD_MB * 256)
		return failed("%ld of %d pages were added", atol(answer), HOT_ADD_MB * 256);
	for (int i = 0; i < 50 && after - before < HOT_ADD_MB * 1000; i++) {
		usleep(100000);
		after = meminfo("MemTotal:");
	}
	diag("MemTotal: %ld kB, %ld kB", before, after);
	return after - before >= HOT_ADD_MB * 1000 ? PASS : failed("MemTotal did not grow");
}

static int cold_hints(const char *arg)
{
	size_t bytes = (size_t)COLD_MB << 20;
	int rc = host_takes_hints();
	long long pages = 0;
	char *mem;

	(void)arg;
	if (rc != PASS)
		return rc;
	mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return failed("mmap of %d MB: %s", COLD_MB, strerror(errno));
	for (size_t i = 0; i < bytes; i += 4096)
		mem[i] = 1;
	/* from here on the host counts each hinted page once */
	if (host_number("hints clear") != 0)
		return failed("the host cannot reset its count");
	munmap(mem, bytes);
	for (int i = 0; i < 200 && pages >= 0 && pages < COLD_MB * 256 * 95 / 100; i++) {
		usleep(100000);
		pages = host_number("hints");
	}
	diag("%lld of %d pages", pages, COLD_MB * 256);
	return pages >= COLD_MB * 256 * 95 / 100 ?
		PASS :
		failed("less than 95 %% of %d MB were hinted within 20 s", COLD_MB);
}

/* The order of the command line, the last one counts; -1: none, -2 after diag() */
static int order_asked(void)
{
	char text[4096], *at = text;
	int order = -1;

	if (read_file("/proc/cmdline", text, sizeof(text)) < 0)
		return -2;
	while ((at = strstr(at, ORDER))) {
		at += strlen(ORDER);
		order = atoi(at);
	}
	return order;
}

/*
 * What was freed last may be on the list of a processor, and no pass begins for that: free
 * something, and one comes, which looks there too.
 */
static void free_more(void)
{
	const size_t size = 256 << 10;
	char *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED)
		return;
	memset(area, 1, size);
	munmap(area, size);
}

int hinted_blocks(int order)
{
	long long of = 0, below = 0, above = 0, uneven = 0;
	int rc = host_takes_hints(), blocks;
	char answer[128];

	if (rc != PASS)
		return rc;
	if (lone_blocks_touch() || host_number("hints clear") != 0)
		return FAIL;
	blocks = lone_blocks_free(order);
	for (int i = 0; i < 200 && of < blocks * 9 / 10; i++) {
		usleep(100000);
		if (i == 40 || i == 80)
			free_more();
		if (host_ask(answer, sizeof(answer), "hints %d", order))
			return FAIL;
		sscanf(answer, "%lld %lld %lld %lld", &of, &below, &above, &uneven);
	}
	diag("%d blocks of %d kB were freed; hinted: %lld, %lld smaller, %lld larger, %lld uneven",
	     blocks, 4 << order, of, below, above, uneven);
	if (blocks < 8)
		return failed("this guest has too few whole blocks");
	if (below || uneven)
		return failed("a range is smaller than order %d, or no block", order);
	return of >= blocks * 9 / 10 ? PASS : failed("less than 90 %% of the blocks within 20 s");
}

static int blocks_hinted(const char *arg)
{
	int order = order_asked();
	char want[16];

	(void)arg;
	if (order == -1)
		return skip("needs CMDLINE=" ORDER "5");
	/* 4 MB, the largest block, has no other half */
	if (order < 0 || order > 9)
		return order < 0 ? FAIL : skip("blocks of order %d are too large", order);
	snprintf(want, sizeof(want), "%d\n", order);
	return expect_text(PAGE_REPORTING_ORDER, want) ? FAIL : hinted_blocks(order);
}

const struct probe hyperv_memory_probes[] = {
	{ "the balloon inflates by 128 MB and deflates", balloon, NULL },
	{ "memory pressure is reported", reports, NULL },
	{ "128 MB are hot added", hot_add, NULL },
	{ "freed pages are hinted as cold", cold_hints, NULL },
	{ "free blocks of page_reporting_order= are hinted, none smaller", blocks_hinted, NULL },
	{ NULL, NULL, NULL },
};
