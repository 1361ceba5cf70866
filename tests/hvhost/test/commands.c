// SPDX-License-Identifier: GPL-2.0
/* Commands of the tests in the guest about disks, by the lines on COM2. */
#define _GNU_SOURCE
#include "fds.h"
#include "../machine.h"
#include "../stream.h"
#include "tap.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct machine m;

int vm_irq(struct vm *vm, u32 gsi, int level)
{
	(void)vm;
	(void)gsi;
	(void)level;
	return 0;
}

void vm_end(struct vm *vm, enum end end)
{
	(void)vm;
	(void)end;
}

/* The answer of the host, without its end. */
static const char *ask(const char *text)
{
	static char line[200];
	u32 n = 0;
	u8 byte;

	snprintf(line, sizeof(line), "%s", text);
	m.board.ask(m.board.arg, line);
	while ((byte = serial_read(&m.board.com[1], 0)) && byte != '\n')
		line[n++] = byte;
	line[n] = '\0';
	return line;
}

static void answers(const char *text, const char *wanted)
{
	const char *got = ask(text);

	if (!ok(!strcmp(got, wanted), "%s: %s", text, wanted))
		fprintf(stderr, "# got %s\n", got);
}

static void luns(void)
{
	int before = open_fds();
	struct stat st;

	answers("add-lun 5", "error no such LUN");
	m.wsl_disks = 1;
	ok(strstr(ask("about"), " wsl_disks=1 ") != NULL, "the guest can ask whether it has LUNs");
	answers("add-lun 5", "ok");
	ok(m.scsi.lun[5] == &m.luns[5] && !m.luns[5].read_only, "it is attached");
	ok(!fstat(m.luns[5].fd, &st) && st.st_size == 8 << 20, "to a file of 8 MB");
	ok(m.luns[5].msft && m.luns[5].write_through, "as a disk of Microsoft's, without a cache");
	answers("add-lun 5", "error the LUN is taken");
	answers("add-lun 6 read-only", "ok");
	ok(m.scsi.lun[6] && m.luns[6].read_only, "which is read-only");
	answers("add-lun 254", "error no such LUN");
	answers("add-lun -1", "error no such LUN");
	answers("remove-lun 7", "error the LUN is not there");
	answers("remove-lun 254", "error no such LUN");
	answers("remove-lun 5", "ok");
	ok(!m.scsi.lun[5] && m.scsi.lun[6], "that one has gone");
	answers("remove-lun 6", "ok");
	is(open_fds(), before, "their files are closed");
	storvsc_attach(&m.scsi, 0, &m.disk);
	answers("remove-lun 0", "error the LUN is not there");
	ok(m.scsi.lun[0] == &m.disk, "a disk that the host has started with stays");
}

static void blocks(const char *dir)
{
	char path[200], page[4096] = "x";
	unsigned long long bytes;

	answers("blocks", "ok 0 0 0");
	snprintf(path, sizeof(path), "%s/disk", dir);
	m.has_disk = 1;
	is(disk_open(&m.disk, path, 1 << 20), 0, "a disk");
	answers("blocks", "ok 0 0 0");
	is(pwrite(m.disk.fd, page, sizeof(page), 8192), sizeof(page), "with a page of data");
	m.disk.unmaps = 2;
	m.disk.write_sames = 3;
	ok(sscanf(ask("blocks"), "ok %llu 2 3", &bytes) == 1 && bytes >= sizeof(page),
	   "which takes room in the file");
}

/* No guest has opened the bus: what it is to give up goes at once. */
static void pci(void)
{
	answers("pci", "error no function");
	answers("pci-eject", "error no function");
	answers("pci-plug", "error no slot");
	vpci_init(&m.pci, &m.bus, 1);
	pci_test_init(&m.pci_test[0], vpci_raise, &m.pci_bus[0]);
	m.pci_tests = 1;
	ok(!vpci_plug(&m.pci_bus[0], 0, &m.pci_test[0].f) && !vpci_offer(&m.pci_bus[0], &m.pci, 9),
	   "a PCI bus with a function");
	ok(strstr(ask("about"), " pci=1 ") != NULL, "which the guest can ask about");
	m.pci_test[0].scratch = 0xabc;
	answers("pci", "ok abc 1");
	answers("pci-plug", "error no slot");
	answers("pci-eject", "ok");
	ok(!m.pci_bus[0].function[0].f && m.pci_bus[0].ch, "the function has gone, not the bus");
	answers("pci-eject", "error no function");
	answers("pci-plug", "ok");
	answers("pci-eject bus", "ok");
	ok(!m.pci_bus[0].ch && !m.pci.first, "the bus has gone");
	answers("pci-plug", "ok");
	ok(m.pci_bus[0].ch && m.pci_bus[0].domain == 9, "and is back with its domain");
	answers("pci", "ok 0 5");
	ok(m.pci_plugs == 2 && m.pci_ejects == 2, "both are counted");
}

static void no_send(void *world, u32 vp, const void *msg, u32 size)
{
	(void)world;
	(void)vp;
	(void)msg;
	(void)size;
}

static void no_end(struct channel *ch)
{
	(void)ch;
}

static void subchannels(void)
{
	static const struct vmbus_ops quiet = { .send = no_send };
	static const struct channel_ops ops = { .released = no_end };
	struct channel *ch, *sub;

	m.bus.ops = &quiet;
	m.bus.offered = 1;
	answers("channels", "ok 0");
	answers("subchannels", "ok 0 0 0 0 0");
	answers("rescind-subchannel 1", "error no subchannel");
	answers("card-channels", "ok 0 0 0 0 0 0 0 0 0");
	m.net.queue[1] = &m.bus.channel[9];
	m.net.to_guest[1] = 5;
	m.net.from_guest[3] = 6;
	answers("card-channels", "ok 1 0 0 5 0 0 0 0 6");
	answers("plug", "ok");
	answers("channels", "ok 1");
	ch = m.scsi_plugged.ch;
	ch->state = CHANNEL_OPEN;
	sub = vmbus_offer_subchannel(ch, 2, &ops);
	m.scsi_plugged.commands[0] = 5;
	m.scsi_plugged.commands[2] = 7;
	answers("subchannels plugged", "ok 1 5 0 7 0");
	answers("subchannels", "ok 0 0 0 0 0");
	answers("channels", "ok 2");
	answers("rescind-subchannel 1", "error no subchannel");
	answers("rescind-subchannel -1", "error no subchannel");
	answers("rescind-subchannel 2", "ok");
	ok(sub->rescinded && !ch->rescinded, "that one is rescinded, and the disk stays");
	answers("rescind-subchannel 2", "error no subchannel");
	answers("channels", "ok 1");
	m.bus.offered = 0;
}

static void put_file(const char *path, u64 good, u64 size)
{
	char *bytes = calloc(1, size);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	stream_make(bytes, 0, good);
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		exit(1);
	close(fd);
	free(bytes);
}

static void virtio(const char *dir)
{
	struct virtio_options o = { 0 };
	char console[200], folder[200], path[200];

	answers("hvc0 x", "error no console");
	answers("type x", "error no console, or no room for the text");
	answers("shared x", "error no such file");
	answers("drive", "error no drive");
	answers("pmem", "error no persistent memory");
	answers("buffers", "error no buffers");
	ok(strstr(ask("about"), " hvc=0 virtio_net=0 pmem=0 folder= ") != NULL,
	   "the guest can ask that there is nothing");
	snprintf(console, sizeof(console), "%s/hvc0", dir);
	snprintf(folder, sizeof(folder), "share=%s", dir);
	snprintf(path, sizeof(path), "%s/pmem", dir);
	put_file(path, 65544, 2 << 20);
	o = (struct virtio_options){ .console = console, .tag = folder, .pmem = path };
	is(virtio_make(&m.virtio, &o, &m.pci, &m.vm.mem, &m.loop, 20), 0, "virtio");
	ok(strstr(ask("about"), " hvc=1 virtio_net=0 pmem=2097152 folder=share ") != NULL,
	   "and what there is");
	answers("hvc0 x", "ok 0 0");
	m.virtio.console.output(m.virtio.console.arg, 0, "a text", 6);
	answers("hvc0 tex", "ok 6 1");
	answers("hvc0 text!", "ok 6 0");
	answers("type abc", "ok");
	is(m.virtio.console.port[0].head, 4, "input: the text and its end");
	m.virtio.pmem.flushes = 3;
	answers("pmem", "ok 3 65544");
	snprintf(path, sizeof(path), "%s/good", dir);
	put_file(path, 200000, 200000);
	answers("shared good", "ok 200000 200000");
	put_file(path, 8, 100);
	answers("shared good", "ok 100 8");
	answers("shared none", "error no such file");
	m.virtio.device[1]->requests = 7;
	m.virtio.seen = (struct extent){ 0x1000, 0x2fff };
	answers("buffers", "ok 0x1000 0x2fff 7");
	answers("drive", "ok 0 0 ");
	answers("drive limit 8192", "ok 0 0 ");
	answers("drive end", "ok 0 0 ");
	console_end(&m.virtio.out, 10000);
}

int main(int argc, char **argv)
{
	if (argc != 2 || loop_init(&m.loop))
		return 2;
	m.dir = argv[1];
	hv_sock_init(&m.sock, &m.bus, &m.loop);
	board_init(&m.board, &m.vm, 2);
	if (commands_init(&m))
		return 2;
	answers("nonsense", "error no such command");
	m.vm.ram = 5120ull << 20;
	m.bus.max_version = VMBUS_VERSION(4, 1);
	m.vm.host = (struct hv_host){ .low = 0xaa7f, .high = 0x30, .hints = 0xe24 };
	answers("machine", "ok ram=5120 vmbus=4.1 low=aa7f high=30 hints=e24");
	ok(strstr(ask("about"), " invariant=1 ") != NULL, "of these one is asked for by name");
	luns();
	blocks(argv[1]);
	pci();
	virtio(argv[1]);
	subchannels();
	return done();
}
