/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SERIAL_H
#define SERIAL_H

#include "hvhost.h"

/* A 16550 with nothing of a modem behind it. */
struct serial {
	u8 ier, lcr, mcr, fcr, scr, dll, dlm;
	int sent;			/* the transmitter is empty, and nobody was told yet */
	int raised;			/* state of the interrupt line */
	u8 in[256];			/* what the guest has not read yet */
	unsigned int head, tail;
	void (*byte)(void *arg, u8 byte);	/* the guest wrote it */
	void (*line)(void *arg, int level);
	void *arg;
};

u8 serial_read(struct serial *uart, int reg);
void serial_write(struct serial *uart, int reg, u8 value);
/* Bytes for the guest to read; those that do not fit are lost, as on a wire. */
void serial_input(struct serial *uart, const void *data, unsigned int len);

#endif
