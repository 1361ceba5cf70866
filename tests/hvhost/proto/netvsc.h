/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The messages of the network card: NVSP between the drivers, RNDIS inside it.
 * Source: the guest's drivers/net/hyperv/hyperv_net.h, include/linux/rndis.h.
 */
#ifndef PROTO_NETVSC_H
#define PROTO_NETVSC_H

#include "../hvhost.h"

enum nvsp_type {
	NVSP_INIT = 1,
	NVSP_INIT_DONE = 2,
	NVSP_NDIS_VERSION = 100,
	NVSP_RECEIVE_BUFFER = 101,
	NVSP_RECEIVE_BUFFER_DONE = 102,
	NVSP_REVOKE_RECEIVE_BUFFER = 103,
	NVSP_SEND_BUFFER = 104,
	NVSP_SEND_BUFFER_DONE = 105,
	NVSP_REVOKE_SEND_BUFFER = 106,
	NVSP_RNDIS = 107,
	NVSP_RNDIS_DONE = 108,
	NVSP_NDIS_CONFIG = 125,
};

#define NVSP_OK			1
#define NVSP_FAILED		2
#define NVSP_SIZE		40	/* of every message that we send */
#define NVSP_RECEIVE_ID		0xcafe
#define NVSP_NO_SECTION		0xffffffff
#define NVSP_DATA		0	/* channel type of an RNDIS message */
#define NVSP_CONTROL		1

/* offsets in a message; the type is at 0 */
#define NVSP_INIT_VERSION	8	/* the highest that the guest has */
#define NVSP_GPADL		4
#define NVSP_RNDIS_SECTION	8
#define NVSP_RNDIS_SIZE		12

enum rndis_type {
	RNDIS_PACKET = 1,
	RNDIS_INITIALIZE = 2,
	RNDIS_HALT = 3,
	RNDIS_QUERY = 4,
	RNDIS_SET = 5,
	RNDIS_DONE = 0x80000000,	/* or-ed into the type of an answer */
};

#define RNDIS_NOT_SUPPORTED	0xc00000bb
#define RNDIS_PACKET_HEADER	44

#define OID_MAX_FRAME		0x00010106
#define OID_MAC			0x01010101
#define OID_LINK		0x00010114
#define OID_OFFLOAD		0xfc01020d
#define OID_OFFLOAD_SIZE	112
#define OID_SET_OFFLOAD		0xfc01020c
#define OID_SET_FILTER		0x0001010e

#endif
