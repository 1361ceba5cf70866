// SPDX-License-Identifier: GPL-2.0
/* The virtio network card against a minimal driver; a socket pair replaces the tap interface. */
#define _GNU_SOURCE
#include "virtio.h"
#include "../virtio_net.h"
#include <linux/virtio_net.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVE	 0
#define TRANSMIT 1
#define HEADER	 12

static struct virtio_net net;
static int tap[2];
static u8 frame[2048];

static void start(void)
{
	start_driver(BIT(VIRTIO_NET_F_MAC), 2);
}

/* A frame of LEN bytes for the guest. */
static void arrive(u32 len)
{
	if (write(tap[1], frame, len) != (ssize_t)len)
		abort();
	loop_once(&loop, 100);
}

/* Send a frame of LEN bytes with a header: what came out of the tap interface. */
static long long send_frame(u8 flags, u8 gso, u32 len)
{
	u8 bytes[HEADER + sizeof(frame)] = { flags, gso }, got[sizeof(frame)];

	memcpy(bytes + HEADER, frame, len);
	send_buffer(TRANSMIT, bytes, HEADER + len);
	if (returned(TRANSMIT) != 0)
		return -2;
	return read(tap[1], got, sizeof(got));
}

static void begins(void)
{
	struct virtio_host host = guest_host();

	for (u32 i = 0; i < sizeof(frame); i++)
		frame[i] = i * 7;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, tap))
		exit(1);
	is(virtio_net_init(&net, &host, tap[0]), 0, "virtio-net: init");
	fn = &net.v.function;
	find_registers();
	is(fn->device, 0x1041, "device 0x1041");
	is(reg_read(0, config_at + 2, 4), 0x0300775d, "a MAC address of Hyper-V");
	is(reg_read(0, config_at + 6, 2), 1, "the link is up");
	is(offered() & ~(PLATFORM | BIT(VIRTIO_RING_F_INDIRECT_DESC)),
	   BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_STATUS), "no offloads");
}

static void transmits(void)
{
	start();
	is(send_frame(0, 0, 60), 60, "a frame of the guest is sent");
	is(send_frame(0, 0, 1514), 1514, "and one of 1,514 bytes");
	is(net.tap.from_guest, 2, "both are counted");
	is(send_frame(0, 0, NETTAP_FRAME + 1), -1, "one that is too long is not");
	is(send_frame(0, 0, 13), -1, "nor one without an Ethernet header");
	is(send_frame(VIRTIO_NET_HDR_F_NEEDS_CSUM, 0, 60), -1, "nor one without its checksum");
	is(send_frame(0, VIRTIO_NET_HDR_GSO_TCPV4, 60), -1, "nor one to be cut");
	send_buffer(TRANSMIT, frame, 11);
	is(returned(TRANSMIT), 0, "less than a header comes back");
	add_buffer(TRANSMIT, NULL, 0, 100);
	kick(TRANSMIT);
	is(returned(TRANSMIT), 0, "and so does a buffer to write");
	is(net.bad, 6, "all of these are counted");
	is(net.v.errors, 0, "and none needs a reset");
}

static void receives(void)
{
	u8 *in, *second;

	start();
	arrive(60);
	is(net.tap.to_guest, 0, "without buffers a frame waits");
	in = add_buffer(RECEIVE, NULL, 0, HEADER + 1518);
	kick(RECEIVE);
	loop_once(&loop, 100);
	is(returned(RECEIVE), HEADER + 60, "until there is one");
	is(interrupts[RECEIVE], 1, "with an interrupt");
	ok(!memcmp(in, "\0\0\0\0\0\0\0\0\0\0\1\0", HEADER), "the header says one buffer");
	ok(!memcmp(in + HEADER, frame, 60) && in[HEADER + 60] == 0xee, "and the frame is right");
	in = add_buffer(RECEIVE, NULL, 0, HEADER + 99);
	second = add_buffer(RECEIVE, NULL, 0, HEADER + 100);
	kick(RECEIVE);
	arrive(100);
	is(returned(RECEIVE), 0, "a buffer that is too small comes back empty");
	is(in[HEADER - 2], 0xee, "and was not written");
	is(net.tap.dropped, 1, "the frame is dropped");
	arrive(100);
	is(returned(RECEIVE), HEADER + 100, "the next one fits");
	is(second[HEADER + 1], 7, "and is right");
	for (int i = 0; i < 100; i++)
		add_buffer(RECEIVE, NULL, 0, 1600);
	for (int i = 0; i < 40; i++)
		if (write(tap[1], frame, 60) != 60)
			abort();
	kick(RECEIVE);
	loop_once(&loop, 100);
	is(net.tap.to_guest, 2 + 32, "32 frames at most before others have a turn");
	loop_once(&loop, 100);
	is(net.tap.to_guest, 2 + 40, "then the rest");
}

static void hostile(void)
{
	u64 before;

	start();
	set_desc(RECEIVE, 0, GUEST_MEMORY, 1600, VRING_DESC_F_WRITE, 0);
	offer_chain(RECEIVE, 0);
	kick(RECEIVE);
	arrive(60);
	is(broken(), 1, "hostile: a buffer beyond RAM needs a reset");
	before = net.tap.to_guest;
	arrive(60);
	is(net.tap.to_guest, before, "after which frames wait");
	start();
	put16(at(dq[RECEIVE].avail + 2, 2), 5000);
	kick(RECEIVE);
	loop_once(&loop, 100);
	is(broken(), 1, "an available index that jumps does too");
	start();
	add_buffer(RECEIVE, NULL, 0, 1600);
	fn->reset(fn->self);
	arrive(60);
	is(net.tap.to_guest, before, "a device that is off takes no frames");
}

/* The interface goes away: epoll would say so for ever. */
static void gone(void)
{
	start();
	close(tap[1]);
	loop_once(&loop, 100);
	ok(!net.tap.watch, "an interface that is gone is not watched");
	send_buffer(TRANSMIT, frame, 100);
	is(returned(TRANSMIT), 0, "frames for it come back");
	kick(RECEIVE);
	is(broken(), 0, "and the device goes on");
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	begins();
	transmits();
	receives();
	hostile();
	gone();
	virtio_pci_end(&net.v);
	return done();
}
