/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VMBus messages that a host for Linux needs. Source: the guest's
 * include/linux/hyperv.h (struct vmbus_channel_*), and OpenVMM's
 * vmbus_core/src/protocol.rs.
 */
#ifndef PROTO_VMBUS_H
#define PROTO_VMBUS_H

#include "../hvhost.h"

#define VMBUS_VERSION(major, minor) ((u32)(major) << 16 | (minor))

/* connections that a guest may post to */
#define VMBUS_MESSAGE_CONNECTION_ID   1
#define VMBUS_MESSAGE_CONNECTION_ID_4 4 /* INITIATE_CONTACT from 5.0 on */

enum vmbus_channel_message_type {
	CHANNELMSG_OFFERCHANNEL = 1,
	CHANNELMSG_RESCIND_CHANNELOFFER = 2,
	CHANNELMSG_REQUESTOFFERS = 3,
	CHANNELMSG_ALLOFFERS_DELIVERED = 4,
	CHANNELMSG_OPENCHANNEL = 5,
	CHANNELMSG_OPENCHANNEL_RESULT = 6,
	CHANNELMSG_CLOSECHANNEL = 7,
	CHANNELMSG_GPADL_HEADER = 8,
	CHANNELMSG_GPADL_BODY = 9,
	CHANNELMSG_GPADL_CREATED = 10,
	CHANNELMSG_GPADL_TEARDOWN = 11,
	CHANNELMSG_GPADL_TORNDOWN = 12,
	CHANNELMSG_RELID_RELEASED = 13,
	CHANNELMSG_INITIATE_CONTACT = 14,
	CHANNELMSG_VERSION_RESPONSE = 15,
	CHANNELMSG_UNLOAD = 16,
	CHANNELMSG_UNLOAD_RESPONSE = 17,
	CHANNELMSG_TL_CONNECT_REQUEST = 21,
	CHANNELMSG_MODIFYCHANNEL = 22,
	CHANNELMSG_MODIFYCHANNEL_RESPONSE = 24,
	CHANNELMSG_COUNT,
};

struct guid {
	u8 b[16];
};

struct vmbus_channel_message_header {
	u32 type, zero;
} __attribute__((packed));

#define VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE 0x0001
#define VMBUS_CHANNEL_NAMED_PIPE_MODE		 0x0010
#define VMBUS_CHANNEL_TLNPI_PROVIDER_OFFER	 0x2000
#define OFFER_DEDICATED				 1
#define VMBUS_PIPE_TYPE_BYTE			 0
#define VMBUS_PIPE_TYPE_MESSAGE			 4

struct vmbus_channel_offer_channel {
	struct vmbus_channel_message_header h;
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
_Static_assert(sizeof(struct vmbus_channel_offer_channel) == 196, "offer");

struct vmbus_relid { /* RESCIND, CLOSE, RELID_RELEASED */
	struct vmbus_channel_message_header h;
	u32 relid;
} __attribute__((packed));

struct vmbus_channel_open_channel {
	struct vmbus_channel_message_header h;
	u32 relid, openid, gpadl, vp, downstream;
	u8 user[120];
} __attribute__((packed));
_Static_assert(sizeof(struct vmbus_channel_open_channel) == 148, "open");

struct vmbus_channel_open_result {
	struct vmbus_channel_message_header h;
	u32 relid, openid, status;
} __attribute__((packed));

struct vmbus_channel_gpadl_header {
	struct vmbus_channel_message_header h;
	u32 relid, gpadl;
	u16 range_bytes, ranges;
	u32 byte_count, byte_offset;
	u8 pfns[]; /* u64 each, unaligned */
} __attribute__((packed));
_Static_assert(sizeof(struct vmbus_channel_gpadl_header) == 28, "gpadl header");

struct vmbus_channel_gpadl_body {
	struct vmbus_channel_message_header h;
	u32 number, gpadl;
	u8 pfns[];
} __attribute__((packed));

struct vmbus_channel_gpadl_created {
	struct vmbus_channel_message_header h;
	u32 relid, gpadl, status;
} __attribute__((packed));

struct vmbus_channel_gpadl_teardown {
	struct vmbus_channel_message_header h;
	u32 relid, gpadl;
} __attribute__((packed));

struct vmbus_channel_gpadl_torndown {
	struct vmbus_channel_message_header h;
	u32 gpadl;
} __attribute__((packed));

struct vmbus_channel_initiate_contact {
	struct vmbus_channel_message_header h;
	u32 version, vp;
	u64 page;
	u64 monitor[2];
} __attribute__((packed));
_Static_assert(sizeof(struct vmbus_channel_initiate_contact) == 40, "contact");

struct vmbus_channel_version_response {
	struct vmbus_channel_message_header h;
	u8 supported, state;
	u16 pad;
	u32 connection;
} __attribute__((packed));

struct vmbus_channel_tl_connect_request {
	struct vmbus_channel_message_header h;
	struct guid endpoint, service;
} __attribute__((packed));

struct vmbus_channel_modifychannel {
	struct vmbus_channel_message_header h;
	u32 relid, vp;
} __attribute__((packed));

struct vmbus_channel_modifychannel_response {
	struct vmbus_channel_message_header h;
	u32 relid, status;
} __attribute__((packed));

#endif
