// SPDX-License-Identifier: GPL-2.0
/*
 * Bluetooth: an adapter whose controller is a program comes up, two sockets of the machine
 * are made, and USB adapters have their driver. Bluetooth is in the first network
 * namespace only.
 */
#define _GNU_SOURCE
#include "netlink.h"
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* net/bluetooth has no header for programs; these are from include/net/bluetooth */
enum { BT_L2CAP = 0, BT_HCI = 1, BT_RFCOMM = 3, BT_BNEP = 4, BT_HIDP = 6 };
#define HCIDEVUP      _IOW('H', 201, int)
#define HCIGETDEVINFO _IOR('H', 211, int)
#define HCI_IS_UP     1

struct device_info {
	uint16_t id;
	char name[8];
	uint8_t address[6];
	uint32_t flags;
	uint8_t more[64];
};

enum { COMMAND = 1, EVENT = 4, VENDOR = 0xff }; /* types of packets */
#define COMMAND_COMPLETE 0x0e

static const uint8_t own_address[6] = { 6, 5, 4, 3, 2, 1 };

/*
 * The answer to command OPCODE, after its status: a controller of the first generation
 * without any option. Returns the number of bytes.
 */
static int respond(int opcode, uint8_t *data)
{
	static const uint8_t buffers[7] = { 0xfd, 3, 64, 8, 0, 8, 0 };

	switch (opcode) {
	case 0x1001: /* version */
	case 0x1003: /* features */
		return 8;
	case 0x1002: /* commands */
		return 64;
	case 0x1004: /* more features */
		return 10;
	case 0x1005:
		memcpy(data, buffers, sizeof(buffers));
		return sizeof(buffers);
	case 0x1009:
		memcpy(data, own_address, sizeof(own_address));
		return sizeof(own_address);
	case 0x0c14: /* name */
		return 248;
	case 0x0c23: /* class */
		return 3;
	case 0x0c25: /* voice */
		return 2;
	case 0x0c38: /* number of access codes */
		data[0] = 1;
		return 1;
	case 0x0c39: /* the access codes */
		data[0] = 1;
		return 4;
	}
	return 0;
}

/* Be the controller at the other end of FD. */
static void controller(int fd)
{
	uint8_t in[512], out[512];
	int opcode, len;

	while (read(fd, in, sizeof(in)) >= 4) {
		if (in[0] != COMMAND)
			continue;
		opcode = in[1] | in[2] << 8;
		memset(out, 0, sizeof(out));
		len = respond(opcode, out + 7);
		out[0] = EVENT;
		out[1] = COMMAND_COMPLETE;
		out[2] = 4 + len;
		out[3] = 1; /* one more command may be sent */
		memcpy(out + 4, in + 1, 2);
		if (write(fd, out, 7 + len) != 7 + len)
			return;
	}
}

static int adapter(const char *arg)
{
	const uint8_t create[2] = { VENDOR, 0 };
	struct device_info info = { 0 };
	uint8_t created[4];
	int fd = open("/dev/vhci", O_RDWR | O_CLOEXEC), hci, pid;

	(void)arg;
	if (first_network())
		return FAIL;
	if (fd < 0 || write(fd, create, sizeof(create)) != sizeof(create) ||
	    read(fd, created, sizeof(created)) != sizeof(created))
		return failed("/dev/vhci: %s", strerror(errno));
	info.id = created[2] | created[3] << 8;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		controller(fd);
		_exit(0);
	}
	hci = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BT_HCI);
	if (pid < 0 || hci < 0)
		return failed("a Bluetooth socket: %s", strerror(errno));
	/* the kernel itself turns a new adapter on for a moment */
	if (ioctl(hci, HCIDEVUP, info.id) && errno != EALREADY)
		return failed("HCIDEVUP: %s", strerror(errno));
	if (ioctl(hci, HCIGETDEVINFO, &info))
		return failed("HCIGETDEVINFO: %s", strerror(errno));
	if (!(info.flags & HCI_IS_UP) || memcmp(info.address, own_address, sizeof(own_address)))
		return failed("hci%d has flags %x and an address that ends in %02x", info.id,
			      info.flags, info.address[0]);
	return PASS;
}

/* The sockets of serial lines, networks and input devices over Bluetooth. */
static int has_protocols(const char *arg)
{
	static const struct {
		const char *name;
		int type, number;
	} protocols[] = {
		{ "L2CAP", SOCK_SEQPACKET, BT_L2CAP },
		{ "RFCOMM", SOCK_STREAM, BT_RFCOMM },
		{ "BNEP", SOCK_RAW, BT_BNEP },
		{ "HIDP", SOCK_RAW, BT_HIDP },
	};
	int rc = PASS, fd;

	(void)arg;
	if (first_network())
		return FAIL;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		fd = socket(AF_BLUETOOTH, protocols[i].type | SOCK_CLOEXEC, protocols[i].number);
		if (fd < 0)
			rc = failed("a socket of %s: %s", protocols[i].name, strerror(errno));
		close(fd);
	}
	return rc;
}

const struct probe bluetooth_probes[] = {
	{ "an adapter comes up", adapter, NULL, .modules = "hci_vhci" },
	{ "its protocols have sockets", has_protocols, NULL, .modules = "rfcomm bnep hidp" },
	{ "USB adapters have their driver", bus_drivers, "usb btusb" },
	{ NULL, NULL, NULL },
};
