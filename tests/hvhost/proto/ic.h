/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of the integration components. Source: struct icmsg_hdr and the structs
 * around it in the guest's include/linux/hyperv.h, drivers/hv/hv_util.c.
 */
#ifndef PROTO_IC_H
#define PROTO_IC_H

#include "../hvhost.h"

enum {
	ICMSGTYPE_NEGOTIATE = 0,
	ICMSGTYPE_HEARTBEAT = 1,
	ICMSGTYPE_KVPEXCHANGE = 2,
	ICMSGTYPE_SHUTDOWN = 3,
	ICMSGTYPE_TIMESYNC = 4,
};

#define ICMSGHDRFLAG_TRANSACTION 1
#define ICMSGHDRFLAG_REQUEST	 2
#define ICMSGHDRFLAG_RESPONSE	 4

struct ic_version {
	u16 major, minor;
} __attribute__((packed));

struct ic_packet {
	u32 pipe_type, pipe_size; /* 1, size of the rest */
	struct ic_version framework;
	u16 type;
	struct ic_version message;
	u16 size;
	u32 status;
	u8 transaction, flags;
	u16 pad;
	u8 body[];
} __attribute__((packed));
_Static_assert(offsetof(struct ic_packet, body) == 28, "ic packet");

struct icmsg_negotiate {
	u16 frameworks, messages;
	u32 pad;
	struct ic_version version[];
} __attribute__((packed));

struct ictimesync_ref_data {
	u64 host, reference; /* 100 ns since 1601; the reference counter */
	u8 flags, leap, stratum, pad[5];
} __attribute__((packed));
_Static_assert(sizeof(struct ictimesync_ref_data) == 24, "time sync");
#define ICTIMESYNCFLAG_SYNC   1			    /* set the clock */
#define ICTIMESYNCFLAG_SAMPLE 2			    /* a hint */
#define WLTIMEDELTA	      116444736000000000ull /* 1970 in units of 100 ns */

struct shutdown_msg_data {
	u32 reason, timeout, flags;
	u8 text[2048];
} __attribute__((packed));
_Static_assert(sizeof(struct shutdown_msg_data) == 2060, "shutdown");

/* struct hv_kvp_msg in include/uapi/linux/hyperv.h, as far as enumerating goes */
struct ic_kvp {
	u8 operation, pool;
	u16 pad;
	u32 index, value_type;
	u32 key_size, value_size; /* bytes of UTF-16, with the terminator */
	u16 key[256], value[1024];
};
_Static_assert(sizeof(struct ic_kvp) == 2580, "key-value pair");
#define KVP_OP_ENUMERATE 3
#define KVP_POOL_AUTO	 2

struct heartbeat_msg_data {
	u64 sequence;
	u32 pad[8];
} __attribute__((packed));

#endif
