// SPDX-License-Identifier: GPL-2.0
/* The SCSI controller against a minimal guest. */
#define _GNU_SOURCE
#include "guest.h"
#include "../proto/storvsc.h"
#include "../storvsc.h"
#include <unistd.h>

static struct storvsc scsi;
static struct disk disk;
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

static u8 at_lun; /* of target 0 */

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
	s.srb.lun = target ? 0 : at_lun;
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

static struct vstor_packet initialize(void)
{
	struct vstor_packet properties;

	stor(VSTOR_OPERATION_BEGIN_INITIALIZATION, 0);
	stor(VSTOR_OPERATION_QUERY_PROTOCOL_VERSION, 0x0602);
	properties = stor(VSTOR_OPERATION_QUERY_PROPERTIES, 0);
	stor(VSTOR_OPERATION_END_INITIALIZATION, 0);
	return properties;
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
	struct disk other;
	struct vmscsi_request r;

	srb(sense_6, 4, 0, 0, 0);
	is(data[2], 0, "MODE SENSE: a disk is not write protected");
	is(disk_open_read_only(&other, path), 0, "its file is opened read-only");
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
	is(disk_open_read_only(&other, "/nonexistent/disk"), -1, "a file that does not exist");
	close(disk.fd);
	disk.fd = writable;
	disk.read_only = 0;
}

/* UNMAP of N ranges from LBA on: COUNT sectors, and as many that stay before the next. */
static struct vmscsi_request unmap(u64 lba, u32 count, int n)
{
	u8 cdb[16] = { UNMAP }, *list = memory_at(&mem, GUEST_DATA * PAGE_SIZE, 2 * PAGE_SIZE);
	u32 len = 8 + 16 * n;

	memset(list, 0, 2 * PAGE_SIZE);
	list[0] = (len - 2) >> 8;
	list[1] = len - 2;
	list[2] = (len - 8) >> 8;
	list[3] = len - 8;
	for (int i = 0; i < n; i++) {
		for (int j = 0; j < 8; j++)
			list[8 + 16 * i + j] = (lba + 2 * i * (u64)count) >> (56 - 8 * j);
		for (int j = 0; j < 4; j++)
			list[16 + 16 * i + j] = count >> (24 - 8 * j);
	}
	cdb[7] = len >> 8;
	cdb[8] = len;
	return srb(cdb, len, 0, 0, 0);
}

/* Every byte of the file is BYTE from FROM to TO, in sectors. */
static int filled(u64 from, u64 to, u8 byte)
{
	u8 sector[512];

	for (; from < to; from++) {
		if (pread(disk.fd, sector, 512, from * 512) != 512)
			return 0;
		for (int i = 0; i < 512; i++)
			if (sector[i] != byte)
				return 0;
	}
	return 1;
}

static void fill(u8 byte)
{
	static u8 all[1 << 20];

	memset(all, byte, sizeof(all));
	is(pwrite(disk.fd, all, sizeof(all), 0), sizeof(all), "the disk is full");
}

static void microsoft_pages(void)
{
	u8 inquiry[16] = { INQUIRY, 0, 0, 0, 36 }, page[16] = { INQUIRY, 1, 0, 0, 64 };
	u8 capacity[16] = { SERVICE_ACTION_IN_16, 0x10 };
	u8 *data = memory_at(&mem, GUEST_DATA * PAGE_SIZE, PAGE_SIZE);

	is(unmap(0, 8, 1).cdb[12], 0x20, "a disk of another vendor has no UNMAP");
	srb(capacity, 32, 0, 0, 0);
	is(data[14], 0, "and does not say that it has");
	disk.msft = 1;
	srb(inquiry, 36, 0, 0, 0);
	ok(!memcmp(data + 8, "Msft    Virtual Disk    ", 24), "Microsoft's vendor");
	srb(capacity, 32, 0, 0, 0);
	is(data[14], 0x80, "READ CAPACITY(16): it can be thin");
	page[2] = 0xb2;
	srb(page, 64, 0, 0, 0);
	ok(data[5] == 0x80 && data[6] == 2, "it is, with UNMAP");
	page[2] = 0xb0;
	srb(page, 64, 0, 0, 0);
	ok(get32(data + 20) == 0xffffffff && data[26] == 1 && data[31] == 8 && data[32] == 0x80,
	   "256 ranges of any length, best multiples of 4 kB");
	ok(data[42] == 2 && data[43] == 0, "512 sectors of WRITE SAME");
	page[2] = 0x83;
	srb(page, 64, 0, 0, 0);
	ok(data[4] == 1 && data[5] == 3 && data[7] == 16 && data[8] == 0x60 && data[11] == 0x80 &&
		   get32(data + 20),
	   "and a name of Microsoft's");
}

static void unmaps(void)
{
	u64 full;
	struct vmscsi_request r;

	fill(0x11);
	full = disk_allocated(&disk);
	is(unmap(256, 256, 2).srb_status, SRB_STATUS_SUCCESS, "UNMAP of two ranges");
	ok(filled(0, 256, 0x11) && filled(256, 512, 0) && filled(512, 768, 0x11) &&
		   filled(768, 1024, 0) && filled(1024, 2048, 0x11),
	   "they are zeros, what is beside them stays");
	ok(full - disk_allocated(&disk) >= 2 * 256 * 512, "the file has given them back");
	ok(disk.unmaps == 1 && disk.unmapped == 2 * 256 * 512, "they are counted");
	is(unmap(1024, 1, 256).srb_status, SRB_STATUS_SUCCESS, "256 ranges at once");
	r = unmap(0, 1, 257);
	is(r.cdb[12], 0x1a, "257 are too many");
	r = unmap(2040, 8, 2);
	is(r.cdb[12], 0x21, "a range beyond the end");
	is(filled(2040, 2048, 0x11), 1, "and none of the others is freed");
	is(unmap(~0ull, 8, 1).cdb[12], 0x21, "an LBA that overflows too");
	is(unmap(0, 0, 1).srb_status, SRB_STATUS_SUCCESS, "no sectors are no error");
	is(filled(0, 1, 0x11), 1, "and none is freed");
	is(unmap(0, 8, 0).srb_status, SRB_STATUS_SUCCESS, "nor are no ranges");
	disk.read_only = 1;
	is(unmap(0, 8, 1).cdb[2], DATA_PROTECT, "a read-only disk keeps everything");
	disk.read_only = 0;
	disk.faults = 1;
	is(unmap(0, 8, 1).cdb[2], MEDIUM_ERROR, "a fault is a medium error");
	disk.faults = 0;
	is(filled(0, 256, 0x11), 1, "nothing of that has freed anything");
}

static void invalid_unmaps(void)
{
	u8 cdb[16] = { UNMAP, 0, 0, 0, 0, 0, 0, 0, 24 };
	u8 *list = memory_at(&mem, GUEST_DATA * PAGE_SIZE, PAGE_SIZE);

	memset(list, 0, 64);
	list[1] = 22;
	list[3] = 32;
	list[23] = 8;
	is(srb(cdb, 24, 0, 0, 0).cdb[12], 0x1a, "ranges beyond the parameters");
	list[3] = 16;
	cdb[8] = 7;
	is(srb(cdb, 24, 0, 0, 0).cdb[12], 0x1a, "parameters without a header");
	cdb[8] = 30;
	is(srb(cdb, 30, 0, 0, 0).cdb[12], 0x1a, "parameters that end in a range");
	cdb[8] = 24;
	is(srb(cdb, 16, 0, 0, 0).srb_status, SRB_STATUS_INVALID_REQUEST,
	   "parameters beyond the buffer");
	cdb[1] = 1;
	is(srb(cdb, 24, 0, 0, 0).cdb[12], 0x24, "anchored sectors");
}

static void write_same(void)
{
	u8 ten[16] = { WRITE_SAME_10, 0, 0, 0, 0, 8, 0, 0, 16 };
	u8 wide[16] = { WRITE_SAME_16, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 2, 0 };
	u8 *data = memory_at(&mem, GUEST_DATA * PAGE_SIZE, PAGE_SIZE);

	fill(0x22);
	memset(data, 0x33, 512);
	is(srb(ten, 512, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS, "WRITE SAME(10)");
	ok(filled(0, 8, 0x22) && filled(8, 24, 0x33) && filled(24, 2048, 0x22), "of 16 sectors");
	is(srb(wide, 512, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS, "WRITE SAME(16)");
	ok(filled(24, 1024, 0x22) && filled(1024, 1536, 0x33) && filled(1536, 2048, 0x22),
	   "of 512 sectors, the most");
	wide[13] = 1;
	is(srb(wide, 512, 0, 0, 0).cdb[12], 0x24, "not of more");
	wide[12] = wide[13] = 0;
	is(srb(wide, 512, 0, 0, 0).cdb[12], 0x24, "nor to the end of the disk");
	wide[13] = 8;
	wide[1] = 8;
	is(srb(wide, 512, 0, 0, 0).cdb[12], 0x24, "nor with its own UNMAP");
	wide[1] = 1;
	is(srb(wide, 0, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS, "without data");
	ok(filled(1024, 1032, 0) && filled(1032, 1536, 0x33), "it is zeros");
	wide[1] = 0;
	is(srb(wide, 100, 0, 0, 0).srb_status, SRB_STATUS_INVALID_REQUEST,
	   "less than a sector is an invalid request");
	wide[8] = 8;
	is(srb(wide, 512, 0, 0, 0).cdb[12], 0x21, "beyond the end");
	disk.read_only = 1;
	is(srb(ten, 512, 0, 0, 0).cdb[2], DATA_PROTECT, "and not to a read-only disk");
	disk.read_only = 0;
	is(disk.write_sames, 3, "each is counted");
}

static void microsoft(void)
{
	microsoft_pages();
	unmaps();
	invalid_unmaps();
	write_same();
}

/* The LUNs that the target reports, as a string of their numbers. */
static const char *reported(void)
{
	u8 luns[16] = { REPORT_LUNS }, *data = memory_at(&mem, GUEST_DATA * PAGE_SIZE, PAGE_SIZE);
	static char text[2048];
	u32 n = 0, len;

	memset(data, 0xee, PAGE_SIZE);
	srb(luns, 4096, 0, 0, 0);
	len = data[2] << 8 | data[3];
	for (u32 i = 8; i < 8 + len; i += 8)
		n += snprintf(text + n, sizeof(text) - n, " %u", data[i + 1]);
	text[n] = '\0';
	return text;
}

/* Was the guest told to look for disks, once? */
static int told(void)
{
	struct packet p;
	int n = 0;

	while (guest_read(&p))
		n += p.type == VM_PKT_DATA_INBAND && p.id == 0 && p.len == 64 &&
			get32(p.data) == VSTOR_OPERATION_ENUMERATE_BUS;
	return n;
}

static struct disk more[STORVSC_LUNS];

static void luns_come_and_go(void)
{
	u8 inquiry[16] = { INQUIRY, 0, 0, 0, 36 }, ready[16] = { TEST_UNIT_READY };
	u8 serial[16] = { INQUIRY, 1, 0x80, 0, 64 };
	u8 *data = memory_at(&mem, GUEST_DATA * PAGE_SIZE, PAGE_SIZE);
	u32 first;

	ok(!strcmp(reported(), " 0"), "REPORT LUNS has LUN 0");
	at_lun = 7;
	srb(inquiry, 36, 0, 0, 0);
	is(data[0], 0x7f, "INQUIRY of an absent LUN says that it is absent");
	is(told(), 0, "nothing has changed");
	is(storvsc_attach(&scsi, 7, &more[7]), 0, "a disk is attached as LUN 7");
	is(told(), 1, "the guest is told");
	ok(!strcmp(reported(), " 0 7"), "REPORT LUNS has both");
	srb(inquiry, 36, 0, 0, 0);
	is(data[0], 0, "INQUIRY too");
	srb(serial, 64, 0, 0, 0);
	first = get32(data + 10);
	at_lun = 0;
	srb(serial, 64, 0, 0, 0);
	ok(first != get32(data + 10), "they have serial numbers of their own");
	is(storvsc_attach(&scsi, 7, &more[8]), -1, "a LUN is not given twice");
	is(storvsc_attach(&scsi, STORVSC_LUNS, &more[8]), -1, "nor one beyond the last");
	is(told(), 0, "of which the guest hears nothing");
	ok(storvsc_detach(&scsi, 7) == &more[7], "the disk is taken away");
	is(told(), 1, "the guest is told");
	at_lun = 7;
	is(srb(ready, 0, 0, 0, 0).srb_status, SRB_STATUS_INVALID_LUN,
	   "its test of the disk makes it remove the disk");
	at_lun = 0;
	is(srb(ready, 0, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS, "and LUN 0 stays");
	ok(!storvsc_detach(&scsi, 7) && !storvsc_detach(&scsi, 999),
	   "what is not there stays away");
	is(told(), 0, "without a word");
}

static void read_only_lun(const char *path)
{
	u8 write[16] = { WRITE_10, 0, 0, 0, 0, 0, 0, 0, 8 }, sense_6[16] = { MODE_SENSE };
	u8 *data = memory_at(&mem, GUEST_DATA * PAGE_SIZE, PAGE_SIZE);
	u64 before = disk.errors;

	is(disk_open_read_only(&more[1], path), 0, "a disk that is read-only");
	storvsc_attach(&scsi, 1, &more[1]);
	told();
	at_lun = 1;
	srb(sense_6, 4, 0, 0, 0);
	is(data[2], 0x80, "is write protected beside one that is not");
	is(srb(write, 4096, 0, 0, 0).cdb[2], DATA_PROTECT, "and cannot be written");
	ok(more[1].errors == 1 && disk.errors == before, "which is its own error");
	at_lun = 0;
	is(srb(write, 4096, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS, "the other one can");
	storvsc_detach(&scsi, 1);
	close(more[1].fd);
	told();
}

/* The guest reads nothing: the ring has no room for more. */
static void full_ring(void)
{
	int n;

	while (!channel_send(scsi.ch, VM_PKT_DATA_INBAND, 0, 1, NULL, 0, more, 512))
		;
	while (!channel_send(scsi.ch, VM_PKT_DATA_INBAND, 0, 1, NULL, 0, more, 8))
		;
	for (n = 2; n < STORVSC_LUNS; n++)
		storvsc_attach(&scsi, n, &more[n]);
	is(told(), 0, "with the ring full the guest cannot be told");
	scsi.ch->ops->signal(scsi.ch);
	is(told(), 1, "it is when it has made room, once for all");
	is(strlen(reported()), 2 + 2 * 8 + 3 * 90 + 4 * 154, "253 LUNs of 254 are reported");
	for (n = 2; n < STORVSC_LUNS; n++)
		storvsc_detach(&scsi, n);
	told();
}

/* 6.1 makes the work queue that ENUMERATE_BUS needs after the initialization. */
static void too_early(void)
{
	u8 ready[16] = { TEST_UNIT_READY };
	guest_close(scsi.ch);
	is(guest_open(scsi.ch), 0, "the guest opens it again");
	storvsc_attach(&scsi, 3, &more[3]);
	is(told(), 0, "before the initialization the guest is told nothing");
	initialize();
	is(told(), 0, "nor right after it");
	srb(ready, 0, 0, 0, 0);
	is(told(), 1, "but after its first command");
	storvsc_detach(&scsi, 3);
	told();
}

static void luns(const char *dir)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/disk", dir);
	luns_come_and_go();
	read_only_lun(path);
	full_ring();
	too_early();
}

/* Ask for N subchannels; the status of the answer. */
static u32 create(u16 n)
{
	return stor(VSTOR_OPERATION_CREATE_SUB_CHANNELS, n).status;
}

static void subchannels_on_request(void)
{
	struct vstor_packet p;
	int before;

	is(create(1), STOR_STATUS_PARAMETER, "one processor: there are no subchannels");
	guest_close(scsi.ch);
	scsi.max_subchannels = 2;
	guest_open(scsi.ch);
	before = offers;
	is(create(1), STOR_STATUS_ORDER, "none before the initialization");
	p = initialize();
	ok(p.properties.subchannels == 2 &&
		   p.properties.flags == STORAGE_CHANNEL_SUPPORTS_MULTI_CHANNEL,
	   "the properties say that there are two");
	is(create(0), STOR_STATUS_PARAMETER, "none is no request");
	is(create(3), STOR_STATUS_PARAMETER, "three are too many");
	is(offers, before, "nothing is offered for those");
	is(create(2), STOR_STATUS_OK, "two are granted");
	ok(offers == before + 2 && last_offer.subchannel == 2, "and offered");
	ok(!memcmp(&last_offer.instance, &scsi.ch->offer.instance, 16), "as the controller's");
	is(create(2), STOR_STATUS_ORDER, "there is no second request");
	is(offers, before + 2, "nothing is offered for it");
}

static void commands_on_a_subchannel(struct channel *sub)
{
	u8 flush[16] = { SYNCHRONIZE_CACHE };
	u64 before = scsi.commands[1], first = scsi.commands[0], flushes = disk.flushes;
	struct guest_end controller;

	controller = guest_use((struct guest_end){ .ch = NULL });
	open_vp = 1;
	is(guest_open_at(sub, GUEST_RING + 2 * RING_PAGES), 0, "the first subchannel opens");
	open_vp = 0;
	is(srb(read_cdb, 4096, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS, "it takes commands");
	ok(interrupt_vp == 1 && interrupt_relid == sub->relid, "and answers on its own VP");
	is(srb(flush, 0, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS, "flushes too");
	is(disk.flushes, flushes + 1, "which are done");
	ok(scsi.commands[1] == before + 2 && scsi.commands[0] == first, "they are counted apart");
	is(stor(VSTOR_OPERATION_BEGIN_INITIALIZATION, 0).status, STOR_STATUS_ORDER,
	   "it cannot initialize the controller");
	is(create(1), STOR_STATUS_ORDER, "nor ask for subchannels");
	controller = guest_use(controller);
	is(srb(read_cdb, 4096, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS,
	   "the controller's channel goes on");
	is(interrupt_vp, 0, "on its VP");
	guest_use(controller);
	guest_noise(5000, VM_PKT_DATA_USING_GPA_DIRECT);
	is(srb(read_cdb, 4096, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS,
	   "a subchannel reads after 5000 random packets");
}

static int controllers_gone;

static void gone(void *arg)
{
	(void)arg;
	controllers_gone++;
}

static void subchannels_go(struct channel *first, struct channel *second)
{
	struct guest_end sub = guest_use((struct guest_end){ .ch = NULL });
	u32 relid = scsi.ch->relid;

	guest_use(sub);
	rescinds = interrupts = 0;
	vmbus_rescind(first);
	is(rescinds, 1, "one is rescinded alone");
	srb(read_cdb, 4096, 0, 0, 0);
	is(interrupts, 0, "what the guest still sends by it is answered without an interrupt");
	guest_relid(CHANNELMSG_RELID_RELEASED, first->relid);
	is(first->state, CHANNEL_FREE, "the guest releases it");
	guest_close(scsi.ch);
	is(rescinds, 2, "the other one goes when the controller is closed");
	guest_relid(CHANNELMSG_RELID_RELEASED, second->relid);
	guest_open(scsi.ch);
	initialize();
	is(create(1), STOR_STATUS_OK, "opened again, it grants subchannels again");
	second = vmbus_subchannel(scsi.ch, 1);
	scsi.gone = gone;
	vmbus_rescind(scsi.ch);
	is(rescinds, 4, "they are rescinded with the controller");
	guest_relid(CHANNELMSG_RELID_RELEASED, relid);
	is(controllers_gone, 0, "which has not gone while one is left");
	guest_relid(CHANNELMSG_RELID_RELEASED, second->relid);
	ok(controllers_gone == 1 && !scsi.ch, "and then has");
}

static void subchannels(void)
{
	struct channel *first, *second;

	subchannels_on_request();
	first = vmbus_subchannel(scsi.ch, 1);
	second = vmbus_subchannel(scsi.ch, 2);
	if (!first || !second)
		exit(1);
	commands_on_a_subchannel(first);
	subchannels_go(first, second);
}

int main(int argc, char **argv)
{
	char path[200];

	if (argc != 2)
		return 2;
	guest_start();
	guest_contact();
	snprintf(path, sizeof(path), "%s/disk", argv[1]);
	is(disk_open(&disk, path, 1 << 20), 0, "storvsc: a disk is created");
	storvsc_attach(&scsi, 0, &disk);
	storvsc_offer(&scsi, &bus, &mem, 1);
	is(guest_open(scsi.ch), 0, "the channel opens");
	initialization();
	identification();
	transfers();
	errors();
	read_only(path);
	luns(argv[1]);
	microsoft();
	guest_noise(20000, VM_PKT_DATA_USING_GPA_DIRECT);
	is(srb(read_cdb, 4096, 0, 0, 0).srb_status, SRB_STATUS_SUCCESS,
	   "it reads after 20000 random packets");
	subchannels();
	return done();
}
