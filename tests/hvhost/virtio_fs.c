// SPDX-License-Identifier: GPL-2.0
/*
 * A folder of the host as a virtio device (virtio 1.2, 5.11). Guest side:
 * fs/fuse/virtio_fs.c. A chain is a FUSE request, with room for its reply. Not modelled: the
 * DAX window, notifications. Requests are served one after the other, synchronously.
 */
#include "virtio_fs.h"
#include <linux/virtio_fs.h>
#include <linux/virtio_ids.h>

#define QUEUES 2 /* for FORGET, which has no reply, and for all others */

/* both are of whoever holds the loop's lock */
static _Alignas(8) u8 in[FUSE_BYTES];
static _Alignas(8) u8 out[FUSE_BYTES];

static u32 request(void *device, unsigned int queue, struct chain *chain)
{
	struct virtio_fs *fs = device;
	u32 len = chain_read(chain, 0, in, sizeof(in));
	u32 room = chain->in_len < sizeof(out) ? chain->in_len : sizeof(out);

	(void)queue;
	/* one that is longer is not what its header says, and refused for that */
	return chain_write(chain, 0, out, fuse_request(&fs->server, in, len, out, room));
}

static void reset(void *device)
{
	fuse_reset(&((struct virtio_fs *)device)->server);
}

static const struct virtio_ops ops = {
	.request = request,
	.reset = reset,
};

int virtio_fs_init(struct virtio_fs *fs, const struct virtio_host *host, const char *tag,
		   const char *path)
{
	struct virtio_fs_config config = { .num_request_queues = 1 };

	if (strlen(tag) > sizeof(config.tag))
		return error("%s: a tag has up to %zu bytes", tag, sizeof(config.tag));
	memcpy(config.tag, tag, strlen(tag));
	if (fuse_open(&fs->server, path))
		return -1;
	if (virtio_pci_init(&fs->v, host, &ops, fs, VIRTIO_ID_FS, 0, QUEUES)) {
		fuse_close(&fs->server);
		return -1;
	}
	virtio_pci_config(&fs->v, &config, sizeof(config));
	return 0;
}
