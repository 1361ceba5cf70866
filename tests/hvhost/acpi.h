/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ACPI_H
#define ACPI_H

#include "memory.h"

#define ACPI_RSDP   0xe0000 /* a kernel that ignores the boot field looks here */
#define ACPI_TABLES 0xe0040
#define ACPI_END    0xe8000

#define ACPI_PM1_EVENT	 0x400 /* four I/O ports */
#define ACPI_PM1_CONTROL 0x404
#define ACPI_RESET_PORT	 0x408
#define ACPI_RESET_VALUE 1
#define ACPI_SLEEP_TYPE	 5 /* of \_S5 in acpi.asl */

int acpi_write(struct memory *mem, int cpus);

#endif
