/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of the network card: NVSP, which carries RNDIS.
 * Source: the guest's drivers/net/hyperv/hyperv_net.h, include/linux/rndis.h.
 */
#ifndef PROTO_NETVSC_H
#define PROTO_NETVSC_H

#include "../hvhost.h"

enum nvsp_type {
	NVSP_MSG_TYPE_INIT = 1,
	NVSP_MSG_TYPE_INIT_COMPLETE = 2,
	NVSP_MSG1_TYPE_SEND_NDIS_VER = 100,
	NVSP_MSG1_TYPE_SEND_RECV_BUF = 101,
	NVSP_MSG1_TYPE_SEND_RECV_BUF_COMPLETE = 102,
	NVSP_MSG1_TYPE_REVOKE_RECV_BUF = 103,
	NVSP_MSG1_TYPE_SEND_SEND_BUF = 104,
	NVSP_MSG1_TYPE_SEND_SEND_BUF_COMPLETE = 105,
	NVSP_MSG1_TYPE_REVOKE_SEND_BUF = 106,
	NVSP_MSG1_TYPE_SEND_RNDIS_PKT = 107,
	NVSP_MSG1_TYPE_SEND_RNDIS_PKT_COMPLETE = 108,
	NVSP_MSG2_TYPE_SEND_NDIS_CONFIG = 125,
	NVSP_MSG5_TYPE_SUBCHANNEL = 133,
	NVSP_MSG5_TYPE_SEND_INDIRECTION_TABLE = 134,
};

#define NVSP_STAT_SUCCESS	 1
#define NVSP_STAT_FAIL		 2
#define NVSP_SIZE		 40 /* of every message to the guest */
#define NETVSC_RECEIVE_BUFFER_ID 0xcafe
#define NETVSC_INVALID_INDEX	 0xffffffff
#define NVSP_DATA		 0 /* channel type of an RNDIS message */
#define NVSP_CONTROL		 1

#define NVSP_PROTOCOL_VERSION_5	 0x50000 /* the first with subchannels */
#define NVSP_SUBCHANNEL_ALLOCATE 1
#define VRSS_SEND_TAB_SIZE	 16 /* entries of the table of channels for what a guest sends */

/* offsets in a message; the type is at 0 */
#define NVSP_INIT_VERSION  8 /* max_protocol_ver */
#define NVSP_GPADL	   4
#define NVSP_RNDIS_SECTION 8
#define NVSP_RNDIS_SIZE	   12
#define NVSP_SUB_OP	   4
#define NVSP_SUB_COUNT	   8

enum rndis_type {
	RNDIS_MSG_PACKET = 1,
	RNDIS_MSG_INIT = 2,
	RNDIS_MSG_HALT = 3,
	RNDIS_MSG_QUERY = 4,
	RNDIS_MSG_SET = 5,
	RNDIS_MSG_COMPLETION = 0x80000000, /* flag in the type of a response */
};

#define RNDIS_STATUS_NOT_SUPPORTED 0xc00000bb
#define RNDIS_STATUS_INVALID_DATA  0xc0010015
#define RNDIS_PACKET_HEADER	   44

#define RNDIS_OID_GEN_MAXIMUM_FRAME_SIZE      0x00010106
#define RNDIS_OID_802_3_PERMANENT_ADDRESS     0x01010101
#define RNDIS_OID_GEN_MEDIA_CONNECT_STATUS    0x00010114
#define OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES 0xfc01020d
#define OFFLOAD_SIZE			      112
#define OID_TCP_OFFLOAD_PARAMETERS	      0xfc01020c
#define RNDIS_OID_GEN_CURRENT_PACKET_FILTER   0x0001010e
#define OID_GEN_RECEIVE_SCALE_CAPABILITIES    0x00010203
#define OID_GEN_RECEIVE_SCALE_PARAMETERS      0x00010204

#define NDIS_OBJECT_TYPE_RSS_CAPABILITIES	   0x88
#define NDIS_RECEIVE_SCALE_CAPABILITIES_REVISION_2 2
#define NDIS_RSS_CAPS				   0x301 /* Toeplitz; TCP on IPv4, on IPv6 */
#define NDIS_RSS_PARAM_FLAG_DISABLE_RSS		   0x0010
#define ITAB_NUM				   128 /* entries of a guest's table */
#define NETVSC_HASH_KEYLEN			   40

struct ndis_recv_scale_cap {
	u8 type, revision;
	u16 size;
	u32 flags, messages, queues;
	u16 entries;
} __attribute__((packed));
_Static_assert(sizeof(struct ndis_recv_scale_cap) == 18, "RSS capabilities");

struct ndis_recv_scale_param { /* offsets are from its start */
	u8 type, revision;
	u16 size, flags, base_cpu;
	u32 hash;
	u16 table_size, pad;
	u32 table_offset;
	u16 key_size, pad2;
	u32 key_offset;
	u32 masks[3];
};
_Static_assert(sizeof(struct ndis_recv_scale_param) == 40, "RSS parameters");

#endif
