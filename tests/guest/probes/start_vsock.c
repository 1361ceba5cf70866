// SPDX-License-Identifier: GPL-2.0
/* A call to WSL's service as its init makes it. A test has another one in its place. */
#define _GNU_SOURCE
#include "start.h"
#include <errno.h>
#include <linux/vm_sockets.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define CONNECT_SECONDS 30

int start_call(int port)
{
	struct sockaddr_vm at = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_HOST,
		.svm_port = port,
	};
	struct timeval limit = { .tv_sec = CONNECT_SECONDS };
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return failed("socket(AF_VSOCK): %s", strerror(errno));
	if (setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &limit, sizeof(limit)))
		diag("SO_VM_SOCKETS_CONNECT_TIMEOUT: %s", strerror(errno));
	else if (connect(fd, (void *)&at, sizeof(at)))
		diag("connect to port %d of the host: %s", port, strerror(errno));
	else
		return fd;
	close(fd);
	return -1;
}
