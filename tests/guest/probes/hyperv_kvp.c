// SPDX-License-Identifier: GPL-2.0
/*
 * Key-value pairs: the kernel passes queries of the host to a daemon, through
 * /dev/vmbus/hv_kvp. Here a child process is the daemon.
 */
#define _GNU_SOURCE
#include "hyperv.h"
#include <fcntl.h>
#include <linux/hyperv.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define INDEX 5 /* of OSName */
#define NAME  "OSName"
#define VALUE "a kernel of our own"

static void reply(struct hv_kvp_msg *msg)
{
	struct hv_kvp_exchg_msg_value *data = &msg->body.kvp_enum_data.data;
	int known = msg->kvp_hdr.operation == KVP_OP_ENUMERATE &&
		msg->body.kvp_enum_data.index == INDEX;

	/* error shares its bytes with the operation */
	msg->error = known ? HV_S_OK : HV_S_CONT;
	if (!known)
		return;
	strcpy((char *)data->key, NAME);
	strcpy((char *)data->value, VALUE);
	data->key_size = sizeof(NAME);
	data->value_size = sizeof(VALUE);
	data->value_type = REG_SZ;
}

static void serve(int fd)
{
	static struct hv_kvp_msg msg = { .kvp_hdr.operation = KVP_OP_REGISTER1 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (write(fd, &msg, sizeof(msg)) != sizeof(msg) || read(fd, &msg, sizeof(msg)) <= 0)
		_exit(1);
	while (read(fd, &msg, sizeof(msg)) > 0) {
		reply(&msg);
		if (write(fd, &msg, sizeof(msg)) != sizeof(msg))
			break;
	}
	_exit(1);
}

static int asked(void)
{
	char answer[128], want[128];

	for (int i = 0; i < 100 && host_number("pair") == 0; i++)
		usleep(100000);
	if (host_ask(answer, sizeof(answer), "pair %d", INDEX))
		return FAIL;
	snprintf(want, sizeof(want), "0 %s=%s", NAME, VALUE);
	if (strcmp(answer, want))
		return failed("the host received \"%s\", expected \"%s\"", answer, want);
	if (host_ask(answer, sizeof(answer), "pair %d", INDEX + 1))
		return FAIL;
	snprintf(want, sizeof(want), "%x =", HV_S_CONT);
	return strcmp(answer, want) ?
		failed("past the end of the list: the host received \"%s\"", answer) :
		PASS;
}

int hyperv_pairs(const char *arg)
{
	int fd = open("/dev/vmbus/hv_kvp", O_RDWR | O_CLOEXEC), rc;
	pid_t pid;

	(void)arg;
	if (fd < 0)
		return failed("open %s", "/dev/vmbus/hv_kvp");
	pid = fork();
	if (pid == 0)
		serve(fd);
	rc = pid < 0 ? FAIL : asked();
	if (pid > 0)
		kill(pid, SIGKILL);
	close(fd);
	return rc;
}
