/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A USB device without hardware: a process at the other end of the virtual
 * controller's socket, which speaks USB/IP and has descriptors and endpoints.
 */
#ifndef USBIP_H
#define USBIP_H

#include <stdint.h>

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
