// SPDX-License-Identifier: GPL-2.0
/*
 * The global channel of the GPU driver. Guest side: drivers/hv/dxgkrnl, an external patch.
 * Not modelled: the virtual GPU itself, a vPCI device with a channel of its own, without
 * which the driver binds to this channel and does not open it. Every command is answered;
 * what is not modelled, with an error.
 */
#include "dxg.h"
#include "proto/dxg.h"

#define IO_SPACE_MB 16
#define HANDLE(n)   ((n) << 6 | 1)

static const struct guid type = { { 0xc0, 0xcb, 0xe9, 0xdd, 0x60, 0x50, 0x36, 0x44, 0x94, 0x48,
				    0xea, 0x12, 0x54, 0xa5, 0xd1, 0x77 } };
static const struct guid instance = { { 'H', 'V', 'D', 'X', 0, 0, 0, 0x40, 0x80 } };
static u8 buffer[131072]; /* the driver's largest packet */

static u32 create_process(struct dxg *dxg)
{
	for (u32 i = 0; i < DXG_PROCESSES; i++) {
		if (dxg->process[i])
			continue;
		dxg->process[i] = 1;
		return HANDLE(i + 1);
	}
	dxg->refused++;
	return 0;
}

static u32 destroy_process(struct dxg *dxg, u32 handle)
{
	u32 i = (handle >> 6) - 1;

	if (i >= DXG_PROCESSES || handle != HANDLE(i + 1) || !dxg->process[i]) {
		dxg->refused++;
		return STATUS_INVALID_HANDLE;
	}
	dxg->process[i] = 0;
	return STATUS_SUCCESS;
}

static u32 set_io_space(struct dxg *dxg, const struct dxg_set_io_space *c)
{
	if (!c->start || !c->length || c->start % PAGE_SIZE || c->start + c->length < c->start) {
		dxg->refused++;
		return STATUS_INVALID_PARAMETER;
	}
	dxg->io_start = c->start;
	dxg->io_length = c->length;
	return STATUS_SUCCESS;
}

/* The answer to a command of LEN bytes: a handle or a status. */
static u32 run(struct dxg *dxg, const struct dxg_command *c, u32 len)
{
	if (len < sizeof(*c) || c->channel != DXG_VM_TO_HOST) {
		dxg->bad++;
		return STATUS_INVALID_PARAMETER;
	}
	dxg->commands++;
	switch (c->type) {
	case DXG_CREATEPROCESS:
		if (len >= sizeof(struct dxg_create_process))
			return create_process(dxg);
		dxg->bad++;
		return 0;
	case DXG_DESTROYPROCESS:
		return destroy_process(dxg, c->process);
	case DXG_SETIOSPACEREGION:
		if (len >= sizeof(struct dxg_set_io_space))
			return set_io_space(dxg, (const void *)c);
		dxg->bad++;
		return STATUS_INVALID_PARAMETER;
	}
	dxg->refused++;
	return STATUS_NOT_SUPPORTED;
}

static void receive(struct channel *ch, struct packet *packet)
{
	struct dxg *dxg = ch->device;
	u32 answer;

	if (packet->type != VM_PKT_DATA_INBAND) {
		dxg->bad++;
		return;
	}
	answer = run(dxg, (const void *)packet->data, packet->len);
	if (packet->flags & VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED &&
	    channel_send(ch, VM_PKT_COMP, 0, packet->id, NULL, 0, &answer, sizeof(answer)))
		dxg->bad++;
}

static void signalled(struct channel *ch)
{
	channel_drain(ch, buffer, sizeof(buffer), receive);
}

static void closed(struct channel *ch)
{
	struct dxg *dxg = ch->device;

	memset(dxg->process, 0, sizeof(dxg->process));
	dxg->io_start = dxg->io_length = 0;
}

static void released(struct channel *ch)
{
	((struct dxg *)ch->device)->ch = NULL;
}

static const struct channel_ops ops = {
	.signal = signalled,
	.close = closed,
	.released = released,
};

int dxg_init(struct dxg *dxg, struct vmbus *bus)
{
	memset(dxg, 0, sizeof(*dxg));
	dxg->ch = vmbus_offer(bus, &type, &instance, VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE, NULL,
			      0, &ops, dxg);
	if (!dxg->ch)
		return error("dxg: no channel is free");
	dxg->ch->offer.mmio_mb = IO_SPACE_MB;
	return 0;
}
