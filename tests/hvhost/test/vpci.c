// SPDX-License-Identifier: GPL-2.0
/* PCI over VMBus against a minimal guest: the bus, its messages, its memory. */
#define _GNU_SOURCE
#include "guest.h"
#include "../pci_test.h"
#include "../proto/vpci.h"
#include "../vpci.h"
#include <linux/pci_regs.h>

#define WINDOW	 0xe0000000ull
#define HIGH	 0xa00000000ull
#define SLOT_BAR 0xe0010000ull
/* as the guest makes it of the bytes 4 to 7 of the instance */
#define DEVICE(domain) ((u64)((domain)&0xff) << 16 | (u64)((domain) >> 8) << 24 | 0x4000)
#define VPS	       2

static struct vpci_root root;
static struct vpci pci, other;
static struct pci_test test, second, third;
static u64 id;
static struct pci_msi signalled;
static int signals, gone;
static unsigned int ejected_slot = 99;

static int signal_msi(void *vm, const struct pci_msi *msi)
{
	(void)vm;
	signalled = *msi;
	signals++;
	return 0;
}

static void on_ejected(void *arg, unsigned int slot)
{
	(void)arg;
	ejected_slot = slot;
}

static void on_gone(void *arg)
{
	(void)arg;
	gone++;
}

static u8 reply[512]; /* of the last request */
static u32 reply_len;
static u8 relations[512]; /* the last that came */
static u32 relations_len, ejects;

/* Take what the host has sent, all of it; 1 if the completion of WANTED was there. */
static int take(u64 wanted)
{
	struct packet p;
	int got = 0;

	while (guest_read(&p)) {
		if (p.type == VM_PKT_COMP && p.id == wanted && p.len <= sizeof(reply)) {
			memcpy(reply, p.data, p.len);
			reply_len = p.len;
			got = 1;
		} else if (p.type == VM_PKT_DATA_INBAND && get32(p.data) == PCI_EJECT) {
			ejects++;
			ejected_slot = 50 + get32(p.data + 4);
		} else if (p.type == VM_PKT_DATA_INBAND && p.len <= sizeof(relations)) {
			memcpy(relations, p.data, p.len);
			relations_len = p.len;
		}
	}
	return got;
}

/* Send MSG, whose first word is its type; the status, or 1 if there is no answer. */
static u32 ask(const void *msg, u32 len)
{
	memset(reply, 0xee, sizeof(reply));
	guest_write(VM_PKT_DATA_INBAND, ++id, NULL, 0, msg, len);
	return take(id) ? get32(reply) : 1;
}

static u32 ask_slot(u32 type, u32 slot)
{
	struct pci_child_message msg = { type, slot };

	return ask(&msg, sizeof(msg));
}

static u32 ask_version(u32 version)
{
	struct pci_version_request msg = { PCI_QUERY_PROTOCOL_VERSION, version };

	return ask(&msg, sizeof(msg));
}

static u32 enter(u64 window)
{
	struct pci_bus_d0_entry msg = { .type = PCI_BUS_D0ENTRY, .mmio_base = window };

	return ask(&msg, sizeof(msg));
}

static u32 leave(void)
{
	u32 type = PCI_BUS_D0EXIT;

	return ask(&type, 4);
}

static u32 complete(u32 slot)
{
	struct pci_eject_response msg = { PCI_EJECTION_COMPLETE, slot, 0 };

	return ask(&msg, sizeof(msg));
}

static u64 load(u64 gpa, u32 len)
{
	u64 value = 0;

	return vpci_mmio(&root, gpa, len, (u8 *)&value, 0) ? value : 0x0bad0bad0badull;
}

static int store(u64 gpa, u64 value, u32 len)
{
	return vpci_mmio(&root, gpa, len, (u8 *)&value, 1);
}

static u32 config(u32 slot, u32 at, u32 len)
{
	store(WINDOW, slot, 4);
	return load(WINDOW + CFG_PAGE_OFFSET + at, len);
}

static void set_config(u32 slot, u32 at, u32 value, u32 len)
{
	store(WINDOW, slot, 4);
	store(WINDOW + CFG_PAGE_OFFSET + at, value, len);
}

/* Open the channel, agree on VERSION, enter D0. */
static void start(u32 version)
{
	guest_open(pci.ch);
	ask_version(version);
	enter(WINDOW);
}

static void stop(void)
{
	struct vmbus_relid m = { .h.type = CHANNELMSG_CLOSECHANNEL, .relid = pci.ch->relid };
	struct vmbus_channel_gpadl_teardown t = { .h.type = CHANNELMSG_GPADL_TEARDOWN,
						  .relid = pci.ch->relid,
						  .gpadl = GUEST_GPADL(pci.ch) };

	guest_post(&m, sizeof(m));
	guest_post(&t, sizeof(t));
}

static void versions(void)
{
	u32 query = PCI_QUERY_BUS_RELATIONS;

	is(last_offer.instance.b[4] | last_offer.instance.b[5] << 8, 0x1234,
	   "vpci: the offer has the domain in its instance");
	is(last_offer.instance.b[9], 0x34, "also where old guests look for it");
	is(get32(last_offer.type.b), 0x44c4f61d, "and the class of PCI");
	is(guest_open(pci.ch), 0, "open");
	is(ask(&query, 4), PCI_STATUS_BAD_DATA, "nothing is answered before the version");
	is(root.bad, 1, "it is invalid");
	is(ask_version(PCI_VERSION(1, 5)), PCI_STATUS_REVISION_MISMATCH, "1.5 is refused");
	is(ask_version(PCI_VERSION(1, 0)), PCI_STATUS_REVISION_MISMATCH, "so is 1.0");
	is(ask_version(PCI_VERSION(2, 1)), PCI_STATUS_REVISION_MISMATCH, "and 2.1");
	is(root.bad, 1, "which is not invalid");
	is(ask_version(PCI_PROTOCOL_VERSION_1_4), 0, "1.4 is accepted");
	is(get32(reply + 4), PCI_PROTOCOL_VERSION_1_4, "and named");
	is(ask_version(PCI_PROTOCOL_VERSION_1_3), PCI_STATUS_BAD_DATA, "once");
	stop();
	for (u32 minor = 1; minor <= 3; minor++) {
		guest_open(pci.ch);
		is(ask_version(PCI_VERSION(1, minor)), 0, "an older one is accepted");
		is(pci.version, PCI_VERSION(1, minor), "and kept");
		stop();
	}
	root.max_version = PCI_PROTOCOL_VERSION_1_2;
	guest_open(pci.ch);
	is(ask_version(PCI_PROTOCOL_VERSION_1_3), PCI_STATUS_REVISION_MISMATCH,
	   "an older host refuses 1.3");
	is(ask_version(PCI_PROTOCOL_VERSION_1_2), 0, "and takes 1.2");
	stop();
	root.max_version = PCI_PROTOCOL_VERSION_1_4;
	root.bad = 0;
}

static void bus_relations(void)
{
	u32 query = PCI_QUERY_BUS_RELATIONS;

	guest_open(pci.ch);
	ask_version(PCI_PROTOCOL_VERSION_1_2);
	relations_len = 0;
	is(ask(&query, 4), 0, "the relations are asked for");
	is(get32(relations), PCI_BUS_RELATIONS, "and come in 1.2's form");
	is(get32(relations + 4), 1, "with one function");
	is(relations_len, ALIGN(8 + 20, 8), "of its size");
	is(get32(relations + 8), 0x7e571414, "its vendor and device");
	is(get32(relations + 12), 0xff000001, "class and revision");
	is(get32(relations + 16), 0x7e571414, "subsystem");
	is(get32(relations + 20), 0, "and slot");
	relations_len = 0;
	is(enter(WINDOW), 0, "D0");
	is(relations_len, ALIGN(8 + 20, 8), "brings them again, before the answer");
	is(vpci_plug(&pci, 3, &second.f), 0, "another function");
	take(0);
	is(get32(relations + 4), 2, "brings new ones by itself");
	is(get32(relations + 28 + 12), 3, "with its slot");
	ok(get32(relations + 24) != get32(relations + 28 + 16), "and a number of its own");
	is(vpci_plug(&pci, 3, &third.f), -1, "a slot that is taken");
	is(vpci_plug(&pci, VPCI_FUNCTIONS, &third.f), -1, "and one that is not there are errors");
	stop();
	start(PCI_PROTOCOL_VERSION_1_3);
	is(get32(relations), PCI_BUS_RELATIONS2, "1.3 has the second form");
	is(relations_len, 8 + 2 * 28, "which is longer");
	is(get32(relations + 36 + 12), 3, "with the same slot");
	is(root.bad, 0, "nothing was invalid");
}

static void power(void)
{
	struct pci_set_power msg = { PCI_POWER_STATE_CHANGE, 0, PCI_POWER_D3 };
	u64 resets;

	is(enter(WINDOW), PCI_STATUS_INVALID_DEVICE_STATE, "D0 is entered once");
	set_config(0, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
	is(ask(&msg, 12), 0, "a function goes to D3");
	is(config(0, PCI_COMMAND, 2), PCI_COMMAND_MASTER, "and has no memory");
	msg.power_state = PCI_POWER_D0;
	is(ask(&msg, 12), 0, "and to D0");
	is(config(0, PCI_COMMAND, 2), PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, "and has it again");
	resets = test.resets;
	is(leave(), 0, "the bus leaves D0");
	is(test.resets, resets + 1, "its function is reset");
	ok(load(WINDOW + CFG_PAGE_OFFSET, 4) == 0x0bad0bad0bad, "there is no window");
	is(ask(&msg, 12), PCI_STATUS_BAD_DATA, "and no power to change");
	root.bad = 0;
	is(enter(WINDOW + 1), PCI_STATUS_BAD_DATA, "a window in half a page");
	is(enter(0x100000), PCI_STATUS_BAD_DATA, "in RAM");
	is(enter(0xeffff000), PCI_STATUS_BAD_DATA, "half of it beyond the range");
	is(enter(0xffffffffff000), PCI_STATUS_BAD_DATA, "beyond 64 GB");
	is(enter(-4096ull), PCI_STATUS_BAD_DATA, "and one that wraps are refused");
	is(root.bad, 5, "and invalid");
	is(enter(HIGH), 0, "one above 4 GB is taken");
	is(load(HIGH + CFG_PAGE_OFFSET, 2), 0x1414, "and there");
	leave();
	is(enter(WINDOW), 0, "and back");
	root.bad = 0;
}

static void config_space(void)
{
	is(config(0, PCI_VENDOR_ID, 4), 0x7e571414, "config: vendor and device");
	is(config(0, PCI_CLASS_REVISION, 4), 0xff000001, "class and revision");
	is(config(0, PCI_SUBSYSTEM_VENDOR_ID, 4), 0x7e571414, "subsystem");
	is(config(0, PCI_STATUS, 2), PCI_STATUS_CAP_LIST, "it has capabilities");
	is(config(0, PCI_CAPABILITY_LIST, 1), 0x40, "from 0x40 on");
	is(config(0, 0x40, 1), PCI_CAP_ID_MSIX, "MSI-X");
	is(config(0, 0x42, 2), PCI_TEST_VECTORS - 1, "with its vectors");
	is(config(1, PCI_VENDOR_ID, 4), 0xffffffff, "an empty slot reads as ones");
	is(config(1000000, PCI_VENDOR_ID, 4), 0xffffffff, "so does one that is not there");
	is(load(WINDOW, 4), 1000000, "the slot reads as it was written");
	is(config(0, 0x100, 4), 0xffffffff, "there is no extended space");
	is(config(0, 0xfe, 4), 0xffffffff, "nothing crosses its end");
	is(store(WINDOW + 0x1fff, 0, 2), 0, "an access across the window's end is not its");
	is(load(WINDOW + 8, 8), 0, "the rest of the slot's page is empty");
	store(WINDOW + 4, 3, 4);
	is(load(WINDOW, 4), 0, "and selects nothing");
	set_config(0, PCI_VENDOR_ID, 0, 4);
	is(config(0, PCI_VENDOR_ID, 4), 0x7e571414, "the vendor cannot be written");
	set_config(0, PCI_COMMAND, 0xffff, 2);
	is(config(0, PCI_COMMAND, 2), 0x406, "of the command only what there is");
	set_config(0, 0x40, 0xffffffff, 4);
	is(config(0, 0x40, 4), 0xc0030011, "of MSI-X only the switches");
	set_config(0, 0x44, 0, 4);
	is(config(0, 0x44, 4), PCI_TEST_TABLE, "not where its table is");
	set_config(0, 0x40, 0, 4);
	set_config(0, PCI_COMMAND, 0, 2);
}

/* A function with a vendor's capability behind MSI-X, whose list ends in itself. */
static void capabilities(void)
{
	static struct pci_test vendor;
	static const u8 more[] = { PCI_CAP_ID_VNDR, 0x4c, 8, 1, 2, 3, 4, 5 };

	pci_test_init(&vendor, vpci_raise, &pci);
	vendor.f.capabilities[1] = 0x4c;
	memcpy(vendor.f.capabilities + 12, more, sizeof(more));
	vendor.f.capabilities_size = 12 + sizeof(more);
	is(vpci_plug(&pci, 4, &vendor.f), 0, "capabilities: two of them");
	is(config(4, 0x40, 2), 0x4c11, "the first leads to the second");
	set_config(4, 0x40, 0, 4);
	set_config(4, 0x4c, 0xffffffff, 4);
	is(config(4, 0x40, 2), 0x4c11, "the link cannot be written");
	is(config(4, 0x4c, 4), 0xffff4c09, "of the second what is behind its link");
	set_config(4, 0x50, 0x12345678, 4);
	is(config(4, 0x50, 4), 0x12345678, "all of it");
	set_config(4, 0x54, 0x12345678, 4);
	is(config(4, 0x54, 4), 0, "nothing behind it");
	set_config(4, 0x52, 0xdddd, 2);
	is(config(4, 0x50, 4), 0xdddd5678, "two bytes are two bytes");
	vpci_eject(&pci, 4);
	take(0);
	complete(4);
	ejects = 0;
	is(vendor.f.capabilities[13], 0x4c, "ejected, it is as it was");
	is(get32(vendor.f.capabilities + 16), 0x05040302, "all of it");
}

static void bars(void)
{
	struct pci_child_message msg = { PCI_QUERY_RESOURCE_REQUIREMENTS, 0 };

	is(ask(&msg, sizeof(msg)), 0, "bars: the requirements");
	is(get32(reply + 4), 0xfffff004, "4 kB, 64 bits");
	is(get32(reply + 8), 0xffffffff, "in two entries");
	is(get32(reply + 12), 0, "and no other");
	set_config(0, PCI_BASE_ADDRESS_0, 0xffffffff, 4);
	set_config(0, PCI_BASE_ADDRESS_1, 0xffffffff, 4);
	set_config(0, PCI_BASE_ADDRESS_2, 0xffffffff, 4);
	is(config(0, PCI_BASE_ADDRESS_0, 4), 0xfffff004, "sized by ones, it is the same");
	is(config(0, PCI_BASE_ADDRESS_1, 4), 0xffffffff, "in both halves");
	is(config(0, PCI_BASE_ADDRESS_2, 4), 0, "another is not there");
	set_config(0, PCI_BASE_ADDRESS_0, (u32)HIGH, 4);
	set_config(0, PCI_BASE_ADDRESS_1, HIGH >> 32, 4);
	ok(load(HIGH, 4) == 0x0bad0bad0bad, "without memory there is nothing");
	set_config(0, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	is(load(HIGH, 4), PCI_TEST_MAGIC, "and with it the function");
	set_config(0, PCI_BASE_ADDRESS_1, 0xb, 4);
	is(config(0, PCI_BASE_ADDRESS_1, 4), 0xa, "an address in use cannot be written");
	is(store(HIGH + PCI_TEST_SCRATCH, 0x12345678, 4), 1, "a register is written");
	is(load(HIGH + PCI_TEST_SCRATCH, 4), (u32)~0x12345678, "and read");
	is(load(HIGH, 8), 0xedcba98754534554ull, "two of them at once");
	is(load(HIGH, 1), 0xff, "a size that the function does not have");
	is(load(HIGH + 2, 4), 0xffffffff, "and an odd address are ones");
	is(load(HIGH, 3), 0xffffff, "as are three bytes");
	ok(load(HIGH + 0xffc, 8) == 0x0bad0bad0bad, "what crosses the end is not its");
	ok(load(HIGH - 4, 8) == 0x0bad0bad0bad, "nor what crosses its start");
	ok(load(HIGH + 0x1000, 4) == 0x0bad0bad0bad, "nor what follows");
	set_config(0, PCI_COMMAND, 0, 2);
	second.f.bar_size[2] = 1 << 16;
	is(config(3, PCI_BASE_ADDRESS_2, 4), 0, "a 32-bit BAR");
	set_config(3, PCI_BASE_ADDRESS_2, 0xffffffff, 4);
	is(config(3, PCI_BASE_ADDRESS_2, 4), 0xffff0000, "has its size");
	set_config(3, PCI_BASE_ADDRESS_2, SLOT_BAR | 0x1230, 4);
	set_config(3, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	is(config(3, PCI_BASE_ADDRESS_2, 4), SLOT_BAR, "and is aligned to it");
	is(load(SLOT_BAR, 4), PCI_TEST_MAGIC, "and is there");
	ok(load(0, 4) == 0x0bad0bad0bad, "one without an address is not");
	is(ask_slot(PCI_RESOURCES_RELEASED, 3), 0, "released");
	ok(load(SLOT_BAR, 4) == 0x0bad0bad0bad, "it is not there");
	second.f.bar_size[2] = 0;
	is(root.bad, 0, "nothing was invalid");
}

static u32 assign(u32 type, u32 slot, u32 interrupts, u32 len)
{
	u8 text[256] = { 0 };

	put32(text, type);
	put32(text + 4, slot);
	put32(text + 128, interrupts);
	return ask(text, len);
}

static void resources(void)
{
	/* sizeof() of Linux's structs: 148 and 202 */
	is(assign(PCI_RESOURCES_ASSIGNED2, 0, 0, 202), 0, "resources: assigned in 1.2's form");
	is(reply_len, 136, "with what was assigned");
	is(assign(PCI_RESOURCES_ASSIGNED, 0, 0, 148), 0, "and in the first");
	is(assign(PCI_RESOURCES_ASSIGNED2, 0, 1, 202), PCI_STATUS_NOT_SUPPORTED,
	   "interrupts in them are refused");
	is(root.refused, 1, "and counted");
	is(assign(PCI_RESOURCES_ASSIGNED2, 0, 0, 128), PCI_STATUS_BAD_DATA, "a short one");
	is(assign(PCI_RESOURCES_ASSIGNED2, 5, 0, 202), PCI_STATUS_BAD_DATA, "an empty slot");
	is(assign(PCI_RESOURCES_ASSIGNED2, 0x80000000, 0, 202), PCI_STATUS_BAD_DATA,
	   "and one that is not there are invalid");
	is(ask_slot(PCI_RESOURCES_RELEASED, 5), 0, "an empty slot has nothing to release");
	is(ask_slot(PCI_RESOURCES_RELEASED, 8), PCI_STATUS_BAD_DATA,
	   "one beyond the last is invalid");
	is(ask_slot(PCI_QUERY_RESOURCE_REQUIREMENTS, 255), PCI_STATUS_BAD_DATA,
	   "as it is in requirements");
	is(ask_slot(0x42490009, 0), PCI_STATUS_NOT_SUPPORTED, "blocks are not supported");
	is(root.refused, 2, "which is counted");
	is(ask_slot(77, 0), PCI_STATUS_NOT_SUPPORTED, "nor are other messages");
	is(ask("\x07", 1), PCI_STATUS_NOT_SUPPORTED, "a byte is no message");
	is(root.bad, 7, "all are counted");
	root.bad = root.refused = 0;
	stop();
	start(PCI_PROTOCOL_VERSION_1_1);
	is(assign(PCI_RESOURCES_ASSIGNED2, 0, 0, 202), PCI_STATUS_BAD_DATA,
	   "1.1 does not know the second form");
	is(assign(PCI_RESOURCES_ASSIGNED, 0, 0, 148), 0, "but the first");
	is(root.bad, 1, "it is invalid");
	root.bad = 0;
}

static u64 msi_address;
static u32 msi_data;

static u32 created(u32 status)
{
	msi_address = get64(reply + 16);
	msi_data = get32(reply + 12);
	return status;
}

static u32 create_1(u32 slot, u32 vector, u32 count, u64 mask)
{
	struct pci_create_interrupt c = {
		PCI_CREATE_INTERRUPT_MESSAGE, slot, vector, 0, count, 0, mask
	};

	return created(ask(&c, sizeof(c)));
}

static u32 create_2(u32 slot, u32 vector, u32 count, u32 vp, u32 vps)
{
	struct pci_create_interrupt2 c = {
		PCI_CREATE_INTERRUPT_MESSAGE2, slot, vector, 0, count, vps, { vp }
	};

	return created(ask(&c, sizeof(c)));
}

static u32 create_3(u32 slot, u32 vector, u32 count, u32 vp, u32 vps)
{
	struct pci_create_interrupt3 c = {
		PCI_CREATE_INTERRUPT_MESSAGE3, slot, vector, 0, 0, count, vps, { vp }
	};

	return created(ask(&c, sizeof(c)));
}

static u32 drop(u32 slot, u64 address, u32 data)
{
	struct pci_delete_interrupt d = { PCI_DELETE_INTERRUPT_MESSAGE,
					  slot,
					  { .data = data, .address = address } };

	return ask(&d, sizeof(d));
}

static int raise(u32 data)
{
	struct pci_msi msi = { msi_address, data };
	int before = signals;

	vpci_raise(&pci, &msi);
	return signals - before;
}

static void by_version(void)
{
	is(create_1(0, 0x31, 1, ~0ull), 0, "interrupts: created in 1.1's form");
	is(reply_len, 24, "with a message");
	is(get16(reply + 10), 1, "for one vector");
	is(raise(msi_data), 1, "which is sent");
	ok(signalled.address == 0xfee00000 && signalled.data == 0x31, "as its vector, to VP 0");
	is(drop(0, msi_address, msi_data), 0, "it is deleted");
	is(raise(msi_data), 0, "and not sent any more");
	is(root.lost, 1, "but counted");
	is(create_1(0, 0x31, 1, 2), 0, "for VP 1 alone");
	is(raise(msi_data), 1, "it is sent");
	is(signalled.address, 0xfee01000, "to VP 1");
	is(create_2(0, 0x31, 1, 0, 1), PCI_STATUS_BAD_DATA, "1.1 has no second form");
	stop();
	is(raise(msi_data), 0, "a closed bus sends nothing");
	start(PCI_PROTOCOL_VERSION_1_2);
	is(create_2(0, 0x41, 1, 1, 1), 0, "1.2's form");
	is(raise(msi_data), 1, "is sent");
	ok(signalled.address == 0xfee01000 && signalled.data == 0x41, "to its VP");
	is(create_3(0, 0x41, 1, 1, 1), PCI_STATUS_BAD_DATA, "1.2 has no third form");
	stop();
	start(PCI_PROTOCOL_VERSION_1_4);
	is(create_3(0, 0x51, 1, 1, 1), 0, "1.4's form");
	is(raise(msi_data), 1, "is sent");
	ok(signalled.address == 0xfee01000 && signalled.data == 0x51, "to its VP");
	is(root.bad, 2, "two were invalid");
	root.bad = root.lost = 0;
}

static void wrong_interrupts(void)
{
	struct pci_create_interrupt3 c = { .type = PCI_CREATE_INTERRUPT_MESSAGE3,
					   .vector = 0x51,
					   .delivery_mode = 2,
					   .vector_count = 1,
					   .processor_count = 1 };
	u32 first = msi_data;

	is(create_3(0, 0x51, 0, 0, 1), PCI_STATUS_BAD_DATA, "no vector");
	is(create_3(0, 0x51, 3, 0, 1), PCI_STATUS_BAD_DATA, "three");
	is(create_3(0, 0x51, 64, 0, 1), PCI_STATUS_BAD_DATA, "64");
	is(create_3(0, 0x151, 1, 0, 1), PCI_STATUS_BAD_DATA, "vector 0x151");
	is(create_3(0, 15, 1, 0, 1), PCI_STATUS_BAD_DATA, "an exception");
	is(create_3(0, 0xffffffff, 2, 0, 1), PCI_STATUS_BAD_DATA, "vectors that wrap");
	is(create_3(0, 0xf8, 16, 0, 1), PCI_STATUS_BAD_DATA, "and beyond the last");
	is(create_3(0, 0x51, 1, 0, 0), PCI_STATUS_BAD_DATA, "no VP");
	is(create_3(0, 0x51, 1, VPS, 1), PCI_STATUS_BAD_DATA, "one that is not there");
	is(create_3(0, 0x51, 1, 0xffff, 1), PCI_STATUS_BAD_DATA, "VP 65535");
	is(create_3(0, 0x51, 1, 0, 33), PCI_STATUS_BAD_DATA, "33 of them");
	is(create_3(0, 0x51, 1, 0, 0xffff), PCI_STATUS_BAD_DATA, "and 65535");
	is(create_3(1, 0x51, 1, 0, 1), PCI_STATUS_BAD_DATA, "an empty slot");
	is(ask(&c, sizeof(c)), PCI_STATUS_BAD_DATA, "an unknown delivery mode");
	is(ask(&c, 32), PCI_STATUS_BAD_DATA, "and half a message are refused");
	is(drop(0, 0xfee00000, first + 1), PCI_STATUS_BAD_DATA, "deleting one that is not there");
	is(drop(0, 0xfee01000, first), PCI_STATUS_BAD_DATA, "with another address");
	is(drop(0, 0xfee00000, 0xffffffff), PCI_STATUS_BAD_DATA, "out of range");
	is(drop(3, 0xfee00000, first), PCI_STATUS_BAD_DATA, "and of another slot");
	is(root.bad, 19, "all are invalid");
	is(drop(0, 0xfee00000, first), 0, "its own is deleted");
	root.bad = 0;
}

static struct {
	u64 gpa, size;
	void *host;
} maps[VPCI_MAPS];
static int mapped, unmapped, refuse_map;

static int map(void *vm, unsigned int n, u64 gpa, u64 size, void *host)
{
	(void)vm;
	if (refuse_map || n >= VPCI_MAPS)
		return -1;
	*(host ? &mapped : &unmapped) += 1;
	maps[n].gpa = gpa;
	maps[n].size = size;
	maps[n].host = host;
	return 0;
}

/* A BAR that is memory: 64 kB, 32 bits, of the second function. */
static void memory_bar(void)
{
	static u8 memory[1 << 16];

	root.map = map;
	second.f.bar_size[2] = sizeof(memory);
	second.f.bar_memory[2] = memory;
	set_config(3, PCI_BASE_ADDRESS_2, SLOT_BAR, 4);
	is(mapped, 0, "memory: an address is not enough");
	set_config(3, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	ok(mapped == 1 && maps[0].gpa == SLOT_BAR && maps[0].size == sizeof(memory) &&
		   maps[0].host == memory,
	   "enabled, it is mapped");
	set_config(3, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
	is(mapped + unmapped, 1, "once");
	set_config(3, PCI_COMMAND, 0, 2);
	ok(unmapped == 1 && maps[0].gpa == SLOT_BAR && !maps[0].host, "and disabled, no more");
	set_config(3, PCI_BASE_ADDRESS_2, 0x100000, 4);
	set_config(3, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	is(mapped, 1, "not over RAM");
	set_config(3, PCI_COMMAND, 0, 2);
	set_config(3, PCI_BASE_ADDRESS_2, SLOT_BAR, 4);
	refuse_map = 1;
	set_config(3, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	is(load(SLOT_BAR, 4), PCI_TEST_MAGIC, "where KVM cannot, the function serves it");
	refuse_map = 0;
	set_config(3, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	is(mapped, 2, "until it can");
	ask_slot(PCI_RESOURCES_RELEASED, 3);
	is(unmapped, 2, "released");
	set_config(3, PCI_BASE_ADDRESS_2, SLOT_BAR, 4);
	set_config(3, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	leave();
	is(unmapped, 3, "and out of D0 it is not there");
	enter(WINDOW);
	set_config(3, PCI_BASE_ADDRESS_2, SLOT_BAR, 4);
	set_config(3, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	vpci_eject(&pci, 3);
	take(0);
	complete(3);
	is(unmapped, 4, "nor ejected");
	ok(mapped == 4 && !root.maps, "nothing is left of it");
	second.f.bar_size[2] = 0;
	second.f.bar_memory[2] = NULL;
	vpci_plug(&pci, 3, &second.f);
	take(0);
	ejects = 0;
	root.map = NULL;
}

static void many_interrupts(void)
{
	u32 status, n = 0, base;

	is(create_3(0, 0x60, 8, 0, 1), 0, "eight vectors in one message");
	base = msi_data;
	is(base % 8, 0, "are aligned, as MSI needs it");
	is(raise(base + 5), 1, "the sixth");
	is(signalled.data, 0x65, "is its vector");
	is(drop(0, msi_address, base + 1), PCI_STATUS_BAD_DATA, "they go together");
	while (!(status = create_3(0, 0x70, 1, 0, 1)) && n <= VPCI_INTERRUPTS)
		n++;
	is(status, PCI_STATUS_INSUFFICIENT_RESOURCES, "there is no end of them, but for the host");
	is(n, VPCI_INTERRUPTS - 8, "which has so many");
	for (u32 i = 0; i < 4; i++)
		if (drop(0, 0xfee00000, base + 8 + i) || drop(0, 0xfee00000, base + 20 + i))
			break;
	is(create_3(0, 0x70, 8, 0, 1), PCI_STATUS_INSUFFICIENT_RESOURCES,
	   "twice four that are free are not eight");
	is(drop(0, 0xfee00000, base), 0, "eight are deleted");
	is(create_3(0, 0x70, 16, 0, 1), PCI_STATUS_INSUFFICIENT_RESOURCES, "sixteen do not fit");
	is(create_3(0, 0x70, 8, 0, 1), 0, "eight do");
	is(ask_slot(PCI_RESOURCES_RELEASED, 0), 0, "released");
	is(create_3(3, 0x70, 32, 0, 1), 0, "all are free");
	is(create_3(3, 0x70, 32, 0, 1), 0, "for another slot");
	is(ask_slot(PCI_RESOURCES_RELEASED, 0), 0, "the first one's release");
	is(raise(msi_data), 1, "does not touch them");
	ask_slot(PCI_RESOURCES_RELEASED, 3);
	root.bad = root.refused = 0;
}

static void retarget(void)
{
	const u64 device = DEVICE(0x1234);

	create_3(0, 0x41, 1, 0, 1);
	is(vpci_retarget(&root, device, 0xfee00000, msi_data, 0x42, 2), 0, "retarget");
	is(raise(msi_data), 1, "the message stays");
	ok(signalled.address == 0xfee01000 && signalled.data == 0x42,
	   "and goes to the new VP, as the new vector");
	is(vpci_retarget(&root, device, 0xfee00000, msi_data, 0x42, 4), -1, "not to VP 2");
	is(vpci_retarget(&root, device, 0xfee00000, msi_data, 5, 1), -1, "not as an exception");
	is(vpci_retarget(&root, device, 0xfee00000, msi_data, 256, 1), -1, "nor as vector 256");
	is(vpci_retarget(&root, device, 0xfee00000, msi_data + 1, 0x42, 1), -1, "another message");
	is(vpci_retarget(&root, device + 1, 0xfee00000, msi_data, 0x42, 1), -1,
	   "and another device are errors");
	is(root.bad, 5, "and invalid");
	raise(msi_data);
	is(signalled.address, 0xfee01000, "they change nothing");
	is(root.retargeted, 1, "one is counted");
	root.bad = 0;
}

/* The whole way: the guest's entry in the table, its mask, the switch. */
static void msix(void)
{
	u64 table = HIGH + PCI_TEST_TABLE;
	int before;

	set_config(0, PCI_BASE_ADDRESS_0, (u32)HIGH, 4);
	set_config(0, PCI_BASE_ADDRESS_1, HIGH >> 32, 4);
	set_config(0, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
	is(load(table + 12, 4), 1, "MSI-X: an entry is masked at first");
	store(table, msi_address, 8);
	store(table + 8, msi_data, 4);
	before = signals;
	store(HIGH + PCI_TEST_RAISE, 0, 4);
	is(signals, before, "nothing is sent");
	set_config(0, 0x42, 0x8000, 2);
	is(signals, before, "nor with MSI-X on");
	is(load(HIGH + PCI_TEST_PENDING, 8), 1, "it is pending");
	store(table + 12, 0, 4);
	is(signals, before + 1, "unmasked it is sent");
	is(load(HIGH + PCI_TEST_PENDING, 8), 0, "once");
	set_config(0, 0x42, 0xc000, 2);
	store(HIGH + PCI_TEST_RAISE, 0, 4);
	is(signals, before + 1, "the mask of the function holds it");
	set_config(0, 0x42, 0x8000, 2);
	is(signals, before + 2, "and lets it go");
	store(HIGH + PCI_TEST_RAISE, 77, 4);
	is(signals, before + 2, "a vector that is not there is nothing");
	is(load(HIGH + PCI_TEST_RAISE, 4), 3, "but counted");
	leave();
	enter(WINDOW);
	is(config(0, 0x42, 2), PCI_TEST_VECTORS - 1, "out of D0 MSI-X is off");
	is(root.lost + root.bad, 0, "nothing was lost");
}

static void ejection(void)
{
	is(complete(3), PCI_STATUS_BAD_DATA, "ejection: complete without being asked");
	is(root.bad, 1, "is invalid");
	is(vpci_eject(&pci, 1), -1, "an empty slot");
	is(vpci_eject(&pci, VPCI_FUNCTIONS), -1, "and one that is not there are errors");
	create_3(3, 0x41, 1, 0, 1);
	is(vpci_eject(&pci, 3), 0, "a function");
	take(0);
	is(ejected_slot, 53, "is asked for");
	is(vpci_eject(&pci, 3), -1, "once");
	is(config(3, PCI_VENDOR_ID, 4), 0x7e571414, "and is there until then");
	is(complete(0), PCI_STATUS_BAD_DATA, "another slot is not the one");
	is(complete(3), 0, "the guest gives it up");
	is(ejected_slot, 3, "the host is told");
	is(config(3, PCI_VENDOR_ID, 4), 0xffffffff, "it is gone");
	is(raise(msi_data), 0, "with its interrupts");
	is(complete(3), PCI_STATUS_BAD_DATA, "and gone once");
	for (int i = 0; i < 10; i++) {
		vpci_plug(&pci, 3, &second.f);
		take(0);
		if (get32(relations + 4) != 2 || vpci_eject(&pci, 3))
			break;
		take(0);
		if (complete(3))
			break;
	}
	is(ejects, 11, "ten times more");
	ok(!pci.function[3].f, "it has come and gone");
	/* the ring is full: what is to be said waits */
	ejects = 0;
	for (int i = 0; i < 2000; i++) {
		pci.changed = 1;
		vpci_plug(&pci, 3, &second.f);
		pci.ch->ops->signal(pci.ch);
	}
	vpci_eject(&pci, 3);
	is(ejects, 0, "a full ring has no room for it");
	take(0);
	pci.ch->ops->signal(pci.ch);
	take(0);
	is(ejects, 1, "when there is room, it comes");
	ejected_slot = 99;
	stop();
	is(ejected_slot, 3, "a guest that closes the bus has given it up");
	vpci_plug(&pci, 3, &second.f);
	ejected_slot = 99;
	is(vpci_eject(&pci, 3), 0, "one that the guest does not have");
	is(ejected_slot, 3, "goes at once");
	root.bad = root.lost = 0;
}

/* Windows must not overlap: the second bus is in the way of the first. */
static void two_buses(void)
{
	u64 window;

	is(vpci_offer(&other, &root, 0x1235), 0, "two buses");
	vpci_plug(&other, 0, &third.f);
	start(PCI_PROTOCOL_VERSION_1_4);
	guest_open_at(other.ch, 0x300);
	ask_version(PCI_PROTOCOL_VERSION_1_4);
	is(enter(WINDOW + 0x1000), PCI_STATUS_BAD_DATA, "do not share a page of their windows");
	is(enter(WINDOW + 0x2000), 0, "but may be side by side");
	window = WINDOW + 0x2000;
	third.f.device = 0x1111;
	is(load(window + CFG_PAGE_OFFSET, 4), 0x11111414, "each has its function");
	is(config(0, 0, 4), 0x7e571414, "and the other its own");
	create_3(0, 0x77, 1, 1, 1);
	is(vpci_retarget(&root, DEVICE(0x1234), msi_address, msi_data, 0x78, 1), -1,
	   "an interrupt of one");
	is(vpci_retarget(&root, DEVICE(0x1235), msi_address, msi_data, 0x78, 1), 0,
	   "is not the other's");
	root.bad = 0;
}

static void withdrawn(void)
{
	struct vmbus_relid m = { .h.type = CHANNELMSG_RELID_RELEASED };
	u32 relid = other.ch->relid;

	other.gone = on_gone;
	vpci_withdraw(&other);
	is(rescinds, 1, "a bus is rescinded");
	m.h.type = CHANNELMSG_CLOSECHANNEL;
	m.relid = relid;
	guest_post(&m, sizeof(m));
	m.h.type = CHANNELMSG_RELID_RELEASED;
	guest_post(&m, sizeof(m));
	is(gone, 1, "and gone when the guest says so");
	ok(root.first == &pci && !pci.next, "nothing points to it");
	is(load(WINDOW + 0x3000, 4), 0x0bad0bad0badull, "its window is not there");
	is(vpci_offer(&other, &root, 0x1235), 0, "it can be offered again");
	is(bus.bad, 0, "the bus has seen nothing invalid");
}

/* Whatever is written wherever: one more seed of noise, this one by memory. */
static void random_memory(void)
{
	u32 seed = 1;
	u64 where[] = { WINDOW, WINDOW + 0x1000, WINDOW + 0x1040, HIGH, SLOT_BAR };

	for (int i = 0; i < 200000; i++) {
		u8 data[8];

		seed = seed * 1103515245 + 12345;
		for (int j = 0; j < 8; j++)
			data[j] = seed >> (j + 8);
		vpci_mmio(&root, where[seed >> 8 & 3] + (seed >> 16 & 0xff), seed >> 24 & 15, data,
			  seed >> 28 & 1);
	}
	ok(1, "200000 random accesses to its memory");
}

int main(void)
{
	guest_start();
	guest_contact();
	vpci_init(&root, &bus, VPS);
	root.signal = signal_msi;
	pci.ejected = on_ejected;
	pci_test_init(&test, vpci_raise, &pci);
	pci_test_init(&second, vpci_raise, &pci);
	pci_test_init(&third, vpci_raise, &other);
	is(vpci_plug(&pci, 0, &test.f), 0, "a function is plugged before the bus is offered");
	if (vpci_offer(&pci, &root, 0x1234))
		return 1;
	versions();
	bus_relations();
	power();
	config_space();
	capabilities();
	bars();
	resources();
	memory_bar();
	by_version();
	wrong_interrupts();
	many_interrupts();
	retarget();
	msix();
	ejection();
	two_buses();
	withdrawn();
	stop();
	start(PCI_PROTOCOL_VERSION_1_4);
	guest_noise(20000, VM_PKT_DATA_INBAND);
	random_memory();
	is(pci.ch->state, CHANNEL_OPEN, "the channel is open after 20000 random packets");
	return done();
}
