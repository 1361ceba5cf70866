// SPDX-License-Identifier: GPL-2.0
/*
 * What the host is, and what the kernel made of it: memory, privileges and
 * hints (CPUID 0x40000003 and 0x40000004), and the version of VMBus. "machine" is a command of
 * tests/hvhost/commands.c.
 */
#include "hyperv.h"
#include <stdio.h>
#include <string.h>

#define MB	  (1ull << 20)
#define GAP_MB	  3072 /* of hvhost's RAM there is no more below 4 GB */
#define ABOVE	  (1ull << 32)
#define LOW_HOLES MB /* the kernel's first page, and what the e820 table leaves out below 1 MB */

/* The value of "NAME=" in the host's answer, as FMT has it; 0, or -1 after diag() */
static int ask_machine(const char *name, const char *fmt, void *value)
{
	char answer[200], *at;

	if (host_ask(answer, sizeof(answer), "machine"))
		return -1;
	at = strstr(answer, name);
	if (!at || sscanf(at + strlen(name), fmt, value) != 1)
		return failed("\"machine\": the host answered \"%s\"", answer);
	return 0;
}

/* The bytes of RAM in /proc/iomem, below and above 4 GB; 0, or -1 after diag() */
static int system_ram(unsigned long long *below, unsigned long long *above)
{
	static char text[65536];
	unsigned long long first, last;
	char *line, *rest = text;
	int name;

	*below = *above = 0;
	if (read_file("/proc/iomem", text, sizeof(text)) < 0)
		return -1;
	while ((line = strsep(&rest, "\n")))
		/* what is part of another range is indented */
		if (sscanf(line, "%llx-%llx : %n", &first, &last, &name) == 2 && *line != ' ' &&
		    !strcmp(line + name, "System RAM"))
			*(first < ABOVE ? below : above) += last - first + 1;
	return 0;
}

/*
 * The versions that a line's driver tries, newest first: vmbus_versions[] in
 * drivers/hv/connection.c of 6.1.176, 6.12.107 and 6.18.15, which are the same, and
 * vmbus_get_next_version() in that of 4.19.255, without those that hosts before Windows 8 had.
 */
static const char *const *driver_versions(void)
{
	static const char *const v4_19[] = { "5.0", "4.0", "3.0", "2.4", NULL };
	static const char *const v6_1[] = { "5.3", "5.2", "5.1", "5.0", "4.1",
					    "4.0", "3.0", "2.4", NULL };

	if (kernel_at_least(6, 1))
		return v6_1;
	return kernel_at_least(4, 20) ? NULL : v4_19;
}

/* A version as it is compared: 4.1 is 0x40001. */
static unsigned int number(const char *version)
{
	unsigned int major = 0, minor = 0;

	sscanf(version, "%u.%u", &major, &minor);
	return major << 16 | minor;
}

int hyperv_streams(const char *arg)
{
	char host[8];

	(void)arg;
	if (ask_machine("vmbus=", "%7s", host))
		return FAIL;
	/* hvs_probe() and hvs_init() of net/vmw_vsock/hyperv_transport.c */
	return number(host) >= number("4.0") ?
		PASS :
		skip("VMBus %s has no streams, which came with 4.0", host);
}

/* The driver falls back until the host agrees, and no further. */
int hyperv_vmbus_version(const char *arg)
{
	const char *const *version = driver_versions(), *line = log_from("Vmbus version:");
	char host[8], got[8] = "";

	(void)arg;
	if (!version)
		return skip("the versions that this line's driver knows are not recorded");
	if (ask_machine("vmbus=", "%7s", host))
		return FAIL;
	if (!line || sscanf(line, "Vmbus version:%7[0-9.]", got) != 1)
		return failed("the kernel's log has no line \"Vmbus version:\"");
	while (*version && number(*version) > number(host))
		version++;
	diag("%s, the host has %s at most", got, host);
	return *version && !strcmp(got, *version) ?
		PASS :
		failed("it should be %s", *version ? *version : "none");
}

int hyperv_ram(const char *arg)
{
	unsigned long long ram, low, high, below, above;

	(void)arg;
	if (ask_machine("ram=", "%llu", &ram) || system_ram(&below, &above))
		return FAIL;
	low = (ram < GAP_MB ? ram : GAP_MB) * MB;
	high = ram * MB - low;
	diag("%llu MB: %llu kB below 4 GB, %llu kB above", ram, below >> 10, above >> 10);
	if (above != high)
		return failed("above 4 GB there should be %llu kB", high >> 10);
	if (below > low || below + LOW_HOLES < low)
		return failed("below 4 GB there should be %llu kB", low >> 10);
	return PASS;
}

/* The number behind NAME in the kernel's line about Hyper-V, whose form differs; 0 or -1. */
static int of_line(const char *line, const char *name, unsigned int *value)
{
	const char *at = strstr(line, name), *end = strchr(line, '\n');

	return at && at < end && sscanf(at + strlen(name), " %x", value) == 1 ? 0 : -1;
}

/* 4.19 does not print the upper half of the privileges. */
int hyperv_features(const char *arg)
{
	unsigned int low, high, hints, got_low = 0, got_high = 0, got_hints = 0;
	const char *line = log_from("Hyper-V: privilege flags low");
	int old = !line;

	(void)arg;
	if (ask_machine("low=", "%x", &low) || ask_machine("high=", "%x", &high) ||
	    ask_machine("hints=", "%x", &hints))
		return FAIL;
	if (old)
		line = log_from("Hyper-V: features");
	if (!line || of_line(line, old ? "features" : "low", &got_low) ||
	    of_line(line, "hints", &got_hints) || (!old && of_line(line, "high", &got_high)))
		return failed("the kernel's log does not say what the host offers");
	diag("low 0x%x, high 0x%x, hints 0x%x", low, high, hints);
	if (got_low != low || got_hints != hints || (!old && got_high != high))
		return failed("the kernel has low 0x%x, high 0x%x, hints 0x%x", got_low, got_high,
			      got_hints);
	return PASS;
}

/* The lines are those of arch/x86/hyperv/mmu.c and hv_apic.c. */
int hyperv_hypercalls(const char *arg)
{
	static const struct {
		unsigned int hint;
		const char *line;
	} used[] = {
		{ 1 << 2, "Using hypercall for remote TLB flush" },
		{ 1 << 10, "Using IPI hypercalls" },
	};
	unsigned int hints, n = 0;

	(void)arg;
	if (ask_machine("hints=", "%x", &hints))
		return FAIL;
	for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++) {
		if (!(hints & used[i].hint))
			continue;
		n++;
		if (!log_from(used[i].line))
			return failed("the kernel's log has no line \"%s\"", used[i].line);
	}
	return n ? PASS : skip("the host's KVM recommends no hypercalls");
}
