// SPDX-License-Identifier: GPL-2.0
/* The set of virtio devices of a machine, on PCI buses; its files are in argv[1]. */
#define _GNU_SOURCE
#include "virtio.h"
#include "../virtio.h"
#include <fcntl.h>
#include <linux/virtio_console.h>
#include <sys/stat.h>
#include <unistd.h>

static struct virtio v;
static struct vmbus bus;
static struct vpci_root root;

static int make(struct virtio_options o)
{
	struct virtio_host host = guest_host();

	vpci_init(&root, &bus, 1);
	return virtio_make(&v, &o, &root, host.mem, host.loop, 5);
}

static void errors(void)
{
	is(make((struct virtio_options){ .console = "none/x" }), -1, "no such directory");
	is(make((struct virtio_options){ .tag = "=." }), -1, "a folder without a tag");
	is(make((struct virtio_options){ .tag = "tag=" }), -1, "a tag without a folder");
	is(make((struct virtio_options){ .tag = "tag=none" }), -1, "a folder that is not there");
	is(make((struct virtio_options){ .pmem = "none" }), -1, "a file that is not there");
	is(make((struct virtio_options){ 0 }), 0, "nothing is no error");
	is(v.devices, 0, "and has no device");
}

static void on_buses(void)
{
	struct stat st;

	is(make((struct virtio_options){
		   .console = "hvc0", .tag = "share=.", .pmem = "pmem", .pmem_mb = 4 }),
	   0, "a console, a folder and memory");
	is(v.devices, 3, "are three devices");
	ok(v.bus[0].ch && v.bus[1].ch && v.bus[2].ch && !v.bus[3].ch, "on a bus each");
	ok(v.bus[0].function[0].f == &v.console.v.function &&
		   v.bus[1].function[0].f == &v.fs.v.function &&
		   v.bus[2].function[0].f == &v.pmem.v.function,
	   "in its first slot");
	is(v.bus[2].domain, 7, "with a domain of its own");
	ok(v.console.v.host.arg == &v.bus[0] && v.pmem.v.host.arg == &v.bus[2],
	   "and interrupts by that bus");
	ok(!stat("pmem", &st) && st.st_size == 4 << 20, "the file was made");
	is(v.pmem.size, 4 << 20, "the guest sees its size");
	ok(!strcmp(v.tag, "share"), "the tag is known");
	is(virtio_requests(&v), 0, "no request yet");
	ok(v.seen.first > v.seen.last, "and no buffer");
}

static void used(void)
{
	char text[16] = "";
	int fd;

	fn = &v.console.v.function;
	find_registers();
	start_driver(BIT(VIRTIO_CONSOLE_F_MULTIPORT), 8);
	data_next = 0x500000;
	send_buffer(1, "hello", 5);
	is(v.printed, 5, "hvc0: five bytes");
	ok(console_has(&v.out, "ell") && !console_has(&v.out, "ello!"), "which it has");
	is(v.seen.first, 0x500000, "the first byte of the buffer");
	is(v.seen.last, 0x500004, "and the last");
	send_buffer(7, "shell", 5);
	is(v.printed, 5, "hvc2 has no place");
	ok(v.seen.first == 0x500000 && v.seen.last > 0x500004, "its buffer counts");
	data_next = GUEST_DATA;
	send_buffer(1, "!", 1);
	is(v.seen.first, GUEST_DATA, "one below as well");
	is(virtio_requests(&v), 3, "three requests");
	is(virtio_invalid(&v), 0, "none is invalid");
	is(root.lost, 3, "an interrupt that the guest did not ask for is lost");
	send_buffer(3, "x", 1);
	is(virtio_invalid(&v), 1, "a control message that is too short is");
	is(console_end(&v.out, 10000), 0, "all is written");
	fd = open("hvc0", O_RDONLY | O_CLOEXEC);
	ok(read(fd, text, sizeof(text)) == 6 && !memcmp(text, "hello!", 6), "to the file");
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1]))
		return 2;
	errors();
	on_buses();
	used();
	return done();
}
