// SPDX-License-Identifier: GPL-2.0
/*
 * hv_pci_swiotlb=SIZE, which WSL passes with virtiofs=true: the bounce buffers of PCI
 * devices, and none for the other devices of Hyper-V. Boot with WSL=--virtiofs.
 */
#define _GNU_SOURCE
#include "hyperv.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRIVER	"/sys/bus/vmbus/drivers/hv_pci/"
#define PATCH	"hyperv/pci-bounces-through-its-own-pool"
#define DEFAULT "debug/swiotlb/io_tlb_used_hiwater" /* since 6.5 */
#define ALIGN	(2ull << 20)
#define READ	(32l << 20)

/* The value of a file of the driver, as WSL's init reads it: decimal, or 0x and hexadecimal. */
static int value(const char *name, unsigned long long *n)
{
	char path[128], text[64], *end;

	snprintf(path, sizeof(path), DRIVER "%s", name);
	if (read_file(path, text, sizeof(text)) < 0)
		return FAIL;
	*n = strtoull(text, &end, 0);
	return *end == '\n' && end != text ? PASS : failed("%s is not a number: %s", path, text);
}

/* SIZE of the command line, in bytes; or 0 after skip(), with its result in RC. */
static unsigned long long wanted(int *rc)
{
	static char line[4096];
	unsigned long long size;
	char *at, *end;

	if (read_file("/proc/cmdline", line, sizeof(line)) < 0) {
		*rc = FAIL;
		return 0;
	}
	at = strstr(line, "hv_pci_swiotlb=");
	if (!at)
		*rc = skip("hv_pci_swiotlb= is not on the command line (WSL=--virtiofs)");
	else if (strstr(line, "wsl.queue=") && !strstr(line, PATCH))
		*rc = skip("the queue has no pci-bounces-through-its-own-pool");
	else {
		size = strtoull(at + strlen("hv_pci_swiotlb="), &end, 0);
		return *end == 'G' ? size << 30 : *end == 'M' ? size << 20 : size;
	}
	return 0;
}

/* Where WSL finds it, and where any device can reach it: System RAM, below 4 GB. */
int hyperv_pool(const char *arg)
{
	unsigned long long want, base, size, from, to;
	char line[256], what[128];
	int rc = PASS, in_ram = 0;
	FILE *f;

	(void)arg;
	want = wanted(&rc);
	if (!want)
		return rc;
	if (value("swiotlb_base", &base) || value("swiotlb_size", &size))
		return FAIL;
	diag("base %#llx, %llu kB", base, size >> 10);
	if (size != (want + ALIGN - 1) / ALIGN * ALIGN)
		rc = failed("of %llu bytes it has %llu", want, size);
	if (!base || base % ALIGN || base + size > 1ull << 32)
		rc = failed("it is at %#llx", base);
	f = fopen("/proc/iomem", "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%llx-%llx : %127[^\n]", &from, &to, what) == 3 &&
		    !strcmp(what, "System RAM") && base >= from && base + size - 1 <= to)
			in_ram = 1;
	if (f)
		fclose(f);
	return in_ram ? rc : failed("/proc/iomem has no System RAM there");
}

/*
 * A read past the page cache bounces if anything does. The high-water mark of the default
 * pool counts since the start, so it has seen all other rows as well.
 */
static int others_do_not_bounce(const char *arg)
{
	char dev[32], text[32];
	int fd, rc = PASS;
	void *buf;
	long at;

	(void)arg;
	if (!wanted(&rc))
		return rc;
	if (mount_on("debugfs", "debug", "debugfs", 0, NULL))
		return FAIL;
	if (access(DEFAULT, F_OK))
		return skip("no %s before Linux 6.5", DEFAULT);
	if (disk_first(dev, sizeof(dev)))
		return FAIL;
	fd = open(dev, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (fd < 0 || posix_memalign(&buf, 4096, 1 << 20))
		return failed("cannot read %s past the cache", dev);
	for (at = 0; at < READ && rc == PASS; at += 1 << 20)
		if (pread(fd, buf, 1 << 20, at) != 1 << 20)
			rc = failed("%s: read at %ld", dev, at);
	free(buf);
	close(fd);
	if (read_file(DEFAULT, text, sizeof(text)) < 0)
		return FAIL;
	return atol(text) ?
		failed("%ld slots of the default pool were in use at once", atol(text)) :
		rc;
}

const struct probe hyperv_pool_probes[] = {
	{ "the bounce buffers of PCI devices are where WSL looks", hyperv_pool, NULL },
	{ "disks and networks do not bounce", others_do_not_bounce, NULL },
	{ NULL, NULL, NULL },
};
