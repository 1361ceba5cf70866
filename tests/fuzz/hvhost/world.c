// SPDX-License-Identifier: GPL-2.0
/* The guest and its surroundings, for all targets. */
#define _GNU_SOURCE
#include "world.h"
#include "../../hvhost/test/fds.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define GUARD	   (1u << 20)
#define RING_PAGES 32 /* of both rings */

struct memory mem;
struct loop loop;
struct vmbus bus;

/* The guest's ends of a channel. */
static struct guest_rings {
	struct ring to_host, from_host;
	u8 *page[RING_PAGES];
	int made, again;
} rings[RELIDS];

static u64 clock_ms;
static int fds; /* that are open */
static u8 *low, *high;

void require(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: does not hold: %s\n", what);
	abort();
}

int fuzz_clock_gettime(clockid_t clock, struct timespec *ts)
{
	(void)clock;
	ts->tv_sec = 1000 + clock_ms / 1000;
	ts->tv_nsec = clock_ms % 1000 * 1000000;
	return 0;
}

/* SIZE bytes with memory that cannot be touched on both sides. */
static u8 *guarded(size_t size)
{
	u8 *all = mmap(NULL, size + 2 * GUARD, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	require(all != MAP_FAILED && !mprotect(all + GUARD, size, PROT_READ | PROT_WRITE),
		"there is memory for the guest");
	return all + GUARD;
}

void world_start(void)
{
	fds = open_fds();
	if (!low) {
		low = guarded(LOW_PAGES * PAGE_SIZE);
		high = guarded(HIGH_PAGES * PAGE_SIZE);
	}
	madvise(low, LOW_PAGES * PAGE_SIZE, MADV_DONTNEED);
	madvise(high, HIGH_PAGES * PAGE_SIZE, MADV_DONTNEED);
	mem = (struct memory){
		.region = { { 0, LOW_PAGES * PAGE_SIZE, low },
			    { MEMORY_HIGH, HIGH_PAGES * PAGE_SIZE, high } },
		.regions = 2,
	};
	clock_ms = 0;
	require(!loop_init(&loop), "a loop");
}

void world_end(void)
{
	struct watch *watch, *next;

	for (watch = loop.watches; watch; watch = next) {
		next = watch->next;
		free(watch);
	}
	for (watch = loop.dead; watch; watch = next) {
		next = watch->next;
		free(watch);
	}
	close(loop.epoll);
	pthread_mutex_destroy(&loop.lock);
	for (int i = 2; i < mem.regions; i++) /* hot added */
		munmap(mem.region[i].host, mem.region[i].size);
	require(open_fds() == fds, "no descriptor is left open");
}

static void sent(void *world, u32 vp, const void *msg, u32 size)
{
	(void)world;
	(void)vp;
	(void)msg;
	require(size && size <= 240, "the size of a message");
}

static void *page(void *world, u64 pfn)
{
	(void)world;
	return pfn < BIT(40) ? memory_at(&mem, pfn * PAGE_SIZE, PAGE_SIZE) : NULL;
}

static int doorbell(void *world, struct channel *ch, int on)
{
	(void)world;
	(void)ch;
	(void)on;
	return 0;
}

static void interrupt(void *world, u32 vp, u32 relid)
{
	(void)world;
	(void)vp;
	require(relid && relid < VMBUS_RELIDS, "the flag of an interrupt");
}

static void again(void *world, struct channel *ch)
{
	(void)world;
	if (ch->relid < RELIDS)
		rings[ch->relid].again = 1;
}

static void no_connect(void *world, const struct vmbus_channel_tl_connect_request *request)
{
	(void)world;
	(void)request;
}

struct vmbus_ops bus_ops = {
	.send = sent,
	.page = page,
	.doorbell = doorbell,
	.interrupt = interrupt,
	.tl_connect = no_connect,
	.again = again,
};

void bus_start(u32 version)
{
	struct vmbus_channel_initiate_contact contact = {
		.h.type = CHANNELMSG_INITIATE_CONTACT,
		.version = version,
	};

	memset(rings, 0, sizeof(rings));
	vmbus_init(&bus, &bus_ops, NULL);
	if (version)
		vmbus_message(&bus, VMBUS_MESSAGE_CONNECTION_ID_4, &contact, sizeof(contact));
}

void bus_end(void)
{
	vmbus_free(&bus);
	for (int i = 0; i < VMBUS_GPADLS; i++)
		require(!bus.gpadl[i].handle, "every GPADL is freed with its channel");
}

void memory_write(struct op *op)
{
	u64 gpa = arg(op, 1) * PAGE_SIZE;

	gpa += arg(op, 2) % PAGE_SIZE;
	if (op->len && gpa + op->len <= LOW_PAGES * PAGE_SIZE)
		memcpy(low + gpa, op->data, op->len);
}

static void signal_host(u32 relid)
{
	struct channel *ch = &bus.channel[relid];

	if (ch->state == CHANNEL_OPEN && ch->ops->signal)
		ch->ops->signal(ch);
}

static void run_loop(u32 ms)
{
	clock_ms += ms;
	require(!loop_once(&loop, 0), "the loop runs");
	for (u32 relid = 0; relid < RELIDS; relid++) {
		if (!rings[relid].again)
			continue;
		rings[relid].again = 0;
		signal_host(relid);
	}
}

static void message(u32 connection, const void *msg, u32 size)
{
	vmbus_message(&bus, connection, msg, size < 240 ? size : 240);
}

/* OP has the numbers of the pages; both rings need two at least, or the host refuses them. */
static void open_channel(u32 relid, u32 downstream, struct op *op)
{
	struct guest_rings *r = &rings[relid];
	u8 text[240] = { 0 };
	struct vmbus_channel_gpadl_header *h = (void *)text;
	struct vmbus_channel_open_channel open = {
		.h.type = CHANNELMSG_OPENCHANNEL,
		.relid = relid,
		.openid = relid,
		.gpadl = 0xe1e10 + relid,
		.downstream = downstream,
	};
	u32 pages = op->len < 26 ? op->len : 26; /* of one message */

	*h = (struct vmbus_channel_gpadl_header){
		.h.type = CHANNELMSG_GPADL_HEADER,
		.relid = relid,
		.gpadl = open.gpadl,
		.range_bytes = 8 + 8 * pages,
		.ranges = 1,
		.byte_count = pages * PAGE_SIZE,
	};
	for (u32 i = 0; i < pages; i++) {
		r->page[i] = low + op->data[i] * PAGE_SIZE;
		put64(h->pfns + 8 * i, op->data[i]);
	}
	r->made = downstream < pages && !ring_init(&r->to_host, r->page, downstream) &&
		!ring_init(&r->from_host, r->page + downstream, pages - downstream);
	message(VMBUS_MESSAGE_CONNECTION_ID, h, sizeof(*h) + 8 * pages);
	message(VMBUS_MESSAGE_CONNECTION_ID, &open, sizeof(open));
}

static void send_packet(u32 relid, struct op *op)
{
	u16 type = arg(op, 1), flags = arg(op, 1);
	u64 id = arg(op, 1);
	u32 extra = 8 * (arg(op, 1) % 64);
	const u8 *at = op->data;

	extra = extra < op->len ? extra : op->len & ~7u;
	if (rings[relid].made)
		ring_write(&rings[relid].to_host, type, flags, id, at, extra, at + extra,
			   op->len - extra);
	signal_host(relid);
}

static void take_packets(u32 relid, int complete)
{
	static u8 buffer[65536];
	struct guest_rings *r = &rings[relid];
	struct packet p;

	/* no more than a ring has: its pages may be those of the other ring too */
	for (int i = 0; r->made && i < 1024; i++) {
		if (ring_read(&r->from_host, &p, buffer, sizeof(buffer)) != 1)
			break;
		if (complete && (p.flags & VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED))
			ring_write(&r->to_host, VM_PKT_COMP, 0, p.id, NULL, 0, NULL, 0);
	}
	signal_host(relid);
}

void world_op(struct op *op)
{
	u32 relid;

	switch (op->kind) {
	case OP_MEMORY:
		memory_write(op);
		return;
	case OP_LOOP:
		run_loop(arg(op, 2));
		return;
	case OP_MESSAGE:
		relid = arg(op, 1);
		message(relid, op->data, op->len);
		return;
	}
	relid = arg(op, 1) % RELIDS;
	if (op->kind == OP_OPEN)
		open_channel(relid, arg(op, 1), op);
	else if (op->kind == OP_PACKET)
		send_packet(relid, op);
	else if (op->kind == OP_SIGNAL)
		signal_host(relid);
	else
		take_packets(relid, arg(op, 1));
}

/* A directory may be without the rights that this takes: the next time it has them. */
static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	if ((type == FTW_DNR || remove(path)) && (type == FTW_DNR || type == FTW_DP))
		chmod(path, 0700);
	return 0;
}

void remove_all(const char *path)
{
	for (int i = 0; i < 64 && !access(path, F_OK); i++)
		nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static char dir[200];

static void remove_dir(void)
{
	remove_all(dir);
}

const char *fuzz_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	if (*dir)
		return dir;
	/* a unix socket in it has a path of 108 bytes */
	snprintf(dir, sizeof(dir), "%s/fuzz.XXXXXX", tmp && strlen(tmp) < 60 ? tmp : "/tmp");
	require(mkdtemp(dir) != NULL, "a temporary directory");
	atexit(remove_dir);
	return dir;
}
