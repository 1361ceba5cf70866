// SPDX-License-Identifier: GPL-2.0
/*
 * Commands that the tests in the guest send to the host, a line each way on COM2:
 * "WORD [ARGUMENT...]", answered by "ok [TEXT]" or "error TEXT".
 */
#define _GNU_SOURCE
#include "drive.h"
#include "machine.h"
#include "peer.h"
#include "stream.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#define PLUGGED_BYTES (16 << 20)
#define LUN_BYTES     (8 << 20)

static void answer(struct machine *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void answer(struct machine *m, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	board_answer(&m->board, text);
}

static void about(struct machine *m, const char *arg)
{
	struct utsname uts;

	(void)arg;
	uname(&uts);
	answer(m,
	       "ok extended=%d disk=%d wsl_disks=%d net=%d gpu=%d pci=%u hvc=%d virtio_net=%d "
	       "pmem=%llu folder=%s build=%u invariant=%d %s",
	       m->vm.hv.extended, m->has_disk, m->wsl_disks, m->has_net, m->has_gpu, m->pci_tests,
	       m->virtio.has_console, m->virtio.has_net,
	       m->virtio.has_pmem ? (unsigned long long)m->virtio.pmem.size : 0, m->virtio.tag,
	       m->vm.host.build, !!(m->vm.host.low & HV_ACCESS_TSC_INVARIANT), uts.release);
}

static void machine(struct machine *m, const char *arg)
{
	(void)arg;
	answer(m, "ok ram=%llu vmbus=%u.%u low=%x high=%x hints=%x",
	       (unsigned long long)m->vm.ram >> 20, m->bus.max_version >> 16,
	       m->bus.max_version & 0xffff, m->vm.host.low, m->vm.host.high, m->vm.host.hints);
}

static void cpus(struct machine *m, const char *arg)
{
	(void)arg;
	answer(m, "ok %d", m->vm.cpus);
}

static void fault(struct machine *m, const char *arg)
{
	m->disk.faults = !strcmp(arg, "on");
	answer(m, "ok");
}

static void call(struct machine *m, const char *arg)
{
	int port = atoi(arg);
	const char *what = strchr(arg, ' ');
	char path[100];

	snprintf(path, sizeof(path), "%s/%d", m->dir, port);
	answer(m, what && !peer_call(path, atoi(what)) ? "ok" : "error no socket");
}

static void balloon_done(void *arg)
{
	struct machine *m = arg;

	answer(m, "ok %llu",
	       (unsigned long long)(m->balloon.hot_added ? m->balloon.hot_added :
							   m->balloon.pages));
	m->balloon.hot_added = 0;
}

static void balloon(struct machine *m, const char *arg)
{
	m->balloon.hot_added = 0;
	if (balloon_inflate(&m->balloon, atoi(arg) * 256))
		answer(m, "error no balloon driver, or busy");
}

static void unballoon(struct machine *m, const char *arg)
{
	(void)arg;
	if (balloon_deflate(&m->balloon))
		answer(m, "error no balloon driver, or busy");
}

static void hotadd(struct machine *m, const char *arg)
{
	if (balloon_hot_add(&m->balloon, strtoull(arg, NULL, 10) << 20))
		answer(m, "error no balloon driver, or busy");
}

static void reports(struct machine *m, const char *arg)
{
	(void)arg;
	answer(m, "ok %llu %llu", (unsigned long long)m->balloon.reports,
	       (unsigned long long)m->balloon.available);
}

/* Since "clear", which blocks: of that order, below it, above it; ranges that are none. */
static void blocks(struct machine *m, int order)
{
	const struct cold_hints *h = &m->vm.hv.hints;
	u64 of = 0, below = 0, above = 0;

	for (int i = 0; i < HV_ORDERS; i++)
		*(i < order ? &below : i > order ? &above : &of) += h->block[i];
	answer(m, "ok %llu %llu %llu %llu", (unsigned long long)of, (unsigned long long)below,
	       (unsigned long long)above, (unsigned long long)h->uneven);
}

static void hints(struct machine *m, const char *arg)
{
	struct cold_hints *h = &m->vm.hv.hints;

	if (*arg >= '0' && *arg <= '9') {
		blocks(m, atoi(arg));
		return;
	}
	if (!strcmp(arg, "clear")) {
		h->pages = h->uneven = 0;
		memset(h->block, 0, sizeof(h->block));
		if (h->seen)
			memset(h->seen, 0, h->limit / 8 + 1);
	}
	answer(m, "ok %llu", (unsigned long long)h->pages);
}

/*
 * "", "set" by a message that the guest must obey, or "jump SECONDS"; the answer is the
 * clock, the samples sent since it jumped, and a clock that never does, in ms.
 */
static void clock_now(struct machine *m, const char *arg)
{
	int set = !strcmp(arg, "set");

	if (*arg && !m->ic.timesync.ready) {
		answer(m, "error no time synchronization");
		return;
	}
	if (set)
		ic_set_clock(&m->ic);
	else if (*arg)
		ic_jump(&m->ic, atoi(arg + strlen("jump")));
	answer(m, "ok %lld %u %llu", ic_clock(&m->ic), m->ic.samples,
	       (unsigned long long)(now_ns() / 1000000));
}

static void heartbeats(struct machine *m, const char *arg)
{
	(void)arg;
	answer(m, "ok %llu", (unsigned long long)m->ic.heartbeat.answered);
}

static void plug(struct machine *m, const char *arg)
{
	/* storvsc_queuecommand() loses a flush during removal: no cache, no flush */
	m->plugged.write_through = strcmp(arg, "cached");
	if (m->scsi_plugged.ch ||
	    storvsc_offer(&m->scsi_plugged, &m->bus, &m->vm.mem, 100 + m->plugs)) {
		answer(m, "error no channel");
		return;
	}
	m->plugs++;
	answer(m, "ok");
}

/*
 * Answered when the guest has released the channel. The guest must not have a request
 * outstanding: it would wait for it forever after the rescind.
 */
static void unplug(struct machine *m, const char *arg)
{
	(void)arg;
	if (!m->scsi_plugged.ch || m->unplugging) {
		answer(m, "error no disk");
		return;
	}
	m->unplugging = 1;
	vmbus_rescind(m->scsi_plugged.ch);
}

static void unplugged(void *arg)
{
	struct machine *m = arg;

	if (!m->unplugging)
		return;
	m->unplugging = 0;
	m->unplugs++;
	answer(m, "ok");
}

/* The channels that the guest should have. */
static void channels(struct machine *m, const char *arg)
{
	(void)arg;
	answer(m, "ok %u", vmbus_channels(&m->bus));
}

/* "plugged" is the controller of that disk; otherwise it is the first one. */
static struct storvsc *controller(struct machine *m, const char *arg)
{
	return strcmp(arg, "plugged") ? &m->scsi : &m->scsi_plugged;
}

/* How many subchannels a controller has, and the commands that came by each of its channels. */
static void subchannels(struct machine *m, const char *arg)
{
	struct storvsc *scsi = controller(m, arg);
	char text[100];
	int n = 0, have = 0;

	for (int i = 0; i <= VMBUS_SUBCHANNELS; i++) {
		have += scsi->ch && i && vmbus_subchannel(scsi->ch, i);
		n += snprintf(text + n, sizeof(text) - n, " %llu",
			      (unsigned long long)scsi->commands[i]);
	}
	answer(m, "ok %d%s", have, text);
}

/* How many channels the network card has open; the frames to the guest, and from it, by each. */
static void card_channels(struct machine *m, const char *arg)
{
	char text[160];
	int n = 0, open = 0;

	(void)arg;
	for (int i = 0; i <= VMBUS_SUBCHANNELS; i++) {
		open += !!m->net.queue[i];
		n += snprintf(text + n, sizeof(text) - n, " %llu %llu",
			      (unsigned long long)m->net.to_guest[i],
			      (unsigned long long)m->net.from_guest[i]);
	}
	answer(m, "ok %d%s", open, text);
}

/* Subchannel NUMBER of the disk that was plugged goes, and the disk stays. */
static void rescind_subchannel(struct machine *m, const char *arg)
{
	struct channel *ch = m->scsi_plugged.ch;
	struct channel *sub = ch && atoi(arg) > 0 ? vmbus_subchannel(ch, atoi(arg)) : NULL;

	if (!sub) {
		answer(m, "error no subchannel");
		return;
	}
	vmbus_rescind(sub);
	answer(m, "ok");
}

/* The disk that is to be LUN N of the controller of --wsl-disks, or NULL after an answer. */
static struct disk *disk_of_lun(struct machine *m, const char *n)
{
	unsigned int number = atoi(n);

	if (m->wsl_disks && number < STORVSC_LUNS)
		return &m->luns[number];
	answer(m, "error no such LUN");
	return NULL;
}

/* NUMBER, and "read-only" if it is. No write cache: a flush during removal is an error. */
static void add_lun(struct machine *m, const char *arg)
{
	struct disk *disk = disk_of_lun(m, arg);
	char path[100];

	if (!disk)
		return;
	if (m->scsi.lun[disk - m->luns]) {
		answer(m, "error the LUN is taken");
		return;
	}
	snprintf(path, sizeof(path), "%s/lun-%d", m->dir, (int)(disk - m->luns));
	if (disk_open(disk, path, LUN_BYTES)) {
		answer(m, "error no file");
		return;
	}
	disk->msft = disk->write_through = 1;
	disk->read_only = !!strstr(arg, " read-only");
	storvsc_attach(&m->scsi, disk - m->luns, disk);
	answer(m, "ok");
}

static void remove_lun(struct machine *m, const char *arg)
{
	struct disk *disk = disk_of_lun(m, arg);

	if (!disk)
		return;
	if (m->scsi.lun[disk - m->luns] != disk) {
		answer(m, "error the LUN is not there");
		return;
	}
	storvsc_detach(&m->scsi, disk - m->luns);
	close(disk->fd);
	answer(m, "ok");
}

/* Of the first disk: the bytes that its file takes, UNMAP commands, WRITE SAME commands. */
static void blocks_of_disk(struct machine *m, const char *arg)
{
	(void)arg;
	answer(m, "ok %llu %llu %llu",
	       (unsigned long long)(m->has_disk ? disk_allocated(&m->disk) : 0),
	       (unsigned long long)m->disk.unmaps, (unsigned long long)m->disk.write_sames);
}

/* Of the first PCI bus: what its function's register holds, how often it was reset. */
static void pci(struct machine *m, const char *arg)
{
	(void)arg;
	if (m->pci_bus[0].function[0].f)
		answer(m, "ok %x %llu", m->pci_test[0].scratch,
		       (unsigned long long)m->pci_test[0].resets);
	else
		answer(m, "error no function");
}

/*
 * The guest is asked to give up the function; answered when it has, with "bus" when it has
 * released the bus as well, which hosts take away then.
 */
static void pci_eject(struct machine *m, const char *arg)
{
	if (m->pci_ejecting || !m->pci_bus[0].ch || !m->pci_bus[0].function[0].f) {
		answer(m, "error no function");
		return;
	}
	m->pci_ejecting = strcmp(arg, "bus") ? 1 : 2;
	vpci_eject(&m->pci_bus[0], 0);
}

static void pci_gone(void *arg)
{
	struct machine *m = arg;

	if (!m->pci_ejecting)
		return;
	m->pci_ejecting = 0;
	m->pci_ejects++;
	answer(m, "ok");
}

static void pci_ejected(void *arg, unsigned int slot)
{
	struct machine *m = arg;

	(void)slot;
	if (m->pci_ejecting == 2)
		vpci_withdraw(&m->pci_bus[0]);
	else
		pci_gone(m);
}

/* Plug the function again, and offer its bus if that has gone. */
static void pci_plug(struct machine *m, const char *arg)
{
	struct vpci *bus = &m->pci_bus[0];

	(void)arg;
	if (!m->pci_tests || m->pci_ejecting || vpci_plug(bus, 0, &m->pci_test[0].f) ||
	    (!bus->ch && vpci_offer(bus, &m->pci, bus->domain))) {
		answer(m, "error no slot");
		return;
	}
	m->pci_plugs++;
	answer(m, "ok");
}

/* Is the text in what came on hvc0? Before the answer: how many bytes came. */
static void hvc0(struct machine *m, const char *arg)
{
	if (m->virtio.has_console)
		answer(m, "ok %llu %d", (unsigned long long)m->virtio.printed,
		       console_has(&m->virtio.out, arg));
	else
		answer(m, "error no console");
}

/* The text and a line feed are input of hvc0. */
static void type(struct machine *m, const char *arg)
{
	char text[200];
	int len = snprintf(text, sizeof(text), "%s\n", arg);

	if (m->virtio.has_console && len < (int)sizeof(text) &&
	    virtio_console_input(&m->virtio.console, 0, text, len) == (u32)len)
		answer(m, "ok");
	else
		answer(m, "error no console, or no room for the text");
}

/* The size of FD, and how many of its bytes are those of stream.h. */
static void compare(int fd, u64 *size, u64 *good)
{
	static char buf[65536];
	ssize_t n;
	size_t same;

	*size = *good = 0;
	while ((n = pread(fd, buf, sizeof(buf), *size)) > 0) {
		same = stream_check(buf, *size, n);
		if (*good == *size)
			*good += same;
		*size += n;
	}
}

/* A file of the shared folder: its size, and how much of it is as the guest should have made it. */
static void shared(struct machine *m, const char *arg)
{
	int fd = *m->virtio.tag ? openat(m->virtio.folder, arg, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) :
				  -1;
	u64 size, good;

	if (fd < 0) {
		answer(m, "error no such file");
		return;
	}
	compare(fd, &size, &good);
	close(fd);
	answer(m, "ok %llu %llu", (unsigned long long)size, (unsigned long long)good);
}

/*
 * The mounts of the drive: how many there are, and of the last the bytes of a message and the name
 * of its share. "limit BYTES" is of a message of the next ones; "end" ends their streams.
 */
static void drive(struct machine *m, const char *arg)
{
	struct drive_state state;

	if (!*m->virtio.tag) {
		answer(m, "error no drive");
		return;
	}
	if (!strncmp(arg, "limit ", 6))
		drive_limit(atoi(arg + 6));
	else if (!strcmp(arg, "end"))
		drive_end();
	drive_state(&state);
	answer(m, "ok %u %u %s", state.mounts, state.msize, state.aname);
}

/* Of the persistent memory: flushes, and how much of its file is as the guest should have made it. */
static void pmem(struct machine *m, const char *arg)
{
	u64 size, good;

	(void)arg;
	if (!m->virtio.has_pmem) {
		answer(m, "error no persistent memory");
		return;
	}
	compare(m->virtio.pmem.fd, &size, &good);
	answer(m, "ok %llu %llu", (unsigned long long)m->virtio.pmem.flushes,
	       (unsigned long long)good);
}

/* The first and the last address of the buffers of virtio, and how many there were. */
static void buffers(struct machine *m, const char *arg)
{
	(void)arg;
	if (virtio_requests(&m->virtio))
		answer(m, "ok 0x%llx 0x%llx %llu", (unsigned long long)m->virtio.seen.first,
		       (unsigned long long)m->virtio.seen.last,
		       (unsigned long long)virtio_requests(&m->virtio));
	else
		answer(m, "error no buffers");
}

static void hostile_done(void *arg, const char *what)
{
	struct machine *m = arg;
	struct hostile *h = &m->hostile;

	if (what)
		answer(m, "error %s (seed %llu)", what, (unsigned long long)h->seed);
	else
		answer(m,
		       "ok seed %llu: %u messages, %u answers, %u packets and indices, %u mutations "
		       "so far",
		       (unsigned long long)h->seed, h->messages, h->answers, h->packets,
		       h->mutants.done);
}

/* "said", or WHAT COUNT, with "trusting" for a guest that does not validate its input */
static void hostile(struct machine *m, const char *arg)
{
	static const struct {
		const char *what;
		int (*begin)(struct hostile *h, int n);
	} kinds[] = {
		{ "messages", hostile_messages }, { "answers", hostile_answers },
		{ "packets", hostile_packets },	  { "pci", hostile_pci },
		{ "virtio", hostile_virtio },	  { "mutants", hostile_mutants },
	};
	const char *n = strchr(arg, ' ');

	if (!strcmp(arg, "said")) {
		hostile_hang_up(&m->hostile);
		hostile_done(m, NULL);
		return;
	}
	m->hostile.trusting = !!strstr(arg, " trusting");
	note("hostile: %s, seed %llu", arg, (unsigned long long)m->hostile.seed);
	for (size_t i = 0; n && i < ARRAY_SIZE(kinds); i++) {
		if (strncmp(arg, kinds[i].what, strlen(kinds[i].what)))
			continue;
		if (kinds[i].begin(&m->hostile, atoi(n)))
			answer(m, "error busy");
		return;
	}
	answer(m, "error no such kind");
}

static void left_out(struct machine *m, const char *arg)
{
	const char *name = hostile_left_out(atoi(arg));

	answer(m, "ok %s", name ? name : "");
}

static void shut_down(struct machine *m, const char *arg)
{
	(void)arg;
	m->shutdown_asked = !ic_shutdown(&m->ic);
	answer(m, m->shutdown_asked ? "ok" : "error no shutdown component");
}

static void pair_came(void *arg, u32 status, const char *key, const char *value)
{
	answer(arg, "ok %x %s=%s", status, key, value);
}

/* without a number: is the guest's daemon registered? */
static void pair(struct machine *m, const char *arg)
{
	if (!*arg)
		answer(m, "ok %d", m->ic.kvp.ready);
	else if (ic_kvp_enumerate(&m->ic, strtoul(arg, NULL, 10)))
		answer(m, "error no daemon in the guest");
}

static const struct {
	const char *word;
	void (*run)(struct machine *m, const char *arg);
} commands[] = {
	{ "about", about },
	{ "machine", machine },
	{ "cpus", cpus },
	{ "fault", fault },
	{ "call", call },
	{ "balloon", balloon },
	{ "unballoon", unballoon },
	{ "hotadd", hotadd },
	{ "reports", reports },
	{ "hints", hints },
	{ "clock", clock_now },
	{ "heartbeats", heartbeats },
	{ "plug", plug },
	{ "unplug", unplug },
	{ "channels", channels },
	{ "subchannels", subchannels },
	{ "card-channels", card_channels },
	{ "rescind-subchannel", rescind_subchannel },
	{ "add-lun", add_lun },
	{ "remove-lun", remove_lun },
	{ "blocks", blocks_of_disk },
	{ "hostile", hostile },
	{ "left-out", left_out },
	{ "shutdown", shut_down },
	{ "pair", pair },
	{ "pci", pci },
	{ "pci-eject", pci_eject },
	{ "pci-plug", pci_plug },
	{ "hvc0", hvc0 },
	{ "type", type },
	{ "shared", shared },
	{ "drive", drive },
	{ "pmem", pmem },
	{ "buffers", buffers },
};

static void asked(void *arg, char *line)
{
	char *rest = line, *word = strsep(&rest, " ");

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(word, commands[i].word)) {
			commands[i].run(arg, rest ? rest : "");
			return;
		}
	}
	answer(arg, "error no such command");
}

static void console_line(void *arg, const char *line)
{
	struct machine *m = arg;

	if (!m->init_ns && strstr(line, "TAP version 13"))
		m->init_ns = now_ns() - m->vm.started;
	if (strstr(line, "orderly power-off"))
		m->orderly = 1;
}

static void connects(void *arg, const struct vmbus_channel_tl_connect_request *request)
{
	struct machine *m = arg;

	if (!hostile_connect(&m->hostile, request))
		hv_sock_connect(&m->sock, request);
}

/* the sockets of the tests: of the services, and that which the guest's port is behind */
static const int ports[COMMANDS_SOCKETS] = { PORT_ECHO, PORT_SINK, PORT_SOURCE, PORT_DRVFS,
					     PORT_GUEST };
static char paths[COMMANDS_SOCKETS][100];

void commands_sockets(const char *dir, const char **path)
{
	for (int i = 0; i < COMMANDS_SOCKETS; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%s/%d", dir, ports[i]);
		path[i] = paths[i];
	}
}

int commands_init(struct machine *m)
{
	const char *socket[COMMANDS_SOCKETS];
	char path[100];

	m->board.console_line = console_line;
	m->board.ask = asked;
	m->board.arg = m;
	m->balloon.done = balloon_done;
	m->balloon.arg = m;
	m->ic.pair = pair_came;
	m->ic.arg = m;
	commands_sockets(m->dir, socket);
	if (*m->virtio.tag && drive_init(m->virtio.folder))
		return -1;
	for (int i = 0; ports[i] != PORT_GUEST; i++) {
		if (ports[i] == PORT_DRVFS && !*m->virtio.tag)
			continue;
		if (peer_serve_unix(m->dir, ports[i]) ||
		    hv_sock_service(&m->sock, ports[i], socket[i]))
			return -1;
		if (ports[i] == PORT_DRVFS)
			continue;
		if ((m->has_net && peer_serve_tcp(NET_HOST, ports[i])) ||
		    (m->virtio.has_net && peer_serve_tcp(VIRTIO_NET_HOST, ports[i])))
			return -1;
	}
	if (hv_sock_listen(&m->sock, PORT_GUEST, socket[COMMANDS_SOCKETS - 1]))
		return -1;
	snprintf(path, sizeof(path), "%s/plugged", m->dir);
	if (disk_open(&m->plugged, path, PLUGGED_BYTES) ||
	    storvsc_attach(&m->scsi_plugged, 0, &m->plugged))
		return -1;
	m->pci_bus[0].ejected = pci_ejected;
	m->pci_bus[0].gone = pci_gone;
	m->pci_bus[0].arg = m;
	m->scsi_plugged.gone = unplugged;
	m->scsi_plugged.arg = m;
	snprintf(path, sizeof(path), "%s/hostile", m->dir);
	if (disk_open(&m->hostile.victim_disk, path, PLUGGED_BYTES))
		return -1;
	hostile_init(&m->hostile, &m->bus, &m->vm.mem, &m->loop, m->seed);
	if (hostile_mutants_init(&m->hostile, &m->ic))
		return -1;
	m->hostile.pci_root = m->pci_tests ? &m->pci : NULL;
	m->hostile.done = hostile_done;
	m->hostile.arg = m;
	m->host.tl_connect = connects;
	m->host.tl_arg = m;
	return 0;
}
