// SPDX-License-Identifier: GPL-2.0
/*
 * How free memory is reported. A probe at the driver's function has the blocks of each report,
 * one at the start of a pass tells the passes apart. 4.19 has code of its own (the queue's),
 * with other names and other structures.
 */
#define _GNU_SOURCE
#include "reporting.h"
#include "hyperv.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCKS	    32 /* of a report, at most */
#define LONE_MB	    96
#define LONE_PAGES  (LONE_MB * 256)
#define ORDER	    5 /* what WSL asks for: 128 kB */
#define SPARE_MB    160
#define SPARE_PAGES (24L << 8)
#define MIN_KB	    "/proc/sys/vm/min_free_kbytes"
#define LISTS	    "/proc/sys/vm/percpu_pagelist_high_fraction"

/* ---- probes of kernel functions */

static char *trace, *rest;

int watch(const char *definitions)
{
	if (!symbol_known("register_kprobe"))
		return skip("needs probes of kernel functions, of the feature trace");
	if (access("t/kprobe_events", F_OK) && mount_on("tracefs", "t", "tracefs", 0, NULL))
		return FAIL;
	if (write_file("t/kprobe_events", definitions) || write_file("t/trace", "\n") ||
	    write_file("t/events/kprobes/enable", "1"))
		return FAIL;
	return PASS;
}

void watch_mark(void)
{
	write_file("t/trace", "\n");
}

void watch_end(void)
{
	write_file("t/events/kprobes/enable", "0");
	write_file("t/kprobe_events", "");
	write_file("t/trace", "\n");
}

void watch_again(void)
{
	static char text[4 << 20];

	trace = read_file("t/trace", text, sizeof(text)) < 0 ? NULL : text;
	rest = trace;
}

/* "  kworker/u4:1-25    [000] d..1   12.345678: report: (function+0x0/0x1b0) nr=32 ..." */
int watch_next(struct watched *event)
{
	char *line, *at, *colon;

	if (!trace)
		return -1;
	while ((line = strsep(&rest, "\n"))) {
		at = strstr(line, " [");
		colon = *line == '#' || !at ? NULL : strstr(at, ": ");
		if (!colon || !strstr(colon, ": ("))
			continue;
		while (at > line && at[-1] == ' ')
			at--;
		while (at > line && at[-1] >= '0' && at[-1] <= '9')
			at--;
		event->task = atoi(at);
		event->name = colon + 2;
		at = strstr(colon, ": (");
		if (at == colon)
			continue;
		*at = '\0';
		at = strchr(at + 3, ')');
		event->values = at ? at + 1 : "";
		return 1;
	}
	return 0;
}

/* ---- a report */

static const struct code {
	int major, minor; /* the last release that has this is the one before */
	const char *pass, *virtio, *hyperv;
	int first, step, length; /* of the blocks in the list; their length, or order */
} codes[] = {
	{ 5, 7, "report_work_fn", "report_free_blocks", "hint_cold_blocks", 8, 16, 0 },
	/* struct scatterlist */
	{ 99, 0, "page_reporting_process", "virtballoon_free_page_report", "hv_free_page_report",
	  12, 32, 1 },
};

static const struct code *code(void)
{
	return &codes[kernel_at_least(codes[0].major, codes[0].minor)];
}

struct report {
	long pages;   /* all that are away */
	int of_order; /* blocks of ORDER */
};

static int watch_reports(void)
{
	const struct code *c = code();
	char text[4096], *at = text, *end = text + sizeof(text);
	int rc = on_hyperv() ? host_takes_hints() : PASS;

	if (rc != PASS)
		return rc;
	at += snprintf(at, end - at, "p:pass %s\np:drain drain_all_pages\np:report %s nr=%%dx:u32",
		       c->pass, on_hyperv() ? c->hyperv : c->virtio);
	for (int i = 0; i < BLOCKS; i++)
		at += snprintf(at, end - at, " b%d=+%d(%%si):u32", i, c->first + i * c->step);
	snprintf(at, end - at, "\n");
	return watch(text);
}

static struct report report_of(const struct watched *event)
{
	const struct code *c = code();
	struct report report = { 0 };
	const char *at = strstr(event->values, "nr=");
	unsigned long value;
	int nr;

	if (!at)
		return report;
	at += 2;
	nr = strtoul(at + 1, NULL, 0);
	for (int i = 0; i < nr && i < BLOCKS; i++) {
		at = strchr(at + 1, '=');
		if (!at)
			break;
		value = strtoul(at + 1, NULL, 0);
		value = c->length ? value / 4096 : 1UL << value;
		report.pages += value;
		report.of_order += value == 1UL << ORDER;
	}
	return report;
}

/* ---- blocks that cannot grow */

struct page {
	unsigned long long frame; /* where it is in memory */
	char *at;
};

static struct page pages[LONE_PAGES];

static int by_frame(const void *a, const void *b)
{
	const struct page *x = a, *y = b;

	return x->frame < y->frame ? -1 : x->frame > y->frame;
}

/* Touch single pages; they are sorted by where they are. */
int lone_blocks_touch(void)
{
	const size_t bytes = (size_t)LONE_MB << 20;
	unsigned long long entry;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), rc = 0;
	char *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (fd < 0 || mem == MAP_FAILED)
		return failed("pagemap, mmap of %d MB: %s", LONE_MB, strerror(errno));
	/* a huge page is not freed in parts; a kernel without them refuses */
	madvise(mem, bytes, MADV_NOHUGEPAGE);
	for (int i = 0; i < LONE_PAGES && !rc; i++) {
		pages[i].at = mem + 4096L * i;
		*pages[i].at = 1;
		if (pread(fd, &entry, 8, (unsigned long)pages[i].at / 4096 * 8) != 8)
			rc = failed("pagemap: %s", strerror(errno));
		pages[i].frame = entry & ((1ull << 55) - 1);
	}
	close(fd);
	qsort(pages, LONE_PAGES, sizeof(*pages), by_frame);
	return rc;
}

int lone_blocks_free(int order)
{
	const int size = 1 << order;
	int blocks = 0;

	for (int i = 0; i + size < LONE_PAGES; i++) {
		if (pages[i].frame % (2 * size) ||
		    pages[i + size - 1].frame != pages[i].frame + size - 1 ||
		    pages[i + size].frame >> (order + 1) != pages[i].frame >> (order + 1))
			continue;
		for (int j = i; j < i + size; j++)
			madvise(pages[j].at, 4096, MADV_DONTNEED);
		blocks++;
	}
	return blocks;
}

/* ---- the rows */

/*
 * Of BLOCKS freed ones: how many passes have reported one until nine tenths were. 0: they
 * were not.
 */
static int passes_for(int blocks)
{
	int passes = 0, seen = 0, counted = 0;
	struct watched event;

	watch_again();
	while (watch_next(&event) > 0) {
		if (!strcmp(event.name, "pass"))
			counted = 0;
		if (strcmp(event.name, "report"))
			continue;
		int of_order = report_of(&event).of_order;

		passes += of_order && !counted;
		counted |= of_order > 0;
		seen += of_order;
		if (seen >= blocks * 9 / 10)
			return passes;
	}
	return 0;
}

/*
 * A pass of two reports, 64 blocks, is what a list of up to 512 blocks gets from a kernel that
 * does a sixteenth of it: the blocks here would take it four passes. One may run already when
 * they are freed.
 */
static int one_pass(void)
{
	int blocks, passes = 0;

	if (lone_blocks_touch())
		return FAIL;
	sleep(3); /* what is free by now is reported */
	watch_mark();
	blocks = lone_blocks_free(ORDER);
	if (blocks < 4 * 64)
		return failed("this guest has only %d whole blocks", blocks);
	for (int i = 0; i < 30 && !passes; i++) {
		sleep(1);
		passes = passes_for(blocks);
	}
	diag("%d blocks of %d kB in %d passes", blocks, 4 << ORDER, passes);
	if (!passes)
		return failed("less than 90 %% of them were reported within 30 s");
	return passes <= 2 ? PASS : failed("expected 1, or 2");
}

/*
 * Run ROW with the reports watched, for blocks of ORDER and above. Since 5.14 the list of a
 * processor may hold all that the low watermark stands for, 54 MB of 1 GB: no pass begins for
 * what is on it, and it is not free. Keep it short.
 */
static int with_reports(int (*row)(void))
{
	int rc, lists = kernel_at_least(5, 14);
	char before[32];

	if (read_file(PAGE_REPORTING_ORDER, before, sizeof(before)) < 0)
		return FAIL;
	rc = watch_reports();
	if (rc != PASS)
		return rc;
	if (write_file(PAGE_REPORTING_ORDER, "5") || (lists && write_file(LISTS, "10000")))
		rc = FAIL;
	else
		rc = row();
	watch_end();
	if (lists && write_file(LISTS, "0"))
		rc = FAIL;
	return write_file(PAGE_REPORTING_ORDER, before) ? FAIL : rc;
}

int reporting_in_one_pass(void)
{
	return with_reports(one_pass);
}

/* Each pass that reports something has drained the lists of the processors before. */
static int drains(void)
{
	int passes = 0, drained = 0, at = 0;
	struct watched event;

	if (lone_blocks_touch())
		return FAIL;
	watch_mark();
	lone_blocks_free(ORDER);
	sleep(5);
	watch_again();
	while (watch_next(&event) > 0) {
		if (!strcmp(event.name, "pass"))
			at = event.task;
		if (!strcmp(event.name, "drain") && at == (int)event.task)
			drained++, at = 0;
		if (!strcmp(event.name, "report") && at == (int)event.task)
			return failed("a pass reports before it has drained the lists");
		passes += !strcmp(event.name, "pass");
	}
	diag("%d passes, %d drained the lists", passes, drained);
	return passes && drained ? PASS : failed("no pass within 5 s");
}

int reporting_drains_lists(void)
{
	return with_reports(drains);
}

struct zone {
	long free, low, high, managed;
};

static long watermark(const struct zone *zone)
{
	return kernel_at_least(5, 7) ? zone->low : zone->high;
}

#define ZONES 16

/* The zones that have memory, in the kernel's order. Their number, or -1 after diag(). */
static int read_zones(struct zone *zones)
{
	FILE *f = fopen("/proc/zoneinfo", "re");
	struct zone zone = { 0 };
	char line[256];
	int nr = 0;

	while (f && nr < ZONES && fgets(line, sizeof(line), f)) {
		sscanf(line, " pages free %ld", &zone.free);
		sscanf(line, " low %ld", &zone.low);
		sscanf(line, " high %ld", &zone.high);
		if (sscanf(line, " managed %ld", &zone.managed) == 1 && zone.managed)
			zones[nr++] = zone;
	}
	if (f)
		fclose(f);
	return nr ? nr : failed("/proc/zoneinfo has no zone");
}

/* The most that one zone has above its watermark, in pages; -1 after diag() */
static long most_spare(void)
{
	struct zone zones[ZONES];
	int nr = read_zones(zones);
	long most = nr < 0 ? -1 : 0;

	for (int i = 0; i < nr; i++)
		if (zones[i].free - watermark(&zones[i]) > most)
			most = zones[i].free - watermark(&zones[i]);
	return most;
}

/* Unmap memory. Which zone got most of it: with 4 GB and more there are two; -1 after diag(). */
static int unmap_into_zone(char *mem, size_t bytes)
{
	struct zone before[ZONES], after[ZONES];
	int nr = read_zones(before), found = 0;

	munmap(mem, bytes);
	if (nr < 0 || read_zones(after) != nr)
		return -1;
	for (int i = 1; i < nr; i++)
		if (after[i].free - before[i].free > after[found].free - before[found].free)
			found = i;
	return found;
}

/*
 * Free memory, most of it not reported, and a watermark that 24 MB of it are above: what is
 * away in one report must not be more than that. A kernel that looks at the watermark before a
 * pass only takes 32 blocks, whatever their size. 4.19 leaves the high watermark, and takes a
 * quarter of what is above.
 */
static int most_away(long *most, long *all)
{
	struct watched event;

	*most = *all = 0;
	watch_again();
	while (watch_next(&event) > 0) {
		struct report report;

		if (strcmp(event.name, "report"))
			continue;
		report = report_of(&event);
		*all += report.pages;
		if (report.pages > *most)
			*most = report.pages;
	}
	return trace ? 0 : -1;
}

/* So that SPARE_PAGES of ZONE are above its watermark; each zone has its share of MIN_KB. */
static int raise_watermark(int zone, const char *kb_before)
{
	struct zone zones[ZONES], *z = &zones[zone];
	long kb = atol(kb_before);
	char text[32];

	/* the second time corrects what rounding and others have changed */
	for (int turn = 0; turn < 2; turn++) {
		if (read_zones(zones) <= zone)
			return FAIL;
		if (z->free < 2 * SPARE_PAGES || !watermark(z))
			return failed("only %ld kB are free", z->free * 4);
		kb = kb * (z->free - SPARE_PAGES) / watermark(z);
		snprintf(text, sizeof(text), "%ld", kb);
		if (write_file(MIN_KB, text))
			return FAIL;
	}
	return PASS;
}

/* Free memory and watch the reports of it: PASS, FAIL, or SKIP if they were too early. */
static int spares_once(const char *min_kb)
{
	const size_t bytes = (size_t)SPARE_MB << 20;
	long most = 0, all = 0, spare = 0;
	struct zone zones[ZONES];
	int zone, rc = FAIL;
	char *mem;

	/* kswapd, woken while a report is made, shall find nothing to reclaim */
	if (write_file("/proc/sys/vm/drop_caches", "3"))
		return FAIL;
	mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return failed("mmap of %d MB: %s", SPARE_MB, strerror(errno));
	memset(mem, 1, bytes);
	sleep(3); /* what is free by now is reported */
	zone = unmap_into_zone(mem, bytes);
	if (zone >= 0 && !raise_watermark(zone, min_kb)) {
		watch_mark();
		spare = most_spare();
		rc = spare < 0 || read_zones(zones) <= zone ? FAIL : PASS;
		for (int i = 0; i < 10 && rc == PASS && all < (SPARE_MB << 8) / 2; i++) {
			sleep(1);
			rc = most_away(&most, &all) ? FAIL : PASS;
		}
	}
	if (write_file(MIN_KB, min_kb))
		return FAIL;
	if (rc != PASS)
		return rc;
	diag("%ld MB above the watermark, %ld MB away in one report, %ld MB reported", spare >> 8,
	     most >> 8, all >> 8);
	/* 32 blocks of 4 MB are more than that; others free and allocate meanwhile */
	if (zones[zone].free - watermark(&zones[zone]) > 2 * SPARE_PAGES)
		return failed("the watermark is too low for this row");
	if (most > spare + (8 << 8))
		return failed("a report takes more than there is");
	return all < (SPARE_MB << 8) / 2 ? SKIP : PASS;
}

/* A pass comes a second after memory was freed, which a slow machine may need for the rest. */
static int spares(void)
{
	char before[32];
	int rc = SKIP;

	if (read_file(MIN_KB, before, sizeof(before)) < 0)
		return FAIL;
	for (int turn = 0; turn < 4 && rc == SKIP; turn++)
		rc = spares_once(before);
	return rc == SKIP ? failed("expected half of %d MB within 10 s", SPARE_MB) : rc;
}

int reporting_spares_memory(void)
{
	return with_reports(spares);
}
