/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of the SCSI controller. Source: struct vstor_packet of the guest's
 * drivers/scsi/storvsc_drv.c; SCSI numbers: SPC-3, SBC-3.
 */
#ifndef PROTO_STORVSC_H
#define PROTO_STORVSC_H

#include "../hvhost.h"

enum vstor_packet_operation {
	VSTOR_OPERATION_COMPLETE_IO = 1,
	VSTOR_OPERATION_EXECUTE_SRB = 3,
	VSTOR_OPERATION_RESET_LUN = 4,
	VSTOR_OPERATION_RESET_ADAPTER = 5,
	VSTOR_OPERATION_RESET_BUS = 6,
	VSTOR_OPERATION_BEGIN_INITIALIZATION = 7,
	VSTOR_OPERATION_END_INITIALIZATION = 8,
	VSTOR_OPERATION_QUERY_PROTOCOL_VERSION = 9,
	VSTOR_OPERATION_QUERY_PROPERTIES = 10,
	VSTOR_OPERATION_ENUMERATE_BUS = 11,
	VSTOR_OPERATION_CREATE_SUB_CHANNELS = 13,
};

#define STOR_STATUS_OK	      0
#define STOR_STATUS_FAILED    0xc0000001
#define STOR_STATUS_PARAMETER 0xc000000d
#define STOR_STATUS_REVISION  0xc0000059
#define STOR_STATUS_RESOURCES 0xc000009a
#define STOR_STATUS_ORDER     0xc0000184

#define STORAGE_CHANNEL_SUPPORTS_MULTI_CHANNEL 1 /* flag of the properties */

#define STOR_SENSE 20

struct vmscsi_request {
	u16 length;
	u8 srb_status, scsi_status;
	u8 port, path, target, lun;
	u8 cdb_len, sense_len, data_in, pad;
	u32 transfer;
	u8 cdb[STOR_SENSE]; /* sense data in a response */
	u16 pad2;
	u8 tag, action;
	u32 flags, timeout, sort;
} __attribute__((packed));

struct vstor_packet {
	u32 op, flags, status;
	union {
		u16 version;
		u16 subchannels; /* to create */
		struct {
			u32 pad;
			u16 subchannels, pad2;
			u32 flags, max_transfer_bytes;
			u64 pad3;
		} __attribute__((packed)) properties;
		struct vmscsi_request srb;
		u8 pad[52];
	};
} __attribute__((packed));
_Static_assert(sizeof(struct vstor_packet) == 64, "stor packet");
_Static_assert(offsetof(struct vstor_packet, srb.cdb) == 28, "cdb");
_Static_assert(offsetof(struct vstor_packet, srb.sort) == 60, "sort key");

#define SRB_STATUS_SUCCESS	   0x01
#define SRB_STATUS_ERROR	   0x04
#define SRB_STATUS_INVALID_REQUEST 0x06
#define SRB_STATUS_INVALID_LUN	   0x20
#define SRB_STATUS_AUTOSENSE_VALID 0x80

#define SAM_STAT_CHECK_CONDITION 2
#define MEDIUM_ERROR		 3
#define ILLEGAL_REQUEST		 5
#define DATA_PROTECT		 7

enum scsi_op {
	TEST_UNIT_READY = 0x00,
	REQUEST_SENSE = 0x03,
	INQUIRY = 0x12,
	MODE_SENSE = 0x1a,
	READ_CAPACITY = 0x25,
	READ_10 = 0x28,
	WRITE_10 = 0x2a,
	SYNCHRONIZE_CACHE = 0x35,
	WRITE_SAME_10 = 0x41,
	UNMAP = 0x42,
	MODE_SENSE_10 = 0x5a,
	READ_16 = 0x88,
	WRITE_16 = 0x8a,
	SYNCHRONIZE_CACHE_16 = 0x91,
	WRITE_SAME_16 = 0x93,
	SERVICE_ACTION_IN_16 = 0x9e,
	REPORT_LUNS = 0xa0,
};

#endif
