/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SERIAL_H
#define SERIAL_H

#include "hvhost.h"

/* A 16550 without a modem. */
struct serial {
	u8 ier, lcr, mcr, fcr, scr, dll, dlm;
	int sent;   /* the transmitter is empty, not reported yet */
	int raised; /* state of the interrupt line */
	u8 in[256]; /* not read by the guest yet */
	unsigned int head, tail;
	void (*byte)(void *arg, u8 byte); /* the guest wrote it */
	void (*line)(void *arg, int level);
	void *arg;
};

u8 serial_read(struct serial *uart, int reg);
void serial_write(struct serial *uart, int reg, u8 value);
/* Input for the guest; bytes that do not fit are lost. */
void serial_input(struct serial *uart, const void *data, unsigned int len);

#endif
