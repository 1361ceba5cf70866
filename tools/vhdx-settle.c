// SPDX-License-Identifier: GPL-2.0
/*
 * vhdx-settle - take out of a VHDX file what differs each time it is written
 *
 *   vhdx-settle FILE DIGEST
 *
 * FILE is a VHDX that its writer has closed, and is changed in place. DIGEST is a SHA-256
 * of the content, 64 hex digits; the identifiers that a writer chooses at random are made
 * of it, so that the same content gives the same file:
 *   - in both headers: file write and data write GUID, and the sequence numbers (1 and 2);
 *     their checksums are computed again
 *   - in the metadata: the page 83 GUID, by which SCSI names the disk
 *   - the log: zeroes. Entries of finished writes stay in it, and mean nothing while the
 *     headers name no log
 *   - the name of the program that created the file: empty
 * The content of the disk is not touched. A file that is damaged, or whose log has to be
 * replayed, is refused before the first byte is changed. Offsets, sizes and signatures are
 * those of [MS-VHDX] 2.1 to 2.6; all integers are little endian.
 *
 * Exit status: 0 done, 1 an error, 2 usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

const char program[] = "vhdx-settle";

#define KB 1024ull
#define MB (1024 * KB)

/* where things are, and how big */
#define CREATOR	      8 /* behind the signature */
#define CREATOR_SIZE  512
#define HEADER_SIZE   (4 * KB)
#define TABLE_SIZE    (64 * KB) /* of a region table, and of the metadata table */
#define ENTRIES_MAX   2047
#define REGION_ENTRY  32
#define METADATA_HEAD 32
#define REGION_HEAD   16

static const uint64_t header_at[2] = { 64 * KB, 128 * KB };
static const uint64_t regions_at[2] = { 192 * KB, 256 * KB };

/* fields of a header */
enum {
	SEQUENCE = 8,
	FILE_WRITE = 16,
	DATA_WRITE = 32,
	LOG_GUID = 48,
	VERSION = 66,
	LOG_SIZE = 68,
	LOG_AT = 72,
};

#define GUID_SIZE 16

/* 8b7ca206-4790-4b9a-b8fe-575f050f886e and beca12ab-b2e6-4523-93ef-c309e000c746 */
static const unsigned char metadata_region[GUID_SIZE] = {
	0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b,
	0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e,
};
static const unsigned char page_83[GUID_SIZE] = {
	0xab, 0x12, 0xca, 0xbe, 0xe6, 0xb2, 0x23, 0x45,
	0x93, 0xef, 0xc3, 0x09, 0xe0, 0x00, 0xc7, 0x46,
};
static const unsigned char zeroes[64 * KB];

static const char *path;
static int fd;
static uint64_t size;

static uint32_t get32(const unsigned char *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t get64(const unsigned char *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

static void put32(unsigned char *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = value >> 8 * i;
}

/* CRC-32C of a structure that has its checksum, taken as zero, at byte 4 */
static uint32_t checksum(const unsigned char *data, size_t length)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < length; i++) {
		crc ^= i >= 4 && i < 8 ? 0 : data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

static void read_at(void *data, size_t length, uint64_t at)
{
	ssize_t n = pread(fd, data, length, at);

	if (n < 0)
		fail("%s: %s", path, strerror(errno));
	if ((size_t)n != length)
		fail("%s: ends at byte %llu, the file is cut off", path, (unsigned long long)size);
}

static void write_at(const void *data, size_t length, uint64_t at)
{
	ssize_t n = pwrite(fd, data, length, at);

	if (n != (ssize_t)length)
		fail("%s: %s", path, n < 0 ? strerror(errno) : "short write, the disk is full");
}

static bool signed_by(const unsigned char *data, size_t length, const char *signature)
{
	return !memcmp(data, signature, 4) && get32(data + 4) == checksum(data, length);
}

/* does the file have LENGTH bytes at AT, both multiples of 1 MB behind the first? */
static bool is_region(uint64_t at, uint64_t length)
{
	return at >= MB && at % MB == 0 && length >= MB && length % MB == 0 && at <= size &&
		length <= size - at;
}

/* the current header: the one with the higher sequence number of those that are valid */
static void read_header(unsigned char *header)
{
	unsigned char other[HEADER_SIZE];
	bool found = false;

	for (int i = 0; i < 2; i++) {
		read_at(other, sizeof(other), header_at[i]);
		if (!signed_by(other, sizeof(other), "head"))
			continue;
		if (!found || get64(other + SEQUENCE) > get64(header + SEQUENCE))
			memcpy(header, other, sizeof(other));
		found = true;
	}
	if (!found)
		fail("%s: both headers are damaged", path);
	if (header[VERSION] != 1 || header[VERSION + 1])
		fail("%s: has version %d of the format, expected 1", path, header[VERSION]);
	if (memcmp(header + LOG_GUID, zeroes, GUID_SIZE))
		fail("%s: its log has not been replayed: the program that wrote it did not end",
		     path);
	if (!is_region(get64(header + LOG_AT), get32(header + LOG_SIZE)))
		fail("%s: the log is not within the file", path);
}

/* the region that holds the metadata */
static void find_metadata(uint64_t *at, uint64_t *length)
{
	static unsigned char table[TABLE_SIZE];
	uint32_t count;
	int i;

	for (i = 0; i < 2; i++) {
		read_at(table, sizeof(table), regions_at[i]);
		if (signed_by(table, sizeof(table), "regi"))
			break;
	}
	count = get32(table + 8);
	if (i == 2 || count > ENTRIES_MAX)
		fail("%s: both region tables are damaged", path);
	for (uint32_t n = 0; n < count; n++) {
		const unsigned char *entry = table + REGION_HEAD + n * REGION_ENTRY;

		if (memcmp(entry, metadata_region, GUID_SIZE))
			continue;
		*at = get64(entry + 16);
		*length = get32(entry + 24);
		if (!is_region(*at, *length))
			fail("%s: the metadata is not within the file", path);
		return;
	}
	fail("%s: has no metadata", path);
}

/* where the file has the page 83 GUID */
static uint64_t find_page_83(void)
{
	static unsigned char table[TABLE_SIZE];
	uint64_t at = 0, length = 0;
	int count;

	find_metadata(&at, &length);
	read_at(table, sizeof(table), at);
	count = table[10] | table[11] << 8;
	if (memcmp(table, "metadata", 8) || count > ENTRIES_MAX)
		fail("%s: the metadata table is damaged", path);
	for (int n = 0; n < count; n++) {
		const unsigned char *entry = table + METADATA_HEAD + n * REGION_ENTRY;
		uint32_t offset = get32(entry + 16);

		if (memcmp(entry, page_83, GUID_SIZE))
			continue;
		if (get32(entry + 20) != GUID_SIZE || offset < TABLE_SIZE ||
		    offset > length - GUID_SIZE)
			fail("%s: the page 83 GUID is not within the metadata", path);
		return at + offset;
	}
	fail("%s: has no page 83 GUID", path);
}

static void settle(const unsigned char *digest)
{
	unsigned char signature[8], header[HEADER_SIZE];
	uint64_t guid_at, log_at, log_size;

	read_at(signature, sizeof(signature), 0);
	if (memcmp(signature, "vhdxfile", 8))
		fail("%s: is no VHDX", path);
	read_header(header);
	guid_at = find_page_83();

	write_at(zeroes, CREATOR_SIZE, CREATOR);
	/* three GUIDs of 32 bytes: the third shares half of each of the others */
	write_at(digest + 8, GUID_SIZE, guid_at);
	log_at = get64(header + LOG_AT);
	log_size = get32(header + LOG_SIZE);
	for (uint64_t done = 0; done < log_size; done += sizeof(zeroes))
		write_at(zeroes, sizeof(zeroes), log_at + done);
	memcpy(header + FILE_WRITE, digest, GUID_SIZE);
	memcpy(header + DATA_WRITE, digest + GUID_SIZE, GUID_SIZE);
	for (int i = 0; i < 2; i++) {
		put32(header + SEQUENCE, i + 1);
		put32(header + SEQUENCE + 4, 0);
		put32(header + 4, checksum(header, sizeof(header)));
		write_at(header, sizeof(header), header_at[i]);
	}
}

/* 64 hex digits as 32 bytes */
static bool read_digest(const char *text, unsigned char *digest)
{
	if (strlen(text) != 64 || strspn(text, "0123456789abcdefABCDEF") != 64)
		return false;
	for (int i = 0; i < 32; i++)
		sscanf(text + 2 * i, "%2hhx", &digest[i]);
	return true;
}

int main(int argc, char **argv)
{
	unsigned char digest[32];
	struct stat st;

	if (argc != 3 || !read_digest(argv[2], digest)) {
		fputs("usage: vhdx-settle FILE DIGEST (64 hex digits)\n", stderr);
		return 2;
	}
	path = argv[1];
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		fail("%s: %s", path, strerror(errno));
	size = st.st_size;
	settle(digest);
	if (close(fd))
		fail("%s: %s", path, strerror(errno));
	return 0;
}
