// SPDX-License-Identifier: GPL-2.0
/*
 * What any distribution expects of a kernel, whichever features are left out: system
 * calls of config/wsl2_defconfig that programs use if the kernel has them.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/kcmp.h>
#include <linux/userfaultfd.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096

static int memfd(const char *arg)
{
	int fd = memfd_create("probe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char text[8] = "";

	(void)arg;
	if (fd < 0 || write(fd, "text", 4) != 4)
		return failed("memfd_create: %s", strerror(errno));
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE))
		return failed("F_SEAL_WRITE: %s", strerror(errno));
	if (pwrite(fd, "more", 4, 0) >= 0 || errno != EPERM)
		return failed("a sealed memory file can be written");
	return pread(fd, text, 4, 0) == 4 && !strcmp(text, "text") ?
		PASS :
		failed("expected text, got \"%s\"", text);
}

static int inotify(const char *arg)
{
	char buf[512] __attribute__((aligned(8)));
	struct inotify_event *event = (void *)buf;
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	(void)arg;
	if (fd < 0 || inotify_add_watch(fd, ".", IN_CREATE) < 0)
		return failed("inotify: %s", strerror(errno));
	if (read(fd, buf, sizeof(buf)) >= 0)
		return failed("an event before any change");
	if (write_file("new", "text\n") || read(fd, buf, sizeof(buf)) <= 0)
		return failed("no event: %s", strerror(errno));
	return event->mask == IN_CREATE && !strcmp(event->name, "new") ?
		PASS :
		failed("expected IN_CREATE of new, got %x of \"%s\"", event->mask, event->name);
}

static int fanotify(const char *arg)
{
	struct fanotify_event_metadata event = { 0 };
	int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY);

	(void)arg;
	if (fd < 0 || write_file("file", "text\n") ||
	    fanotify_mark(fd, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, "."))
		return failed("fanotify: %s", strerror(errno));
	if (expect_text("file", "text\n") || read(fd, &event, sizeof(event)) <= 0)
		return failed("no event: %s", strerror(errno));
	return event.mask == FAN_OPEN && event.pid == getpid() ?
		PASS :
		failed("expected our opening, got %llx by %d", event.mask, event.pid);
}

/* Wait for a fault on a missing page, and fill it. */
static void *fill(void *uffd)
{
	struct uffdio_copy copy = { .len = PAGE };
	static char page[PAGE] = "filled";
	struct uffd_msg msg;

	if (read(*(int *)uffd, &msg, sizeof(msg)) == sizeof(msg) &&
	    msg.event == UFFD_EVENT_PAGEFAULT) {
		copy.src = (unsigned long)page;
		copy.dst = msg.arg.pagefault.address & -PAGE;
		ioctl(*(int *)uffd, UFFDIO_COPY, &copy);
	}
	return NULL;
}

static int userfault(const char *arg)
{
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	pthread_t thread;

	(void)arg;
	range.range.start = (unsigned long)page;
	range.range.len = PAGE;
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range))
		return failed("userfaultfd: %s", strerror(errno));
	if (pthread_create(&thread, NULL, fill, &fd))
		return failed("no thread");
	return strcmp(page, "filled") ? failed("expected filled, got \"%.8s\"", page) : PASS;
}

/* Where the kernel put a field of a ring. */
#define AT(ring, offset) ((unsigned int *)((char *)(ring) + (offset)))

/* One request of one ring: read a file's text. */
static int io_uring(const char *arg)
{
	struct io_uring_params p = { 0 };
	int ring = syscall(SYS_io_uring_setup, 1, &p), file = memfd_create("probe", MFD_CLOEXEC);
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	char text[8] = "", *sq, *cq;
	struct iovec into = { text, 4 };

	(void)arg;
	if (ring < 0 || write(file, "text", 4) != 4)
		return failed("io_uring_setup: %s", strerror(errno));
	sq = mmap(NULL, p.sq_off.array + 4, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		  IORING_OFF_SQ_RING);
	cq = mmap(NULL, p.cq_off.cqes + sizeof(*cqe), PROT_READ, MAP_SHARED, ring,
		  IORING_OFF_CQ_RING);
	sqe = mmap(NULL, sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || sqe == MAP_FAILED)
		return failed("mmap of the ring: %s", strerror(errno));
	sqe->opcode = IORING_OP_READV;
	sqe->fd = file;
	sqe->addr = (unsigned long)&into;
	sqe->len = 1;
	sqe->user_data = 4711;
	*AT(sq, p.sq_off.array) = 0;
	__atomic_store_n(AT(sq, p.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return failed("io_uring_enter: %s", strerror(errno));
	cqe = (void *)(cq + p.cq_off.cqes);
	if (__atomic_load_n(AT(cq, p.cq_off.tail), __ATOMIC_ACQUIRE) != 1 || cqe->user_data != 4711)
		return failed("the request was not completed");
	return cqe->res == 4 && !strcmp(text, "text") ?
		PASS :
		failed("expected text, got \"%s\", %d", text, cqe->res);
}

static int message_queue(const char *arg)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 8 };
	mqd_t queue = mq_open("/probe", O_RDWR | O_CREAT, 0600, &attr);
	char text[8] = "";

	(void)arg;
	if (queue < 0 || mq_send(queue, "text", 4, 0) || mq_receive(queue, text, 8, NULL) != 4)
		return failed("a POSIX message queue: %s", strerror(errno));
	mq_unlink("/probe");
	return strcmp(text, "text") ? failed("expected text, got \"%s\"", text) : PASS;
}

static int shared_memory(const char *arg)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600), rc = PASS;
	char *one = shmat(id, NULL, 0), *two = shmat(id, NULL, 0);

	(void)arg;
	if (id < 0 || one == (void *)-1 || two == (void *)-1)
		return failed("System V shared memory: %s", strerror(errno));
	strcpy(one, "text");
	if (strcmp(two, "text"))
		rc = failed("expected text, got \"%.8s\"", two);
	shmctl(id, IPC_RMID, NULL);
	return rc;
}

/* Debuggers, and CRIU: a child's memory, and which of its files are ours. */
static int other_process(const char *arg)
{
	char secret[8] = "parent", got[8] = "";
	struct iovec local = { got, 8 }, remote = { secret, 8 };
	int fds[2], rc = PASS;
	pid_t pid;

	(void)arg;
	if (pipe2(fds, O_CLOEXEC))
		return failed("pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		strcpy(secret, "child");
		if (write(fds[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	if (read(fds[0], got, 1) != 1 || process_vm_readv(pid, &local, 1, &remote, 1, 0) != 8)
		rc = failed("process_vm_readv: %s", strerror(errno));
	else if (strcmp(got, "child"))
		rc = failed("expected child, got \"%s\"", got);
	else if (syscall(SYS_kcmp, getpid(), pid, KCMP_FILE, fds[0], fds[0]))
		rc = failed("kcmp: a file differs in a child: %s", strerror(errno));
	kill(pid, SIGKILL);
	return rc;
}

const struct probe syscalls_probes[] = {
	{ "a sealed memory file keeps its contents", memfd, NULL },
	{ "inotify reports a new file", inotify, NULL },
	{ "fanotify reports who opens a file", fanotify, NULL },
	{ "userfaultfd lets a program fill a page", userfault, NULL },
	{ "io_uring reads a file", io_uring, NULL, 5, 1 },
	{ "a POSIX message queue passes a message", message_queue, NULL },
	{ "System V shared memory is shared", shared_memory, NULL },
	{ "a process reads the memory of another one and compares files", other_process, NULL },
	{ NULL, NULL, NULL },
};
