/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The data that the tests transfer: both sides can generate and check any part of it
 * independently. Shared with tests/guest.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define STREAM_BYTES (16ul << 20) /* size of a transfer */

#define PORT_ECHO    5000  /* echoes its input, then ends */
#define PORT_SINK    5001  /* reads to the end, answers "ok BYTES" or "bad at BYTE" */
#define PORT_SOURCE  5002  /* sends STREAM_BYTES, then ends */
#define PORT_HOSTILE 5003  /* hostile_ring.c */
#define PORT_NOBODY  5999  /* not served */
#define PORT_GUEST   6000  /* the guest listens here */
#define PORT_DRVFS   50002 /* the drive C:, by 9P; the port is WSL's */
#define NET_HOST     "10.77.0.1"
#define NET_GUEST    "10.77.0.2"
/* of the virtio card */
#define VIRTIO_NET_HOST	 "10.77.1.1"
#define VIRTIO_NET_GUEST "10.77.1.2"
/* how the name of the drive's share begins in WSL; options follow */
#define DRVFS_C "drvfs;path=C:\\;"

static inline uint64_t stream_word(uint64_t n)
{
	n = (n + 1) * 0x9e3779b97f4a7c15ull;
	n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9ull;
	n = (n ^ n >> 27) * 0x94d049bb133111ebull;
	return n ^ n >> 31;
}

/* Generate LEN bytes at AT, both multiples of eight. */
static inline void stream_make(void *buf, uint64_t at, size_t len)
{
	for (size_t i = 0; i < len; i += 8) {
		uint64_t word = stream_word((at + i) / 8);

		memcpy((char *)buf + i, &word, 8);
	}
}

/* The index of the first wrong byte of LEN at AT, or LEN. */
static inline size_t stream_check(const void *buf, uint64_t at, size_t len)
{
	size_t i = 0;

	while (i < len) {
		uint64_t word = stream_word((at + i) / 8), got;

		if ((at + i) % 8 == 0 && len - i >= 8) {
			memcpy(&got, (const char *)buf + i, 8);
			if (got == word) {
				i += 8;
				continue;
			}
		}
		if ((uint8_t)(word >> (at + i) % 8 * 8) != ((const uint8_t *)buf)[i])
			return i;
		i++;
	}
	return len;
}

#endif
