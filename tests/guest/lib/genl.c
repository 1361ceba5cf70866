// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: families are found by name. */
#define _GNU_SOURCE
#include "netlink.h"
#include "probe.h"
#include <linux/genetlink.h>
#include <string.h>

static void see_id(const struct nlmsghdr *msg, void *data)
{
	const struct nlattr *id = nl_find(msg, GENL_HEADER, CTRL_ATTR_FAMILY_ID);

	if (id)
		*(int *)data = *(const uint16_t *)(id + 1);
}

void *genl_msg(struct nl *nl, int id, int command, int flags, int len)
{
	struct genlmsghdr *head = nl_msg(nl, id, flags, GENL_HDRLEN + len);

	head->cmd = command;
	head->version = 1;
	return head + 1;
}

int genl_open(struct nl *nl, const char *family)
{
	int id = -1, error;

	if (nl_open(nl, NETLINK_GENERIC))
		return -1;
	genl_msg(nl, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0, 0);
	nl_str(nl, CTRL_ATTR_FAMILY_NAME, family);
	error = nl_each(nl, see_id, &id);
	return error || id < 0 ?
		failed("generic netlink has no family %s: %s", family, strerror(-error)) :
		id;
}
