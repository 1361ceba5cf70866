// SPDX-License-Identifier: GPL-2.0
/* The running kernel is the one that was built: its release is that of the pin. */
#include "probe.h"
#include <string.h>
#include <sys/utsname.h>

static int release_is(const char *wanted)
{
	struct utsname uts;

	uname(&uts);
	return strcmp(uts.release, wanted) ?
		failed("uname -r: expected %s, got %s", wanted, uts.release) :
		PASS;
}

/* kbuild appends one to a tree that git finds changed */
static int no_plus(const char *arg)
{
	struct utsname uts;

	(void)arg;
	uname(&uts);
	return strchr(uts.release, '+') ? failed("uname -r is %s", uts.release) : PASS;
}

struct probe *release_probes(const char *release)
{
	static struct probe probes[] = {
		{ "uname -r is the release that was built", release_is, NULL },
		{ "uname -r has no +", no_plus, NULL },
		{ NULL, NULL, NULL },
	};

	probes[0].arg = release;
	return probes;
}
