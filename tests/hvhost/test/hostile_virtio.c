// SPDX-License-Identifier: GPL-2.0
/* The virtio card that lies, against a minimal driver: in its registers, or in its rings. */
#define _GNU_SOURCE
#include "virtio.h"
#include "../hostile.h"
#include <linux/virtio_net.h>

#define READS  4000
#define FRAMES 64

enum { RECEIVE, TRANSMIT };

static struct hostile hostile;

static void start(int plan)
{
	hostile.card_plan = 0;
	start_driver(BIT(VIRTIO_NET_F_MAC), 2);
	hostile.card_plan = plan;
}

/* How many reads of the number of queues are wrong. */
static int wrong_reads(void)
{
	int n = 0;

	for (int i = 0; i < READS; i++)
		n += common(VIRTIO_PCI_COMMON_NUMQ, 2) != 2;
	return n;
}

static u16 used_index(u16 n)
{
	return get16(at(dq[n].used, 4) + 2);
}

/* Sum up what comes back for buffers that are given to QUEUE, in runs of a few. */
static u64 give(u16 queue, int *strange)
{
	u64 sum = 0;
	u8 byte = 0;

	*strange = 0;
	for (int i = 0; i < FRAMES; i++) {
		const u8 *entry;
		u16 before, head;

		start(2);
		before = used_index(queue);
		head = dq[queue].next_desc;
		if (queue == RECEIVE)
			add_buffer(queue, NULL, 0, 100);
		else
			add_buffer(queue, &byte, 1, 0);
		kick(queue);
		entry = at(dq[queue].used, 4 + 8 * dq[queue].size) + 4 +
			8 * (before % dq[queue].size);
		*strange += get32(entry) != head || used_index(queue) != before + 1;
		sum = sum * 31 + get32(entry) * 7 + used_index(queue);
	}
	return sum;
}

int main(int argc, char **argv)
{
	u64 sums[2][2];
	int strange[2], n;

	(void)argc;
	(void)argv;
	guest_host();
	hostile.mem = &mem;
	hostile.loop = &loop;
	hostile.seed = 7;
	is(hostile_card_init(&hostile), 0, "hostile card: init");
	hostile.card.host.interrupt = on_interrupt;
	fn = &hostile.card.function;
	find_registers();
	is(fn->device, 0x1041, "a network card");
	start(0);
	is(wrong_reads(), 0, "its registers are right at first");
	start(1);
	n = wrong_reads();
	ok(n > READS / 16 && n < READS / 4, "%d of %d reads are wrong", n, READS);
	add_buffer(TRANSMIT, "x", 1, 0);
	kick(TRANSMIT);
	is(used_index(TRANSMIT), 1, "the rings are right then");
	for (int run = 0; run < 2; run++) {
		hostile.drawn = 0;
		for (u16 queue = RECEIVE; queue <= TRANSMIT; queue++)
			sums[run][queue] = give(queue, &strange[queue]);
	}
	ok(strange[RECEIVE] > FRAMES / 4, "%d of %d buffers come back wrong", strange[RECEIVE],
	   FRAMES);
	ok(strange[TRANSMIT] > FRAMES / 2, "%d of %d that were sent", strange[TRANSMIT], FRAMES);
	is(sums[1][RECEIVE], sums[0][RECEIVE], "the same seed, the same lies");
	is(sums[1][TRANSMIT], sums[0][TRANSMIT], "also about what was sent");
	start(2);
	is(wrong_reads(), 0, "the registers are right then");
	virtio_pci_end(&hostile.card);
	return done();
}
