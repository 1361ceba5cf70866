// SPDX-License-Identifier: GPL-2.0
/*
 * nftables by its netlink messages. A batch creates table "t" and chain "c" with
 * rules; datagrams over lo show what the rules do.
 */
#define _GNU_SOURCE
#include "nft.h"
#include "netlink.h"
#include "probe.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter_ipv4.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PORT 7000

static int begin(struct nl *nl)
{
	struct nfgenmsg *gen;

	if (nl_open(nl, NETLINK_NETFILTER))
		return -1;
	gen = nl_msg(nl, NFNL_MSG_BATCH_BEGIN, 0, sizeof(*gen));
	gen->res_id = htons(NFNL_SUBSYS_NFTABLES);
	return 0;
}

static void message(struct nl *nl, int type, int flags, int family)
{
	struct nfgenmsg *gen =
		nl_more(nl, NFNL_SUBSYS_NFTABLES << 8 | type, flags | NLM_F_ACK, sizeof(*gen));

	gen->nfgen_family = family;
}

static int commit(struct nl *nl)
{
	int last = nl->seq, error;
	struct nfgenmsg *gen = nl_more(nl, NFNL_MSG_BATCH_END, 0, sizeof(*gen));

	gen->res_id = htons(NFNL_SUBSYS_NFTABLES);
	error = nl_talk_until(nl, last);
	nl_close(nl);
	return error;
}

static void table(struct nl *nl, int type, int flags, int family)
{
	message(nl, type, flags, family);
	nl_str(nl, NFTA_TABLE_NAME, "t");
}

static void chain(struct nl *nl, int family, const char *type, int hook)
{
	int mark;

	message(nl, NFT_MSG_NEWCHAIN, NLM_F_CREATE, family);
	nl_str(nl, NFTA_CHAIN_TABLE, "t");
	nl_str(nl, NFTA_CHAIN_NAME, "c");
	mark = nl_nest(nl, NFTA_CHAIN_HOOK);
	nl_be32(nl, NFTA_HOOK_HOOKNUM, hook);
	nl_be32(nl, NFTA_HOOK_PRIORITY, strcmp(type, "nat") ? 0 : (uint32_t)NF_IP_PRI_NAT_DST);
	nl_end(nl, mark);
	nl_str(nl, NFTA_CHAIN_TYPE, type);
}

/* A rule is a list of expressions, an expression a name and its data. */
struct expr {
	int elem, data;
};

static int rule(struct nl *nl, int family)
{
	message(nl, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, family);
	nl_str(nl, NFTA_RULE_TABLE, "t");
	nl_str(nl, NFTA_RULE_CHAIN, "c");
	return nl_nest(nl, NFTA_RULE_EXPRESSIONS);
}

static struct expr expr(struct nl *nl, const char *name)
{
	struct expr e = { .elem = nl_nest(nl, NFTA_LIST_ELEM) };

	nl_str(nl, NFTA_EXPR_NAME, name);
	e.data = nl_nest(nl, NFTA_EXPR_DATA);
	return e;
}

static void expr_end(struct nl *nl, struct expr e)
{
	nl_end(nl, e.data);
	nl_end(nl, e.elem);
}

static void value(struct nl *nl, int type, const void *data, int len)
{
	int mark = nl_nest(nl, type);

	nl_put(nl, NFTA_DATA_VALUE, data, len);
	nl_end(nl, mark);
}

/* udp dport PORT */
static void match_port(struct nl *nl, int port)
{
	uint8_t udp = IPPROTO_UDP;
	uint16_t be = htons(port);
	struct expr e = expr(nl, "meta");

	nl_be32(nl, NFTA_META_KEY, NFT_META_L4PROTO);
	nl_be32(nl, NFTA_META_DREG, NFT_REG_1);
	expr_end(nl, e);
	e = expr(nl, "cmp");
	nl_be32(nl, NFTA_CMP_SREG, NFT_REG_1);
	nl_be32(nl, NFTA_CMP_OP, NFT_CMP_EQ);
	value(nl, NFTA_CMP_DATA, &udp, sizeof(udp));
	expr_end(nl, e);
	e = expr(nl, "payload");
	nl_be32(nl, NFTA_PAYLOAD_DREG, NFT_REG_1);
	nl_be32(nl, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
	nl_be32(nl, NFTA_PAYLOAD_OFFSET, 2);
	nl_be32(nl, NFTA_PAYLOAD_LEN, 2);
	expr_end(nl, e);
	e = expr(nl, "cmp");
	nl_be32(nl, NFTA_CMP_SREG, NFT_REG_1);
	nl_be32(nl, NFTA_CMP_OP, NFT_CMP_EQ);
	value(nl, NFTA_CMP_DATA, &be, sizeof(be));
	expr_end(nl, e);
}

static void verdict(struct nl *nl, int code)
{
	struct expr e = expr(nl, "immediate");
	int data, mark;

	nl_be32(nl, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = nl_nest(nl, NFTA_IMMEDIATE_DATA);
	mark = nl_nest(nl, NFTA_DATA_VERDICT);
	nl_be32(nl, NFTA_VERDICT_CODE, code);
	nl_end(nl, mark);
	nl_end(nl, data);
	expr_end(nl, e);
}

/* lo up, and a socket bound to PORT */
static int receiver(int port)
{
	int fd = link_up("lo") ? -1 : udp_socket(port);

	if (fd < 0 || udp_send("127.0.0.1", port, "before"))
		return -1;
	if (udp_arrives(fd, "before"))
		return fd;
	return failed("nothing arrives without a rule");
}

int nft_drops(const char *arg)
{
	int fd = receiver(PORT), mark, error;
	struct nl nl;

	(void)arg;
	if (fd < 0 || begin(&nl))
		return FAIL;
	table(&nl, NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_INET);
	chain(&nl, NFPROTO_INET, "filter", NF_INET_LOCAL_IN);
	mark = rule(&nl, NFPROTO_INET);
	match_port(&nl, PORT);
	expr_end(&nl, expr(&nl, "counter"));
	verdict(&nl, NF_DROP);
	nl_end(&nl, mark);
	error = commit(&nl);
	if (error)
		return failed("inet table, input chain, udp dport %d counter drop: %s", PORT,
			      strerror(-error));
	if (udp_send("127.0.0.1", PORT, "dropped"))
		return FAIL;
	if (udp_arrives(fd, "dropped"))
		return failed("the rule does not drop");
	if (begin(&nl))
		return FAIL;
	table(&nl, NFT_MSG_DELTABLE, 0, NFPROTO_INET);
	error = commit(&nl);
	if (error)
		return failed("delete the table: %s", strerror(-error));
	if (udp_send("127.0.0.1", PORT, "after"))
		return FAIL;
	return udp_arrives(fd, "after") ? PASS : failed("nothing arrives after the rule is gone");
}

int nft_redirects(const char *arg)
{
	int fd = receiver(PORT + 1), mark, error;
	uint16_t port = htons(PORT + 1);
	struct expr e;
	struct nl nl;

	(void)arg;
	if (fd < 0 || begin(&nl))
		return FAIL;
	table(&nl, NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_IPV4);
	chain(&nl, NFPROTO_IPV4, "nat", NF_INET_LOCAL_OUT);
	mark = rule(&nl, NFPROTO_IPV4);
	match_port(&nl, PORT);
	e = expr(&nl, "immediate");
	nl_be32(&nl, NFTA_IMMEDIATE_DREG, NFT_REG_1);
	value(&nl, NFTA_IMMEDIATE_DATA, &port, sizeof(port));
	expr_end(&nl, e);
	e = expr(&nl, "redir");
	nl_be32(&nl, NFTA_REDIR_REG_PROTO_MIN, NFT_REG_1);
	expr_end(&nl, e);
	nl_end(&nl, mark);
	error = commit(&nl);
	if (error)
		return failed("ip nat table, udp dport %d redirect: %s", PORT, strerror(-error));
	if (udp_send("127.0.0.1", PORT, "moved"))
		return FAIL;
	return udp_arrives(fd, "moved") ? PASS : failed("the datagram was not redirected");
}

/* The sender of a rejected datagram gets an error: a connected socket ECONNREFUSED. */
int nft_rejects(const char *arg)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = receiver(PORT), mark, error, user;
	struct expr e;
	struct nl nl;
	char c;

	(void)arg;
	if (fd < 0 || begin(&nl))
		return FAIL;
	table(&nl, NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_INET);
	chain(&nl, NFPROTO_INET, "filter", NF_INET_LOCAL_IN);
	mark = rule(&nl, NFPROTO_INET);
	match_port(&nl, PORT);
	e = expr(&nl, "reject");
	nl_be32(&nl, NFTA_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH);
	nl_u8(&nl, NFTA_REJECT_ICMP_CODE, NFT_REJECT_ICMPX_PORT_UNREACH);
	expr_end(&nl, e);
	nl_end(&nl, mark);
	error = commit(&nl);
	if (error)
		return failed("inet table, udp dport %d reject: %s", PORT, strerror(-error));
	user = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(user, (void *)&at, sizeof(at)) || send(user, "x", 1, 0) != 1)
		return failed("connect and send: %s", strerror(errno));
	if (recv(user, &c, 1, 0) >= 0 || errno != ECONNREFUSED)
		return failed("expected ECONNREFUSED, got %s", strerror(errno));
	return PASS;
}

/* Commit a batch that begin() began, and remove its table again; 0, or -errno. */
static int commit_and_delete(struct nl *nl, int family)
{
	int error = commit(nl);

	if (error)
		return error;
	if (begin(nl))
		return -EBADF;
	table(nl, NFT_MSG_DELTABLE, 0, family);
	return commit(nl);
}

/* fib saddr . mark . iif oif 0 drop: no route back */
static int reverse_path(void)
{
	uint32_t none = 0;
	struct expr e;
	struct nl nl;
	int mark;

	if (begin(&nl))
		return -EBADF;
	table(&nl, NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_INET);
	chain(&nl, NFPROTO_INET, "filter", NF_INET_PRE_ROUTING);
	mark = rule(&nl, NFPROTO_INET);
	e = expr(&nl, "fib");
	nl_be32(&nl, NFTA_FIB_DREG, NFT_REG_1);
	nl_be32(&nl, NFTA_FIB_RESULT, NFT_FIB_RESULT_OIF);
	nl_be32(&nl, NFTA_FIB_FLAGS, NFTA_FIB_F_SADDR | NFTA_FIB_F_MARK | NFTA_FIB_F_IIF);
	expr_end(&nl, e);
	e = expr(&nl, "cmp");
	nl_be32(&nl, NFTA_CMP_SREG, NFT_REG_1);
	nl_be32(&nl, NFTA_CMP_OP, NFT_CMP_EQ);
	value(&nl, NFTA_CMP_DATA, &none, sizeof(none));
	expr_end(&nl, e);
	verdict(&nl, NF_DROP);
	nl_end(&nl, mark);
	return commit_and_delete(&nl, NFPROTO_INET);
}

/* The object "h" for NAME, a rule that sets it for a connection, and one that rejects. */
static int helper(const char *name, int protocol)
{
	struct expr e;
	struct nl nl;
	int mark;

	if (begin(&nl))
		return -EBADF;
	table(&nl, NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_INET);
	chain(&nl, NFPROTO_INET, "filter", NF_INET_LOCAL_IN);
	message(&nl, NFT_MSG_NEWOBJ, NLM_F_CREATE, NFPROTO_INET);
	nl_str(&nl, NFTA_OBJ_TABLE, "t");
	nl_str(&nl, NFTA_OBJ_NAME, "h");
	nl_be32(&nl, NFTA_OBJ_TYPE, NFT_OBJECT_CT_HELPER);
	mark = nl_nest(&nl, NFTA_OBJ_DATA);
	nl_str(&nl, NFTA_CT_HELPER_NAME, name);
	nl_u8(&nl, NFTA_CT_HELPER_L4PROTO, protocol);
	nl_end(&nl, mark);
	mark = rule(&nl, NFPROTO_INET);
	e = expr(&nl, "objref");
	nl_be32(&nl, NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_CT_HELPER);
	nl_str(&nl, NFTA_OBJREF_IMM_NAME, "h");
	expr_end(&nl, e);
	nl_end(&nl, mark);
	mark = rule(&nl, NFPROTO_INET);
	e = expr(&nl, "reject");
	nl_be32(&nl, NFTA_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH);
	nl_u8(&nl, NFTA_REJECT_ICMP_CODE, NFT_REJECT_ICMPX_ADMIN_PROHIBITED);
	expr_end(&nl, e);
	nl_end(&nl, mark);
	return commit_and_delete(&nl, NFPROTO_INET);
}

int nft_firewalld(const char *arg)
{
	static const struct {
		const char *name;
		int protocol;
	} helpers[] = {
		{ "ftp", IPPROTO_TCP },
		{ "sip", IPPROTO_UDP },
		{ "tftp", IPPROTO_UDP },
		{ "netbios-ns", IPPROTO_UDP },
	};
	int rc = PASS, error = reverse_path();
	size_t i;

	(void)arg;
	if (error)
		rc = failed("fib saddr . mark . iif oif 0 drop, family inet: %s", strerror(-error));
	for (i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++) {
		error = helper(helpers[i].name, helpers[i].protocol);
		if (error)
			rc = failed("ct helper %s, reject with icmpx admin-prohibited: %s",
				    helpers[i].name, strerror(-error));
	}
	return rc;
}

static int set(int flags)
{
	struct nl nl;

	if (begin(&nl))
		return -EBADF;
	table(&nl, NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_INET);
	message(&nl, NFT_MSG_NEWSET, NLM_F_CREATE, NFPROTO_INET);
	nl_str(&nl, NFTA_SET_TABLE, "t");
	nl_str(&nl, NFTA_SET_NAME, "s%d");
	nl_be32(&nl, NFTA_SET_ID, 1);
	nl_be32(&nl, NFTA_SET_FLAGS, flags);
	nl_be32(&nl, NFTA_SET_KEY_LEN, 4);
	if (flags & NFT_SET_MAP) {
		nl_be32(&nl, NFTA_SET_DATA_TYPE, 1);
		nl_be32(&nl, NFTA_SET_DATA_LEN, 4);
	}
	return commit(&nl);
}

int nft_sets(const char *arg)
{
	static const struct {
		int flags;
		const char *name;
	} kinds[] = {
		{ 0, "plain" },
		{ NFT_SET_INTERVAL, "interval" },
		{ NFT_SET_TIMEOUT, "timeout" },
		{ NFT_SET_MAP, "map" },
		{ NFT_SET_MAP | NFT_SET_INTERVAL, "interval map" },
	};
	int rc = PASS, error;
	size_t i;

	(void)arg;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		error = set(kinds[i].flags);
		if (error)
			rc = failed("a set of kind %s: %s", kinds[i].name, strerror(-error));
	}
	return rc;
}

int nft_families(const char *arg)
{
	static const struct {
		int family;
		const char *name;
	} families[] = {
		{ NFPROTO_INET, "inet" },     { NFPROTO_IPV4, "ip" },
		{ NFPROTO_IPV6, "ip6" },      { NFPROTO_ARP, "arp" },
		{ NFPROTO_BRIDGE, "bridge" }, { NFPROTO_NETDEV, "netdev" },
	};
	int rc = PASS, error;
	struct nl nl;
	size_t i;

	(void)arg;
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (begin(&nl))
			return FAIL;
		table(&nl, NFT_MSG_NEWTABLE, NLM_F_CREATE, families[i].family);
		error = commit(&nl);
		if (error)
			rc = failed("a table of family %s: %s", families[i].name, strerror(-error));
	}
	return rc;
}

/*
 * Some expressions need no data; those of NAT are not for the chain that they are put into, and
 * objref has no kind to be invalid.
 */
static int valid_answer(const char *name, int error)
{
	static const char not_here[] = "masq nat objref redir";

	return !error || error == -EINVAL || (error == -EOPNOTSUPP && has_word(not_here, name));
}

/*
 * An expression without data is invalid if it is known, otherwise not found. Without nftables
 * there is another error for all, so the last name is one that nobody has.
 */
int nft_expressions(const char *names)
{
	char list[288], *rest = list, *name;
	int rc = PASS, mark, error;
	struct nl nl;

	snprintf(list, sizeof(list), "%s probe-none", names);
	while ((name = strsep(&rest, " "))) {
		if (begin(&nl))
			return FAIL;
		table(&nl, NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_IPV4);
		chain(&nl, NFPROTO_IPV4, "filter", NF_INET_LOCAL_IN);
		mark = rule(&nl, NFPROTO_IPV4);
		expr_end(&nl, expr(&nl, name));
		nl_end(&nl, mark);
		error = commit(&nl);
		if (!rest)
			return error == -ENOENT ?
				rc :
				failed("an expression that nobody has: expected ENOENT, got %s",
				       error ? strerror(-error) : "it");
		if (error == -ENOENT)
			rc = failed("the expression %s is not known", name);
		else if (!valid_answer(name, error))
			rc = failed("the expression %s: expected EINVAL, got %s", name,
				    strerror(-error));
	}
	return rc;
}

/* Connections are tracked as soon as a rule uses their state. */
int conntrack(const char *arg)
{
	int fd = receiver(PORT), mark, error;
	struct nfgenmsg *gen;
	struct expr e;
	struct nl nl;

	(void)arg;
	if (fd < 0 || begin(&nl))
		return FAIL;
	table(&nl, NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_IPV4);
	chain(&nl, NFPROTO_IPV4, "filter", NF_INET_LOCAL_OUT);
	mark = rule(&nl, NFPROTO_IPV4);
	e = expr(&nl, "ct");
	nl_be32(&nl, NFTA_CT_DREG, NFT_REG_1);
	nl_be32(&nl, NFTA_CT_KEY, NFT_CT_STATE);
	expr_end(&nl, e);
	nl_end(&nl, mark);
	error = commit(&nl);
	if (error)
		return failed("a rule with ct state: %s", strerror(-error));
	if (udp_send("127.0.0.1", PORT, "tracked") || !udp_arrives(fd, "tracked") ||
	    nl_open(&nl, NETLINK_NETFILTER))
		return FAIL;
	gen = nl_msg(&nl, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, 0, sizeof(*gen));
	gen->nfgen_family = AF_INET;
	error = nl_dump(&nl);
	if (error < 0)
		return failed("the list of connections: %s", strerror(-error));
	return error ? PASS : failed("the datagram is not in the list of connections");
}
