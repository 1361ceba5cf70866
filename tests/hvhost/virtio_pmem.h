/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VIRTIO_PMEM_H
#define VIRTIO_PMEM_H

#include "virtio_pci.h"

struct virtio_pmem {
	struct virtio_pci v;
	int fd, read_only;
	void *memory; /* the BAR: the file, then zeros */
	u64 bytes;    /* of the BAR */
	u64 size;     /* of what the guest sees: the file, up to 2 MB */
	u64 flushes, bad;
};

/*
 * The file PATH as /dev/pmemN. READ_ONLY: what the guest writes does not go to the file. 0, or
 * -1 after error().
 */
int virtio_pmem_init(struct virtio_pmem *p, const struct virtio_host *host, const char *path,
		     int read_only);
void virtio_pmem_end(struct virtio_pmem *p);

#endif
