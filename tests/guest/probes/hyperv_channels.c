// SPDX-License-Identifier: GPL-2.0
/*
 * Subchannels, which a host gives to disks and cards of a guest with more than one processor
 * (CPUS=). "channels", "subchannels" and "rescind-subchannel" are commands of
 * tests/hvhost/commands.c.
 */
#define _GNU_SOURCE
#include "../../hvhost/stream.h"
#include "hyperv.h"
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHANNELS   4   /* of a device: hvhost has 4 processors at most */
#define READS	   100 /* on each processor */
#define FLOWS	   64  /* that one of two channels gets none of is no chance */
#define SETTLE_MS  10000
#define RESCIND_MS 2000	 /* for the guest to learn that a channel has gone */
#define END_MS	   20000 /* for a read */
#define QUEUES	   "/sys/module/hv_storvsc/parameters/storvsc_max_hw_queues"

static int processors(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

/* PASS, or SKIP where there are no subchannels. */
static int has_subchannels(void)
{
	return processors() > 1 ? PASS : skip("there is one processor (CPUS=2)");
}

struct channel {
	char path[200];
	long cpu, index, interrupts;
};

static long number(const char *dir, const char *name)
{
	char path[256], text[32];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return read_file(path, text, sizeof(text)) < 0 ? -1 : atol(text);
}

/* The channels of the device in DIR, or -1 after diag(). */
static int channels_of(const char *dir, struct channel *ch)
{
	char pattern[300];
	glob_t found;
	int n = 0;

	snprintf(pattern, sizeof(pattern), "%s/channels/*", dir);
	if (glob(pattern, 0, NULL, &found))
		return failed("%s: there is none", pattern);
	for (size_t i = 0; i < found.gl_pathc && n < CHANNELS; i++, n++) {
		snprintf(ch[n].path, sizeof(ch[n].path), "%s", found.gl_pathv[i]);
		ch[n].cpu = number(ch[n].path, "cpu");
		ch[n].index = number(ch[n].path, "subchannel_id");
		ch[n].interrupts = number(ch[n].path, "interrupts");
	}
	globfree(&found);
	return n;
}

/* The VMBus device that the disk DEV belongs to. */
static int device_of(const char *dev, char *dir, size_t size)
{
	char path[64], *real, *end;

	snprintf(path, sizeof(path), "/sys/block/%.16s/device", dev + strlen("/dev/"));
	real = realpath(path, NULL);
	end = real ? strstr(real, "/host") : NULL;
	if (end)
		*end = '\0';
	snprintf(dir, size, "%s", real ? real : "");
	free(real);
	return end ? 0 : failed("%s: no SCSI host", path);
}

/* Of the controller that the host calls NAME: its subchannels, and the commands by channel. */
static int ask_subchannels(const char *name, int *have, long long *commands)
{
	char answer[200];

	if (host_ask(answer, sizeof(answer), "subchannels%s", name))
		return -1;
	if (sscanf(answer, "%d %lld %lld %lld %lld", have, &commands[0], &commands[1], &commands[2],
		   &commands[3]) != 1 + CHANNELS)
		return failed("\"subchannels\": the host answered \"%s\"", answer);
	return 0;
}

static int guest_channels(void)
{
	glob_t found;
	int n;

	if (glob("/sys/bus/vmbus/devices/*/channels/*", 0, NULL, &found))
		return 0;
	n = found.gl_pathc;
	globfree(&found);
	return n;
}

/* Streams of rows before this one may still be on their way out. */
static int every_channel(const char *arg)
{
	long end = now_ms() + SETTLE_MS, host, guest;
	struct channel ch[CHANNELS];
	long long commands[CHANNELS];
	char dev[32], dir[256];
	int rc = has_subchannels(), have, n;

	(void)arg;
	if (rc)
		return rc;
	do {
		host = host_number("channels");
		guest = guest_channels();
		if (host < 0)
			return FAIL;
	} while (host != guest && now_ms() < end && !usleep(100000));
	if (host != guest)
		return failed("the host has offered %ld channels, the guest has %ld", host, guest);
	if (disk_first(dev, sizeof(dev)) || device_of(dev, dir, sizeof(dir)) ||
	    ask_subchannels("", &have, commands))
		return FAIL;
	n = channels_of(dir, ch);
	if (n < 0)
		return FAIL;
	for (int i = 0; i < n; i++)
		diag("%s: channel %ld of the disk is on processor %ld",
		     strrchr(ch[i].path, '/') + 1, ch[i].index, ch[i].cpu);
	if (have != processors() - 1 || n != 1 + have)
		return failed("%d processors: the disk has %d subchannels, and %d channels here",
			      processors(), have, n);
	diag("%ld channels", guest);
	return PASS;
}

static int run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ?
		failed("processor %d: %s", cpu, strerror(errno)) :
		0;
}

static int read_disk(const char *dev, int cpu)
{
	char *page = aligned_alloc(4096, 4096);
	int fd = open(dev, O_RDONLY | O_DIRECT | O_CLOEXEC), rc = fd < 0 || !page ? -1 : 0;

	rc = rc ? failed("%s: %s", dev, strerror(errno)) : run_on(cpu);
	for (int i = 0; !rc && i < READS; i++)
		if (pread(fd, page, 4096, i * 4096l) != 4096)
			rc = failed("%s: read: %s", dev, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(page);
	return rc;
}

/* Two channels on one processor: the driver uses the one that was opened last. */
static int share_processor(const struct channel *ch, int n)
{
	for (int i = 0; i < n; i++)
		for (int j = i + 1; j < n; j++)
			if (ch[i].cpu == ch[j].cpu)
				return 1;
	return 0;
}

static int both_used(const char *arg)
{
	struct channel before[CHANNELS], after[CHANNELS];
	long long first[CHANNELS], last[CHANNELS];
	char dev[32], dir[256];
	int rc = has_subchannels(), have, n;

	(void)arg;
	if (rc)
		return rc;
	if (disk_first(dev, sizeof(dev)) || device_of(dev, dir, sizeof(dir)) ||
	    ask_subchannels("", &have, first))
		return FAIL;
	n = channels_of(dir, before);
	if (n > 1 && share_processor(before, n) && !kernel_at_least(5, 14))
		return skip("before Linux 5.14 channels of a disk can have one processor, and do");
	for (int cpu = 0; cpu < processors(); cpu++)
		if (read_disk(dev, cpu))
			return FAIL;
	if (ask_subchannels("", &have, last) || channels_of(dir, after) != n || n < 2)
		return failed("%d channels", n);
	for (int i = 0; i < n; i++) {
		diag("channel %d: %lld commands; on processor %ld %ld interrupts", i,
		     last[i] - first[i], after[i].cpu, after[i].interrupts - before[i].interrupts);
		if (last[i] == first[i] || after[i].interrupts == before[i].interrupts)
			rc = failed("a channel was not used");
	}
	return rc;
}

/* Do frames go both ways by each of N channels of the card? 1, 0, or -1 after diag() */
static int frames_by_each(int n, long long *frames)
{
	char answer[200];
	int have, all = 1;

	if (host_ask(answer, sizeof(answer), "card-channels"))
		return -1;
	if (sscanf(answer, "%d %lld %lld %lld %lld %lld %lld %lld %lld", &have, frames, frames + 1,
		   frames + 2, frames + 3, frames + 4, frames + 5, frames + 6, frames + 7) != 9)
		return failed("\"card-channels\": the host answered \"%s\"", answer);
	if (have != n)
		return failed("%d processors, and %d channels of the card are open", n, have);
	for (int i = 0; i < 2 * n; i++)
		all &= frames[i] > 0;
	return all;
}

/* The flows are TCP's, two for each pass: the card and the guest choose a channel by their ports. */
static int card_flows(const char *arg)
{
	long long frames[2 * CHANNELS];
	char answer[200];
	int rc = has_subchannels(), n = processors(), flows = 0, all;

	(void)arg;
	if (rc)
		return rc;
	if (host_ask(answer, sizeof(answer), "about"))
		return FAIL;
	if (!strstr(answer, " net=1 "))
		return skip("the host has no network card");
	if (card_up("hv_netvsc", NET_GUEST))
		return FAIL;
	while (!(all = frames_by_each(n, frames)) && flows < FLOWS) {
		if (card_streams(NET_HOST, 64 << 10))
			return FAIL;
		flows += 2;
	}
	for (int i = 0; all >= 0 && i < n; i++)
		diag("channel %d: %lld frames to the guest, %lld from it", i, frames[2 * i],
		     frames[2 * i + 1]);
	if (all == 0)
		return failed("after %d flows a channel had none", flows);
	return all > 0 ? PASS : FAIL;
}

static int entries(const char *pattern)
{
	glob_t found;
	int n = glob(pattern, 0, NULL, &found) ? 0 : (int)found.gl_pathc;

	globfree(&found);
	return n;
}

/* The queues of a disk that is plugged while the parameter is LIMIT; -1 after diag(). */
static int queues(const char *limit)
{
	char dev[32], dir[256], pattern[64], old[32];
	struct channel ch[CHANNELS];
	int n, channels;

	if (read_file(QUEUES, old, sizeof(old)) < 0 || write_file(QUEUES, limit))
		return -1;
	n = plug_disk(dev, sizeof(dev));
	write_file(QUEUES, old);
	if (n || device_of(dev, dir, sizeof(dir)))
		return -1;
	snprintf(pattern, sizeof(pattern), "/sys/block/%.16s/mq/*", dev + strlen("/dev/"));
	n = entries(pattern);
	channels = channels_of(dir, ch);
	diag("storvsc_max_hw_queues=%s: %d queues, %d channels", limit, n, channels);
	return unplug_disk(dev) || channels != processors() ? -1 : n;
}

static int limits_queues(const char *arg)
{
	int rc = has_subchannels(), n;

	(void)arg;
	if (rc)
		return rc;
	if (access(QUEUES, F_OK))
		return skip("this kernel does not know storvsc_max_hw_queues");
	n = queues("0");
	if (n != processors())
		return failed("%d queues without a limit, not %d", n, processors());
	n = queues("1");
	return n == 1 ? PASS : failed("%d queues with a limit of 1", n);
}

const struct probe hyperv_channel_probes[] = {
	{ "the guest has each channel that the host has offered", every_channel, NULL },
	{ "commands to the disk go by each of its channels", both_used, NULL },
	{ "frames go both ways by each channel of the card", card_flows, NULL },
	{ "storvsc_max_hw_queues limits the queues, not the channels", limits_queues, NULL },
	{ NULL, NULL, NULL },
};

/* ---- a subchannel that goes while its disk stays */

/* What a reader shares with the row. */
struct reader {
	volatile int pause, idle;
	volatile long reads, errors;
	pid_t pid;
};

static void read_on(struct reader *r, const char *dev, int cpu)
{
	char *page = aligned_alloc(4096, 4096);
	int fd = open(dev, O_RDONLY | O_DIRECT | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd < 0 || !page || run_on(cpu))
		_exit(1);
	for (long i = 0;; i++) {
		while (r->pause) {
			r->idle = 1;
			usleep(10000);
		}
		r->idle = 0;
		if (pread(fd, page, 4096, i % 1024 * 4096) == 4096)
			r->reads++;
		else
			r->errors++;
		usleep(1000);
	}
}

static int start_readers(struct reader *r, const char *dev)
{
	for (int cpu = 0; cpu < processors(); cpu++) {
		r[cpu].pid = fork();
		if (r[cpu].pid < 0)
			return failed("fork: %s", strerror(errno));
		if (!r[cpu].pid)
			read_on(&r[cpu], dev, cpu);
	}
	return 0;
}

/* Each has READS more that have ended, well or with an error. */
static int go_on(struct reader *r, const char *when)
{
	long end = now_ms() + END_MS, before[CHANNELS];

	for (int cpu = 0; cpu < processors(); cpu++) {
		before[cpu] = r[cpu].reads + r[cpu].errors;
		r[cpu].pause = 0;
	}
	for (int cpu = 0; cpu < processors(); cpu++) {
		while (r[cpu].reads + r[cpu].errors < before[cpu] + READS && now_ms() < end)
			usleep(10000);
		diag("%s, processor %d: %ld reads, %ld errors", when, cpu, r[cpu].reads,
		     r[cpu].errors);
	}
	for (int cpu = 0; cpu < processors(); cpu++)
		if (r[cpu].reads + r[cpu].errors < before[cpu] + READS)
			return failed("%s: processor %d waits for a read that does not end", when,
				      cpu);
	return 0;
}

/* No read is outstanding: the answer to one is lost with its channel. */
static int hold_on(struct reader *r)
{
	long end = now_ms() + END_MS;

	for (int cpu = 0; cpu < processors(); cpu++)
		r[cpu].pause = 1;
	for (int cpu = 0; cpu < processors(); cpu++)
		while (!r[cpu].idle)
			if (now_ms() > end || usleep(10000))
				return failed("processor %d: a read does not end", cpu);
	return 0;
}

static int goes_alone(struct reader *r, const char *dev)
{
	char answer[32], first[32];

	if (start_readers(r, dev) || go_on(r, "before") || hold_on(r) ||
	    host_ask(answer, sizeof(answer), "rescind-subchannel 1"))
		return -1;
	usleep(RESCIND_MS * 1000);
	/* the host's other disk first: it must not be held up */
	return disk_first(first, sizeof(first)) || read_disk(first, 0) || go_on(r, "after") ||
			hold_on(r) ?
		-1 :
		0;
}

/* The last row: the disk is left, as its removal may not end (docs/hyperv-smoke.md). */
static int gone_alone(const char *arg)
{
	struct reader *r = mmap(NULL, CHANNELS * sizeof(*r), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int rc = has_subchannels();
	char dev[32];

	(void)arg;
	if (rc)
		return rc;
	if (r == MAP_FAILED || plug_disk(dev, sizeof(dev)))
		return FAIL;
	rc = goes_alone(r, dev);
	for (int cpu = 0; cpu < processors(); cpu++)
		if (r[cpu].pid > 0) {
			kill(r[cpu].pid, SIGKILL);
			if (!rc)
				waitpid(r[cpu].pid, NULL, 0);
		}
	return rc ? FAIL : PASS;
}

const struct probe hyperv_channel_gone_probes[] = {
	{ "a subchannel goes alone: reads of its disk end", gone_alone, NULL },
	{ NULL, NULL, NULL },
};
