// SPDX-License-Identifier: GPL-2.0
/*
 * RSDP, XSDT, FADT, FACS and MADT around the DSDT of acpi.asl. Offsets are from the
 * ACPI specification 6.3, chapter 5.2.
 */
#include "acpi.h"
#include "dsdt.hex"

#define FADT_LENGTH	276
#define FADT_WBINVD	BIT(0)
#define FADT_PROC_C1	BIT(2)
#define FADT_PWR_BUTTON BIT(4) /* no fixed buttons */
#define FADT_SLP_BUTTON BIT(5)
#define FADT_RESET	BIT(10)
#define BOOT_NO_VGA	BIT(2)
#define BOOT_NO_CMOS	BIT(5)

struct tables {
	u8 *base; /* host address of ACPI_RSDP */
	u32 next; /* guest address */
};

static void checksum(u8 *table, u32 len, u32 at)
{
	u8 sum = 0;

	table[at] = 0;
	for (u32 i = 0; i < len; i++)
		sum += table[i];
	table[at] = -sum;
}

static u8 *begin(struct tables *t, const char *name, u32 len, u8 revision)
{
	u8 *table = t->base + (t->next - ACPI_RSDP);

	memset(table, 0, len);
	memcpy(table, name, 4);
	put32(table + 4, len);
	table[8] = revision;
	memcpy(table + 10, "HVHOSTHVHOST  ", 14);
	put32(table + 24, 1);
	memcpy(table + 28, "HVHO", 4);
	put32(table + 32, 1);
	return table;
}

static u32 finish(struct tables *t, u8 *table)
{
	u32 at = t->next;

	checksum(table, get32(table + 4), 9);
	t->next = ALIGN(at + get32(table + 4), 64);
	return at;
}

/* A generic address structure for a port of WIDTH bits. */
static void port(u8 *gas, u16 address, u8 width)
{
	gas[0] = 1;
	gas[1] = width;
	gas[3] = width / 8;
	put64(gas + 4, address);
}

static u32 fadt(struct tables *t, u32 facs, u32 dsdt)
{
	u8 *f = begin(t, "FACP", FADT_LENGTH, 6);

	put32(f + 36, facs);
	put32(f + 40, dsdt);
	put16(f + 46, 9); /* SCI */
	put32(f + 56, ACPI_PM1_EVENT);
	put32(f + 64, ACPI_PM1_CONTROL);
	f[88] = 4;
	f[89] = 2;
	put16(f + 96, 0xffff); /* no C2 */
	put16(f + 98, 0xffff); /* no C3 */
	put16(f + 109, BOOT_NO_VGA | BOOT_NO_CMOS);
	put32(f + 112, FADT_WBINVD | FADT_PROC_C1 | FADT_PWR_BUTTON | FADT_SLP_BUTTON | FADT_RESET);
	port(f + 116, ACPI_RESET_PORT, 8);
	f[128] = ACPI_RESET_VALUE;
	f[131] = 3; /* minor version */
	put64(f + 140, dsdt);
	port(f + 148, ACPI_PM1_EVENT, 32);
	port(f + 172, ACPI_PM1_CONTROL, 16);
	return finish(t, f);
}

static u32 madt(struct tables *t, int cpus)
{
	u32 len = 44 + 8 * cpus + 12 + 2 * 10 + 6;
	u8 *m = begin(t, "APIC", len, 4), *e = m + 44;

	put32(m + 36, 0xfee00000);
	put32(m + 40, 1); /* a PIC is present */
	for (int i = 0; i < cpus; i++, e += 8) {
		e[1] = 8;
		e[2] = e[3] = i;
		put32(e + 4, 1);
	}
	e[0] = 1; /* the IOAPIC */
	e[1] = 12;
	put32(e + 4, 0xfec00000);
	e += 12;
	e[0] = 2; /* the timer is on pin 2 */
	e[1] = 10;
	put32(e + 4, 2);
	e += 10;
	e[0] = 2; /* SCI: level, active high */
	e[1] = 10;
	e[3] = 9;
	put32(e + 4, 9);
	put16(e + 8, 0xd);
	e += 10;
	e[0] = 4; /* NMI on pin 1 of every local APIC */
	e[1] = 6;
	e[2] = 0xff;
	e[5] = 1;
	return finish(t, m);
}

int acpi_write(struct memory *mem, int cpus)
{
	u8 *rsdp = memory_at(mem, ACPI_RSDP, ACPI_END - ACPI_RSDP), *table;
	struct tables t = { .base = rsdp, .next = ACPI_TABLES };
	u32 facs, dsdt, list[2], xsdt;

	if (!rsdp)
		return error("acpi: no RAM at 0x%x", ACPI_RSDP);
	facs = t.next;
	table = t.base + (facs - ACPI_RSDP);
	memset(table, 0, 64);
	memcpy(table, "FACS", 4);
	put32(table + 4, 64);
	table[32] = 2;
	t.next += 64;

	dsdt = t.next;
	memcpy(t.base + (dsdt - ACPI_RSDP), dsdt_aml_code, sizeof(dsdt_aml_code));
	t.next = ALIGN(dsdt + sizeof(dsdt_aml_code), 64);

	list[0] = fadt(&t, facs, dsdt);
	list[1] = madt(&t, cpus);
	table = begin(&t, "XSDT", 36 + 8 * ARRAY_SIZE(list), 1);
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		put64(table + 36 + 8 * i, list[i]);
	xsdt = finish(&t, table);

	memset(rsdp, 0, 36);
	memcpy(rsdp, "RSD PTR ", 8);
	memcpy(rsdp + 9, "HVHOST", 6);
	rsdp[15] = 2;
	put32(rsdp + 20, 36);
	put64(rsdp + 24, xsdt);
	checksum(rsdp, 20, 8);
	checksum(rsdp, 36, 32);
	return 0;
}
