// SPDX-License-Identifier: GPL-2.0
/* Frames between a tap interface and a network card. */
#define _GNU_SOURCE
#include "nettap.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TURN 32 /* frames before others have the lock */

int nettap_open(const char *name, const char *address)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	struct sockaddr_in *addr = (struct sockaddr_in *)&ifr.ifr_addr;
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr)) {
		error("tap interface %s: /dev/net/tun: %s", name, strerror(errno));
		goto fail;
	}
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = inet_addr(address);
	if (ioctl(sock, SIOCSIFADDR, &ifr))
		goto fail_addr;
	addr->sin_addr.s_addr = inet_addr("255.255.255.0");
	if (ioctl(sock, SIOCSIFNETMASK, &ifr) || ioctl(sock, SIOCGIFFLAGS, &ifr))
		goto fail_addr;
	ifr.ifr_flags |= IFF_UP;
	if (ioctl(sock, SIOCSIFFLAGS, &ifr))
		goto fail_addr;
	close(sock);
	return fd;
fail_addr:
	error("tap interface %s: its address: %s", name, strerror(errno));
fail:
	close(fd);
	close(sock);
	return -1;
}

void nettap_wake(struct nettap *tap)
{
	if (tap->watch)
		loop_events(tap->loop, tap->watch, tap->room(tap->card) ? EPOLLIN : 0);
}

static void ready(void *arg, u32 events)
{
	struct nettap *tap = arg;
	u8 buffer[NETTAP_HEAD + NETTAP_FRAME], *frame = buffer + NETTAP_HEAD;
	ssize_t n = 0;

	/* read only what there is room for, so that nothing is dropped */
	for (int i = 0; i < TURN && tap->room(tap->card); i++) {
		memset(buffer, 0, NETTAP_HEAD);
		n = read(tap->fd, frame, NETTAP_FRAME);
		if (n <= 0)
			break;
		*(tap->deliver(tap->card, frame, n) ? &tap->dropped : &tap->to_guest) += 1;
	}
	if (events & (EPOLLERR | EPOLLHUP) && n <= 0) { /* it is gone, and would say so for ever */
		error("the tap interface is gone");
		loop_forget(tap->loop, tap->watch);
		tap->watch = NULL;
	}
	nettap_wake(tap);
}

void nettap_send(struct nettap *tap, const void *frame, u32 len)
{
	tap->from_guest++;
	if (write(tap->fd, frame, len) != (ssize_t)len)
		tap->dropped++;
}

int nettap_init(struct nettap *tap, struct loop *loop, int fd, int (*room)(void *card),
		int (*deliver)(void *card, u8 *frame, u32 len), void *card)
{
	*tap = (struct nettap){
		.loop = loop, .fd = fd, .room = room, .deliver = deliver, .card = card
	};
	tap->watch = loop_watch(loop, fd, 0, ready, tap);
	return tap->watch ? 0 : -1;
}
