// SPDX-License-Identifier: GPL-2.0
/* Cameras on USB: the driver of all newer ones serves a camera that usbip.c emulates. */
#define _GNU_SOURCE
#include "probe.h"
#include "usbip.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SIDE	 16	/* pixels of the image's width and height */
#define INTERVAL 333333 /* between two images, in units of 100 ns */

/* descriptors of USB Video Class 1.0; 0x24 is one of an interface */
#define CONTROL(total, streaming) \
	13, 0x24, 1, LE16(0x0100), LE16(total), LE32(48000000), 1, streaming
#define CAMERA(number)	       15, 0x24, 2, number, LE16(0x0201), 0, 0, LE32(0), LE16(0), 0
#define OUTPUT(number, source) 9, 0x24, 3, number, LE16(0x0101), 0, source, 0
#define STREAMING(total, endpoint, terminal) \
	14, 0x24, 1, 1, LE16(total), endpoint, 0, terminal, 0, 0, 0, 1, 0
#define YUYV(sizes)                                                                                \
	27, 0x24, 4, 1, sizes, 'Y', 'U', 'Y', '2', 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, \
		0x71, 16, 1, 0, 0, 0, 0
#define SIZE(width, height, interval)                                             \
	30, 0x24, 5, 1, 0, LE16(width), LE16(height), LE32(122880), LE32(122880), \
		LE32((width) * (height)*2), LE32(interval), 1, LE32(interval)

static const uint8_t camera_device[] = DEVICE(0, 0x1d6b, 0x0102, 0x0100);
static const uint8_t camera_config[] = {
	CONFIG(142, 2),
	INTERFACE(0, 0, 14, 1, 0),
	CONTROL(37, 1),
	CAMERA(1),
	OUTPUT(2, 1),
	INTERFACE(1, 1, 14, 2, 0),
	STREAMING(71, 0x81, 2),
	YUYV(1),
	SIZE(SIDE, SIDE, INTERVAL),
	BULK(0x81, 512),
};
_Static_assert(sizeof(camera_config) == 142, "the first descriptor has the length of all");

static int camera(const char *arg)
{
	static const struct usb_model model = { camera_device, camera_config, 1, NULL, 0 };
	struct v4l2_capability has = { 0 };
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	char name[64], path[80];
	int fd;

	(void)arg;
	if (usb_plug(&model, 6, USB_HIGH_SPEED) ||
	    appears("/sys/bus/usb/drivers/uvcvideo/1-7:1.0/video4linux/video*", name, sizeof(name)))
		return FAIL;
	snprintf(path, sizeof(path), "/dev/%.60s", name);
	if (appears(path, name, sizeof(name)))
		return FAIL;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, VIDIOC_QUERYCAP, &has))
		return failed("VIDIOC_QUERYCAP on %s: %s", path, strerror(errno));
	if (strcmp((char *)has.driver, "uvcvideo") || !(has.device_caps & V4L2_CAP_VIDEO_CAPTURE))
		return failed("%s: driver %.16s, capabilities %x", path, has.driver,
			      has.device_caps);
	if (ioctl(fd, VIDIOC_G_FMT, &format))
		return failed("VIDIOC_G_FMT on %s: %s", path, strerror(errno));
	if (format.fmt.pix.pixelformat != V4L2_PIX_FMT_YUYV || format.fmt.pix.width != SIDE ||
	    format.fmt.pix.height != SIDE)
		return failed("expected YUYV of %dx%d, got format %x of %ux%u", SIDE, SIDE,
			      format.fmt.pix.pixelformat, format.fmt.pix.width,
			      format.fmt.pix.height);
	return PASS;
}

const struct probe video_probes[] = {
	{ "a USB camera has its node and its format", camera, NULL, .modules = "uvcvideo" },
	{ "older cameras have their drivers", bus_drivers,
	  "usb gspca_kinect:kinect gspca_ov519:ov519 gspca_ov534:ov534 gspca_pac7302 gspca_sn9c20x "
	  "gspca_sonixj:sonixj gspca_zc3xx" },
	{ NULL, NULL, NULL },
};
