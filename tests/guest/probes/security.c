// SPDX-License-Identifier: GPL-2.0
/*
 * Security modules: AppArmor and SELinux are in the kernel and inactive unless its command
 * line chooses one, programs in BPF can decide, and audit can be asked.
 */
#define _GNU_SOURCE
#include "bpf.h"
#include "netlink.h"
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const chosen[] = { "apparmor", "selinux" };

/* The value of OPTION on the kernel command line, or NULL; the last one counts. */
static char *boot_option(const char *option)
{
	static char text[4096];
	char *word, *rest = text, *value = NULL;

	if (read_file("/proc/cmdline", text, sizeof(text)) < 0)
		return NULL;
	while ((word = strsep(&rest, " \n")))
		if (!strncmp(word, option, strlen(option)))
			value = word + strlen(option);
	return value;
}

/* Does the command line choose NAME? lsm= has a list, security= a single one. */
static int choice(const char *name)
{
	char *list = boot_option("lsm="), *one;

	if (list)
		return has_word(list, name);
	one = boot_option("security=");
	return one && !strcmp(one, name);
}

/* The list of active modules. */
static int modules(char *text, size_t size)
{
	if (mount_on("securityfs", "sec", "securityfs", 0, NULL) ||
	    read_file("sec/lsm", text, size) < 0)
		return -1;
	diag("active: %s", text);
	return 0;
}

static int active(const char *arg)
{
	char text[512];
	int rc = PASS;

	(void)arg;
	if (modules(text, sizeof(text)))
		return FAIL;
	for (size_t i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++)
		if (has_word(text, chosen[i]) != choice(chosen[i]))
			rc = failed("%s is %sactive, the command line says otherwise", chosen[i],
				    has_word(text, chosen[i]) ? "" : "not ");
	return rc;
}

/* A function of the module is in the kernel, whether or not it is active. */
static int built_in(const char *function)
{
	return symbol_known(function) ? PASS : failed("the kernel has no %s", function);
}

/* A program in BPF denies what it is told to. Where lsm= leaves bpf out, it only loads. */
static int guard(const char *hook)
{
	char text[512];
	int program, fd, error;

	if (modules(text, sizeof(text)))
		return FAIL;
	program = bpf_deny(hook);
	if (program < 0)
		return FAIL;
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	error = errno;
	close(program);
	if (!has_word(text, "bpf")) {
		/* it is in the list of the configuration */
		if (!boot_option("lsm="))
			return failed("bpf is not active");
		return skip("lsm= of the command line leaves bpf out");
	}
	if (fd >= 0 || error != EPERM)
		return failed("open: expected EPERM, got %s", fd < 0 ? strerror(error) : "a file");
	return PASS;
}

/* The answer comes from a thread of the kernel, after an acknowledgement. */
static int audit(const char *arg)
{
	char buf[1024] __attribute__((aligned(8)));
	const struct audit_status *status;
	const struct nlmsghdr *msg = (void *)buf;
	struct nl nl;
	ssize_t n;

	(void)arg;
	if (nl_open(&nl, NETLINK_AUDIT))
		return FAIL;
	nl_msg(&nl, AUDIT_GET, 0, 0);
	if (send(nl.fd, nl.buf, nl.len, 0) < 0)
		return failed("send AUDIT_GET: %s", strerror(errno));
	n = recv(nl.fd, buf, sizeof(buf), 0);
	if (n < (ssize_t)NLMSG_LENGTH(offsetof(struct audit_status, backlog)))
		return failed("AUDIT_GET: an answer of %zd bytes: %s", n, strerror(errno));
	if (msg->nlmsg_type != AUDIT_GET)
		return failed("AUDIT_GET: an answer of type %u", msg->nlmsg_type);
	status = NLMSG_DATA(msg);
	diag("enabled %u, backlog limit %u", status->enabled, status->backlog_limit);
	return status->backlog_limit ? PASS : failed("audit does not tell its state");
}

const struct probe security_probes[] = {
	{ "the command line chooses the active modules", active, NULL },
	{ "AppArmor is in the kernel", exists, "/sys/module/apparmor/parameters/enabled" },
	{ "SELinux is in the kernel", built_in, "avc_has_perm" },
	{ "a program in BPF can deny to open a file", guard, "bpf_lsm_file_open", 5, 7 },
	{ "audit tells its state", audit, NULL },
	{ NULL, NULL, NULL },
};
