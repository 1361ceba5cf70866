// SPDX-License-Identifier: GPL-2.0
/* A file as persistent memory, against a minimal driver. The file is in argv[1]. */
#define _GNU_SOURCE
#include "virtio.h"
#include "fds.h"
#include "../virtio_pmem.h"

#define SIZE ((5 << 20) + 100) /* no whole pages: 6 MB of region, 8 MB of BAR */
#define BAR  4

static struct virtio_pmem pmem;

static void make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0 || ftruncate(fd, SIZE) || pwrite(fd, "begin", 5, 0) != 5 ||
	    pwrite(fd, "end", 3, SIZE - 3) != 3)
		exit(1);
	close(fd);
}

static u8 byte_of_file(const char *path, off_t at)
{
	u8 byte = 0xaa;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, &byte, 1, at) != 1)
		exit(1);
	close(fd);
	return byte;
}

/* A request of LEN bytes with room for ROOM: the result, or -1 if none was written. */
static long long request(u32 type, u32 len, u32 room)
{
	u8 *in = add_buffer(0, &type, len, room);
	long long n;

	kick(0);
	n = returned(0);
	if (n == 4)
		return get32(in);
	return n < 0 ? -2 : -1;
}

static void region(void)
{
	struct virtio_host host = guest_host();
	const u8 *cap;
	int before;

	is(virtio_pmem_init(&pmem, &host, "none", 0), -1, "virtio-pmem: a file that is not there");
	is(virtio_pmem_init(&pmem, &host, "/dev/null", 0), -1, "one that is none");
	make_file("image");
	before = open_fds();
	is(virtio_pmem_init(&pmem, &host, "image", 0), 0, "init");
	fn = &pmem.v.function;
	is(find_registers(), 5, "five capabilities");
	is(fn->device, 0x105b, "device 0x105b");
	cap = fn->capabilities + shared_cap;
	is(get32(cap + VIRTIO_PCI_CAP_LENGTH), 6 << 20, "the region is aligned to 2 MB");
	is(cap[VIRTIO_PCI_CAP_BAR], BAR, "in a BAR of its own");
	is(fn->bar_size[BAR], 8 << 20, "of a power of 2");
	is(reg_read(BAR, 0, 4), get32("begi"), "it has the file");
	is(reg_read(BAR, SIZE - 1, 1), 'd', "to its end");
	is(reg_read(BAR, SIZE, 8), 0, "then zeros");
	is(reg_read(BAR, (8 << 20) - 8, 8), 0, "to the end of the BAR");
	ok(fn->bar_memory[BAR] && get32(fn->bar_memory[BAR]) == get32("begi"), "vpci can map it");
	reg_write(BAR, 5, 2, 0x5858);
	is(byte_of_file("image", 6), 'X', "what is written is in the file");
	virtio_pmem_end(&pmem);
	is(open_fds(), before, "the end gives all descriptors back");
	is(virtio_pmem_init(&pmem, &host, "image", 1), 0, "init for reading");
	fn = &pmem.v.function;
	reg_write(BAR, 5, 2, 0x5959);
	is(reg_read(BAR, 5, 2), 0x5959, "what is written can be read");
	is(byte_of_file("image", 6), 'X', "but is not in the file");
	virtio_pmem_end(&pmem);
}

static void flushes(void)
{
	struct virtio_host host = guest_host();

	virtio_pmem_init(&pmem, &host, "image", 0);
	fn = &pmem.v.function;
	find_registers();
	is(negotiate(PLATFORM), ACKNOWLEDGED, "flush: a driver without regions is refused");
	is(start_driver(BIT(0), 1), RUNNING_BITS, "one with them is not");
	is(request(0, 4, 4), 0, "a flush succeeds");
	is(pmem.flushes, 1, "and is one");
	is(interrupts[0], 1, "with an interrupt");
	is(request(1, 4, 4), 1, "another request fails");
	is(request(0, 3, 4), 1, "so does one that is too short");
	is(request(0, 4, 3), -1, "one without room gets no result");
	is(request(0, 4, 0), -1, "nor one without any");
	is(request(0, 0, 4), 1, "and one without a type fails");
	is(pmem.flushes, 1, "none of them flushed");
	is(pmem.bad, 5, "all of them are counted");
	for (int i = 0; i < 16; i++)
		set_desc(0, i, GUEST_DATA, 4, VRING_DESC_F_NEXT, (i + 1) % 16);
	offer_chain(0, 0);
	kick(0);
	is(broken(), 1, "a loop needs a reset");
	is(request(0, 4, 4), -2, "after which there are no flushes");
	is(start_driver(BIT(0), 1), RUNNING_BITS, "a reset mends it");
	close(pmem.fd);
	is(request(0, 4, 4), 1, "a flush that fails says so");
}

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1]))
		return 1;
	region();
	flushes();
	virtio_pci_end(&pmem.v);
	return done();
}
