// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls, and the messages of VMBus in them: hyperv.c, vmbus.c, gpadl.c, with channels of
 * a device that holds buffers of the guest, as netvsc does, and answers every packet.
 */
#include "world.h"
#include "../../hvhost/hyperv.h"
#include <linux/kvm.h>

#define DEVICES 4
#define BUFFERS 4	   /* of a device */
#define INPUT	0x20000ull /* a page of the guest for hypercalls */

static struct hyperv hv;
static struct device {
	struct channel *ch;
	struct gpadl *buffer[BUFFERS];
} device[DEVICES];

/* Write to every page, within the bytes that the guest has named. */
static void touch(const struct gpadl *gpadl)
{
	u64 end = (u64)gpadl->byte_offset + gpadl->byte_count;

	require(gpadl->have == gpadl->pages && end <= (u64)gpadl->pages * PAGE_SIZE,
		"a GPADL has all its pages");
	for (u32 i = 0; i < gpadl->pages; i++)
		gpadl->page[i][0]++;
}

static void hold(struct device *d, u32 n, u32 handle)
{
	struct gpadl **at = &d->buffer[n], *old = *at;

	*at = vmbus_gpadl_get(d->ch, handle);
	if (*at)
		touch(*at);
	vmbus_gpadl_put(d->ch, old);
}

static void receive(struct channel *ch, struct packet *packet)
{
	struct device *d = ch->device;

	for (int i = 0; i < BUFFERS; i++)
		if (d->buffer[i])
			touch(d->buffer[i]);
	channel_send(ch, VM_PKT_COMP, 0, packet->id, NULL, 0, packet->data, packet->len);
}

static void signalled(struct channel *ch)
{
	static u8 buffer[4096];

	channel_drain(ch, buffer, sizeof(buffer), receive);
}

static void closed(struct channel *ch)
{
	for (int i = 0; i < BUFFERS; i++)
		hold(ch->device, i, 0);
}

static void released(struct channel *ch)
{
	((struct device *)ch->device)->ch = NULL;
}

static const struct channel_ops ops = {
	.signal = signalled,
	.close = closed,
	.released = released,
};

static void sub_released(struct channel *ch)
{
	require(ch->primary->state != CHANNEL_FREE && ch->primary->device == ch->device,
		"a device outlives its subchannels");
}

static const struct channel_ops sub_ops = {
	.signal = signalled,
	.released = sub_released,
};

static void subchannel(struct device *d, u16 index)
{
	struct channel *sub = vmbus_subchannel(d->ch, index);

	if (sub)
		vmbus_rescind(sub);
	else
		vmbus_offer_subchannel(d->ch, index, &sub_ops);
}

static void offer(struct device *d, u16 flags)
{
	static const struct guid guid = { { 1 } };

	if (!d->ch)
		d->ch = vmbus_offer(&bus, &guid, &guid, flags, NULL, 0, &ops, d);
}

static u64 post(void *arg, u32 connection, const void *msg, u32 size)
{
	(void)arg;
	return vmbus_message(&bus, connection, msg, size);
}

/* As host.c's. */
static void signal_event(void *arg, u32 connection)
{
	struct channel *ch = vmbus_by_connection(&bus, connection);

	(void)arg;
	if (ch && ch->state == CHANNEL_OPEN && ch->ops->signal)
		ch->ops->signal(ch);
}

static int retarget(void *pci, u64 id, u32 address, u32 data, u32 vector, u64 vps)
{
	(void)pci;
	return id && address && data && vector && vps ? 0 : -1;
}

static void nothing(void *vm, u32 vp)
{
	(void)vm;
	(void)vp;
}

static void send_message(void *world, u32 vp, const void *msg, u32 size)
{
	(void)world;
	hyperv_send(&hv, vp, msg, size);
}

static void interrupt(void *world, u32 vp, u32 relid)
{
	(void)world;
	hyperv_interrupt(&hv, vp, relid);
}

static void connect(void *world, const struct vmbus_channel_tl_connect_request *r)
{
	(void)world;
	offer(&device[r->endpoint.b[0] % DEVICES], VMBUS_CHANNEL_TLNPI_PROVIDER_OFFER);
}

static void hypercall(u64 input, u64 in, u64 out)
{
	struct kvm_hyperv_exit exit = { .type = KVM_EXIT_HYPERV_HCALL };

	exit.u.hcall.input = input;
	exit.u.hcall.params[0] = in;
	exit.u.hcall.params[1] = out;
	hyperv_exit(&hv, 0, &exit);
	/* what a contact is answered with comes on top: an offer for each relid */
	require(hv.queued < HV_MESSAGES_MAX + VMBUS_RELIDS, "the messages that wait have an end");
}

static void post_message(struct op *op)
{
	u8 *input = memory_at(&mem, INPUT, PAGE_SIZE);

	put32(input, arg(op, 1));
	put32(input + 8, 1);
	op->len = op->len < 240 ? op->len : 240;
	put32(input + 12, op->len);
	memcpy(input + 16, op->data, op->len);
	hypercall(HVCALL_POST_MESSAGE, INPUT, 0);
}

static void any_hypercall(struct op *op)
{
	u64 input = arg(op, 8), in = arg(op, 4), out = arg(op, 4);

	memcpy(memory_at(&mem, INPUT, PAGE_SIZE), op->data,
	       op->len < PAGE_SIZE ? op->len : PAGE_SIZE);
	hypercall(input, in, out);
}

static void synic(struct op *op)
{
	struct kvm_hyperv_exit exit = { .type = KVM_EXIT_HYPERV_SYNIC };
	u32 vp = arg(op, 1) % HV_MAX_VPS; /* KVM's number */

	exit.u.synic.msg_page = arg(op, 8);
	exit.u.synic.evt_page = arg(op, 8);
	hyperv_exit(&hv, vp, &exit);
}

static void deliver(struct op *op)
{
	u32 vp = arg(op, 1) % HV_MAX_VPS;
	u8 *slot = memory_at(&mem, (hv.vp[vp].simp & ~0xfffull) + HV_SINT * 256, 256);

	if (slot && arg(op, 1))
		put32(slot, 0);
	hyperv_deliver(&hv, vp);
}

static void of_device(struct op *op)
{
	struct device *d = &device[arg(op, 1) % DEVICES];
	u16 type, flags;
	u32 n;

	if (op->kind == VMBUS_OFFER)
		offer(d, arg(op, 2));
	else if (d->ch && op->kind == VMBUS_RESCIND)
		vmbus_rescind(d->ch);
	else if (d->ch && op->kind == VMBUS_SUBCHANNEL)
		subchannel(d, 1 + arg(op, 1) % VMBUS_SUBCHANNELS);
	else if (d->ch && op->kind == VMBUS_SEND) {
		type = arg(op, 1);
		flags = arg(op, 1);
		channel_send(d->ch, type, flags, 1, NULL, 0, op->data, op->len);
	} else if (d->ch && d->ch->state == CHANNEL_OPEN) {
		n = arg(op, 1) % BUFFERS;
		hold(d, n, arg(op, 4));
	}
}

static void run_op(struct op *op)
{
	op->kind %= VMBUS_KINDS;
	if (op->kind < OP_TARGET)
		world_op(op);
	else if (op->kind == VMBUS_POST)
		post_message(op);
	else if (op->kind == VMBUS_HYPERCALL)
		any_hypercall(op);
	else if (op->kind == VMBUS_SYNIC)
		synic(op);
	else if (op->kind == VMBUS_DELIVER)
		deliver(op);
	else
		of_device(op);
}

int LLVMFuzzerTestOneInput(const u8 *input, size_t size)
{
	const u8 *at = input;
	struct op op;

	world_start();
	hyperv_init(&hv, &mem, HV_MAX_VPS);
	hv.raise = nothing;
	hv.kick = nothing;
	hv.post = post;
	hv.signal = signal_event;
	hv.retarget = retarget;
	hv.extended = 1;
	bus_ops.tl_connect = connect;
	bus_ops.send = send_message;
	bus_ops.interrupt = interrupt;
	bus_start(0);
	memset(device, 0, sizeof(device));
	for (int i = 0; i < DEVICES / 2; i++)
		offer(&device[i], 0);
	while (next_op(&at, input + size, &op))
		run_op(&op);
	bus_end();
	hyperv_drop(&hv);
	world_end();
	return 0;
}
