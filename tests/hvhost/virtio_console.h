/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VIRTIO_CONSOLE_H
#define VIRTIO_CONSOLE_H

#include "virtio_pci.h"

/* WSL's: hvc0 is the kernel's console, hvc1 takes telemetry, hvc2 is a shell. */
#define VIRTIO_CONSOLE_PORTS 3
#define VIRTIO_CONSOLE_INPUT 4096 /* bytes for a port that its guest has not taken; ours */

struct virtio_console_port {
	int open; /* by the guest */
	u8 owed;  /* messages for the guest: bits, in virtio_console.c */
	u8 input[VIRTIO_CONSOLE_INPUT];
	u64 head, tail; /* bytes so far: from the caller, and of these to the guest */
};

struct virtio_console {
	struct virtio_pci v;
	struct virtio_console_port port[VIRTIO_CONSOLE_PORTS];
	/* What the guest printed; it must take all of it, and not block. */
	void (*output)(void *arg, unsigned int port, const void *bytes, u32 len);
	/* There is room for input again, after virtio_console_input() took less; optional. */
	void (*room)(void *arg, unsigned int port);
	void *arg;
	u64 bad; /* invalid messages of the guest */
};

/* OUTPUT, ROOM and ARG as in the struct. 0, or -1 after error(). */
int virtio_console_init(struct virtio_console *c, const struct virtio_host *host,
			void (*output)(void *arg, unsigned int port, const void *bytes, u32 len),
			void (*room)(void *arg, unsigned int port), void *arg);
/*
 * Input for PORT, which waits until the guest has the port open and gives buffers. How many
 * of the LEN bytes there was room for. Called with the loop's lock held.
 */
u32 virtio_console_input(struct virtio_console *c, unsigned int port, const void *bytes, u32 len);

#endif
