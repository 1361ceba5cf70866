// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's side of `make smoke-hyperv`: detection of Hyper-V, a driver for every
 * offer, time and shutdown. The other areas are in hyperv_*.c. Commands for the host go
 * to ttyS1; the host is tests/hvhost, and its commands.c implements them.
 */
#define _GNU_SOURCE
#include "hyperv.h"
#include "tap.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define SECONDS	    300 /* for one probe; the whole run has its own limit */
#define ASK_SECONDS 60

long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int host_open(void)
{
	static int fd = -1;
	struct termios t;

	if (fd >= 0)
		return fd;
	fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || tcgetattr(fd, &t))
		return failed("/dev/ttyS1: %s", strerror(errno));
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL;
	tcsetattr(fd, TCSAFLUSH, &t);
	return fd;
}

int host_ask(char *answer, size_t size, const char *fmt, ...)
{
	struct pollfd in = { .fd = host_open(), .events = POLLIN };
	long end = now_ms() + ASK_SECONDS * 1000;
	char text[256];
	size_t have = 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text) - 1, fmt, ap);
	va_end(ap);
	text[n++] = '\n';
	if (in.fd < 0 || write(in.fd, text, n) != n)
		return failed("ttyS1: %s", strerror(errno));
	text[n - 1] = '\0';
	while (have < size - 1) {
		if (now_ms() > end || poll(&in, 1, end - now_ms()) != 1 ||
		    read(in.fd, answer + have, 1) != 1)
			return failed("the host did not answer \"%s\" within %d s", text,
				      ASK_SECONDS);
		if (answer[have] == '\n')
			break;
		have++;
	}
	answer[have] = '\0';
	if (strncmp(answer, "ok", 2))
		return failed("\"%s\": the host answered \"%s\"", text, answer);
	memmove(answer, answer + 2 + (answer[2] == ' '), have - 1);
	return 0;
}

long long host_number(const char *what)
{
	char answer[128];

	return host_ask(answer, sizeof(answer), "%s", what) ? -1 : atoll(answer);
}

const char *host_has(const char *name, char *answer, size_t size)
{
	const char *at;

	if (host_ask(answer, size, "about"))
		return NULL;
	at = strstr(answer, name);
	if (!at)
		diag("the host does not say whether it has %s", name);
	return at ? at + strlen(name) : NULL;
}

static int detected(const char *arg)
{
	(void)arg;
	return log_line("Hypervisor detected: Microsoft Hyper-V", "");
}

/* The sum over all processors of a row of /proc/interrupts, or -1. */
static long interrupts(const char *name)
{
	static char text[65536];
	char *line, *rest = text, *at;
	long sum = 0;

	if (read_file("/proc/interrupts", text, sizeof(text)) < 0)
		return -1;
	while ((line = strsep(&rest, "\n"))) {
		at = line + strspn(line, " ");
		if (strncmp(at, name, strlen(name)))
			continue;
		at += strlen(name);
		for (char *end;; at = end) {
			long n = strtol(at, &end, 10);

			if (end == at)
				return sum;
			sum += n;
		}
	}
	return -1;
}

/* Timers in direct mode have their own vector, others arrive as messages. */
static int clock_event(const char *arg)
{
	const char *row = interrupts("HVS:") > 0 ? "HVS:" : "HYP:";
	long before = interrupts(row), after;

	(void)arg;
	if (expect_text("/sys/devices/system/clockevents/clockevent0/current_device",
			"Hyper-V clockevent\n"))
		return FAIL;
	usleep(200000);
	after = interrupts(row);
	diag("%s %ld interrupts", row, after);
	return after > before ? PASS : failed("%s: the count stays at %ld", row, before);
}

static int all_cpus(const char *arg)
{
	char answer[64], want[80];

	(void)arg;
	if (host_ask(answer, sizeof(answer), "cpus"))
		return FAIL;
	if (atoi(answer) > 1)
		snprintf(want, sizeof(want), "0-%d\n", atoi(answer) - 1);
	else
		snprintf(want, sizeof(want), "0\n");
	return expect_text("/sys/devices/system/cpu/online", want);
}

static const struct probe boot_probes[] = {
	{ "the kernel detects Hyper-V", detected, NULL },
	{ "the clocksource is the one for a host of this build", hyperv_clocksource, NULL },
	{ "time runs at the rate of the host's", hyperv_rate, NULL },
	{ "the clock event device is a synthetic timer", clock_event, NULL },
	{ "all processors are online", all_cpus, NULL },
	{ "all RAM of the host is there", hyperv_ram, NULL },
	{ "the kernel has the host's privileges and hints", hyperv_features, NULL },
	{ "TLB flushes and IPIs are hypercalls", hyperv_hypercalls, NULL },
	{ NULL, NULL, NULL },
};

static int drivers(const char *arg)
{
	const char *dir = "/sys/bus/vmbus/devices";
	char path[512], link[256];
	struct dirent *entry;
	DIR *d = opendir(dir);
	int rc = PASS, n = 0;

	(void)arg;
	while (d && (entry = readdir(d))) {
		ssize_t len;

		if (entry->d_name[0] == '.')
			continue;
		n++;
		snprintf(path, sizeof(path), "%s/%s/driver", dir, entry->d_name);
		len = readlink(path, link, sizeof(link) - 1);
		link[len > 0 ? len : 0] = '\0';
		if (len < 0)
			rc = failed("%s has no driver", entry->d_name);
		else
			diag("%s: %s", entry->d_name, strrchr(link, '/') + 1);
	}
	if (d)
		closedir(d);
	return n ? rc : failed("%s is empty", dir);
}

static const struct probe vmbus_probes[] = {
	{ "the version is the highest of host and driver", hyperv_vmbus_version, NULL },
	{ "every offer has a driver", drivers, NULL },
	{ NULL, NULL, NULL },
};

/* in the place of the rows about streams, on a host without any */
static const struct probe no_sock_probes[] = {
	{ "streams", hyperv_streams, NULL },
	{ NULL, NULL, NULL },
};

static int heartbeats(const char *arg)
{
	long long first = host_number("heartbeats"), now = first;

	(void)arg;
	for (int i = 0; i < 100 && now >= 0 && now < first + 2; i++) {
		usleep(100000);
		now = host_number("heartbeats");
	}
	return now >= first + 2 ? PASS : failed("%lld, and 10 s later %lld", first, now);
}

static const struct probe utils_probes[] = {
	{ "a clock one hour off is corrected", hyperv_clock_set, NULL },
	{ "a sample of a host one hour ahead sets the clock", hyperv_sample_ahead, NULL },
	{ "a sample of a host one hour behind does not", hyperv_sample_ignored, "-3600" },
	{ "a sample of a host 2 s ahead does not", hyperv_sample_ignored, "2" },
	{ "heartbeats are answered", heartbeats, NULL },
	{ "a daemon in the guest answers a key-value query", hyperv_pairs, NULL },
	{ NULL, NULL, NULL },
};

/* Run by the kernel as poweroff_cmd for the shutdown request of the host. */
int hyperv_off(void)
{
	int fd = open("/dev/console", O_WRONLY | O_NOCTTY);
	const char *text = "# orderly power-off, requested by the host\n";

	if (fd >= 0 && write(fd, text, strlen(text)) > 0)
		tcdrain(fd);
	sync();
	return reboot(RB_POWER_OFF);
}

/* The rows of an area, or none if a boot in MODE leaves it out. */
static const struct probe *in_mode(const char *mode, const struct area *area)
{
	static const char *const hostile[] = { "boot", "vmbus", "hostile host" };

	if (strcmp(mode, "hostile"))
		return area->probes;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		if (!strcmp(area->name, hostile[i]))
			return area->probes;
	return NULL;
}

void hyperv_report(const char *mode, const char *cmdline, char *patches, const char *release)
{
	const struct area areas[] = {
		{ "command line", cmdline_probes(cmdline) },
		{ "boot", boot_probes },
		{ "vmbus", vmbus_probes },
		{ "storvsc", hyperv_disk_probes },
		{ "storvsc LUNs", hyperv_lun_probes },
		{ "hv_sock", hyperv_streams(NULL) == SKIP ? no_sock_probes : hyperv_sock_probes },
		{ "netvsc", hyperv_net_probes },
		{ "bounce buffers", hyperv_pool_probes },
		{ "utils", utils_probes },
		{ "balloon", hyperv_memory_probes },
		{ "hot plug", hyperv_plug_probes },
		{ "channels", hyperv_channel_probes },
		{ "pci", hyperv_pci_probes },
		{ "virtio", hyperv_virtio_probes },
		{ "9p", hyperv_9p_probes },
		{ "gpu", hyperv_gpu_probes },
		{ "queue", patches ? queue_probes(patches) : NULL },
		{ "release", release ? release_probes(release) : NULL },
		{ "modules disk", modules_disk_probes },
		{ "log", log_probes },
		{ "hostile host", hyperv_hostile_probes },
		/* the last: what a driver loses here it cannot give back */
		{ "channels", hyperv_channel_gone_probes },
	};
	const struct probe *probe;
	char answer[64];
	int rows = 0;

	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
		for (probe = in_mode(mode, &areas[i]); probe && probe->what; probe++)
			rows++;
	tap_plan(rows);
	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
		for (probe = in_mode(mode, &areas[i]); probe && probe->what; probe++)
			tap_probe(areas[i].name, probe, SECONDS);
	/* the last row is the host's: an orderly power-off */
	write_file("/proc/sys/kernel/poweroff_cmd", "/init " HYPERV_OFF);
	if (!host_ask(answer, sizeof(answer), "shutdown"))
		sleep(30);
}
