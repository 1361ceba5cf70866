// SPDX-License-Identifier: GPL-2.0
/* What WSL's init does for the initial config, up to the first distribution. */
#define _GNU_SOURCE
#include "netlink.h"
#include "start.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/inet_diag.h>
#include <linux/random.h>
#include <linux/seccomp.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PORT	  7015
#define PORTS	  "/proc/sys/net/ipv4/ip_local_port_range"
#define LISTEN_MS 10000

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1ul << 5)
#endif
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

static uint8_t initial[4096];
static size_t initial_len;

static int hear_initial(const char *arg)
{
	(void)arg;
	if (start_hear(initial, sizeof(initial), MSG_INITIAL, INITIAL_SIZE))
		return FAIL;
	initial_len = get32(initial + 4);
	return PASS;
}

/* ---- ports of a distribution, which Windows forwards or mirrors */

static int bound(int type)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)) || (type == SOCK_STREAM && listen(fd, 1)))
		return failed("port %d: %s", PORT, strerror(errno));
	return fd;
}

static void see_socket(const struct nlmsghdr *msg, void *data)
{
	const struct inet_diag_msg *m = NLMSG_DATA(msg);

	if (ntohs(m->id.idiag_sport) == PORT)
		*(int *)data = 1;
}

/* ARG is "tcp" or "udp". */
static int listed(const char *arg)
{
	int tcp = !strcmp(arg, "tcp"), found = 0, error;
	struct inet_diag_req_v2 *req;
	struct nl nl;

	if (bound(tcp ? SOCK_STREAM : SOCK_DGRAM) < 0 || nl_open(&nl, NETLINK_SOCK_DIAG))
		return FAIL;
	req = nl_msg(&nl, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sizeof(*req));
	req->sdiag_family = AF_INET;
	req->sdiag_protocol = tcp ? IPPROTO_TCP : IPPROTO_UDP;
	req->idiag_states = tcp ? 1 << 10 : ~0u; /* TCP_LISTEN */
	error = nl_each(&nl, see_socket, &found);
	nl_close(&nl);
	if (error)
		return failed("SOCK_DIAG_BY_FAMILY of %s: %s", arg, strerror(-error));
	return found ? PASS : failed("%s port %d is not in the list", arg, PORT);
}

/* The filter of this process, and of what it starts; its listener, or -1 after diag(). */
static int hook_bind(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bind, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_listen, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	int fd;

	/* the flag is tried first, as WSL does; it came with 5.19 */
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		     flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
	if (fd < 0)
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	return fd < 0 ? failed("a listener of seccomp: %s", strerror(errno)) : fd;
}

/* Let one system call go on; its number, or -1 after diag(). */
static int let_go(int listener)
{
	struct pollfd in = { .fd = listener, .events = POLLIN };
	struct seccomp_notif_resp answer = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
	struct seccomp_notif call = { 0 };

	if (poll(&in, 1, LISTEN_MS) != 1)
		return failed("no system call was reported within %d s", LISTEN_MS / 1000);
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call))
		return failed("SECCOMP_IOCTL_NOTIF_RECV: %s", strerror(errno));
	answer.id = call.id;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer))
		return failed("SECCOMP_IOCTL_NOTIF_SEND: %s", strerror(errno));
	return call.data.nr;
}

static int listener(const char *arg)
{
	int fd, first, second;
	pid_t pid;

	(void)arg;
	if (link_up("lo"))
		return FAIL;
	fd = hook_bind();
	if (fd < 0)
		return FAIL;
	pid = fork();
	if (pid == 0)
		_exit(bound(SOCK_STREAM) < 0);
	first = let_go(fd);
	second = first < 0 ? -1 : let_go(fd);
	if (second < 0) {
		kill(pid, SIGKILL);
		return FAIL;
	}
	if (first != SYS_bind || second != SYS_listen)
		return failed("calls %d and %d were reported, not %d and %d", first, second,
			      (int)SYS_bind, (int)SYS_listen);
	return exit_of(pid) ? failed("the port was not bound") : PASS;
}

/* A process with a TCP socket bound to PORT; tell its descriptor through OUT. */
static pid_t with_socket(int out)
{
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	fd = bound(SOCK_STREAM);
	if (write(out, &fd, sizeof(fd)) == sizeof(fd))
		pause();
	_exit(1);
}

/* What the port tracker asks about a process that binds port 0. */
static int look_into(pid_t pid, int fd)
{
	struct sockaddr_in at = { 0 };
	socklen_t len = sizeof(at);
	char path[64], name[32] = "";
	int pidfd, copy, mem;
	long word;

	pidfd = syscall(SYS_pidfd_open, pid, PIDFD_THREAD);
	if (pidfd < 0)
		pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return failed("pidfd_open: %s", strerror(errno));
	copy = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (copy < 0)
		return failed("pidfd_getfd: %s", strerror(errno));
	if (getsockname(copy, (void *)&at, &len) || ntohs(at.sin_port) != PORT)
		return failed("its port is %u, not %d", ntohs(at.sin_port), PORT);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	if (getxattr(path, "system.sockprotoname", name, sizeof(name) - 1) < 0 ||
	    strcmp(name, "TCP"))
		return failed("system.sockprotoname of %s: \"%s\", %s", path, name,
			      strerror(errno));
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	/* a fork: what is at an address here is there as well */
	if (mem < 0 || pread(mem, &word, sizeof(word), (off_t)(size_t)&initial) != sizeof(word))
		return failed("%s: %s", path, strerror(errno));
	return PASS;
}

static int inspect(const char *arg)
{
	int pipe_fds[2], fd = -1, rc;
	pid_t pid;

	(void)arg;
	if (link_up("lo") || pipe(pipe_fds))
		return FAIL;
	pid = with_socket(pipe_fds[1]);
	close(pipe_fds[1]);
	if (read(pipe_fds[0], &fd, sizeof(fd)) != sizeof(fd) || fd < 0)
		return failed("the process has no socket");
	rc = look_into(pid, fd);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return rc;
}

static int port_range(const char *arg)
{
	(void)arg;
	return write_file(PORTS, "49152 60999") ? FAIL : expect_text(PORTS, "49152\t60999\n");
}

static int entropy(const char *arg)
{
	uint32_t size = initial_len ? get32(initial + INITIAL_ENTROPY_SIZE) : 0;
	uint32_t at = initial_len ? get32(initial + INITIAL_ENTROPY) : 0;
	struct rand_pool_info *pool;
	int fd, rc = PASS;

	(void)arg;
	if (!size || at > initial_len || size > initial_len - at)
		return failed("the initial config has no entropy");
	pool = calloc(1, sizeof(*pool) + size);
	fd = open("/dev/random", O_RDWR | O_CLOEXEC);
	if (!pool || fd < 0)
		return failed("/dev/random: %s", strerror(errno));
	pool->entropy_count = size * 8;
	pool->buf_size = size;
	memcpy(pool->buf, initial + at, size);
	if (ioctl(fd, RNDADDENTROPY, pool))
		rc = failed("RNDADDENTROPY: %s", strerror(errno));
	free(pool);
	close(fd);
	return rc;
}

static int gpu_shares(const char *arg)
{
	(void)arg;
	return skip(
		"wslhost serves no 9p shares; that the transport is there, make smoke looks at");
}

/* A child as a distribution's init has it; its end comes to the service by way of a signalfd. */
static int distribution(const char *arg)
{
	uint8_t m[RESULT_SIZE] = { 0 };
	struct pollfd in = { .events = POLLIN };
	sigset_t chld;
	pid_t pid;

	(void)arg;
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	in.fd = signalfd(-1, &chld, SFD_CLOEXEC);
	pid = syscall(SYS_clone, CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | SIGCHLD,
		      NULL, NULL, NULL, NULL);
	if (pid == 0)
		_exit(getpid() != 1 || sethostname("distro", 6));
	if (pid < 0)
		return failed("clone: %s", strerror(errno));
	if (poll(&in, 1, LISTEN_MS) != 1)
		return failed("its end is no signal within %d s", LISTEN_MS / 1000);
	close(in.fd);
	if (exit_of(pid))
		return failed("it is not process 1 of its own, or has no name");
	put_header(m, MSG_CHILD_EXIT, sizeof(m), 1, STEP_NONE);
	put32(m + HEADER, pid);
	return start_tell(start_notices, m, sizeof(m)) ? FAIL : PASS;
}

/* EjectVhd of a LUN that is not there: -1, and it shows that all before it is done. */
static int answer(const char *arg)
{
	uint8_t question[64], m[RESULT_SIZE] = { 0 };
	char path[80];

	(void)arg;
	if (start_hear(question, sizeof(question), MSG_EJECT, RESULT_SIZE))
		return FAIL;
	snprintf(path, sizeof(path), "/sys/bus/scsi/devices/0:0:0:%u/delete",
		 get32(question + HEADER));
	put_header(m, MSG_RESULT_INT, sizeof(m), get32(question + 8), STEP_ANSWER);
	put32(m + RESULT, access(path, F_OK) ? -1 : 0);
	return start_tell(start_first, m, sizeof(m)) ? FAIL : PASS;
}

const struct step start_late_steps[] = {
	{ { "the initial config arrives", hear_initial, NULL }, 0, DEAD "init ends without it" },
	{ { "the list of TCP listeners, by sock_diag", listed, "tcp" },
	  0,
	  STARTS "localhost of Windows does not reach a distribution" },
	{ { "the list of UDP sockets, by sock_diag", listed, "udp" },
	  0,
	  STARTS "UDP ports are not mirrored" },
	{ { "seccomp reports bind and listen, and lets them go on", listener, NULL, 5, 5 },
	  1,
	  STARTS "networkingMode=mirrored and consomme do not see a port" },
	{ { "a socket of another process, by pidfd, and its memory", inspect, NULL, 5, 6 },
	  1,
	  STARTS "a port that the kernel chose is not mirrored" },
	{ { "ip_local_port_range", port_range, NULL },
	  0,
	  DEAD "init ends when it cannot set the range of mirrored networking" },
	{ { "RNDADDENTROPY", entropy, NULL }, 0, STARTS "it has less entropy" },
	{ { "9p shares of the GPU", gpu_shares, NULL },
	  0,
	  DEAD "init ends when it cannot mount one (gpuSupport, on by default)" },
	{ { "the namespaces of a distribution, whose end is noticed", distribution, NULL },
	  0,
	  DEAD "no distribution starts" },
	{ { "a request of the service is answered", answer, NULL },
	  0,
	  DEAD "the service waits for the answer" },
	{ { NULL, NULL, NULL }, 0, NULL },
};
