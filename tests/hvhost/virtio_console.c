// SPDX-License-Identifier: GPL-2.0
/*
 * A virtio console with several ports (virtio 1.2, 5.3). Guest side:
 * drivers/char/virtio_console.c, which makes a port hvc0, hvc1, ... in the order in which they
 * are called consoles. Not modelled: the size of the window, emergency writes, names of ports.
 */
#include "virtio_console.h"
#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>

/* queues: two of port 0, two for control messages, two of each further port */
#define CONTROL_IN  2
#define CONTROL_OUT 3
#define QUEUES	    (2 * VIRTIO_CONSOLE_PORTS + 2)
#define IN(port)    ((port) ? 2 * (port) + 2 : 0)

#define OUTPUT_PIECE 4096

/* What a port's guest is yet to be told. */
enum owed { OWED_ADD = 1, OWED_CONSOLE = 2, OWED_OPEN = 4 };

static const struct {
	enum owed owed;
	u16 event, value;
} messages[] = {
	{ OWED_ADD, VIRTIO_CONSOLE_PORT_ADD, 0 },
	{ OWED_CONSOLE, VIRTIO_CONSOLE_CONSOLE_PORT, 1 },
	{ OWED_OPEN, VIRTIO_CONSOLE_PORT_OPEN, 1 },
};

/* The port of a queue that is none of control messages. */
static unsigned int port_of(unsigned int queue)
{
	return queue < CONTROL_IN ? 0 : queue / 2 - 1;
}

/* Take a buffer that has room for LEN bytes at least. */
static int take(struct virtio_console *c, unsigned int queue, struct chain *chain, u32 len)
{
	if (!virtio_pci_take(&c->v, queue, chain))
		return 0;
	if (chain->in_len >= len)
		return 1;
	virtio_pci_fail(&c->v, "a buffer for input has no room");
	return 0;
}

/* Send what is owed, as far as there are buffers. */
static void send_control(struct virtio_console *c)
{
	struct virtio_console_control msg;
	struct chain chain;
	int sent = 0;

	for (u32 i = 0; i < VIRTIO_CONSOLE_PORTS; i++) {
		for (u32 m = 0; m < ARRAY_SIZE(messages); m++) {
			if (!(c->port[i].owed & messages[m].owed))
				continue;
			if (!take(c, CONTROL_IN, &chain, sizeof(msg)))
				goto out;
			msg = (struct virtio_console_control){
				.id = i,
				.event = messages[m].event,
				.value = messages[m].value,
			};
			chain_write(&chain, 0, &msg, sizeof(msg));
			virtio_pci_put(&c->v, CONTROL_IN, &chain, sizeof(msg));
			c->port[i].owed &= ~messages[m].owed;
			sent = 1;
		}
	}
out:
	if (sent)
		virtio_pci_notify(&c->v, CONTROL_IN);
}

/* Hand input to the guest, as far as there are buffers. */
static void send_input(struct virtio_console *c, unsigned int number)
{
	struct virtio_console_port *port = &c->port[number];
	struct chain chain;
	int sent = 0;

	while (port->open && port->tail != port->head && take(c, IN(number), &chain, 1)) {
		u32 len = 0, n;

		do { /* twice, if the bytes go over the end of the array */
			u32 at = port->tail % VIRTIO_CONSOLE_INPUT;

			n = port->head - port->tail;
			if (n > VIRTIO_CONSOLE_INPUT - at)
				n = VIRTIO_CONSOLE_INPUT - at;
			n = chain_write(&chain, len, port->input + at, n);
			port->tail += n;
			len += n;
		} while (n && port->tail != port->head);
		virtio_pci_put(&c->v, IN(number), &chain, len);
		sent = 1;
	}
	if (sent)
		virtio_pci_notify(&c->v, IN(number));
}

u32 virtio_console_input(struct virtio_console *c, unsigned int number, const void *bytes, u32 len)
{
	struct virtio_console_port *port = &c->port[number];
	const u8 *from = bytes;
	u32 n = 0;

	while (n < len && port->head - port->tail < VIRTIO_CONSOLE_INPUT)
		port->input[port->head++ % VIRTIO_CONSOLE_INPUT] = from[n++];
	send_input(c, number);
	return n;
}

/* The guest has given buffers, or opened the port. */
static void wake(struct virtio_console *c, unsigned int number)
{
	struct virtio_console_port *port = &c->port[number];

	send_input(c, number);
	if (c->room && port->open && port->head - port->tail < VIRTIO_CONSOLE_INPUT)
		c->room(c->arg, number);
}

static void buffers(void *device, unsigned int queue)
{
	struct virtio_console *c = device;

	if (queue == CONTROL_IN)
		send_control(c);
	else
		wake(c, port_of(queue));
}

static void control(struct virtio_console *c, const struct chain *chain)
{
	struct virtio_console_control msg;
	struct virtio_console_port *port;

	if (chain_read(chain, 0, &msg, sizeof(msg)) < sizeof(msg) ||
	    (msg.event != VIRTIO_CONSOLE_DEVICE_READY && msg.id >= VIRTIO_CONSOLE_PORTS)) {
		c->bad++;
		return;
	}
	port = &c->port[msg.id < VIRTIO_CONSOLE_PORTS ? msg.id : 0];
	switch (msg.event) {
	case VIRTIO_CONSOLE_DEVICE_READY:
		for (u32 i = 0; msg.value && i < VIRTIO_CONSOLE_PORTS; i++)
			c->port[i].owed |= OWED_ADD;
		break;
	case VIRTIO_CONSOLE_PORT_READY: /* 0: the guest could not make the port */
		if (msg.value)
			port->owed |= OWED_CONSOLE | OWED_OPEN;
		break;
	case VIRTIO_CONSOLE_PORT_OPEN:
		port->open = !!msg.value;
		if (port->open)
			wake(c, msg.id);
		break;
	default:
		c->bad++;
	}
	send_control(c);
}

static u32 request(void *device, unsigned int queue, struct chain *chain)
{
	struct virtio_console *c = device;
	u8 piece[OUTPUT_PIECE];
	u32 n;

	if (queue == CONTROL_OUT) {
		control(c, chain);
		return 0;
	}
	for (u32 at = 0; at < chain->out_len; at += n) {
		n = chain_read(chain, at, piece, sizeof(piece));
		c->output(c->arg, port_of(queue), piece, n);
	}
	return 0;
}

/* A driver without control messages has one port, which is open. */
static void start(void *device)
{
	struct virtio_console *c = device;

	c->port[0].open = !(c->v.accepted & BIT(VIRTIO_CONSOLE_F_MULTIPORT));
}

static void reset(void *device)
{
	struct virtio_console *c = device;

	for (u32 i = 0; i < VIRTIO_CONSOLE_PORTS; i++) {
		c->port[i].open = c->port[i].owed = 0;
		c->port[i].tail = c->port[i].head;
	}
}

static const struct virtio_ops ops = {
	.request = request,
	.buffers = buffers,
	.start = start,
	.reset = reset,
	.inputs = BIT(0) | BIT(CONTROL_IN) | BIT(4) | BIT(6),
};

int virtio_console_init(struct virtio_console *c, const struct virtio_host *host,
			void (*output)(void *arg, unsigned int port, const void *bytes, u32 len),
			void (*room)(void *arg, unsigned int port), void *arg)
{
	struct virtio_console_config config = { .max_nr_ports = VIRTIO_CONSOLE_PORTS };

	memset(c, 0, sizeof(*c));
	c->output = output;
	c->room = room;
	c->arg = arg;
	if (virtio_pci_init(&c->v, host, &ops, c, VIRTIO_ID_CONSOLE,
			    BIT(VIRTIO_CONSOLE_F_MULTIPORT), QUEUES))
		return -1;
	virtio_pci_config(&c->v, &config, sizeof(config));
	return 0;
}
