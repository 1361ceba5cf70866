// SPDX-License-Identifier: GPL-2.0
/*
 * A 16550. Guest side: drivers/tty/serial/8250. A written byte is sent at once; speed,
 * parity and modem lines are ignored.
 */
#include "serial.h"

#define IER_RX	  0x01
#define IER_TX	  0x02
#define IIR_NONE  0x01
#define IIR_TX	  0x02
#define IIR_RX	  0x04
#define IIR_FIFO  0xc0
#define LCR_DLAB  0x80
#define MCR_LOOP  0x10
#define LSR_DATA  0x01
#define LSR_EMPTY 0x60
#define MSR_READY 0xb0 /* carrier, data set ready, clear to send */

static u8 pending(const struct serial *uart)
{
	if ((uart->ier & IER_RX) && uart->head != uart->tail)
		return IIR_RX;
	if ((uart->ier & IER_TX) && uart->sent)
		return IIR_TX;
	return IIR_NONE;
}

static void update(struct serial *uart)
{
	int level = pending(uart) != IIR_NONE;

	if (level != uart->raised)
		uart->line(uart->arg, level);
	uart->raised = level;
}

static void store(struct serial *uart, u8 byte)
{
	if (uart->head - uart->tail < sizeof(uart->in))
		uart->in[uart->head++ % sizeof(uart->in)] = byte;
}

void serial_input(struct serial *uart, const void *data, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++)
		store(uart, ((const u8 *)data)[i]);
	update(uart);
}

u8 serial_read(struct serial *uart, int reg)
{
	u8 value = 0;

	switch (reg) {
	case 0:
		if (uart->lcr & LCR_DLAB)
			return uart->dll;
		if (uart->head != uart->tail)
			value = uart->in[uart->tail++ % sizeof(uart->in)];
		break;
	case 1:
		return uart->lcr & LCR_DLAB ? uart->dlm : uart->ier;
	case 2:
		value = pending(uart);
		if (value == IIR_TX)
			uart->sent = 0;
		value |= uart->fcr & 1 ? IIR_FIFO : 0;
		break;
	case 3:
		return uart->lcr;
	case 4:
		return uart->mcr;
	case 5:
		return LSR_EMPTY | (uart->head != uart->tail ? LSR_DATA : 0);
	case 6:
		if (!(uart->mcr & MCR_LOOP))
			return MSR_READY;
		/* looped back: RTS to CTS, DTR to DSR, OUT1 to RI, OUT2 to DCD */
		return (uart->mcr & 2) << 3 | (uart->mcr & 1) << 5 | (uart->mcr & 4) << 4 |
			(uart->mcr & 8) << 4;
	case 7:
		return uart->scr;
	}
	update(uart);
	return value;
}

void serial_write(struct serial *uart, int reg, u8 value)
{
	switch (reg) {
	case 0:
		if (uart->lcr & LCR_DLAB) {
			uart->dll = value;
			return;
		}
		if (uart->mcr & MCR_LOOP)
			store(uart, value);
		else
			uart->byte(uart->arg, value);
		uart->sent = 1;
		break;
	case 1:
		if (uart->lcr & LCR_DLAB) {
			uart->dlm = value;
			return;
		}
		/* enabling the interrupt while the transmitter is empty raises it */
		if ((value & IER_TX) && !(uart->ier & IER_TX))
			uart->sent = 1;
		uart->ier = value & 0xf;
		break;
	case 2:
		if (value & 2)
			uart->tail = uart->head;
		uart->fcr = value;
		break;
	case 3:
		uart->lcr = value;
		return;
	case 4:
		uart->mcr = value & 0x1f;
		return;
	case 7:
		uart->scr = value;
		return;
	}
	update(uart);
}
