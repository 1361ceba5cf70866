// SPDX-License-Identifier: GPL-2.0
/*
 * A virtio network card that lies: what the guest reads from its registers is wrong now and
 * then, or what comes back in its rings is. The guest must survive it; the card need not work.
 */
#include "hostile.h"
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>

#define ONE_IN	  8 /* reads of a register */
#define REGISTERS 1
#define RINGS	  2

enum { RECEIVE, TRANSMIT };

static const u8 mac[6] = { 2, 'h', 'o', 's', 't', 'i' };

static uint64_t read_register(void *self, unsigned int bar, uint64_t offset, unsigned int size)
{
	struct hostile *h = ((struct virtio_pci *)self)->device;
	uint64_t value = h->card_read(self, bar, offset, size);

	if (h->card_plan != REGISTERS || h->silent || hostile_draw(h, ONE_IN))
		return value;
	h->packets++;
	return hostile_draw(h, 2) ? hostile_draw(h, 1ull << 32) : value ^ BIT(hostile_draw(h, 16));
}

/* Let what is returned next for CHAIN be wrong. */
static void lie(struct hostile *h, unsigned int queue, struct chain *chain)
{
	struct virtqueue *q = &h->card.queue[queue];

	h->packets++;
	switch (hostile_draw(h, 4)) {
	case 0: /* beyond the ring */
		chain->head = q->size + hostile_draw(h, 0x10000 - q->size);
		break;
	case 1: /* of any buffer, or of none */
		chain->head = hostile_draw(h, q->size);
		break;
	case 2: /* entries that were not written */
		q->next_used += 1 + hostile_draw(h, 2 * q->size);
		break;
	default: /* twice */
		virtio_pci_put(&h->card, queue, chain, 0);
	}
}

static u32 transmit(void *device, unsigned int queue, struct chain *chain)
{
	struct hostile *h = device;

	if (h->card_plan == RINGS && !h->silent)
		lie(h, queue, chain);
	return hostile_op(h);
}

/* Return a few buffers, with a length that they need not have. */
static void receive(void *device, unsigned int queue)
{
	struct hostile *h = device;
	struct chain chain;

	if (h->card_plan != RINGS || h->silent)
		return;
	for (int n = 1 + hostile_draw(h, 4); n && virtio_pci_take(&h->card, queue, &chain); n--) {
		u32 len = hostile_draw(h, 2) ? hostile_op(h) : hostile_draw(h, chain.in_len + 1);

		if (hostile_draw(h, 2))
			lie(h, queue, &chain);
		virtio_pci_put(&h->card, queue, &chain, len);
	}
	virtio_pci_notify(&h->card, queue);
}

int hostile_card_init(struct hostile *h)
{
	static const struct virtio_ops ops = {
		.request = transmit,
		.buffers = receive,
		.inputs = BIT(RECEIVE),
	};
	struct virtio_host host = {
		.mem = h->mem, .loop = h->loop, .interrupt = vpci_raise, .arg = &h->pci
	};

	if (virtio_pci_init(&h->card, &host, &ops, h, VIRTIO_ID_NET, BIT(VIRTIO_NET_F_MAC),
			    TRANSMIT + 1))
		return -1;
	virtio_pci_config(&h->card, mac, sizeof(mac));
	h->card_read = h->card.function.bar_read;
	h->card.function.bar_read = read_register;
	return 0;
}
