// SPDX-License-Identifier: GPL-2.0
/*
 * Tracing: each tracer records something, probes are set and hit, and the kernel
 * describes its types. Everything is restored, as the rows that follow run on the same
 * kernel.
 */
#define _GNU_SOURCE
#include "netlink.h"
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/genetlink.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

static int tracefs(void)
{
	return mount_on("tracefs", "t", "tracefs", 0, NULL);
}

/* Does the trace contain WORD? */
static int traced(const char *word)
{
	static char text[1 << 20];

	if (read_file("t/trace", text, sizeof(text)) < 0)
		return FAIL;
	return strstr(text, word) ? PASS : failed("the trace has no \"%s\"", word);
}

static void quiet(void)
{
	write_file("t/tracing_on", "0");
	write_file("t/current_tracer", "nop");
	write_file("t/set_ftrace_filter", "\n");
	write_file("t/trace", "\n");
	write_file("t/tracing_on", "1");
}

/* TRACER records do_sys_open* of this process. */
static int function(const char *tracer)
{
	int rc = FAIL, fd;

	if (tracefs() || write_file("t/set_ftrace_filter", "do_sys_open*") ||
	    write_file("t/current_tracer", tracer))
		return FAIL;
	fd = open("/", O_RDONLY | O_CLOEXEC);
	close(fd);
	if (!write_file("t/tracing_on", "0"))
		rc = traced("do_sys_open");
	quiet();
	return rc;
}

/* Chosen and not started: hwlat keeps a processor busy with interrupts off. */
static int chosen(const char *tracers)
{
	char *list = strdup(tracers), *name, *rest = list;
	int rc = PASS;

	if (tracefs() || write_file("t/tracing_on", "0"))
		return FAIL;
	while ((name = strsep(&rest, " ")))
		if (write_file("t/current_tracer", name))
			rc = FAIL;
	free(list);
	quiet();
	return rc;
}

static int profiler(const char *arg)
{
	static char text[1 << 20];
	int rc = FAIL;

	(void)arg;
	if (tracefs() || write_file("t/function_profile_enabled", "1"))
		return FAIL;
	usleep(100000);
	write_file("t/function_profile_enabled", "0");
	if (read_file("t/trace_stat/function0", text, sizeof(text)) > 0)
		rc = strstr(text, "Hit") ? PASS : failed("no function was counted: %.60s", text);
	quiet();
	return rc;
}

static int stack_tracer(const char *arg)
{
	char text[4096];
	int rc = FAIL;

	(void)arg;
	if (tracefs() || write_file("/proc/sys/kernel/stack_tracer_enabled", "1"))
		return FAIL;
	usleep(100000);
	if (read_file("t/stack_trace", text, sizeof(text)) > 0)
		rc = strstr(text, "entries)") ? PASS : failed("stack_trace: %.60s", text);
	write_file("/proc/sys/kernel/stack_tracer_enabled", "0");
	return rc;
}

static int snapshot(const char *arg)
{
	static char text[65536];
	int rc = FAIL;

	(void)arg;
	if (tracefs() || write_file("t/trace_marker", "kept\n") || write_file("t/snapshot", "1"))
		return FAIL;
	if (read_file("t/snapshot", text, sizeof(text)) > 0)
		rc = strstr(text, "kept") ? PASS : failed("the snapshot does not have the text");
	/* the buffer of one processor */
	if (write_file("t/per_cpu/cpu0/snapshot", "1"))
		rc = FAIL;
	write_file("t/snapshot", "0");
	quiet();
	return rc;
}

/* A system call is an event, and the kernel counts events by key. */
static int syscall_event(const char *arg)
{
	const char *dir = "t/events/syscalls/sys_enter_getppid/";
	char path[128];
	static char text[65536];
	int rc = FAIL;

	(void)arg;
	if (tracefs())
		return FAIL;
	snprintf(path, sizeof(path), "%strigger", dir);
	if (write_file(path, "hist:keys=common_pid"))
		return FAIL;
	snprintf(path, sizeof(path), "%senable", dir);
	if (!write_file(path, "1")) {
		syscall(SYS_getppid);
		write_file(path, "0");
		rc = traced("sys_getppid");
	}
	snprintf(path, sizeof(path), "%shist", dir);
	if (rc == PASS && (read_file(path, text, sizeof(text)) < 0 || !strstr(text, "common_pid:")))
		rc = failed("the histogram is empty: %.80s", text);
	snprintf(path, sizeof(path), "%strigger", dir);
	write_file(path, "!hist:keys=common_pid");
	quiet();
	return rc;
}

/* EVENTS is the file that defines probes: DEFINITION makes one, HIT runs into it. */
static int probe_hit(const char *events, const char *definition, void (*hit)(void))
{
	const char *group = strstr(events, "uprobe") ? "uprobes" : "kprobes";
	char path[128];
	int rc = FAIL;

	if (write_file(events, definition))
		return FAIL;
	snprintf(path, sizeof(path), "t/events/%s/hit/enable", group);
	if (!write_file(path, "1")) {
		hit();
		write_file(path, "0");
		rc = traced("hit: (");
	}
	write_file(events, ""); /* O_TRUNC removes all probes */
	quiet();
	return rc;
}

static void open_root(void)
{
	close(open("/", O_RDONLY | O_CLOEXEC));
}

static int kprobe(const char *definition)
{
	return tracefs() ? FAIL : probe_hit("t/kprobe_events", definition, open_root);
}

/* somewhere to put a probe: not inlined, and not optimised away */
__attribute__((noinline, used)) static int uprobe_target(int x)
{
	__asm__ volatile("" : "+r"(x));
	return x + 1;
}

static void call_target(void)
{
	uprobe_target(1);
}

static int uprobe(const char *arg)
{
	char line[512], definition[256];
	unsigned long start, end, offset, at = (unsigned long)uprobe_target;
	FILE *maps = fopen("/proc/self/maps", "re");

	(void)arg;
	if (tracefs())
		return FAIL;
	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3 && start <= at &&
		    at < end) {
			fclose(maps);
			/* /init itself, by a name that does not depend on the mount */
			snprintf(definition, sizeof(definition), "p:hit /init:0x%lx",
				 at - start + offset);
			return probe_hit("t/uprobe_events", definition, call_target);
		}
	return failed("/proc/self/maps does not have %lx", at);
}

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* Load "return 0", for a kprobe, behind N instructions of INSNS; the fd or -1. */
static int bpf_kprobe(const struct bpf_insn *insns, int n, int attach_type)
{
	static char log[4096];
	struct bpf_insn code[8];
	struct utsname uts;
	unsigned int a = 0, b = 0, c = 0;
	union bpf_attr attr;
	int fd;

	memcpy(code, insns, n * sizeof(*insns));
	code[n] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0 };
	code[n + 1] = (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT };
	uname(&uts);
	sscanf(uts.release, "%u.%u.%u", &a, &b, &c);
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_KPROBE;
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = n + 2;
	attr.license = (uintptr_t) "GPL";
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	/* before 5.0 this must be the kernel's version */
	attr.kern_version = a << 16 | b << 8 | (c > 255 ? 255 : c);
	attr.expected_attach_type = attach_type;
	fd = bpf(BPF_PROG_LOAD, &attr);
	return fd < 0 ? failed("BPF_PROG_LOAD: %s: %.100s", strerror(errno), log) : fd;
}

/* bpf_override_return(ctx, 0) is known to the verifier. */
static int bpf_override(const char *arg)
{
	static const struct bpf_insn call[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2 },
		{ .code = BPF_JMP | BPF_CALL, .imm = 58 },
	};
	char text[256];

	(void)arg;
	if (bpf_kprobe(call, 2, 0) < 0 || mount_on("debugfs", "debug", "debugfs", 0, NULL))
		return FAIL;
	return read_file("debug/error_injection/list", text, sizeof(text)) > 10 ?
		PASS :
		failed("error_injection/list is empty");
}

/* One program on many functions, by the function tracer (fprobe). */
static int bpf_kprobe_multi(const char *arg)
{
	const char *symbols[] = { "vfs_read", "vfs_write" };
	struct {
		uint32_t prog_fd, target_fd, attach_type, flags, multi_flags, count;
		uint64_t syms, addrs, cookies;
	} link = { .attach_type = 42 /* BPF_TRACE_KPROBE_MULTI */,
		   .count = 2,
		   .syms = (uintptr_t)symbols };

	(void)arg;
	link.prog_fd = bpf_kprobe(NULL, 0, link.attach_type);
	if ((int)link.prog_fd < 0)
		return FAIL;
	return syscall(SYS_bpf, 28 /* BPF_LINK_CREATE */, &link, sizeof(link)) < 0 ?
		failed("BPF_LINK_CREATE: %s", strerror(errno)) :
		PASS;
}

static int btf(const char *path)
{
	unsigned char head[4];
	int fd;

	if (!strcmp(path, "/sys/kernel/btf/zram")) {
		if (module_built_in("zram"))
			return skip("zram is built in, its types are in vmlinux");
		if (module_load("zram"))
			return FAIL;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, head, 4) != 4)
		return failed("%s: %s", path, strerror(errno));
	return head[0] == 0x9f && head[1] == 0xeb ?
		PASS :
		failed("%s begins with %02x%02x, not with 9feb", path, head[0], head[1]);
}

static int kcore(const char *arg)
{
	char head[4];
	int fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);

	(void)arg;
	if (fd < 0 || read(fd, head, 4) != 4)
		return failed("/proc/kcore: %s", strerror(errno));
	return memcmp(head, "\177ELF", 4) ? failed("/proc/kcore is not an ELF file") : PASS;
}

static int schedstats(const char *arg)
{
	(void)arg;
	if (write_file("/proc/sys/kernel/sched_schedstats", "1") ||
	    write_file("/proc/sys/kernel/sched_schedstats", "0"))
		return FAIL;
	return PASS;
}

/* The kernel has a generic netlink family for dropped packets. */
static int drop_monitor(const char *arg)
{
	struct genlmsghdr *header;
	struct nl nl;
	int rc, net = open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC);

	(void)arg;
	/* there is one for the whole machine, in the initial network namespace */
	if (net < 0 || setns(net, CLONE_NEWNET))
		return failed("the network namespace of init: %s", strerror(errno));
	if (nl_open(&nl, NETLINK_GENERIC))
		return FAIL;
	header = nl_msg(&nl, GENL_ID_CTRL, NLM_F_REQUEST | NLM_F_ACK, sizeof(*header));
	header->cmd = CTRL_CMD_GETFAMILY;
	header->version = 1;
	nl_str(&nl, CTRL_ATTR_FAMILY_NAME, "NET_DM");
	rc = nl_talk(&nl);
	nl_close(&nl);
	return rc ? failed("the family NET_DM: %s", strerror(-rc)) : PASS;
}

const struct probe trace_probes[] = {
	{ "the function tracer records", function, "function" },
	{ "the function graph tracer records", function, "function_graph" },
	{ "other tracers can be chosen", chosen, "wakeup wakeup_rt hwlat" },
	{ "functions are profiled", profiler, NULL },
	{ "the deepest stack is recorded", stack_tracer, NULL },
	{ "a snapshot is taken", snapshot, NULL },
	{ "a system call is recorded and counted", syscall_event, NULL },
	{ "a kernel probe is hit", kprobe, "p:hit vfs_open" },
	{ "a return probe is hit", kprobe, "r:hit vfs_open" },
	{ "a user-space probe is hit", uprobe, NULL },
	{ "BPF may override what a function returns", bpf_override, NULL },
	{ "BPF attaches to many functions at once", bpf_kprobe_multi, NULL, 5, 18 },
	{ "the kernel describes its types (BTF)", btf, "/sys/kernel/btf/vmlinux", 5, 11 },
	{ "a module describes its types", btf, "/sys/kernel/btf/zram", 5, 11 },
	{ "/proc/kcore is a core file", kcore, NULL },
	{ "scheduler statistics can be counted", schedstats, NULL },
	{ "dropped packets can be watched", drop_monitor, NULL },
	{ NULL, NULL, NULL },
};
