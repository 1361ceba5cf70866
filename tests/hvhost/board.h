/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BOARD_H
#define BOARD_H

#include "kvm.h"
#include "serial.h"

/*
 * What is left of a PC: two serial ports, a clock, the registers of ACPI. COM1 is the
 * console. COM2 is how the tests in the guest talk to the host: a line each way.
 */
struct board {
	struct vm *vm;
	struct serial com[2];
	u8 pm1[4];
	u16 pm1_control;
	u8 cmos;			/* register that is read next */
	int console;			/* fd that takes the console's bytes */
	char text[256];			/* the console's line so far */
	unsigned int len;
	char asked[512];		/* COM2's line so far */
	unsigned int asked_len;
	void (*console_line)(void *arg, const char *line);
	void (*ask)(void *arg, char *line);
	void *arg;
};

void board_init(struct board *board, struct vm *vm, int console);
void board_answer(struct board *board, const char *line);

#endif
