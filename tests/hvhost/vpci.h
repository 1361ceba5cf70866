/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VPCI_H
#define VPCI_H

#include "memory.h"
#include "pci.h"
#include "vmbus.h"

#define VPCI_FUNCTIONS	8  /* of a bus: slot N is device N, function 0 */
#define VPCI_INTERRUPTS 64 /* of a bus; the number is ours */
#define VPCI_MAPS	16 /* BARs with memory that the guest has mapped, of all buses */

struct vpci_root;

struct vpci_function {
	struct pci_function *f; /* NULL: the slot is empty */
	u16 command;
	u32 bar[PCI_BARS];     /* what the guest has written, without the bits of the size */
	u8 capabilities[192];  /* as they were when it was plugged */
	u64 mapped[PCI_BARS];  /* where the guest has the memory of a BAR; 0: nowhere */
	int map[PCI_BARS];     /* its number */
	int told;	       /* the guest has it in its relations */
	int eject, eject_sent; /* the guest is to give it up; has been asked */
};

struct vpci_interrupt {
	int used, slot, count; /* COUNT: of the message, in its first entry; else 0 */
	u8 vector;
	u64 vps; /* bit N: VP N; one of them gets it */
};

/* A bus: one channel, with its functions. All zero before it is offered. */
struct vpci {
	struct vpci_root *root;
	struct vpci *next;
	struct channel *ch; /* NULL: not offered */
	u16 domain;
	struct guid instance;
	int state; /* of the protocol */
	u32 version;
	u64 window;  /* of the configuration space; 0: not in D0 */
	u32 slot;    /* selected in it */
	int changed; /* and the guest has not been told */
	struct vpci_function function[VPCI_FUNCTIONS];
	struct vpci_interrupt interrupt[VPCI_INTERRUPTS];
	/* optional: the guest has given up the function of SLOT; has released the channel */
	void (*ejected)(void *arg, unsigned int slot);
	void (*gone)(void *arg);
	void *arg;
};

/* What all buses share: their way to the machine. */
struct vpci_root {
	struct vmbus *bus;
	int vps;
	int (*signal)(void *vm, const struct pci_msi *msi); /* to a local APIC; 0, or -1 */
	/*
	 * Let SIZE bytes at GPA be the memory HOST, with HOST NULL no more; N is below VPCI_MAPS.
	 * 0, or -1: accesses come by vpci_mmio() then. NULL: they always do.
	 */
	int (*map)(void *vm, unsigned int n, u64 gpa, u64 size, void *host);
	void *vm;
	u32 max_version;
	struct vpci *first;
	u32 maps; /* bit N: N is in use */
	/* for the report: messages that are invalid; refused ones that only hvhost lacks;
	 * interrupts of functions that the guest has not asked for */
	u64 bad, refused, lost;
	u64 raised, retargeted, entries; /* of D0 */
	u32 first_version;
};

void vpci_init(struct vpci_root *root, struct vmbus *bus, int vps);
/*
 * Offer BUS. DOMAIN is the guest's PCI domain: not 0, and its low byte of no other bus. 0, or
 * -1 after error(). vpci_withdraw() rescinds it; gone() is called when the guest has released
 * it.
 */
int vpci_offer(struct vpci *bus, struct vpci_root *root, u16 domain);
void vpci_withdraw(struct vpci *bus);
/* Let F be the function of SLOT, also while the guest runs, which is told. 0, or -1: taken. */
int vpci_plug(struct vpci *bus, unsigned int slot, struct pci_function *f);
/*
 * Ask the guest to give up the function of SLOT; ejected() follows, at once if the guest does
 * not have it. -1: the slot is empty, or is being ejected.
 */
int vpci_eject(struct vpci *bus, unsigned int slot);

/*
 * An access of a vCPU to LEN bytes at GPA, which is not RAM. 1, and what is read is in DATA;
 * 0: no window and no BAR has all of it.
 */
int vpci_mmio(void *root, u64 gpa, u32 len, u8 *data, int write);

/* A function of BUS sends MSI. The translation is what the guest has asked for. */
void vpci_raise(void *bus, const struct pci_msi *msi);
/*
 * HVCALL_RETARGET_INTERRUPT: the message ADDRESS, DATA of DEVICE is VECTOR on one of VPS (bit
 * N: VP N) from now on. 0, or -1: there is no such device or message, or none of the VPs.
 */
int vpci_retarget(void *root, u64 device, u32 address, u32 data, u32 vector, u64 vps);

/* Handle one packet of the guest. */
void vpci_receive(struct channel *ch, struct packet *packet);

/* shared by vpci.c, vpci_mmio.c and vpci_interrupt.c */
void vpci_reset_function(struct vpci *bus, unsigned int slot);
/* Map the memory of BARs where it is to be now. Call after a change of BARs, command or D0. */
void vpci_map(struct vpci *bus, unsigned int slot);
u32 vpci_bar_mask(const struct pci_function *f, unsigned int bar); /* with the type's bits */
/* Both return a status. *DATA is the first of COUNT (1 to 32) data values. */
u32 vpci_create_interrupt(struct vpci *bus, unsigned int slot, u32 vector, u32 count, u64 vps,
			  struct pci_msi *msi);
u32 vpci_delete_interrupt(struct vpci *bus, unsigned int slot, u64 address, u32 data);
void vpci_delete_interrupts(struct vpci *bus, unsigned int slot);
int vpci_set_target(struct vpci *bus, u32 address, u32 data, u32 vector, u64 vps);

#endif
