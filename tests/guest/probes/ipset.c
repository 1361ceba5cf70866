// SPDX-License-Identifier: GPL-2.0
/* Sets of addresses, for netfilter and tc. */
#define _GNU_SOURCE
#include "ipset.h"
#include "netlink.h"
#include "probe.h"
#include <arpa/inet.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void set_message(struct nl *nl, int command, int flags)
{
	struct nfgenmsg *gen = nl_msg(nl, NFNL_SUBSYS_IPSET << 8 | command, flags, sizeof(*gen));

	gen->nfgen_family = AF_INET;
	nl_u8(nl, IPSET_ATTR_PROTOCOL, IPSET_PROTOCOL_MIN);
}

int set_kinds(const char *names)
{
	char list[512], *rest = list, *name;
	int rc = PASS, error;
	struct nl nl;

	snprintf(list, sizeof(list), "%s", names);
	if (nl_open(&nl, NETLINK_NETFILTER))
		return FAIL;
	while ((name = strsep(&rest, " "))) {
		set_message(&nl, IPSET_CMD_TYPE, 0);
		nl_str(&nl, IPSET_ATTR_TYPENAME, name);
		nl_u8(&nl, IPSET_ATTR_FAMILY, AF_INET);
		error = nl_talk(&nl);
		if (error)
			rc = failed("a set of type %s: %s", name, strerror(-error));
	}
	return rc;
}

/* Add or test 10.0.0.HOST in set "s". */
static int set_element(struct nl *nl, int command, int host)
{
	int data, ip;

	set_message(nl, command, command == IPSET_CMD_ADD ? NLM_F_EXCL : 0);
	nl_str(nl, IPSET_ATTR_SETNAME, "s");
	data = nl_nest(nl, IPSET_ATTR_DATA);
	ip = nl_nest(nl, IPSET_ATTR_IP);
	nl_be32(nl, IPSET_ATTR_IPADDR_IPV4 | NLA_F_NET_BYTEORDER, 0x0a000000 | host);
	nl_end(nl, ip);
	nl_end(nl, data);
	return nl_talk(nl);
}

int set_of(int host)
{
	struct nl nl;
	int error;

	if (nl_open(&nl, NETLINK_NETFILTER))
		return -1;
	set_message(&nl, IPSET_CMD_CREATE, NLM_F_CREATE | NLM_F_EXCL);
	nl_str(&nl, IPSET_ATTR_SETNAME, "s");
	nl_str(&nl, IPSET_ATTR_TYPENAME, "hash:ip");
	nl_u8(&nl, IPSET_ATTR_REVISION, 0);
	nl_u8(&nl, IPSET_ATTR_FAMILY, AF_INET);
	nl_end(&nl, nl_nest(&nl, IPSET_ATTR_DATA));
	error = nl_talk(&nl);
	if (error)
		return failed("create a hash:ip: %s", strerror(-error));
	error = set_element(&nl, IPSET_CMD_ADD, host);
	nl_close(&nl);
	return error ? failed("add 10.0.0.%d: %s", host, strerror(-error)) : 0;
}

int set_holds(const char *arg)
{
	struct nl nl;
	int error;

	(void)arg;
	if (set_of(1) || nl_open(&nl, NETLINK_NETFILTER))
		return FAIL;
	error = set_element(&nl, IPSET_CMD_TEST, 1);
	if (error)
		return failed("10.0.0.1, which was added: %d", error);
	error = set_element(&nl, IPSET_CMD_TEST, 2);
	return error == -IPSET_ERR_EXIST ?
		PASS :
		failed("10.0.0.2, which was never added: expected %d, got %d", -IPSET_ERR_EXIST,
		       error);
}
