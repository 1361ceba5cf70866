/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink messages by hand: nl_msg() starts one, nl_*() append attributes,
 * nl_talk() sends it and waits for the answer.
 */
#ifndef NETLINK_H
#define NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>

struct nl {
	int fd, seq, len;     /* len: bytes in buf */
	struct nlmsghdr *msg; /* the last message in buf */
	char buf[8192] __attribute__((aligned(8)));
};

int nl_open(struct nl *nl, int protocol); /* 0, or -1 after diag() */
void nl_close(struct nl *nl);

/* A new message with LEN bytes of header after nlmsghdr; returns these. */
void *nl_msg(struct nl *nl, int type, int flags, int len);
/* One more message in the same send. */
void *nl_more(struct nl *nl, int type, int flags, int len);
void nl_put(struct nl *nl, int type, const void *data, int len);
void nl_str(struct nl *nl, int type, const char *text);
void nl_u8(struct nl *nl, int type, uint8_t value);
void nl_u32(struct nl *nl, int type, uint32_t value);
void nl_be32(struct nl *nl, int type, uint32_t value);
int nl_nest(struct nl *nl, int type); /* a mark for nl_end() */
void nl_end(struct nl *nl, int mark);

/* Send; 0, or the first -errno of the answers until the last message is acked. */
int nl_talk(struct nl *nl);
/* The same for a batch whose message SEQ is the last that is acked. */
int nl_talk_until(struct nl *nl, int seq);
/* Send a request for a list; the number of messages in the answer or -errno. */
int nl_dump(struct nl *nl);

/* Links of this network namespace; 0, or -1 after diag(). */
int link_index(const char *name);
int link_up(const char *name);
int link_add(const char *name, const char *kind);
int link_veth(const char *name, const char *peer);
int link_master(const char *name, const char *master);
int link_move(const char *name, int nsfd);
int link_address(const char *name, const char *address, int prefix);

#endif
