// SPDX-License-Identifier: GPL-2.0
/*
 * The rings of VMBus and what is in them: disks, the network card, the integration components,
 * the balloon, the GPU's channel, and sockets. The guest is connected; the relids are those of
 * the offers below, from 1 on.
 */
#define _GNU_SOURCE
#include "world.h"
#include "../../hvhost/balloon.h"
#include "../../hvhost/dxg.h"
#include "../../hvhost/hv_sock.h"
#include "../../hvhost/ic.h"
#include "../../hvhost/netvsc.h"
#include "../../hvhost/storvsc.h"
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PORT	   5000
#define PEERS	   4
#define DISK_BYTES (64 << 10)

static struct storvsc scsi;
static struct disk disk, fixed;
static struct netvsc net;
static struct ic ic;
static struct balloon balloon;
static struct dxg dxg;
static struct hv_sock sock;
static int tap[2], listener = -1, peer[PEERS];
static char path[300];

static u64 reference_time(void *vm)
{
	(void)vm;
	return 0;
}

static void got_pair(void *arg, u32 status, const char *key, const char *value)
{
	(void)arg;
	(void)status;
	require(strlen(key) < 64 && strlen(value) < 64, "a pair ends");
}

static void tl_connect(void *world, const struct vmbus_channel_tl_connect_request *request)
{
	(void)world;
	hv_sock_connect(&sock, request);
}

/* In memory: a flush of a file of the machine would take its time. */
static struct disk make_disk(int read_only)
{
	struct disk d = { .fd = memfd_create("disk", MFD_CLOEXEC),
			  .size = DISK_BYTES,
			  .msft = 1,
			  .read_only = read_only };

	require(d.fd >= 0 && !ftruncate(d.fd, DISK_BYTES), "a disk");
	return d;
}

static void make_listener(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(path, sizeof(path), "%s/%d", fuzz_dir(), PORT);
	require(strlen(path) < sizeof(addr.sun_path), "a short name for a socket");
	strcpy(addr.sun_path, path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	require(!bind(listener, (void *)&addr, sizeof(addr)) && !listen(listener, 64),
		"a socket that listens");
}

static int next_peer(void)
{
	return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static void start(void)
{
	if (listener < 0)
		make_listener();
	world_start();
	bus_ops.tl_connect = tl_connect;
	bus_start(VMBUS_VERSION(5, 3));
	disk = make_disk(0);
	fixed = make_disk(1);
	memset(&scsi, 0, sizeof(scsi));
	scsi.lun[0] = &disk;
	scsi.lun[1] = &fixed;
	scsi.max_subchannels = VMBUS_SUBCHANNELS;
	require(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, tap),
		"a pair of sockets");
	require(!storvsc_offer(&scsi, &bus, &mem, 1) &&
			!netvsc_init(&net, &bus, &loop, &mem, tap[0], 0) &&
			!balloon_init(&balloon, &bus, &mem) && !dxg_init(&dxg, &bus) &&
			!ic_init(&ic, &bus, &loop),
		"the devices are offered");
	net.max_subchannels = VMBUS_SUBCHANNELS;
	ic.reference_time = reference_time;
	ic.pair = got_pair;
	hv_sock_init(&sock, &bus, &loop);
	hv_sock_service(&sock, PORT, path);
	for (int i = 0; i < PEERS; i++)
		peer[i] = -1;
}

static void end(void)
{
	int fd;

	bus_end();
	require(!sock.live, "all streams are released");
	for (int i = 0; i < PEERS; i++)
		if (peer[i] >= 0)
			close(peer[i]);
	while ((fd = next_peer()) >= 0)
		close(fd);
	close(tap[0]);
	close(tap[1]);
	close(disk.fd);
	close(fixed.fd);
	world_end();
}

static void lun(struct op *op)
{
	u32 n = arg(op, 1) % STORVSC_LUNS;

	if (!arg(op, 1)) {
		storvsc_detach(&scsi, n);
		return;
	}
	for (int i = 0; i < STORVSC_LUNS; i++)
		if (scsi.lun[i] == &disk)
			return;
	storvsc_attach(&scsi, n, &disk);
}

static void frame(struct op *op)
{
	u8 sink[64];

	while (recv(tap[1], sink, sizeof(sink), 0) >= 0)
		;
	send(tap[1], op->data, op->len < NETTAP_FRAME ? op->len : NETTAP_FRAME, 0);
	loop_once(&loop, 0);
}

static void of_balloon(struct op *op)
{
	u32 what = arg(op, 1) % 3, mb = arg(op, 1);

	if (what == 0)
		balloon_inflate(&balloon, mb << 8);
	else if (what == 1)
		balloon_deflate(&balloon);
	else
		balloon_hot_add(&balloon, (u64)mb << 20);
}

static void of_ic(struct op *op)
{
	u32 what = arg(op, 1) % 3, n = arg(op, 1);

	if (what == 0)
		ic_shutdown(&ic);
	else if (what == 1)
		ic_kvp_enumerate(&ic, n);
	else
		ic_jump(&ic, n);
}

static void of_peer(struct op *op)
{
	int *fd = &peer[arg(op, 1) % PEERS];
	u32 what = arg(op, 1) % 5;
	u8 bytes[20000];

	if (what == 0 && *fd < 0) {
		*fd = next_peer();
	} else if (*fd >= 0 && what == 1) {
		send(*fd, op->data, op->len, MSG_NOSIGNAL);
	} else if (*fd >= 0 && what == 2) {
		recv(*fd, bytes, sizeof(bytes), 0);
	} else if (*fd >= 0 && what == 3) {
		shutdown(*fd, SHUT_WR);
	} else if (*fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	loop_once(&loop, 0);
}

static void rescind(struct op *op)
{
	struct channel *ch = arg(op, 1) % 2 ? net.ch : scsi.ch;
	struct channel *sub = vmbus_subchannel(ch, 1 + arg(op, 1) % VMBUS_SUBCHANNELS);

	if (sub)
		vmbus_rescind(sub);
}

static void run_op(struct op *op)
{
	op->kind %= RINGS_KINDS;
	if (op->kind < OP_TARGET)
		world_op(op);
	else if (op->kind == RINGS_LUN)
		lun(op);
	else if (op->kind == RINGS_FRAME)
		frame(op);
	else if (op->kind == RINGS_BALLOON)
		of_balloon(op);
	else if (op->kind == RINGS_IC)
		of_ic(op);
	else if (op->kind == RINGS_PEER)
		of_peer(op);
	else
		rescind(op);
}

static void sane(void)
{
	require(net.free_slots <= net.slots && net.slots <= NETVSC_SLOTS, "the slots of frames");
	require(balloon.ranges <= BALLOON_RANGES && balloon.returned <= BALLOON_RANGES,
		"the ranges of the balloon");
}

int LLVMFuzzerTestOneInput(const u8 *input, size_t size)
{
	struct vmbus_channel_message_header request = { .type = CHANNELMSG_REQUESTOFFERS };
	const u8 *at = input;
	struct op op;

	start();
	vmbus_message(&bus, VMBUS_MESSAGE_CONNECTION_ID, &request, sizeof(request));
	while (next_op(&at, input + size, &op)) {
		run_op(&op);
		sane();
	}
	end();
	return 0;
}
