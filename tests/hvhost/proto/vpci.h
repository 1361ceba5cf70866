/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of PCI over VMBus. Source: the guest's drivers/pci/controller/pci-hyperv.c (enum
 * pci_message_type and the structs named here; a name of the driver is kept), and OpenVMM's
 * vpci_protocol/src/lib.rs for the layout of what Linux sends as zeros. All is little-endian;
 * a packet of the ring is padded to eight bytes.
 */
#ifndef PROTO_VPCI_H
#define PROTO_VPCI_H

#include "../hvhost.h"

/* class of the channel: 44c4f61d-4444-4400-9d52-802e27ede19f */
#define HV_PCIE_GUID                                                                            \
	{                                                                                       \
		{                                                                               \
			0x1d, 0xf6, 0xc4, 0x44, 0x44, 0x44, 0x00, 0x44, 0x9d, 0x52, 0x80, 0x2e, \
				0x27, 0xed, 0xe1, 0x9f                                          \
		}                                                                               \
	}

#define PCI_VERSION(major, minor) ((u32)(major) << 16 | (minor))
#define PCI_PROTOCOL_VERSION_1_1  PCI_VERSION(1, 1) /* Windows 10 */
#define PCI_PROTOCOL_VERSION_1_2  PCI_VERSION(1, 2) /* 1607: interrupts for lists of VPs */
#define PCI_PROTOCOL_VERSION_1_3  PCI_VERSION(1, 3) /* 2004: NUMA nodes in the relations */
#define PCI_PROTOCOL_VERSION_1_4  PCI_VERSION(1, 4) /* Server 2022: vectors of 32 bits */

enum pci_message_type {
	PCI_BUS_RELATIONS = 0x42490000,
	PCI_QUERY_BUS_RELATIONS = 0x42490001,
	PCI_POWER_STATE_CHANGE = 0x42490004,
	PCI_QUERY_RESOURCE_REQUIREMENTS = 0x42490005,
	PCI_BUS_D0ENTRY = 0x42490007,
	PCI_BUS_D0EXIT = 0x42490008,
	PCI_EJECT = 0x4249000b,
	PCI_EJECTION_COMPLETE = 0x4249000f,
	PCI_RESOURCES_ASSIGNED = 0x42490010,
	PCI_RESOURCES_RELEASED = 0x42490011,
	PCI_QUERY_PROTOCOL_VERSION = 0x42490013,
	PCI_CREATE_INTERRUPT_MESSAGE = 0x42490014,
	PCI_DELETE_INTERRUPT_MESSAGE = 0x42490015,
	PCI_RESOURCES_ASSIGNED2 = 0x42490016,
	PCI_CREATE_INTERRUPT_MESSAGE2 = 0x42490017,
	PCI_DELETE_INTERRUPT_MESSAGE2 = 0x42490018,
	PCI_BUS_RELATIONS2 = 0x42490019,
	PCI_CREATE_INTERRUPT_MESSAGE3 = 0x4249001b,
};

/* Windows' status codes; a guest takes a negative one as a failure. */
#define PCI_STATUS_SUCCESS		  0
#define PCI_STATUS_REVISION_MISMATCH	  0xc0000059 /* the guest tries an older version */
#define PCI_STATUS_INSUFFICIENT_RESOURCES 0xc000009a
#define PCI_STATUS_NOT_SUPPORTED	  0xc00000bb
#define PCI_STATUS_INVALID_DEVICE_STATE	  0xc0000184 /* to D0ENTRY: the guest leaves D0 first */
#define PCI_STATUS_BAD_DATA		  0xc000090b

#define PCI_CONFIG_MMIO_LENGTH 0x2000 /* page 0: the slot, page 1: its configuration space */
#define CFG_PAGE_OFFSET	       0x1000

struct pci_version_request {
	u32 type, version;
} __attribute__((packed));

struct pci_version_reply { /* OpenVMM: QueryProtocolVersionReply; Linux reads the status */
	u32 status, version;
} __attribute__((packed));

struct pci_child_message { /* and PCI_EJECT, RESOURCES_RELEASED */
	u32 type, slot;	   /* 5 bits device, 3 bits function */
} __attribute__((packed));

struct pci_bus_d0_entry {
	u32 type, reserved;
	u64 mmio_base; /* of the window */
} __attribute__((packed));
_Static_assert(sizeof(struct pci_bus_d0_entry) == 16, "d0 entry");

struct pci_bus_relations {
	u32 type, device_count;
	/* then pci_function_description, or the second one */
} __attribute__((packed));

struct pci_function_description { /* PCI_BUS_RELATIONS */
	u16 v_id, d_id;
	u8 rev, prog_intf, subclass, base_class;
	u32 subsystem_id; /* vendor in the low half */
	u32 slot, ser;
} __attribute__((packed));
_Static_assert(sizeof(struct pci_function_description) == 20, "description");

struct pci_function_description2 { /* PCI_BUS_RELATIONS2 */
	struct pci_function_description d;
	u32 flags; /* 1: the node is valid */
	u16 virtual_numa_node, reserved;
} __attribute__((packed));
_Static_assert(sizeof(struct pci_function_description2) == 28, "description 2");

struct pci_q_res_req_response {
	u32 status, probed_bar[6]; /* as read after a write of ones */
} __attribute__((packed));
_Static_assert(sizeof(struct pci_q_res_req_response) == 28, "requirements");

struct pci_resources_assigned { /* and ASSIGNED2; Linux leaves all but the slot zero */
	u32 type, slot;
	u8 memory_range[6][20];
	u32 msi_descriptors, reserved; /* then an entry for each */
} __attribute__((packed));
_Static_assert(sizeof(struct pci_resources_assigned) == 136, "assigned");

struct pci_set_power {
	u32 type, slot, power_state; /* OpenVMM: DevicePowerState */
} __attribute__((packed));
#define PCI_POWER_D0 1
#define PCI_POWER_D3 4

#define PCI_MSI_PROCESSORS 32 /* entries of processor_array */

struct pci_create_interrupt { /* 1.1 */
	u32 type, slot;
	u8 vector, delivery_mode;
	u16 vector_count;
	u32 reserved;
	u64 cpu_mask;
} __attribute__((packed));
_Static_assert(sizeof(struct pci_create_interrupt) == 24, "create");

struct pci_create_interrupt2 { /* 1.2 and 1.3 */
	u32 type, slot;
	u8 vector, delivery_mode;
	u16 vector_count, processor_count, processor_array[PCI_MSI_PROCESSORS];
} __attribute__((packed));
_Static_assert(sizeof(struct pci_create_interrupt2) == 78, "create 2");

struct pci_create_interrupt3 { /* 1.4 */
	u32 type, slot, vector;
	u8 delivery_mode, reserved;
	u16 vector_count, processor_count, processor_array[PCI_MSI_PROCESSORS];
} __attribute__((packed));
_Static_assert(sizeof(struct pci_create_interrupt3) == 82, "create 3");

#define PCI_MSI_MAX_VECTORS 32 /* of one message: what MSI can have */

struct tran_int_desc { /* what the function is to send */
	u16 reserved, vector_count;
	u32 data;
	u64 address;
} __attribute__((packed));

struct pci_create_int_response {
	u32 status, reserved;
	struct tran_int_desc int_desc;
} __attribute__((packed));
_Static_assert(sizeof(struct pci_create_int_response) == 24, "created");

struct pci_delete_interrupt { /* no completion is asked for */
	u32 type, slot;
	struct tran_int_desc int_desc;
} __attribute__((packed));
_Static_assert(sizeof(struct pci_delete_interrupt) == 24, "delete");

struct pci_eject_response {
	u32 type, slot, status;
} __attribute__((packed));

#endif
