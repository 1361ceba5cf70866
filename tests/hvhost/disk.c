// SPDX-License-Identifier: GPL-2.0
/*
 * A SCSI disk that is a file, and its commands. Guest side: drivers/scsi/sd.c. Not
 * modelled: reservations, supported operation codes. Reads and writes are synchronous, they go to
 * the page cache of the host; storvsc.c has flushes done by a thread.
 */
#define _GNU_SOURCE
#include "disk.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR	    512
#define GRANULARITY 8	/* sectors that UNMAP frees: a page of the host's file */
#define DESCRIPTORS 256 /* of one UNMAP; the number is ours */

static void sense(struct vmscsi_request *srb, u8 key, u8 asc)
{
	srb->srb_status = SRB_STATUS_ERROR | SRB_STATUS_AUTOSENSE_VALID;
	srb->scsi_status = SAM_STAT_CHECK_CONDITION;
	memset(srb->cdb, 0, sizeof(srb->cdb));
	srb->cdb[0] = 0x70;
	srb->cdb[2] = key;
	srb->cdb[7] = 10;
	srb->cdb[12] = asc;
	srb->sense_len = 18;
	srb->transfer = 0;
}

void disk_data_in(struct vmscsi_request *srb, struct sg *sg, const void *data, u32 len)
{
	srb->transfer = sg_to_guest(sg, data, len < srb->transfer ? len : srb->transfer);
	srb->srb_status = SRB_STATUS_SUCCESS;
	srb->scsi_status = 0;
}

static void be16(u8 *p, u32 v)
{
	p[0] = v >> 8;
	p[1] = v;
}
static void be32(u8 *p, u32 v)
{
	be16(p, v >> 16);
	be16(p + 2, v);
}
static void be64(u8 *p, u64 v)
{
	be32(p, v >> 32);
	be32(p + 4, v);
}
static u32 from_be32(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}
static u64 from_be64(const u8 *p)
{
	return (u64)from_be32(p) << 32 | from_be32(p + 4);
}

static void standard_inquiry(const struct disk *disk, struct vmscsi_request *srb, struct sg *sg)
{
	u8 data[36] = { 0 };

	data[2] = 5; /* SPC-3 */
	data[3] = 2;
	data[4] = 31;
	data[7] = 2; /* command queueing */
	memcpy(data + 8,
	       disk->msft ? "Msft    Virtual Disk    1.0 " : "HVHOST  VIRTUAL DISK    1.0 ", 28);
	disk_data_in(srb, sg, data, sizeof(data));
}

/* The limits of UNMAP and WRITE SAME in the page 0xb0, which has more than 60 bytes. */
static void unmap_limits(u8 *page)
{
	page[4] = 1; /* WRITE SAME to the end of the disk is not served */
	be32(page + 20, 0xffffffff);
	be32(page + 24, DESCRIPTORS);
	be32(page + 28, GRANULARITY);
	be32(page + 32, 1u << 31); /* alignment 0 */
	be64(page + 36, DISK_MAX_TRANSFER / SECTOR);
}

/* A name of Microsoft's, binary; the length of the page. */
static u32 naa(const struct disk *disk, u8 *page)
{
	static const u8 microsoft[4] = { 0x60, 0x02, 0x24, 0x80 };

	page[4] = 1;
	page[5] = 3;
	page[7] = 16;
	memset(page + 8, 0, 16);
	memcpy(page + 8, microsoft, sizeof(microsoft));
	be32(page + 20, disk->id);
	return 24;
}

static void vital_product_data(struct disk *disk, struct vmscsi_request *srb, struct sg *sg)
{
	static const u8 pages[] = { 0x00, 0x80, 0x83, 0xb0, 0xb1, 0xb2 };
	u8 data[64] = { 0 };
	u32 len;

	data[1] = srb->cdb[2];
	switch (srb->cdb[2]) {
	case 0x00:
		memcpy(data + 4, pages, sizeof(pages));
		len = 4 + sizeof(pages);
		break;
	case 0x80:
		memcpy(data + 4, "HVHOST", 6);
		be32(data + 10, disk->id);
		len = 14;
		break;
	case 0x83: /* a vendor specific designator, ASCII */
		data[4] = 2;
		data[5] = 1;
		data[7] = 16;
		memcpy(data + 8, "HVHOST  disk-000", 16);
		data[23] = '0' + disk->id % 10;
		len = 24;
		if (disk->msft)
			len = naa(disk, data);
		break;
	case 0xb0:
		be32(data + 8, DISK_MAX_TRANSFER / SECTOR);
		if (disk->msft)
			unmap_limits(data);
		len = 64;
		break;
	case 0xb1:
		be16(data + 4, 1); /* does not rotate */
		len = 64;
		break;
	case 0xb2:
		len = 8;
		if (disk->msft) {
			data[5] = 0x80; /* UNMAP */
			data[6] = 2;	/* thin */
		}
		break;
	default:
		sense(srb, ILLEGAL_REQUEST, 0x24);
		return;
	}
	be16(data + 2, len - 4);
	disk_data_in(srb, sg, data, len);
}

/*
 * The caching page; with a write cache the guest sends SYNCHRONIZE CACHE. The header says
 * whether the disk is write protected.
 */
static void mode_sense(const struct disk *disk, struct vmscsi_request *srb, struct sg *sg)
{
	u32 head = srb->cdb[0] == MODE_SENSE ? 4 : 8, len = head;
	u8 data[28] = { 0 }, page = srb->cdb[2] & 0x3f;

	if (page == 8 || page == 0x3f) {
		data[head] = 8;
		data[head + 1] = 18;
		data[head + 2] = disk->write_through ? 0 : 4;
		len += 20;
	} else if (page) {
		sense(srb, ILLEGAL_REQUEST, 0x24);
		return;
	}
	data[head == 4 ? 2 : 3] = disk->read_only ? 0x80 : 0;
	if (head == 4)
		data[0] = len - 1;
	else
		be16(data, len - 2);
	disk_data_in(srb, sg, data, len);
}

/* Are COUNT sectors at LBA on the disk, and may they be changed? If not, SRB says so. */
static int may_change(struct disk *disk, struct vmscsi_request *srb, u64 lba, u64 count)
{
	if (lba > disk->size / SECTOR || count > disk->size / SECTOR - lba) {
		sense(srb, ILLEGAL_REQUEST, 0x21);
	} else if (disk->read_only) {
		disk->errors++;
		sense(srb, DATA_PROTECT, 0x27);
	} else if (disk->faults) {
		sense(srb, MEDIUM_ERROR, 0x0c);
	} else {
		return 1;
	}
	return 0;
}

static int punch(struct disk *disk, u64 lba, u64 count)
{
	return count &&
		fallocate(disk->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, lba * SECTOR,
			  count * SECTOR);
}

/*
 * The parameters: two bytes with the length of the rest, two with that of the descriptors,
 * four that are reserved; then descriptors of 16 bytes, LBA and count. Nothing is freed
 * unless all of them are valid.
 */
static void unmap(struct disk *disk, struct vmscsi_request *srb, struct sg *sg)
{
	static u8 list[8 + 16 * DESCRIPTORS];
	u32 len = srb->cdb[7] << 8 | srb->cdb[8], n;

	if (srb->cdb[1] & 1) { /* anchored */
		sense(srb, ILLEGAL_REQUEST, 0x24);
		return;
	}
	if (len > sg->len) {
		srb->srb_status = SRB_STATUS_INVALID_REQUEST;
		return;
	}
	n = len >= 8 && len <= sizeof(list) ? (len - 8) / 16 : 0;
	sg_from_guest(sg, list, len < sizeof(list) ? len : sizeof(list));
	if (len &&
	    (len < 8 || len > sizeof(list) || (list[2] << 8 | list[3]) != (int)(16 * n) ||
	     len != 8 + 16 * n)) {
		sense(srb, ILLEGAL_REQUEST, 0x1a);
		return;
	}
	for (u8 *at = list + 8; at < list + 8 + 16 * n; at += 16)
		if (!may_change(disk, srb, from_be64(at), from_be32(at + 8)))
			return;
	for (u8 *at = list + 8; at < list + 8 + 16 * n; at += 16) {
		if (punch(disk, from_be64(at), from_be32(at + 8))) {
			error("UNMAP: %s", strerror(errno));
			sense(srb, MEDIUM_ERROR, 0x0c);
			return;
		}
		disk->unmapped += (u64)from_be32(at + 8) * SECTOR;
	}
	disk->unmaps++;
	srb->transfer = len;
}

/* One sector, many times. Of the flags only "no data", for zeros, is served. */
static void write_same(struct disk *disk, struct vmscsi_request *srb, struct sg *sg)
{
	static u8 data[DISK_MAX_TRANSFER];
	const u8 *cdb = srb->cdb;
	int wide = cdb[0] == WRITE_SAME_16, zeros = wide && (cdb[1] & 1);
	u64 lba = wide ? from_be64(cdb + 2) : from_be32(cdb + 2);
	u64 count = wide ? from_be32(cdb + 10) : (u32)cdb[7] << 8 | cdb[8];
	ssize_t len = count * SECTOR;

	if ((cdb[1] & (wide ? 0xfe : 0xff)) || !count || count > DISK_MAX_TRANSFER / SECTOR) {
		sense(srb, ILLEGAL_REQUEST, 0x24);
		return;
	}
	if (!zeros && sg->len < SECTOR) {
		srb->srb_status = SRB_STATUS_INVALID_REQUEST;
		return;
	}
	if (!may_change(disk, srb, lba, count))
		return;
	memset(data, 0, SECTOR);
	if (!zeros)
		sg_from_guest(sg, data, SECTOR);
	for (ssize_t at = SECTOR; at < len; at += SECTOR)
		memcpy(data + at, data, SECTOR);
	if (pwrite(disk->fd, data, len, lba * SECTOR) != len) {
		sense(srb, MEDIUM_ERROR, 0x0c);
		return;
	}
	disk->write_sames++;
	srb->transfer = zeros ? 0 : SECTOR;
}

static void transfer(struct disk *disk, struct vmscsi_request *srb, struct sg *sg)
{
	const u8 *cdb = srb->cdb;
	int write = cdb[0] == WRITE_10 || cdb[0] == WRITE_16;
	u64 lba = cdb[0] & 0x80 ? from_be64(cdb + 2) : from_be32(cdb + 2);
	u64 count = cdb[0] & 0x80 ? from_be32(cdb + 10) : (u32)cdb[7] << 8 | cdb[8];
	ssize_t n;

	if (lba > disk->size / SECTOR || count > disk->size / SECTOR - lba) {
		sense(srb, ILLEGAL_REQUEST, 0x21);
		return;
	}
	if (count * SECTOR > sg->len) {
		srb->srb_status = SRB_STATUS_INVALID_REQUEST;
		return;
	}
	if (write && disk->read_only) {
		disk->errors++;
		sense(srb, DATA_PROTECT, 0x27);
		return;
	}
	if (disk->faults) {
		sense(srb, MEDIUM_ERROR, write ? 0x0c : 0x11);
		return;
	}
	sg_trim(sg, count * SECTOR);
	n = write ? pwritev(disk->fd, sg->iov, sg->n, lba * SECTOR) :
		    preadv(disk->fd, sg->iov, sg->n, lba * SECTOR);
	if (n != (ssize_t)(count * SECTOR)) {
		sense(srb, MEDIUM_ERROR, write ? 0x0c : 0x11);
		return;
	}
	*(write ? &disk->writes : &disk->reads) += 1;
	srb->transfer = n;
	srb->srb_status = SRB_STATUS_SUCCESS;
}

static void read_capacity(struct disk *disk, struct vmscsi_request *srb, struct sg *sg)
{
	u64 last = disk->size / SECTOR - 1;
	u8 data[32] = { 0 };

	if (srb->cdb[0] == READ_CAPACITY) {
		be32(data, last > 0xffffffff ? 0xffffffff : last);
		be32(data + 4, SECTOR);
		disk_data_in(srb, sg, data, 8);
	} else if ((srb->cdb[1] & 0x1f) == 0x10) { /* READ CAPACITY (16) */
		be64(data, last);
		be32(data + 8, SECTOR);
		data[14] = disk->msft ? 0x80 : 0; /* logical block provisioning */
		disk_data_in(srb, sg, data, 32);
	} else {
		sense(srb, ILLEGAL_REQUEST, 0x20);
	}
}

int disk_is_flush(const struct vmscsi_request *srb)
{
	return srb->cdb[0] == SYNCHRONIZE_CACHE || srb->cdb[0] == SYNCHRONIZE_CACHE_16;
}

void disk_flushed(struct disk *disk, struct vmscsi_request *srb, int result)
{
	disk->flushes++;
	srb->scsi_status = 0;
	srb->srb_status = SRB_STATUS_SUCCESS;
	if (result)
		sense(srb, MEDIUM_ERROR, 0x0c);
}

void disk_command(struct disk *disk, struct vmscsi_request *srb, struct sg *sg)
{
	u8 data[18] = { 0 };

	srb->scsi_status = 0;
	srb->srb_status = SRB_STATUS_SUCCESS;
	switch (srb->cdb[0]) {
	case TEST_UNIT_READY:
		break;
	case REQUEST_SENSE:
		data[0] = 0x70;
		data[7] = 10;
		disk_data_in(srb, sg, data, 18);
		break;
	case INQUIRY:
		if (srb->cdb[1] & 1)
			vital_product_data(disk, srb, sg);
		else
			standard_inquiry(disk, srb, sg);
		break;
	case MODE_SENSE:
	case MODE_SENSE_10:
		mode_sense(disk, srb, sg);
		break;
	case READ_CAPACITY:
	case SERVICE_ACTION_IN_16:
		read_capacity(disk, srb, sg);
		break;
	case READ_10:
	case WRITE_10:
	case READ_16:
	case WRITE_16:
		transfer(disk, srb, sg);
		break;
	case UNMAP:
		if (!disk->msft)
			sense(srb, ILLEGAL_REQUEST, 0x20);
		else
			unmap(disk, srb, sg);
		break;
	case WRITE_SAME_10:
	case WRITE_SAME_16:
		if (!disk->msft)
			sense(srb, ILLEGAL_REQUEST, 0x20);
		else
			write_same(disk, srb, sg);
		break;
	case SYNCHRONIZE_CACHE:
	case SYNCHRONIZE_CACHE_16:
		disk_flushed(disk, srb, fdatasync(disk->fd));
		break;
	default:
		sense(srb, ILLEGAL_REQUEST, 0x20);
	}
}

static int open_file(struct disk *disk, const char *path, int flags, u64 create)
{
	struct stat st;

	memset(disk, 0, sizeof(*disk));
	disk->fd = open(path, flags | O_CLOEXEC, 0644);
	if (disk->fd < 0 || (create && ftruncate(disk->fd, create)) || fstat(disk->fd, &st))
		return error("%s: %s", path, strerror(errno));
	disk->size = st.st_size / SECTOR * SECTOR;
	return disk->size ? 0 : error("%s: smaller than a sector", path);
}

u64 disk_allocated(const struct disk *disk)
{
	struct stat st;

	return fstat(disk->fd, &st) ? 0 : st.st_blocks * 512ull;
}

int disk_open(struct disk *disk, const char *path, u64 create)
{
	return open_file(disk, path, O_RDWR | (create ? O_CREAT | O_TRUNC : 0), create);
}

int disk_open_read_only(struct disk *disk, const char *path)
{
	int rc = open_file(disk, path, O_RDONLY, 0);

	disk->read_only = 1;
	return rc;
}
