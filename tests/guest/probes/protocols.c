// SPDX-License-Identifier: GPL-2.0
/*
 * Protocols of virtual networks, clusters and VPNs, each with data that passes: Open
 * vSwitch, TIPC, RDS over TCP and L2TP.
 */
#define _GNU_SOURCE
#include "netlink.h"
#include "probe.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_pppox.h>
#include <linux/l2tp.h>
#include <linux/openvswitch.h>
#include <linux/ppp-ioctl.h>
#include <linux/tipc.h>
#include <linux/tipc_netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void put_u16(struct nl *nl, int type, uint16_t value)
{
	nl_put(nl, type, &value, sizeof(value));
}

/* ---- Open vSwitch */

/* A request to FAMILY of datapath DP; NL is closed by ovs_done(). */
static int ovs_request(struct nl *nl, const char *family, int command, int dp)
{
	int id = genl_open(nl, family);
	struct ovs_header *head;

	if (id < 0)
		return -1;
	head = genl_msg(nl, id, command, 0, sizeof(*head));
	head->dp_ifindex = dp;
	return 0;
}

static int ovs_done(struct nl *nl, const char *what)
{
	int error = nl_talk(nl);

	nl_close(nl);
	return error ? failed("%s: %s", what, strerror(-error)) : 0;
}

static int add_datapath(const char *name)
{
	struct nl nl;

	if (ovs_request(&nl, OVS_DATAPATH_FAMILY, OVS_DP_CMD_NEW, 0))
		return -1;
	nl_str(&nl, OVS_DP_ATTR_NAME, name);
	nl_u32(&nl, OVS_DP_ATTR_UPCALL_PID, 0);
	return ovs_done(&nl, "OVS_DP_CMD_NEW");
}

static int add_port(int dp, const char *link, int number)
{
	struct nl nl;

	if (ovs_request(&nl, OVS_VPORT_FAMILY, OVS_VPORT_CMD_NEW, dp))
		return -1;
	nl_u32(&nl, OVS_VPORT_ATTR_TYPE, OVS_VPORT_TYPE_NETDEV);
	nl_str(&nl, OVS_VPORT_ATTR_NAME, link);
	nl_u32(&nl, OVS_VPORT_ATTR_PORT_NO, number);
	nl_u32(&nl, OVS_VPORT_ATTR_UPCALL_PID, 0);
	return ovs_done(&nl, "OVS_VPORT_CMD_NEW");
}

/* Whatever comes from port FROM leaves by port TO. */
static int add_flow(int dp, int from, int to)
{
	struct ovs_key_ethernet any = { 0 };
	struct nl nl;
	int mark;

	if (ovs_request(&nl, OVS_FLOW_FAMILY, OVS_FLOW_CMD_NEW, dp))
		return -1;
	mark = nl_nest(&nl, OVS_FLOW_ATTR_KEY);
	nl_u32(&nl, OVS_KEY_ATTR_IN_PORT, from);
	nl_put(&nl, OVS_KEY_ATTR_ETHERNET, &any, sizeof(any));
	nl_end(&nl, mark);
	/* what the mask does not have matches everything */
	mark = nl_nest(&nl, OVS_FLOW_ATTR_MASK);
	nl_u32(&nl, OVS_KEY_ATTR_IN_PORT, ~0U);
	nl_end(&nl, mark);
	mark = nl_nest(&nl, OVS_FLOW_ATTR_ACTIONS);
	nl_u32(&nl, OVS_ACTION_ATTR_OUTPUT, to);
	nl_end(&nl, mark);
	return ovs_done(&nl, "OVS_FLOW_CMD_NEW");
}

/* UDP to ADDRESS in namespace THERE, which answers ARP after it has seen its carrier. */
static int datagram_passes(int here, int there, const char *address)
{
	int fd, tries;

	if (enter(there))
		return FAIL;
	fd = udp_socket(7000);
	if (fd < 0 || enter(here))
		return FAIL;
	for (tries = 0; tries < 10; tries++) {
		if (udp_send(address, 7000, "through"))
			return FAIL;
		if (udp_arrives(fd, "through"))
			return PASS;
	}
	return failed("no datagram arrives at %s", address);
}

static int ovs(const char *arg)
{
	int here, there, dp;

	(void)arg;
	if (wire(&here, &there) || add_datapath("ovs0"))
		return FAIL;
	dp = link_index("ovs0");
	if (dp < 0 || add_port(dp, "near", 1) || link_address("ovs0", "10.8.0.1", 24) ||
	    link_up("ovs0") || enter(there) || link_address("far", "10.8.0.2", 24) || enter(here))
		return FAIL;
	if (add_flow(dp, OVSP_LOCAL, 1) || add_flow(dp, 1, OVSP_LOCAL))
		return FAIL;
	return datagram_passes(here, there, "10.8.0.2");
}

/* ---- TIPC */

#define SERVICE 18888

static int tipc_address(uint32_t address)
{
	int id, mark, error;
	struct nl nl;

	id = genl_open(&nl, TIPC_GENL_V2_NAME);
	if (id < 0)
		return -1;
	genl_msg(&nl, id, TIPC_NL_NET_SET, 0, 0);
	mark = nl_nest(&nl, TIPC_NLA_NET);
	nl_u32(&nl, TIPC_NLA_NET_ADDR, address);
	nl_end(&nl, mark);
	error = nl_talk(&nl);
	nl_close(&nl);
	return error ? failed("TIPC_NL_NET_SET: %s", strerror(-error)) : 0;
}

static int tipc_socket(void)
{
	int fd = socket(AF_TIPC, SOCK_RDM | SOCK_CLOEXEC, 0);

	return fd < 0 ? failed("a TIPC socket: %s", strerror(errno)) : fd;
}

/* The node of the legacy address <1.1.1> offers a service and uses it. */
static int tipc(const char *arg)
{
	const uint32_t address = 1 << 24 | 1 << 12 | 1;
	struct sockaddr_tipc at = {
		.family = AF_TIPC,
		.addrtype = TIPC_ADDR_NAMESEQ,
		.scope = TIPC_NODE_SCOPE,
		.addr.nameseq = { SERVICE, 17, 17 },
	}, own = { 0 };
	const struct sockaddr_tipc to = {
		.family = AF_TIPC,
		.addrtype = TIPC_ADDR_NAME,
		.addr.name = { { SERVICE, 17 }, 0 },
	};
	struct pollfd in = { .events = POLLIN };
	socklen_t len = sizeof(own);
	char text[16] = "";
	int fd;

	(void)arg;
	if (tipc_address(address))
		return FAIL;
	in.fd = tipc_socket();
	fd = tipc_socket();
	if (in.fd < 0 || fd < 0)
		return FAIL;
	if (bind(in.fd, (void *)&at, sizeof(at)))
		return failed("bind to the service: %s", strerror(errno));
	if (getsockname(fd, (void *)&own, &len) || own.addr.id.node != address)
		return failed("the node's address: expected %x, got %x", address, own.addr.id.node);
	if (sendto(fd, "hello", 6, 0, (void *)&to, sizeof(to)) != 6)
		return failed("send to the service: %s", strerror(errno));
	if (poll(&in, 1, 5000) != 1 || recv(in.fd, text, sizeof(text), 0) != 6)
		return failed("no message arrives");
	return strcmp(text, "hello") ? failed("expected hello, got \"%.15s\"", text) : PASS;
}

/* ---- RDS */

static int rds_socket(const char *address)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(4000) };
	int fd = socket(AF_RDS, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, address, &at.sin_addr);
	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)))
		return failed("an RDS socket on %s: %s", address, strerror(errno));
	return fd;
}

/* Between two addresses of one machine RDS would not use TCP. */
static int rds(const char *arg)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(4000) };
	struct pollfd in = { .events = POLLIN };
	int here, there, fd;
	char text[16] = "";

	(void)arg;
	if (wire(&here, &there) || enter(there))
		return FAIL;
	in.fd = rds_socket(FAR);
	if (in.fd < 0 || enter(here))
		return FAIL;
	fd = rds_socket(NEAR);
	inet_pton(AF_INET, FAR, &to.sin_addr);
	if (fd < 0)
		return FAIL;
	if (sendto(fd, "hello", 6, 0, (void *)&to, sizeof(to)) != 6)
		return failed("send to " FAR ": %s", strerror(errno));
	if (poll(&in, 1, 20000) != 1 || recv(in.fd, text, sizeof(text), 0) != 6)
		return failed("no message arrives");
	return strcmp(text, "hello") ? failed("expected hello, got \"%.15s\"", text) : PASS;
}

/* ---- L2TP */

enum { VERSION_PPP = 2, VERSION_ETHERNET = 3 };

/* A tunnel over UDP from OWN to OTHER, with the number 1 on both sides. */
static int tunnel(int version, const char *own, const char *other)
{
	struct in_addr from, to;
	struct nl nl;
	int id = genl_open(&nl, L2TP_GENL_NAME), error;

	if (id < 0)
		return -1;
	inet_pton(AF_INET, own, &from);
	inet_pton(AF_INET, other, &to);
	genl_msg(&nl, id, L2TP_CMD_TUNNEL_CREATE, 0, 0);
	nl_u32(&nl, L2TP_ATTR_CONN_ID, 1);
	nl_u32(&nl, L2TP_ATTR_PEER_CONN_ID, 1);
	nl_u8(&nl, L2TP_ATTR_PROTO_VERSION, version);
	put_u16(&nl, L2TP_ATTR_ENCAP_TYPE, L2TP_ENCAPTYPE_UDP);
	nl_put(&nl, L2TP_ATTR_IP_SADDR, &from, sizeof(from));
	nl_put(&nl, L2TP_ATTR_IP_DADDR, &to, sizeof(to));
	put_u16(&nl, L2TP_ATTR_UDP_SPORT, 1701);
	put_u16(&nl, L2TP_ATTR_UDP_DPORT, 1701);
	error = nl_talk(&nl);
	if (!error && version == VERSION_ETHERNET) {
		genl_msg(&nl, id, L2TP_CMD_SESSION_CREATE, 0, 0);
		nl_u32(&nl, L2TP_ATTR_CONN_ID, 1);
		nl_u32(&nl, L2TP_ATTR_SESSION_ID, 1);
		nl_u32(&nl, L2TP_ATTR_PEER_SESSION_ID, 1);
		put_u16(&nl, L2TP_ATTR_PW_TYPE, L2TP_PWTYPE_ETH);
		error = nl_talk(&nl);
	}
	nl_close(&nl);
	return error ? failed("an L2TP tunnel to %s: %s", other, strerror(-error)) : 0;
}

static int l2tp_ethernet(const char *arg)
{
	int here, there;

	(void)arg;
	if (wire(&here, &there) || tunnel(VERSION_ETHERNET, NEAR, FAR) ||
	    link_address("l2tpeth0", "10.8.0.1", 24) || link_up("l2tpeth0") || enter(there) ||
	    tunnel(VERSION_ETHERNET, FAR, NEAR) || link_address("l2tpeth0", "10.8.0.2", 24) ||
	    link_up("l2tpeth0"))
		return FAIL;
	return datagram_passes(here, there, "10.8.0.2");
}

/* The socket that a PPP daemon gets: of the tunnel first, then of the session. */
static int l2tp_ppp(const char *arg)
{
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(1701) };
	struct sockaddr_pppol2tp at = {
		.sa_family = AF_PPPOX,
		.sa_protocol = PX_PROTO_OL2TP,
		.pppol2tp = { .s_tunnel = 1, .d_tunnel = 1 },
	};
	int udp = udp_socket(1701), tunnel, session, channel = -1;

	(void)arg;
	inet_pton(AF_INET, "127.0.0.1", &peer.sin_addr);
	if (udp < 0 || link_up("lo") || connect(udp, (void *)&peer, sizeof(peer)))
		return failed("the tunnel's socket: %s", strerror(errno));
	at.pppol2tp.fd = udp;
	at.pppol2tp.addr = peer;
	tunnel = socket(AF_PPPOX, SOCK_DGRAM | SOCK_CLOEXEC, PX_PROTO_OL2TP);
	if (tunnel < 0 || connect(tunnel, (void *)&at, sizeof(at)))
		return failed("an L2TP tunnel: %s", strerror(errno));
	at.pppol2tp.s_session = at.pppol2tp.d_session = 1;
	session = socket(AF_PPPOX, SOCK_DGRAM | SOCK_CLOEXEC, PX_PROTO_OL2TP);
	if (session < 0 || connect(session, (void *)&at, sizeof(at)))
		return failed("an L2TP session: %s", strerror(errno));
	return ioctl(session, PPPIOCGCHAN, &channel) ? failed("PPPIOCGCHAN: %s", strerror(errno)) :
						       PASS;
}

const struct probe protocols_probes[] = {
	{ "Open vSwitch forwards by its flows", ovs, NULL, .modules = "openvswitch" },
	{ "a TIPC node has an address and a service", tipc, NULL, .modules = "tipc" },
	{ "RDS sends a message over TCP", rds, NULL, .modules = "rds rds_tcp" },
	{ "an L2TP tunnel carries Ethernet", l2tp_ethernet, NULL,
	  .modules = "l2tp_netlink l2tp_eth" },
	{ "an L2TP session has a channel for PPP", l2tp_ppp, NULL, .modules = "l2tp_ppp" },
	{ "L2TP over IP has its protocol", exists, "/sys/module/l2tp_ip", .modules = "l2tp_ip" },
	{ NULL, NULL, NULL },
};
