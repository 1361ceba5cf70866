// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "netlink.h"
#include "probe.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int nl_open(struct nl *nl, int protocol)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct timeval limit = { .tv_sec = 20 };

	memset(nl, 0, sizeof(*nl));
	nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (nl->fd < 0)
		return failed("netlink socket %d: %s", protocol, strerror(errno));
	setsockopt(nl->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(nl->fd, (void *)&kernel, sizeof(kernel)))
		return failed("netlink connect %d: %s", protocol, strerror(errno));
	return 0;
}

void nl_close(struct nl *nl)
{
	close(nl->fd);
}

/* LEN zeroed bytes at the end of the last message, padded. */
static void *grow(struct nl *nl, int len)
{
	char *at = nl->buf + nl->len;
	int padded = NLMSG_ALIGN(len);

	if (nl->len + padded > (int)sizeof(nl->buf)) {
		diag("netlink.c: a message is too long");
		_exit(1);
	}
	memset(at, 0, padded);
	nl->len += padded;
	nl->msg->nlmsg_len = nl->buf + nl->len - (char *)nl->msg;
	return at;
}

void *nl_more(struct nl *nl, int type, int flags, int len)
{
	nl->msg = (void *)(nl->buf + nl->len);
	grow(nl, NLMSG_HDRLEN);
	nl->msg->nlmsg_type = type;
	nl->msg->nlmsg_flags = NLM_F_REQUEST | flags;
	nl->msg->nlmsg_seq = ++nl->seq;
	return grow(nl, len);
}

void *nl_msg(struct nl *nl, int type, int flags, int len)
{
	nl->len = 0;
	return nl_more(nl, type, flags, len);
}

void nl_put(struct nl *nl, int type, const void *data, int len)
{
	struct nlattr *attr = grow(nl, NLA_HDRLEN + len);

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy(attr + 1, data, len);
}

void nl_str(struct nl *nl, int type, const char *text)
{
	nl_put(nl, type, text, strlen(text) + 1);
}

void nl_u8(struct nl *nl, int type, uint8_t value)
{
	nl_put(nl, type, &value, sizeof(value));
}

void nl_u32(struct nl *nl, int type, uint32_t value)
{
	nl_put(nl, type, &value, sizeof(value));
}

void nl_be32(struct nl *nl, int type, uint32_t value)
{
	nl_u32(nl, type, htonl(value));
}

int nl_nest(struct nl *nl, int type)
{
	int mark = nl->len;

	nl_put(nl, type | NLA_F_NESTED, NULL, 0);
	return mark;
}

void nl_end(struct nl *nl, int mark)
{
	((struct nlattr *)(nl->buf + mark))->nla_len = nl->len - mark;
}

/* Read answers up to the one to SEQ, or an error; SEE gets the data messages. */
static int answers(struct nl *nl, int seq, void (*see)(const struct nlmsghdr *msg, void *data),
		   void *data)
{
	static char buf[65536] __attribute__((aligned(8)));
	struct nlmsghdr *msg;
	ssize_t len;
	int error;

	for (;;) {
		len = recv(nl->fd, buf, sizeof(buf), 0);
		if (len < 0)
			return -errno;
		for (msg = (void *)buf; NLMSG_OK(msg, (size_t)len); msg = NLMSG_NEXT(msg, len)) {
			if (msg->nlmsg_type == NLMSG_DONE)
				return 0;
			if (msg->nlmsg_type != NLMSG_ERROR) {
				if (see)
					see(msg, data);
				continue;
			}
			error = ((struct nlmsgerr *)NLMSG_DATA(msg))->error;
			if (error || (int)msg->nlmsg_seq == seq)
				return error;
		}
	}
}

int nl_talk_until(struct nl *nl, int seq)
{
	if (send(nl->fd, nl->buf, nl->len, 0) < 0)
		return -errno;
	return answers(nl, seq, NULL, NULL);
}

int nl_talk(struct nl *nl)
{
	nl->msg->nlmsg_flags |= NLM_F_ACK;
	return nl_talk_until(nl, nl->seq);
}

int nl_each(struct nl *nl, void (*see)(const struct nlmsghdr *msg, void *data), void *data)
{
	if ((nl->msg->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		nl->msg->nlmsg_flags |= NLM_F_ACK;
	if (send(nl->fd, nl->buf, nl->len, 0) < 0)
		return -errno;
	return answers(nl, nl->seq, see, data);
}

static void count(const struct nlmsghdr *msg, void *data)
{
	(void)msg;
	++*(int *)data;
}

int nl_dump(struct nl *nl)
{
	int messages = 0, error;

	nl->msg->nlmsg_flags |= NLM_F_DUMP;
	error = nl_each(nl, count, &messages);
	return error ? error : messages;
}

static const struct nlattr *find(const void *at, int left, int type)
{
	const struct nlattr *attr = at;

	while (left >= NLA_HDRLEN && attr->nla_len >= NLA_HDRLEN && attr->nla_len <= left) {
		if ((attr->nla_type & NLA_TYPE_MASK) == type)
			return attr;
		left -= NLA_ALIGN(attr->nla_len);
		attr = (const void *)((const char *)attr + NLA_ALIGN(attr->nla_len));
	}
	return NULL;
}

const struct nlattr *nl_find(const struct nlmsghdr *msg, int len, int type)
{
	len = NLMSG_HDRLEN + NLMSG_ALIGN(len);
	return find((const char *)msg + len, (int)msg->nlmsg_len - len, type);
}

const struct nlattr *nl_inside(const struct nlattr *attr, int type)
{
	return attr ? find(attr + 1, attr->nla_len - NLA_HDRLEN, type) : NULL;
}

int link_index(const char *name)
{
	int index = if_nametoindex(name);

	return index ? index : failed("no link %s: %s", name, strerror(errno));
}

/* A request about link INDEX, 0 for a new one. */
static struct ifinfomsg *link_request(struct nl *nl, int flags, int index)
{
	struct ifinfomsg *info;

	if (index < 0 || nl_open(nl, NETLINK_ROUTE))
		return NULL;
	info = nl_msg(nl, RTM_NEWLINK, flags, sizeof(*info));
	info->ifi_index = index;
	return info;
}

static int link_done(struct nl *nl, const char *name, const char *what)
{
	int error = nl_talk(nl);

	nl_close(nl);
	return error ? failed("link %s: %s: %s", name, what, strerror(-error)) : 0;
}

int link_up(const char *name)
{
	struct nl nl;
	struct ifinfomsg *info = link_request(&nl, 0, link_index(name));

	if (!info)
		return -1;
	info->ifi_flags = info->ifi_change = IFF_UP;
	return link_done(&nl, name, "up");
}

int link_add(const char *name, const char *kind)
{
	struct nl nl;
	int mark;

	if (!link_request(&nl, NLM_F_CREATE | NLM_F_EXCL, 0))
		return -1;
	nl_str(&nl, IFLA_IFNAME, name);
	mark = nl_nest(&nl, IFLA_LINKINFO);
	nl_str(&nl, IFLA_INFO_KIND, kind);
	nl_end(&nl, mark);
	return link_done(&nl, name, kind);
}

int link_veth(const char *name, const char *peer)
{
	struct nl nl;
	int info, data, other;

	if (!link_request(&nl, NLM_F_CREATE | NLM_F_EXCL, 0))
		return -1;
	nl_str(&nl, IFLA_IFNAME, name);
	info = nl_nest(&nl, IFLA_LINKINFO);
	nl_str(&nl, IFLA_INFO_KIND, "veth");
	data = nl_nest(&nl, IFLA_INFO_DATA);
	other = nl_nest(&nl, VETH_INFO_PEER);
	grow(&nl, sizeof(struct ifinfomsg));
	nl_str(&nl, IFLA_IFNAME, peer);
	nl_end(&nl, other);
	nl_end(&nl, data);
	nl_end(&nl, info);
	return link_done(&nl, name, "veth");
}

int link_master(const char *name, const char *master)
{
	struct nl nl;
	int index = link_index(master);

	if (index < 0 || !link_request(&nl, 0, link_index(name)))
		return -1;
	nl_u32(&nl, IFLA_MASTER, index);
	return link_done(&nl, name, "master");
}

int link_move(const char *name, int nsfd)
{
	struct nl nl;

	if (!link_request(&nl, 0, link_index(name)))
		return -1;
	nl_u32(&nl, IFLA_NET_NS_FD, nsfd);
	return link_done(&nl, name, "move to another namespace");
}

int link_address(const char *name, const char *address, int prefix)
{
	int index = link_index(name), error;
	struct ifaddrmsg *msg;
	struct in_addr in;
	struct nl nl;

	if (index < 0 || nl_open(&nl, NETLINK_ROUTE))
		return -1;
	inet_pton(AF_INET, address, &in);
	msg = nl_msg(&nl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(*msg));
	msg->ifa_family = AF_INET;
	msg->ifa_prefixlen = prefix;
	msg->ifa_index = index;
	nl_put(&nl, IFA_LOCAL, &in, sizeof(in));
	nl_put(&nl, IFA_ADDRESS, &in, sizeof(in));
	error = nl_talk(&nl);
	nl_close(&nl);
	return error ? failed("address %s on %s: %s", address, name, strerror(-error)) : 0;
}
