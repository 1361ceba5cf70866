// SPDX-License-Identifier: GPL-2.0
/*
 * The rows that ask a kernel for names, on one that is a list of errors:
 *   names qdiscs|classifiers|actions|nft NAMES [NAME=ERROR...]
 * The answer to a message with the string NAME is -ERROR, to any other that of *=ERROR, or 0.
 */
#define _GNU_SOURCE
#include "machine.h"
#include "netlink.h"
#include "nft.h"
#include "tc.h"
#include <stdlib.h>
#include <string.h>

static char **errors;
static int handle; /* of a discipline at ingress */

int __wrap_nl_open(struct nl *nl, int protocol);
int __wrap_nl_talk(struct nl *nl);
int __wrap_nl_talk_until(struct nl *nl, int seq);
int __wrap_link_index(const char *name);

int __wrap_nl_open(struct nl *nl, int protocol)
{
	(void)protocol;
	memset(nl, 0, sizeof(*nl));
	nl->fd = -1;
	return 0;
}

/* Strings of a message begin at a multiple of four. */
static int has(const struct nl *nl, const char *name)
{
	size_t len = strlen(name) + 1;

	for (int at = 0; at + (int)len <= nl->len; at += 4)
		if (!memcmp(nl->buf + at, name, len))
			return 1;
	return 0;
}

static int answer(const struct nl *nl)
{
	int other = 0;

	for (int i = 0; errors[i]; i++) {
		char *name = strdup(errors[i]), *number = strchr(name, '=');

		*number++ = '\0';
		if (!strcmp(name, "*"))
			other = -atoi(number);
		else if (has(nl, name))
			return -atoi(number);
	}
	return other;
}

int __wrap_nl_talk(struct nl *nl)
{
	int ingress = has(nl, "ingress"), clsact = has(nl, "clsact"), error = answer(nl);

	/* the two have one place, and another one there is an invalid change */
	if (nl->msg->nlmsg_type == RTM_DELQDISC)
		handle = 0;
	else if ((ingress || clsact) && handle && handle != 1 + clsact)
		error = -22;
	else if (!error && (ingress || clsact))
		handle = 1 + clsact;
	return error;
}

int __wrap_nl_talk_until(struct nl *nl, int seq)
{
	(void)seq;
	return answer(nl);
}

int __wrap_link_index(const char *name)
{
	(void)name;
	return 1;
}

int has_word(const char *text, const char *word)
{
	const char *at = strstr(text, word);

	return at && (at == text || at[-1] == ' ') && strchr(" ", at[strlen(word)]);
}

int udp_socket(int port)
{
	return port ? -1 : 0;
}

int udp_send(const char *to, int port, const char *text)
{
	return to && port && text ? -1 : 0;
}

int udp_arrives(int fd, const char *text)
{
	return fd && text ? 0 : 1;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const char *names);
	} kinds[] = {
		{ "qdiscs", qdiscs },
		{ "classifiers", classifiers },
		{ "actions", actions },
		{ "nft", nft_expressions },
	};

	if (argc < 3)
		return 2;
	errors = argv + 3;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(argv[1], kinds[i].name))
			row(argv[1], kinds[i].run(argv[2]));
	return 0;
}
