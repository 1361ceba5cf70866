/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The packets of the SCSI controller. Source: struct vstor_packet of the guest's
 * drivers/scsi/storvsc_drv.c; SCSI numbers: SPC-3, SBC-3.
 */
#ifndef PROTO_STORVSC_H
#define PROTO_STORVSC_H

#include "../hvhost.h"

enum stor_op {
	STOR_COMPLETE = 1,
	STOR_EXECUTE_SRB = 3,
	STOR_RESET_LUN = 4,
	STOR_RESET_ADAPTER = 5,
	STOR_RESET_BUS = 6,
	STOR_BEGIN_INIT = 7,
	STOR_END_INIT = 8,
	STOR_VERSION = 9,
	STOR_PROPERTIES = 10,
	STOR_ENUMERATE_BUS = 11,
};

#define STOR_STATUS_OK		0
#define STOR_STATUS_FAILED	0xc0000001
#define STOR_STATUS_REVISION	0xc0000059
#define STOR_STATUS_ORDER	0xc0000184

#define STOR_SENSE		20

struct stor_srb {
	u16 length;
	u8 srb_status, scsi_status;
	u8 port, path, target, lun;
	u8 cdb_len, sense_len, data_in, pad;
	u32 transfer;
	u8 cdb[STOR_SENSE];		/* the sense data in an answer */
	u16 pad2;
	u8 tag, action;
	u32 flags, timeout, sort;
} __attribute__((packed));

struct stor_packet {
	u32 op, flags, status;
	union {
		u16 version;
		struct {
			u32 pad;
			u16 subchannels, pad2;
			u32 flags, max_transfer_bytes;
			u64 pad3;
		} __attribute__((packed)) properties;
		struct stor_srb srb;
		u8 pad[52];
	};
} __attribute__((packed));
_Static_assert(sizeof(struct stor_packet) == 64, "stor packet");
_Static_assert(offsetof(struct stor_packet, srb.cdb) == 28, "cdb");
_Static_assert(offsetof(struct stor_packet, srb.sort) == 60, "sort key");

#define SRB_OK			0x01
#define SRB_ERROR		0x04
#define SRB_BAD_REQUEST		0x06
#define SRB_NO_LUN		0x20
#define SRB_HAS_SENSE		0x80

#define SCSI_CHECK		2
#define SENSE_MEDIUM		3
#define SENSE_ILLEGAL		5

enum scsi_op {
	TEST_UNIT_READY = 0x00, REQUEST_SENSE = 0x03, INQUIRY = 0x12, MODE_SENSE_6 = 0x1a,
	READ_CAPACITY_10 = 0x25, READ_10 = 0x28, WRITE_10 = 0x2a, SYNC_CACHE_10 = 0x35,
	MODE_SENSE_10 = 0x5a, READ_16 = 0x88, WRITE_16 = 0x8a, SYNC_CACHE_16 = 0x91,
	SERVICE_IN_16 = 0x9e, REPORT_LUNS = 0xa0,
};

#endif
