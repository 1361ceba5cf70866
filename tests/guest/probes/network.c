// SPDX-License-Identifier: GPL-2.0
/*
 * Links, tunnels, queueing, IPsec, and the devices of VPNs and virtual machines.
 * Every kind is created; data is sent where one machine is enough for that.
 */
#define _GNU_SOURCE
#include "netlink.h"
#include "probe.h"
#include "tc.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/if_tunnel.h>
#include <linux/ip.h>
#include <linux/ppp-ioctl.h>
#include <linux/sock_diag.h>
#include <linux/vhost.h>
#include <linux/vm_sockets.h>
#include <linux/vm_sockets_diag.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* ---- links: KIND, or KIND and one attribute it cannot be made without */

struct kind {
	const char *name;
	int under;	      /* sits on another link */
	int attr, len, value; /* of IFLA_INFO_DATA; an address begins with VALUE */
};

static const struct kind kinds[] = {
	{ .name = "team" },
	{ .name = "ifb" },
	{ .name = "vrf", .attr = IFLA_VRF_TABLE, .len = 4, .value = 10 },
	{ .name = "bridge" },
	{ .name = "veth" },
	{ .name = "dummy" },
	{ .name = "nlmon" },
	{ .name = "macvtap", .under = 1 },
	{ .name = "vti", .attr = IFLA_VTI_REMOTE, .len = 4, .value = 10 },
	{ .name = "vti6", .attr = IFLA_VTI_REMOTE, .len = 16, .value = 0xfd },
	{ .name = "xfrm", .attr = IFLA_XFRM_IF_ID, .len = 4, .value = 7 },
};

static int link_kind(const char *name)
{
	const struct kind *kind = kinds;
	char value[16] = { 0 };
	int info, data, error;
	struct nl nl;

	while (strcmp(kind->name, name))
		kind++;
	if (link_add("under", "dummy") || nl_open(&nl, NETLINK_ROUTE))
		return FAIL;
	nl_msg(&nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
	nl_str(&nl, IFLA_IFNAME, "probe0");
	if (kind->under || !strcmp(name, "xfrm"))
		nl_u32(&nl, IFLA_LINK, link_index("under"));
	info = nl_nest(&nl, IFLA_LINKINFO);
	nl_str(&nl, IFLA_INFO_KIND, name);
	data = nl_nest(&nl, IFLA_INFO_DATA);
	memcpy(value, &kind->value, sizeof(kind->value));
	if (kind->len)
		nl_put(&nl, kind->attr, value, kind->len);
	nl_end(&nl, data);
	nl_end(&nl, info);
	error = nl_talk(&nl);
	if (error)
		return failed("link of kind %s: %s", name, strerror(-error));
	return link_index("probe0") < 0 ? FAIL : PASS;
}

/* The program of a tunnel reads a datagram to its far side. */
static int tun(const char *arg)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC), tries;
	struct pollfd in = { .fd = fd, .events = POLLIN };
	char packet[2048];
	ssize_t n;

	(void)arg;
	strcpy(ifr.ifr_name, "tun0");
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		return failed("/dev/net/tun: %s", strerror(errno));
	if (link_address("tun0", "10.0.0.1", 24) || link_up("tun0") ||
	    udp_send("10.0.0.2", 7000, "through"))
		return FAIL;
	/* IPv6 sends packets on a new link: look for ours */
	for (tries = 0; tries < 10 && poll(&in, 1, 3000) == 1; tries++) {
		n = read(fd, packet, sizeof(packet));
		if (n == 28 + 7 && !memcmp(packet + 28, "through", 7))
			return PASS;
	}
	return failed("the datagram did not come out of tun0");
}

static int tap(const char *arg)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	(void)arg;
	strcpy(ifr.ifr_name, "tap0");
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		return failed("/dev/net/tun: %s", strerror(errno));
	return link_up("tap0") ? FAIL : PASS;
}

/* ---- TCP and similar protocols */

static int congestion(const char *name)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char got[16] = "";
	socklen_t len = sizeof(got);

	if (setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, strlen(name)) ||
	    getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, got, &len))
		return failed("TCP_CONGESTION %s: %s", name, strerror(errno));
	return strcmp(got, name) ? failed("expected %s, got %s", name, got) : PASS;
}

/* Kernel TLS needs a connected socket. */
static int tls(const char *arg)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(7000) };
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)arg;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (link_up("lo") || bind(server, (void *)&at, sizeof(at)) || listen(server, 1) ||
	    connect(client, (void *)&at, sizeof(at)))
		return failed("connect over lo: %s", strerror(errno));
	if (setsockopt(client, IPPROTO_TCP, TCP_ULP, "tls", 3))
		return failed("TCP_ULP tls: %s", strerror(errno));
	return PASS;
}

static int sctp(const char *arg)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);

	(void)arg;
	return fd < 0 ? failed("SCTP socket: %s", strerror(errno)) : PASS;
}

static int mptcp(const char *arg)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 262);

	(void)arg;
	return fd < 0 ? failed("MPTCP socket: %s", strerror(errno)) : PASS;
}

/* ---- IPsec: a security association names its ciphers */

/* An algorithm's attribute: its name, the bits of its key, a key of zeros. */
static void algorithm(struct nl *nl, int type, const char *name, int bits)
{
	char buf[sizeof(struct xfrm_algo_aead) + 64] __attribute__((aligned(8))) = { 0 };
	struct xfrm_algo_aead *aead = (void *)buf;
	struct xfrm_algo *algo = (void *)buf;
	int head = type == XFRMA_ALG_AEAD ? sizeof(*aead) : sizeof(*algo);

	strcpy(algo->alg_name, name);
	algo->alg_key_len = bits;
	if (type == XFRMA_ALG_AEAD)
		aead->alg_icv_len = 128;
	nl_put(nl, type, buf, head + bits / 8);
}

static int esp(const char *aead)
{
	struct xfrm_usersa_info *sa;
	struct nl nl;
	int error;

	if (nl_open(&nl, NETLINK_XFRM))
		return FAIL;
	sa = nl_msg(&nl, XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL, sizeof(*sa));
	sa->family = AF_INET;
	sa->id.proto = IPPROTO_ESP;
	sa->id.spi = htonl(0x1000);
	sa->id.daddr.a4 = htonl(0x0a000002);
	sa->saddr.a4 = htonl(0x0a000001);
	sa->mode = XFRM_MODE_TUNNEL;
	sa->lft.soft_byte_limit = sa->lft.hard_byte_limit = XFRM_INF;
	sa->lft.soft_packet_limit = sa->lft.hard_packet_limit = XFRM_INF;
	if (aead) {
		/* the key is followed by its salt: 4 bytes, 3 with CCM */
		algorithm(&nl, XFRMA_ALG_AEAD, aead,
			  strstr(aead, "chacha")      ? 256 + 32 :
				  strstr(aead, "gcm") ? 128 + 32 :
							128 + 24);
	} else {
		algorithm(&nl, XFRMA_ALG_AUTH, "hmac(sha256)", 256);
		algorithm(&nl, XFRMA_ALG_CRYPT, "cbc(aes)", 128);
	}
	error = nl_talk(&nl);
	return error ? failed("an ESP association with %s: %s",
			      aead ? aead : "cbc(aes), hmac(sha256)", strerror(-error)) :
		       PASS;
}

/* ---- devices of VPNs and virtual machines */

static int ppp(const char *arg)
{
	int fd = open("/dev/ppp", O_RDWR | O_CLOEXEC), unit = -1;

	(void)arg;
	if (fd < 0 || ioctl(fd, PPPIOCNEWUNIT, &unit))
		return failed("/dev/ppp: %s", strerror(errno));
	return link_index("ppp0") < 0 ? FAIL : PASS;
}

static int vhost(const char *dev)
{
	int fd = open(dev, O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, VHOST_SET_OWNER))
		return failed("VHOST_SET_OWNER of %s: %s", dev, strerror(errno));
	return PASS;
}

static int vsock_diag(const char *arg)
{
	struct vsock_diag_req *req;
	struct nl nl;
	int count;

	(void)arg;
	if (nl_open(&nl, NETLINK_SOCK_DIAG))
		return FAIL;
	req = nl_msg(&nl, SOCK_DIAG_BY_FAMILY, 0, sizeof(*req));
	req->sdiag_family = AF_VSOCK;
	req->vdiag_states = ~0;
	count = nl_dump(&nl);
	return count < 0 ? failed("list of AF_VSOCK sockets: %s", strerror(-count)) : PASS;
}

static int vsock_loopback(const char *arg)
{
	struct sockaddr_vm at = { .svm_family = AF_VSOCK, .svm_port = 5000, .svm_cid = 1 };
	int server, client, peer;
	char buf[8] = "";

	(void)arg;
	server = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	client = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server, (void *)&at, sizeof(at)) || listen(server, 1) ||
	    connect(client, (void *)&at, sizeof(at)))
		return failed("AF_VSOCK to ourselves: %s", strerror(errno));
	peer = accept(server, NULL, NULL);
	if (write(client, "vsock", 5) != 5 || read(peer, buf, 5) != 5 || strcmp(buf, "vsock"))
		return failed("expected vsock, got \"%s\"", buf);
	return PASS;
}

const struct probe network_probes[] = {
	{ "link: team", link_kind, "team", .modules = "team" },
	{ "link: ifb", link_kind, "ifb", .modules = "ifb" },
	{ "link: vrf", link_kind, "vrf" },
	{ "link: bridge", link_kind, "bridge" },
	{ "link: veth", link_kind, "veth" },
	{ "link: dummy", link_kind, "dummy" },
	{ "link: nlmon", link_kind, "nlmon", .modules = "nlmon" },
	{ "link: macvtap", link_kind, "macvtap", .modules = "macvtap" },
	{ "link: vti", link_kind, "vti" },
	{ "link: vti6", link_kind, "vti6" },
	{ "link: xfrm", link_kind, "xfrm" },
	{ "a ping passes over bond", userland, "link bond", .modules = "bonding" },
	{ "a ping passes over geneve", userland, "link geneve", .modules = "geneve" },
	{ "a ping passes over gre", userland, "link gre" },
	{ "a ping passes over gretap", userland, "link gretap" },
	{ "a ping passes over ip6gre", userland, "link ip6gre" },
	{ "a ping passes over ipip", userland, "link ipip" },
	{ "a ping passes over sit", userland, "link sit" },
	{ "a ping passes over ip6tnl", userland, "link ip6tnl" },
	{ "wireguard completes a handshake and passes a ping", userland, "wireguard", 5, 6 },
	{ "a tun device passes a datagram to its program", tun, NULL },
	{ "a tap device can be brought up", tap, NULL },
	{ "TCP with bbr", congestion, "bbr" },
	{ "TCP with dctcp", congestion, "dctcp" },
	{ "TCP with westwood", congestion, "westwood" },
	{ "TCP with kernel TLS", tls, NULL },
	{ "an SCTP socket can be created", sctp, NULL, .modules = "sctp" },
	{ "an MPTCP socket can be created", mptcp, NULL, 5, 6 },
	{ "queueing disciplines", qdiscs,
	  "codel fq fq_codel cake hfsc htb ingress clsact netem prio sfq red tbf" },
	{ "classifiers", classifiers, "basic bpf flow flower fw matchall u32" },
	{ "actions", actions, "bpf csum gact mirred pedit police skbedit tunnel_key vlan" },
	{ "a matchall filter drops packets that leave lo", drops_at_egress, NULL },
	{ "netem delays packets that leave lo", netem_delays, NULL },
	{ "IPsec: cbc(aes) with hmac(sha256)", esp, NULL },
	{ "IPsec: gcm(aes)", esp, "rfc4106(gcm(aes))" },
	{ "IPsec: ccm(aes)", esp, "rfc4309(ccm(aes))" },
	{ "IPsec: chacha20-poly1305", esp, "rfc7539esp(chacha20,poly1305)" },
	{ "IPsec encrypts a ping", userland, "ipsec" },
	{ "ppp creates a link", ppp, NULL, .modules = "ppp_generic" },
	{ "vhost-net accepts an owner", vhost, "/dev/vhost-net", .modules = "vhost_net" },
	{ "vhost-vsock accepts an owner", vhost, "/dev/vhost-vsock", 5, 5,
	  .modules = "vhost_vsock" },
	{ "AF_VSOCK sockets can be listed", vsock_diag, NULL },
	{ "AF_VSOCK passes bytes within the machine", vsock_loopback, NULL, 5, 6 },
	{ NULL, NULL, NULL },
};
