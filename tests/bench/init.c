// SPDX-License-Identifier: GPL-2.0
/*
 * /init of `make bench`: take the time first, then print on the console what was
 * requested, one "bench: KEY VALUE" a line, and power off. The word bench=MODE
 * of the kernel command line reaches us as a variable of the environment.
 *   boot     power_ns (the TSC: since power-on where it counts nanoseconds, as
 *            QEMU's does under -icount), boot_ns (CLOCK_BOOTTIME, what /proc/uptime
 *            shows), mem_total_kb, mem_free_kb (/proc/meminfo), and then every field
 *            of that file in kB, "bench: meminfo FIELD KB"
 *   log      each record of the kernel's log: "bench: log MICROSECONDS TEXT"
 *   return   touch 600 MB and free them; "bench: start", "bench: touched" and
 *            "bench: freed" are the marks for the host, which ends the machine
 *   spin     "bench: spins", and then run in user space for ever
 *   fragmented, cost, locks   see the files of these names
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "bench.h"

#define TOUCH_BYTES (600UL << 20)

long meminfo(const char *field)
{
	FILE *f = fopen("/proc/meminfo", "r");
	long kb = -1;
	char line[128];
	int found = 0;

	if (!f)
		return -1;
	while (!found && fgets(line, sizeof(line), f))
		found = !strncmp(line, field, strlen(field)) &&
			sscanf(line + strlen(field), ": %ld kB", &kb) == 1;
	fclose(f);
	return kb;
}

int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), err;
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	err = errno;
	close(fd);
	errno = err;
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* Print a field of /proc/meminfo, in kB. */
static int print_field(const char *field, const char *key)
{
	long kb = meminfo(field);

	if (kb >= 0)
		printf("bench: %s %ld\n", key, kb);
	return kb >= 0 ? 0 : -1;
}

/* Print every field of /proc/meminfo that is in kB. */
static int print_meminfo(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128], name[64];
	unsigned long kb;

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%63[^:]: %lu kB", name, &kb) == 2 && strstr(line, " kB"))
			printf("bench: meminfo %s %lu\n", name, kb);
	fclose(f);
	return 0;
}

/* Print every record of the kernel's log; a record is "PRIO,SEQ,MICROSECONDS,...;TEXT\n". */
static int print_log(void)
{
	char record[8192];
	ssize_t n;
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		return -1;
	/* EPIPE: records were lost before they could be read; continue with the oldest */
	while ((n = read(fd, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		unsigned long long usec;
		char *text;

		if (n < 0)
			continue;
		record[n] = '\0';
		text = strchr(record, ';');
		if (!text || sscanf(record, "%*u,%*u,%llu", &usec) != 1)
			continue;
		printf("bench: log %llu %.*s\n", usec, (int)strcspn(text + 1, "\n"), text + 1);
	}
	close(fd);
	return 0;
}

static int touch_and_free(void)
{
	char *area;

	printf("bench: start\n");
	sleep(3);
	area = mmap(NULL, TOUCH_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		return -1;
	memset(area, 0x5a, TOUCH_BYTES);
	printf("bench: touched\n");
	sleep(2);
	munmap(area, TOUCH_BYTES);
	printf("bench: freed\n");
	for (;;)
		pause();
}

int main(void)
{
	unsigned long long power = __rdtsc();
	const char *mode = getenv("bench");
	struct timespec boot;
	int rc, console;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	mkdir("/dev", 0755);
	mkdir("/proc", 0755);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	console = open("/dev/console", O_RDWR);
	if (console >= 0 && console != 1)
		dup2(console, 1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	mode = mode ? mode : "";
	if (!strcmp(mode, "boot")) {
		printf("bench: power_ns %llu\n", power);
		printf("bench: boot_ns %llu\n", boot.tv_sec * 1000000000ULL + boot.tv_nsec);
		rc = print_field("MemTotal", "mem_total_kb");
		rc = print_field("MemFree", "mem_free_kb") ? -1 : rc;
		rc = print_meminfo() ? -1 : rc;
	} else if (!strcmp(mode, "log")) {
		rc = print_log();
	} else if (!strcmp(mode, "return")) {
		rc = touch_and_free();
	} else if (!strcmp(mode, "spin")) {
		printf("bench: spins\n");
		for (;;)
			;
	} else if (!strcmp(mode, "fragmented")) {
		rc = fragmented(getenv("reclaim"));
	} else if (!strcmp(mode, "cost")) {
		rc = cost();
	} else if (!strcmp(mode, "locks")) {
		rc = locks();
	} else {
		errno = EINVAL;
		rc = -1;
	}
	printf("bench: %s\n", rc ? strerror(errno) : "done");
	reboot(RB_POWER_OFF);
	return 1;
}
