// SPDX-License-Identifier: GPL-2.0
/* The SCSI controller against a minimal guest. */
#define _GNU_SOURCE
#include "guest.h"
#include "../proto/storvsc.h"
#include "../storvsc.h"
#include <unistd.h>

static struct storvsc disk;
/* eight sectors at LBA 8, in a buffer of 4096 bytes */
static const u8 read_cdb[16] = { READ_10, 0, 0, 0, 0, 8, 0, 0, 8 };

static struct vstor_packet stor(u32 op, u16 version)
{
	struct vstor_packet s = { .op = op, .version = version }, answer = { .status = 0xdead };
	struct packet p;

	guest_write(VM_PKT_DATA_INBAND, 3, NULL, 0, &s, sizeof(s));
	if (guest_read(&p) && p.type == VM_PKT_COMP && p.id == 3 && p.len == sizeof(answer))
		memcpy(&answer, p.data, sizeof(answer));
	return answer;
}

/* Execute a command with a buffer of LEN bytes at OFFSET in page GUEST_DATA + PAGE. */
static struct vmscsi_request srb(const u8 *cdb, u32 len, u32 offset, u64 page, u8 target)
{
	struct vstor_packet s = { .op = VSTOR_OPERATION_EXECUTE_SRB },
			    answer = { .srb.srb_status = 0xee };
	u8 extra[8 + 8 + 8 * 16] = { 0 };
	struct packet p;
	u32 pages = (offset + len + PAGE_SIZE - 1) / PAGE_SIZE;

	memcpy(s.srb.cdb, cdb, 16);
	s.srb.transfer = len;
	s.srb.target = target;
	put32(extra + 4, 1);
	put32(extra + 8, len);
	put32(extra + 12, offset);
	for (u32 i = 0; i < pages; i++)
		put64(extra + 16 + 8 * i, GUEST_DATA + page + i);
	guest_write(VM_PKT_DATA_USING_GPA_DIRECT, 4, extra, 16 + 8 * pages, &s, sizeof(s));
	if (guest_read(&p) && p.id == 4 && p.len == sizeof(answer))
		memcpy(&answer, p.data, sizeof(answer));
	return answer.srb;
}

static void initialization(void)
{
	is(stor(VSTOR_OPERATION_QUERY_PROTOCOL_VERSION, 0x0602).status, STOR_STATUS_ORDER,
	   "QUERY_PROTOCOL_VERSION before BEGIN_INITIALIZATION fails");
	is(stor(VSTOR_OPERATION_EXECUTE_SRB, 0).status, STOR_STATUS_ORDER, "a SCSI command too");
	is(stor(VSTOR_OPERATION_BEGIN_INITIALIZATION, 0).status, 0, "BEGIN_INITIALIZATION");
	is(stor(VSTOR_OPERATION_QUERY_PROTOCOL_VERSION, 0x0402).status, STOR_STATUS_REVISION,
	   "an old version is rejected");
	is(stor(VSTOR_OPERATION_QUERY_PROTOCOL_VERSION, 0x0602).status, 0, "6.2 is accepted");
	is(stor(VSTOR_OPERATION_QUERY_PROPERTIES, 0).properties.max_transfer_bytes, 0x40000,
	   "QUERY_PROPERTIES");
	is(stor(VSTOR_OPERATION_END_INITIALIZATION, 0).status, 0, "END_INITIALIZATION");
}

static void identification(void)
{
	u8 inquiry[16] = { INQUIRY, 0, 0, 0, 36 }, luns[16] = { REPORT_LUNS };
	u8 capacity[16] = { READ_CAPACITY },
	   *data = memory_at(&mem, GUEST_DATA * PAGE_SIZE, PAGE_SIZE);
	struct vmscsi_request r;

	r = srb(inquiry, 36, 0, 0, 0);
	is(r.srb_status, SRB_STATUS_SUCCESS, "INQUIRY");
	ok(!memcmp(data + 8, "HVHOST  ", 8), "with our vendor");
	srb(inquiry, 36, 0, 0, 1);
	is(data[0], 0x7f, "INQUIRY of an absent target says that it is absent");
	is(srb(luns, 64, 0, 0, 1).srb_status, SRB_STATUS_SUCCESS,
	   "REPORT LUNS of an absent target succeeds");
	is(srb(read_cdb, 4096, 0, 0, 1).srb_status, SRB_STATUS_INVALID_LUN,
	   "reading an absent target fails");
	srb(capacity, 8, 0, 0, 0);
	ok(data[2] == 0x07 && data[3] == 0xff && data[6] == 2, "1 MB is 2048 sectors of 512");
}

static void transfers(void)
{
	u8 write[16] = { WRITE_10, 0, 0, 0, 0, 8, 0, 0, 8 }, flush[16] = { SYNCHRONIZE_CACHE };
	u8 *data = memory_at(&mem, GUEST_DATA * PAGE_SIZE, 4 * PAGE_SIZE), file[4096];
	struct vmscsi_request r;

	memset(data, 0x5a, 4096 + 512);
	is(srb(write, 4096, 512, 0, 0).srb_status, SRB_STATUS_SUCCESS,
	   "4096 bytes from two pages are written");
	is(pread(disk.fd, file, 4096, 8 * 512), 4096, "the file has them");
	ok(file[0] == 0x5a && file[4095] == 0x5a, "at the right offset");
	memset(data, 0, 8192);
	r = srb(read_cdb, 4096, 100, 0, 0);
	is(r.transfer, 4096, "they are read again");
	ok(data[99] == 0 && data[100] == 0x5a && data[4195] == 0x5a && data[4196] == 0,
	   "into the buffer and nothing else");
	is(srb(flush, 0, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS, "SYNCHRONIZE CACHE");
	is(disk.flushes, 1, "it is counted");
}

static void errors(void)
{
	u8 beyond[16] = { READ_10, 0, 0xff, 0, 0, 0, 0, 0, 8 }, odd[16] = { 0xc1 };
	u8 far[16] = { READ_16, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 8 };
	struct vmscsi_request r;

	r = srb(beyond, 4096, 0, 0, 0);
	is(r.cdb[2], ILLEGAL_REQUEST, "a read beyond the end is an illegal request");
	is(srb(far, 4096, 0, 0, 0).cdb[12], 0x21, "an LBA that overflows too");
	is(srb(odd, 0, 0, 0, 0).cdb[12], 0x20, "an unknown command too");
	is(srb(read_cdb, 512, 0, 0, 0).srb_status, SRB_STATUS_INVALID_REQUEST,
	   "a buffer that is too small is an invalid request");
	is(srb(read_cdb, 4096, 0, 1ull << 50, 0).srb_status, SRB_STATUS_INVALID_REQUEST,
	   "a page outside RAM too");
	is(srb(read_cdb, 4096, PAGE_SIZE, 0, 0).srb_status, SRB_STATUS_INVALID_REQUEST,
	   "an offset beyond the first page too");
	disk.faults = 1;
	r = srb(read_cdb, 4096, 0, 0, 0);
	is(r.cdb[2], MEDIUM_ERROR, "an injected fault is a medium error");
	is(r.srb_status, SRB_STATUS_ERROR | SRB_STATUS_AUTOSENSE_VALID, "with sense data");
	disk.faults = 0;
}

static void read_only(const char *path)
{
	u8 write[16] = { WRITE_10, 0, 0, 0, 0, 8, 0, 0, 8 }, sense_6[16] = { MODE_SENSE };
	u8 sense_10[16] = { MODE_SENSE_10 };
	u8 *data = memory_at(&mem, GUEST_DATA * PAGE_SIZE, PAGE_SIZE), file[4096] = { 1 };
	int writable = disk.fd;
	struct storvsc other;
	struct vmscsi_request r;

	srb(sense_6, 4, 0, 0, 0);
	is(data[2], 0, "MODE SENSE: a disk is not write protected");
	is(storvsc_open_read_only(&other, path), 0, "its file is opened read-only");
	disk.fd = other.fd;
	disk.read_only = other.read_only;
	srb(sense_6, 4, 0, 0, 0);
	is(data[2], 0x80, "MODE SENSE: it is write protected");
	srb(sense_10, 8, 0, 0, 0);
	is(data[3], 0x80, "MODE SENSE(10) as well");
	is(srb(read_cdb, 4096, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS, "it can be read");
	memset(data, 0xa5, 4096);
	r = srb(write, 4096, 0, 0, 0);
	is(r.cdb[2], DATA_PROTECT, "but not written");
	is(pread(writable, file, 4096, 8 * 512), 4096, "the file");
	ok(file[0] == 0x5a && file[4095] == 0x5a, "stays as it was");
	is(storvsc_open_read_only(&other, "/nonexistent"), -1, "a file that does not exist");
	close(disk.fd);
	disk.fd = writable;
	disk.read_only = 0;
}

int main(int argc, char **argv)
{
	char path[200];

	if (argc != 2)
		return 2;
	guest_start();
	guest_contact();
	snprintf(path, sizeof(path), "%s/disk", argv[1]);
	is(storvsc_open_file(&disk, path, 1 << 20), 0, "storvsc: a disk is created");
	storvsc_offer(&disk, &bus, &mem, 1);
	is(guest_open(disk.ch), 0, "the channel opens");
	initialization();
	identification();
	transfers();
	errors();
	read_only(path);
	guest_noise(20000, VM_PKT_DATA_USING_GPA_DIRECT);
	is(srb(read_cdb, 4096, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS,
	   "it reads after 20000 random packets");
	return done();
}
