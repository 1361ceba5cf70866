/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMBUS_H
#define VMBUS_H

#include "proto/vmbus.h"
#include "ring.h"

#define VMBUS_RELIDS	      2048 /* event flags of a SINT; flag 0 has no channel */
#define VMBUS_GPADLS	      1024
#define VMBUS_VERSION_STREAMS VMBUS_VERSION(4, 0) /* the first with hv_sock */
#define VMBUS_GPADL_PAGES     RING_MAX_PAGES
#define VMBUS_SUBCHANNELS     3 /* of a device: with its own, a channel for each processor */

struct vmbus;
struct channel;

/* The callbacks of a device. All but released() are optional. */
struct channel_ops {
	int (*open)(struct channel *ch);    /* 0, or the guest's open fails */
	void (*signal)(struct channel *ch); /* there may be packets, or room */
	void (*close)(struct channel *ch);
	void (*released)(struct channel *ch); /* the last call */
};

enum channel_state {
	CHANNEL_FREE,
	CHANNEL_HIDDEN, /* not offered to this guest yet */
	CHANNEL_OFFERED,
	CHANNEL_OPEN,
};

struct channel {
	struct vmbus *bus;
	enum channel_state state;
	int rescinded;		 /* until RELID_RELEASED */
	int transient;		 /* removed when the guest disconnects (hv_sock, subchannels) */
	int given_back;		 /* RELID_RELEASED came before those of its subchannels */
	struct channel *primary; /* of a subchannel; NULL: it is none */
	u32 relid, connection, vp;
	struct vmbus_channel_offer_channel offer;
	u8 user[120]; /* user data of the guest's open */
	const struct channel_ops *ops;
	void *device;
	struct gpadl *gpadl; /* the pages of the rings while open */
	struct ring in, out; /* as the host sees them */
	u64 opening;	     /* a number for each opening of each channel; 0: closed */
	u64 opens, interrupts;
};

struct gpadl {
	u32 handle, relid; /* handle 0: unused */
	u32 pages, have;
	u32 byte_count, byte_offset;
	int refs;	  /* of rings and of devices that use the pages */
	int tearing_down; /* answered, and gone, when refs is 0 */
	u8 **page;
};

/* What the bus needs from the machine; only the bus calls these. */
struct vmbus_ops {
	void (*send)(void *world, u32 vp, const void *msg, u32 size);
	void *(*page)(void *world, u64 pfn); /* NULL: not RAM */
	int (*doorbell)(void *world, struct channel *ch, int on);
	void (*interrupt)(void *world, u32 vp, u32 relid);
	void (*tl_connect)(void *world, const struct vmbus_channel_tl_connect_request *request);
	void (*again)(void *world, struct channel *ch); /* signal it once more, from the loop */
};

/* A packet for the guest; EXTRA is the part of the descriptor after the fixed 16 bytes. */
struct outgoing {
	u16 type, flags;
	u64 id;
	const void *extra, *data;
	u32 extra_len, len;
};

struct vmbus {
	const struct vmbus_ops *ops;
	void *world;
	u32 max_version; /* highest to accept */
	u32 version;	 /* 0: no guest is connected */
	u32 vp;		 /* target of messages */
	int offered;	 /* REQUEST_OFFERS has been answered */
	u64 openings;
	struct channel channel[VMBUS_RELIDS];
	struct gpadl gpadl[VMBUS_GPADLS];
	/* hostile.c: tamper() is 1 if it replaced MSG; provoked() is 1 if an invalid MSG
	 * of the guest is a result of that */
	int (*tamper)(void *hostile, const void *msg, u32 size);
	int (*provoked)(void *hostile, const void *msg, u32 size);
	/* hostile_mutants.c: alter() is 1 if it sent something in the place of the packet, with what
	 * channel_send() returns in RC; refuse() is the status of a message that is refused, or 0 */
	int (*alter)(void *hostile, struct channel *ch, const struct outgoing *packet, int *rc);
	u64 (*refuse)(void *hostile, const void *msg, u32 size);
	void *hostile;
	/* for the report */
	u64 contacts, opened, closed, released, unloads, bad;
	u32 first_version;
};

int vmbus_version_known(u32 version); /* 1 if a host can have this version, else 0 */
void vmbus_init(struct vmbus *bus, const struct vmbus_ops *ops, void *world);
void vmbus_free(struct vmbus *bus);

/* Handle a message posted to CONNECTION; returns the hypercall's status. */
u64 vmbus_message(struct vmbus *bus, u32 connection, const void *msg, u32 size);
struct channel *vmbus_by_connection(struct vmbus *bus, u32 connection);

/* Add a device; FLAGS and USER are those of the offer. NULL: no relid is free. */
struct channel *vmbus_offer(struct vmbus *bus, const struct guid *type, const struct guid *instance,
			    u16 flags, const u8 *user, u32 user_len, const struct channel_ops *ops,
			    void *device);
/* The subchannels of a device are rescinded before it. */
void vmbus_rescind(struct channel *ch);
/* Close an open channel, as when the guest closes it: the guest was told that it is not open. */
void vmbus_close(struct channel *ch);
/*
 * Offer subchannel INDEX, from 1 on, of the open channel PRIMARY, with its device. It is gone
 * when the guest disconnects, and rescinded when the guest closes PRIMARY. NULL: PRIMARY is not
 * open, or rescinded, or no relid is free.
 */
struct channel *vmbus_offer_subchannel(struct channel *primary, u16 index,
				       const struct channel_ops *ops);
/* Subchannel INDEX of PRIMARY that is not rescinded, or NULL. */
struct channel *vmbus_subchannel(struct channel *primary, u16 index);
/* How many channels the guest should have: offered, and not rescinded. */
u32 vmbus_channels(struct vmbus *bus);
/*
 * Take a reference to a complete GPADL of this channel, or NULL. The pages stay until
 * the put, which a device must do at close at the latest.
 */
struct gpadl *vmbus_gpadl_get(struct channel *ch, u32 handle);
void vmbus_gpadl_put(struct channel *ch, struct gpadl *gpadl); /* GPADL may be NULL */

#define CHANNEL_TURN 256 /* packets before others have the lock; ours */

/* channel.c: 0, or a ring_error; signals the guest if needed. */
int channel_send(struct channel *ch, u16 type, u16 flags, u64 id, const void *extra, u32 extra_len,
		 const void *data, u32 len);
int channel_write(struct channel *ch, const struct outgoing *packet); /* the same, unaltered */
int channel_recv(struct channel *ch, struct packet *packet, void *buf, u32 size);
/*
 * Call RECEIVE for each packet until the ring is empty, or invalid: that counts as bad. After
 * CHANNEL_TURN packets the rest waits for the next signal, which the loop gives.
 */
void channel_drain(struct channel *ch, void *buf, u32 size,
		   void (*receive)(struct channel *ch, struct packet *packet));

/* shared by vmbus.c and gpadl.c */
#define VMBUS_STATUS_OK	    0
#define VMBUS_STATUS_FAILED 0x8000ffff
void vmbus_send(struct vmbus *bus, const void *msg, u32 size);
struct channel *vmbus_by_relid(struct vmbus *bus, u32 relid);
/* 0, or -1: the message is invalid */
int gpadl_header(struct vmbus *bus, const void *msg, u32 size);
int gpadl_body(struct vmbus *bus, const void *msg, u32 size);
int gpadl_teardown(struct vmbus *bus, const void *msg);
void gpadl_drop_all(struct vmbus *bus, u32 relid); /* of one channel, or with 0 of all */

#endif
