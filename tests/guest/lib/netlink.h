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
/* Send a request, with NLM_F_DUMP for a list; SEE gets each answer. 0 or -errno. */
int nl_each(struct nl *nl, void (*see)(const struct nlmsghdr *msg, void *data), void *data);
/* The attribute TYPE of MSG after LEN bytes of header, or of the nest ATTR, or NULL. */
const struct nlattr *nl_find(const struct nlmsghdr *msg, int len, int type);
const struct nlattr *nl_inside(const struct nlattr *attr, int type);

/* genl.c: generic netlink. The id of FAMILY, or -1 after diag(); NL is open then. */
int genl_open(struct nl *nl, const char *family);
/* A request to family ID with LEN bytes of the family's header; returns these. */
void *genl_msg(struct nl *nl, int id, int command, int flags, int len);
#define GENL_HEADER 4 /* bytes of an answer before the family's header */

/* Links of this network namespace; 0, or -1 after diag(). */
int link_index(const char *name);
int link_up(const char *name);
int link_add(const char *name, const char *kind);
int link_veth(const char *name, const char *peer);
int link_master(const char *name, const char *master);
int link_move(const char *name, int nsfd);
int link_address(const char *name, const char *address, int prefix);

/*
 * wire.c: a second network namespace at the other end of a cable: "near" with 10.9.0.1/24
 * here, "far" with 10.9.0.2/24 there. Both fds are namespaces for enter(). 0, or -1 after
 * diag().
 */
#define NEAR "10.9.0.1"
#define FAR  "10.9.0.2"
int wire(int *here, int *there);
int enter(int namespace);

#endif
