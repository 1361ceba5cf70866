/* SPDX-License-Identifier: GPL-2.0 */
#ifndef STORVSC_H
#define STORVSC_H

#include "disk.h"
#include "memory.h"
#include "vmbus.h"
#include "worker.h"

#define STORVSC_LUNS 254 /* as many as WSL attaches */
/* Flushes that a guest may have under way; Linux has one for each disk, the number is ours. */
#define STORVSC_FLUSHES 256

/* A controller; all zero before it is offered. */
struct storvsc {
	struct vmbus *bus;
	struct memory *mem;
	struct channel *ch;
	int state;	       /* of the initialization */
	u16 max_subchannels;   /* that a guest can have, up to VMBUS_SUBCHANNELS */
	u16 subchannels;       /* that it has asked for */
	struct worker *worker; /* flushes the disks; NULL: they are flushed at once */
	unsigned int flushing; /* under way */
	struct disk *lun[STORVSC_LUNS];
	int changed;		 /* and the guest has not been told */
	void (*gone)(void *arg); /* the guest has released the channel */
	/* a command has put LEN bytes in the guest's buffer SG */
	void (*filled)(void *arg, const u8 *cdb, u32 len, struct sg *sg);
	void *arg;
	/* for the report; the commands by channel, the first is the controller's own */
	u64 errors, enumerations, commands[1 + VMBUS_SUBCHANNELS];
	u16 version;
};

/* Offer the controller; INSTANCE must be unique. 0, or -1 after error(). */
int storvsc_offer(struct storvsc *scsi, struct vmbus *bus, struct memory *mem, u32 instance);
/*
 * Let DISK be a LUN, also while the guest runs, which is told to look. -1: LUN is taken, or
 * not below STORVSC_LUNS.
 */
int storvsc_attach(struct storvsc *scsi, unsigned int lun, struct disk *disk);
/* Take LUN away, in the same way; returns its disk, or NULL if there is none. */
struct disk *storvsc_detach(struct storvsc *scsi, unsigned int lun);
/* Handle one packet of the guest. */
void storvsc_receive(struct channel *ch, struct packet *packet);

#endif
