// SPDX-License-Identifier: GPL-2.0
/*
 * Traffic control. For an unknown name the kernel returns ENOENT, for a known one without
 * its parameters EINVAL, or nothing if it needs none. A kernel without traffic control has
 * another error for both, so the last name of each row is one that nobody has.
 */
#define _GNU_SOURCE
#include "tc.h"
#include "netlink.h"
#include "probe.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_gact.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NOBODY "probe-none"

/* 0 if ERROR is what the kernel says of NAME when it has it, and of NOBODY; -1 after diag(). */
static int known(const char *kind, const char *name, int error)
{
	if (!strcmp(name, NOBODY))
		return error == -ENOENT ? 0 :
					  failed("%s that nobody has: expected ENOENT, got %s",
						 kind, error ? strerror(-error) : "it");
	if (error == -ENOENT)
		return failed("%s %s is not known", kind, name);
	return !error || error == -EINVAL ?
		0 :
		failed("%s %s: expected EINVAL, got %s", kind, name, strerror(-error));
}

static struct tcmsg *request(struct nl *nl, int type, const char *kind)
{
	struct tcmsg *tc = nl_msg(nl, type, NLM_F_CREATE | NLM_F_REPLACE, sizeof(*tc));

	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = link_index("lo");
	nl_str(nl, TCA_KIND, kind);
	return tc;
}

static void at_root(struct tcmsg *tc, const char *kind)
{
	int ingress = !strcmp(kind, "ingress") || !strcmp(kind, "clsact");

	tc->tcm_parent = ingress ? TC_H_INGRESS : TC_H_ROOT;
	tc->tcm_handle = ingress ? TC_H_MAKE(TC_H_INGRESS, 0) : 0;
}

int qdiscs(const char *names)
{
	char list[256], *rest = list, *name;
	int rc = PASS, error;
	struct nl nl;

	snprintf(list, sizeof(list), "%s " NOBODY, names);
	if (nl_open(&nl, NETLINK_ROUTE))
		return FAIL;
	while ((name = strsep(&rest, " "))) {
		at_root(request(&nl, RTM_NEWQDISC, name), name);
		error = nl_talk(&nl);
		if (known("the discipline", name, error))
			rc = FAIL;
		if (error || strcmp(name, "ingress"))
			continue;
		/* clsact has the same handle, and would be an invalid change of this one */
		at_root(request(&nl, RTM_DELQDISC, name), name);
		error = nl_talk(&nl);
		if (error)
			rc = failed("delete ingress: %s", strerror(-error));
	}
	return rc;
}

static int clsact(struct nl *nl)
{
	int error;

	at_root(request(nl, RTM_NEWQDISC, "clsact"), "clsact");
	error = nl_talk(nl);
	return error ? failed("clsact on lo: %s", strerror(-error)) : 0;
}

static void at_egress(struct tcmsg *tc, int priority)
{
	tc->tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS);
	tc->tcm_info = TC_H_MAKE(priority << 16, htons(ETH_P_ALL));
}

int classifiers(const char *names)
{
	char list[256], *rest = list, *name;
	int rc = PASS, priority = 1;
	struct nl nl;

	snprintf(list, sizeof(list), "%s " NOBODY, names);
	if (nl_open(&nl, NETLINK_ROUTE) || clsact(&nl))
		return FAIL;
	while ((name = strsep(&rest, " "))) {
		/* where there is one already, another is invalid whatever its name is */
		at_egress(request(&nl, RTM_NEWTFILTER, name), priority++);
		if (known("the classifier", name, nl_talk(&nl)))
			rc = FAIL;
	}
	return rc;
}

int actions(const char *names)
{
	char list[256], *rest = list, *name;
	int rc = PASS, tab, one;
	struct nl nl;

	snprintf(list, sizeof(list), "%s " NOBODY, names);
	if (nl_open(&nl, NETLINK_ROUTE))
		return FAIL;
	while ((name = strsep(&rest, " "))) {
		nl_msg(&nl, RTM_NEWACTION, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct tcamsg));
		tab = nl_nest(&nl, TCA_ACT_TAB);
		one = nl_nest(&nl, 1);
		nl_str(&nl, TCA_ACT_KIND, name);
		nl_end(&nl, one);
		nl_end(&nl, tab);
		if (known("the action", name, nl_talk(&nl)))
			rc = FAIL;
	}
	return rc;
}

int drops_at_egress(const char *arg)
{
	struct tc_gact drop = { .action = TC_ACT_SHOT };
	int fd, options, tab, one, data, error;
	struct nl nl;

	(void)arg;
	fd = link_up("lo") ? -1 : udp_socket(7000);
	if (fd < 0 || nl_open(&nl, NETLINK_ROUTE) || clsact(&nl) ||
	    udp_send("127.0.0.1", 7000, "before"))
		return FAIL;
	if (!udp_arrives(fd, "before"))
		return failed("nothing arrives without a filter");
	at_egress(request(&nl, RTM_NEWTFILTER, "matchall"), 1);
	options = nl_nest(&nl, TCA_OPTIONS);
	tab = nl_nest(&nl, TCA_MATCHALL_ACT);
	one = nl_nest(&nl, 1);
	nl_str(&nl, TCA_ACT_KIND, "gact");
	data = nl_nest(&nl, TCA_ACT_OPTIONS);
	nl_put(&nl, TCA_GACT_PARMS, &drop, sizeof(drop));
	nl_end(&nl, data);
	nl_end(&nl, one);
	nl_end(&nl, tab);
	nl_end(&nl, options);
	error = nl_talk(&nl);
	if (error)
		return failed("matchall, gact drop: %s", strerror(-error));
	if (udp_send("127.0.0.1", 7000, "dropped"))
		return FAIL;
	return udp_arrives(fd, "dropped") ? failed("the filter does not drop") : PASS;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

int netem_delays(const char *arg)
{
	/* a delay is counted in ticks; /proc/net/psched has their length in ns second */
	unsigned int first, ns_per_tick;
	struct tc_netem_qopt late = { .limit = 100 };
	double start, took;
	char text[64];
	int fd, error;
	struct nl nl;

	(void)arg;
	fd = link_up("lo") ? -1 : udp_socket(7000);
	if (fd < 0 || read_file("/proc/net/psched", text, sizeof(text)) < 0 ||
	    nl_open(&nl, NETLINK_ROUTE))
		return FAIL;
	if (sscanf(text, "%x %x", &first, &ns_per_tick) != 2)
		return failed("/proc/net/psched: %s", text);
	late.latency = 500000000 / ns_per_tick;
	at_root(request(&nl, RTM_NEWQDISC, "netem"), "netem");
	nl_put(&nl, TCA_OPTIONS, &late, sizeof(late));
	error = nl_talk(&nl);
	if (error)
		return failed("netem on lo: %s", strerror(-error));
	start = seconds();
	if (udp_send("127.0.0.1", 7000, "late"))
		return FAIL;
	if (!udp_arrives(fd, "late"))
		return failed("nothing arrives");
	took = seconds() - start;
	return took < 0.49 ? failed("expected a delay of 0.5 s, got %.3f s", took) : PASS;
}
