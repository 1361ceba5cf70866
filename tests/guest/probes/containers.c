// SPDX-License-Identifier: GPL-2.0
/* What dockerd, podman, containerd and k3s need. */
#define _GNU_SOURCE
#include "bpf.h"
#include "netlink.h"
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

/* ---- links between a container and the outside */

/* A descriptor of the current network namespace. */
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
	if (setns(bridge, CLONE_NEWNET) || link_veth(outer, "eth0") || link_move("eth0", inside) ||
	    link_master(outer, "br0") || link_up(outer))
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
	/* a port of the bridge forwards after it has learned: retry */
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

/* ---- control groups */

static int group_names(const char *arg)
{
	(void)arg;
	if (mount_on("cgroup", "cg", "cgroup2", 0, NULL))
		return FAIL;
	/* hugetlb came to version 2 in 5.6, misc in 5.13 */
	return expect_words("cg/cgroup.controllers",
			    kernel_at_least(5, 13)	  ? "io rdma hugetlb misc" :
				    kernel_at_least(5, 6) ? "io rdma hugetlb" :
							    "io rdma");
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
		return failed("never throttled: %s", stat);
	return PASS;
}

/* 512 KB from a loop device at 1 MB a second: half a second. */
static int throttle(const char *arg)
{
	int file = file_of_size("disk", 1 << 20), loop, fd, rc, i;
	char dev[32], limit[64], *buf;
	struct timespec start, end;
	struct stat st;

	(void)arg;
	loop = loop_attach("disk", dev, sizeof(dev));
	fd = open(dev, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (file < 0 || loop < 0 || fstat(fd, &st) || cgroup2("io"))
		return failed("%s: %s", dev, strerror(errno));
	snprintf(limit, sizeof(limit), "%d:%d rbps=1048576", major(st.st_rdev), minor(st.st_rdev));
	rc = write_file("cg/probe/io.max", limit) || write_file("cg/probe/cgroup.procs", "0") ||
		posix_memalign((void **)&buf, 4096, 65536);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; !rc && i < 8; i++)
		if (read(fd, buf, 65536) != 65536)
			rc = failed("read %s: %s", dev, strerror(errno));
	clock_gettime(CLOCK_MONOTONIC, &end);
	write_file("cg/cgroup.procs", "0");
	close(fd);
	if (cgroup2_end() || rc)
		return FAIL;
	rc = (end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000;
	return rc < 400 ? failed("512 KB at 1 MB/s took %d ms", rc) : PASS;
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

#define IPVS_ADD (64 + 1024 + 64 + 2)
#define IPVS_DEL (64 + 1024 + 64 + 4)

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
	{ "two namespaces communicate over veth and a bridge", bridged, NULL },
	{ "a container behind a bridge: NAT by iptables-legacy", userland, "nat iptables-legacy" },
	{ "link: dummy", link_kind, "dummy" },
	{ "a ping passes over macvlan", userland, "link macvlan" },
	{ "a ping passes over ipvlan", userland, "link ipvlan" },
	{ "a ping passes over vxlan", userland, "link vxlan" },
	{ "a ping passes over vlan", userland, "link vlan" },
	{ "bridged packets pass iptables", userland,
	  "bridge iptables-legacy -A FORWARD -m physdev --physdev-is-bridged -j DROP" },
	{ "iptables has the matches of container engines", match_names,
	  "addrtype bpf comment conntrack ipvs mark multiport physdev statistic" },
	{ "iptables has the targets of container engines", target_names,
	  "MASQUERADE DNAT SNAT REDIRECT REJECT MARK" },
	{ "ip_vs publishes a port", userland, "nat ipvs" },
	{ "ip_vs balances by each scheduler", ipvs, "rr wrr lc wlc sh sed nq" },
	{ "a seccomp filter returns EPERM", seccomp, NULL },
	{ "a session keyring holds a key", keyring, NULL },
	{ "a BPF program drops a socket's packets", bpf_socket, NULL },
	{ "a BPF program denies a group a device", bpf_device, NULL },
	{ "cgroup v1 has the controllers of container engines", groups_v1,
	  "blkio/blkio.throttle.read_bps_device cpu/cpu.cfs_quota_us=50000 "
	  "hugetlb/hugetlb.2MB.limit_in_bytes=4194304 perf_event/cgroup.procs rdma/rdma.max" },
	{ "cgroup v1 has misc", groups_v1, "misc/misc.current", 5, 13 },
	{ "cgroup v2 has io, rdma, hugetlb, misc", group_names, NULL },
	{ "cgroup cpu.max throttles a group", bandwidth, NULL },
	{ "cgroup io.max throttles a disk", throttle, NULL },
	{ "cgroup v1 has net_cls and net_prio", net_groups, NULL },
	{ NULL, NULL, NULL },
};
