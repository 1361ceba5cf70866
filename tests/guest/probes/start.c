// SPDX-License-Identifier: GPL-2.0
/*
 * The start of WSL, played: this /init does what WSL's does until a distribution could be
 * launched, in its order, against tests/wslhost as the service. What each step needs of the
 * kernel: docs/try.md. Source: github.com/microsoft/WSL at 3e27a6a5, src/linux/init/main.cpp
 * and util.cpp; facts, nothing is copied.
 */
#define _GNU_SOURCE
#include "start.h"
#include "tap.h"

#define SECONDS 60

static const struct step *const parts[] = {
	start_call_steps, start_early_steps, start_disk_steps,
	start_init_steps, start_late_steps,  start_end_steps,
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

static int due(const struct step *step)
{
	return kernel_at_least(step->probe.major, step->probe.minor);
}

void start_report(void)
{
	const struct step *step;
	const struct probe *probe;
	int n = 0, rc;

	for (size_t i = 0; i < PARTS; i++)
		for (step = parts[i]; step->probe.what; step++)
			n += due(step);
	for (probe = log_probes; probe->what; probe++)
		n++;
	tap_plan(n);
	for (size_t i = 0; i < PARTS; i++) {
		for (step = parts[i]; step->probe.what; step++) {
			if (!due(step))
				continue;
			rc = step->alone ? tap_probe("start", &step->probe, SECONDS) :
					   tap_here("start", &step->probe);
			if (rc == FAIL)
				tap_note(step->if_missing);
		}
	}
	for (probe = log_probes; probe->what; probe++)
		tap_probe("log", probe, SECONDS);
}
