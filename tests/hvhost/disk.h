/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DISK_H
#define DISK_H

#include "proto/storvsc.h"
#include "sg.h"

#define DISK_MAX_TRANSFER 0x40000 /* bytes; of WRITE SAME too, as OpenVMM has it */

struct disk {
	int fd;
	u64 size;
	u32 id;		   /* in its serial number; unique */
	int read_only;	   /* as a disk that WSL attaches without write access */
	int faults;	   /* fail reads and writes */
	int msft;	   /* Hyper-V's vendor: UNMAP and WRITE SAME are served */
	int write_through; /* report no write cache: the guest does not flush */
	/* for the report */
	u64 reads, writes, flushes, errors;
	u64 unmaps, unmapped, write_sames; /* unmapped: bytes */
};

/* CREATE: 0, or create the file anew with this many bytes. 0, or -1 after error(). */
int disk_open(struct disk *disk, const char *path, u64 create);
/* The same for a disk that the guest can only read. */
int disk_open_read_only(struct disk *disk, const char *path);
/* The bytes that the file takes on the host's disk; UNMAP makes them fewer. */
u64 disk_allocated(const struct disk *disk);
/* Execute a command; the outcome, with sense data, is in SRB. SG is the guest's buffer. */
void disk_command(struct disk *disk, struct vmscsi_request *srb, struct sg *sg);
/* Is SRB a flush of the disk's file? Then disk_command() may take long. 1 or 0. */
int disk_is_flush(const struct vmscsi_request *srb);
/* The outcome in SRB of a flush that was done elsewhere; RESULT: of fdatasync() */
void disk_flushed(struct disk *disk, struct vmscsi_request *srb, int result);
/* SRB succeeds, with as much of DATA as the guest has room for. */
void disk_data_in(struct vmscsi_request *srb, struct sg *sg, const void *data, u32 len);

#endif
