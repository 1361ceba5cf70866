// SPDX-License-Identifier: GPL-2.0
/*
 * A virtio network card on a tap interface (virtio 1.2, 5.1). Guest side:
 * drivers/net/virtio_net.c. Not modelled: the control queue, more than a pair of queues,
 * offloads, merged buffers.
 */
#include "virtio_net.h"
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>

#define RECEIVE	 0 /* queues */
#define TRANSMIT 1
#define QUEUES	 2
#define HEADER	 sizeof(struct virtio_net_hdr_v1) /* before each frame */

#define ETHERNET_HEADER 14

static int room(void *card)
{
	struct virtio_net *net = card;

	return virtio_pci_ready(&net->v, RECEIVE) && virtqueue_waiting(&net->v.queue[RECEIVE]);
}

static int deliver(void *card, u8 *frame, u32 len)
{
	struct virtio_net_hdr_v1 header = { .num_buffers = 1 };
	struct virtio_net *net = card;
	struct chain chain;
	u32 n = 0;

	if (!virtio_pci_take(&net->v, RECEIVE, &chain))
		return -1;
	memcpy(frame - HEADER, &header, HEADER);
	if (chain.in_len >= HEADER + len)
		n = chain_write(&chain, 0, frame - HEADER, HEADER + len);
	virtio_pci_put(&net->v, RECEIVE, &chain, n);
	virtio_pci_notify(&net->v, RECEIVE);
	return n ? 0 : -1;
}

static void buffers(void *device, unsigned int queue)
{
	(void)queue;
	nettap_wake(&((struct virtio_net *)device)->tap);
}

static u32 request(void *device, unsigned int queue, struct chain *chain)
{
	struct virtio_net *net = device;
	struct virtio_net_hdr_v1 header;
	u8 frame[NETTAP_FRAME];
	u32 len = chain->out_len - HEADER;

	(void)queue;
	if (chain_read(chain, 0, &header, HEADER) < HEADER || len < ETHERNET_HEADER ||
	    len > sizeof(frame) || header.flags || header.gso_type != VIRTIO_NET_HDR_GSO_NONE) {
		net->bad++;
		return 0;
	}
	nettap_send(&net->tap, frame, chain_read(chain, HEADER, frame, len));
	return 0;
}

static void reset(void *device)
{
	nettap_wake(&((struct virtio_net *)device)->tap); /* there is no room any more */
}

static const struct virtio_ops ops = {
	.request = request,
	.buffers = buffers,
	.reset = reset,
	.inputs = BIT(RECEIVE),
};

int virtio_net_init(struct virtio_net *net, const struct virtio_host *host, int tap)
{
	struct virtio_net_config config = {
		.mac = { 0x00, 0x15, 0x5d, 0x77, 0x00, 0x03 },
		.status = VIRTIO_NET_S_LINK_UP,
	};

	memset(net, 0, sizeof(*net));
	if (nettap_init(&net->tap, host->loop, tap, room, deliver, net) ||
	    virtio_pci_init(&net->v, host, &ops, net, VIRTIO_ID_NET,
			    BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_STATUS), QUEUES))
		return -1;
	virtio_pci_config(&net->v, &config,
			  offsetof(struct virtio_net_config, max_virtqueue_pairs));
	return 0;
}
