// SPDX-License-Identifier: GPL-2.0
/*
 * bench=locks: how long a pass of page reporting keeps others from a zone's free pages. Half of
 * the memory becomes free in blocks of 128 kB that cannot grow, as their neighbours stay in use;
 * then one of them is taken and freed again, ten times a second, so that each pass finds one to
 * report behind thousands that are reported.
 *   bench: locks_blocks N  so many blocks were freed
 *   bench: locks_us N      the longest time for which a zone's lock was held: from the call that
 *                          takes it to the next place where it is not held, a report or a
 *                          scheduling point
 *   bench: locks_passes N  and locks_gap_ms N, the shortest time between the starts of two:
 *                          each interrupts every processor, to drain its lists
 * Seen by probes on the kernel's functions; "bench: unavailable WHY" on a kernel without them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

#define BLOCK_PAGES 32UL
#define PAGE_BYTES  4096UL
#define SECONDS	    20
#define PER_SECOND  10
#define NEAR	    0x4000 /* the functions of page reporting lie so close together */

struct page {
	char *at;
	unsigned long frame;
};

static struct page *pages;
static size_t npages, nblocks;

static int by_frame(const void *a, const void *b)
{
	const struct page *one = a, *two = b;

	return (one->frame > two->frame) - (one->frame < two->frame);
}

static int take_memory(void)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	unsigned long long entry;
	char *area;
	size_t i;

	npages = meminfo("MemFree") / 4 * 7 / 8;
	pages = calloc(npages, sizeof(*pages));
	area = mmap(NULL, npages * PAGE_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (fd < 0 || !pages || area == MAP_FAILED)
		return -1;
	/* a huge page is not freed in parts; a kernel without them refuses */
	madvise(area, npages * PAGE_BYTES, MADV_NOHUGEPAGE);
	for (i = 0; i < npages; i++) {
		pages[i].at = area + i * PAGE_BYTES;
		*pages[i].at = 1;
		if (pread(fd, &entry, 8, (unsigned long)pages[i].at / PAGE_BYTES * 8) != 8)
			return -1;
		pages[i].frame = entry & ((1ULL << 55) - 1);
	}
	close(fd);
	qsort(pages, npages, sizeof(*pages), by_frame);
	return 0;
}

static int block_at(size_t i)
{
	return pages[i].frame % (2 * BLOCK_PAGES) == 0 &&
		pages[i + BLOCK_PAGES - 1].frame == pages[i].frame + BLOCK_PAGES - 1 &&
		pages[i + BLOCK_PAGES].frame / (2 * BLOCK_PAGES) ==
		pages[i].frame / (2 * BLOCK_PAGES);
}

static void free_block(size_t i)
{
	size_t j;

	for (j = i; j < i + BLOCK_PAGES; j++)
		madvise(pages[j].at, PAGE_BYTES, MADV_DONTNEED);
}

/* Free every block whose other half stays in use; returns where the first one is. */
static size_t free_blocks(void)
{
	size_t i, first = 0;

	for (i = 0; i + BLOCK_PAGES < npages; i++) {
		if (!block_at(i))
			continue;
		if (!nblocks++)
			first = i;
		free_block(i);
	}
	return first;
}

/* The address of a kernel function, or 0. */
static unsigned long address(const char *function)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long at = 0, here;
	char name[128];

	while (f && !at && fscanf(f, "%lx %*c %127[^\n]", &here, name) == 2)
		if (!strcmp(name, function))
			at = here;
	if (f)
		fclose(f);
	return at;
}

static const char *known(const char *one, const char *other)
{
	return address(one) ? one : other;
}

/* Probes, in /t: 0, or -1 when this kernel has none. */
static int watch(void)
{
	const char *pass = known("page_reporting_process", "report_work_fn");
	const char *report = known("virtballoon_free_page_report", "report_free_blocks");
	unsigned long at = address(pass);
	char text[512];

	mkdir("/t", 0755);
	if (!at || mount("tracefs", "/t", "tracefs", 0, NULL))
		return -1;
	snprintf(text, sizeof(text),
		 "p:pass %s\nr:end %s\np:report %s\n"
		 "p:lock _raw_spin_lock_irq from=+0(%%sp):x64\np:rest %s from=+0(%%sp):x64\n",
		 pass, pass, report, known("__cond_resched", "_cond_resched"));
	if (write_file("/t/kprobe_events", text))
		return -1;
	snprintf(text, sizeof(text), "from > 0x%lx && from < 0x%lx", at - NEAR, at + NEAR);
	if (write_file("/t/events/kprobes/lock/filter", text) ||
	    write_file("/t/events/kprobes/rest/filter", text) ||
	    write_file("/t/buffer_size_kb", "16384"))
		return -1;
	return write_file("/t/events/kprobes/enable", "1");
}

/* "  kworker/u4:1-25    [000] d..1   12.345678: lock: (...", of the task that makes the pass */
static int print_trace(void)
{
	double now, locked = 0, longest = 0, began = 0, gap = 1e9;
	FILE *f = fopen("/t/trace", "r");
	char *line = NULL, *cpu, name[32];
	int task = 0, pid, passes = 0;
	size_t size = 0;

	while (f && getline(&line, &size, f) > 0) {
		cpu = strstr(line, " [");
		if (*line == '#' || !cpu ||
		    sscanf(cpu, " [%*d] %*s %lf: %31[^:]:", &now, name) != 2)
			continue;
		while (cpu > line && *cpu == ' ')
			cpu--;
		while (cpu > line && cpu[-1] != '-')
			cpu--;
		pid = atoi(cpu);
		if (!strcmp(name, "pass")) {
			if (passes++ && now - began < gap)
				gap = now - began;
			began = now;
			task = pid;
			locked = 0;
		}
		if (pid != task)
			continue;
		if (locked && now - locked > longest)
			longest = now - locked;
		locked = strcmp(name, "lock") ? 0 : now;
		if (!strcmp(name, "end"))
			task = 0;
	}
	free(line);
	if (!f || !longest) {
		errno = ENODATA;
		return -1;
	}
	fclose(f);
	printf("bench: locks_us %.0f\nbench: locks_passes %d\nbench: locks_gap_ms %.0f\n",
	       longest * 1e6, passes, gap * 1e3);
	return 0;
}

int locks(void)
{
	size_t first, i;
	int n;

	if (take_memory())
		return -1;
	sleep(3);
	if (watch()) {
		printf("bench: unavailable %s\n", strerror(errno));
		return 0;
	}
	first = free_blocks();
	printf("bench: locks_blocks %zu\n", nblocks);
	sleep(5);
	for (n = 0; n < SECONDS * PER_SECOND; n++) {
		for (i = first; i < first + BLOCK_PAGES; i++)
			*pages[i].at = 1;
		free_block(first);
		usleep(1000000 / PER_SECOND);
	}
	write_file("/t/events/kprobes/enable", "0");
	return print_trace();
}
