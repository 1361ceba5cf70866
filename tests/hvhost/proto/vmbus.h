/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The messages of VMBus, as far as a server for Linux needs them. Source: the
 * guest's include/linux/hyperv.h (struct vmbus_channel_*), and the open
 * reference server vmbus_core/src/protocol.rs of OpenVMM.
 */
#ifndef PROTO_VMBUS_H
#define PROTO_VMBUS_H

#include "../hvhost.h"

#define VMBUS_VERSION(major, minor) ((u32)(major) << 16 | (minor))

/* connections that a guest may post to */
#define VMBUS_CONNECTION	1
#define VMBUS_CONNECTION_5	4	/* INITIATE_CONTACT from 5.0 on */

enum vmbus_type {
	VMBUS_OFFER = 1,
	VMBUS_RESCIND = 2,
	VMBUS_REQUEST_OFFERS = 3,
	VMBUS_ALL_OFFERS = 4,
	VMBUS_OPEN = 5,
	VMBUS_OPEN_RESULT = 6,
	VMBUS_CLOSE = 7,
	VMBUS_GPADL_HEADER = 8,
	VMBUS_GPADL_BODY = 9,
	VMBUS_GPADL_CREATED = 10,
	VMBUS_GPADL_TEARDOWN = 11,
	VMBUS_GPADL_TORNDOWN = 12,
	VMBUS_RELID_RELEASED = 13,
	VMBUS_INITIATE_CONTACT = 14,
	VMBUS_VERSION_RESPONSE = 15,
	VMBUS_UNLOAD = 16,
	VMBUS_UNLOAD_RESPONSE = 17,
	VMBUS_TL_CONNECT = 21,
	VMBUS_MODIFY = 22,
	VMBUS_MODIFY_RESPONSE = 24,
	VMBUS_TYPES,
};

struct guid {
	u8 b[16];
};

struct vmbus_header {
	u32 type, zero;
} __attribute__((packed));

#define OFFER_ENUMERATE		0x0001
#define OFFER_NAMED_PIPE	0x0010
#define OFFER_TLNPI		0x2000
#define OFFER_DEDICATED		1
#define PIPE_MODE_BYTE		0
#define PIPE_MODE_MESSAGE	4

struct vmbus_offer {
	struct vmbus_header h;
	struct guid type, instance;
	u64 reserved[2];
	u16 flags, mmio_mb;
	u8 user[120];
	u16 subchannel, reserved2;
	u32 relid;
	u8 monitor, monitored;
	u16 dedicated;
	u32 connection;
} __attribute__((packed));
_Static_assert(sizeof(struct vmbus_offer) == 196, "offer");

struct vmbus_relid {			/* RESCIND, CLOSE, RELID_RELEASED */
	struct vmbus_header h;
	u32 relid;
} __attribute__((packed));

struct vmbus_open {
	struct vmbus_header h;
	u32 relid, openid, gpadl, vp, downstream;
	u8 user[120];
} __attribute__((packed));
_Static_assert(sizeof(struct vmbus_open) == 148, "open");

struct vmbus_open_result {
	struct vmbus_header h;
	u32 relid, openid, status;
} __attribute__((packed));

struct vmbus_gpadl_header {
	struct vmbus_header h;
	u32 relid, gpadl;
	u16 range_bytes, ranges;
	u32 byte_count, byte_offset;
	u8 pfns[];			/* u64 each, unaligned */
} __attribute__((packed));
_Static_assert(sizeof(struct vmbus_gpadl_header) == 28, "gpadl header");

struct vmbus_gpadl_body {
	struct vmbus_header h;
	u32 number, gpadl;
	u8 pfns[];
} __attribute__((packed));

struct vmbus_gpadl_created {
	struct vmbus_header h;
	u32 relid, gpadl, status;
} __attribute__((packed));

struct vmbus_gpadl_teardown {
	struct vmbus_header h;
	u32 relid, gpadl;
} __attribute__((packed));

struct vmbus_gpadl_torndown {
	struct vmbus_header h;
	u32 gpadl;
} __attribute__((packed));

struct vmbus_contact {
	struct vmbus_header h;
	u32 version, vp;
	u64 page;
	u64 monitor[2];
} __attribute__((packed));
_Static_assert(sizeof(struct vmbus_contact) == 40, "contact");

struct vmbus_version_response {
	struct vmbus_header h;
	u8 supported, state;
	u16 pad;
	u32 connection;
} __attribute__((packed));

struct vmbus_tl_connect {
	struct vmbus_header h;
	struct guid endpoint, service;
} __attribute__((packed));

struct vmbus_modify {
	struct vmbus_header h;
	u32 relid, vp;
} __attribute__((packed));

struct vmbus_modify_response {
	struct vmbus_header h;
	u32 relid, status;
} __attribute__((packed));

#endif
