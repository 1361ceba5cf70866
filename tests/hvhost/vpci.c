// SPDX-License-Identifier: GPL-2.0
/*
 * PCI over VMBus: buses whose functions come and go. Guest side:
 * drivers/pci/controller/pci-hyperv.c, protocol 1.1 to 1.4. Here are the channel and its
 * messages; vpci_mmio.c has the configuration space, vpci_interrupt.c the interrupts. Not
 * modelled: configuration blocks (PCI_READ_BLOCK), resets, confidential devices.
 */
#include "vpci.h"
#include "proto/vpci.h"
#include <linux/pci_regs.h>

enum { OPENED, AGREED, IN_D0 };

static u8 buffer[16384];

static u32 bus_id(const struct vpci *bus)
{
	const u8 *b = bus->instance.b;

	return (u32)b[5] << 24 | (u32)b[4] << 16 | (u32)b[7] << 8 | (b[6] & 0xf8);
}

int vpci_retarget(void *arg, u64 device, u32 address, u32 data, u32 vector, u64 vps)
{
	struct vpci_root *root = arg;

	for (struct vpci *bus = root->first; bus; bus = bus->next)
		/* the low three bits are the function: all of ours have number 0 */
		if (bus->ch && bus_id(bus) == device)
			return vpci_set_target(bus, address, data, vector, vps);
	root->bad++;
	return -1;
}

static void describe(const struct vpci *bus, unsigned int slot, struct pci_function_description2 *d)
{
	const struct pci_function *f = bus->function[slot].f;

	*d = (struct pci_function_description2){
		.d = {
			.v_id = f->vendor,
			.d_id = f->device,
			.rev = f->revision,
			.prog_intf = f->class,
			.subclass = f->class >> 8,
			.base_class = f->class >> 16,
			.subsystem_id = f->subsystem_vendor | (u32)f->subsystem << 16,
			.slot = slot,
			/* names the slot in the guest's sysfs */
			.ser = bus->domain * VPCI_FUNCTIONS + slot,
		},
	};
}

/* All functions, those being ejected too. -1: no room in the ring. */
static int send_relations(struct vpci *bus)
{
	u8 text[sizeof(struct pci_bus_relations) +
		VPCI_FUNCTIONS * sizeof(struct pci_function_description2)];
	int second = bus->version >= PCI_PROTOCOL_VERSION_1_3;
	struct pci_bus_relations *relations = (void *)text;
	u32 len = sizeof(*relations);

	relations->type = second ? PCI_BUS_RELATIONS2 : PCI_BUS_RELATIONS;
	relations->device_count = 0;
	for (unsigned int slot = 0; slot < VPCI_FUNCTIONS; slot++) {
		struct pci_function_description2 d;
		u32 size = second ? sizeof(d) : sizeof(d.d);

		if (!bus->function[slot].f)
			continue;
		describe(bus, slot, &d);
		memcpy(text + len, &d, size);
		len += size;
		relations->device_count++;
	}
	if (channel_send(bus->ch, VM_PKT_DATA_INBAND, 0, 0, NULL, 0, text, len))
		return -1;
	bus->changed = 0;
	for (unsigned int slot = 0; slot < VPCI_FUNCTIONS; slot++)
		bus->function[slot].told = !!bus->function[slot].f;
	return 0;
}

/* Say what is to be said; a full ring: the guest signals when there is room. */
static void tell(struct vpci *bus)
{
	if (!bus->ch || bus->ch->state != CHANNEL_OPEN || bus->state == OPENED)
		return;
	if (bus->changed && send_relations(bus))
		return;
	for (unsigned int slot = 0; slot < VPCI_FUNCTIONS; slot++) {
		struct vpci_function *fn = &bus->function[slot];
		struct pci_child_message eject = { .type = PCI_EJECT, .slot = slot };

		if (!fn->eject || fn->eject_sent)
			continue;
		if (channel_send(bus->ch, VM_PKT_DATA_INBAND, 0, 0, NULL, 0, &eject, sizeof(eject)))
			return;
		fn->eject_sent = 1;
	}
}

static void unplug(struct vpci *bus, unsigned int slot)
{
	vpci_delete_interrupts(bus, slot);
	vpci_reset_function(bus, slot);
	memset(&bus->function[slot], 0, sizeof(bus->function[slot]));
	if (bus->ejected)
		bus->ejected(bus->arg, slot);
}

int vpci_plug(struct vpci *bus, unsigned int slot, struct pci_function *f)
{
	struct vpci_function *fn = &bus->function[slot];

	if (slot >= VPCI_FUNCTIONS || fn->f || f->capabilities_size > sizeof(f->capabilities))
		return -1;
	memset(fn, 0, sizeof(*fn));
	fn->f = f;
	memcpy(fn->capabilities, f->capabilities, sizeof(fn->capabilities));
	vpci_reset_function(bus, slot);
	bus->changed = 1;
	/* the first relations are an answer */
	if (bus->state == IN_D0)
		tell(bus);
	return 0;
}

int vpci_eject(struct vpci *bus, unsigned int slot)
{
	struct vpci_function *fn = &bus->function[slot];

	if (slot >= VPCI_FUNCTIONS || !fn->f || fn->eject)
		return -1;
	fn->eject = 1;
	if (fn->told)
		tell(bus);
	else
		unplug(bus, slot);
	return 0;
}

/* What a message is answered with. */
struct answer {
	u8 data[sizeof(struct pci_resources_assigned)];
	u32 len;
};

static u32 agree(struct vpci *bus, u32 slot, const void *msg, struct answer *answer)
{
	u32 version = ((const struct pci_version_request *)msg)->version;

	(void)slot;
	answer->len = sizeof(struct pci_version_reply);
	put32(answer->data + 4, bus->root->max_version);
	if (bus->state != OPENED) {
		bus->root->bad++;
		return PCI_STATUS_BAD_DATA;
	}
	if (version < PCI_PROTOCOL_VERSION_1_1 || version > bus->root->max_version)
		return PCI_STATUS_REVISION_MISMATCH;
	bus->state = AGREED;
	bus->version = version;
	if (!bus->root->first_version)
		bus->root->first_version = version;
	return PCI_STATUS_SUCCESS;
}

/* The answer to D0ENTRY comes after the relations: OpenVMM's order. */
static u32 relations(struct vpci *bus, u32 slot, const void *msg, struct answer *answer)
{
	(void)slot;
	(void)msg;
	(void)answer;
	bus->changed = 1;
	tell(bus);
	return PCI_STATUS_SUCCESS;
}

static int is_free(const struct vpci_root *root, u64 gpa)
{
	for (const struct vpci *bus = root->first; bus; bus = bus->next)
		if (bus->window && gpa < bus->window + PCI_CONFIG_MMIO_LENGTH &&
		    bus->window < gpa + PCI_CONFIG_MMIO_LENGTH)
			return 0;
	return 1;
}

static u32 enter_d0(struct vpci *bus, u32 slot, const void *msg, struct answer *answer)
{
	u64 gpa = ((const struct pci_bus_d0_entry *)msg)->mmio_base;

	if (bus->state == IN_D0)
		return PCI_STATUS_INVALID_DEVICE_STATE;
	if (gpa % PAGE_SIZE || !memory_is_mmio(gpa, PCI_CONFIG_MMIO_LENGTH) ||
	    !is_free(bus->root, gpa)) {
		bus->root->bad++;
		return PCI_STATUS_BAD_DATA;
	}
	bus->window = gpa;
	bus->state = IN_D0;
	bus->root->entries++;
	return relations(bus, slot, msg, answer);
}

/* The guest uses nothing of the bus any more. */
static void power_off(struct vpci *bus)
{
	bus->window = bus->slot = 0;
	for (unsigned int slot = 0; slot < VPCI_FUNCTIONS; slot++) {
		vpci_delete_interrupts(bus, slot);
		vpci_reset_function(bus, slot);
	}
}

static u32 exit_d0(struct vpci *bus, u32 slot, const void *msg, struct answer *answer)
{
	(void)slot;
	(void)msg;
	(void)answer;
	power_off(bus);
	bus->state = AGREED;
	return PCI_STATUS_SUCCESS;
}

static u32 requirements(struct vpci *bus, u32 slot, const void *msg, struct answer *answer)
{
	(void)msg;
	answer->len = sizeof(struct pci_q_res_req_response);
	for (unsigned int bar = 0; bar < PCI_BARS; bar++)
		put32(answer->data + 4 + 4 * bar, vpci_bar_mask(bus->function[slot].f, bar));
	return PCI_STATUS_SUCCESS;
}

/*
 * The guest's own ranges are in the BARs, which it writes later: Linux sends zeros. OpenVMM
 * answers with what was assigned.
 */
static u32 assigned(struct vpci *bus, u32 slot, const void *msg, struct answer *answer)
{
	const struct pci_resources_assigned *a = msg;

	(void)bus;
	if (a->msi_descriptors) {
		bus->root->refused++;
		return PCI_STATUS_NOT_SUPPORTED;
	}
	answer->len = sizeof(*a);
	put32(answer->data + 4, slot);
	memcpy(answer->data + 8, a->memory_range, sizeof(a->memory_range));
	return PCI_STATUS_SUCCESS;
}

static u32 released(struct vpci *bus, u32 slot, const void *msg, struct answer *answer)
{
	struct vpci_function *fn = &bus->function[slot];

	(void)msg;
	(void)answer;
	vpci_delete_interrupts(bus, slot);
	fn->command = 0;
	memset(fn->bar, 0, sizeof(fn->bar));
	vpci_map(bus, slot);
	return PCI_STATUS_SUCCESS;
}

static u32 set_power(struct vpci *bus, u32 slot, const void *msg, struct answer *answer)
{
	struct vpci_function *fn = &bus->function[slot];

	(void)answer;
	switch (((const struct pci_set_power *)msg)->power_state) {
	case PCI_POWER_D0:
		fn->command |= PCI_COMMAND_MEMORY;
		break;
	case PCI_POWER_D3:
		fn->command &= ~PCI_COMMAND_MEMORY;
		break;
	default:
		bus->root->bad++;
		return PCI_STATUS_BAD_DATA;
	}
	vpci_map(bus, slot);
	return PCI_STATUS_SUCCESS;
}

static u32 create(struct vpci *bus, u32 slot, u32 vector, u32 mode, u32 count, u64 vps,
		  struct answer *answer)
{
	struct pci_create_int_response reply = { .int_desc.vector_count = count };
	struct pci_msi msi = { 0 };

	/* 0 fixed, 1 lowest priority: OpenVMM's DeliveryMode */
	if (mode > 1) {
		bus->root->bad++;
		return PCI_STATUS_BAD_DATA;
	}
	reply.status = vpci_create_interrupt(bus, slot, vector, count, vps, &msi);
	reply.int_desc.address = msi.address;
	reply.int_desc.data = msi.data;
	answer->len = sizeof(reply);
	memcpy(answer->data, &reply, sizeof(reply));
	return reply.status;
}

static u32 create_1(struct vpci *bus, u32 slot, const void *msg, struct answer *answer)
{
	const struct pci_create_interrupt *c = msg;

	return create(bus, slot, c->vector, c->delivery_mode, c->vector_count, c->cpu_mask, answer);
}

/* A mask of the VPs in a list of COUNT, or 0: the list is longer than its message. */
static u64 vps_of(const void *list, u32 count)
{
	u64 vps = 0;

	for (u32 i = 0; count <= PCI_MSI_PROCESSORS && i < count; i++) {
		u16 vp = get16((const u8 *)list + 2 * i);

		if (vp < 64)
			vps |= BIT(vp);
	}
	return vps;
}

static u32 create_2(struct vpci *bus, u32 slot, const void *msg, struct answer *answer)
{
	const struct pci_create_interrupt2 *c = msg;

	return create(bus, slot, c->vector, c->delivery_mode, c->vector_count,
		      vps_of(c->processor_array, c->processor_count), answer);
}

static u32 create_3(struct vpci *bus, u32 slot, const void *msg, struct answer *answer)
{
	const struct pci_create_interrupt3 *c = msg;

	return create(bus, slot, c->vector, c->delivery_mode, c->vector_count,
		      vps_of(c->processor_array, c->processor_count), answer);
}

static u32 delete_interrupt(struct vpci *bus, u32 slot, const void *msg, struct answer *answer)
{
	const struct pci_delete_interrupt *d = msg;

	(void)answer;
	return vpci_delete_interrupt(bus, slot, d->int_desc.address, d->int_desc.data);
}

static u32 ejected(struct vpci *bus, u32 slot, const void *msg, struct answer *answer)
{
	(void)msg;
	(void)answer;
	if (!bus->function[slot].eject_sent) {
		bus->root->bad++;
		return PCI_STATUS_BAD_DATA;
	}
	unplug(bus, slot);
	return PCI_STATUS_SUCCESS;
}

#define OF_SLOT	   1 /* names a slot, which must have a function */
#define ONLY_D0	   2 /* in other states it is invalid */
#define OF_ANY_ONE 4 /* names a slot; without a function it is of no effect */

static const struct {
	u32 type, size, version;
	int flags;
	u32 (*handle)(struct vpci *bus, u32 slot, const void *msg, struct answer *answer);
} messages[] = {
	{ PCI_QUERY_PROTOCOL_VERSION, sizeof(struct pci_version_request), 0, 0, agree },
	{ PCI_QUERY_BUS_RELATIONS, 4, PCI_PROTOCOL_VERSION_1_1, 0, relations },
	{ PCI_BUS_D0ENTRY, sizeof(struct pci_bus_d0_entry), PCI_PROTOCOL_VERSION_1_1, 0, enter_d0 },
	{ PCI_BUS_D0EXIT, 4, PCI_PROTOCOL_VERSION_1_1, 0, exit_d0 },
	{ PCI_QUERY_RESOURCE_REQUIREMENTS, sizeof(struct pci_child_message),
	  PCI_PROTOCOL_VERSION_1_1, OF_SLOT, requirements },
	{ PCI_RESOURCES_ASSIGNED, sizeof(struct pci_resources_assigned), PCI_PROTOCOL_VERSION_1_1,
	  OF_SLOT | ONLY_D0, assigned },
	{ PCI_RESOURCES_ASSIGNED2, sizeof(struct pci_resources_assigned), PCI_PROTOCOL_VERSION_1_2,
	  OF_SLOT | ONLY_D0, assigned },
	{ PCI_RESOURCES_RELEASED, sizeof(struct pci_child_message), PCI_PROTOCOL_VERSION_1_1,
	  OF_ANY_ONE, released },
	{ PCI_POWER_STATE_CHANGE, sizeof(struct pci_set_power), PCI_PROTOCOL_VERSION_1_1,
	  OF_SLOT | ONLY_D0, set_power },
	{ PCI_CREATE_INTERRUPT_MESSAGE, sizeof(struct pci_create_interrupt),
	  PCI_PROTOCOL_VERSION_1_1, OF_SLOT | ONLY_D0, create_1 },
	{ PCI_CREATE_INTERRUPT_MESSAGE2, sizeof(struct pci_create_interrupt2),
	  PCI_PROTOCOL_VERSION_1_2, OF_SLOT | ONLY_D0, create_2 },
	{ PCI_CREATE_INTERRUPT_MESSAGE3, sizeof(struct pci_create_interrupt3),
	  PCI_PROTOCOL_VERSION_1_4, OF_SLOT | ONLY_D0, create_3 },
	{ PCI_DELETE_INTERRUPT_MESSAGE, sizeof(struct pci_delete_interrupt),
	  PCI_PROTOCOL_VERSION_1_1, OF_SLOT, delete_interrupt },
	{ PCI_DELETE_INTERRUPT_MESSAGE2, sizeof(struct pci_delete_interrupt),
	  PCI_PROTOCOL_VERSION_1_2, OF_SLOT, delete_interrupt },
	{ PCI_EJECTION_COMPLETE, sizeof(struct pci_eject_response), PCI_PROTOCOL_VERSION_1_1,
	  OF_SLOT, ejected },
};

/* Handle MSG of LEN bytes, a copy; the status. */
static u32 run(struct vpci *bus, const void *msg, u32 len, struct answer *answer)
{
	u32 type = len >= 4 ? get32(msg) : 0, slot = len >= 8 ? get32((const u8 *)msg + 4) : 0;
	size_t i = 0;

	while (i < ARRAY_SIZE(messages) && messages[i].type != type)
		i++;
	if (i == ARRAY_SIZE(messages)) {
		if (type >> 16 == PCI_BUS_RELATIONS >> 16)
			bus->root->refused++;
		else
			bus->root->bad++;
		return PCI_STATUS_NOT_SUPPORTED;
	}
	if (len < messages[i].size || bus->version < messages[i].version ||
	    (messages[i].flags & ONLY_D0 && bus->state != IN_D0))
		goto bad;
	if (messages[i].flags & (OF_SLOT | OF_ANY_ONE)) {
		if (slot >= VPCI_FUNCTIONS)
			goto bad;
		if (!bus->function[slot].f) {
			if (messages[i].flags & OF_ANY_ONE)
				return PCI_STATUS_SUCCESS;
			goto bad;
		}
	}
	return messages[i].handle(bus, slot, msg, answer);
bad:
	bus->root->bad++;
	return PCI_STATUS_BAD_DATA;
}

void vpci_receive(struct channel *ch, struct packet *packet)
{
	struct vpci *bus = ch->device;
	struct answer answer = { .len = 4 };
	u32 status;

	if (packet->type != VM_PKT_DATA_INBAND) {
		bus->root->bad++;
		return;
	}
	status = run(bus, packet->data, packet->len, &answer);
	put32(answer.data, status);
	/* a guest that asks for more than its ring can take waits for ever */
	if (packet->flags & VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED &&
	    channel_send(ch, VM_PKT_COMP, 0, packet->id, NULL, 0, answer.data, answer.len))
		bus->root->bad++;
}

static int opened(struct channel *ch)
{
	struct vpci *bus = ch->device;

	bus->state = OPENED;
	bus->version = 0;
	return 0;
}

static void signalled(struct channel *ch)
{
	channel_drain(ch, buffer, sizeof(buffer), vpci_receive);
	if (((struct vpci *)ch->device)->state == IN_D0)
		tell(ch->device);
}

/* A guest that closes the bus has given up its functions. */
static void closed(struct channel *ch)
{
	struct vpci *bus = ch->device;

	power_off(bus);
	bus->state = OPENED;
	bus->version = 0;
	for (unsigned int slot = 0; slot < VPCI_FUNCTIONS; slot++) {
		bus->function[slot].told = 0;
		if (bus->function[slot].eject)
			unplug(bus, slot);
	}
}

static void channel_released(struct channel *ch)
{
	struct vpci *bus = ch->device, **at = &bus->root->first;

	while (*at && *at != bus)
		at = &(*at)->next;
	if (*at)
		*at = bus->next;
	bus->ch = NULL;
	if (bus->gone)
		bus->gone(bus->arg);
}

static const struct channel_ops ops = {
	.open = opened,
	.signal = signalled,
	.close = closed,
	.released = channel_released,
};

int vpci_offer(struct vpci *bus, struct vpci_root *root, u16 domain)
{
	static const struct guid type = HV_PCIE_GUID;

	bus->root = root;
	bus->domain = domain;
	/* the guest takes the domain from bytes 4 and 5, before Linux 5.4 from 8 and 9 */
	bus->instance = (struct guid){ { 'I', 'C', 'P', 'V', 0, 0, 0, 0x40, 0x80 } };
	put16(bus->instance.b + 4, domain);
	bus->instance.b[9] = domain;
	bus->ch = vmbus_offer(root->bus, &type, &bus->instance,
			      VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE, NULL, 0, &ops, bus);
	if (!bus->ch)
		return error("vpci: no channel is free");
	bus->next = root->first;
	root->first = bus;
	return 0;
}

void vpci_withdraw(struct vpci *bus)
{
	if (bus->ch)
		vmbus_rescind(bus->ch);
}

void vpci_init(struct vpci_root *root, struct vmbus *bus, int vps)
{
	memset(root, 0, sizeof(*root));
	root->bus = bus;
	root->vps = vps;
	root->max_version = PCI_PROTOCOL_VERSION_1_4;
}
