// SPDX-License-Identifier: GPL-2.0
/* The I/O ports of the machine: serial ports, clock, sleep and reset registers. */
#include "board.h"
#include "acpi.h"
#include <time.h>

#define COM1	     0x3f8
#define COM2	     0x2f8
#define COM1_IRQ     4
#define COM2_IRQ     3
#define CMOS	     0x70
#define KEYBOARD     0x64
#define PULSE_RESET  0xfe
#define SLEEP_ENABLE BIT(13)
#define SCI_ENABLED  1

/*
 * The CMOS clock. 4.19 reads it at boot even if ACPI says that there is none, and then
 * waits forever for its update to end.
 */
static u8 cmos(u8 reg)
{
	time_t now = time(NULL);
	struct tm tm;
	int value;

	gmtime_r(&now, &tm);
	switch (reg) {
	case 0:
		value = tm.tm_sec;
		break;
	case 2:
		value = tm.tm_min;
		break;
	case 4:
		value = tm.tm_hour;
		break;
	case 6:
		value = tm.tm_wday + 1;
		break;
	case 7:
		value = tm.tm_mday;
		break;
	case 8:
		value = tm.tm_mon + 1;
		break;
	case 9:
		value = tm.tm_year % 100;
		break;
	case 0xa:
		return 0x26; /* no update in progress */
	case 0xb:
		return 0x02; /* 24 hours, decimal digits */
	case 0xd:
		return 0x80; /* the battery is good */
	default:
		return 0;
	}
	return value / 10 << 4 | value % 10;
}

static u32 port_in(void *arg, u16 port, int size)
{
	struct board *board = arg;

	if (port >= COM1 && port < COM1 + 8)
		return serial_read(&board->com[0], port - COM1);
	if (port >= COM2 && port < COM2 + 8)
		return serial_read(&board->com[1], port - COM2);
	if (port >= ACPI_PM1_EVENT && port + size <= ACPI_PM1_EVENT + 4)
		return size == 2 ? get16(board->pm1 + port - ACPI_PM1_EVENT) :
				   board->pm1[port - ACPI_PM1_EVENT];
	if (port == CMOS + 1)
		return cmos(board->cmos);
	if (port == ACPI_PM1_CONTROL)
		return board->pm1_control | SCI_ENABLED;
	return 0xffffffff;
}

static void port_out(void *arg, u16 port, int size, u32 value)
{
	struct board *board = arg;

	if (port >= COM1 && port < COM1 + 8) {
		serial_write(&board->com[0], port - COM1, value);
	} else if (port >= COM2 && port < COM2 + 8) {
		serial_write(&board->com[1], port - COM2, value);
	} else if (port == CMOS) {
		board->cmos = value & 0x7f;
	} else if (port == ACPI_PM1_EVENT + 2 && size == 2) {
		put16(board->pm1 + 2, value); /* enable bits; no status bit is ever set */
	} else if (port == ACPI_PM1_CONTROL) {
		board->pm1_control = value & ~SLEEP_ENABLE;
		if ((value & SLEEP_ENABLE) && (value >> 10 & 7) == ACPI_SLEEP_TYPE)
			vm_end(board->vm, POWERED_OFF);
	} else if ((port == ACPI_RESET_PORT && value == ACPI_RESET_VALUE) ||
		   (port == KEYBOARD && value == PULSE_RESET)) {
		vm_end(board->vm, RESET);
	}
}

static void console_byte(void *arg, u8 byte)
{
	struct board *board = arg;

	console_write(&board->console, byte);
	if (byte != '\n' && byte != '\r' && board->len < sizeof(board->text) - 1) {
		board->text[board->len++] = byte;
	} else if (byte == '\n') {
		board->text[board->len] = '\0';
		board->len = 0;
		if (board->console_line)
			board->console_line(board->arg, board->text);
	}
}

static void asked_byte(void *arg, u8 byte)
{
	struct board *board = arg;

	if (byte == '\r')
		return;
	if (byte != '\n' && board->asked_len < sizeof(board->asked) - 1) {
		board->asked[board->asked_len++] = byte;
	} else if (byte == '\n') {
		board->asked[board->asked_len] = '\0';
		board->asked_len = 0;
		if (board->ask)
			board->ask(board->arg, board->asked);
	}
}

void board_answer(struct board *board, const char *line)
{
	serial_input(&board->com[1], line, strlen(line));
	serial_input(&board->com[1], "\n", 1);
}

static void com1_line(void *arg, int level)
{
	vm_irq(((struct board *)arg)->vm, COM1_IRQ, level);
}

static void com2_line(void *arg, int level)
{
	vm_irq(((struct board *)arg)->vm, COM2_IRQ, level);
}

void board_init(struct board *board, struct vm *vm, int console)
{
	memset(board, 0, sizeof(*board));
	board->vm = vm;
	board->com[0].byte = console_byte;
	board->com[0].line = com1_line;
	board->com[1].byte = asked_byte;
	board->com[1].line = com2_line;
	board->com[0].arg = board->com[1].arg = board;
	vm->ports.in = port_in;
	vm->ports.out = port_out;
	vm->ports.arg = board;
	console_init(&board->console, console);
}
