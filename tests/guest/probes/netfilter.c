// SPDX-License-Identifier: GPL-2.0
/*
 * Firewalls: nftables (nft.c), the tables of iptables and ebtables by the first requests
 * of their programs, ipset, and packets to user space.
 */
#define _GNU_SOURCE
#include "netlink.h"
#include "nft.h"
#include "probe.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- iptables, ip6tables, arptables, ebtables: facts of their headers */

#define XT_SO_GET_INFO	     64 /* SOL_IP, SOL_IPV6 */
#define ARPT_SO_GET_INFO     96
#define EBT_SO_GET_INIT_INFO 130
#define TABLE_NAME	     32

/* the same for all, but for the hooks: 5 of IP, 3 of ARP */
struct xt_info {
	char name[TABLE_NAME];
	unsigned int valid_hooks, more[12];
};

struct ebt_info {
	char name[TABLE_NAME];
	unsigned int valid_hooks, entries, size;
	void *more[16];
};

static int tables(int family, int level, int option, int hooks, const char *names)
{
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), rc = PASS;
	char list[128], *rest = list, *name;
	struct xt_info info;
	socklen_t len;

	if (fd < 0)
		return failed("raw socket: %s", strerror(errno));
	snprintf(list, sizeof(list), "%s", names);
	while ((name = strsep(&rest, " "))) {
		memset(&info, 0, sizeof(info));
		snprintf(info.name, sizeof(info.name), "%s", name);
		len = TABLE_NAME + 4 * (1 + hooks + hooks + 2);
		if (getsockopt(fd, level, option, &info, &len))
			rc = failed("table %s: %s", name, strerror(errno));
		else if (!info.valid_hooks)
			rc = failed("table %s has no hooks", name);
	}
	close(fd);
	return rc;
}

static int ip_tables(const char *names)
{
	return tables(AF_INET, SOL_IP, XT_SO_GET_INFO, 5, names);
}

static int ip6_tables(const char *names)
{
	return tables(AF_INET6, SOL_IPV6, XT_SO_GET_INFO, 5, names);
}

static int arp_tables(const char *names)
{
	return tables(AF_INET, SOL_IP, ARPT_SO_GET_INFO, 3, names);
}

static int eb_tables(const char *names)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), rc = PASS;
	char list[128], *rest = list, *name;
	struct ebt_info info;
	socklen_t len;

	snprintf(list, sizeof(list), "%s", names);
	while ((name = strsep(&rest, " "))) {
		memset(&info, 0, sizeof(info));
		snprintf(info.name, sizeof(info.name), "%s", name);
		len = 120; /* of struct ebt_replace */
		if (getsockopt(fd, SOL_IP, EBT_SO_GET_INIT_INFO, &info, &len))
			rc = failed("table %s: %s", name, strerror(errno));
	}
	return rc;
}

static int matches(const char *names)
{
	return expect_words("/proc/net/ip_tables_matches", names);
}

static int targets(const char *names)
{
	return expect_words("/proc/net/ip_tables_targets", names);
}

static int matches6(const char *names)
{
	return expect_words("/proc/net/ip6_tables_matches", names);
}

static int targets6(const char *names)
{
	return expect_words("/proc/net/ip6_tables_targets", names);
}

/* ---- ipset */

static void set_message(struct nl *nl, int command, int flags)
{
	struct nfgenmsg *gen = nl_msg(nl, NFNL_SUBSYS_IPSET << 8 | command, flags, sizeof(*gen));

	gen->nfgen_family = AF_INET;
	nl_u8(nl, IPSET_ATTR_PROTOCOL, IPSET_PROTOCOL_MIN);
}

static int set_kinds(const char *names)
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

static int set_holds(const char *arg)
{
	struct nl nl;
	int error;

	(void)arg;
	if (nl_open(&nl, NETLINK_NETFILTER))
		return FAIL;
	set_message(&nl, IPSET_CMD_CREATE, NLM_F_CREATE | NLM_F_EXCL);
	nl_str(&nl, IPSET_ATTR_SETNAME, "s");
	nl_str(&nl, IPSET_ATTR_TYPENAME, "hash:ip");
	nl_u8(&nl, IPSET_ATTR_REVISION, 0);
	nl_u8(&nl, IPSET_ATTR_FAMILY, AF_INET);
	nl_end(&nl, nl_nest(&nl, IPSET_ATTR_DATA));
	error = nl_talk(&nl);
	if (error)
		return failed("create a hash:ip: %s", strerror(-error));
	error = set_element(&nl, IPSET_CMD_ADD, 1);
	if (error)
		return failed("add 10.0.0.1: %s", strerror(-error));
	error = set_element(&nl, IPSET_CMD_TEST, 1);
	if (error)
		return failed("10.0.0.1, which was added: %d", error);
	error = set_element(&nl, IPSET_CMD_TEST, 2);
	return error == -IPSET_ERR_EXIST ?
		PASS :
		failed("10.0.0.2, which was never added: expected %d, got %d", -IPSET_ERR_EXIST,
		       error);
}

/* ---- packets to a program */

static int queue(const char *arg)
{
	struct nfqnl_msg_config_cmd bind = { .command = NFQNL_CFG_CMD_BIND };
	struct nfgenmsg *gen;
	struct nl nl;
	int error;

	(void)arg;
	if (nl_open(&nl, NETLINK_NETFILTER))
		return FAIL;
	gen = nl_msg(&nl, NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_CONFIG, 0, sizeof(*gen));
	gen->res_id = htons(1);
	nl_put(&nl, NFQA_CFG_CMD, &bind, sizeof(bind));
	error = nl_talk(&nl);
	return error ? failed("bind to queue 1: %s", strerror(-error)) : PASS;
}

static int nflog(const char *arg)
{
	struct nfulnl_msg_config_cmd bind = { .command = NFULNL_CFG_CMD_BIND };
	struct nfgenmsg *gen;
	struct nl nl;
	int error;

	(void)arg;
	if (nl_open(&nl, NETLINK_NETFILTER))
		return FAIL;
	gen = nl_msg(&nl, NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG, 0, sizeof(*gen));
	gen->res_id = htons(1);
	nl_put(&nl, NFULA_CFG_CMD, &bind, sizeof(bind));
	error = nl_talk(&nl);
	return error ? failed("bind to log group 1: %s", strerror(-error)) : PASS;
}

const struct probe netfilter_probes[] = {
	{ "nft loads a firewall, and its rules match a packet", userland, "nft" },
	{ "a container behind a bridge: NAT by nft", userland, "nat nft" },
	{ "a container behind a bridge: NAT by iptables-nft", userland, "nat iptables-nft" },
	{ "iptables-nft drops a packet, and its matches work", userland, "iptables iptables-nft" },
	{ "iptables-legacy drops a packet, and its matches work", userland,
	  "iptables iptables-legacy" },
	{ "ip6tables-nft drops a packet, and its matches work", userland,
	  "iptables ip6tables-nft" },
	{ "ip6tables-legacy drops a packet, and its matches work", userland,
	  "iptables ip6tables-legacy" },
	{ "ebtables-nft drops what a bridge forwards", userland,
	  "bridge ebtables-nft -A FORWARD -p ip -j DROP" },
	{ "ebtables-legacy drops what a bridge forwards", userland,
	  "bridge ebtables-legacy -A FORWARD -p ip -j DROP" },
	{ "nftables counts, drops, and accepts again", nft_drops, NULL },
	{ "nftables redirects to another port", nft_redirects, NULL },
	{ "nftables rejects with an error to the sender", nft_rejects, NULL },
	{ "firewalld's reverse path, helpers and reject load", nft_firewalld, NULL },
	{ "nftables has each family", nft_families, NULL },
	{ "nftables has each kind of set", nft_sets, NULL },
	{ "nftables has the expressions of rules", nft_expressions,
	  "bitwise byteorder cmp connlimit counter ct dup dynset exthdr fib flow_offload hash "
	  "immediate limit log lookup match meta numgen objref osf payload queue quota range rt "
	  "socket target tproxy" },
	{ "nftables has the expressions of address translation", nft_expressions,
	  "masq nat redir reject" },
	{ "connections are tracked and listed", conntrack, NULL },
	{ "iptables has its tables", ip_tables, "filter nat mangle raw security" },
	{ "ip6tables has its tables", ip6_tables, "filter nat mangle raw security" },
	{ "arptables has its table", arp_tables, "filter" },
	{ "ebtables has its tables", eb_tables, "filter nat broute" },
	{ "iptables has its matches", matches,
	  "addrtype bpf cgroup comment connbytes connlimit connmark conntrack devgroup dscp ecn esp "
	  "hashlimit helper iprange length limit mac mark multiport owner physdev pkttype policy "
	  "quota recent rpfilter set socket state statistic string tcpmss time ttl u32" },
	{ "iptables has its targets", targets,
	  "CHECKSUM CLASSIFY CONNMARK CT DNAT DSCP LOG MARK MASQUERADE NETMAP NFLOG NFQUEUE NOTRACK "
	  "REDIRECT REJECT SET SNAT TCPMSS TEE TPROXY TRACE TTL" },
	{ "ip6tables has its matches", matches6,
	  "comment conntrack frag hl ipv6header multiport owner rpfilter rt state" },
	{ "ip6tables has its targets", targets6, "DNAT HL LOG MASQUERADE REDIRECT REJECT SNAT" },
	{ "ipset has its types", set_kinds,
	  "bitmap:ip bitmap:ip,mac bitmap:port hash:ip hash:ip,mac hash:ip,mark hash:ip,port "
	  "hash:ip,port,ip hash:ip,port,net hash:mac hash:net hash:net,iface hash:net,net "
	  "hash:net,port hash:net,port,net list:set" },
	{ "a set has what was added and nothing else", set_holds, NULL },
	{ "packets can be queued to a program", queue, NULL },
	{ "packets can be logged to a program", nflog, NULL },
	{ NULL, NULL, NULL },
};
