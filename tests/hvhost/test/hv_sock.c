// SPDX-License-Identifier: GPL-2.0
/* Sockets between a minimal guest and unix sockets. */
#define _GNU_SOURCE
#include "fds.h"
#include "guest.h"
#include "../hv_sock.h"
#include "../loop.h"
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct loop loop;
static struct hv_sock sock;
static int listener;
static const struct vmbus_channel_tl_connect_request request = {
	.h.type = CHANNELMSG_TL_CONNECT_REQUEST,
	.service = { { 0x88, 0x13, 0, 0, 0xcb, 0xfa, 0xe6, 0x11, 0xbd, 0x58, 0x64, 0x00, 0x6a, 0x79,
		       0x86, 0xd3 } },
	.endpoint = { { 9 } },
};

static int unix_listen(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	return bind(fd, (void *)&addr, sizeof(addr)) || listen(fd, 4) ? -1 : fd;
}

/* Connect from the guest; the unix socket, and the channel in CH, both open. */
static int connected(struct channel **ch)
{
	hv_sock_connect(&sock, &request);
	*ch = &bus.channel[last_offer.relid];
	guest_open(*ch);
	return accept(listener, NULL, NULL);
}

static void data_both_ways(int peer)
{
	u8 data[64] = { 1, 0, 0, 0, 5, 0, 0, 0, 'h', 'e', 'l', 'l', 'o' };
	char buf[64];
	struct packet p;

	guest_write(VM_PKT_DATA_INBAND, 0, NULL, 0, data, 13);
	is(read(peer, buf, sizeof(buf)), 5, "data of the guest reaches the unix socket");
	ok(!memcmp(buf, "hello", 5), "unchanged");
	is(write(peer, "world!", 6), 6, "the socket sends data");
	loop_once(&loop, 100);
	is(guest_read(&p), 1, "the guest receives a packet");
	ok(get32(p.data + 4) == 6 && !memcmp(p.data + 8, "world!", 6), "with that data");
}

static void both_ends(int peer, struct channel *ch)
{
	struct vmbus_relid released = { .h.type = CHANNELMSG_RELID_RELEASED };
	u8 data[8] = { 1 };
	char buf[64];
	struct packet p;
	int before;

	guest_write(VM_PKT_DATA_INBAND, 0, NULL, 0, data, 8);
	is(read(peer, buf, sizeof(buf)), 0,
	   "the guest's shutdown is the end of input for the socket");
	is(write(peer, "more", 4), 4, "the socket can still send");
	loop_once(&loop, 100);
	is(guest_read(&p) && get32(p.data + 4) == 4, 1, "and the guest receives it");
	before = rescinds;
	close(peer);
	loop_once(&loop, 100);
	is(guest_read(&p) && get32(p.data + 4) == 0, 1,
	   "the guest is told that the socket was closed");
	is(rescinds, before + 1, "the channel is rescinded after both ends are closed");
	released.relid = ch->relid;
	guest_post(&released, sizeof(released));
	is(sock.live, 0, "the stream is released");
}

static void guest_connects(void)
{
	int before = offers;
	struct channel *ch;
	int peer;

	hv_sock_connect(&sock, &request);
	is(offers, before + 1, "hv_sock: a connection of the guest gets a channel");
	is(last_offer.flags, 0x2011, "with the flags of a stream");
	ok(last_offer.type.b[0] == 0x88 && last_offer.instance.b[0] == 9,
	   "with the requested service and endpoint");
	ch = &bus.channel[last_offer.relid];
	is(guest_open(ch), 0, "it opens");
	peer = accept(listener, NULL, NULL);
	data_both_ways(peer);
	both_ends(peer, ch);
}

/* Is the loop's next turn due at once? */
static int busy(void)
{
	struct epoll_event ev;

	return epoll_wait(loop.epoll, &ev, 1, 0);
}

/* The peer sends more than the ring takes and hangs up; the guest reads only then. */
static void hangs_up_while_full(void)
{
	static char data[100000];
	struct channel *ch;
	struct packet p;
	int peer = connected(&ch), before = rescinds, fin = 0;
	u8 last[8] = { 1 };
	u32 got = 0;

	memset(data, 'x', sizeof(data));
	is(write(peer, data, sizeof(data)), sizeof(data), "the socket sends more than a ring");
	for (int i = 0; i < 100 && busy(); i++)
		loop_once(&loop, 0);
	is(busy(), 0, "with the ring full it is not read");
	close(peer);
	for (int i = 0; i < 100 && busy(); i++)
		loop_once(&loop, 0);
	is(busy(), 0, "and does not keep the host busy when it is closed");
	for (int i = 0; i < 100 && !fin; i++) {
		while (guest_read(&p)) {
			fin |= get32(p.data + 4) == 0;
			got += get32(p.data + 4);
		}
		ch->ops->signal(ch);
	}
	is(got, sizeof(data), "the guest reads all of it");
	is(fin, 1, "and the end");
	guest_write(VM_PKT_DATA_INBAND, 0, NULL, 0, last, 8);
	is(rescinds, before + 1, "the channel is rescinded");
}

static void bad_length(void)
{
	u8 data[16] = { 1 };
	struct channel *ch;
	int peer = connected(&ch), before;

	before = rescinds;
	put32(data + 4, 60000);
	guest_write(VM_PKT_DATA_INBAND, 0, NULL, 0, data, 16);
	is(sock.bad, 1, "a length beyond the packet is invalid");
	is(rescinds, before + 1, "and ends the stream");
	close(peer);
}

static void refusals(void)
{
	struct vmbus_channel_tl_connect_request c = request;
	int before;

	before = offers;
	c.service.b[0] = 1;
	hv_sock_connect(&sock, &c);
	is(sock.refused, 1, "a connection to an unserved port is refused");
	c.service.b[0] = 0x88;
	c.service.b[15] = 0;
	hv_sock_connect(&sock, &c);
	is(sock.refused, 2, "a service that is not a port too");
	is(offers, before, "without an answer");
	close(listener);
	hv_sock_connect(&sock, &c);
}

/* A client connects when accept() can have no descriptor. */
static void no_descriptor(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int peer = socket(AF_UNIX, SOCK_STREAM, 0), before = offers;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	take_fds(0);
	is(connect(peer, (void *)&addr, sizeof(addr)), 0, "a client without a descriptor for it");
	loop_once(&loop, 100);
	is(busy(), 0, "does not keep the host busy");
	is(offers, before, "nor is it offered");
	give_fds();
	for (int i = 0; i < 50 && offers == before; i++)
		loop_once(&loop, 100);
	is(offers, before + 1, "with descriptors again it is");
	close(peer);
}

static void host_connects(const char *dir)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char path[100];
	int peer, before;

	snprintf(path, sizeof(path), "%s/listen", dir);
	is(hv_sock_listen(&sock, 6000, path), 0, "a unix socket for a port of the guest");
	peer = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	is(connect(peer, (void *)&addr, sizeof(addr)), 0, "a client connects");
	loop_once(&loop, 100);
	is(last_offer.user[4], 1, "the guest is offered a connection from the host");
	is(get32(last_offer.type.b), 6000, "to its port");
	before = rescinds;
	for (int i = 0; i < 30 && rescinds == before; i++)
		loop_once(&loop, 100);
	is(rescinds, before + 1, "the offer is rescinded if the guest does not accept");
	close(peer);
	no_descriptor(path);
}

int main(int argc, char **argv)
{
	char path[100];

	if (argc != 2 || loop_init(&loop))
		return 2;
	guest_start();
	guest_contact();
	hv_sock_init(&sock, &bus, &loop);
	snprintf(path, sizeof(path), "%s/socket", argv[1]);
	listener = unix_listen(path);
	hv_sock_service(&sock, 5000, path);
	guest_connects();
	hangs_up_while_full();
	bad_length();
	refusals();
	host_connects(argv[1]);
	return done();
}
