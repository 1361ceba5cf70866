/* SPDX-License-Identifier: GPL-2.0 */
/* The virtio devices of the machine: functions of PCI, each on a bus of its own, as WSL has them. */
#ifndef VIRTIO_H
#define VIRTIO_H

#include "console.h"
#include "virtio_console.h"
#include "virtio_fs.h"
#include "virtio_net.h"
#include "virtio_pmem.h"
#include "vpci.h"

#define VIRTIO_DEVICES 4

/* What to have; all zero: nothing. */
struct virtio_options {
	const char *console; /* a file, which the output of hvc0 is appended to */
	const char *tag;     /* TAG=DIR: a folder */
	const char *net;     /* a tap interface */
	const char *pmem;    /* a file, which is made anew if PMEM_MB is not 0 */
	unsigned int pmem_mb;
};

struct virtio {
	struct vpci bus[VIRTIO_DEVICES];
	struct virtio_pci *device[VIRTIO_DEVICES]; /* of that bus */
	unsigned int devices;
	struct virtio_console console;
	struct virtio_fs fs;
	struct virtio_net net;
	struct virtio_pmem pmem;
	int has_console, has_net, has_pmem;
	char tag[64];	    /* of the folder; empty: there is none */
	int folder;	    /* its descriptor */
	struct console out; /* hvc0 */
	u64 printed;	    /* bytes that came on hvc0 */
	struct extent seen; /* buffers of the guest, of all devices */
};

/*
 * Make the devices and offer a bus for each, with PCI domains from DOMAIN on; ROOT is
 * vpci_init()'s. 0, or -1 after error().
 */
int virtio_make(struct virtio *v, const struct virtio_options *o, struct vpci_root *root,
		const struct memory *mem, struct loop *loop, u16 domain);
/* Since the start, of all devices: buffers that they took, and what was invalid. */
u64 virtio_requests(const struct virtio *v);
u64 virtio_invalid(const struct virtio *v);

#endif
