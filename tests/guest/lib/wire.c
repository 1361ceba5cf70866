// SPDX-License-Identifier: GPL-2.0
/* Two network namespaces and a veth pair, for what has to leave the machine. */
#define _GNU_SOURCE
#include "netlink.h"
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>

static int current(void)
{
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

int enter(int namespace)
{
	return setns(namespace, CLONE_NEWNET) ? failed("setns: %s", strerror(errno)) : 0;
}

int wire(int *here, int *there)
{
	*here = current();
	if (unshare(CLONE_NEWNET))
		return failed("unshare net: %s", strerror(errno));
	*there = current();
	if (enter(*here) || link_veth("near", "far") || link_move("far", *there) ||
	    link_address("near", NEAR, 24) || link_up("near") || enter(*there) ||
	    link_address("far", FAR, 24) || link_up("far") || link_up("lo"))
		return -1;
	return enter(*here) || link_up("lo") ? -1 : 0;
}
