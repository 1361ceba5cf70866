// SPDX-License-Identifier: GPL-2.0
/*
 * AF_XDP: a program sends and receives frames in its own memory, past the network stack.
 * Here a frame goes each way over a pair of veth, whose other end has a packet socket.
 */
#define _GNU_SOURCE
#include "netlink.h"
#include "probe.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <linux/sock_diag.h>
#include <linux/xdp_diag.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FRAME  4096
#define FRAMES 16     /* half of them for receiving; also the entries of each ring */
#define KIND   0x88b5 /* an Ethernet type for experiments */

struct ring {
	uint32_t *producer, *consumer;
	void *entries;
};

struct xsk {
	int fd;
	char *memory;
	struct ring fill, completion, rx, tx;
};

static const unsigned char frame[60] = {
	0xff, 0xff, 0xff,      0xff,	    0xff, 0xff, 2,   0,	  0,   0,
	0,    1,    KIND >> 8, KIND & 0xff, 'p',  'r',	'o', 'b', 'e',
};

static int map_ring(struct xsk *xsk, struct ring *ring, int option, off_t at,
		    const struct xdp_ring_offset *offset, size_t entry)
{
	int count = FRAMES;
	char *memory;

	if (setsockopt(xsk->fd, SOL_XDP, option, &count, sizeof(count)))
		return failed("a ring of an AF_XDP socket: %s", strerror(errno));
	memory = mmap(NULL, offset->desc + FRAMES * entry, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_POPULATE, xsk->fd, at);
	if (memory == MAP_FAILED)
		return failed("mmap of a ring: %s", strerror(errno));
	ring->producer = (void *)(memory + offset->producer);
	ring->consumer = (void *)(memory + offset->consumer);
	ring->entries = memory + offset->desc;
	return 0;
}

/* A socket with memory and rings, bound to the first queue of LINK. 0, or -1. */
static int xsk_open(struct xsk *xsk, const char *link)
{
	struct xdp_umem_reg reg = { .len = FRAMES * FRAME, .chunk_size = FRAME };
	struct sockaddr_xdp at = { .sxdp_family = AF_XDP, .sxdp_flags = XDP_COPY };
	struct xdp_mmap_offsets offsets;
	socklen_t len = sizeof(offsets);

	xsk->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (xsk->fd < 0)
		return failed("an AF_XDP socket: %s", strerror(errno));
	xsk->memory = mmap(NULL, reg.len, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	reg.addr = (uintptr_t)xsk->memory;
	if (setsockopt(xsk->fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)))
		return failed("XDP_UMEM_REG: %s", strerror(errno));
	memset(&offsets, 0, sizeof(offsets));
	if (getsockopt(xsk->fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &len))
		return failed("XDP_MMAP_OFFSETS: %s", strerror(errno));
	if (map_ring(xsk, &xsk->fill, XDP_UMEM_FILL_RING, XDP_UMEM_PGOFF_FILL_RING, &offsets.fr,
		     sizeof(uint64_t)) ||
	    map_ring(xsk, &xsk->completion, XDP_UMEM_COMPLETION_RING,
		     XDP_UMEM_PGOFF_COMPLETION_RING, &offsets.cr, sizeof(uint64_t)) ||
	    map_ring(xsk, &xsk->rx, XDP_RX_RING, XDP_PGOFF_RX_RING, &offsets.rx,
		     sizeof(struct xdp_desc)) ||
	    map_ring(xsk, &xsk->tx, XDP_TX_RING, XDP_PGOFF_TX_RING, &offsets.tx,
		     sizeof(struct xdp_desc)))
		return -1;
	at.sxdp_ifindex = link_index(link);
	if (bind(xsk->fd, (void *)&at, sizeof(at)))
		return failed("bind to %s: %s", link, strerror(errno));
	return 0;
}

/* Links one and two, connected; XSK on one, the result is a packet socket on two. */
static int connect_links(struct xsk *xsk)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(KIND) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (link_veth("one", "two") || link_up("one") || link_up("two"))
		return -1;
	at.sll_ifindex = link_index("two");
	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)))
		return failed("a packet socket: %s", strerror(errno));
	return xsk_open(xsk, "one") ? -1 : fd;
}

static int sends(const char *arg)
{
	struct pollfd in = { .events = POLLIN };
	struct xdp_desc *entry;
	char got[128];
	struct xsk xsk;
	int tries;

	(void)arg;
	in.fd = connect_links(&xsk);
	if (in.fd < 0)
		return FAIL;
	memcpy(xsk.memory, frame, sizeof(frame));
	/* a new link drops frames until its carrier was seen */
	for (tries = 0; tries < 10; tries++) {
		entry = (struct xdp_desc *)xsk.tx.entries + tries;
		*entry = (struct xdp_desc){ .addr = 0, .len = sizeof(frame) };
		__atomic_store_n(xsk.tx.producer, tries + 1, __ATOMIC_RELEASE);
		if (sendto(xsk.fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 && errno != EAGAIN &&
		    errno != EBUSY && errno != ENETDOWN)
			return failed("sendto: %s", strerror(errno));
		if (poll(&in, 1, 500) == 1)
			break;
	}
	if (tries == 10 || recv(in.fd, got, sizeof(got), 0) != sizeof(frame) ||
	    memcmp(got, frame, sizeof(frame)))
		return failed("the frame does not arrive");
	return __atomic_load_n(xsk.completion.producer, __ATOMIC_ACQUIRE) ?
		PASS :
		failed("the frame is not given back");
}

/* ---- receiving: a program at the link passes each frame on to the socket */

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* The fd of a program that passes the frames of queue 0 to socket FD, or -1. */
static int load_program(int fd)
{
	union bpf_attr map = {
		.map_type = BPF_MAP_TYPE_XSKMAP, .key_size = 4, .value_size = 4, .max_entries = 1
	};
	union bpf_attr entry = { 0 }, program = { .prog_type = BPF_PROG_TYPE_XDP };
	int key = 0, result;

	entry.map_fd = bpf(BPF_MAP_CREATE, &map);
	entry.key = (uintptr_t)&key;
	entry.value = (uintptr_t)&fd;
	if ((int)entry.map_fd < 0 || bpf(BPF_MAP_UPDATE_ELEM, &entry))
		return failed("BPF_MAP_TYPE_XSKMAP: %s", strerror(errno));
	const struct bpf_insn insns[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = 1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = entry.map_fd },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	program.insns = (uintptr_t)insns;
	program.insn_cnt = sizeof(insns) / sizeof(insns[0]);
	program.license = (uintptr_t) "GPL";
	result = bpf(BPF_PROG_LOAD, &program);
	return result < 0 ? failed("BPF_PROG_LOAD: %s", strerror(errno)) : result;
}

/* In the mode that every driver has. */
static int attach(int program, const char *link)
{
	struct ifinfomsg *info;
	struct nl nl;
	int mark, error;

	if (nl_open(&nl, NETLINK_ROUTE))
		return -1;
	info = nl_msg(&nl, RTM_SETLINK, 0, sizeof(*info));
	info->ifi_index = link_index(link);
	mark = nl_nest(&nl, IFLA_XDP);
	nl_u32(&nl, IFLA_XDP_FD, program);
	nl_u32(&nl, IFLA_XDP_FLAGS, XDP_FLAGS_SKB_MODE);
	nl_end(&nl, mark);
	error = nl_talk(&nl);
	nl_close(&nl);
	return error ? failed("IFLA_XDP on %s: %s", link, strerror(-error)) : 0;
}

static int receives(const char *arg)
{
	const struct xdp_desc *entry;
	uint32_t at = 0, i;
	int fd, tries;
	struct xsk xsk;

	(void)arg;
	fd = connect_links(&xsk);
	if (fd < 0)
		return FAIL;
	for (i = 0; i < FRAMES / 2; i++)
		((uint64_t *)xsk.fill.entries)[i] = (FRAMES / 2 + i) * FRAME;
	__atomic_store_n(xsk.fill.producer, FRAMES / 2, __ATOMIC_RELEASE);
	if (attach(load_program(xsk.fd), "one"))
		return FAIL;
	/* IPv6 also sends on a new link: look for ours */
	for (tries = 0; tries < 20; tries++) {
		if (send(fd, frame, sizeof(frame), 0) != sizeof(frame) && errno != ENETDOWN)
			return failed("send: %s", strerror(errno));
		usleep(200000);
		for (; at != __atomic_load_n(xsk.rx.producer, __ATOMIC_ACQUIRE); at++) {
			entry = (const struct xdp_desc *)xsk.rx.entries + at % FRAMES;
			if (entry->len == sizeof(frame) &&
			    !memcmp(xsk.memory + entry->addr, frame, sizeof(frame)))
				return PASS;
		}
	}
	return failed("%u frames came, but not the one that was sent", at);
}

/* ss --xdp lists the socket. */
static int listed(const char *arg)
{
	struct xdp_diag_req *req;
	struct xsk xsk;
	struct nl nl;
	int count;

	(void)arg;
	if (connect_links(&xsk) < 0 || nl_open(&nl, NETLINK_SOCK_DIAG))
		return FAIL;
	req = nl_msg(&nl, SOCK_DIAG_BY_FAMILY, 0, sizeof(*req));
	req->sdiag_family = AF_XDP;
	count = nl_dump(&nl);
	nl_close(&nl);
	return count == 1 ? PASS : failed("expected 1 socket, got %d", count);
}

const struct probe xdp_probes[] = {
	{ "a frame of a program's memory is sent", sends, NULL },
	{ "a frame is received in a program's memory", receives, NULL },
	{ "the socket is listed", listed, NULL, 5, 1 },
	{ NULL, NULL, NULL },
};
