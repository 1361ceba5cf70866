// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio devices of WSL's machine, on PCI buses of VMBus: consoles, a folder of the host,
 * persistent memory, a network card. "hvc0", "type", "shared", "pmem" and "buffers" are
 * commands of tests/hvhost/commands.c.
 */
#define _GNU_SOURCE
#include "../../hvhost/stream.h"
#include "hyperv.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <termios.h>
#include <unistd.h>

#define CONSOLE_LEVEL 8 /* klogctl: SYSLOG_ACTION_CONSOLE_LEVEL */
#define WAIT_MS	      20000
#define PART	      (64 << 10) /* bytes of a write */
#define WRITTEN	      (1 << 20)
#define NET_BYTES     (4ul << 20)
#define PMEM	      "/dev/pmem0"
#define POOL	      "/sys/bus/vmbus/drivers/hv_pci/swiotlb_"

/* ---- the consoles */

static int has_console(void)
{
	char answer[256];
	const char *is = host_has(" hvc=", answer, sizeof(answer));

	if (!is)
		return FAIL;
	return *is == '1' ? PASS : skip("the host has no virtio console: --virtio-console");
}

/*
 * /dev/hvc0, raw; or -1. The first port makes the nodes of all, so that one without a port
 * cannot be opened yet.
 */
static int open_console(void)
{
	long end = now_ms() + WAIT_MS;
	struct termios t;
	int fd;

	while ((fd = open("/dev/hvc0", O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0 && now_ms() < end)
		usleep(100000);
	if (fd < 0)
		return failed("/dev/hvc0: %s", strerror(errno));
	if (tcgetattr(fd, &t))
		return failed("/dev/hvc0: tcgetattr: %s", strerror(errno));
	cfmakeraw(&t);
	tcsetattr(fd, TCSAFLUSH, &t);
	return fd;
}

/* Wait until TEXT has come on the host's end. */
static int arrives(const char *text)
{
	long end = now_ms() + WAIT_MS;
	unsigned long long bytes;
	char answer[64];
	int has;

	for (;; usleep(100000)) {
		if (host_ask(answer, sizeof(answer), "hvc0 %s", text))
			return FAIL;
		if (sscanf(answer, "%llu %d", &bytes, &has) == 2 && has)
			break;
		if (now_ms() > end)
			return failed("the host has %s bytes, without \"%s\"", answer, text);
	}
	diag("%llu bytes so far", bytes);
	return PASS;
}

static int output(const char *text)
{
	int rc = has_console(), fd;

	if (rc)
		return rc;
	fd = open_console();
	if (fd < 0)
		return FAIL;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text) || write(fd, "\n", 1) != 1)
		return failed("write to hvc0: %s", strerror(errno));
	return arrives(text);
}

/* Have the host type TEXT, and read it. */
static int typed(int fd, const char *text)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };
	char got[64] = "", answer[64];
	size_t have = 0;
	ssize_t n;

	if (host_ask(answer, sizeof(answer), "type %s", text))
		return FAIL;
	while (have < sizeof(got) - 1 && !strchr(got, '\n')) {
		if (poll(&in, 1, WAIT_MS) != 1)
			return failed("\"%s\" was typed, \"%s\" came within %d s", text, got,
				      WAIT_MS / 1000);
		n = read(fd, got + have, sizeof(got) - 1 - have);
		if (n <= 0)
			return failed("read from hvc0: %s", n ? strerror(errno) : "the end");
		have += n;
		got[have] = '\0';
	}
	got[strcspn(got, "\n")] = '\0';
	return strcmp(got, text) ? failed("\"%s\" was typed, \"%s\" came", text, got) : PASS;
}

static int input(const char *text)
{
	int rc = has_console(), fd;

	if (rc)
		return rc;
	fd = open_console();
	return fd < 0 ? FAIL : typed(fd, text);
}

/* The console level is low while the rows run (tap.c), so it is raised for one line. */
static int kernel_output(const char *text)
{
	static char line[4096];
	int rc = has_console(), fd;

	if (rc)
		return rc;
	if (read_file("/proc/cmdline", line, sizeof(line)) < 0)
		return FAIL;
	if (!strstr(line, "console=hvc0"))
		return skip("console=hvc0 is not on the command line");
	fd = open_console(); /* it is there then */
	if (fd < 0)
		return FAIL;
	close(fd);
	snprintf(line, sizeof(line), "<6>%s\n", text);
	klogctl(CONSOLE_LEVEL, NULL, 7);
	rc = write_file("/dev/kmsg", line) ? FAIL : arrives(text);
	klogctl(CONSOLE_LEVEL, NULL, 1);
	return rc;
}

/* The first interrupt whose name ends with NAME: its number and the count on CPU; 0 or -1. */
static int find_irq(const char *name, int cpu, int *irq, long *count)
{
	static char text[65536];
	char *line, *rest = text, *at;
	size_t len;

	if (read_file("/proc/interrupts", text, sizeof(text)) < 0)
		return -1;
	while ((line = strsep(&rest, "\n"))) {
		len = strlen(line);
		if (len < strlen(name) || strcmp(line + len - strlen(name), name))
			continue;
		*irq = strtol(line, &at, 10);
		at++; /* the colon */
		for (int i = 0; i <= cpu; i++)
			*count = strtol(at, &at, 10);
		return 0;
	}
	return failed("/proc/interrupts has none of %s", name);
}

/* Linux moves it when the next one comes, which is still where it was. */
static int moves(int fd, int cpu)
{
	char path[64], mask[16];
	long before, after;
	int irq;

	if (find_irq("-input", cpu, &irq, &before))
		return FAIL;
	snprintf(path, sizeof(path), "/proc/irq/%d/smp_affinity", irq);
	snprintf(mask, sizeof(mask), "%x", 1 << cpu);
	if (write_file(path, mask) || typed(fd, "one") || typed(fd, "two"))
		return FAIL;
	if (find_irq("-input", cpu, &irq, &before) || typed(fd, "three") ||
	    find_irq("-input", cpu, &irq, &after))
		return FAIL;
	diag("interrupt %d on processor %d: %ld, then %ld", irq, cpu, before, after);
	return after > before ? PASS : failed("processor %d did not get it", cpu);
}

static int affinity(const char *arg)
{
	int rc = has_console(), fd;

	(void)arg;
	if (rc)
		return rc;
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return skip("there is one processor (CPUS=2)");
	fd = open_console();
	return fd < 0 || moves(fd, 1) || moves(fd, 0) ? FAIL : PASS;
}

/* ---- the folder */

/* Mount it on share. */
static int mount_folder(void)
{
	char tag[FOLDER_TAG];
	int rc;

	if (!kernel_at_least(5, 4))
		return skip("Linux has virtiofs since 5.4");
	rc = folder_tag(tag);
	if (rc)
		return rc;
	return mount_on(tag, "share", "virtiofs", 0, NULL) ? FAIL : PASS;
}

static int folder_read(const char *arg)
{
	int rc = mount_folder();

	(void)arg;
	if (rc)
		return rc;
	rc = folder_compare();
	return umount("share") ? failed("umount: %s", strerror(errno)) : rc;
}

static int folder_write(const char *arg)
{
	int rc = mount_folder();

	(void)arg;
	if (rc)
		return rc;
	if (folder_change(1000))
		return FAIL;
	return umount("share") ? failed("umount: %s", strerror(errno)) : PASS;
}

/* ---- persistent memory */

/* Its size is in BYTES, and it is there. */
static int has_pmem(unsigned long long *bytes)
{
	char answer[256], name[32];
	const char *is;

	if (!kernel_at_least(6, 8))
		return skip("virtio_pmem knows a shared memory region since 6.8");
	is = host_has(" pmem=", answer, sizeof(answer));
	if (!is)
		return FAIL;
	*bytes = strtoull(is, NULL, 10);
	if (!*bytes)
		return skip("the host has no persistent memory: --virtio-pmem");
	return appears(PMEM, name, sizeof(name)) ? FAIL : PASS;
}

static int pmem_host(unsigned long long *flushes, unsigned long long *good)
{
	char answer[64];

	if (host_ask(answer, sizeof(answer), "pmem"))
		return -1;
	return sscanf(answer, "%llu %llu", flushes, good) == 2 ? 0 : failed("answer: %s", answer);
}

/* Read it past the page cache, where a driver would get it. */
static int pmem_read(void)
{
	int fd = open(PMEM, O_RDONLY | O_DIRECT | O_CLOEXEC);
	size_t good;
	void *buf;

	if (fd < 0 || posix_memalign(&buf, 4096, PART))
		return failed("%s: %s", PMEM, strerror(errno));
	for (size_t at = 0; at < WRITTEN; at += PART) {
		if (pread(fd, buf, PART, at) != PART)
			return failed("read at %zu: %s", at, strerror(errno));
		good = stream_check(buf, at, PART);
		if (good < PART)
			return failed("byte %zu is not what was written", at + good);
	}
	free(buf);
	close(fd);
	return 0;
}

static int pmem(const char *arg)
{
	unsigned long long want, before, flushes, good;
	uint64_t size = 0;
	int rc = has_pmem(&want), fd;

	(void)arg;
	if (rc)
		return rc;
	fd = open(PMEM, O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &size))
		return failed("%s: %s", PMEM, strerror(errno));
	if (size != want)
		return failed("%s has %llu bytes, the host's memory %llu", PMEM,
			      (unsigned long long)size, want);
	if (pmem_host(&before, &good) || write_stream_to(fd, WRITTEN) || pmem_host(&flushes, &good))
		return FAIL;
	close(fd);
	diag("%llu flushes", flushes - before);
	if (flushes == before)
		return failed("fsync() did not flush the host's file");
	if (good < WRITTEN)
		return failed("%d bytes were written, the host has %llu", WRITTEN, good);
	return pmem_read() ? FAIL : PASS;
}

/* A file system without a page cache: what is stored in a mapping is in the host's file. */
static int pmem_dax(const char *arg)
{
	unsigned long long size;
	char text[] = "stored in a mapping", got[64] = "";
	int rc = has_pmem(&size), fd;
	void *at;

	(void)arg;
	if (rc)
		return rc;
	if (ext4_make_sized(PMEM, size) || mount_on(PMEM, "dax", "ext4", 0, "dax"))
		return FAIL;
	fd = file_of_size("dax/file", 1 << 20);
	at = fd < 0 ? MAP_FAILED : mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return failed("mmap of a file: %s", strerror(errno));
	memcpy((char *)at + 4096, text, sizeof(text));
	if (msync(at, 1 << 20, MS_SYNC))
		return failed("msync: %s", strerror(errno));
	munmap(at, 1 << 20);
	close(fd);
	if (umount("dax") || mount_on(PMEM, "dax", "ext4", 0, "dax"))
		return failed("mounting it again: %s", strerror(errno));
	fd = open("dax/file", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, got, sizeof(text), 4096) != sizeof(text) || strcmp(got, text))
		return failed("dax/file has \"%s\", not \"%s\"", got, text);
	close(fd);
	return umount("dax") ? failed("umount: %s", strerror(errno)) : PASS;
}

/* ---- the network card */

static int has_net(void)
{
	char answer[256];
	const char *is = host_has(" virtio_net=", answer, sizeof(answer));

	if (!is)
		return FAIL;
	return *is == '1' ? PASS : skip("the host has no tap interface: --virtio-net");
}

static int net_link(const char *arg)
{
	int rc = has_net();

	(void)arg;
	return rc ? rc : card_up("virtio_net", VIRTIO_NET_GUEST);
}

static int net_streams(const char *arg)
{
	int rc = has_net();

	(void)arg;
	return rc ? rc : card_streams(VIRTIO_NET_HOST, NET_BYTES);
}

/* ---- the bounce pool */

/* Last: the host has seen the buffers of all rows. The rings are not bounced. */
static int in_the_pool(const char *arg)
{
	unsigned long long base, size, first, last, n;
	char answer[128], text[64];
	int rc = hyperv_pool(NULL);

	(void)arg;
	if (rc)
		return rc;
	if (host_ask(answer, sizeof(answer), "buffers"))
		return FAIL;
	if (sscanf(answer, "%llx %llx %llu", &first, &last, &n) != 3)
		return failed("the host's answer is \"%s\"", answer);
	if (read_file(POOL "base", text, sizeof(text)) < 0)
		return FAIL;
	base = strtoull(text, NULL, 0);
	if (read_file(POOL "size", text, sizeof(text)) < 0)
		return FAIL;
	size = strtoull(text, NULL, 0);
	diag("%llu requests, buffers from %#llx to %#llx", n, first, last);
	if (first < base || last >= base + size)
		return failed("the pool is from %#llx to %#llx", base, base + size - 1);
	return PASS;
}

const struct probe hyperv_virtio_probes[] = {
	{ "what is written to hvc0 is on the host", output, "hello from hvc0" },
	{ "what the host types is read from hvc0", input, "hello from the host" },
	{ "the kernel prints on hvc0", kernel_output, "hello from the kernel" },
	{ "an interrupt of a function goes where its affinity says", affinity, NULL },
	{ "virtiofs: the files have the host's checksums", folder_read, NULL },
	{ "virtiofs: write, rename, and keep 1000 files", folder_write, NULL },
	{ "pmem: what is written and flushed is in the host's file", pmem, NULL },
	{ "pmem: ext4 with DAX", pmem_dax, NULL },
	{ "net: the card has a link", net_link, NULL },
	{ "net: 4 MB over TCP, each way", net_streams, NULL },
	{ "all buffers are in the pool of hv_pci_swiotlb=", in_the_pool, NULL },
	{ NULL, NULL, NULL },
};
