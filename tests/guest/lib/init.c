// SPDX-License-Identifier: GPL-2.0
/*
 * /init of the guest tests: mount what a system has, run the probes, report in
 * TAP on the console, power off. The kernel command line is WSL's (tests/wsl-cmdline), and
 * where WSL has the user's words it chooses:
 *   wsl.without=can,netfilter   features this image was built without
 *   wsl.with=security,xdp       optional features it was built with
 *   wsl.release=6.1.176-wsl1    what `uname -r` must say
 *   wsl.only=queue,netfilter    run the rows of these areas alone, see the names in the rows
 *   wsl.seconds=60              for one row; emulated machines are slow
 *   wsl.hostile=pci             let PCI buses of the stand-in lie too
 *   wsl.hostile=mutants         let valid devices send a few changed messages
 *   wsl.queue=TOPIC/PATCH,...   patches this kernel was built with
 *   wsl.modules=N               a disk with the label "modules" is there, with N modules
 *   wsl.hyperv=1                the report of hyperv.c instead, on tests/hvhost
 *   wsl.hyperv=hostile          of that, the rows of the hostile host
 *   wsl.start=1                 that of start.c, against tests/wslhost
 *   wsl.selftest=fail|hang|panic|early|noplan   misbehave, to test the harness
 */
#define _GNU_SOURCE
#include "hyperv.h"
#include "start.h"
#include "tap.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct area features[] = {
	{ "contract", contract_probes },
	{ "base", base_probes },
	{ "base", syscalls_probes },
	{ "containers", containers_probes },
	{ "netfilter", netfilter_probes },
	{ "network", network_probes },
	{ "filesystems", filesystems_probes },
	{ "can", can_probes },
	{ "usb", usb_probes },
	{ "memory", memory_probes },
	{ "trace", trace_probes },
	{ "trace", bpf_probes },
	{ "userblock", userblock_probes },
	{ "sound", sound_probes },
	{ "video", video_probes },
	{ "wireless", wireless_probes },
	{ "input", input_probes },
	{ "crypto", crypto_probes },
	{ "protocols", protocols_probes },
	{ NULL, NULL },
};

/* only in an image that was built with them */
static const struct area optional[] = {
	{ "android", android_probes },
	{ "bluetooth", bluetooth_probes },
	{ "crashdump", crashdump_probes },
	{ "criu", criu_probes },
	{ "numa", numa_probes },
	{ "profile", profile_probes },
	{ "security", security_probes },
	{ "xdp", xdp_probes },
	{ NULL, NULL },
};

static const struct {
	const char *type, *dir, *options;
} mounts[] = {
	{ "proc", "/proc", NULL },     { "sysfs", "/sys", NULL },
	{ "devtmpfs", "/dev", NULL },  { "devpts", "/dev/pts", "newinstance,ptmxmode=666" },
	{ "tmpfs", "/dev/shm", NULL }, { "tmpfs", "/run", NULL },
	{ "tmpfs", "/tmp", NULL },
};

static char cmdline[4096];

/* The value of NAME= on the kernel command line, or NULL. */
static char *option(const char *name)
{
	char *copy = strdup(cmdline), *word, *rest = copy;
	size_t len = strlen(name);

	while (copy && (word = strsep(&rest, " \n")))
		if (!strncmp(word, name, len) && word[len] == '=')
			return word + len + 1;
	return NULL;
}

static int selftest(const char *kind)
{
	const char *asked = option("wsl.selftest");

	return asked && !strcmp(asked, kind);
}

/* Does the list OPTION= of the command line name AREA? */
static int named(const char *area, const char *list_option)
{
	char *list = option(list_option), *name;

	while ((name = strsep(&list, ",")))
		if (!strcmp(name, area) || !strcmp(name, "all"))
			return 1;
	return 0;
}

/* Does this kernel have to pass it? */
static int due(const struct probe *probe)
{
	return kernel_at_least(probe->major, probe->minor);
}

static int count(const struct probe *probe)
{
	int n = 0;

	for (; probe && probe->what; probe++)
		n += due(probe);
	return n;
}

static int fails(const char *arg)
{
	return failed("expected %s, got %s", arg, "wsl.selftest=fail");
}

static const struct probe selftest_probes[] = {
	{ "fails on purpose", fails, "no such option" },
	{ NULL, NULL, NULL },
};

static void misbehave(void)
{
	int fd;

	if (selftest("hang"))
		for (;;)
			pause();
	if (selftest("early"))
		reboot(RB_POWER_OFF);
	if (selftest("panic")) {
		fd = open("/proc/sysrq-trigger", O_WRONLY);
		if (fd < 0 || write(fd, "c", 1) != 1)
			_exit(1); /* the end of init is a panic as well */
	}
}

#define PARTS 64

/* A part of the report: the rows of PROBES, or one that says why they are left out. */
static struct part {
	const char *area, *left_out;
	const struct probe *probes;
} parts[PARTS];
static int nr_parts;

static void add(const char *area, const struct probe *probes, const char *left_out)
{
	if (!left_out && option("wsl.only") && !named(area, "wsl.only"))
		left_out = "wsl.only= does not name it";
	if ((probes || left_out) && nr_parts < PARTS)
		parts[nr_parts++] = (struct part){ area, left_out, probes };
}

static void run(const struct part *part)
{
	const char *seconds = option("wsl.seconds");

	if (part->left_out)
		tap_skip(part->area, part->left_out);
	else
		for (const struct probe *probe = part->probes; probe && probe->what; probe++)
			if (due(probe))
				tap_probe(part->area, probe, seconds ? atoi(seconds) : 60);
}

static void report(void)
{
	char *release = option("wsl.release"), *patches = option("wsl.queue");
	int rows = 0, asked = 0;

	/* first: later rows fill the log, whose start has what the kernel says of it */
	add("command line", cmdline_probes(cmdline), NULL);
	for (const struct area *area = features; area->name; area++)
		add(area->name, area->probes,
		    named(area->name, "wsl.without") ? "left out by WITHOUT" : NULL);
	for (const struct area *area = optional; area->name; area++)
		if (named(area->name, "wsl.with"))
			add(area->name, area->probes, NULL);
	add("queue", patches ? queue_probes(patches) : NULL, NULL);
	add("release", release ? release_probes(release) : NULL, NULL);
	add("modules disk", modules_disk_probes, NULL);
	add("log", log_probes, NULL);
	if (selftest("fail"))
		add("selftest", selftest_probes, NULL);
	for (int i = 0; i < nr_parts; i++) {
		rows += parts[i].left_out ? 1 : count(parts[i].probes);
		asked += !parts[i].left_out;
	}
	if (!asked)
		puts("Bail out! wsl.only= names no area of this image");
	if (!selftest("noplan"))
		tap_plan(rows);
	for (int i = 0; i < nr_parts; i++) {
		run(&parts[i]);
		if (!strcmp(parts[i].area, features->name))
			misbehave();
	}
}

/* Started by a script's first line or by binfmt_misc: print by which file. */
static int interpreter(int argc, char **argv)
{
	return argc < 2 || printf(ECHO_PREFIX "%s\n", argv[1]) < 0;
}

int main(int argc, char **argv)
{
	size_t i;
	int fd;

	if (argc == 2 && !strcmp(argv[1], HYPERV_OFF))
		return hyperv_off();
	if (!strcmp(argv[0], "/" CRASH_HELPER))
		return start_crash(argc, argv);
	if (getpid() != 1)
		return interpreter(argc, argv);
	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].dir, 0755);
		mount(mounts[i].type, mounts[i].dir, mounts[i].type, 0, mounts[i].options);
	}
	tap_open();
	fd = open("/proc/cmdline", O_RDONLY);
	if (fd < 0 || read(fd, cmdline, sizeof(cmdline) - 1) < 0)
		puts("Bail out! /proc/cmdline cannot be read");
	close(fd);
	if (option("wsl.hyperv"))
		hyperv_report(option("wsl.hyperv"), cmdline, option("wsl.queue"),
			      option("wsl.release"));
	else if (option("wsl.start"))
		start_report();
	else
		report();
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
