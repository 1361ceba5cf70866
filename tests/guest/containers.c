// SPDX-License-Identifier: GPL-2.0
/* What dockerd, podman, containerd and k3s ask of a kernel. */
#define _GNU_SOURCE
#include "netlink.h"
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* ---- links between a container and the outside */

/* The present network namespace, by a descriptor. */
static int here(void)
{
	return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* Container NAME: a namespace with one end of a veth pair, the other on br0. */
static int container(const char *name, const char *address, int bridge)
{
	char outer[16];
	int inside;

	snprintf(outer, sizeof(outer), "v%s", name);
	if (unshare(CLONE_NEWNET))
		return failed("unshare net: %s", strerror(errno));
	inside = here();
	if (setns(bridge, CLONE_NEWNET) || link_veth(outer, "eth0") ||
	    link_move("eth0", inside) || link_master(outer, "br0") || link_up(outer))
		return -1;
	if (setns(inside, CLONE_NEWNET) || link_address("eth0", address, 24) || link_up("eth0"))
		return -1;
	return inside;
}

static int bridged(const char *arg)
{
	int bridge = here(), a, b, fd, tries;

	(void)arg;
	if (link_add("br0", "bridge") || link_up("br0"))
		return FAIL;
	a = container("a", "10.0.0.1", bridge);
	b = a < 0 ? -1 : container("b", "10.0.0.2", bridge);
	if (b < 0)
		return FAIL;
	fd = udp_socket(7000);
	if (fd < 0 || setns(a, CLONE_NEWNET))
		return FAIL;
	/* a port of the bridge forwards once it has learnt: try again */
	for (tries = 0; tries < 5; tries++) {
		if (udp_send("10.0.0.2", 7000, "hello"))
			return FAIL;
		if (udp_arrives(fd, "hello"))
			return PASS;
	}
	return failed("no datagram came over the bridge");
}

static int link_kind(const char *kind)
{
	return link_add("probe0", kind) || link_index("probe0") < 0 ? FAIL : PASS;
}

static int match_names(const char *names)
{
	return expect_words("/proc/net/ip_tables_matches", names);
}

static int target_names(const char *names)
{
	return expect_words("/proc/net/ip_tables_targets", names);
}

/* ---- confinement */

static int seccomp(const char *arg)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, filter };

	(void)arg;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		return failed("seccomp: %s", strerror(errno));
	if (syscall(SYS_getppid) != -1 || errno != EPERM)
		return failed("a filtered call: expected EPERM, got %s", strerror(errno));
	return PASS;
}

static int keyring(const char *arg)
{
	char text[8] = "";
	long ring = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "probe"), key;

	(void)arg;
	if (ring < 0)
		return failed("a session keyring: %s", strerror(errno));
	key = syscall(SYS_add_key, "user", "name", "value", 5L, KEY_SPEC_SESSION_KEYRING);
	if (key < 0 || syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text)) != 5)
		return failed("a key in it: %s", strerror(errno));
	return strcmp(text, "value") ? failed("expected value, got %s", text) : PASS;
}

/* ---- BPF */

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int load(int type, const struct bpf_insn *insns, int count)
{
	static char log[2048];
	union bpf_attr attr = {
		.prog_type = type, .insn_cnt = count,
		.insns = (unsigned long)insns, .license = (unsigned long)"GPL",
		.log_level = 1, .log_size = sizeof(log), .log_buf = (unsigned long)log,
	};
	int fd = bpf(BPF_PROG_LOAD, &attr);

	return fd < 0 ? failed("BPF_PROG_LOAD: %s: %s", strerror(errno), log) : fd;
}

/* return 0: a socket filter drops by it, a device program denies */
static const struct bpf_insn no[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static int bpf_socket(const char *arg)
{
	int fd = udp_socket(7000), program = load(BPF_PROG_TYPE_SOCKET_FILTER, no, 2);

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

static int bpf_device(const char *arg)
{
	int program = load(BPF_PROG_TYPE_CGROUP_DEVICE, no, 2), group, fd, error;
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
		return failed("open /dev/zero: expected EPERM, got %s", fd < 0 ? strerror(error) : "it");
	return PASS;
}

/* ---- control groups */

static int group_names(const char *arg)
{
	(void)arg;
	if (mount_on("cgroup", "cg", "cgroup2", 0, NULL))
		return FAIL;
	/* hugetlb came to version 2 in 5.6 */
	if (!kernel_at_least(5, 6) && mount_on("cgroup", "v1", "cgroup", 0, "hugetlb"))
		return FAIL;
	return expect_words("cg/cgroup.controllers",
			    kernel_at_least(5, 6) ? "io rdma hugetlb" : "io rdma");
}

static int bandwidth(const char *arg)
{
	char stat[512];
	clock_t end;
	int tries;

	(void)arg;
	if (cgroup2("cpu") || write_file("cg/probe/cpu.max", "5000 100000") ||
	    write_file("cg/probe/cgroup.procs", "0"))
		return FAIL;
	/* a twentieth of a processor: burning 100 ms takes two seconds */
	end = clock() + CLOCKS_PER_SEC / 10;
	while (clock() < end)
		;
	tries = read_file("cg/probe/cpu.stat", stat, sizeof(stat));
	write_file("cg/cgroup.procs", "0");
	if (tries < 0 || cgroup2_end())
		return FAIL;
	if (!strstr(stat, "nr_throttled ") || strstr(stat, "nr_throttled 0\n"))
		return failed("never held back: %s", stat);
	return PASS;
}

static int throttle(const char *arg)
{
	int rc;

	(void)arg;
	if (cgroup2("io"))
		return FAIL;
	/* 7:0 is the first loop device */
	rc = write_file("cg/probe/io.max", "7:0 rbps=1048576");
	if (!rc)
		rc = expect_words("cg/probe/io.max", "rbps=1048576");
	return cgroup2_end() || rc ? FAIL : PASS;
}

static int net_groups(const char *arg)
{
	(void)arg;
	if (mount_on("cgroup", "v1", "cgroup", 0, "net_cls,net_prio") || make_dir("v1/probe"))
		return FAIL;
	if (write_file("v1/probe/net_cls.classid", "65537") ||
	    expect_text("v1/probe/net_cls.classid", "65537\n") ||
	    write_file("v1/probe/net_prio.ifpriomap", "lo 5") ||
	    expect_words("v1/probe/net_prio.ifpriomap", "lo 5"))
		return FAIL;
	rmdir("v1/probe");
	return PASS;
}

/* ---- load balancing: facts of linux/ip_vs.h, which pulls in too much */

struct ipvs_service {
	__u16 protocol;
	__be32 address;
	__be16 port;
	__u32 fwmark;
	char scheduler[16];
	unsigned int flags, timeout;
	__be32 netmask;
};

#define IPVS_ADD	(64 + 1024 + 64 + 2)
#define IPVS_DEL	(64 + 1024 + 64 + 4)

static int ipvs(const char *schedulers)
{
	struct ipvs_service service = { .protocol = IPPROTO_TCP, .netmask = ~0 };
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), rc = PASS;
	char list[128], *rest = list, *name;

	snprintf(list, sizeof(list), "%s", schedulers);
	service.address = htonl(0x0a000001);
	service.port = htons(80);
	while ((name = strsep(&rest, " "))) {
		snprintf(service.scheduler, sizeof(service.scheduler), "%s", name);
		if (setsockopt(fd, IPPROTO_IP, IPVS_ADD, &service, sizeof(service)))
			rc = failed("a service scheduled by %s: %s", name, strerror(errno));
		else
			setsockopt(fd, IPPROTO_IP, IPVS_DEL, &service, sizeof(service));
	}
	return rc;
}

const struct probe containers_probes[] = {
	{ "two namespaces speak over veth and a bridge", bridged, NULL },
	{ "a container behind a bridge: iptables-legacy translates", userland, "nat iptables-legacy" },
	{ "link: dummy", link_kind, "dummy" },
	{ "a ping passes over macvlan", userland, "link macvlan" },
	{ "a ping passes over ipvlan", userland, "link ipvlan" },
	{ "a ping passes over vxlan", userland, "link vxlan" },
	{ "a ping passes over vlan", userland, "link vlan" },
	{ "bridged packets pass iptables", userland,
	  "bridge iptables-legacy -A FORWARD -m physdev --physdev-is-bridged -j DROP" },
	{ "iptables has the engines' matches", match_names,
	  "addrtype bpf comment conntrack ipvs mark multiport physdev statistic" },
	{ "iptables has the engines' targets", target_names, "MASQUERADE DNAT SNAT REDIRECT REJECT MARK" },
	{ "ip_vs publishes a port", userland, "nat ipvs" },
	{ "ip_vs balances by each scheduler", ipvs, "rr wrr lc wlc sh sed nq" },
	{ "a seccomp filter answers EPERM", seccomp, NULL },
	{ "a session keyring holds a key", keyring, NULL },
	{ "a BPF program drops a socket's packets", bpf_socket, NULL },
	{ "a BPF program denies a group a device", bpf_device, NULL },
	{ "cgroup v2 has io, rdma, hugetlb", group_names, NULL },
	{ "cgroup cpu.max holds a group back", bandwidth, NULL },
	{ "cgroup io.max takes a limit", throttle, NULL },
	{ "cgroup v1 net_cls and net_prio", net_groups, NULL },
	{ NULL, NULL, NULL },
};
