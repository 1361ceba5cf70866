/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kinds of operations, with the arguments in their data, little-endian: one byte each where
 * no other number of bytes is given. A kind that a target does not have is one that it has,
 * modulo their number.
 */
#ifndef FUZZ_KINDS_H
#define FUZZ_KINDS_H

/* of all targets */
enum {
	OP_MEMORY,  /* page, offset (2), bytes: write to RAM below 1 MB */
	OP_LOOP,    /* milliseconds (2): move the clock, run what is due */
	OP_MESSAGE, /* connection, bytes */
	OP_OPEN,    /* relid, pages of the first ring, pages: a GPADL of them, and OPENCHANNEL */
	OP_PACKET,  /* relid, type, flags, id, words of the descriptor, bytes */
	OP_SIGNAL,  /* relid */
	OP_TAKE,    /* relid, completions: read all that the host has sent, complete it or not */
	OP_TARGET   /* from here on, of the target */
};

/* of vmbus.c */
enum {
	VMBUS_POST = OP_TARGET, /* connection, bytes: a message by hypercall */
	VMBUS_HYPERCALL,	/* input (8), two addresses (4 each), bytes for INPUT */
	VMBUS_SYNIC,		/* VP, pages of messages and of flags (8 each) */
	VMBUS_DELIVER,		/* VP, free: after the guest has freed the slot, or not */
	VMBUS_OFFER,		/* device, flags (2) */
	VMBUS_RESCIND,		/* device */
	VMBUS_SEND,		/* device, type, flags, bytes: of the host */
	VMBUS_HOLD,		/* device, buffer, handle (4): a reference on a GPADL, or 0 */
	VMBUS_SUBCHANNEL,	/* device, index: offer it, or rescind it */
	VMBUS_KINDS
};

/* of rings.c */
enum {
	RINGS_LUN = OP_TARGET, /* LUN, on: attach or detach the writable disk */
	RINGS_FRAME,	       /* bytes: of the network */
	RINGS_BALLOON,	       /* inflate, deflate or add, MB */
	RINGS_IC,	       /* shutdown, pair or clock, number */
	RINGS_PEER,	       /* peer, what, bytes: the other end of a stream */
	RINGS_RESCIND,	       /* device, index: a subchannel of the disks or of the card */
	RINGS_KINDS
};

/* of vpci.c */
enum {
	VPCI_READ = OP_TARGET, /* address (8), bytes: up to 8 */
	VPCI_WRITE,	       /* address (8), bytes, value (8) */
	VPCI_CONFIG,	       /* bus, slot, offset (2), bytes, value (8): write, in the window */
	VPCI_BAR,	       /* bus, slot, BAR, offset (2), bytes, value (8): the same */
	VPCI_RETARGET,	       /* device (8), address (4), data (4), vector (4), VPs (8) */
	VPCI_RAISE,	       /* bus, address (8), data (4) */
	VPCI_EJECT,	       /* bus, slot */
	VPCI_PLUG,	       /* bus, slot */
	VPCI_WITHDRAW,	       /* bus: or offer it again */
	VPCI_KINDS
};

/* of virtio.c */
enum {
	VIRTIO_START = OP_LOOP + 1, /* device, features to change (8), entries (2) */
	VIRTIO_READ,		    /* device, BAR, offset (2), size */
	VIRTIO_WRITE,		    /* device, BAR, offset (2), size, value (8) */
	VIRTIO_CAPABILITY,	    /* device, offset, value (2) */
	VIRTIO_CHAIN, /* device, queue, flags, parts; for each flags, length (2); bytes */
	VIRTIO_KICK,  /* device, queue, index (2): what the guest says is available */
	VIRTIO_INPUT, /* port, or 255: the network; bytes */
	VIRTIO_KINDS
};

/* of fuse.c */
enum {
	FUSE_REQUEST, /* opcode, node, room (2), and what follows the header */
	FUSE_RAW,     /* room (2), bytes */
	FUSE_KINDS
};

/* of p9.c */
enum {
	P9_MESSAGE, /* type, and what follows the header */
	P9_RAW,	    /* bytes */
	P9_KINDS
};

/* flags of VIRTIO_CHAIN */
#define CHAIN_INDIRECT 1
#define CHAIN_NO_KICK  2
#define CHAIN_LOOSE    4 /* the last part has a next one */

#endif
