// SPDX-License-Identifier: GPL-2.0
/* The host's rows: each counter of an error turns its row red. */
#define _GNU_SOURCE
#include "../drive.h"
#include "../machine.h"
#include "tap.h"
#include <stdlib.h>

static struct machine m;
static char *text;
static struct drive_state state = { .requests = 5 };

void drive_state(struct drive_state *now)
{
	*now = state;
}

/* How many rows are not ok, which are in text. */
static int report(void)
{
	size_t size;
	FILE *f;
	int bad;

	free(text);
	f = open_memstream(&text, &size);
	if (!f)
		exit(1);
	bad = report_write(&m, f);
	fclose(f);
	return bad;
}

/* One error more at COUNTER: the row that begins with WHAT is red, and no other. */
static void red(u64 *counter, const char *what)
{
	char wanted[100], *at;
	int bad;

	++*counter;
	bad = report();
	at = strstr(text, "not ok");
	at = at ? strstr(at, "host: ") : NULL;
	snprintf(wanted, sizeof(wanted), "host: %s", what);
	ok(bad == 1 && at && !strncmp(at, wanted, strlen(wanted)), "%s is red", what);
	--*counter;
}

static void all_is_well(void)
{
	m.has_disk = m.has_net = m.has_read_only = 1;
	m.walls = "seccomp and Landlock";
	m.init_ns = 1;
	m.bus.first_version = VMBUS_VERSION(2, 4);
	m.bus.max_version = VMBUS_VERSION(5, 3);
	m.disk.flushes = m.read_only.reads = 1;
	m.sock.total = 32;
	m.balloon.reports = m.ic.heartbeat.answered = 1;
	m.plugs = m.unplugs = 1;
	m.vm.pages = m.pci_tests = m.pci.entries = m.pci_plugs = m.pci_ejects = 1;
	m.virtio.devices = 1;
	m.virtio.device[0] = &m.virtio.fs.v;
	m.virtio.fs.v.requests = 1;
	m.pci.entries++;
	m.hostile.messages = 200;
	m.shutdown_asked = m.orderly = 1;
	m.ic.shutdown.answered = 1;
	m.vm.end = POWERED_OFF;
	m.vm.ram = MEMORY_GAP + PAGE_SIZE;
	m.host.high_pages = 32;
	m.vm.exits = 12;
	m.vm.reentries = 3;
	is(report(), 0, "report: every row is ok");
	ok(!strncmp(text, "ok 1 - host: kvm: 12 exits, entered again after 3 errors\n", 57),
	   "the first has the entries after an error of KVM");
}

int main(void)
{
	all_is_well();
	red(&m.bus.bad, "vmbus: no invalid message");
	red(&m.disk.errors, "storvsc: 1 flushes");
	red(&m.scsi.errors, "storvsc: 1 flushes");
	red(&m.scsi_read_only.errors, "storvsc: 1 reads");
	red(&m.read_only.errors, "storvsc: 1 reads");
	red(&m.sock.bad, "hv_sock:");
	red(&m.net.bad, "netvsc:");
	red(&m.net.tap.dropped, "netvsc:");
	red(&m.balloon.bad, "balloon:");
	red(&m.ic.heartbeat.bad, "utils: no invalid");
	red(&m.ic.timesync.bad, "utils: no invalid");
	red(&m.ic.shutdown.bad, "utils: no invalid");
	red(&m.ic.kvp.bad, "utils: no invalid");
	red(&m.pci.bad, "pci: D0 2 times");
	red(&m.pci.refused, "pci: D0 2 times");
	red(&m.pci.lost, "pci: D0 2 times");
	red(&m.virtio.console.bad, "virtio: 1 requests, 1 invalid");
	red(&m.virtio.fs.server.bad, "virtio: 1 requests, 1 invalid");
	red(&m.virtio.net.bad, "virtio: 1 requests, 1 invalid");
	red(&m.virtio.pmem.bad, "virtio: 1 requests, 1 invalid");
	red(&m.virtio.fs.v.errors, "virtio: 1 requests, 1 invalid");
	strcpy(m.virtio.tag, "share");
	state.bad++;
	is(report(), 1, "an invalid message of 9P");
	ok(strstr(text, "host: 9p: 5 requests, 1 invalid, 0 mounts are left") != NULL, "is named");
	state.bad = 0;
	state.mounts = 1;
	is(report(), 1, "a mount that the guest has left");
	state.mounts = state.requests = 0;
	is(report(), 1, "a drive that it has not mounted");
	m.virtio.tag[0] = 0;
	is(report(), 0, "which is only there with a folder");
	m.sock.total = 31;
	is(report(), 1, "a stream that is missing");
	m.bus.max_version = VMBUS_VERSION(3, 0);
	is(report(), 0, "on a host without streams none is");
	ok(strstr(text, "host: vmbus: version 2.4 was negotiated, 3.0 is the highest") &&
		   !strstr(text, "hv_sock"),
	   "and the row is not there");
	m.bus.first_version = 0;
	is(report(), 1, "a guest that never connected");
	m.bus.first_version = VMBUS_VERSION(2, 4);
	m.bus.max_version = VMBUS_VERSION(5, 3);
	m.sock.total = 32;
	m.host.high_pages = 0;
	is(report(), 1, "a guest whose rings are all below 4 GB");
	ok(strstr(text, "host: memory: 3072 MB, and 0 pages") != NULL, "although it has more");
	m.vm.ram = MEMORY_GAP;
	is(report(), 0, "which one without any above may have");
	m.virtio.fs.v.requests = 0;
	is(report(), 1, "a guest that uses no virtio device");
	m.virtio.fs.v.requests = 1;
	m.pci.entries = 1;
	is(report(), 1, "a bus that the guest did not start");
	m.pci.entries = 2;
	m.vm.pages = 0;
	is(report(), 1, "a guest whose hypercalls are KVM's alone");
	m.vm.pages = 1;
	m.pci_plugs = 2;
	is(report(), 1, "a function that was not given up");
	m.pci_plugs = 1;
	m.scsi.max_subchannels = 1;
	m.scsi.commands[0] = 9;
	is(report(), 1, "a subchannel that the guest sends nothing by");
	ok(strstr(text, "0 commands came by the subchannels of the first disk, 9 by its") != NULL,
	   "which the row says");
	m.scsi.commands[1] = 1;
	is(report(), 0, "with a command it is well");
	m.bus.channel[1] = (struct channel){ .state = CHANNEL_OFFERED, .transient = 1 };
	is(report(), 0, "a stream need not be open");
	m.bus.channel[1].primary = &m.bus.channel[2];
	is(report(), 1, "a subchannel has to be");
	m.bus.channel[1].state = CHANNEL_FREE;
	m.walls = NULL;
	is(report(), 1, "a machine without its sandbox");
	ok(strstr(text, "not ok 2 - host: sandbox: not entered") != NULL, "which the row says");
	m.walls = "seccomp and Landlock";
	m.vm.end = BROKEN;
	is(report(), 2, "an error of KVM that ends the guest");
	ok(strstr(text, "not ok 1 - host: kvm") != NULL, "is red too");
	free(text);
	return done();
}
