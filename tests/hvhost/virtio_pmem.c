// SPDX-License-Identifier: GPL-2.0
/*
 * A file as persistent memory (virtio 1.2, 5.19), in a shared memory region: a BAR. WSL has it
 * for systemDistro=*.img. Guest side: drivers/nvdimm/virtio_pmem.c, which knows the region from
 * 6.8 on; before that it takes an address from the configuration, which a BAR has not.
 */
#define _GNU_SOURCE
#include "virtio_pmem.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_pmem.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* upstream since 6.8, so not in every header of a host */
#ifndef VIRTIO_PMEM_F_SHMEM_REGION
#define VIRTIO_PMEM_F_SHMEM_REGION 0
#endif

#define ALIGNMENT (2ull << 20) /* of a device with pages (ZONE_DEVICE) on x86 */

static int flush(struct virtio_pmem *p)
{
	p->flushes++;
	return p->read_only ? 0 : fdatasync(p->fd);
}

static u32 request(void *device, unsigned int queue, struct chain *chain)
{
	struct virtio_pmem *p = device;
	struct virtio_pmem_req req;
	struct virtio_pmem_resp resp = { .ret = 1 }; /* an error; the number is OpenVMM's */

	(void)queue;
	if (chain_read(chain, 0, &req, sizeof(req)) < sizeof(req) || chain->in_len < sizeof(resp) ||
	    req.type != VIRTIO_PMEM_REQ_TYPE_FLUSH)
		p->bad++;
	else
		resp.ret = !!flush(p);
	return chain_write(chain, 0, &resp, sizeof(resp));
}

static const struct virtio_ops ops = {
	.request = request,
};

/* Map the file, with zeros behind it up to the end of the BAR. */
static int map(struct virtio_pmem *p, u64 size)
{
	int flags = p->read_only ? MAP_PRIVATE : MAP_SHARED;

	p->memory = mmap(NULL, p->bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p->memory == MAP_FAILED)
		return -1;
	if (mmap(p->memory, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED, p->fd, 0) !=
	    MAP_FAILED)
		return 0;
	munmap(p->memory, p->bytes);
	return -1;
}

int virtio_pmem_init(struct virtio_pmem *p, const struct virtio_host *host, const char *path,
		     int read_only)
{
	struct virtio_pmem_config config = { 0 };
	struct stat st;

	memset(p, 0, sizeof(*p));
	p->read_only = read_only;
	p->fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (p->fd < 0 || fstat(p->fd, &st)) {
		error("%s: %s", path, strerror(errno));
		goto fail;
	}
	if (!S_ISREG(st.st_mode) || !st.st_size) {
		error("%s: not a file with bytes in it", path);
		goto fail;
	}
	p->size = ALIGN(st.st_size, ALIGNMENT);
	p->bytes = virtio_pci_bar_size(p->size);
	if (map(p, st.st_size)) {
		error("%s: mmap: %s", path, strerror(errno));
		goto fail;
	}
	if (virtio_pci_init(&p->v, host, &ops, p, VIRTIO_ID_PMEM, BIT(VIRTIO_PMEM_F_SHMEM_REGION),
			    1)) {
		munmap(p->memory, p->bytes);
		goto fail;
	}
	p->v.needed |= BIT(VIRTIO_PMEM_F_SHMEM_REGION);
	virtio_pci_config(&p->v, &config, sizeof(config));
	virtio_pci_share(&p->v, p->memory, p->size);
	return 0;
fail:
	if (p->fd >= 0)
		close(p->fd);
	return -1;
}

void virtio_pmem_end(struct virtio_pmem *p)
{
	virtio_pci_end(&p->v);
	munmap(p->memory, p->bytes);
	close(p->fd);
}
