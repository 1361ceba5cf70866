// SPDX-License-Identifier: GPL-2.0
/*
 * The walls around hvhost: seccomp for system calls, Landlock for files. Neither sees all.
 * seccomp compares numbers, so a path or a struct in memory is nothing to it; Landlock looks
 * at the files that are opened, made and removed, not at calls or at unix sockets with a path:
 * those the broker connects.
 */
#define _GNU_SOURCE
#include "sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/* linux/landlock.h; Debian 12's has those of Linux 5.19 */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE BIT(14)
#endif
#define FS_OF_ABI_1  (LANDLOCK_ACCESS_FS_REFER - 1)
#define FS_IOCTL_DEV BIT(15)
#define NET_ALL	     3 /* TCP: bind, connect */
#define SCOPE_ALL    3 /* abstract unix sockets and signals of other processes */

#define FOLDER_RIGHTS                                                                              \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |                            \
	 LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                            \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER)
#define DIR_RIGHTS                                                      \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	 LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_MAKE_REG)

#define NAMESPACES                                                                    \
	(CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | \
	 CLONE_NEWUSER | CLONE_NEWUTS)
#define SIGSETXID 33 /* glibc's, which it handles from the first thread on */

/* struct landlock_ruleset_attr of ABI 6; an older kernel takes it while the rest is 0 */
struct ruleset {
	u64 fs, net, scoped;
};

static const int always[] = {
	/* files that are open: disks, persistent memory, consoles, tap interfaces, eventfds */
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(close),
	SCMP_SYS(dup),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(preadv),
	SCMP_SYS(pwritev),
	SCMP_SYS(fdatasync),
	SCMP_SYS(fallocate),
	SCMP_SYS(lseek),
	/* both are fstat(), up to the version of glibc */
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	/* the loop, doorbells of channels, the console's thread */
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(eventfd2),
	SCMP_SYS(poll),
	/* memory: malloc(), stacks, hot added RAM, what the balloon takes */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	/* threads; malloc() asks for the processors, for the number of its arenas */
	SCMP_SYS(futex),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(sched_getaffinity),
	/* the kick of a vCPU; a wait that a debugger has interrupted */
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(restart_syscall),
	/* the end */
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	/* the time, where the vDSO cannot tell it */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(clock_nanosleep),
	/* the command "about" */
	SCMP_SYS(uname),
};

/* fuse.c, and the LUNs that the tests add */
static const int of_files[] = { SCMP_SYS(openat), SCMP_SYS(ftruncate) };

/* fuse.c */
static const int of_folder[] = {
	SCMP_SYS(openat2),  SCMP_SYS(getdents64), SCMP_SYS(readlinkat),
	SCMP_SYS(fstatfs),  SCMP_SYS(mkdirat),	  SCMP_SYS(unlinkat),
	SCMP_SYS(renameat), SCMP_SYS(renameat2),  SCMP_SYS(fsync),
};

/* streams, and what comes from the broker */
static const int of_sockets[] = { SCMP_SYS(recvmsg), SCMP_SYS(accept4), SCMP_SYS(sendto),
				  SCMP_SYS(shutdown) };

static const unsigned long requests[] = {
	KVM_RUN, KVM_IRQ_LINE, KVM_SIGNAL_MSI, KVM_HYPERV_EVENTFD,
	KVM_SET_USER_MEMORY_REGION, /* hot added RAM, BARs that are memory */
	KVM_GET_CLOCK, KVM_GET_MSRS, KVM_GET_REGS,
	/* dump.c */
	KVM_GET_LAPIC, KVM_GET_MP_STATE, KVM_GET_VCPU_EVENTS, KVM_TRANSLATE,
	TCGETS, /* stdio looks whether the rows go to a terminal */
};

static const struct limited {
	int call, folder; /* for a folder alone */
	struct scmp_arg_cmp arg;
} limited[] = {
	/* no memory with code */
	{ SCMP_SYS(mmap), 0, { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
	{ SCMP_SYS(mprotect), 0, { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
	/* threads, no processes */
	{ SCMP_SYS(clone), 0, { 0, SCMP_CMP_MASKED_EQ, CLONE_THREAD | NAMESPACES, CLONE_THREAD } },
	/* the handler of a kick; not that of SIGSYS */
	{ SCMP_SYS(rt_sigaction), 0, { 0, SCMP_CMP_EQ, SIGUSR1, 0 } },
	{ SCMP_SYS(rt_sigaction), 0, { 0, SCMP_CMP_EQ, SIGSETXID, 0 } },
	/* of a file that is open; nothing of a path */
	{ SCMP_SYS(utimensat), 1, { 1, SCMP_CMP_EQ, 0, 0 } },
	{ SCMP_SYS(fchmod), 1, { 1, SCMP_CMP_MASKED_EQ, S_ISUID | S_ISGID | S_ISVTX, 0 } },
};

/* Only what is safe in a signal handler from here on. */
static char *put(char *at, const char *text)
{
	size_t len = strlen(text);

	return (char *)memcpy(at, text, len) + len;
}

static char *put_number(char *at, unsigned long n, unsigned int base)
{
	char digits[24], *digit = digits + sizeof(digits);

	*--digit = '\0';
	do
		*--digit = "0123456789abcdef"[n % base];
	while (n /= base);
	return put(base == 16 ? put(at, "0x") : at, digit);
}

static void refused(int sig, siginfo_t *info, void *context)
{
	const greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	char text[256], *at = text;

	(void)sig;
	at = put(at, "hvhost: error: sandbox: system call ");
	at = put_number(at, info->si_syscall, 10);
	at = put_number(put(at, " ("), regs[REG_RDI], 16);
	at = put_number(put(at, ", "), regs[REG_RSI], 16);
	at = put_number(put(at, ", "), regs[REG_RDX], 16);
	at = put(at, ") is not in the lists of sandbox.c\n");
	if (write(STDERR_FILENO, text, at - text) < 0)
		_exit(2);
	_exit(1);
}

static int allow(scmp_filter_ctx filter, const int *calls, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return rc;
}

static int allow_limited(scmp_filter_ctx filter, const struct sandbox *s)
{
	/* to threads of its own */
	int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				  SCMP_A0(SCMP_CMP_EQ, getpid(), 0));

	for (size_t i = 0; i < ARRAY_SIZE(limited) && !rc; i++) {
		const struct limited *l = &limited[i];

		if (!l->folder || s->folder)
			rc = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, l->call, 1, &l->arg);
	}
	for (size_t i = 0; i < ARRAY_SIZE(requests) && !rc; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				      SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, requests[i]));
	/* its flags are in memory; glibc uses clone() where it is missing */
	return rc ? rc : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

scmp_filter_ctx sandbox_filter(const struct sandbox *s)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	int rc = filter ? 0 : -ENOMEM;

	if (!rc)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (!rc)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!rc) /* a binary tree; KVM_RUN is far back in the list */
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!rc)
		rc = allow(filter, always, ARRAY_SIZE(always));
	if (!rc && (s->folder || s->dir))
		rc = allow(filter, of_files, ARRAY_SIZE(of_files));
	if (!rc && s->folder)
		rc = allow(filter, of_folder, ARRAY_SIZE(of_folder));
	if (!rc && s->sockets)
		rc = allow(filter, of_sockets, ARRAY_SIZE(of_sockets));
	if (!rc)
		rc = allow_limited(filter, s);
	if (!rc)
		return filter;
	error("sandbox: libseccomp: %s", strerror(-rc));
	seccomp_release(filter);
	return NULL;
}

int sandbox_load(scmp_filter_ctx filter)
{
	struct sigaction sa = { .sa_sigaction = refused, .sa_flags = SA_SIGINFO };
	int rc;

	sigaction(SIGSYS, &sa, NULL);
	rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc ? error("sandbox: seccomp: %s", strerror(-rc)) : 0;
}

/* 1, 0: the kernel was built without it, or -1 after error(). */
static int has_seccomp(void)
{
	u32 action = SECCOMP_RET_TRAP;

	if (!syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action))
		return 1;
	if (errno != ENOSYS && errno != EINVAL)
		return error("sandbox: seccomp: %s", strerror(errno));
	return 0;
}

/* ACCESS to PATH and what is below it. */
static int add_rule(int ruleset, const char *path, u64 access)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = access,
		.parent_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC),
	};
	int rc = 0;

	if (rule.parent_fd < 0 ||
	    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
		rc = error("sandbox: %s: %s", path, strerror(errno));
	if (rule.parent_fd >= 0)
		close(rule.parent_fd);
	return rc;
}

static int bind_to_files(const struct sandbox *s, long abi)
{
	struct ruleset attr = { .fs = FS_OF_ABI_1 };
	int fd, rc = -1;

	attr.fs |= abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0;
	attr.fs |= abi >= 3 ? LANDLOCK_ACCESS_FS_TRUNCATE : 0;
	attr.net = abi >= 4 ? NET_ALL : 0;
	attr.fs |= abi >= 5 ? FS_IOCTL_DEV : 0;
	attr.scoped = abi >= 6 ? SCOPE_ALL : 0;
	fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (fd < 0)
		return error("sandbox: Landlock: %s", strerror(errno));
	if ((s->folder && add_rule(fd, s->folder, FOLDER_RIGHTS & attr.fs)) ||
	    (s->dir && add_rule(fd, s->dir, DIR_RIGHTS & attr.fs)))
		goto out;
	if (syscall(SYS_landlock_restrict_self, fd, 0))
		error("sandbox: Landlock: %s", strerror(errno));
	else
		rc = 1;
out:
	close(fd);
	return rc;
}

int sandbox_files(const struct sandbox *s)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct stat threads;

	if (abi < 0 && errno != ENOSYS && errno != EOPNOTSUPP)
		return error("sandbox: Landlock: %s", strerror(errno));
	if (abi < 0) {
		if (s->folder || s->dir)
			note("sandbox: this kernel has no Landlock: a guest that takes hvhost over "
			     "can open any file that hvhost may");
		return 0;
	}
	/* it binds the thread that asks, and those that this one starts */
	if (!stat("/proc/self/task", &threads) && threads.st_nlink > 3)
		return error("sandbox: Landlock does not bind a thread that is running");
	return bind_to_files(s, abi);
}

const char *sandbox_enter(const struct sandbox *s)
{
	int seccomp = has_seccomp(), landlock;
	scmp_filter_ctx filter;

	if (seccomp < 0)
		return NULL;
	tzset(); /* or gmtime_r() does, and opens /etc/localtime */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		error("sandbox: no_new_privs: %s", strerror(errno));
		return NULL;
	}
	landlock = sandbox_files(s);
	if (landlock < 0)
		return NULL;
	if (!seccomp) {
		note("sandbox: this kernel has no seccomp: a guest that takes hvhost over can make "
		     "any system call");
		return landlock ? "Landlock # skip this kernel has no seccomp" :
				  "# skip this kernel has neither seccomp nor Landlock";
	}
	filter = sandbox_filter(s);
	if (!filter || sandbox_load(filter))
		return NULL;
	return landlock ? "seccomp and Landlock" : "seccomp; this kernel has no Landlock";
}
