// SPDX-License-Identifier: GPL-2.0
/*
 * USB over the virtual controller: the built-in drivers serve a device that usbip.c
 * emulates, the modules load, and HID creates its nodes. Each device uses another port,
 * as a port is not free immediately after a disconnect.
 */
#define _GNU_SOURCE
#include "probe.h"
#include "usbip.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/uhid.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const uint8_t ftdi_device[] = DEVICE(0, 0x0403, 0x6001, 0x0600);
static const uint8_t ftdi_config[] = {
	CONFIG(32, 1),
	INTERFACE(0, 2, 255, 255, 255),
	BULK(0x81, 64),
	BULK(2, 64),
};
static const uint8_t cp210x_device[] = DEVICE(0, 0x10c4, 0xea60, 0x0100);
static const uint8_t cp210x_config[] = {
	CONFIG(32, 1),
	INTERFACE(0, 2, 255, 0, 0),
	BULK(0x81, 64),
	BULK(1, 64),
};
static const uint8_t ch341_device[] = DEVICE(255, 0x1a86, 0x7523, 0x0262);
static const uint8_t ch341_config[] = {
	CONFIG(39, 1), INTERFACE(0, 3, 255, 1, 2), BULK(0x82, 32), BULK(2, 32), INTERRUPT(0x81),
};
static const uint8_t pl2303_device[] = DEVICE(0, 0x067b, 0x2303, 0x0300);
static const uint8_t pl2303_config[] = {
	CONFIG(39, 1), INTERFACE(0, 3, 255, 0, 0), INTERRUPT(0x81), BULK(2, 64), BULK(0x83, 64),
};
/* the control interface, with its descriptors of the data interface */
static const uint8_t acm_device[] = DEVICE(2, 0x1d6b, 0x0104, 0x0100);
static const uint8_t acm_config[] = {
	CONFIG(67, 2),
	INTERFACE(0, 1, 2, 2, 1),
	5,
	0x24,
	0,
	LE16(0x0110),
	5,
	0x24,
	1,
	0,
	1,
	4,
	0x24,
	2,
	2,
	5,
	0x24,
	6,
	0,
	1,
	INTERRUPT(0x83),
	INTERFACE(1, 2, 10, 0, 0),
	BULK(0x82, 64),
	BULK(1, 64),
};
static const uint8_t disk_device[] = DEVICE(0, 0x1d6b, 0x0105, 0x0100);
static const uint8_t disk_config[] = {
	CONFIG(32, 1),
	INTERFACE(0, 2, 8, 6, 0x50),
	BULK(0x81, 512),
	BULK(2, 512),
};

#define DISK_TEXT "read from a disk at the other end"

/* A disk of 1 MB whose blocks all begin with DISK_TEXT (SCSI in bulk-only transport). */
static void disk_command(const uint8_t *wrapper, int len)
{
	static const uint8_t inquiry[36] = {
		0,   0x80, 4,	2,   31,  0,   0,   0,	 'p', 'r',
		'o', 'b',  'e', ' ', ' ', ' ', 'd', 'i', 's', 'k',
	};
	static const uint8_t capacity[8] = { 0, 0, 0x07, 0xff, 0, 0, 2, 0 }, mode[4] = { 3 };
	static uint8_t blocks[131072];
	const uint8_t *command = wrapper + 15, *data = blocks;
	uint32_t wanted = wrapper[8] | wrapper[9] << 8 | wrapper[10] << 16, have = wanted;
	uint8_t status[13] = { 'U', 'S', 'B', 'S' };
	size_t at;

	if (len != 31 || memcmp(wrapper, "USBC", 4))
		return;
	memcpy(status + 4, wrapper + 4, 4);
	memset(blocks, 0, sizeof(blocks));
	switch (command[0]) {
	case 0x12: /* INQUIRY, but no further pages */
		data = inquiry;
		have = command[1] & 1 ? 0 : sizeof(inquiry);
		status[12] = command[1] & 1;
		break;
	case 0x25:
		data = capacity;
		have = sizeof(capacity);
		break;
	case 0x1a:
		data = mode;
		have = sizeof(mode);
		break;
	case 0x28: /* READ */
		for (at = 0; at < sizeof(blocks); at += 512)
			memcpy(blocks + at, DISK_TEXT, sizeof(DISK_TEXT));
		break;
	case 0x00:
		break;
	default:
		have = 0;
		status[12] = 1;
	}
	/* a request has 240 blocks at most */
	if (have > sizeof(blocks))
		have = sizeof(blocks);
	if (have > wanted)
		have = wanted;
	if (wanted && wrapper[12] & 0x80)
		usb_reply(data, have);
	status[8] = wanted - have;
	status[9] = (wanted - have) >> 8;
	usb_reply(status, sizeof(status));
}

/* A serial device that returns what is written to its terminal. */
static int serial(const struct usb_model *model, int port, const char *driver)
{
	struct termios raw = { .c_cflag = CS8 | CREAD | CLOCAL | B9600 };
	char pattern[128], name[64], path[80], got[16] = "";
	struct pollfd in = { .events = POLLIN };
	int have = 0;

	if (usb_plug(model, port, USB_FULL_SPEED))
		return FAIL;
	/* the driver binds the first interface, which has a directory for its terminal */
	snprintf(pattern, sizeof(pattern), "/sys/bus/usb/drivers/%s/1-%d:1.0/%s", driver, port + 1,
		 strcmp(driver, "cdc_acm") ? "tty?*" : "tty/tty?*");
	if (appears(pattern, name, sizeof(name)))
		return FAIL;
	snprintf(path, sizeof(path), "/dev/%.60s", name);
	if (appears(path, name, sizeof(name)))
		return FAIL;
	in.fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (in.fd < 0 || tcsetattr(in.fd, TCSANOW, &raw))
		return failed("open %s: %s", path, strerror(errno));
	if (write(in.fd, "hello\n", 6) != 6)
		return failed("write to %s: %s", path, strerror(errno));
	while (have < 6 && poll(&in, 1, 10000) == 1) {
		int n = read(in.fd, got + have, 6 - have);

		if (n <= 0)
			break;
		have += n;
	}
	return have == 6 && !memcmp(got, "hello\n", 6) ?
		PASS :
		failed("%s: expected hello, got %d bytes \"%.*s\"", path, have, have, got);
}

static int ftdi(const char *driver)
{
	/* every packet begins with two bytes of line state */
	static const struct usb_model model = { ftdi_device, ftdi_config, 1, NULL, 2 };

	return serial(&model, 0, driver);
}

static int cp210x(const char *driver)
{
	static const struct usb_model model = { cp210x_device, cp210x_config, 1, NULL, 0 };

	return serial(&model, 1, driver);
}

static int ch341(const char *driver)
{
	static const struct usb_model model = { ch341_device, ch341_config, 2, NULL, 0 };

	return serial(&model, 2, driver);
}

static int pl2303(const char *driver)
{
	static const struct usb_model model = { pl2303_device, pl2303_config, 3, NULL, 0 };

	return serial(&model, 3, driver);
}

static int acm(const char *driver)
{
	static const struct usb_model model = { acm_device, acm_config, 2, NULL, 0 };

	return serial(&model, 4, driver);
}

static int disk(const char *arg)
{
	static const struct usb_model model = { disk_device, disk_config, 1, disk_command, 0 };
	char got[512], name[64], path[80];
	int fd, tries;

	(void)arg;
	if (usb_plug(&model, 5, USB_HIGH_SPEED) ||
	    appears("/sys/bus/usb/drivers/usb-storage/1-6:1.0/host*/target*/*/block/sd*", name,
		    sizeof(name)))
		return FAIL;
	snprintf(path, sizeof(path), "/dev/%.60s", name);
	if (appears(path, name, sizeof(name)))
		return FAIL;
	/* the node comes before the disk can be opened */
	for (tries = 0; tries < 50; tries++) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 || errno != ENXIO)
			break;
		usleep(100000);
	}
	if (fd < 0 || read(fd, got, sizeof(got)) != sizeof(got))
		return failed("read %s: %s", path, strerror(errno));
	return memcmp(got, DISK_TEXT, sizeof(DISK_TEXT)) ?
		failed("%s: expected \"%s\", got \"%.40s\"", path, DISK_TEXT, got) :
		PASS;
}

/* A mouse created with uhid has a raw node and an event node. */
static int hid(const char *arg)
{
	static const uint8_t mouse[] = {
		0x05, 0x01, 0x09, 0x02, 0xa1, 0x01, 0x09, 0x01, 0xa1, 0x00, 0x05,
		0x09, 0x19, 0x01, 0x29, 0x08, 0x15, 0x00, 0x25, 0x01, 0x95, 0x08,
		0x75, 0x01, 0x81, 0x02, 0x05, 0x01, 0x09, 0x30, 0x09, 0x31, 0x15,
		0x81, 0x25, 0x7f, 0x75, 0x08, 0x95, 0x02, 0x81, 0x06, 0xc0, 0xc0,
	};
	struct uhid_event event = { .type = UHID_CREATE2 };
	char name[64];
	int fd;

	(void)arg;
	if (module_load("uhid") || module_load("hid-generic") || module_load("evdev"))
		return FAIL;
	fd = open("/dev/uhid", O_RDWR | O_CLOEXEC);
	strcpy((char *)event.u.create2.name, "probe");
	event.u.create2.rd_size = sizeof(mouse);
	event.u.create2.bus = 3;
	memcpy(event.u.create2.rd_data, mouse, sizeof(mouse));
	if (fd < 0 || write(fd, &event, sizeof(event)) != sizeof(event))
		return failed("/dev/uhid: %s", strerror(errno));
	if (appears("/dev/hidraw*", name, sizeof(name)) ||
	    appears("/dev/input/event*", name, sizeof(name)))
		return FAIL;
	return PASS;
}

static int monitor(const char *arg)
{
	int fd = open("/dev/usbmon0", O_RDONLY | O_CLOEXEC);

	(void)arg;
	return fd < 0 ? failed("/dev/usbmon0: %s", strerror(errno)) : PASS;
}

const struct probe usb_probes[] = {
	{ "the virtual controller accepts devices", exists,
	  "/sys/devices/platform/vhci_hcd.0/attach" },
	{ "an FTDI adapter sends and receives", ftdi, "ftdi_sio" },
	{ "a CP210x adapter sends and receives", cp210x, "cp210x" },
	{ "a CH341 adapter sends and receives", ch341, "ch341" },
	{ "a PL2303 adapter sends and receives", pl2303, "pl2303" },
	{ "a CDC ACM device sends and receives", acm, "cdc_acm" },
	{ "a disk is read", disk, NULL },
	{ "UAS disks have a driver", exists, "/sys/bus/usb/drivers/uas" },
	{ "generic serial adapters have a driver", exists, "/sys/bus/usb-serial/drivers/generic" },
	{ "a HID device has its nodes", hid, NULL },
	{ "usbhid loads", loads, "usbhid" },
	{ "option loads", loads, "option" },
	{ "qcserial loads", loads, "qcserial" },
	{ "cdc_wdm loads", loads, "cdc_wdm" },
	{ "usblp loads", loads, "usblp" },
	{ "usbtmc loads", loads, "usbtmc" },
	{ "cdc_ether loads", loads, "cdc_ether" },
	{ "cdc_ncm loads", loads, "cdc_ncm" },
	{ "cdc_mbim loads", loads, "cdc_mbim" },
	{ "qmi_wwan loads", loads, "qmi_wwan" },
	{ "rndis_host loads", loads, "rndis_host" },
	{ "asix loads", loads, "asix" },
	{ "ax88179_178a loads", loads, "ax88179_178a" },
	{ "r8152 loads", loads, "r8152" },
	{ "usbip_host loads", loads, "usbip_host" },
	{ "what passes on a bus can be read", monitor, NULL, .modules = "usbmon" },
	{ NULL, NULL, NULL },
};
