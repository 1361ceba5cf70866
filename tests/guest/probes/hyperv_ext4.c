// SPDX-License-Identifier: GPL-2.0
/*
 * Make a minimal ext4: one block group of up to 128 MB, no journal, an empty root directory.
 * Offsets: Documentation/filesystems/ext4 of the kernel.
 */
#define _GNU_SOURCE
#include "hyperv.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK	    4096
#define BLOCKS	    32768
#define INODES	    1024
#define INODE_SIZE  128
#define FIRST_INODE 11
#define TABLE	    4 /* block of the inode table; 2 and 3 are the bitmaps */
#define ROOT	    (TABLE + INODES * INODE_SIZE / BLOCK)
#define USED	    (ROOT + 1)

static void le16(uint8_t *at, uint16_t v)
{
	memcpy(at, &v, 2);
}
static void le32(uint8_t *at, uint32_t v)
{
	memcpy(at, &v, 4);
}

static void superblock(uint8_t *sb, uint32_t blocks)
{
	le32(sb, INODES);
	le32(sb + 4, blocks);
	le32(sb + 12, blocks - USED);
	le32(sb + 16, INODES - FIRST_INODE + 1);
	le32(sb + 24, 2); /* blocks of 1024 << 2 */
	le32(sb + 28, 2);
	le32(sb + 32, BLOCKS); /* per group */
	le32(sb + 36, BLOCKS);
	le32(sb + 40, INODES);
	le16(sb + 54, 0xffff); /* mounts until a check */
	le16(sb + 56, 0xef53);
	le16(sb + 58, 1); /* clean */
	le16(sb + 60, 1); /* continue after errors */
	le32(sb + 76, 1); /* revision */
	le32(sb + 84, FIRST_INODE);
	le16(sb + 88, INODE_SIZE);
	le32(sb + 96, 0x42); /* file types in directories, extents */
	le32(sb + 100, 0x3); /* sparse superblocks, large files */
	memcpy(sb + 104, "hyperv smoke ext", 16);
}

static void root_inode(uint8_t *inode)
{
	le16(inode, 040755);
	le32(inode + 4, BLOCK);
	le16(inode + 26, 2); /* links */
	le32(inode + 28, BLOCK / 512);
	le32(inode + 40, ROOT);
}

static void root_dir(uint8_t *dir)
{
	le32(dir, 2);
	le16(dir + 4, 12);
	dir[6] = 1;
	dir[7] = 2;
	dir[8] = '.';
	le32(dir + 12, 2);
	le16(dir + 16, BLOCK - 12);
	dir[18] = 2;
	dir[19] = 2;
	dir[20] = dir[21] = '.';
}

int ext4_make(const char *dev)
{
	return ext4_make_sized(dev, (unsigned long long)BLOCKS * BLOCK);
}

int ext4_make_sized(const char *dev, unsigned long long bytes)
{
	uint32_t blocks = bytes / BLOCK;
	uint8_t *disk = calloc(USED, BLOCK), *group = disk + BLOCK;
	int fd = open(dev, O_WRONLY | O_CLOEXEC), rc = 0;
	uint32_t i;

	if (blocks > BLOCKS || blocks <= USED)
		return failed("%s: a block group has no %u blocks", dev, blocks);
	if (!disk || fd < 0)
		return failed("open %s: %s", dev, strerror(errno));
	superblock(disk + 1024, blocks);
	le32(group, 2);
	le32(group + 4, 3);
	le32(group + 8, TABLE);
	le16(group + 12, blocks - USED);
	le16(group + 14, INODES - FIRST_INODE + 1);
	le16(group + 16, 1); /* directory */
	for (i = 0; i < USED; i++)
		disk[2 * BLOCK + i / 8] |= 1 << i % 8;
	/* what is behind the end counts as used */
	for (i = blocks; i < BLOCKS; i++)
		disk[2 * BLOCK + i / 8] |= 1 << i % 8;
	for (i = 0; i < FIRST_INODE - 1; i++)
		disk[3 * BLOCK + i / 8] |= 1 << i % 8;
	memset(disk + 3 * BLOCK + INODES / 8, 0xff, BLOCK - INODES / 8);
	root_inode(disk + TABLE * BLOCK + INODE_SIZE);
	root_dir(disk + ROOT * BLOCK);
	if (pwrite(fd, disk, USED * BLOCK, 0) != USED * BLOCK || fsync(fd))
		rc = failed("write %s: %s", dev, strerror(errno));
	close(fd);
	free(disk);
	return rc;
}
