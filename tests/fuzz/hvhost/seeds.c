// SPDX-License-Identifier: GPL-2.0
/*
 * seeds DIRECTORY - write DIRECTORY/TARGET/NAME: inputs with valid exchanges of each target, as
 * the unit tests of hvhost have them, and what a fuzzer or a reader has found. Nothing of them was
 * recorded.
 */
#define _GNU_SOURCE
#include "kinds.h"
#include "../../hvhost/memory.h"
#include "../../hvhost/pci.h"
#include "../../hvhost/proto/balloon.h"
#include "../../hvhost/proto/dxg.h"
#include "../../hvhost/proto/hv.h"
#include "../../hvhost/proto/ic.h"
#include "../../hvhost/proto/netvsc.h"
#include "../../hvhost/proto/p9.h"
#include "../../hvhost/proto/storvsc.h"
#include "../../hvhost/proto/vmbus.h"
#include "../../hvhost/proto/vpci.h"
#include "../../hvhost/ring.h"
#include "../../hvhost/stream.h"
#include "../../hvhost/test/gpadl.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <linux/pci_regs.h>
#include <linux/virtio_console.h>
#include <linux/virtio_net.h>
#include <linux/virtio_pmem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define COMPLETION VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED
#define PAGES	   4	/* of a ring */
#define DATA_PAGE  0x80 /* of the guest, for buffers */
#define WINDOW	   MEMORY_MMIO

static const char *directory, *target;
static u8 seed[65536];
static u32 size, begun; /* begun: where the operation is */

static void end_op(void)
{
	if (size)
		put16(seed + begun + 1, size - begun - 3);
}

static void op(u8 kind)
{
	end_op();
	begun = size;
	seed[size] = kind;
	size += 3;
}

static void put(u64 value, u32 bytes)
{
	memcpy(seed + size, &value, bytes);
	size += bytes;
}

static void raw(const void *bytes, u32 len)
{
	if (len)
		memcpy(seed + size, bytes, len);
	size += len;
}

/* Write the operations since the last one as the seed NAME. */
static void end_seed(const char *name)
{
	char path[4096];
	FILE *file;

	end_op();
	snprintf(path, sizeof(path), "%s/%s", directory, target);
	if (mkdir(path, 0777) && errno != EEXIST) {
		perror(path);
		exit(1);
	}
	snprintf(path, sizeof(path), "%s/%s/%s", directory, target, name);
	file = fopen(path, "w");
	if (!file || fwrite(seed, 1, size, file) != size || fclose(file)) {
		perror(path);
		exit(1);
	}
	size = begun = 0;
}

static void message(const void *msg, u32 len)
{
	op(OP_MESSAGE);
	put(VMBUS_MESSAGE_CONNECTION_ID, 1);
	raw(msg, len);
}

static void open_channel(u8 relid, u8 first_page)
{
	op(OP_OPEN);
	put(relid, 1);
	put(PAGES, 1);
	for (u8 i = 0; i < 2 * PAGES; i++)
		put(first_page + i, 1);
}

static void begin_packet(u8 relid, u8 type, u8 words)
{
	op(OP_PACKET);
	put(relid, 1);
	put(type, 1);
	put(COMPLETION, 1);
	put(7, 1);
	put(words, 1);
}

static void packet(u8 relid, const void *data, u32 len)
{
	begin_packet(relid, VM_PKT_DATA_INBAND, 0);
	raw(data, len);
}

/* A packet whose buffer is LEN bytes at DATA_PAGE. */
static void gpa_packet(u8 relid, u32 len, const void *data, u32 data_len)
{
	u32 pages = (len + PAGE_SIZE - 1) / PAGE_SIZE;

	begin_packet(relid, VM_PKT_DATA_USING_GPA_DIRECT, 2 + pages);
	put(1ull << 32, 8);
	put(len, 4);
	put(0, 4);
	for (u32 i = 0; i < pages; i++)
		put(DATA_PAGE + i, 8);
	raw(data, data_len);
}

static void memory(u8 page, const void *bytes, u32 len)
{
	op(OP_MEMORY);
	put(page, 1);
	put(0, 2);
	raw(bytes, len);
}

static void simple(u8 kind, u8 one, u8 two)
{
	op(kind);
	put(one, 1);
	put(two, 1);
}

static void of_relid(u32 type, u32 relid)
{
	struct vmbus_relid msg = { .h.type = type, .relid = relid };

	message(&msg, sizeof(msg));
}

static void gpadl(u32 relid, u32 handle, u32 first, u32 pages)
{
	gpadl_send(message, relid, handle, first, pages);
}

/* ---- vmbus */

static void post(u8 connection, const void *msg, u32 len)
{
	op(VMBUS_POST);
	put(connection, 1);
	raw(msg, len);
}

static void connect_by_hypercalls(void)
{
	struct vmbus_channel_initiate_contact contact = {
		.h.type = CHANNELMSG_INITIATE_CONTACT,
		.version = VMBUS_VERSION(5, 3),
	};
	struct vmbus_channel_message_header request = { .type = CHANNELMSG_REQUESTOFFERS };

	op(VMBUS_SYNIC);
	put(0, 1);
	put(0x30001, 8);
	put(0x31001, 8);
	post(VMBUS_MESSAGE_CONNECTION_ID_4, &contact, sizeof(contact));
	post(VMBUS_MESSAGE_CONNECTION_ID, &request, sizeof(request));
	for (int i = 0; i < 4; i++)
		simple(VMBUS_DELIVER, 0, 1);
}

static void vmbus_channel(void)
{
	struct vmbus_channel_gpadl_teardown down = { .h.type = CHANNELMSG_GPADL_TEARDOWN,
						     .relid = 1,
						     .gpadl = 77 };
	struct vmbus_channel_modifychannel modify = { .h.type = CHANNELMSG_MODIFYCHANNEL,
						      .relid = 1,
						      .vp = 1 };
	struct vmbus_channel_message_header unload = { .type = CHANNELMSG_UNLOAD };

	connect_by_hypercalls();
	open_channel(1, 0x40);
	packet(1, "0123456789abcdef", 16);
	simple(OP_TAKE, 1, 0);
	gpadl(1, 77, 0x60, 30);
	op(VMBUS_HOLD);
	put(0, 1);
	put(0, 1);
	put(77, 4);
	packet(1, "0123456789abcdef", 16);
	message(&down, sizeof(down));
	message(&modify, sizeof(modify));
	op(VMBUS_SEND);
	put(0, 1);
	put(VM_PKT_DATA_INBAND, 1);
	put(0, 1);
	raw("from the host", 13);
	simple(OP_TAKE, 1, 1);
	of_relid(CHANNELMSG_CLOSECHANNEL, 1);
	simple(VMBUS_RESCIND, 0, 0);
	of_relid(CHANNELMSG_RELID_RELEASED, 1);
	simple(VMBUS_OFFER, 0, 0);
	simple(VMBUS_OFFER, 3, 0);
	post(VMBUS_MESSAGE_CONNECTION_ID, &unload, sizeof(unload));
	end_seed("channel");
}

/* The device's channel, and two subchannels, relids 3 and 4. */
static void vmbus_subchannels(void)
{
	connect_by_hypercalls();
	open_channel(1, 0x40);
	simple(VMBUS_SUBCHANNEL, 0, 0);
	simple(VMBUS_SUBCHANNEL, 0, 1);
	open_channel(3, 0x50);
	packet(3, "0123456789abcdef", 16);
	simple(OP_TAKE, 3, 1);
	simple(VMBUS_SUBCHANNEL, 0, 0);
	of_relid(CHANNELMSG_RELID_RELEASED, 3);
	simple(VMBUS_SUBCHANNEL, 0, 0);
	of_relid(CHANNELMSG_CLOSECHANNEL, 1);
	of_relid(CHANNELMSG_RELID_RELEASED, 4);
	open_channel(1, 0x40);
	simple(VMBUS_SUBCHANNEL, 0, 2);
	simple(VMBUS_RESCIND, 0, 0);
	of_relid(CHANNELMSG_RELID_RELEASED, 1);
	of_relid(CHANNELMSG_RELID_RELEASED, 4);
	of_relid(CHANNELMSG_RELID_RELEASED, 3);
	end_seed("subchannels");
}

static void vmbus_stream(void)
{
	struct vmbus_channel_tl_connect_request request = { .h.type = CHANNELMSG_TL_CONNECT_REQUEST,
							    .endpoint = { { 2 } },
							    .service = { { 1 } } };

	connect_by_hypercalls();
	post(VMBUS_MESSAGE_CONNECTION_ID, &request, sizeof(request));
	open_channel(3, 0x40);
	of_relid(CHANNELMSG_CLOSECHANNEL, 3);
	simple(VMBUS_RESCIND, 2, 0);
	connect_by_hypercalls();
	end_seed("stream");
}

static void hypercall(u64 input, u32 in, u32 out)
{
	op(VMBUS_HYPERCALL);
	put(input, 8);
	put(in, 4);
	put(out, 4);
}

static void vmbus_hypercalls(void)
{
	struct hv_retarget_device_interrupt to = {
		.partition_id = HV_PARTITION_ID_SELF,
		.device_id = 5,
		.source = HV_INTERRUPT_SOURCE_MSI,
		.msi_address = 0xfee00000,
		.msi_data = 0x5600,
		.vector = 0x40,
		.set = 2,
	};

	hypercall(HV_EXT_CALL_QUERY_CAPABILITIES, 0, 0x21000);
	hypercall(HV_EXT_CALL_MEMORY_HEAT_HINT | 2ull << 32, 0x20000, 0);
	put(HV_EXT_MEMORY_HEAT_HINT_TYPE_COLD_DISCARD, 8);
	put(0x50003, 8);
	put(MEMORY_HIGH | 1, 8);
	hypercall(HVCALL_SIGNAL_EVENT, 0x2001, 0);
	hypercall(HVCALL_RETARGET_INTERRUPT, 0x20000, 0);
	raw(&to, sizeof(to));
	to.flags = HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET;
	to.set = HV_GENERIC_SET_SPARSE_4K;
	to.banks = 1;
	hypercall(HVCALL_RETARGET_INTERRUPT | 2 << 17, 0x20000, 0);
	raw(&to, sizeof(to));
	put(2, 8);
	end_seed("hypercalls");
}

/* ---- rings: the relids in the order of the offers */

enum {
	SCSI = 1,
	NET,
	BALLOON,
	DXG,
	HEARTBEAT,
	TIMESYNC,
	SHUTDOWN,
	KVP,
	STREAM,
	SUBCHANNEL = STREAM
};

static void stor(u32 what, u16 version)
{
	struct vstor_packet p = { .op = what, .version = version };

	packet(SCSI, &p, sizeof(p));
}

static void scsi_by(u8 relid, u8 lun, const char *cdb, u32 len)
{
	struct vstor_packet p = { .op = VSTOR_OPERATION_EXECUTE_SRB };

	memcpy(p.srb.cdb, cdb, 16);
	p.srb.lun = lun;
	p.srb.transfer = len;
	if (len)
		gpa_packet(relid, len, &p, sizeof(p));
	else
		packet(relid, &p, sizeof(p));
}

static void scsi(u8 lun, const char *cdb, u32 len)
{
	scsi_by(SCSI, lun, cdb, len);
}

static void scsi_start(void)
{
	open_channel(SCSI, 0x10);
	stor(VSTOR_OPERATION_BEGIN_INITIALIZATION, 0);
	stor(VSTOR_OPERATION_QUERY_PROTOCOL_VERSION, 0x0602);
	stor(VSTOR_OPERATION_QUERY_PROPERTIES, 0);
	stor(VSTOR_OPERATION_END_INITIALIZATION, 0);
}

static void rings_scsi(void)
{
	static const u8 unmap[24] = { 0, 22, 0, 16, [15] = 8, [19] = 8 };

	scsi_start();
	scsi(0, "\xa0\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0", 512); /* REPORT LUNS */
	scsi(0, "\x12\0\0\0\x24\0\0\0\0\0\0\0\0\0\0\0", 36);  /* INQUIRY, and pages of it */
	scsi(0, "\x12\1\xb0\0\x40\0\0\0\0\0\0\0\0\0\0\0", 64);
	scsi(0, "\x12\1\x83\0\x40\0\0\0\0\0\0\0\0\0\0\0", 64);
	scsi(0, "\x25\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 8); /* READ CAPACITY */
	scsi(0, "\x9e\x10\0\0\0\0\0\0\0\0\0\0\0\x20\0\0", 32);
	scsi(0, "\x1a\0\x3f\0\xc0\0\0\0\0\0\0\0\0\0\0\0", 192); /* MODE SENSE */
	scsi(0, "\x5a\0\x08\0\0\0\0\0\xc0\0\0\0\0\0\0\0", 192);
	scsi(0, "\x2a\0\0\0\0\x02\0\0\x10\0\0\0\0\0\0\0", 8192); /* WRITE, READ */
	scsi(0, "\x28\0\0\0\0\x02\0\0\x10\0\0\0\0\0\0\0", 8192);
	scsi(0, "\x8a\0\0\0\0\0\0\0\0\x04\0\0\0\x08\0\0", 4096);
	scsi(1, "\x88\0\0\0\0\0\0\0\0\x04\0\0\0\x08\0\0", 4096);
	memory(DATA_PAGE, unmap, sizeof(unmap));
	scsi(0, "\x42\0\0\0\0\0\0\0\x18\0\0\0\0\0\0\0", 24); /* UNMAP, WRITE SAME */
	scsi(0, "\x93\0\0\0\0\0\0\0\0\x04\0\0\0\x08\0\0", 512);
	scsi(0, "\x41\0\0\0\0\x04\0\0\x08\0\0\0\0\0\0\0", 512);
	scsi(0, "\x35\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 0);
	simple(OP_TAKE, SCSI, 0);
	simple(RINGS_LUN, 0, 0);
	simple(RINGS_LUN, 5, 1);
	stor(VSTOR_OPERATION_RESET_BUS, 0);
	simple(OP_TAKE, SCSI, 0);
	of_relid(CHANNELMSG_CLOSECHANNEL, SCSI);
	end_seed("scsi");
}

static void rings_subchannels(void)
{
	const char *read = "\x28\0\0\0\0\x02\0\0\x10\0\0\0\0\0\0\0";

	scsi_start();
	stor(VSTOR_OPERATION_CREATE_SUB_CHANNELS, 4);
	stor(VSTOR_OPERATION_CREATE_SUB_CHANNELS, 2);
	open_channel(SUBCHANNEL, 0x18);
	open_channel(SUBCHANNEL + 1, 0x20);
	scsi_by(SUBCHANNEL, 0, read, 8192);
	scsi_by(SUBCHANNEL + 1, 0, read, 8192);
	scsi(0, read, 8192);
	simple(OP_TAKE, SUBCHANNEL, 0);
	simple(RINGS_RESCIND, 0, 0);
	scsi_by(SUBCHANNEL, 0, read, 8192);
	of_relid(CHANNELMSG_RELID_RELEASED, SUBCHANNEL);
	of_relid(CHANNELMSG_CLOSECHANNEL, SCSI);
	of_relid(CHANNELMSG_RELID_RELEASED, SUBCHANNEL + 1);
	scsi_start();
	stor(VSTOR_OPERATION_CREATE_SUB_CHANNELS, 3);
	open_channel(SUBCHANNEL + 2, 0x18);
	simple(OP_SIGNAL, SUBCHANNEL + 2, 0);
	end_seed("subchannels");
}

static void nvsp(u32 type, u32 a, u32 b, u32 c)
{
	u32 msg[10] = { type, a, b, c };

	packet(NET, msg, sizeof(msg));
}

/* An RNDIS message at DATA_PAGE: TYPE, LEN bytes, and what follows. */
static void rndis(u32 type, u32 len, u32 a, u32 b, u32 c, u32 d)
{
	u32 msg[32] = { type, len, 9, a, b, c, 0, d };
	u32 body[10] = { NVSP_MSG1_TYPE_SEND_RNDIS_PKT, NVSP_CONTROL, NETVSC_INVALID_INDEX };

	memory(DATA_PAGE, msg, sizeof(msg));
	gpa_packet(NET, len, body, sizeof(body));
}

static void rings_net(void)
{
	u32 frame[25] = { RNDIS_MSG_PACKET, 100, 36, 56 };

	open_channel(NET, 0x10);
	nvsp(NVSP_MSG_TYPE_INIT, 0, 0x60001, 0);
	nvsp(NVSP_MSG1_TYPE_SEND_NDIS_VER, 6, 30, 0);
	gpadl(NET, 40, 0x60, 4);
	gpadl(NET, 41, 0x70, 4);
	nvsp(NVSP_MSG1_TYPE_SEND_RECV_BUF, 40, NETVSC_RECEIVE_BUFFER_ID, 0);
	nvsp(NVSP_MSG1_TYPE_SEND_SEND_BUF, 41, 0, 0);
	rndis(RNDIS_MSG_INIT, 24, 1, 0, 0x4000, 0);
	rndis(RNDIS_MSG_QUERY, 76, RNDIS_OID_802_3_PERMANENT_ADDRESS, 48, 20, 0);
	rndis(RNDIS_MSG_QUERY, 76, OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES, 48, 20, 0);
	simple(OP_TAKE, NET, 1);
	rndis(RNDIS_MSG_SET, 32, RNDIS_OID_GEN_CURRENT_PACKET_FILTER, 4, 20, 0xd);
	memory(0x70, frame, sizeof(frame));
	nvsp(NVSP_MSG1_TYPE_SEND_RNDIS_PKT, NVSP_DATA, 0, sizeof(frame));
	op(RINGS_FRAME);
	raw("to the guest from the network", 29);
	simple(OP_TAKE, NET, 1);
	nvsp(NVSP_MSG1_TYPE_REVOKE_RECV_BUF, NETVSC_RECEIVE_BUFFER_ID, 0, 0);
	nvsp(NVSP_MSG1_TYPE_REVOKE_SEND_BUF, 0, 0, 0);
	of_relid(CHANNELMSG_CLOSECHANNEL, NET);
	end_seed("net");
}

static void rings_net_subchannels(void)
{
	u32 frame[25] = { RNDIS_MSG_PACKET, 100, 36, 56 };
	u32 body[10] = { NVSP_MSG1_TYPE_SEND_RNDIS_PKT, NVSP_DATA, NETVSC_INVALID_INDEX };
	struct {
		u32 head[7];
		struct ndis_recv_scale_param p;
		u32 table[2];
		u8 key[NETVSC_HASH_KEYLEN];
	} rss = {
		.head = { RNDIS_MSG_SET, sizeof(rss), 9, OID_GEN_RECEIVE_SCALE_PARAMETERS,
			  sizeof(rss) - 28, 20 },
		.p = { .table_size = 8, .table_offset = 40, .key_size = 40, .key_offset = 48 },
		.table = { 1, 2 },
	};

	open_channel(NET, 0x20);
	nvsp(NVSP_MSG_TYPE_INIT, 0x60001, 0x60001, 0);
	gpadl(NET, 99, 0xa0, 4);
	nvsp(NVSP_MSG1_TYPE_SEND_RECV_BUF, 99, NETVSC_RECEIVE_BUFFER_ID, 0);
	rndis(RNDIS_MSG_SET, 32, RNDIS_OID_GEN_CURRENT_PACKET_FILTER, 4, 20, 9);
	nvsp(NVSP_MSG5_TYPE_SUBCHANNEL, NVSP_SUBCHANNEL_ALLOCATE, 2, 0);
	open_channel(SUBCHANNEL, 0x28);
	open_channel(SUBCHANNEL + 1, 0x30);
	memory(DATA_PAGE, &rss, sizeof(rss));
	gpa_packet(NET, sizeof(rss), body, sizeof(body));
	op(RINGS_FRAME);
	raw("a frame of the network, with bytes enough for an ethernet header and addresses", 78);
	memory(DATA_PAGE, frame, sizeof(frame));
	gpa_packet(SUBCHANNEL, sizeof(frame), body, sizeof(body));
	simple(OP_TAKE, SUBCHANNEL, 1);
	simple(OP_TAKE, NET, 1);
	simple(RINGS_RESCIND, 1, 0);
	of_relid(CHANNELMSG_RELID_RELEASED, SUBCHANNEL);
	of_relid(CHANNELMSG_CLOSECHANNEL, NET);
	end_seed("net-subchannels");
}

static void rings_balloon(void)
{
	struct dm_version_request version = { { DM_VERSION_REQUEST, sizeof(version), 1 },
					      DYNMEM_PROTOCOL_VERSION_WIN10,
					      1 };
	struct dm_capabilities caps = { .h = { DM_CAPABILITIES_REPORT, sizeof(caps), 2 },
					.caps = 3,
					.min_pages = 1 };
	struct dm_status status = { .h = { DM_STATUS_REPORT, sizeof(status), 3 }, .available = 9 };
	u32 balloon[8] = {
		DM_BALLOON_RESPONSE | 32 << 16, 4, 0, 2 << 1, 0x90, 2 << 8, 0xa0, 1 << 8
	};
	struct dm_header back = { DM_UNBALLOON_RESPONSE, sizeof(back), 5 };
	struct dm_hot_add_response added = { { DM_MEM_HOT_ADD_RESPONSE, sizeof(added), 6 }, 0, 1 };

	open_channel(BALLOON, 0x10);
	packet(BALLOON, &version, sizeof(version));
	packet(BALLOON, &caps, sizeof(caps));
	packet(BALLOON, &status, sizeof(status));
	simple(RINGS_BALLOON, 0, 1);
	packet(BALLOON, balloon, sizeof(balloon));
	simple(OP_TAKE, BALLOON, 0);
	simple(RINGS_BALLOON, 1, 0);
	packet(BALLOON, &back, sizeof(back));
	simple(RINGS_BALLOON, 2, 128);
	packet(BALLOON, &added, sizeof(added));
	end_seed("balloon");
}

static void rings_dxg(void)
{
	struct dxg_create_process create = { .h = { .channel = DXG_VM_TO_HOST,
						    .type = DXG_CREATEPROCESS } };
	struct dxg_set_io_space space = { .h = { .channel = DXG_VM_TO_HOST,
						 .type = DXG_SETIOSPACEREGION },
					  .start = 0x10000000,
					  .length = 0x1000000 };
	struct dxg_command destroy = { .process = 0x41,
				       .channel = DXG_VM_TO_HOST,
				       .type = DXG_DESTROYPROCESS };

	open_channel(DXG, 0x10);
	packet(DXG, &space, sizeof(space));
	packet(DXG, &create, sizeof(create));
	packet(DXG, &destroy, sizeof(destroy));
	simple(OP_TAKE, DXG, 0);
	end_seed("dxg");
}

/*
 * This held the host for ever: the rings share the page of their indices, and packets are all
 * over the first one, so that each answer is one more request.
 */
static void rings_one_page(void)
{
	static const u8 order[] = { 0x10, 0x11, 0x12, 0x13, 0x10, 0x14, 0x15, 0x16 };
	u32 bytes[1024], index = 64; /* two packets */

	for (u32 i = 0; i < 1024; i += 8) {
		memset(bytes + i, 0, 32);
		bytes[i] = VM_PKT_DATA_INBAND | 2 << 16; /* words of the descriptor, of all */
		bytes[i + 1] = 3 | COMPLETION << 16;
	}
	op(OP_OPEN);
	put(DXG, 1);
	put(PAGES, 1);
	raw(order, sizeof(order));
	for (u8 i = 1; i < PAGES; i++)
		memory(order[i], bytes, sizeof(bytes));
	memory(order[0], &index, sizeof(index));
	simple(OP_SIGNAL, DXG, 0);
	op(OP_LOOP);
	put(0, 2);
	end_seed("one-page");
}

static void ic_answer(u8 relid, u16 type, const void *body, u16 len)
{
	u8 text[4096] = { 0 };
	struct ic_packet *p = (void *)text;

	p->pipe_type = 1;
	p->type = type;
	p->size = len;
	p->flags = ICMSGHDRFLAG_TRANSACTION | ICMSGHDRFLAG_RESPONSE;
	memcpy(p->body, body, len);
	packet(relid, p, sizeof(*p) + len);
}

static void rings_ic(void)
{
	u16 versions[8] = { 1, 1, 0, 0, 3, 0, 3, 0 };
	struct ic_kvp pair = { .operation = KVP_OP_ENUMERATE,
			       .key_size = 6,
			       .value_size = 6,
			       .key = { 'k', 'e', 0 },
			       .value = { 'v', 'a', 0 } };

	for (u8 relid = HEARTBEAT; relid <= KVP; relid++) {
		open_channel(relid, 0x10 + 8 * (relid - HEARTBEAT));
		simple(OP_TAKE, relid, 0);
		ic_answer(relid, ICMSGTYPE_NEGOTIATE, versions, sizeof(versions));
	}
	op(OP_LOOP);
	put(5000, 2);
	ic_answer(HEARTBEAT, ICMSGTYPE_HEARTBEAT, "", 0);
	ic_answer(TIMESYNC, ICMSGTYPE_TIMESYNC, "", 0);
	simple(RINGS_IC, 0, 0);
	ic_answer(SHUTDOWN, ICMSGTYPE_SHUTDOWN, "", 0);
	simple(RINGS_IC, 1, 3);
	ic_answer(KVP, ICMSGTYPE_KVPEXCHANGE, &pair, sizeof(pair));
	simple(RINGS_IC, 2, 60);
	end_seed("ic");
}

static void rings_sock(void)
{
	struct vmbus_channel_tl_connect_request request = {
		.h.type = CHANNELMSG_TL_CONNECT_REQUEST,
		.service = { { 0x88, 0x13, 0, 0, 0xcb, 0xfa, 0xe6, 0x11, 0xbd, 0x58, 0x64, 0x00,
			       0x6a, 0x79, 0x86, 0xd3 } },
		.endpoint = { { 9 } },
	};
	u32 data[4] = { 1, 5, 0x6c6c6568, 'o' }, fin[2] = { 1, 0 };

	message(&request, sizeof(request));
	open_channel(STREAM, 0x10);
	simple(RINGS_PEER, 0, 0);
	packet(STREAM, data, sizeof(data));
	simple(RINGS_PEER, 0, 2);
	op(RINGS_PEER);
	put(0, 1);
	put(1, 1);
	raw("back to the guest", 17);
	simple(OP_TAKE, STREAM, 0);
	simple(RINGS_PEER, 0, 3);
	packet(STREAM, fin, sizeof(fin));
	of_relid(CHANNELMSG_RELID_RELEASED, STREAM);
	message(&request, sizeof(request));
	op(OP_LOOP);
	put(3000, 2);
	end_seed("sock");
}

/* ---- vpci */

static void vpci_slot(u8 relid, u32 type, u32 slot)
{
	u32 msg[34] = { type, slot, 1 };

	packet(relid, msg, type == PCI_RESOURCES_ASSIGNED ? sizeof(msg) : 12);
}

static void config(u8 bus, u8 slot, u16 offset, u8 len, u64 value)
{
	op(VPCI_CONFIG);
	put(bus, 1);
	put(slot, 1);
	put(offset, 2);
	put(len, 1);
	put(value, 8);
}

static void bar(u8 bus, u8 slot, u8 n, u16 offset, u8 len, u64 value)
{
	op(VPCI_BAR);
	put(bus, 1);
	put(slot, 1);
	put(n, 1);
	put(offset, 2);
	put(len, 1);
	put(value, 8);
}

static void create_interrupt(u8 relid, u32 slot)
{
	struct pci_create_interrupt3 c = { .type = PCI_CREATE_INTERRUPT_MESSAGE3,
					   .slot = slot,
					   .vector = 0x40,
					   .vector_count = 1,
					   .processor_count = 1 };

	packet(relid, &c, sizeof(c));
}

/* From the version to D0 with addresses for the BARs of SLOT. */
static void vpci_start(u8 relid, u32 slot)
{
	struct pci_version_request version = { PCI_QUERY_PROTOCOL_VERSION,
					       PCI_PROTOCOL_VERSION_1_4 };
	struct pci_bus_d0_entry d0 = { .type = PCI_BUS_D0ENTRY, .mmio_base = WINDOW };
	u8 bus = relid - 1;

	d0.mmio_base += bus * 0x100000;
	open_channel(relid, 0x10 + 8 * bus);
	packet(relid, &version, sizeof(version));
	vpci_slot(relid, PCI_QUERY_BUS_RELATIONS, 0);
	packet(relid, &d0, sizeof(d0));
	vpci_slot(relid, PCI_QUERY_RESOURCE_REQUIREMENTS, slot);
	vpci_slot(relid, PCI_RESOURCES_ASSIGNED, slot);
	for (u8 n = 0; n < PCI_BARS; n += 2)
		config(bus, slot, PCI_BASE_ADDRESS_0 + 4 * n, 4, d0.mmio_base + (n + 1) * 0x10000);
	config(bus, slot, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	vpci_slot(relid, PCI_POWER_STATE_CHANGE, slot);
	create_interrupt(relid, slot);
	simple(OP_TAKE, relid, 0);
}

static void vpci_seeds(void)
{
	struct pci_delete_interrupt gone = { PCI_DELETE_INTERRUPT_MESSAGE,
					     0,
					     { 0, 1, 0x5600, 0xfee00000 } };

	vpci_start(1, 0);
	bar(0, 0, 0, 0x800, 8, 0xfee00000); /* an entry of MSI-X, in pci_test.h's place */
	bar(0, 0, 0, 0x808, 8, 0x5600);
	config(0, 0, 0x42, 2, PCI_MSIX_FLAGS_ENABLE);
	bar(0, 0, 0, 8, 4, 0);
	op(VPCI_RAISE);
	put(0, 1);
	put(0xfee00000, 8);
	put(0x5600, 4);
	op(VPCI_RETARGET);
	put(0x14000, 8);
	put(0xfee00000, 4);
	put(0x5600, 4);
	put(0x41, 4);
	put(2, 8);
	packet(1, &gone, sizeof(gone));
	simple(VPCI_EJECT, 0, 0);
	simple(OP_TAKE, 1, 0);
	vpci_slot(1, PCI_EJECTION_COMPLETE, 0);
	simple(VPCI_PLUG, 0, 3);
	vpci_slot(1, PCI_BUS_D0EXIT, 0);
	simple(VPCI_WITHDRAW, 0, 0);
	of_relid(CHANNELMSG_RELID_RELEASED, 1);
	simple(VPCI_WITHDRAW, 0, 0);
	end_seed("test");
	vpci_start(1, 1);
	bar(0, 1, 2, 0x100, 8, 1);
	op(VPCI_READ);
	put(WINDOW + 0x30000, 8);
	put(8, 1);
	config(0, 1, PCI_COMMAND, 2, 0);
	vpci_slot(1, PCI_RESOURCES_RELEASED, 1);
	of_relid(CHANNELMSG_CLOSECHANNEL, 1);
	end_seed("memory");
	vpci_start(2, 0);
	bar(1, 0, 0, 0x14, 1, 3); /* the status */
	bar(1, 0, 2, 0, 8, 0xfee00000);
	bar(1, 0, 2, 8, 8, 0x5600);
	config(1, 0, 0x42, 2, PCI_MSIX_FLAGS_ENABLE);
	end_seed("console");
}

/* ---- virtio */

enum { CONSOLE, CARD, FS, PMEM };

static void start_device(u8 device)
{
	op(VIRTIO_START);
	put(device, 1);
	put(0, 8);
	put(16, 2);
	for (u8 i = 0; i < 4; i++) { /* vectors, then MSI-X */
		op(VIRTIO_WRITE);
		put(device, 1);
		put(2, 1);
		put(16 * i, 2);
		put(8, 1);
		put(0xfee00000, 8);
		op(VIRTIO_WRITE);
		put(device, 1);
		put(2, 1);
		put(16 * i + 8, 2);
		put(8, 1);
		put(i, 8);
	}
	op(VIRTIO_CAPABILITY);
	put(device, 1);
	put(2, 1);
	put(PCI_MSIX_FLAGS_ENABLE, 2);
}

/* A buffer with BYTES to read and ROOM to write. */
static void chain(u8 device, u8 queue, u8 flags, const void *bytes, u16 len, u16 room)
{
	op(VIRTIO_CHAIN);
	put(device, 1);
	put(queue, 1);
	put(flags, 1);
	put(!!len + !!room, 1);
	if (len) {
		put(0, 1);
		put(len, 2);
	}
	if (room) {
		put(1, 1);
		put(room, 2);
	}
	raw(bytes, len);
}

static void virtio_console(void)
{
	struct virtio_console_control ready = { 0, VIRTIO_CONSOLE_DEVICE_READY, 1 },
				      port = { 2, VIRTIO_CONSOLE_PORT_READY, 1 },
				      opened = { 2, VIRTIO_CONSOLE_PORT_OPEN, 1 };

	start_device(CONSOLE);
	for (int i = 0; i < 6; i++)
		chain(CONSOLE, 2, 0, NULL, 0, 64);
	chain(CONSOLE, 3, 0, &ready, sizeof(ready), 0);
	chain(CONSOLE, 3, CHAIN_INDIRECT, &port, sizeof(port), 0);
	chain(CONSOLE, 3, 0, &opened, sizeof(opened), 0);
	chain(CONSOLE, 7, 0, "output of a shell", 17, 0);
	chain(CONSOLE, 6, 0, NULL, 0, 64);
	op(VIRTIO_INPUT);
	put(2, 1);
	raw("input", 5);
	op(VIRTIO_READ);
	put(CONSOLE, 1);
	put(0, 1);
	put(0x14, 2);
	put(1, 1);
	end_seed("console");
}

static void virtio_net(void)
{
	u8 frame[sizeof(struct virtio_net_hdr_v1) + 60] = { 0 };

	start_device(CARD);
	chain(CARD, 0, 0, NULL, 0, 2048);
	chain(CARD, 1, CHAIN_INDIRECT, frame, sizeof(frame), 0);
	op(VIRTIO_INPUT);
	put(255, 1);
	raw("a frame for the guest", 21);
	end_seed("net");
}

static void virtio_fs(void)
{
	struct {
		struct fuse_in_header header;
		union {
			struct fuse_init_in init;
			char name[8];
		};
	} request = { .header = { .len = sizeof(request), .opcode = FUSE_INIT, .unique = 1 } };

	start_device(FS);
	request.init.major = FUSE_KERNEL_VERSION;
	request.init.minor = 31;
	chain(FS, 1, 0, &request, sizeof(request), 256);
	memset(&request, 0, sizeof(request));
	request.header = (struct fuse_in_header){ .len = sizeof(request.header) + 2,
						  .opcode = FUSE_LOOKUP,
						  .nodeid = 1 };
	strcpy(request.name, "a");
	chain(FS, 1, CHAIN_INDIRECT, &request, sizeof(request.header) + 2, 256);
	end_seed("fs");
}

static void virtio_pmem(void)
{
	struct virtio_pmem_req flush = { .type = VIRTIO_PMEM_REQ_TYPE_FLUSH };

	start_device(PMEM);
	chain(PMEM, 0, 0, &flush, sizeof(flush), 4);
	op(VIRTIO_WRITE);
	put(PMEM, 1);
	put(4, 1);
	put(0x100, 2);
	put(8, 1);
	put(1, 8);
	end_seed("pmem");
}

/* ---- fuse: the folder has a, b, d/c, f (a FIFO), and the links u, s, o and r */

static void begin_fuse(u8 opcode, u8 node, u16 room)
{
	op(FUSE_REQUEST);
	put(opcode, 1);
	put(node, 1);
	put(room, 2);
}

static void fuse(u8 opcode, u8 node, const void *body, u32 len)
{
	begin_fuse(opcode, node, 4096);
	raw(body, len);
}

static void named(u8 opcode, u8 node, const char *name)
{
	fuse(opcode, node, name, strlen(name) + 1);
}

static void fuse_init(void)
{
	struct fuse_init_in in = { .major = FUSE_KERNEL_VERSION, .minor = 31, .flags = ~0u };

	fuse(FUSE_INIT, 0, &in, sizeof(in));
}

static void fuse_files(void)
{
	struct fuse_open_in rdwr = { .flags = O_RDWR };
	struct fuse_read_in read = { .size = 100 };
	struct fuse_write_in write = { .size = 5 };
	struct fuse_release_in release = { 0 };
	struct fuse_setattr_in attr = { .valid = FATTR_MODE | FATTR_SIZE | FATTR_MTIME,
					.mode = 0600,
					.size = 3 };
	struct fuse_getattr_in get = { 0 };
	struct fuse_fsync_in sync = { 0 };
	struct fuse_flush_in flush = { 0 };
	struct fuse_create_in create = { .flags = O_RDWR, .mode = 0644 };
	struct fuse_forget_in forget = { .nlookup = 1 };

	fuse_init();
	named(FUSE_LOOKUP, 1, "a");
	fuse(FUSE_OPEN, 2, &rdwr, sizeof(rdwr));
	fuse(FUSE_READ, 2, &read, sizeof(read));
	fuse(FUSE_WRITE, 2, &write, sizeof(write));
	raw("world", 5);
	fuse(FUSE_SETATTR, 2, &attr, sizeof(attr));
	fuse(FUSE_GETATTR, 2, &get, sizeof(get));
	fuse(FUSE_FLUSH, 2, &flush, sizeof(flush));
	fuse(FUSE_FSYNC, 2, &sync, sizeof(sync));
	fuse(FUSE_RELEASE, 2, &release, sizeof(release));
	fuse(FUSE_FORGET, 2, &forget, sizeof(forget));
	fuse(FUSE_CREATE, 1, &create, sizeof(create));
	raw("new", 4);
	fuse(FUSE_STATFS, 1, NULL, 0);
	named(FUSE_UNLINK, 1, "b");
	fuse(FUSE_DESTROY, 0, NULL, 0);
	end_seed("files");
}

static void fuse_folders(void)
{
	struct fuse_open_in rdonly = { .flags = O_RDONLY };
	struct fuse_read_in read = { .size = 4000 };
	struct fuse_mkdir_in make = { .mode = 0755 };
	struct fuse_rename_in rename = { .newdir = 2 };
	struct fuse_rename2_in second = { .newdir = 1, .flags = 2 }; /* exchange */

	fuse_init();
	named(FUSE_LOOKUP, 1, "d");
	named(FUSE_LOOKUP, 2, "c");
	fuse(FUSE_OPENDIR, 1, &rdonly, sizeof(rdonly));
	fuse(FUSE_READDIR, 1, &read, sizeof(read));
	fuse(FUSE_READDIRPLUS, 1, &read, sizeof(read));
	fuse(FUSE_MKDIR, 1, &make, sizeof(make));
	raw("e", 2);
	fuse(FUSE_RENAME, 1, &rename, sizeof(rename));
	raw("a\0x", 4);
	fuse(FUSE_RENAME2, 1, &second, sizeof(second));
	raw("b\0e", 4);
	named(FUSE_RMDIR, 1, "e");
	op(FUSE_REQUEST);
	put(FUSE_BATCH_FORGET, 1);
	put(0, 1);
	put(0, 2);
	put(1, 8);
	put(2, 8);
	put(1, 8);
	end_seed("folders");
}

static void fuse_links(void)
{
	static const char *const names[] = { "u", "s", "o", "r", "f", "..", "d/c" };
	struct fuse_open_in rdonly = { .flags = O_RDONLY };
	struct fuse_getattr_in get = { 0 };
	struct fuse_setattr_in attr = { .valid = FATTR_MODE | FATTR_MTIME, .mode = 0600 };

	fuse_init();
	for (u8 i = 0; i < sizeof(names) / sizeof(*names); i++) {
		named(FUSE_LOOKUP, 1, names[i]);
		fuse(FUSE_READLINK, i + 2, NULL, 0);
		fuse(FUSE_OPEN, i + 2, &rdonly, sizeof(rdonly));
		fuse(FUSE_OPENDIR, i + 2, &rdonly, sizeof(rdonly));
		fuse(FUSE_GETATTR, i + 2, &get, sizeof(get));
		fuse(FUSE_SETATTR, i + 2, &attr, sizeof(attr));
		named(FUSE_LOOKUP, i + 2, "secret");
	}
	end_seed("links");
}

/* ---- p9: the same folder; fields as in net/9p/client.c */

static void p9(u8 type, const char *fields, ...)
{
	const char *text;
	va_list ap;

	op(P9_MESSAGE);
	put(type, 1);
	va_start(ap, fields);
	for (; *fields; fields++) {
		if (*fields == 's') {
			text = va_arg(ap, const char *);
			put(strlen(text), 2);
			raw(text, strlen(text));
		} else if (*fields == 'q') {
			put(va_arg(ap, u64), 8);
		} else {
			put(va_arg(ap, u32), *fields == 'w' ? 2 : 4);
		}
	}
	va_end(ap);
}

static void p9_attach(void)
{
	p9(P9_TVERSION, "ds", 65536, "9P2000.L");
	p9(P9_TATTACH, "ddssd", 1, ~0u, "root", DRVFS_C "uid=0", 0);
}

static void p9_files(void)
{
	p9_attach();
	p9(P9_TWALK, "ddws", 1, 2, 1, "a");
	p9(P9_TGETATTR, "dq", 2, 0x7ffull);
	p9(P9_TLOPEN, "dd", 2, O_RDWR);
	p9(P9_TREAD, "dqd", 2, 0ull, 100);
	p9(P9_TWRITE, "dqd", 2, 5ull, 5);
	raw("world", 5);
	p9(P9_TSETATTR,
	   "ddddd"
	   "qqqqq",
	   2, 0x1b9, 0600, 0, 0, 3ull, 1ull, 2ull, 3ull, 4ull);
	p9(P9_TFSYNC, "dd", 2, 0);
	p9(P9_TSTATFS, "d", 2);
	p9(P9_TCLUNK, "d", 2);
	p9(P9_TWALK, "ddw", 1, 2, 0);
	p9(P9_TLCREATE, "dsddd", 2, "new", O_RDWR | O_CREAT, 0644, 0);
	p9(P9_TUNLINKAT, "dsd", 1, "b", 0);
	p9(P9_TREMOVE, "d", 2);
	p9(P9_TFLUSH, "w", 1);
	end_seed("files");
}

static void p9_folders(void)
{
	p9_attach();
	p9(P9_TWALK, "ddwss", 1, 2, 2, "d", "c");
	p9(P9_TWALK, "ddws", 1, 3, 1, "d");
	p9(P9_TLOPEN, "dd", 3, O_DIRECTORY);
	p9(P9_TREADDIR, "dqd", 3, 0ull, 4000);
	p9(P9_TMKDIR, "dsdd", 1, "e", 0755, 0);
	p9(P9_TRENAMEAT, "dsds", 1, "a", 3, "x");
	p9(P9_TUNLINKAT, "dsd", 1, "e", 0x200);
	p9_attach();
	end_seed("folders");
}

static void p9_links(void)
{
	static const char *const names[] = { "u", "s", "o", "r", "f", "..", "d/c" };

	p9_attach();
	for (u32 i = 0; i < sizeof(names) / sizeof(*names); i++) {
		p9(P9_TWALK, "ddws", 1, i + 2, 1, names[i]);
		p9(P9_TREADLINK, "d", i + 2);
		p9(P9_TLOPEN, "dd", i + 2, O_RDONLY);
		p9(P9_TWALK, "ddws", i + 2, 20, 1, "secret");
		p9(P9_TWALK, "ddwss", 1, 21, 2, names[i], "secret");
	}
	end_seed("links");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: seeds DIRECTORY\n", stderr);
		return 2;
	}
	directory = argv[1];
	target = "vmbus";
	vmbus_channel();
	vmbus_subchannels();
	vmbus_stream();
	vmbus_hypercalls();
	target = "rings";
	rings_scsi();
	rings_subchannels();
	rings_net();
	rings_net_subchannels();
	rings_balloon();
	rings_dxg();
	rings_one_page();
	rings_ic();
	rings_sock();
	target = "vpci";
	vpci_seeds();
	target = "virtio";
	virtio_console();
	virtio_net();
	virtio_fs();
	virtio_pmem();
	target = "fuse";
	fuse_files();
	fuse_folders();
	fuse_links();
	target = "p9";
	p9_files();
	p9_folders();
	p9_links();
	return 0;
}
