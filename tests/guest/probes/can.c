// SPDX-License-Identifier: GPL-2.0
/*
 * SocketCAN, built as modules: loading them is half of what is tested here.
 * A module that one row loads stays loaded for the next.
 */
#define _GNU_SOURCE
#include "netlink.h"
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/can.h>
#include <linux/can/bcm.h>
#include <linux/can/raw.h>
#include <linux/tty.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

static int first_load(const char *name)
{
	if (module_loaded(name))
		return failed("%s is loaded before its test", name);
	return loads(name);
}

static int unloads(const char *name)
{
	if (module_load(name))
		return FAIL;
	if (module_built_in(name))
		return skip("%s is built in", name);
	if (syscall(SYS_delete_module, name, O_NONBLOCK))
		return failed("delete_module %s: %s", name, strerror(errno));
	return module_loaded(name) ? failed("/proc/modules still lists %s", name) : PASS;
}

static int raw_socket(const char *link)
{
	struct sockaddr_can at = { .can_family = AF_CAN, .can_ifindex = link_index(link) };
	int fd = socket(AF_CAN, SOCK_RAW | SOCK_CLOEXEC, CAN_RAW);

	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)))
		return failed("raw CAN socket on %s: %s", link, strerror(errno));
	return fd;
}

static const struct can_frame frame = {
	.can_id = 0x123,
	.can_dlc = 4,
	.data = { 0xde, 0xad, 0xbe, 0xef },
};

static int frame_passes(const char *from, const char *to)
{
	int sender = raw_socket(from), receiver = raw_socket(to);
	struct pollfd in = { .fd = receiver, .events = POLLIN };
	struct can_frame got;
	int tries = 25;

	if (sender < 0 || receiver < 0)
		return FAIL;
	/* a link's queue drops what comes before the kernel has seen its carrier */
	do {
		if (write(sender, &frame, sizeof(frame)) != sizeof(frame))
			return failed("send a frame on %s: %s", from, strerror(errno));
	} while (poll(&in, 1, 200) != 1 && --tries);
	if (!tries || read(receiver, &got, sizeof(got)) != sizeof(got))
		return failed("no frame arrives on %s", to);
	if (got.can_id != frame.can_id || got.can_dlc != 4 || memcmp(got.data, frame.data, 4))
		return failed("expected 123#DEADBEEF, got %X, %d bytes", got.can_id, got.can_dlc);
	return PASS;
}

static int vcan(const char *arg)
{
	(void)arg;
	if (module_load("can-raw") || module_load("vcan") || link_add("vcan0", "vcan") ||
	    link_up("vcan0"))
		return FAIL;
	return frame_passes("vcan0", "vcan0");
}

/* The end that is not named is vxcan0. */
static int vxcan(const char *arg)
{
	(void)arg;
	/* the other end, which is made first, takes the name vxcan0 */
	if (module_load("can-raw") || module_load("vxcan") || link_add("near", "vxcan") ||
	    link_up("near") || link_up("vxcan0"))
		return FAIL;
	return frame_passes("near", "vxcan0");
}

static int bcm(const char *arg)
{
	char send[sizeof(struct bcm_msg_head) + sizeof(frame)] __attribute__((aligned(8))) = { 0 };
	struct bcm_msg_head *head = (void *)send;
	struct sockaddr_can at = { .can_family = AF_CAN };
	struct pollfd in = { .events = POLLIN };
	int fd;

	(void)arg;
	if (module_load("can-raw") || module_load("can-bcm") || module_load("vcan") ||
	    link_add("vcan0", "vcan") || link_up("vcan0"))
		return FAIL;
	in.fd = raw_socket("vcan0");
	fd = socket(AF_CAN, SOCK_DGRAM | SOCK_CLOEXEC, CAN_BCM);
	at.can_ifindex = link_index("vcan0");
	if (in.fd < 0 || fd < 0 || connect(fd, (void *)&at, sizeof(at)))
		return failed("CAN_BCM socket: %s", strerror(errno));
	head->opcode = TX_SEND;
	head->nframes = 1;
	head->frames[0] = frame;
	if (write(fd, send, sizeof(send)) != sizeof(send))
		return failed("TX_SEND: %s", strerror(errno));
	return poll(&in, 1, 5000) == 1 ? PASS : failed("the frame does not arrive");
}

/*
 * The serial adapter's text for the frame: t, its number, length, bytes. Its
 * link is in the initial network namespace, whichever namespace made it.
 */
static int slcan(const char *arg)
{
	int discipline = N_SLCAN, master, tty;
	struct pollfd in = { .events = POLLIN };
	struct termios raw = { .c_cflag = CS8 | CREAD | CLOCAL };
	char text[64] = "";
	struct ifreq ifr = { 0 };
	int tries, fd, have = 0;

	(void)arg;
	/* a line discipline creates its link in the initial network namespace */
	if (first_network() || module_load("can-raw") || module_load("slcan"))
		return FAIL;
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	unlockpt(master);
	tty = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	tcsetattr(tty, TCSANOW, &raw);
	if (tty < 0 || ioctl(tty, TIOCSETD, &discipline) || ioctl(tty, SIOCGIFNAME, &ifr))
		return failed("N_SLCAN on a pty: %s", strerror(errno));
	if (link_up(ifr.ifr_name))
		return FAIL;
	fd = raw_socket(ifr.ifr_name);
	if (fd < 0 || write(fd, &frame, sizeof(frame)) != sizeof(frame))
		return failed("send a frame on %s: %s", ifr.ifr_name, strerror(errno));
	in.fd = master;
	for (tries = 0; tries < 10 && poll(&in, 1, 2000) == 1; tries++) {
		have += read(master, text + have, sizeof(text) - 1 - have);
		if (strstr(text, "t1234DEADBEEF\r"))
			return PASS;
	}
	return failed("expected t1234DEADBEEF, got \"%s\"", text);
}

const struct probe can_probes[] = {
	{ "can loads", first_load, "can" },
	{ "can_raw loads", first_load, "can_raw" },
	{ "can_bcm loads", first_load, "can_bcm" },
	{ "can_gw loads", first_load, "can_gw" },
	{ "can_dev loads", first_load, "can_dev" },
	{ "vcan loads", first_load, "vcan" },
	{ "vxcan loads", first_load, "vxcan" },
	{ "slcan loads", first_load, "slcan" },
	{ "can327 loads", first_load, "can327", 6, 0 },
	{ "vxcan can be unloaded", unloads, "vxcan" },
	{ "a frame passes over vcan0", vcan, NULL },
	{ "a frame passes over a pair of vxcan", vxcan, NULL },
	{ "the broadcast manager sends a frame", bcm, NULL },
	{ "slcan writes a frame to a terminal", slcan, NULL },
	{ "USB adapters have their drivers", bus_drivers,
	  "usb usb_8dev ems_usb gs_usb mcba_usb peak_usb ucan" },
	{ "adapters of esd have a driver", bus_drivers, "usb esd_usb", 6, 0 },
	{ "adapters of Fintek have a driver", bus_drivers, "usb f81604", 6, 5 },
	{ NULL, NULL, NULL },
};
