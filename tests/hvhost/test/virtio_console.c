// SPDX-License-Identifier: GPL-2.0
/* The console with its three ports, against a minimal driver. */
#define _GNU_SOURCE
#include "virtio.h"
#include "../virtio_console.h"
#include <linux/virtio_console.h>

#define IN0	    0 /* queues */
#define OUT0	    1
#define CONTROL_IN  2
#define CONTROL_OUT 3
#define IN2	    6
#define OUT2	    7
#define QUEUES	    8

static struct virtio_console c;
static char printed[VIRTIO_CONSOLE_PORTS][64];
static u64 printed_bytes;
static int rooms[VIRTIO_CONSOLE_PORTS], refill;

static void output(void *arg, unsigned int port, const void *bytes, u32 len)
{
	size_t have = strlen(printed[port]), n = sizeof(printed[port]) - 1 - have;

	(void)arg;
	printed_bytes += len;
	memcpy(printed[port] + have, bytes, len < n ? len : n);
}

static void room(void *arg, unsigned int port)
{
	(void)arg;
	rooms[port]++;
	if (refill)
		virtio_console_input(&c, port, "more", 4);
}

static void tell(u32 id, u16 event, u16 value)
{
	struct virtio_console_control msg = { id, event, value };

	send_buffer(CONTROL_OUT, &msg, sizeof(msg));
}

/* The messages that came since the last look, as letters of "arcRoN" by their numbers. */
static const char *told(u8 **buffers, int n)
{
	static char text[64];
	char *to = text;

	*to = 0;
	for (int i = 0; i < n && returned(CONTROL_IN) == 8; i++)
		to += sprintf(to, "%s%u%c%u", i ? " " : "", get32(buffers[i]),
			      "?ar?cRoN"[get16(buffers[i] + 4) & 7], get16(buffers[i] + 6));
	return text;
}

static void same(const char *got, const char *wanted, const char *name)
{
	if (!ok(!strcmp(got, wanted), "%s", name))
		fprintf(stderr, "# got '%s', wanted '%s'\n", got, wanted);
}

static void give(u8 **buffers, int n)
{
	for (int i = 0; i < n; i++)
		buffers[i] = add_buffer(CONTROL_IN, NULL, 0, 32);
	kick(CONTROL_IN);
}

static void start(void)
{
	memset(printed, 0, sizeof(printed));
	memset(rooms, 0, sizeof(rooms));
	start_driver(BIT(VIRTIO_CONSOLE_F_MULTIPORT), QUEUES);
}

static void ports(void)
{
	struct virtio_host host = guest_host();
	u8 *buffers[16];

	is(virtio_console_init(&c, &host, output, room, NULL), 0, "virtio-console: init");
	fn = &c.v.function;
	is(find_registers(), 4, "four capabilities");
	is(fn->device, 0x1043, "device 0x1043");
	is(reg_read(0, config_at + 4, 4), 3, "three ports");
	start();
	is(status(), RUNNING_BITS, "the driver is ready");
	tell(VIRTIO_CONSOLE_BAD_ID, VIRTIO_CONSOLE_DEVICE_READY, 1);
	is(returned(CONTROL_OUT), 0, "it says so");
	is(returned(CONTROL_IN), -1, "without buffers nothing comes");
	give(buffers, 2);
	same(told(buffers, 2), "0a0 1a0", "two buffers: two ports");
	give(buffers, 2);
	same(told(buffers, 2), "2a0", "one more: the third");
	is(interrupts[CONTROL_IN], 2, "with an interrupt each time");
	tell(0, VIRTIO_CONSOLE_PORT_READY, 1);
	tell(2, VIRTIO_CONSOLE_PORT_READY, 0);
	buffers[0] = buffers[1];
	give(buffers + 1, 7);
	same(told(buffers, 8), "0c1 0o1", "a port that is ready is a console, and open");
	is(c.bad, 0, "one that the guest could not make is not");
}

static void text(void)
{
	start();
	send_buffer(OUT0, "hello", 5);
	send_buffer(OUT2, "shell", 5);
	same(printed[0], "hello", "what the first port prints arrives");
	same(printed[2], "shell", "and what the third does");
	is(returned(OUT0), 0, "the buffer comes back");
	send_buffer(5, "x", 1);
	same(printed[1], "x", "the second one has the queue 5");
}

static void input(void)
{
	u8 *in, *rest;

	start();
	is(virtio_console_input(&c, 0, "abc", 3), 3, "input: three bytes are taken");
	in = add_buffer(IN0, NULL, 0, 2);
	kick(IN0);
	is(returned(IN0), -1, "a port that the guest has not opened gets none");
	tell(0, VIRTIO_CONSOLE_PORT_OPEN, 1);
	is(returned(IN0), 2, "when it is open they come");
	ok(!memcmp(in, "ab", 2), "as many as there is room for");
	is(rooms[0], 1, "and the caller hears that there is room");
	rest = add_buffer(IN0, NULL, 0, 16);
	kick(IN0);
	is(returned(IN0), 1, "the rest comes with the next buffer");
	is(rest[0], 'c', "it is right");
	in = add_buffer(IN0, NULL, 0, 16);
	kick(IN0);
	is(virtio_console_input(&c, 0, "now", 3), 3, "a buffer that waits");
	is(returned(IN0), 3, "gets input at once");
	is(interrupts[IN0], 3, "three interrupts");
	tell(0, VIRTIO_CONSOLE_PORT_OPEN, 0);
	add_buffer(IN0, NULL, 0, 16);
	kick(IN0);
	virtio_console_input(&c, 0, "z", 1);
	is(returned(IN0), -1, "a closed port gets none");
}

/* More input than fits, with a guest that gives no buffers. */
static void stall(void)
{
	static u8 bytes[2 * VIRTIO_CONSOLE_INPUT];
	u8 *in;
	u64 at;

	start();
	for (u32 i = 0; i < sizeof(bytes); i++)
		bytes[i] = i * 7 + i / 256;
	tell(2, VIRTIO_CONSOLE_PORT_OPEN, 1);
	rooms[2] = 0;
	is(virtio_console_input(&c, 2, bytes, 100), 100, "stall: the array is not at its start");
	in = add_buffer(IN2, NULL, 0, 100);
	kick(IN2);
	is(returned(IN2), 100, "then");
	is(virtio_console_input(&c, 2, bytes, sizeof(bytes)), VIRTIO_CONSOLE_INPUT,
	   "as much as fits is taken");
	is(virtio_console_input(&c, 2, bytes, 1), 0, "and nothing after that");
	for (at = 0; at < VIRTIO_CONSOLE_INPUT; at += 512) {
		in = add_buffer(IN2, NULL, 0, 512);
		kick(IN2);
		if (returned(IN2) != 512 || memcmp(in, bytes + at, 512))
			break;
	}
	is(at, VIRTIO_CONSOLE_INPUT, "it comes whole and in order");
	refill = 1;
	add_buffer(IN2, NULL, 0, 512);
	kick(IN2);
	refill = 0;
	is(returned(IN2), 4, "a caller that refills when there is room");
	is(c.v.errors, 0, "and nothing was wrong");
}

static void one_port(void)
{
	u8 *in;

	start_driver(0, 2);
	printed[0][0] = 0;
	in = add_buffer(IN0, NULL, 0, 8);
	virtio_console_input(&c, 0, "hi", 2);
	is(returned(IN0), 2, "a driver without control messages has an open port");
	is(in[0], 'h', "with input");
	send_buffer(OUT0, "out", 3);
	same(printed[0], "out", "and output");
}

static void hostile(void)
{
	u64 gpa = data_page(1 << 16);
	u8 *buffers[16];

	start();
	tell(3, VIRTIO_CONSOLE_PORT_OPEN, 1);
	tell(VIRTIO_CONSOLE_BAD_ID, VIRTIO_CONSOLE_PORT_READY, 1);
	tell(0, 99, 1);
	send_buffer(CONTROL_OUT, "1234567", 7);
	is(c.bad, 4, "hostile: invalid messages are counted");
	for (int i = 0; i < 1000; i++) {
		tell(0, VIRTIO_CONSOLE_DEVICE_READY, 1);
		tell(1, VIRTIO_CONSOLE_PORT_READY, 1);
	}
	give(buffers, 10);
	same(told(buffers, 10), "0a0 1a0 1c1 1o1 2a0", "a thousand messages are owed once");
	add_buffer(IN0, "out", 3, 0);
	kick(IN0);
	tell(0, VIRTIO_CONSOLE_PORT_OPEN, 1);
	virtio_console_input(&c, 0, "x", 1);
	is(broken(), 1, "a buffer for input without room needs a reset");
	is(virtio_console_input(&c, 0, "x", 1), 1, "after which input is stored");
	start();
	add_buffer(CONTROL_IN, NULL, 0, 7);
	tell(0, VIRTIO_CONSOLE_DEVICE_READY, 1);
	is(broken(), 1, "one for messages without room does too");
	start();
	printed_bytes = 0;
	for (int i = 0; i < 32; i++)
		set_desc(OUT0, i, gpa, 1 << 16, i < 31 ? VRING_DESC_F_NEXT : 0, i + 1);
	offer_chain(OUT0, 0);
	kick(OUT0);
	is(printed_bytes, 2 << 20, "2 MB at once are printed");
	set_desc(OUT0, 31, gpa, 1 << 16, VRING_DESC_F_NEXT, 32);
	set_desc(OUT0, 32, gpa, 1, 0, 0);
	offer_chain(OUT0, 0);
	kick(OUT0);
	is(broken() && printed_bytes == 2 << 20, 1, "and no byte more");
	fn->reset(fn->self);
	is(virtio_console_input(&c, 2, "x", 1), 1, "input for a device that is off waits");
}

int main(void)
{
	ports();
	text();
	input();
	stall();
	one_port();
	hostile();
	virtio_pci_end(&c.v);
	return done();
}
