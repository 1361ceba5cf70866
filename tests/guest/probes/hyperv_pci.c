// SPDX-License-Identifier: GPL-2.0
/*
 * PCI over VMBus: a function of the host, without a driver, is on a bus of its own; its
 * registers are in a window that the guest has placed; it comes and goes. "pci", "pci-eject"
 * and "pci-plug" are commands of tests/hvhost/commands.c, the function is its pci_test.c.
 */
#define _GNU_SOURCE
#include "../../hvhost/pci_test.h"
#include "hyperv.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEVICES	  "/sys/bus/pci/devices"
#define ROUNDS	  10
#define PLUG_MS	  30000
#define ABOVE_4GB (1ull << 32)

int has_pci(void)
{
	char answer[200];

	if (host_ask(answer, sizeof(answer), "about"))
		return FAIL;
	return strstr(answer, " pci=0") ? skip("the host has no PCI bus: --pci-test") : PASS;
}

static unsigned long number(const char *dir, const char *name)
{
	char path[512], text[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return read_file(path, text, sizeof(text)) < 0 ? ~0ul : strtoul(text, NULL, 16);
}

/* The directory of the function in sysfs: 1, or 0 if it is not there. */
static int find(char *dir, size_t size)
{
	struct dirent *entry;
	DIR *d = opendir(DEVICES);
	int found = 0;

	while (d && !found && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(dir, size, "%s/%s", DEVICES, entry->d_name);
		found = number(dir, "vendor") == PCI_TEST_VENDOR &&
			number(dir, "device") == PCI_TEST_DEVICE;
	}
	if (d)
		closedir(d);
	return found;
}

/* The range of its BAR; 1 if it has an address. */
static int bar(const char *dir, unsigned long long *start, unsigned long long *end)
{
	char path[512], text[2048];

	snprintf(path, sizeof(path), "%s/resource", dir);
	return read_file(path, text, sizeof(text)) > 0 &&
		sscanf(text, "%llx %llx", start, end) == 2 && *start;
}

/* Wait until it is there; with READY until its BAR has an address and a file. */
static int wait_for(int ready, char *dir, size_t size)
{
	long end = now_ms() + PLUG_MS;
	unsigned long long from, to;
	char path[512];

	for (;; usleep(20000)) {
		if (find(dir, size)) {
			snprintf(path, sizeof(path), "%s/resource0", dir);
			if (!ready || (!access(path, F_OK) && bar(dir, &from, &to)))
				return 0;
		}
		if (now_ms() > end)
			return failed("no function 0x%x:0x%x%s after %d s", PCI_TEST_VENDOR,
				      PCI_TEST_DEVICE, ready ? " with an address" : "",
				      PLUG_MS / 1000);
	}
}

static int on_its_bus(const char *arg)
{
	unsigned long long start, end;
	char dir[300], link[512], path[512];
	ssize_t len;
	int rc = has_pci();

	(void)arg;
	if (rc)
		return rc;
	if (wait_for(1, dir, sizeof(dir)))
		return FAIL;
	bar(dir, &start, &end);
	len = readlink(dir, link, sizeof(link) - 1);
	link[len > 0 ? len : 0] = '\0';
	diag("%s: 0x%llx to 0x%llx", link, start, end);
	if (number(dir, "class") != 0xff0000)
		return failed("its class is 0x%lx", number(dir, "class"));
	if (end - start != 4095 || start < ABOVE_4GB)
		return failed("its 64-bit BAR has 0x%llx to 0x%llx", start, end);
	/* the bus is a child of the device on VMBus, which has the driver */
	snprintf(path, sizeof(path), "%s/../../driver", dir);
	len = readlink(path, link, sizeof(link) - 1);
	link[len > 0 ? len : 0] = '\0';
	return strstr(link, "/hv_pci") ? PASS : failed("%s is \"%s\", not hv_pci", path, link);
}

/* Write VALUE to the register of the function, and have the host tell what it got. */
static int use(const char *dir, uint32_t value)
{
	volatile uint32_t *regs;
	char path[512], answer[64];
	int fd, rc = 0;

	snprintf(path, sizeof(path), "%s/enable", dir);
	if (write_file(path, "1"))
		return FAIL;
	snprintf(path, sizeof(path), "%s/resource0", dir);
	fd = open(path, O_RDWR | O_SYNC | O_CLOEXEC);
	regs = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (regs == MAP_FAILED)
		rc = failed("%s: %s", path, strerror(errno));
	if (!rc && regs[PCI_TEST_ID / 4] != PCI_TEST_MAGIC)
		rc = failed("register 0 reads as 0x%x, not 0x%x", regs[0], PCI_TEST_MAGIC);
	if (!rc) {
		regs[PCI_TEST_SCRATCH / 4] = value;
		if (regs[PCI_TEST_SCRATCH / 4] != ~value)
			rc = failed("0x%x was written and 0x%x read, not its complement", value,
				    regs[PCI_TEST_SCRATCH / 4]);
	}
	if (regs != MAP_FAILED)
		munmap((void *)regs, 4096);
	if (fd >= 0)
		close(fd);
	if (rc || host_ask(answer, sizeof(answer), "pci"))
		return FAIL;
	if (strtoul(answer, NULL, 16) != (uint32_t)~value)
		return failed("0x%x was written, the host has %s", value, answer);
	return 0;
}

static int registers(const char *arg)
{
	char dir[300];
	int rc = has_pci();

	(void)arg;
	if (rc)
		return rc;
	return wait_for(1, dir, sizeof(dir)) || use(dir, 0x12345678) ? FAIL : PASS;
}

/* Lines of a file with TEXT, or -1. */
static int lines(const char *path, const char *text)
{
	char line[512];
	FILE *f = fopen(path, "re");
	int n = 0;

	if (!f)
		return failed("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), f))
		n += !!strstr(line, text);
	fclose(f);
	return n;
}

/* What a bus or a function that has gone could leave. */
static const struct {
	const char *path, *text; /* of lines; NULL: a directory */
} kept[] = {
	{ "/sys/bus/vmbus/devices", NULL },
	{ DEVICES, NULL },
	{ "/sys/bus/pci/slots", NULL },
	{ "/sys/kernel/irq", NULL },
	{ "/proc/iomem", "-" },
	{ "/proc/vmallocinfo", "ioremap" },
};
#define KEPT (sizeof(kept) / sizeof(kept[0]))

static int count(size_t i)
{
	return kept[i].text ? lines(kept[i].path, kept[i].text) : dir_entries(kept[i].path);
}

/* Every second time its bus goes with it, as on a real host. */
static int come_and_go(const char *arg)
{
	int before[KEPT], rc = has_pci();
	char dir[300], answer[64];

	(void)arg;
	if (rc)
		return rc;
	if (wait_for(1, dir, sizeof(dir)))
		return FAIL;
	for (size_t i = 0; i < KEPT; i++)
		before[i] = count(i);
	for (int n = 1; n <= ROUNDS; n++) {
		int bus = n % 2 == 0;

		if (host_ask(answer, sizeof(answer), "pci-eject%s", bus ? " bus" : ""))
			return failed("round %d", n);
		if (find(dir, sizeof(dir)))
			return failed("round %d: %s is there, but was given up", n, dir);
		if (host_ask(answer, sizeof(answer), "pci-plug") ||
		    wait_for(bus, dir, sizeof(dir)) || (bus && use(dir, n)))
			return failed("round %d", n);
	}
	for (size_t i = 0; i < KEPT; i++)
		if (count(i) != before[i])
			rc = failed("%s had %d entries%s%s, now %d", kept[i].path, before[i],
				    kept[i].text ? " with " : "", kept[i].text ? kept[i].text : "",
				    count(i));
	return rc;
}

const struct probe hyperv_pci_probes[] = {
	{ "a function of the host is on a PCI bus of its own", on_its_bus, NULL },
	{ "its registers are in the memory that the guest has placed", registers, NULL },
	{ "it is ejected and plugged again ten times", come_and_go, NULL },
	{ NULL, NULL, NULL },
};
