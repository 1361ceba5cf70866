// SPDX-License-Identifier: GPL-2.0
/*
 * Mutation of valid messages: the fields of each type, and the values that they get. No I/O;
 * hostile_mutants.c sends the result. What is left out crashes or hangs a guest by a limit that
 * is known (docs/hyperv-smoke.md): relids, connections, monitors and subchannels of offers, ids
 * of resets, transfers of less than a page.
 */
#include "mutator.h"
#include "proto/hv.h"
#include "proto/ic.h"
#include "proto/netvsc.h"
#include "proto/storvsc.h"
#include "proto/vmbus.h"

enum { DATA, EXTRA, TYPE, ID, LENGTH, NOTHING };

enum {
	ANY,	/* a boundary, a neighbour, a flipped bit, or any number */
	UNUSED, /* no id that a guest has: Linux counts GPADLs and requests from below */
	RELID,	/* of no channel */
	STATUS, /* of a hypercall: transient ones, and errors */
};

#define FIRST_RELID 1024 /* relids below belong to real channels */
#define FIRST_NO_ID (BIT(62) | BIT(31))

/* fields of the packet's descriptor and its length */
#define PACKET(type, order, least)                                             \
	{ type, order, TYPE, ANY, 0, 2, 0, "packet type" },                    \
		{ type, MUTANT_FIRST, ID, UNUSED, 0, 8, 0, "transaction id" }, \
	{                                                                      \
		type, MUTANT_FIRST, LENGTH, ANY, least, 0, 0, "length"         \
	}
#define SHORT(type)                                                \
	{                                                          \
		type, MUTANT_FIRST, LENGTH, ANY, 8, 0, 0, "length" \
	}
#define FIELD(type, order, value, where, member, name)                    \
	{                                                                 \
		type, order, DATA, value, offsetof(struct where, member), \
			sizeof(((struct where *)0)->member), 0, name      \
	}
#define AT(type, order, at, size, name)                   \
	{                                                 \
		type, order, DATA, ANY, at, size, 0, name \
	}

#define OFFER(member, name) \
	FIELD(MUTANT_OFFER, MUTANT_INSTEAD, ANY, vmbus_channel_offer_channel, member, name)
#define STOR(type, order, member, name) FIELD(type, order, ANY, vstor_packet, member, name)
#define IC(member, name)		FIELD(MUTANT_BEAT, MUTANT_INSTEAD, ANY, ic_packet, member, name)

/* clang-format off */
static const struct mutant_field fields[] = {
	SHORT(MUTANT_OFFER),
	OFFER(type, "class"),
	OFFER(instance, "instance"),
	OFFER(reserved, "reserved"),
	OFFER(flags, "flags"),
	OFFER(mmio_mb, "MMIO"),
	OFFER(user, "user data"),
	OFFER(monitor, "monitor id"),
	OFFER(dedicated, "dedicated interrupt"),
	SHORT(MUTANT_RESCIND),
	FIELD(MUTANT_RESCIND, MUTANT_FIRST, RELID, vmbus_relid, relid, "relid"),
	SHORT(MUTANT_OPENED),
	FIELD(MUTANT_OPENED, MUTANT_FIRST, RELID, vmbus_channel_open_result, relid, "relid"),
	FIELD(MUTANT_OPENED, MUTANT_FIRST, UNUSED, vmbus_channel_open_result, openid, "open id"),
	FIELD(MUTANT_OPENED, MUTANT_INSTEAD, ANY, vmbus_channel_open_result, status, "status"),
	SHORT(MUTANT_CREATED),
	FIELD(MUTANT_CREATED, MUTANT_FIRST, RELID, vmbus_channel_gpadl_created, relid, "relid"),
	FIELD(MUTANT_CREATED, MUTANT_FIRST, UNUSED, vmbus_channel_gpadl_created, gpadl, "GPADL"),
	FIELD(MUTANT_CREATED, MUTANT_INSTEAD, ANY, vmbus_channel_gpadl_created, status, "status"),
	SHORT(MUTANT_TORNDOWN),
	FIELD(MUTANT_TORNDOWN, MUTANT_FIRST, UNUSED, vmbus_channel_gpadl_torndown, gpadl, "GPADL"),
	{ MUTANT_RESULT, MUTANT_INSTEAD, DATA, STATUS, 0, 2, 0, "status" },

	PACKET(MUTANT_INITIALIZED, MUTANT_INSTEAD, 0),
	STOR(MUTANT_INITIALIZED, MUTANT_INSTEAD, op, "operation"),
	STOR(MUTANT_INITIALIZED, MUTANT_INSTEAD, flags, "flags"),
	STOR(MUTANT_INITIALIZED, MUTANT_INSTEAD, status, "status"),
	STOR(MUTANT_INITIALIZED, MUTANT_INSTEAD, version, "version"),
	PACKET(MUTANT_PROPERTIES, MUTANT_INSTEAD, 0),
	STOR(MUTANT_PROPERTIES, MUTANT_INSTEAD, op, "operation"),
	STOR(MUTANT_PROPERTIES, MUTANT_INSTEAD, status, "status"),
	STOR(MUTANT_PROPERTIES, MUTANT_INSTEAD, properties.subchannels, "subchannels"),
	STOR(MUTANT_PROPERTIES, MUTANT_INSTEAD, properties.flags, "properties"),
	{ MUTANT_PROPERTIES, MUTANT_INSTEAD, DATA, ANY,
	  offsetof(struct vstor_packet, properties.max_transfer_bytes), 4, PAGE_SIZE,
	  "longest transfer" },
	PACKET(MUTANT_COMPLETED, MUTANT_INSTEAD, 0),
	{ MUTANT_COMPLETED, MUTANT_TWICE, NOTHING, ANY, 0, 0, 0, "twice" },
	STOR(MUTANT_COMPLETED, MUTANT_FIRST, op, "operation"),
	STOR(MUTANT_COMPLETED, MUTANT_INSTEAD, flags, "flags"),
	STOR(MUTANT_COMPLETED, MUTANT_INSTEAD, status, "status"),
	STOR(MUTANT_COMPLETED, MUTANT_INSTEAD, srb.length, "SRB length"),
	STOR(MUTANT_COMPLETED, MUTANT_INSTEAD, srb.srb_status, "SRB status"),
	STOR(MUTANT_COMPLETED, MUTANT_INSTEAD, srb.scsi_status, "SCSI status"),
	STOR(MUTANT_COMPLETED, MUTANT_INSTEAD, srb.path, "path"),
	STOR(MUTANT_COMPLETED, MUTANT_INSTEAD, srb.target, "target"),
	STOR(MUTANT_COMPLETED, MUTANT_INSTEAD, srb.lun, "LUN"),
	STOR(MUTANT_COMPLETED, MUTANT_INSTEAD, srb.sense_len, "sense length"),
	STOR(MUTANT_COMPLETED, MUTANT_INSTEAD, srb.transfer, "transfer length"),
	STOR(MUTANT_COMPLETED, MUTANT_INSTEAD, srb.cdb, "sense data"),
	AT(MUTANT_INQUIRY, MUTANT_INSTEAD, 0, 1, "peripheral"),
	AT(MUTANT_INQUIRY, MUTANT_INSTEAD, 1, 1, "removable"),
	AT(MUTANT_INQUIRY, MUTANT_INSTEAD, 2, 1, "version"),
	AT(MUTANT_INQUIRY, MUTANT_INSTEAD, 3, 1, "format"),
	AT(MUTANT_INQUIRY, MUTANT_INSTEAD, 4, 1, "additional length"),
	AT(MUTANT_INQUIRY, MUTANT_INSTEAD, 5, 3, "flags"),
	AT(MUTANT_INQUIRY, MUTANT_INSTEAD, 8, 28, "names"),
	AT(MUTANT_VPD, MUTANT_INSTEAD, 0, 1, "peripheral"),
	AT(MUTANT_VPD, MUTANT_INSTEAD, 1, 1, "page"),
	AT(MUTANT_VPD, MUTANT_INSTEAD, 2, 2, "page length"),
	AT(MUTANT_VPD, MUTANT_INSTEAD, 4, 0, "contents"),
	AT(MUTANT_CAPACITY, MUTANT_INSTEAD, 0, 8, "last sector"),
	AT(MUTANT_CAPACITY, MUTANT_INSTEAD, 8, 4, "sector size"),
	AT(MUTANT_CAPACITY, MUTANT_INSTEAD, 12, 1, "protection"),
	AT(MUTANT_CAPACITY, MUTANT_INSTEAD, 13, 3, "exponent, alignment"),
	AT(MUTANT_MODE, MUTANT_INSTEAD, 0, 1, "length"),
	AT(MUTANT_MODE, MUTANT_INSTEAD, 1, 3, "header"),
	AT(MUTANT_MODE, MUTANT_INSTEAD, 4, 0, "page"),
	/* the last byte: Linux allocates as much as the host says, and asks each LUN of a list */
	AT(MUTANT_LUNS, MUTANT_INSTEAD, 3, 1, "list length"),
	AT(MUTANT_LUNS, MUTANT_INSTEAD, 8, 8, "LUN"),

	/* a completion without data takes its id away: not shorter than the message type */
	PACKET(MUTANT_VERSION, MUTANT_FIRST, 1),
	AT(MUTANT_VERSION, MUTANT_FIRST, 0, 4, "message type"),
	AT(MUTANT_VERSION, MUTANT_INSTEAD, 4, 4, "version"),
	AT(MUTANT_VERSION, MUTANT_INSTEAD, 8, 4, "MDL chain"),
	AT(MUTANT_VERSION, MUTANT_INSTEAD, 12, 4, "status"),
	PACKET(MUTANT_RECEIVE_BUFFER, MUTANT_FIRST, 1),
	AT(MUTANT_RECEIVE_BUFFER, MUTANT_FIRST, 0, 4, "message type"),
	AT(MUTANT_RECEIVE_BUFFER, MUTANT_INSTEAD, 4, 4, "status"),
	AT(MUTANT_RECEIVE_BUFFER, MUTANT_INSTEAD, 8, 4, "section count"),
	AT(MUTANT_RECEIVE_BUFFER, MUTANT_INSTEAD, 12, 4, "section offset"),
	AT(MUTANT_RECEIVE_BUFFER, MUTANT_INSTEAD, 16, 4, "slot size"),
	AT(MUTANT_RECEIVE_BUFFER, MUTANT_INSTEAD, 20, 4, "slot count"),
	AT(MUTANT_RECEIVE_BUFFER, MUTANT_INSTEAD, 24, 4, "end"),
	PACKET(MUTANT_SEND_BUFFER, MUTANT_FIRST, 1),
	AT(MUTANT_SEND_BUFFER, MUTANT_FIRST, 0, 4, "message type"),
	AT(MUTANT_SEND_BUFFER, MUTANT_INSTEAD, 4, 4, "status"),
	AT(MUTANT_SEND_BUFFER, MUTANT_INSTEAD, 8, 4, "section size"),
	PACKET(MUTANT_SENT, MUTANT_FIRST, 1),
	{ MUTANT_SENT, MUTANT_TWICE, NOTHING, ANY, 0, 0, 0, "twice" },
	AT(MUTANT_SENT, MUTANT_FIRST, 0, 4, "message type"),
	AT(MUTANT_SENT, MUTANT_INSTEAD, 4, 4, "status"),
	PACKET(MUTANT_RECEIVED, MUTANT_FIRST, 0),
	{ MUTANT_RECEIVED, MUTANT_TWICE, NOTHING, ANY, 0, 0, 0, "twice" },
	{ MUTANT_RECEIVED, MUTANT_FIRST, EXTRA, ANY, 0, 2, 0, "page set" },
	{ MUTANT_RECEIVED, MUTANT_FIRST, EXTRA, ANY, 4, 4, 0, "range count" },
	{ MUTANT_RECEIVED, MUTANT_FIRST, EXTRA, ANY, 8, 4, 0, "range length" },
	{ MUTANT_RECEIVED, MUTANT_FIRST, EXTRA, ANY, 12, 4, 0, "range offset" },
	AT(MUTANT_RECEIVED, MUTANT_FIRST, 0, 4, "message type"),
	AT(MUTANT_RECEIVED, MUTANT_FIRST, 4, 4, "channel type"),
	AT(MUTANT_RECEIVED, MUTANT_FIRST, NVSP_RNDIS_SECTION, 4, "section"),
	AT(MUTANT_RECEIVED, MUTANT_FIRST, NVSP_RNDIS_SIZE, 4, "section size"),
	{ MUTANT_RNDIS, MUTANT_FIRST, LENGTH, ANY, 0, 0, 0, "length" },
	AT(MUTANT_RNDIS, MUTANT_FIRST, 0, 4, "message type"),
	AT(MUTANT_RNDIS, MUTANT_FIRST, 4, 4, "message length"),
	AT(MUTANT_RNDIS, MUTANT_FIRST, 8, 4, "request id"),
	AT(MUTANT_RNDIS, MUTANT_FIRST, 12, 4, "status"),
	AT(MUTANT_RNDIS, MUTANT_FIRST, 16, 4, "information length"),
	AT(MUTANT_RNDIS, MUTANT_FIRST, 20, 4, "information offset"),
	AT(MUTANT_RNDIS, MUTANT_FIRST, 24, 0, "information"),
	{ MUTANT_FRAME, MUTANT_FIRST, LENGTH, ANY, 0, 0, 0, "length" },
	AT(MUTANT_FRAME, MUTANT_FIRST, 0, 4, "message type"),
	AT(MUTANT_FRAME, MUTANT_FIRST, 4, 4, "message length"),
	AT(MUTANT_FRAME, MUTANT_FIRST, 8, 4, "data offset"),
	AT(MUTANT_FRAME, MUTANT_FIRST, 12, 4, "data length"),
	AT(MUTANT_FRAME, MUTANT_FIRST, 16, 12, "out of band data"),
	AT(MUTANT_FRAME, MUTANT_FIRST, 28, 4, "information offset"),
	AT(MUTANT_FRAME, MUTANT_FIRST, 32, 4, "information length"),
	AT(MUTANT_FRAME, MUTANT_FIRST, RNDIS_PACKET_HEADER, 0, "frame"),

	PACKET(MUTANT_BEAT, MUTANT_INSTEAD, 0),
	IC(pipe_type, "pipe type"),
	IC(pipe_size, "pipe size"),
	IC(framework, "framework"),
	IC(type, "type"),
	IC(message, "message version"),
	IC(size, "size"),
	IC(status, "status"),
	IC(transaction, "transaction"),
	IC(flags, "flags"),
	AT(MUTANT_BEAT, MUTANT_INSTEAD, sizeof(struct ic_packet), 8, "sequence"),
};
/* clang-format on */

const char *const mutant_names[MUTANT_TYPES] = {
	[MUTANT_OFFER] = "offer",
	[MUTANT_RESCIND] = "rescind",
	[MUTANT_OPENED] = "open result",
	[MUTANT_CREATED] = "GPADL created",
	[MUTANT_TORNDOWN] = "GPADL torn down",
	[MUTANT_RESULT] = "hypercall",
	[MUTANT_INITIALIZED] = "storvsc initialization",
	[MUTANT_PROPERTIES] = "storvsc properties",
	[MUTANT_COMPLETED] = "SCSI completion",
	[MUTANT_INQUIRY] = "INQUIRY data",
	[MUTANT_VPD] = "INQUIRY page",
	[MUTANT_CAPACITY] = "READ CAPACITY data",
	[MUTANT_MODE] = "MODE SENSE data",
	[MUTANT_LUNS] = "REPORT LUNS data",
	[MUTANT_VERSION] = "NVSP version",
	[MUTANT_RECEIVE_BUFFER] = "NVSP receive buffer",
	[MUTANT_SEND_BUFFER] = "NVSP send buffer",
	[MUTANT_SENT] = "NVSP completion",
	[MUTANT_RECEIVED] = "NVSP packet",
	[MUTANT_RNDIS] = "RNDIS answer",
	[MUTANT_FRAME] = "RNDIS frame",
	[MUTANT_BEAT] = "heartbeat",
};

/* A disk of Linux 6.18 that is scanned and read; a card that is set up and sends a few frames. */
const u8 mutant_spread[MUTANT_TYPES][MUTANT_DEVICES] = {
	[MUTANT_OFFER] = { 1, 1, 0 },	    [MUTANT_RESCIND] = { 1, 1, 0 },
	[MUTANT_OPENED] = { 1, 1, 0 },	    [MUTANT_CREATED] = { 1, 3, 0 },
	[MUTANT_TORNDOWN] = { 1, 3, 0 },    [MUTANT_RESULT] = { 2, 4, 0 },
	[MUTANT_INITIALIZED] = { 3, 0, 0 }, [MUTANT_PROPERTIES] = { 1, 0, 0 },
	[MUTANT_COMPLETED] = { 24, 0, 0 },  [MUTANT_INQUIRY] = { 2, 0, 0 },
	[MUTANT_VPD] = { 3, 0, 0 },	    [MUTANT_CAPACITY] = { 1, 0, 0 },
	[MUTANT_MODE] = { 2, 0, 0 },	    [MUTANT_LUNS] = { 1, 0, 0 },
	[MUTANT_VERSION] = { 0, 1, 0 },	    [MUTANT_RECEIVE_BUFFER] = { 0, 1, 0 },
	[MUTANT_SEND_BUFFER] = { 0, 1, 0 }, [MUTANT_SENT] = { 0, 8, 0 },
	[MUTANT_RECEIVED] = { 0, 8, 0 },    [MUTANT_RNDIS] = { 0, 6, 0 },
	[MUTANT_FRAME] = { 0, 4, 0 },	    [MUTANT_BEAT] = { 0, 0, 24 },
};

const u32 mutator_fields = ARRAY_SIZE(fields);

const struct mutant_field *mutator_field(u32 n)
{
	return &fields[n];
}

static u64 any(u64 old, u32 size, u64 (*draw)(void *arg, u64 limit), void *arg)
{
	u64 high = BIT(8 * size - 1);

	switch (draw(arg, 8)) {
	case 0:
		return 0;
	case 1:
		return ~0ull;
	case 2:
		return high;
	case 3:
		return high - 1;
	case 4:
		return old + 1;
	case 5:
		return old - 1;
	case 6:
		return old ^ BIT(draw(arg, 8 * size));
	}
	return draw(arg, 1ull << 32) | draw(arg, 1ull << 32) << 32;
}

static u64 one(int value, u64 old, u32 size, u64 (*draw)(void *arg, u64 limit), void *arg)
{
	/* without names: HV_STATUS_INSUFFICIENT_MEMORY, and statuses that Linux does not know */
	static const u16 statuses[] = {
		11,
		HV_STATUS_INSUFFICIENT_BUFFERS,
		HV_STATUS_INVALID_CONNECTION_ID,
		HV_STATUS_INVALID_HYPERCALL_CODE,
		HV_STATUS_INVALID_HYPERCALL_INPUT,
		HV_STATUS_INVALID_ALIGNMENT,
		HV_STATUS_INVALID_PARAMETER,
		0x70,
		0xffff,
	};

	switch (value) {
	case UNUSED:
		switch (draw(arg, 4)) {
		case 0:
			return size == 8 ? 0 : FIRST_NO_ID;
		case 1:
			return ~0ull;
		}
		return draw(arg, FIRST_NO_ID) | FIRST_NO_ID;
	case RELID:
		switch (draw(arg, 4)) {
		case 0:
			return 0;
		case 1:
			return ~0ull;
		case 2:
			return FIRST_RELID + draw(arg, 1024);
		}
		return draw(arg, 1ull << 31) | 1ull << 31;
	case STATUS:
		return statuses[draw(arg, ARRAY_SIZE(statuses))];
	}
	return any(old, size, draw, arg);
}

/* Another value for the SIZE bytes, 1 to 8, at AT. */
static void change(const struct mutant_field *field, void *at, u32 size,
		   u64 (*draw)(void *arg, u64 limit), void *arg, u64 *was, u64 *is)
{
	u64 mask = size == 8 ? ~0ull : BIT(8 * size) - 1;

	*was = 0;
	memcpy(was, at, size);
	do {
		*is = (one(field->value, *was, size, draw, arg) | field->set) & mask;
	} while (*is == *was);
	memcpy(at, is, size);
}

int mutator_change(const struct mutant_field *field, struct mutant *m,
		   u64 (*draw)(void *arg, u64 limit), void *arg, u64 *was, u64 *is)
{
	u8 *bytes = field->part == EXTRA ? m->extra : m->data;
	u32 len = field->part == EXTRA ? m->extra_len : m->len, at = field->at, size = field->size;

	*was = *is = 0;
	switch (field->part) {
	case NOTHING:
		return 0;
	case TYPE:
		change(field, &m->type, sizeof(m->type), draw, arg, was, is);
		return 0;
	case ID:
		change(field, &m->id, sizeof(m->id), draw, arg, was, is);
		return 0;
	case LENGTH:
		if (m->len <= at)
			return -1;
		*was = m->len;
		*is = m->len = at + draw(arg, m->len - at);
		return 0;
	}
	if (at >= len || size > len - at)
		return -1;
	if (!size)
		size = len - at;
	if (size > 8 || size == 3) { /* text or flags: one byte of it */
		at += draw(arg, size);
		size = 1;
	}
	change(field, bytes + at, size, draw, arg, was, is);
	return 0;
}
