// SPDX-License-Identifier: GPL-2.0
/*
 * The sandbox. Each row is a process that enters it and makes a call. Built without the
 * sanitizers, which make calls of their own. The files are in argv[1].
 */
#define _GNU_SOURCE
#include "../broker.h"
#include "../sandbox.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOT_ENTERED 200
#define REFUSED	    1 /* status of a process that the filter has ended */
#define X32	    0x40000000
#define ANONYMOUS   (MAP_PRIVATE | MAP_ANONYMOUS)

static const struct sandbox all = { .folder = "share", .dir = "dir", .sockets = 1 }, nothing;
static const struct open_how for_writing = { .flags = O_WRONLY };
static char said[4096];

/* ACT in a process of its own, whose log is then in `said`: its exit status, or 128 + a signal. */
static int run(int (*act)(const void *arg), const void *arg)
{
	int fd[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t child;

	fflush(stdout);
	if (pipe(fd))
		exit(1);
	child = fork();
	if (!child) {
		alarm(20);
		dup2(fd[1], 2);
		_exit(act(arg));
	}
	close(fd[1]);
	while (len < sizeof(said) - 1 && (n = read(fd[0], said + len, sizeof(said) - 1 - len)) > 0)
		len += n;
	said[len] = '\0';
	close(fd[0]);
	if (child < 0 || waitpid(child, &status, 0) != child)
		exit(1);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

struct call {
	const char *name;
	long number;
	long arg[6];
	int error; /* of the call; 0: it succeeds, REFUSED: it ends the process */
};

static int call(const struct call *c)
{
	const long *arg = c->arg;

	return syscall(c->number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]) < 0 ? errno : 0;
}

static int call_with_all(const void *arg)
{
	return sandbox_enter(&all) ? call(arg) : NOT_ENTERED;
}

static int call_with_nothing(const void *arg)
{
	return sandbox_enter(&nothing) ? call(arg) : NOT_ENTERED;
}

static void refuses(int (*act)(const void *), const struct call *c, const char *name)
{
	char wanted[64];
	int status = run(act, c);

	snprintf(wanted, sizeof(wanted), "hvhost: error: sandbox: system call %ld (", c->number);
	if (!ok(status == REFUSED && strstr(said, wanted), "%s", name))
		fprintf(stderr, "# %s: status %d, the log: %s\n", name, status, said);
}

static const struct call refused[] = {
	{ "execve", SYS_execve, { (long)"/bin/true" }, REFUSED },
	{ "execveat", SYS_execveat, { AT_FDCWD, (long)"/bin/true" }, REFUSED },
	{ "fork", SYS_fork, { 0 }, REFUSED },
	{ "clone of a process", SYS_clone, { SIGCHLD }, REFUSED },
	{ "a namespace", SYS_unshare, { CLONE_NEWUSER }, REFUSED },
	{ "code in new memory", SYS_mmap, { 0, 4096, PROT_READ | PROT_EXEC, ANONYMOUS, -1 }, 1 },
	{ "code in memory that is there", SYS_mprotect, { 0, 4096, PROT_EXEC }, REFUSED },
	{ "socket of AF_INET", SYS_socket, { AF_INET, SOCK_STREAM }, REFUSED },
	{ "socket of AF_NETLINK", SYS_socket, { AF_NETLINK, SOCK_RAW }, REFUSED },
	{ "unix socket, which is the broker's", SYS_socket, { AF_UNIX, SOCK_STREAM }, REFUSED },
	{ "connect", SYS_connect, { -1 }, REFUSED },
	{ "sendmsg, which passes descriptors", SYS_sendmsg, { -1 }, REFUSED },
	{ "ptrace", SYS_ptrace, { PTRACE_TRACEME }, REFUSED },
	{ "memory of another process", SYS_process_vm_writev, { 1 }, REFUSED },
	{ "kill", SYS_kill, { 1, 0 }, REFUSED },
	{ "a signal to another process", SYS_tgkill, { 1, 1, 0 }, REFUSED },
	{ "another handler of SIGSYS", SYS_rt_sigaction, { SIGSYS }, REFUSED },
	{ "mount", SYS_mount, { (long)"none", (long)"/", (long)"tmpfs" }, REFUSED },
	{ "a mode with set-user-ID", SYS_fchmod, { -1, 04755 }, REFUSED },
	{ "any mode by name", SYS_chmod, { (long)"share/file", 0644 }, REFUSED },
	{ "times by name", SYS_utimensat, { AT_FDCWD, (long)"share/file" }, REFUSED },
	{ "a size by name", SYS_truncate, { (long)"share/file", 1 }, REFUSED },
	{ "a link", SYS_linkat, { AT_FDCWD, (long)"share/file", AT_FDCWD, (long)"x" }, REFUSED },
	{ "open by another call", SYS_open, { (long)"share/file", O_RDONLY }, REFUSED },
	{ "io_uring, which opens files", SYS_io_uring_setup, { 1 }, REFUSED },
	{ "bpf", SYS_bpf, { 0 }, REFUSED },
	{ "a request of set-up, KVM_CREATE_VM", SYS_ioctl, { -1, KVM_CREATE_VM }, REFUSED },
	{ "a request that types, TIOCSTI", SYS_ioctl, { -1, TIOCSTI }, REFUSED },
};

/* a machine that shares no folder, has no tests and no streams */
static const struct call needless[] = {
	{ "without files: openat", SYS_openat, { AT_FDCWD, (long)"share/file" }, REFUSED },
	{ "openat2", SYS_openat2, { AT_FDCWD, (long)"share/file", 0, 0 }, REFUSED },
	{ "mkdirat", SYS_mkdirat, { AT_FDCWD, (long)"share/none", 0755 }, REFUSED },
	{ "without streams: accept4", SYS_accept4, { -1 }, REFUSED },
	{ "recvmsg", SYS_recvmsg, { -1 }, REFUSED },
};

static const struct call allowed[] = {
	{ "KVM_RUN reaches the kernel", SYS_ioctl, { -1, (long)KVM_RUN }, EBADF },
	{ "KVM_GET_CLOCK as well", SYS_ioctl, { -1, (long)KVM_GET_CLOCK }, EBADF },
	{ "a mode of an open file", SYS_fchmod, { -1, 0755 }, EBADF },
	{ "times of one", SYS_utimensat, { -1, 0 }, EBADF },
	{ "clone3 is not there", SYS_clone3, { 0 }, ENOSYS },
};

#define AT(path) AT_FDCWD, (long)(path)

/* one after the other, on files that stay */
static const struct call files[] = {
	{ "a file of the folder is written",
	  SYS_openat,
	  { AT("share/file"), O_RDWR | O_TRUNC },
	  0 },
	{ "one below it too", SYS_openat, { AT("share/sub/file"), O_WRONLY }, 0 },
	{ "made", SYS_openat, { AT("share/new"), O_RDWR | O_CREAT | O_EXCL, 0644 }, 0 },
	{ "moved to another folder", SYS_renameat2, { AT("share/new"), AT("share/sub/new") }, 0 },
	{ "removed", SYS_unlinkat, { AT("share/sub/new") }, 0 },
	{ "a folder is made", SYS_mkdirat, { AT("share/made"), 0755 }, 0 },
	{ "read", SYS_openat, { AT("share/made"), O_RDONLY | O_DIRECTORY }, 0 },
	{ "removed", SYS_unlinkat, { AT("share/made"), AT_REMOVEDIR }, 0 },
	{ "a LUN is made", SYS_openat, { AT("dir/lun-1"), O_RDWR | O_CREAT | O_TRUNC, 0644 }, 0 },
	{ "nothing else of its folder", SYS_unlinkat, { AT("dir/lun-1") }, EACCES },
	{ "a file outside is not written", SYS_openat, { AT("outside/file"), O_WRONLY }, EACCES },
	{ "nor by openat2", SYS_openat2, { AT("outside/file"), (long)&for_writing, 24 }, EACCES },
	{ "nor through ..", SYS_openat, { AT("share/../outside/file"), O_WRONLY }, EACCES },
	{ "nor a link", SYS_openat, { AT("share/link"), O_WRONLY }, EACCES },
	{ "nor read", SYS_openat, { AT("outside/file"), O_RDONLY }, EACCES },
	{ "nor made", SYS_openat, { AT("outside/new"), O_WRONLY | O_CREAT, 0644 }, EACCES },
	{ "nor removed", SYS_unlinkat, { AT("outside/file") }, EACCES },
	{ "nor moved in", SYS_renameat2, { AT("outside/file"), AT("share/in") }, EACCES },
	{ "nor a device opened", SYS_openat, { AT("/dev/null"), O_RDWR }, EACCES },
	{ "nor memory", SYS_openat, { AT("/proc/self/mem"), O_RDWR }, EACCES },
};

static void makes(const struct call *calls, size_t n, int (*act)(const void *))
{
	for (size_t i = 0; i < n; i++)
		if (calls[i].error == REFUSED)
			refuses(act, &calls[i], calls[i].name);
		else
			is(run(act, &calls[i]), calls[i].error, calls[i].name);
}

static void put_file(const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f || fputs("text", f) < 0 || fclose(f))
		exit(1);
}

static void make_files(const char *dir)
{
	if (chdir(dir) || mkdir("share", 0755) || mkdir("share/sub", 0755) ||
	    mkdir("outside", 0755) || mkdir("dir", 0755) ||
	    symlink("../outside/file", "share/link"))
		exit(1);
	put_file("share/file");
	put_file("share/sub/file");
	put_file("outside/file");
}

/* The number behind NAME in the status of this process, by its parent's eyes: it cannot look. */
static int status_of(pid_t pid, const char *name)
{
	char path[64], line[256];
	int n = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':')
			n = atoi(line + strlen(name) + 1);
	if (f)
		fclose(f);
	return n;
}

/* The state of the process in the sandbox, from outside. */
static void looks(void)
{
	int entered[2], end[2];
	char byte;
	pid_t child;

	if (pipe(entered) || pipe(end))
		exit(1);
	fflush(stdout);
	child = fork();
	if (!child) {
		if (!sandbox_enter(&all) || write(entered[1], "", 1) != 1 ||
		    read(end[0], &byte, 1) != 1)
			_exit(1);
		_exit(0);
	}
	close(entered[1]);
	is(read(entered[0], &byte, 1), 1, "sandbox: entered");
	is(status_of(child, "NoNewPrivs"), 1, "no_new_privs is set");
	is(status_of(child, "Seccomp"), SECCOMP_MODE_FILTER, "there is a filter");
	is(write(end[1], "", 1), 1, "it waits");
	waitpid(child, NULL, 0);
}

static int go; /* the sandbox is there */

static void *forbidden(void *arg)
{
	while (!__atomic_load_n(&go, __ATOMIC_SEQ_CST))
		sched_yield();
	syscall(SYS_getppid);
	return arg;
}

/* A thread that runs when the filter comes. */
static int thread_before(const void *arg)
{
	scmp_filter_ctx filter = sandbox_filter(&all);
	pthread_t thread;

	(void)arg;
	if (!filter || seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sched_yield), 0) ||
	    pthread_create(&thread, NULL, forbidden, NULL) || sandbox_load(filter))
		return NOT_ENTERED;
	__atomic_store_n(&go, 1, __ATOMIC_SEQ_CST);
	return pthread_join(thread, NULL);
}

static int thread_after(const void *arg)
{
	pthread_t thread;

	(void)arg;
	go = 1;
	if (!sandbox_enter(&all) || pthread_create(&thread, NULL, forbidden, NULL))
		return NOT_ENTERED;
	return pthread_join(thread, NULL);
}

/* Landlock would not bind it. */
static int thread_too_early(const void *arg)
{
	pthread_t thread;

	(void)arg;
	if (pthread_create(&thread, NULL, forbidden, NULL))
		return NOT_ENTERED;
	return sandbox_enter(&all) ? NOT_ENTERED : 0;
}

static volatile int kicked;

static void on_kick(int sig)
{
	kicked = sig;
}

/* What a thread needs: memory, a stack, waiting, a signal. */
static void *works(void *arg)
{
	char *volatile bytes = malloc(1 << 20), *volatile few = malloc(100);

	if (bytes && few)
		memset(bytes, 1, 1 << 20);
	while (!kicked)
		usleep(1000);
	free(few);
	free(bytes);
	return bytes && few ? NULL : arg;
}

static int thread_works(const void *arg)
{
	struct sigaction sa = { .sa_handler = on_kick };
	pthread_t thread;
	void *failed;

	sigaction(SIGUSR1, &sa, NULL);
	if (!sandbox_enter(&nothing) || pthread_create(&thread, NULL, works, (void *)arg))
		return NOT_ENTERED;
	return pthread_kill(thread, SIGUSR1) || pthread_join(thread, &failed) || failed;
}

/* As the CMOS clock does. glibc opens a file for it, if nobody has before. */
static int tells_time(const void *arg)
{
	time_t now;
	struct tm tm;

	(void)arg;
	unsetenv("TZ");
	if (!sandbox_enter(&nothing))
		return NOT_ENTERED;
	now = time(NULL);
	return !gmtime_r(&now, &tm) || tm.tm_year < 100;
}

struct kernel {
	int without, error; /* a call that fails */
	const struct call *then;
};

/* The sandbox on another kernel. */
static int on_kernel(const void *arg)
{
	const struct kernel *kernel = arg;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(kernel->error), kernel->without, 0) ||
	    seccomp_load(filter))
		return NOT_ENTERED;
	return sandbox_enter(&all) ? call(kernel->then) : NOT_ENTERED + 1;
}

static void on_kernels(int has_landlock)
{
	static const struct call write_outside = { .number = SYS_openat,
						   .arg = { AT("outside/file"), O_WRONLY } };
	struct kernel kernel = { SCMP_SYS(seccomp), ENOSYS, &write_outside };

	is(run(on_kernel, &kernel), has_landlock ? EACCES : 0, "a kernel without seccomp");
	ok(strstr(said, "hvhost: sandbox: this kernel has no seccomp") != NULL, "a line says so");
	kernel.error = EPERM;
	is(run(on_kernel, &kernel), NOT_ENTERED + 1, "one that refuses it ends hvhost");
	ok(strstr(said, "error: sandbox: seccomp: Operation not permitted") != NULL,
	   "with a reason");
	kernel = (struct kernel){ SCMP_SYS(landlock_create_ruleset), ENOSYS, &refused[0] };
	is(run(on_kernel, &kernel), REFUSED, "without Landlock there is the filter");
	ok(strstr(said, "hvhost: sandbox: this kernel has no Landlock") != NULL, "a line says so");
	kernel.error = EPERM;
	is(run(on_kernel, &kernel), NOT_ENTERED + 1, "one that refuses it ends hvhost");
	ok(strstr(said, "error: sandbox: Landlock: Operation not permitted") != NULL,
	   "with a reason");
}

/* A stream that is connected from inside. */
static int connects(const void *arg)
{
	static const char *const paths[] = { "socket" };
	int fd;

	(void)arg;
	if (broker_start(paths, 1) || !sandbox_enter(&all))
		return NOT_ENTERED;
	fd = broker_connect("socket", SOCK_NONBLOCK);
	return fd < 0 ? errno : send(fd, "", 1, MSG_NOSIGNAL) != 1;
}

static void streams(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = "socket" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), stream;
	char byte = 'x';

	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 1))
		exit(1);
	is(run(connects, NULL), 0, "the broker connects");
	stream = accept(fd, NULL, NULL);
	ok(read(stream, &byte, 1) == 1 && !byte, "and bytes arrive");
	close(stream);
	close(fd);
}

/* Open a file through a descriptor, as fuse.c does. */
static int opens(const void *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (fd < 0 || !sandbox_enter(&all))
		return NOT_ENTERED;
	return open(name, O_RDWR) < 0 ? errno : 0;
}

static int no_folder(const void *arg)
{
	(void)arg;
	return sandbox_enter(&(struct sandbox){ .folder = "none" }) ? NOT_ENTERED : 0;
}

int main(int argc, char **argv)
{
	static const struct call other_abi = { .number = X32 + SYS_getpid },
				 parent = { .number = SYS_getppid };
	int has_landlock =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;

	if (argc != 2)
		return 2;
	make_files(argv[1]);
	looks();
	makes(refused, ARRAY_SIZE(refused), call_with_all);
	makes(needless, ARRAY_SIZE(needless), call_with_nothing);
	makes(allowed, ARRAY_SIZE(allowed), call_with_all);
	is(run(call_with_all, &other_abi), 128 + SIGSYS, "a call of the x32 ABI");
	refuses(thread_before, &parent, "a thread that runs already is bound");
	refuses(thread_after, &parent, "and one that is started in it");
	is(run(thread_works, NULL), 0, "which has memory, waits and is kicked");
	is(run(tells_time, NULL), 0, "the time needs no file");
	streams();
	on_kernels(has_landlock);
	if (has_landlock) {
		makes(files, ARRAY_SIZE(files), call_with_all);
		is(run(opens, "share/file"), 0, "a file of the folder is opened by descriptor");
		is(run(opens, "outside/file"), EACCES, "one outside is not");
		is(run(no_folder, NULL), 0, "a folder that is not there is an error");
		ok(strstr(said, "sandbox: none: No such file") != NULL, "which names it");
		is(run(thread_too_early, NULL), 0, "so is a thread before Landlock");
		ok(strstr(said, "does not bind a thread") != NULL, "which says so");
	} else {
		ok(1, "files # skip this kernel has no Landlock");
	}
	return done();
}
