/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of dynamic memory. Source: struct dm_* of the guest's drivers/hv/hv_balloon.c.
 */
#ifndef PROTO_BALLOON_H
#define PROTO_BALLOON_H

#include "../hvhost.h"

enum dm_message_type {
	DM_VERSION_REQUEST = 1,
	DM_VERSION_RESPONSE = 2,
	DM_CAPABILITIES_REPORT = 3,
	DM_CAPABILITIES_RESPONSE = 4,
	DM_STATUS_REPORT = 5,
	DM_BALLOON_REQUEST = 6,
	DM_BALLOON_RESPONSE = 7,
	DM_UNBALLOON_REQUEST = 8,
	DM_UNBALLOON_RESPONSE = 9,
	DM_MEM_HOT_ADD_REQUEST = 10,
	DM_MEM_HOT_ADD_RESPONSE = 11,
};

#define DYNMEM_PROTOCOL_VERSION_WIN10 0x20000 /* Windows 10 */
#define DYNMEM_PROTOCOL_VERSION_WIN8  0x10000
#define DM_ACCEPTED		      1
#define DM_CAP_HOT_ADD		      2
#define DM_MORE			      1

struct dm_header {
	u16 type, size;
	u32 id;
} __attribute__((packed));

struct dm_version_request {
	struct dm_header h;
	u32 version, flags;
} __attribute__((packed));

struct dm_accept { /* dm_version_response, dm_capabilities_resp_msg */
	struct dm_header h;
	u64 accepted;
} __attribute__((packed));

struct dm_capabilities {
	struct dm_header h;
	u64 caps, min_pages, max_pages;
} __attribute__((packed));
_Static_assert(sizeof(struct dm_capabilities) == 32, "capabilities");

struct dm_status {
	struct dm_header h;
	u64 available, committed, zero[3];
} __attribute__((packed));
_Static_assert(sizeof(struct dm_status) == 48, "status");

struct dm_balloon {
	struct dm_header h;
	u32 pages, pad;
} __attribute__((packed));

/* ranges: first frame in bits 0-39, count in bits 40-63 */
struct dm_balloon_response {
	struct dm_header h;
	u32 pad;
	u32 more_count; /* bit 0: more messages follow; bits 1-31: ranges */
	u64 range[];
} __attribute__((packed));

struct dm_unballoon_request {
	struct dm_header h;
	u32 more, count;
	u64 range[];
} __attribute__((packed));

struct dm_hot_add {
	struct dm_header h;
	u64 range;
} __attribute__((packed));

struct dm_hot_add_response {
	struct dm_header h;
	u32 pages, result;
} __attribute__((packed));

#endif
