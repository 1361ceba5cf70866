/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VIRTIO_NET_H
#define VIRTIO_NET_H

#include "nettap.h"
#include "virtio_pci.h"

struct virtio_net {
	struct virtio_pci v;
	struct nettap tap;
	u64 bad; /* invalid frames of the guest */
};

/* TAP is nettap_open()'s. 0, or -1 after error(). */
int virtio_net_init(struct virtio_net *net, const struct virtio_host *host, int tap);

#endif
