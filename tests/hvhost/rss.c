// SPDX-License-Identifier: GPL-2.0
/*
 * Receive side scaling. Source: the guest's drivers/net/hyperv/rndis_filter.c, and the Toeplitz
 * hash of Microsoft's NDIS documents, whose verification suite is in test/netvsc.c.
 */
#include "rss.h"

#define ETHERNET 14
#define IPV4	 0x0800
#define IPV6	 0x86dd
#define TCP	 6
#define TUPLE	 36 /* two IPv6 addresses and two ports */

int rss_set(struct rss *rss, const u8 *param, u32 len, u32 queues)
{
	struct ndis_recv_scale_param p;
	struct rss new = { 0 };

	if (len < sizeof(p))
		return -1;
	memcpy(&p, param, sizeof(p));
	if (p.flags & NDIS_RSS_PARAM_FLAG_DISABLE_RSS) {
		rss->entries = 0;
		return 0;
	}
	new.entries = p.table_size / 4;
	if (!new.entries || p.table_size % 4 || new.entries > ITAB_NUM || p.table_offset > len ||
	    p.table_size > len - p.table_offset || p.key_size != sizeof(new.key) ||
	    p.key_offset > len || p.key_size > len - p.key_offset)
		return -1;
	for (u32 i = 0; i < new.entries; i++) {
		u32 queue = get32(param + p.table_offset + 4 * i);

		if (queue >= queues)
			return -1;
		new.queue[i] = queue;
	}
	memcpy(new.key, param + p.key_offset, sizeof(new.key));
	*rss = new;
	return 0;
}

/* The addresses of a frame, and the ports of TCP but for fragments; their bytes. */
static u32 tuple(const u8 *frame, u32 len, u8 *to)
{
	u32 type = len >= ETHERNET + 40 ? frame[12] << 8 | frame[13] : 0, addresses, ports;
	const u8 *ip = frame + ETHERNET;
	int tcp;

	if (type == IPV4) {
		addresses = 8;
		ports = (ip[0] & 0xf) * 4;
		tcp = ip[9] == TCP && !(ip[6] & 0x3f) && !ip[7];
		memcpy(to, ip + 12, addresses);
	} else if (type == IPV6) {
		addresses = 32;
		ports = 40;
		tcp = ip[6] == TCP;
		memcpy(to, ip + 8, addresses);
	} else {
		return 0;
	}
	if (!tcp || ETHERNET + ports + 4 > len)
		return addresses;
	memcpy(to + addresses, ip + ports, 4);
	return addresses + 4;
}

/* For each bit that is set, the 32 bits of the key that begin where it is. */
u32 rss_hash(const u8 *key, const u8 *frame, u32 len)
{
	u32 window = (u32)key[0] << 24 | key[1] << 16 | key[2] << 8 | key[3], hash = 0;
	u8 bytes[TUPLE];
	u32 n = tuple(frame, len, bytes);

	for (u32 bit = 0; bit < 8 * n; bit++) {
		u32 next = bit + 32;

		if (bytes[bit / 8] >> (7 - bit % 8) & 1)
			hash ^= window;
		window = window << 1 | (key[next / 8] >> (7 - next % 8) & 1);
	}
	return hash;
}

u32 rss_queue(const struct rss *rss, const u8 *frame, u32 len)
{
	return rss->entries ? rss->queue[rss_hash(rss->key, frame, len) % rss->entries] : 0;
}
