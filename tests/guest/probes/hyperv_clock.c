// SPDX-License-Identifier: GPL-2.0
/*
 * The clock: which source, at which rate, and what the host's messages about the time do.
 * "clock" and "about" are commands of tests/hvhost/commands.c.
 */
#define _GNU_SOURCE
#include "hyperv.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define HOUR	 3600
#define TRUSTED	 22621 /* hosts of an earlier build do not keep their invariant TSC invariant */
#define SOURCE	 "/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define IMPLICIT "/sys/module/hv_utils/parameters/timesync_implicit"

struct host {
	unsigned int build;
	int invariant_tsc; /* offered */
};

struct clock {
	long long ahead;      /* how far the host's is ahead, in seconds */
	unsigned int samples; /* of it, sent since it jumped */
	long long ms;	      /* by one of the host's that does not jump */
};

static int ask_host(struct host *host)
{
	char answer[200], *at;

	if (host_ask(answer, sizeof(answer), "about"))
		return -1;
	at = strstr(answer, "build=");
	if (!at || sscanf(at, "build=%u invariant=%d", &host->build, &host->invariant_tsc) != 2)
		return failed("\"about\": the host answered \"%s\"", answer);
	return 0;
}

static int told(const char *text)
{
	static char line[4096];

	return read_file("/proc/cmdline", line, sizeof(line)) > 0 && strstr(line, text);
}

static int in_queue(const char *patch)
{
	return told("wsl.queue=") && told(patch);
}

int hyperv_clocksource(const char *arg)
{
	const char *want = "hyperv_clocksource_tsc_page\n";
	struct host host;
	char now[64];
	int trusted;

	(void)arg;
	if (ask_host(&host) || read_file(SOURCE, now, sizeof(now)) < 0)
		return FAIL;
	diag("the host is build %u and offers %s invariant TSC", host.build,
	     host.invariant_tsc ? "an" : "no");
	trusted = host.build >= TRUSTED || told("hv_trust_invariant_tsc");
	if (host.invariant_tsc && !trusted && !strcmp(now, "tsc\n") &&
	    !in_queue("hyperv/old-hosts-invariant-tsc"))
		return skip("the queue has no old-hosts-invariant-tsc: the TSC is trusted");
	/* 4.19 has no use for the offer */
	if (host.invariant_tsc && trusted && kernel_at_least(6, 1))
		want = "tsc\n";
	return expect_text(SOURCE, want);
}

/*
 * The proof of the patch: a host that offers an invariant TSC, too old to be trusted, as
 * smoke-hyperv has it.
 */
int hyperv_old_host(const char *arg)
{
	struct host host;

	if (ask_host(&host))
		return FAIL;
	if (!host.invariant_tsc)
		return skip("the KVM around hvhost offers no invariant TSC");
	if (host.build >= TRUSTED)
		return skip("the host is of build %u (HOST_BUILD=19045)", host.build);
	if (told("hv_trust_invariant_tsc"))
		return skip("hv_trust_invariant_tsc is on the command line");
	return log_line("Hyper-V: invariant TSC not trusted", "") ? FAIL : hyperv_clocksource(arg);
}

/* Ask for the host's clock, or with HOW do something about it. */
static int ask_clock(const char *how, struct clock *clock)
{
	char answer[64];
	long long host;

	if (host_ask(answer, sizeof(answer), "clock%s", how))
		return -1;
	if (sscanf(answer, "%lld %u %lld", &host, &clock->samples, &clock->ms) != 3)
		return failed("\"clock%s\": the host answered \"%s\"", how, answer);
	clock->ahead = host - time(NULL);
	return 0;
}

/* Each answer comes at some time between the readings before and after the question. */
int hyperv_rate(const char *arg)
{
	long before, after, again, end;
	struct clock first, last;
	long long took;

	(void)arg;
	before = now_ms();
	if (ask_clock("", &first))
		return FAIL;
	after = now_ms();
	sleep(4);
	again = now_ms();
	if (ask_clock("", &last))
		return FAIL;
	end = now_ms();
	took = last.ms - first.ms;
	diag("%lld ms at the host are %ld to %ld ms here", took, again - after, end - before);
	if (took + took / 20 < again - after || took - took / 20 > end - before)
		return failed("a clock runs by more than a twentieth too fast or too slow");
	return PASS;
}

static int host_jumps(int seconds)
{
	struct clock clock;
	char how[32];

	snprintf(how, sizeof(how), " jump %d", seconds);
	return ask_clock(how, &clock);
}

/* Wait until the clocks agree, but not for another sample after LIMIT of them. */
static int agree(unsigned int limit)
{
	struct clock clock = { 0 };

	for (int i = 0; i < 150; i++) {
		if (ask_clock("", &clock))
			return -1;
		if (llabs(clock.ahead) <= 2) {
			diag("the clock is right after %u samples", clock.samples);
			return 0;
		}
		if (clock.samples > limit)
			break;
		usleep(100000);
	}
	return failed("after %u samples the host's clock is %lld s ahead", clock.samples,
		      clock.ahead);
}

/* The host's word: here the clock goes back too. */
static int set_by_host(void)
{
	struct clock clock;

	return ask_clock(" set", &clock) || agree(~0u) ? -1 : 0;
}

/* An hour ahead, as samples may set a clock that is behind. */
int hyperv_clock_set(const char *arg)
{
	struct clock clock;
	struct timeval tv;

	(void)arg;
	gettimeofday(&tv, NULL);
	tv.tv_sec += HOUR;
	if (settimeofday(&tv, NULL))
		return failed("settimeofday");
	if (ask_clock("", &clock))
		return FAIL;
	if (clock.ahead > -HOUR + 60)
		return failed("the clock should be an hour off, it is %lld s off", -clock.ahead);
	return set_by_host() ? FAIL : PASS;
}

/* PASS if samples may set the clock; FAIL if this kernel ought to have that. */
static int implicit(void)
{
	if (access(IMPLICIT, F_OK)) {
		if (kernel_at_least(6, 12) || in_queue("hyperv/timesync-implicit"))
			return failed("there is no %s", IMPLICIT);
		return skip("this line has no hv_utils.timesync_implicit");
	}
	if (!told("hv_utils.timesync_implicit=1"))
		return skip("hv_utils.timesync_implicit=1 is not on the command line");
	return expect_text(IMPLICIT, "Y\n");
}

/* Off by default; the proof of the patch where there is no Hyper-V host. */
int hyperv_implicit(const char *arg)
{
	if (on_hyperv())
		return hyperv_sample_ahead(arg);
	return expect_text(IMPLICIT, told("hv_utils.timesync_implicit=1") ? "Y\n" : "N\n");
}

int hyperv_sample_ahead(const char *arg)
{
	struct clock clock;
	int rc = implicit();

	(void)arg;
	if (rc)
		return rc;
	if (host_jumps(HOUR) || ask_clock("", &clock))
		return FAIL;
	if (clock.ahead < HOUR - 60)
		return failed("the host should be an hour ahead, it is %lld s ahead", clock.ahead);
	rc = agree(1) ? FAIL : PASS;
	return host_jumps(-HOUR) || set_by_host() ? FAIL : rc;
}

/* A sample of a host whose clock is ahead by SECONDS, or behind, leaves the clock alone. */
int hyperv_sample_ignored(const char *seconds)
{
	struct clock clock = { 0 };
	int rc = implicit();
	long long was, is;

	if (rc)
		return rc;
	was = time(NULL) - now_ms() / 1000;
	if (host_jumps(atoi(seconds)))
		return FAIL;
	for (int i = 0; i < 150 && !clock.samples; i++) {
		usleep(100000);
		if (ask_clock("", &clock))
			return FAIL;
	}
	/* the clock is set by a worker */
	sleep(1);
	is = time(NULL) - now_ms() / 1000;
	if (host_jumps(-atoi(seconds)))
		return FAIL;
	if (!clock.samples)
		return failed("no sample within 15 s");
	return llabs(is - was) <= 1 ? PASS : failed("the clock was moved by %lld s", is - was);
}
