// SPDX-License-Identifier: GPL-2.0
/*
 * Input devices: a joystick that a program makes with uinput, as Steam does for a pad on
 * the network, is read from its event node and from its joystick node; the drivers of game
 * controllers.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/joystick.h>
#include <linux/uinput.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A joystick with one button and two axes; fd of uinput, its name in SYS. */
static int joystick(char *sys, size_t size)
{
	struct uinput_setup setup = { .id = { BUS_VIRTUAL, 1, 1, 1 }, .name = "probe" };
	struct uinput_abs_setup axis = { .absinfo = { .minimum = -100, .maximum = 100 } };
	int fd = open("/dev/uinput", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return failed("/dev/uinput: %s", strerror(errno));
	if (ioctl(fd, UI_SET_EVBIT, EV_KEY) || ioctl(fd, UI_SET_KEYBIT, BTN_TRIGGER) ||
	    ioctl(fd, UI_SET_EVBIT, EV_ABS))
		return failed("UI_SET_EVBIT: %s", strerror(errno));
	for (axis.code = ABS_X; axis.code <= ABS_Y; axis.code++)
		if (ioctl(fd, UI_ABS_SETUP, &axis))
			return failed("UI_ABS_SETUP: %s", strerror(errno));
	if (ioctl(fd, UI_DEV_SETUP, &setup) || ioctl(fd, UI_DEV_CREATE) ||
	    ioctl(fd, UI_GET_SYSNAME(size), sys) < 0)
		return failed("UI_DEV_CREATE: %s", strerror(errno));
	return fd;
}

/* Open the node of device SYS that is called KIND and a number; fd, or -1. */
static int node(const char *sys, const char *kind)
{
	char pattern[128], name[64], path[80];
	int fd;

	snprintf(pattern, sizeof(pattern), "/sys/class/input/%s/%s[0-9]*", sys, kind);
	if (appears(pattern, name, sizeof(name)))
		return -1;
	snprintf(path, sizeof(path), "/dev/input/%.60s", name);
	if (appears(path, name, sizeof(name)))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? failed("open %s: %s", path, strerror(errno)) : fd;
}

static int press(int fd)
{
	const struct input_event events[] = {
		{ .type = EV_KEY, .code = BTN_TRIGGER, .value = 1 },
		{ .type = EV_ABS, .code = ABS_Y, .value = 70 },
		{ .type = EV_SYN, .code = SYN_REPORT },
	};

	return write(fd, events, sizeof(events)) == sizeof(events) ?
		0 :
		failed("write to /dev/uinput: %s", strerror(errno));
}

static int event_node(const char *arg)
{
	char sys[64] = "";
	int fd = joystick(sys, sizeof(sys)), tries, button = 0, axis = 0;
	struct pollfd in = { .events = POLLIN };
	struct input_event event;

	(void)arg;
	if (fd < 0)
		return FAIL;
	in.fd = node(sys, "event");
	if (in.fd < 0 || press(fd))
		return FAIL;
	for (tries = 0; tries < 3 && poll(&in, 1, 5000) == 1; tries++) {
		if (read(in.fd, &event, sizeof(event)) != sizeof(event))
			break;
		button |= event.type == EV_KEY && event.code == BTN_TRIGGER && event.value == 1;
		axis |= event.type == EV_ABS && event.code == ABS_Y && event.value == 70;
	}
	return button && axis ?
		PASS :
		failed("of the button and the axis %d events arrive", button + axis);
}

static int joystick_node(const char *arg)
{
	char sys[64] = "";
	int fd = joystick(sys, sizeof(sys)), tries;
	struct pollfd in = { .events = POLLIN };
	struct js_event event;

	(void)arg;
	if (fd < 0)
		return FAIL;
	in.fd = node(sys, "js");
	if (in.fd < 0)
		return FAIL;
	/* no event comes before the state of the button and both axes was read */
	for (tries = 0; tries < 3; tries++)
		if (read(in.fd, &event, sizeof(event)) != sizeof(event) ||
		    !(event.type & JS_EVENT_INIT))
			return failed("the state of the joystick: %s", strerror(errno));
	if (press(fd))
		return FAIL;
	if (poll(&in, 1, 5000) != 1 || read(in.fd, &event, sizeof(event)) != sizeof(event))
		return failed("no event arrives");
	return event.type == JS_EVENT_BUTTON && event.number == 0 && event.value == 1 ?
		PASS :
		failed("expected a button, got type %d, number %d, value %d", event.type,
		       event.number, event.value);
}

const struct probe input_probes[] = {
	{ "an event of a program's device arrives at its event node", event_node, NULL,
	  .modules = "uinput evdev" },
	{ "and at its joystick node", joystick_node, NULL, .modules = "uinput joydev" },
	{ "Xbox controllers have a driver", bus_drivers, "usb xpad" },
	{ "controllers of Microsoft, Sony and Valve have their drivers", bus_drivers,
	  "hid hid-microsoft:microsoft hid-sony:sony hid-steam" },
	{ "newer controllers of Sony have a driver", bus_drivers, "hid hid-playstation:playstation",
	  5, 12 },
	{ "controllers of Nintendo have a driver", bus_drivers, "hid hid-nintendo:nintendo", 5,
	  16 },
	{ NULL, NULL, NULL },
};
