// SPDX-License-Identifier: GPL-2.0
/*
 * BPF programs, loaded with bpf(2) alone. BTF describes types: our own for a map, the
 * kernel's for a program that is called at the start of a kernel function.
 */
#define _GNU_SOURCE
#include "bpf.h"
#include "netlink.h"
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int load(union bpf_attr attr, const struct bpf_insn *insns, int count)
{
	static char log[2048];
	int fd;

	attr.insn_cnt = count;
	attr.insns = (unsigned long)insns;
	attr.license = (unsigned long)"GPL";
	attr.log_level = 1;
	attr.log_size = sizeof(log);
	attr.log_buf = (unsigned long)log;
	fd = bpf(BPF_PROG_LOAD, &attr);
	return fd < 0 ? failed("BPF_PROG_LOAD: %s: %s", strerror(errno), log) : fd;
}

/* return 0: a socket filter drops by it, a device program denies */
static const struct bpf_insn no[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

int bpf_socket(const char *arg)
{
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER };
	int fd = udp_socket(7000), program = load(attr, no, 2);

	(void)arg;
	if (fd < 0 || program < 0 || link_up("lo") || udp_send("127.0.0.1", 7000, "first"))
		return FAIL;
	if (!udp_arrives(fd, "first"))
		return failed("nothing arrives without a filter");
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof(program)))
		return failed("SO_ATTACH_BPF: %s", strerror(errno));
	if (udp_send("127.0.0.1", 7000, "second"))
		return FAIL;
	return udp_arrives(fd, "second") ? failed("the filter lets a datagram pass") : PASS;
}

int bpf_device(const char *arg)
{
	union bpf_attr type = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE };
	int program = load(type, no, 2), group, fd, error;
	union bpf_attr attr = { .attach_type = BPF_CGROUP_DEVICE };

	(void)arg;
	if (program < 0 || cgroup2(""))
		return FAIL;
	group = open("cg/probe", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	attr.target_fd = group;
	attr.attach_bpf_fd = program;
	if (bpf(BPF_PROG_ATTACH, &attr))
		return failed("BPF_PROG_ATTACH: %s", strerror(errno));
	if (write_file("cg/probe/cgroup.procs", "0"))
		return FAIL;
	fd = open("/dev/zero", O_RDONLY);
	error = errno;
	write_file("cg/cgroup.procs", "0");
	cgroup2_end();
	if (fd >= 0 || error != EPERM)
		return failed("open /dev/zero: expected EPERM, got %s",
			      fd < 0 ? strerror(error) : "it");
	return PASS;
}

/* ---- BTF of our own */

/* The names of TYPES, by their offset. */
static const char names[] = "\0unsigned int\0count\0n\0drop";
enum { N_UINT = 1, N_COUNT = 14, N_N = 20, N_DROP = 22 };
enum { T_UINT = 1, T_COUNT, T_PROTO, T_DROP };

#define INFO(kind, vlen) ((kind) << 24 | (vlen))

/* unsigned int; struct count { unsigned int n; }; unsigned int drop(void); */
static const unsigned int types[] = {
	N_UINT,
	INFO(BTF_KIND_INT, 0),
	4,
	32,
	N_COUNT,
	INFO(BTF_KIND_STRUCT, 1),
	4,
	N_N,
	T_UINT,
	0,
	0,
	INFO(BTF_KIND_FUNC_PROTO, 0),
	T_UINT,
	N_DROP,
	INFO(BTF_KIND_FUNC, 0),
	T_PROTO,
};

static int load_btf(void)
{
	static struct {
		struct btf_header header;
		char types[sizeof(types)], names[sizeof(names)];
	} btf;
	union bpf_attr attr = { .btf = (unsigned long)&btf };
	int fd;

	btf.header = (struct btf_header){
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(btf.header),
		.type_len = sizeof(types),
		.str_off = sizeof(types),
		.str_len = sizeof(names),
	};
	/* without the padding at the end of the struct */
	attr.btf_size = offsetof(typeof(btf), names) + sizeof(names);
	memcpy(btf.types, types, sizeof(types));
	memcpy(btf.names, names, sizeof(names));
	fd = bpf(BPF_BTF_LOAD, &attr);
	return fd < 0 ? failed("BPF_BTF_LOAD: %s", strerror(errno)) : fd;
}

static int new_map(union bpf_attr *types)
{
	types->map_type = BPF_MAP_TYPE_ARRAY;
	types->key_size = 4;
	types->max_entries = 1;
	return bpf(BPF_MAP_CREATE, types);
}

static int own_types(const char *arg)
{
	struct bpf_func_info function = { .type_id = T_DROP };
	union bpf_attr map = { .value_size = 4 },
		       program = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER };
	struct bpf_map_info info = { 0 };
	union bpf_attr about = { 0 };
	int btf = load_btf();

	(void)arg;
	if (btf < 0)
		return FAIL;
	map.btf_fd = btf;
	map.btf_key_type_id = T_UINT;
	map.btf_value_type_id = T_COUNT;
	about.info.bpf_fd = new_map(&map);
	about.info.info = (unsigned long)&info;
	about.info.info_len = sizeof(info);
	if ((int)about.info.bpf_fd < 0 || bpf(BPF_OBJ_GET_INFO_BY_FD, &about))
		return failed("a map with BTF: %s", strerror(errno));
	if (info.btf_value_type_id != T_COUNT)
		return failed("the map's value: expected type %d, got %d", T_COUNT,
			      info.btf_value_type_id);
	map.value_size = 8;
	if (new_map(&map) >= 0)
		return failed("a value of 8 bytes passes for a struct of 4");
	program.prog_btf_fd = btf;
	program.func_info_rec_size = sizeof(function);
	program.func_info_cnt = 1;
	program.func_info = (unsigned long)&function;
	return load(program, no, 2) < 0 ? FAIL : PASS;
}

/* ---- the kernel's BTF */

#define VMLINUX	     "/sys/kernel/btf/vmlinux"
#define CURRENT_TASK 158 /* BPF_FUNC_get_current_task_btf */

/* The bytes that follow the three words of a type. */
static size_t more(const struct btf_type *type)
{
	size_t n = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case 17: /* BTF_KIND_DECL_TAG */
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return n * 8;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case 19: /* BTF_KIND_ENUM64 */
		return n * 12;
	}
	return 0;
}

static struct {
	struct btf_header *header;
	char *types, *end, *strings;
} kernel;

/* Read the kernel's BTF once; -1 after diag(). */
static int read_kernel(void)
{
	struct stat st = { 0 };
	char *data;

	if (kernel.header)
		return 0;
	if (stat(VMLINUX, &st))
		return failed(VMLINUX ": %s", strerror(errno));
	data = malloc(st.st_size + 1);
	if (!data || read_file(VMLINUX, data, st.st_size + 1) != st.st_size)
		return failed(VMLINUX " cannot be read");
	kernel.header = (void *)data;
	if (kernel.header->magic != BTF_MAGIC)
		return failed(VMLINUX ": magic %x", kernel.header->magic);
	kernel.types = data + kernel.header->hdr_len + kernel.header->type_off;
	kernel.end = kernel.types + kernel.header->type_len;
	kernel.strings = data + kernel.header->hdr_len + kernel.header->str_off;
	return 0;
}

/* The first type of KIND with NAME and its number, or NULL after diag(). */
static const struct btf_type *kernel_type(unsigned int kind, const char *name, int *id)
{
	char *at;

	if (read_kernel())
		return NULL;
	for (at = kernel.types, *id = 1; at < kernel.end; ++*id) {
		struct btf_type *type = (void *)at;

		if (BTF_INFO_KIND(type->info) == kind &&
		    !strcmp(kernel.strings + type->name_off, name))
			return type;
		at += sizeof(*type) + more(type);
	}
	diag(VMLINUX " has no %s among its %d types", name, *id - 1);
	return NULL;
}

/* The number of the kernel's type for FUNCTION, or -1 after diag(). */
static int function_type(const char *function)
{
	int id;

	return kernel_type(BTF_KIND_FUNC, function, &id) ? id : -1;
}

/* Where MEMBER is in the structure NAME, in bytes, or -1 after diag(). */
static int offset_of(const char *name, const char *member)
{
	int id;
	const struct btf_type *type = kernel_type(BTF_KIND_STRUCT, name, &id);
	const struct btf_member *members = (void *)(type + 1);

	for (unsigned int i = 0; type && i < BTF_INFO_VLEN(type->info); i++)
		if (!strcmp(kernel.strings + members[i].name_off, member))
			return members[i].offset / 8;
	return type ? failed("struct %s has no member %s", name, member) : -1;
}

/*
 * Add 1 + the level of the caller's user namespace to the map's first value when it is PID
 * that calls: its task_struct, cred and user_ns are read.
 */
static int load_counter(union bpf_attr attr, int map, int pid)
{
	int cred = offset_of("task_struct", "cred"), user_ns = offset_of("cred", "user_ns"),
	    level = offset_of("user_namespace", "level");
	struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_pid_tgid },
		{ .code = BPF_ALU64 | BPF_RSH | BPF_K, .dst_reg = 0, .imm = 32 },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 0, .imm = pid, .off = 8 },
		{ .code = BPF_JMP | BPF_CALL, .imm = CURRENT_TASK },
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 2, .src_reg = 0, .off = cred },
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 2, .src_reg = 2, .off = user_ns },
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 2, .off = level },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = 1 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = 1,
		  .src_reg = BPF_PSEUDO_MAP_VALUE,
		  .imm = map },
		{ 0 },
		{ .code = BPF_STX | BPF_XADD | BPF_DW, .dst_reg = 1, .src_reg = 2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	if (cred < 0 || user_ns < 0 || level < 0)
		return -1;
	return load(attr, insns, sizeof(insns) / sizeof(insns[0]));
}

/*
 * What calls the two functions, as a child with a user namespace of its own: 3 times each,
 * after a byte from GO.
 */
static void calls_stat(int go)
{
	struct statx x;
	struct stat st;
	char c;

	if (read(go, &c, 1) != 1 || unshare(CLONE_NEWUSER))
		_exit(1);
	for (int i = 0; i < 3; i++)
		if (syscall(SYS_stat, "/", &st) ||
		    syscall(SYS_statx, AT_FDCWD, "/", 0, STATX_BASIC_STATS, &x))
			_exit(1);
	_exit(0);
}

/* Attach to FUNCTION; what PID has called is added up in MAP. 0, or -1 after diag(). */
static int count_calls(const char *function, int attach, int map, int pid)
{
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_TRACING,
				.expected_attach_type = attach };
	union bpf_attr link = { 0 };
	int id = function_type(function), program;

	if (id < 0)
		return -1;
	attr.attach_btf_id = id;
	program = load_counter(attr, map, pid);
	if (program < 0)
		return -1;
	link.raw_tracepoint.prog_fd = program;
	if (bpf(BPF_RAW_TRACEPOINT_OPEN, &link) < 0)
		return failed("attach to %s: %s", function, strerror(errno));
	return 0;
}

/*
 * Docker Desktop 4.78 starts only where its programs can be called at the return of
 * cp_new_stat and cp_statx, which a compiler may well have inlined.
 */
static int counts_stat(const char *function, int attach)
{
	union bpf_attr map_attr = { .value_size = 8 }, read = { 0 };
	int map = new_map(&map_attr), go[2], pid, key = 0, rc;
	unsigned long long count = 0;

	if (pipe(go))
		return failed("pipe: %s", strerror(errno));
	pid = fork();
	if (!pid)
		calls_stat(go[0]);
	rc = pid < 0 ? failed("fork: %s", strerror(errno)) :
		       count_calls(function, attach, map, pid);
	if (!rc && write(go[1], "", 1) != 1)
		rc = failed("the child: %s", strerror(errno));
	close(go[0]);
	close(go[1]);
	if (pid > 0 && exit_of(pid) && !rc)
		rc = failed("the child cannot call stat and statx");
	if (rc)
		return FAIL;
	read.map_fd = map;
	read.key = (unsigned long)&key;
	read.value = (unsigned long)&count;
	if (bpf(BPF_MAP_LOOKUP_ELEM, &read))
		return failed("BPF_MAP_LOOKUP_ELEM: %s", strerror(errno));
	/* the level of its user namespace is 1 */
	return count == 6 ? PASS : failed("3 calls at level 1: counted %llu, not 6", count);
}

static int at_entry(const char *function)
{
	return counts_stat(function, BPF_TRACE_FENTRY);
}

int bpf_at_exit(const char *function)
{
	return counts_stat(function, BPF_TRACE_FEXIT);
}

#define KFUNC_CALL 2 /* BPF_PSEUDO_KFUNC_CALL */

int bpf_kfuncs(const char *arg)
{
	int get = function_type("bpf_lookup_system_key"), put = function_type("bpf_key_put");
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 1, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .src_reg = KFUNC_CALL, .imm = get },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 0, .imm = 0, .off = 2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 0 },
		{ .code = BPF_JMP | BPF_CALL, .src_reg = KFUNC_CALL, .imm = put },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_TRACING,
				.expected_attach_type = BPF_TRACE_FENTRY,
				.attach_btf_id = function_type("cp_new_stat") };
	int program;

	(void)arg;
	if (get < 0 || put < 0)
		return FAIL;
	program = load(attr, insns, sizeof(insns) / sizeof(insns[0]));
	if (program < 0)
		return FAIL;
	close(program);
	return PASS;
}

/* A map of this kind exists only for an interface that the kernel has registered. */
int bpf_struct_ops(const char *arg)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_STRUCT_OPS,
				.key_size = 4,
				.max_entries = 1 };
	const struct btf_type *value;
	int id, btf = load_btf(), map;

	(void)arg;
	value = kernel_type(BTF_KIND_STRUCT, "bpf_struct_ops_tcp_congestion_ops", &id);
	if (!value || btf < 0)
		return FAIL;
	attr.value_size = value->size;
	attr.btf_vmlinux_value_type_id = id;
	attr.btf_fd = btf;
	map = bpf(BPF_MAP_CREATE, &attr);
	if (map < 0)
		return failed("a map for a congestion control: %s", strerror(errno));
	close(map);
	return PASS;
}

int bpf_deny(const char *hook)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_pid_tgid },
		{ .code = BPF_ALU64 | BPF_RSH | BPF_K, .dst_reg = 0, .imm = 32 },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 0, .imm = getpid(), .off = 2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = -EPERM },
		{ .code = BPF_JMP | BPF_EXIT },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_LSM,
				.expected_attach_type = BPF_LSM_MAC };
	union bpf_attr link = { 0 };
	int id = function_type(hook), program, fd;

	if (id < 0)
		return -1;
	attr.attach_btf_id = id;
	program = load(attr, insns, sizeof(insns) / sizeof(insns[0]));
	if (program < 0)
		return -1;
	link.raw_tracepoint.prog_fd = program;
	fd = bpf(BPF_RAW_TRACEPOINT_OPEN, &link);
	return fd < 0 ? failed("attach to %s: %s", hook, strerror(errno)) : fd;
}

const struct probe bpf_probes[] = {
	{ "a map and a program have BTF of our own", own_types, NULL, 5, 0 },
	{ "a program is called where cp_new_stat starts", at_entry, "cp_new_stat", 5, 11 },
	{ "a program is called where cp_new_stat returns", bpf_at_exit, "cp_new_stat", 5, 11 },
	{ "a program is called where cp_statx starts", at_entry, "cp_statx", 5, 11 },
	{ "a program is called where cp_statx returns", bpf_at_exit, "cp_statx", 5, 11 },
	{ NULL, NULL, NULL },
};
