// SPDX-License-Identifier: GPL-2.0
/* The data plane of VMBus: the packets of an open channel, and its interrupts. */
#include "vmbus.h"

static void interrupt(struct channel *ch)
{
	if (ch->vp == 0xffffffff || ch->rescinded)
		return;
	ch->interrupts++;
	ch->bus->ops->interrupt(ch->bus->world, ch->vp, ch->relid);
}

int channel_write(struct channel *ch, const struct outgoing *p)
{
	int rc;

	if (ch->state != CHANNEL_OPEN)
		return RING_FULL;
	rc = ring_write(&ch->out, p->type, p->flags, p->id, p->extra, p->extra_len, p->data,
			p->len);
	if (rc == 1)
		interrupt(ch);
	return rc > 0 ? 0 : rc;
}

int channel_send(struct channel *ch, u16 type, u16 flags, u64 id, const void *extra, u32 extra_len,
		 const void *data, u32 len)
{
	const struct outgoing packet = { type, flags, id, extra, data, extra_len, len };
	int rc;

	if (ch->state == CHANNEL_OPEN && ch->bus->alter &&
	    ch->bus->alter(ch->bus->hostile, ch, &packet, &rc))
		return rc;
	return channel_write(ch, &packet);
}

int channel_recv(struct channel *ch, struct packet *packet, void *buf, u32 size)
{
	int rc;

	if (ch->state != CHANNEL_OPEN)
		return RING_EMPTY;
	rc = ring_read(&ch->in, packet, buf, size);
	if (rc > 0 && ring_wanted(&ch->in, packet))
		interrupt(ch);
	return rc;
}

void channel_drain(struct channel *ch, void *buf, u32 size,
		   void (*receive)(struct channel *ch, struct packet *packet))
{
	struct packet packet;
	int rc = RING_EMPTY, left = CHANNEL_TURN;

	do {
		if (ch->state != CHANNEL_OPEN)
			return;
		ring_draining(&ch->in);
		while (left && (rc = channel_recv(ch, &packet, buf, size)) > 0) {
			receive(ch, &packet);
			left--;
		}
		if (ch->state != CHANNEL_OPEN)
			return;
		/*
		 * A guest can add packets without end: by another processor, or with both rings
		 * on the same pages, by the answers. Its signals stay masked, ours comes.
		 */
		if (!left) {
			ch->bus->ops->again(ch->bus->world, ch);
			return;
		}
	} while (ring_drained(&ch->in) && rc == RING_EMPTY);
	if (rc < 0)
		ch->bus->bad++;
}
