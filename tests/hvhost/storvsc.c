// SPDX-License-Identifier: GPL-2.0
/*
 * A SCSI controller whose disks are LUNs of its only target, and come and go. Guest side:
 * drivers/scsi/storvsc_drv.c, protocol 5.1 to 6.2. A guest that has initialized it can ask for
 * subchannels, once; they take commands only. Not modelled: fibre channel.
 */
#define _GNU_SOURCE
#include "storvsc.h"
#include <stdlib.h>
#include <unistd.h>

#define PACKET_MAX 16384

static const struct guid controller = { { 0xd9, 0x63, 0x61, 0xba, 0xa1, 0x04, 0x29, 0x4d, 0xb6,
					  0x05, 0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f } };
static const u16 versions[] = { 0x0602, 0x0600, 0x0501 };
static u8 buffer[PACKET_MAX];

/*
 * The steps of the initialization, in order, and the guest's first command, from which on it
 * takes ENUMERATE_BUS: 6.1 makes its work queue after the initialization.
 */
enum { CLOSED, BEGUN, AGREED, DESCRIBED, READY, IN_USE };

static void answer(struct channel *ch, u64 id, struct vstor_packet *packet)
{
	packet->op = VSTOR_OPERATION_COMPLETE_IO;
	packet->flags = 0;
	if (channel_send(ch, VM_PKT_COMP, 0, id, NULL, 0, packet, sizeof(*packet)))
		((struct storvsc *)ch->device)->errors++;
}

static u32 step(struct storvsc *scsi, int from, int to)
{
	if (scsi->state != from)
		return STOR_STATUS_ORDER;
	scsi->state = to;
	return STOR_STATUS_OK;
}

static u32 agree(struct storvsc *scsi, u16 version)
{
	if (scsi->state != BEGUN)
		return STOR_STATUS_ORDER;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		if (versions[i] == version) {
			scsi->version = version;
			return step(scsi, BEGUN, AGREED);
		}
	}
	return STOR_STATUS_REVISION;
}

/* The guest tests the disks that it has, and then looks for new ones. */
static void enumerate(struct storvsc *scsi)
{
	struct vstor_packet packet = { .op = VSTOR_OPERATION_ENUMERATE_BUS };

	if (!scsi->changed || !scsi->ch || scsi->state != IN_USE)
		return;
	/* a full ring: the guest signals when there is room */
	if (channel_send(scsi->ch, VM_PKT_DATA_INBAND, 0, 0, NULL, 0, &packet, sizeof(packet)))
		return;
	scsi->changed = 0;
	scsi->enumerations++;
}

/* LUNs up to 255 are a byte; the byte before it says so by being 0. */
static void report_luns(const struct storvsc *scsi, struct vmscsi_request *srb, struct sg *sg)
{
	u8 data[8 + 8 * STORVSC_LUNS] = { 0 };
	u32 len = 8;

	for (int lun = 0; scsi && lun < STORVSC_LUNS; lun++) {
		if (!scsi->lun[lun])
			continue;
		data[len + 1] = lun;
		len += 8;
	}
	data[2] = (len - 8) >> 8;
	data[3] = len - 8;
	disk_data_in(srb, sg, data, len);
}

/* A flush of a disk's file, which may have gone when it ends; so may the channel. */
struct flush {
	struct job job;
	struct storvsc *scsi;
	struct channel *ch;
	u64 opening, id;
	int fd, wants_answer;
	unsigned int lun;
	struct disk *disk;
	struct vstor_packet reply;
};

static int run_flush(struct job *job)
{
	return fdatasync(((struct flush *)job)->fd);
}

static void flush_done(struct job *job, int result)
{
	struct flush *flush = (struct flush *)job;
	struct storvsc *scsi = flush->scsi;

	scsi->flushing--;
	if (flush->ch->opening == flush->opening) {
		if (scsi->lun[flush->lun] == flush->disk)
			disk_flushed(flush->disk, &flush->reply.srb, result);
		else
			flush->reply.srb.srb_status = SRB_STATUS_INVALID_LUN;
		if (flush->wants_answer)
			answer(flush->ch, flush->id, &flush->reply);
	}
	close(flush->fd);
	free(flush);
}

/* Have DISK flushed, answered when it has been. 0: it is under way, or -1: it is not. */
static int start_flush(struct channel *ch, struct disk *disk, const struct packet *packet,
		       const struct vstor_packet *reply)
{
	struct storvsc *scsi = ch->device;
	struct flush *flush;

	if (!scsi->worker || scsi->flushing == STORVSC_FLUSHES)
		return -1;
	flush = calloc(1, sizeof(*flush));
	if (!flush)
		return -1;
	flush->fd = dup(disk->fd);
	if (flush->fd < 0) {
		free(flush);
		return -1;
	}
	flush->job.run = run_flush;
	flush->job.done = flush_done;
	flush->scsi = scsi;
	flush->ch = ch;
	flush->opening = ch->opening;
	flush->id = packet->id;
	flush->wants_answer = packet->flags & VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED;
	flush->lun = reply->srb.lun;
	flush->disk = disk;
	flush->reply = *reply;
	scsi->flushing++;
	worker_do(scsi->worker, &flush->job);
	return 0;
}

/* The disk that SRB is for, or NULL. */
static struct disk *addressed(struct storvsc *scsi, const struct vmscsi_request *srb)
{
	return !srb->path && !srb->target && srb->lun < STORVSC_LUNS ? scsi->lun[srb->lun] : NULL;
}

/*
 * An absent target reports an empty list of LUNs: SRB_STATUS_INVALID_LUN would make the
 * guest remove LUN 0 of the first path, whatever path was addressed. For an absent LUN of
 * the target it is the answer that makes the guest remove that disk.
 */
static void execute(struct storvsc *scsi, struct vmscsi_request *srb, struct sg *sg)
{
	static const u8 absent[36] = { 0x7f, 0, 5, 2, 31 };
	int present = !srb->path && !srb->target;
	struct disk *disk = addressed(scsi, srb);
	u8 cdb[STOR_SENSE];

	memcpy(cdb, srb->cdb, sizeof(cdb));

	srb->scsi_status = 0;
	if (srb->cdb[0] == REPORT_LUNS)
		report_luns(present ? scsi : NULL, srb, sg);
	else if (disk)
		disk_command(disk, srb, sg);
	else if (srb->cdb[0] == INQUIRY)
		disk_data_in(srb, sg, absent, sizeof(absent));
	else
		srb->srb_status = SRB_STATUS_INVALID_LUN;
	if (scsi->filled && srb->srb_status == SRB_STATUS_SUCCESS)
		scsi->filled(scsi->arg, cdb, srb->transfer, sg);
}

/* While there is one, the controller's state lets a guest do no more by it than send commands. */
static void subchannel_signalled(struct channel *ch)
{
	channel_drain(ch, buffer, sizeof(buffer), storvsc_receive);
}

static void subchannel_released(struct channel *ch)
{
	(void)ch;
}

static const struct channel_ops subchannel_ops = {
	.signal = subchannel_signalled,
	.released = subchannel_released,
};

/*
 * Offer COUNT subchannels: the offers are on their way when the guest has the answer. It may use
 * what was offered before the relids ran out.
 */
static u32 create_subchannels(struct storvsc *scsi, u16 count)
{
	if (scsi->state < READY || scsi->subchannels)
		return STOR_STATUS_ORDER;
	if (!count || count > scsi->max_subchannels)
		return STOR_STATUS_PARAMETER;
	while (scsi->subchannels < count) {
		if (!vmbus_offer_subchannel(scsi->ch, scsi->subchannels + 1, &subchannel_ops))
			return STOR_STATUS_RESOURCES;
		scsi->subchannels++;
	}
	return STOR_STATUS_OK;
}

void storvsc_receive(struct channel *ch, struct packet *packet)
{
	struct storvsc *scsi = ch->device;
	struct vstor_packet reply = { 0 };
	static struct sg sg;
	struct disk *disk;

	if (packet->len < 12 ||
	    (packet->type != VM_PKT_DATA_INBAND && packet->type != VM_PKT_DATA_USING_GPA_DIRECT)) {
		scsi->errors++;
		return;
	}
	memcpy(&reply, packet->data, packet->len < sizeof(reply) ? packet->len : sizeof(reply));
	reply.status = STOR_STATUS_OK;
	switch (reply.op) {
	case VSTOR_OPERATION_BEGIN_INITIALIZATION:
		reply.status = step(scsi, CLOSED, BEGUN);
		break;
	case VSTOR_OPERATION_QUERY_PROTOCOL_VERSION:
		reply.status = agree(scsi, reply.version);
		break;
	case VSTOR_OPERATION_QUERY_PROPERTIES:
		reply.status = step(scsi, AGREED, DESCRIBED);
		memset(&reply.properties, 0, sizeof(reply.properties));
		reply.properties.max_transfer_bytes = DISK_MAX_TRANSFER;
		reply.properties.subchannels = scsi->max_subchannels;
		if (scsi->max_subchannels)
			reply.properties.flags = STORAGE_CHANNEL_SUPPORTS_MULTI_CHANNEL;
		break;
	case VSTOR_OPERATION_END_INITIALIZATION:
		reply.status = step(scsi, DESCRIBED, READY);
		break;
	case VSTOR_OPERATION_CREATE_SUB_CHANNELS:
		reply.status = create_subchannels(scsi, reply.subchannels);
		break;
	case VSTOR_OPERATION_EXECUTE_SRB:
		scsi->commands[ch->offer.subchannel]++;
		if (scsi->state == READY)
			scsi->state = IN_USE;
		if (scsi->state != IN_USE)
			reply.status = STOR_STATUS_ORDER;
		else if (sg_from_packet(&sg, scsi->mem, packet))
			reply.srb.srb_status = SRB_STATUS_INVALID_REQUEST;
		else if (disk_is_flush(&reply.srb) && (disk = addressed(scsi, &reply.srb)) &&
			 !start_flush(ch, disk, packet, &reply))
			return;
		else
			execute(scsi, &reply.srb, &sg);
		break;
	case VSTOR_OPERATION_RESET_LUN:
	case VSTOR_OPERATION_RESET_ADAPTER:
	case VSTOR_OPERATION_RESET_BUS:
		break;
	default:
		reply.status = STOR_STATUS_FAILED;
	}
	if (packet->flags & VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED)
		answer(ch, packet->id, &reply);
}

static int opened(struct channel *ch)
{
	struct storvsc *scsi = ch->device;

	scsi->state = CLOSED;
	scsi->subchannels = 0;
	return 0;
}

static void signalled(struct channel *ch)
{
	channel_drain(ch, buffer, sizeof(buffer), storvsc_receive);
	enumerate(ch->device);
}

static void released(struct channel *ch)
{
	struct storvsc *scsi = ch->device;

	scsi->ch = NULL;
	if (scsi->gone)
		scsi->gone(scsi->arg);
}

static const struct channel_ops ops = {
	.open = opened,
	.signal = signalled,
	.released = released,
};

static void set_id(struct storvsc *scsi, u8 lun)
{
	scsi->lun[lun]->id = scsi->ch->relid + lun * VMBUS_RELIDS;
}

int storvsc_attach(struct storvsc *scsi, unsigned int lun, struct disk *disk)
{
	if (lun >= STORVSC_LUNS || scsi->lun[lun])
		return -1;
	scsi->lun[lun] = disk;
	if (scsi->ch)
		set_id(scsi, lun);
	scsi->changed = 1;
	enumerate(scsi);
	return 0;
}

struct disk *storvsc_detach(struct storvsc *scsi, unsigned int lun)
{
	struct disk *disk = lun < STORVSC_LUNS ? scsi->lun[lun] : NULL;

	if (!disk)
		return NULL;
	scsi->lun[lun] = NULL;
	scsi->changed = 1;
	enumerate(scsi);
	return disk;
}

int storvsc_offer(struct storvsc *scsi, struct vmbus *bus, struct memory *mem, u32 instance)
{
	struct guid guid = { { 0x48, 0x56, 0x44, 0x49, 0, 0, 0, 0x40, 0x80 } };

	put32(guid.b + 12, instance);
	scsi->bus = bus;
	scsi->mem = mem;
	scsi->changed = 0; /* the guest's first scan finds all */
	if (scsi->max_subchannels > VMBUS_SUBCHANNELS)
		scsi->max_subchannels = VMBUS_SUBCHANNELS;
	scsi->ch = vmbus_offer(bus, &controller, &guid, VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE,
			       NULL, 0, &ops, scsi);
	if (!scsi->ch)
		return error("storvsc: no channel is free");
	for (int lun = 0; lun < STORVSC_LUNS; lun++)
		if (scsi->lun[lun])
			set_id(scsi, lun);
	return 0;
}
