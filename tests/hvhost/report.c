// SPDX-License-Identifier: GPL-2.0
/* The rows that only the host can check, in TAP, after the guest has ended. */
#include "drive.h"
#include "machine.h"
#include <stdarg.h>

struct report {
	FILE *out;
	int rows, bad;
};

static void row(struct report *r, int ok, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void row(struct report *r, int ok, const char *fmt, ...)
{
	va_list ap;

	fprintf(r->out, "%sok %d - host: ", ok ? "" : "not ", ++r->rows);
	va_start(ap, fmt);
	vfprintf(r->out, fmt, ap);
	va_end(ap);
	fputc('\n', r->out);
	r->bad += !ok;
}

/* The GPU driver opens its channel with the first virtual GPU, and there is none. */
static int unopened(struct machine *m)
{
	int n = 0;

	for (int i = 1; i < VMBUS_RELIDS; i++) {
		struct channel *ch = &m->bus.channel[i];

		n += ch->state != CHANNEL_FREE && (!ch->transient || ch->primary) &&
			ch->opens == 0 && ch != m->dxg.ch;
	}
	return n;
}

static u64 by_subchannels(const struct storvsc *scsi)
{
	u64 n = 0;

	for (int i = 1; i <= VMBUS_SUBCHANNELS; i++)
		n += scsi->commands[i];
	return n;
}

/* M->vm has ended. Writes the rows and their plan; returns how many rows are not ok. */
int report_write(struct machine *m, FILE *out)
{
	struct report r = { .out = out };
	u64 invalid = m->ic.heartbeat.bad + m->ic.timesync.bad + m->ic.shutdown.bad + m->ic.kvp.bad;
	struct drive_state drive;

	row(&r, m->vm.end != BROKEN, "kvm: %llu exits, entered again after %llu errors",
	    (unsigned long long)m->vm.exits, (unsigned long long)m->vm.reentries);
	row(&r, m->walls != NULL, "sandbox: %s", m->walls ? m->walls : "not entered");
	row(&r, m->init_ns > 0, "boot: /init %.2f s after the start of vCPU 0", m->init_ns / 1e9);
	/* the guest has the row that compares it with what its driver knows */
	row(&r, m->bus.first_version > 0,
	    "vmbus: version %u.%u was negotiated, %u.%u is the highest", m->bus.first_version >> 16,
	    m->bus.first_version & 0xffff, m->bus.max_version >> 16, m->bus.max_version & 0xffff);
	row(&r, unopened(m) == 0, "vmbus: every offer was opened by a driver (%d were not)",
	    unopened(m));
	row(&r, m->bus.bad == 0, "vmbus: no invalid message or packet (%llu)",
	    (unsigned long long)m->bus.bad);
	if (m->vm.ram > MEMORY_GAP)
		row(&r, m->host.high_pages > 0,
		    "memory: %llu MB, and %llu pages of rings and buffers above 4 GB",
		    (unsigned long long)m->vm.ram >> 20, (unsigned long long)m->host.high_pages);
	if (m->has_disk)
		row(&r, m->disk.flushes > 0 && m->disk.errors + m->scsi.errors == 0,
		    "storvsc: %llu flushes reached the file, %llu invalid requests",
		    (unsigned long long)m->disk.flushes,
		    (unsigned long long)(m->disk.errors + m->scsi.errors));
	/* 4.19 can give both channels one processor, and then uses the subchannel alone */
	if (m->has_disk && m->scsi.max_subchannels)
		row(&r, by_subchannels(&m->scsi) > 0,
		    "storvsc: %llu commands came by the subchannels of the first disk, %llu by its "
		    "own channel",
		    (unsigned long long)by_subchannels(&m->scsi),
		    (unsigned long long)m->scsi.commands[0]);
	if (m->has_read_only)
		row(&r,
		    m->read_only.reads > 0 && m->read_only.errors + m->scsi_read_only.errors == 0,
		    "storvsc: %llu reads of the read-only disk, %llu writes and invalid requests",
		    (unsigned long long)m->read_only.reads,
		    (unsigned long long)(m->read_only.errors + m->scsi_read_only.errors));
	if (m->bus.max_version >= VMBUS_VERSION_STREAMS)
		row(&r, m->sock.live == 0 && m->sock.bad == 0 && m->sock.total >= 32,
		    "hv_sock: all %llu streams were released (%llu are left)",
		    (unsigned long long)m->sock.total, (unsigned long long)m->sock.live);
	drive_state(&drive);
	if (m->bus.max_version >= VMBUS_VERSION_STREAMS && *m->virtio.tag)
		row(&r, drive.requests > 0 && drive.bad == 0 && drive.mounts == 0,
		    "9p: %llu requests, %llu invalid, %u mounts are left",
		    (unsigned long long)drive.requests, (unsigned long long)drive.bad,
		    drive.mounts);
	if (m->has_net)
		row(&r, m->net.bad == 0 && m->net.tap.dropped == 0,
		    "netvsc: %llu frames to the guest, %llu from it, %llu dropped, %llu invalid "
		    "messages",
		    (unsigned long long)m->net.tap.to_guest,
		    (unsigned long long)m->net.tap.from_guest,
		    (unsigned long long)m->net.tap.dropped, (unsigned long long)m->net.bad);
	row(&r, m->balloon.reports > 0 && m->balloon.bad == 0,
	    "balloon: %llu pressure reports, %llu invalid messages",
	    (unsigned long long)m->balloon.reports, (unsigned long long)m->balloon.bad);
	if (m->vm.hv.extended)
		row(&r, m->vm.hv.hints.invalid == 0,
		    "balloon: %llu cold ranges in %llu hints, %llu invalid",
		    (unsigned long long)m->vm.hv.hints.ranges,
		    (unsigned long long)m->vm.hv.hints.calls,
		    (unsigned long long)m->vm.hv.hints.invalid);
	row(&r, m->ic.heartbeat.answered > 0, "utils: %llu of %llu heartbeats were answered",
	    (unsigned long long)m->ic.heartbeat.answered, (unsigned long long)m->ic.sequence);
	row(&r, invalid == 0, "utils: no invalid answer (%llu)", (unsigned long long)invalid);
	row(&r, m->plugs > 0 && m->plugs == m->unplugs, "hot plug: %u of %u disks were released",
	    m->unplugs, m->plugs);
	if (m->pci_tests) {
		row(&r, m->vm.pages > 0, "pci: the page of hypercalls was extended (%llu times)",
		    (unsigned long long)m->vm.pages);
		row(&r,
		    m->pci.entries >= m->pci_tests + m->virtio.devices &&
			    m->pci.bad + m->pci.refused + m->pci.lost == 0,
		    "pci: D0 %llu times, protocol %u.%u, %llu interrupts, %llu retargeted; %llu "
		    "invalid, %llu refused messages, %llu lost interrupts",
		    (unsigned long long)m->pci.entries, m->pci.first_version >> 16,
		    m->pci.first_version & 0xffff, (unsigned long long)m->pci.raised,
		    (unsigned long long)m->pci.retargeted, (unsigned long long)m->pci.bad,
		    (unsigned long long)m->pci.refused, (unsigned long long)m->pci.lost);
		row(&r, m->pci_ejects > 0 && m->pci_ejects == m->pci_plugs,
		    "pci: %u functions were ejected, %u plugged again", m->pci_ejects,
		    m->pci_plugs);
	}
	if (m->virtio.devices)
		row(&r, virtio_requests(&m->virtio) > 0 && virtio_invalid(&m->virtio) == 0,
		    "virtio: %llu requests, %llu invalid",
		    (unsigned long long)virtio_requests(&m->virtio),
		    (unsigned long long)virtio_invalid(&m->virtio));
	row(&r,
	    m->hostile.messages + m->hostile.answers + m->hostile.packets +
			    m->hostile.mutants.done >=
		    (m->hostile.replays ? 1 : 200),
	    "hostile host: %u messages, %u answers, %u packets and indices, %u mutations, seed %llu",
	    m->hostile.messages, m->hostile.answers, m->hostile.packets, m->hostile.mutants.done,
	    (unsigned long long)m->hostile.seed);
	row(&r,
	    m->shutdown_asked && m->ic.shutdown.answered && m->orderly && m->vm.end == POWERED_OFF,
	    "utils: the shutdown request ended in an orderly power-off");
	fprintf(out, "1..%d\n", r.rows);
	return r.bad;
}
