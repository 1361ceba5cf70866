// SPDX-License-Identifier: GPL-2.0
/*
 * File systems small enough to be written by hand, each with one file:
 * ISO 9660 (ECMA-119) and FAT12, both by the layouts of their standards.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <string.h>
#include <unistd.h>

#define SECTOR 2048 /* of a CD */

static void le16(unsigned char *at, unsigned int v)
{
	at[0] = v;
	at[1] = v >> 8;
}

/* ISO 9660 has its numbers twice: low byte first, then high byte first. */
static void both16(unsigned char *at, unsigned int v)
{
	le16(at, v);
	at[2] = v >> 8;
	at[3] = v;
}

static void both32(unsigned char *at, unsigned int v)
{
	le16(at, v);
	le16(at + 2, v >> 16);
	at[4] = v >> 24;
	at[5] = v >> 16;
	at[6] = v >> 8;
	at[7] = v;
}

/* A directory record of ISO 9660; its length. */
static int record(unsigned char *at, const char *name, int len, int sector, int size, int is_dir)
{
	int bytes = (33 + len + 1) & ~1;

	at[0] = bytes;
	both32(at + 2, sector);
	both32(at + 10, size);
	at[25] = is_dir ? 2 : 0;
	both16(at + 28, 1);
	at[32] = len;
	memcpy(at + 33, name, len);
	return bytes;
}

int image_iso9660(const char *path)
{
	static unsigned char cd[20 * SECTOR];
	unsigned char *pvd = cd + 16 * SECTOR, *end = pvd + SECTOR;
	unsigned char *root = end + SECTOR, *file = root + SECTOR;
	int fd = file_of_size(path, sizeof(cd)), rc = 0;

	pvd[0] = 1;
	memcpy(pvd + 1, "CD001\1", 6);
	memset(pvd + 8, ' ', 64);
	memcpy(pvd + 40, "PROBE", 5);
	both32(pvd + 80, sizeof(cd) / SECTOR);
	both16(pvd + 120, 1);
	both16(pvd + 124, 1);
	both16(pvd + 128, SECTOR);
	record(pvd + 156, "", 1, 18, SECTOR, 1);
	pvd[881] = 1;
	end[0] = 255;
	memcpy(end + 1, "CD001\1", 6);
	root += record(root, "", 1, 18, SECTOR, 1);
	root += record(root, "\1", 1, 18, SECTOR, 1);
	record(root, "HELLO.;1", 8, 19, strlen(IMAGE_TEXT), 0);
	memcpy(file, IMAGE_TEXT, strlen(IMAGE_TEXT));
	if (fd < 0 || write(fd, cd, sizeof(cd)) != (ssize_t)sizeof(cd))
		rc = failed("write %s", path);
	close(fd);
	return rc;
}

/* FAT12: 512-byte sectors; boot, two FATs, 32 root entries (2), data. */
int image_vfat(const char *path)
{
	static unsigned char disk[1024 * 512];
	unsigned char *root = disk + 512 * (1 + 2 * 3), *fat;
	int fd = file_of_size(path, sizeof(disk)), i, rc = 0;

	memcpy(disk, "\xeb\x3c\x90PROBE   ", 11);
	le16(disk + 11, 512);
	disk[13] = 1;	     /* sectors in a cluster */
	le16(disk + 14, 1);  /* sectors before the FATs */
	disk[16] = 2;	     /* FATs */
	le16(disk + 17, 32); /* root entries */
	le16(disk + 19, sizeof(disk) / 512);
	disk[21] = 0xf8;    /* a fixed disk */
	le16(disk + 22, 3); /* sectors in a FAT */
	le16(disk + 24, 32);
	le16(disk + 26, 2);
	disk[38] = 0x29;
	memcpy(disk + 43, "PROBE      FAT12   ", 19);
	le16(disk + 510, 0xaa55);
	for (i = 0; i < 2; i++) {
		fat = disk + 512 * (1 + 3 * i);
		/* clusters 0 and 1 are taken, 2 is the only one of the file */
		memcpy(fat, "\xf8\xff\xff\xff\x0f", 5);
	}
	memcpy(root, "HELLO      \x20", 12);
	le16(root + 26, 2);
	le16(root + 28, strlen(IMAGE_TEXT));
	memcpy(root + 32 * 32, IMAGE_TEXT, strlen(IMAGE_TEXT));
	if (fd < 0 || write(fd, disk, sizeof(disk)) != (ssize_t)sizeof(disk))
		rc = failed("write %s", path);
	close(fd);
	return rc;
}
