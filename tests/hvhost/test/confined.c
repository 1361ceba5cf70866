// SPDX-License-Identifier: GPL-2.0
/*
 * Puts the test that it is linked with behind the filter of sandbox.c before main(): the
 * devices then make all their system calls there. Without Landlock: the tests make files.
 */
#define _GNU_SOURCE
#include "../sandbox.h"
#include <stdlib.h>
#include <time.h>

/* made by the tests, or by hvhost before it enters the sandbox */
static const int of_tests[] = {
	SCMP_SYS(epoll_create1), SCMP_SYS(socket), SCMP_SYS(connect),	SCMP_SYS(rt_sigaction),
	SCMP_SYS(socketpair),	 SCMP_SYS(bind),   SCMP_SYS(listen),	SCMP_SYS(accept),
	SCMP_SYS(chdir),	 SCMP_SYS(mkdir),  SCMP_SYS(symlink),	SCMP_SYS(mknodat),
	SCMP_SYS(access),	 SCMP_SYS(pipe2),  SCMP_SYS(prlimit64), SCMP_SYS(alarm),
	SCMP_SYS(clone),	 SCMP_SYS(wait4),  SCMP_SYS(unshare),	SCMP_SYS(mount),
};

static __attribute__((constructor)) void confine(void)
{
	static const struct sandbox all = { .folder = "", .dir = "", .sockets = 1 };
	scmp_filter_ctx filter = sandbox_filter(&all);

	tzset();
	for (size_t i = 0; filter && i < ARRAY_SIZE(of_tests); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, of_tests[i], 0))
			exit(2);
	if (!filter || sandbox_load(filter))
		exit(2);
}
