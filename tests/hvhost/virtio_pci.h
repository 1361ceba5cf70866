/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all virtio devices have: status, features, queues, and the registers of a PCI
 * function (virtio 1.2, 4.1). Guest side: drivers/virtio/virtio_pci_modern.c. Not modelled:
 * legacy registers, INTx, queue reset, notification data, the capability for access through
 * the configuration space (VIRTIO_PCI_CAP_PCI_CFG).
 */
#ifndef VIRTIO_PCI_H
#define VIRTIO_PCI_H

#include "loop.h"
#include "pci.h"
#include "virtqueue.h"

#define VIRTIO_QUEUES  8
#define VIRTIO_VECTORS (VIRTIO_QUEUES + 1)
#define VIRTIO_CONFIG  64 /* bytes for a device's own configuration */

/* What the devices need of the machine. */
struct virtio_host {
	const struct memory *mem;
	struct loop *loop;
	void (*interrupt)(void *arg, const struct pci_msi *msi);
	void *arg;
	struct extent *seen; /* where the guest has its buffers; or NULL */
};

struct virtio_ops {
	/* A buffer of the guest in a queue that is not in INPUTS; how many bytes were written. */
	u32 (*request)(void *device, unsigned int queue, struct chain *chain);
	/* A queue in INPUTS has buffers, or may have: virtio_pci_take(). */
	void (*buffers)(void *device, unsigned int queue);
	/* The driver is ready; optional. */
	void (*start)(void *device);
	/* Forget everything that came from the guest; optional. */
	void (*reset)(void *device);
	u32 inputs; /* bits: queues that the device fills when it has something */
};

struct virtio_pci {
	struct pci_function function;
	struct virtio_host host;
	const struct virtio_ops *ops;
	void *device;
	u64 offered, needed, accepted; /* features; a device may add to the first two */
	int strange;		       /* the driver accepted features beyond bit 63 */
	u8 config[VIRTIO_CONFIG];
	u32 config_size, queues;
	u8 status, isr;
	u32 device_select, driver_select;
	u16 select, config_vector, vector[VIRTIO_QUEUES];
	struct virtqueue queue[VIRTIO_QUEUES];
	u8 table[VIRTIO_VECTORS * 16]; /* MSI-X */
	u64 pending;
	u8 wired[192]; /* the capabilities as they were made */
	struct watch *watch;
	int again; /* eventfd: queues in unfinished are to be run */
	u32 unfinished;
	/* for the report: buffers that were taken, how often the device needed a reset */
	u64 requests, errors;
};

/*
 * Make the PCI function of a virtio device: TYPE is VIRTIO_ID_*, FEATURES are the device's own.
 * Resets it, so that DEVICE must be initialized. 0, or -1 after error().
 */
int virtio_pci_init(struct virtio_pci *v, const struct virtio_host *host,
		    const struct virtio_ops *ops, void *device, u16 type, u64 features, u32 queues);
/* Then: its configuration of up to VIRTIO_CONFIG bytes, which the guest only reads. */
void virtio_pci_config(struct virtio_pci *v, const void *config, u32 size);
/*
 * Then: shared memory with id 0. MEMORY is as large as the BAR: the next power of 2 from SIZE
 * on, PAGE_SIZE at least.
 */
void virtio_pci_share(struct virtio_pci *v, void *memory, u64 size);
u64 virtio_pci_bar_size(u64 size);
/* Take it out of the loop. */
void virtio_pci_end(struct virtio_pci *v);

/* May QUEUE be used: is the driver ready, and has it enabled it? */
int virtio_pci_ready(const struct virtio_pci *v, unsigned int queue);
/* Take a buffer of a queue in INPUTS: 1, or 0 if there is none. */
int virtio_pci_take(struct virtio_pci *v, unsigned int queue, struct chain *chain);
/* Return it, with LEN bytes written. */
void virtio_pci_put(struct virtio_pci *v, unsigned int queue, const struct chain *chain, u32 len);
/* Interrupt the guest for what was returned, unless it does not want that. */
void virtio_pci_notify(struct virtio_pci *v, unsigned int queue);
/* The guest broke a rule: stop until it resets the device. WHY is a string constant. */
void virtio_pci_fail(struct virtio_pci *v, const char *why);

#endif
