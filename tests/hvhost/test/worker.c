// SPDX-License-Identifier: GPL-2.0
/* A flush that takes long: the other devices go on, and its answer comes when it has ended. */
#define _GNU_SOURCE
#include "guest.h"
#include "../ic.h"
#include "../storvsc.h"
#include <errno.h>
#include <unistd.h>

#define BEAT_RINGS 0x400 /* a page number */
#define FLUSH_MS   1500
#define BEAT_MS	   100

static struct loop loop;
static struct worker worker;
static struct storvsc scsi;
static struct disk disk;
static struct ic ic;
static char path[200];
static int flush_ms, flush_error, flushed_fd = -1;
static unsigned int running;

/* Instead of libc's. */
int fdatasync(int fd)
{
	__atomic_add_fetch(&running, 1, __ATOMIC_SEQ_CST);
	flushed_fd = fd;
	usleep(flush_ms * 1000);
	errno = EIO;
	__atomic_sub_fetch(&running, 1, __ATOMIC_SEQ_CST);
	return flush_error;
}

static u64 reference(void *vm)
{
	(void)vm;
	return 0;
}

static double ms_since(u64 began)
{
	return (now_ns() - began) / 1e6;
}

/* The guest has the heartbeat component, and a disk whose controller is initialized. */
static void start(const char *dir)
{
	static const u32 steps[] = {
		VSTOR_OPERATION_BEGIN_INITIALIZATION,
		VSTOR_OPERATION_QUERY_PROTOCOL_VERSION,
		VSTOR_OPERATION_QUERY_PROPERTIES,
		VSTOR_OPERATION_END_INITIALIZATION,
	};
	struct icmsg_negotiate *n;
	struct ic_packet *answer;
	struct packet p;

	guest_start();
	guest_contact();
	snprintf(path, sizeof(path), "%s/disk", dir);
	if (loop_init(&loop) || worker_init(&worker, &loop) || ic_init(&ic, &bus, &loop) ||
	    disk_open(&disk, path, 1 << 20) || storvsc_attach(&scsi, 0, &disk) ||
	    storvsc_offer(&scsi, &bus, &mem, 1))
		exit(2);
	ic.reference_time = reference;
	scsi.worker = &worker;
	guest_open_at(ic.heartbeat.ch, BEAT_RINGS);
	guest_read(&p);
	answer = (void *)p.data;
	n = (void *)answer->body;
	answer->flags = ICMSGHDRFLAG_TRANSACTION | ICMSGHDRFLAG_RESPONSE;
	n->version[1] = n->version[n->frameworks];
	n->frameworks = n->messages = 1;
	guest_write(VM_PKT_DATA_INBAND, 0, NULL, 0, p.data, p.len);
	ok(ic.heartbeat.ready, "worker: the heartbeat is ready");
	guest_open(scsi.ch);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct vstor_packet s = { .op = steps[i], .version = 0x0602 };

		guest_write(VM_PKT_DATA_INBAND, i, NULL, 0, &s, sizeof(s));
		guest_read(&p);
	}
}

static void flush(u64 id)
{
	struct vstor_packet s = { .op = VSTOR_OPERATION_EXECUTE_SRB,
				  .srb = { .cdb = { SYNCHRONIZE_CACHE } } };

	guest_write(VM_PKT_DATA_INBAND, id, NULL, 0, &s, sizeof(s));
}

/* The status of the flush that is answered next, within MS; -1: none is. Its ID. */
static int answered(int ms, u64 *id)
{
	u64 began = now_ns();
	struct packet p;

	*id = 0;
	while (ms_since(began) < ms) {
		loop_once(&loop, 10);
		/* the host also asks for a look at the bus */
		if (!guest_read(&p) || p.type != VM_PKT_COMP)
			continue;
		*id = p.id;
		return ((struct vstor_packet *)p.data)->srb.srb_status;
	}
	return -1;
}

static void slow(void)
{
	u64 began = now_ns(), beats = ic.heartbeat.sent, id;

	flush_ms = FLUSH_MS;
	timer_set(&loop, &ic.beat, BEAT_MS);
	flush(7);
	ok(ms_since(began) < FLUSH_MS, "a flush of 1500 ms returns at once");
	while (ic.heartbeat.sent == beats && ms_since(began) < 5000)
		loop_once(&loop, 50);
	ok(ms_since(began) < FLUSH_MS && ic.heartbeat.sent > beats,
	   "the heartbeat that is due meanwhile is sent in time");
	is(disk.flushes, 0, "the flush has not ended");
	is(answered(5000, &id), SRB_STATUS_SUCCESS, "when it has, it is answered");
	ok(id == 7 && ms_since(began) >= FLUSH_MS, "not earlier, and with its id");
	is(disk.flushes, 1, "and counted");
	is(scsi.flushing, 0, "none is under way");
}

static void fails(void)
{
	u64 id;

	flush_ms = 0;
	flush_error = -1;
	flush(8);
	is(answered(5000, &id), SRB_STATUS_ERROR | SRB_STATUS_AUTOSENSE_VALID,
	   "an error of the file is one of the disk");
	is(id, 8, "of that flush");
	flush_error = 0;
	flush(9);
	flush(10);
	ok(answered(5000, &id) == SRB_STATUS_SUCCESS && id == 9 &&
		   answered(5000, &id) == SRB_STATUS_SUCCESS && id == 10,
	   "two are answered in their order");
}

/* What is under way must not use what has gone. */
static void gone(void)
{
	struct vmbus_relid m = { .h.type = CHANNELMSG_CLOSECHANNEL, .relid = scsi.ch->relid };
	int fd = disk.fd;
	u64 id;

	flush_ms = 300;
	flush(11);
	storvsc_detach(&scsi, 0);
	close(fd);
	is(answered(5000, &id), SRB_STATUS_INVALID_LUN,
	   "a disk that was taken away meanwhile: the flush fails");
	ok(flushed_fd != fd, "its file was still open");
	if (disk_open(&disk, path, 1 << 20) || storvsc_attach(&scsi, 0, &disk))
		exit(2);
	flush(12);
	guest_post(&m, sizeof(m));
	is(scsi.ch->opening, 0, "a channel that is closed meanwhile");
	is(answered(1000, &id), -1, "gets no answer");
	ok(!disk.flushes && !scsi.errors && !running, "nor is that an error");
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	alarm(60);
	start(argv[1]);
	slow();
	fails();
	gone();
	return done();
}
