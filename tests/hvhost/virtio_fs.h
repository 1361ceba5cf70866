/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VIRTIO_FS_H
#define VIRTIO_FS_H

#include "fuse.h"
#include "virtio_pci.h"

struct virtio_fs {
	struct virtio_pci v;
	struct fuse_server server;
};

/*
 * Serve the folder PATH to `mount -t virtiofs TAG`; TAG has up to 36 bytes. 0, or -1 after
 * error().
 */
int virtio_fs_init(struct virtio_fs *fs, const struct virtio_host *host, const char *tag,
		   const char *path);

#endif
