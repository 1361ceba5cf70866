/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A USB device without hardware: a process at the other end of the virtual
 * controller's socket, which speaks USB/IP and has descriptors and endpoints.
 */
#ifndef USBIP_H
#define USBIP_H

#include <stdint.h>

/* ---- descriptors */
#define LE16(x) ((x)&0xff), ((x) >> 8 & 0xff)
#define LE32(x) LE16(x), LE16((x) >> 16)
/* A device without strings, with one configuration. */
#define DEVICE(class, vendor, product, release)                                                   \
	{                                                                                         \
		18, 1, LE16(0x0110), class, 0, 0, 64, LE16(vendor), LE16(product), LE16(release), \
			0, 0, 0, 1                                                                \
	}
#define CONFIG(total, interfaces) 9, 2, LE16(total), interfaces, 1, 0, 0x80, 50
#define INTERFACE(number, endpoints, class, sub, protocol) \
	9, 4, number, 0, endpoints, class, sub, protocol, 0
#define BULK(address, size) 7, 5, address, 2, LE16(size), 0
#define INTERRUPT(address)  7, 5, address, 3, LE16(16), 10

/* ---- the device */
struct usb_model {
	const uint8_t *device, *config; /* descriptors */
	int in;				/* the endpoint that data is read from */
	/*
	 * LEN bytes of DATA were received; respond with usb_reply(). NULL for a
	 * device that returns what it receives.
	 */
	void (*out)(const uint8_t *data, int len);
	int head; /* bytes before each piece that is sent back */
};

#define USB_FULL_SPEED 2
#define USB_HIGH_SPEED 3

/* Plug MODEL into PORT of the controller; 0, or -1 after diag(). */
int usb_plug(const struct usb_model *model, int port, int speed);
void usb_reply(const void *data, int len);

#endif
