/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BOARD_H
#define BOARD_H

#include "console.h"
#include "kvm.h"
#include "serial.h"

/*
 * The I/O ports of the machine: two serial ports, a clock, the ACPI registers. COM1 is
 * the console. On COM2 the tests in the guest talk to the host: one line each way.
 */
struct board {
	struct vm *vm;
	struct serial com[2];
	u8 pm1[4];
	u16 pm1_control;
	u8 cmos; /* selected register */
	struct console console;
	char text[256]; /* the console's line so far */
	unsigned int len;
	char asked[512]; /* COM2's line so far */
	unsigned int asked_len;
	void (*console_line)(void *arg, const char *line);
	void (*ask)(void *arg, char *line);
	void *arg;
};

/* CONSOLE: the file that the console output goes to. */
void board_init(struct board *board, struct vm *vm, int console);
void board_answer(struct board *board, const char *line);

#endif
