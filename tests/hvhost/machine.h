/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MACHINE_H
#define MACHINE_H

#include "balloon.h"
#include "board.h"
#include "dxg.h"
#include "host.h"
#include "hostile.h"
#include "hv_sock.h"
#include "ic.h"
#include "netvsc.h"
#include "pci_test.h"
#include "storvsc.h"
#include "virtio.h"
#include "vpci.h"
#include <stdio.h>

#define PCI_TESTS 4

/* The whole machine. The tests use all of it; devices do not see it. */
struct machine {
	struct loop loop;
	struct worker worker; /* flushes the disks */
	struct vm vm;
	struct board board;
	struct vmbus bus;
	struct host host;
	struct storvsc scsi, scsi_read_only, scsi_plugged;
	struct disk disk, read_only, plugged;
	struct disk luns[STORVSC_LUNS]; /* of scsi, attached by the tests */
	int wsl_disks;			/* --wsl-disks */
	struct hv_sock sock;
	struct ic ic;
	struct balloon balloon;
	struct netvsc net;
	struct dxg dxg;
	struct vpci_root pci;
	struct vpci pci_bus[PCI_TESTS];
	struct pci_test pci_test[PCI_TESTS];
	unsigned int pci_tests;
	struct virtio virtio;
	struct hostile hostile;
	u64 seed;	   /* of the hostile host */
	const char *dir;   /* for sockets and the second disk of the tests */
	const char *walls; /* of the sandbox, in words; NULL: not in it */
	int has_disk, has_read_only, has_net, has_gpu;
	u64 init_ns; /* from the start of vCPU 0 to the first line of /init */
	u32 plugs, unplugs;
	u32 pci_plugs, pci_ejects; /* of the function of the first PCI bus, by the tests */
	int pci_ejecting;	   /* 1: the function, 2: and then its bus */
	int unplugging;
	int shutdown_asked, orderly;
};

/* commands.c: serve the tests in the guest, with their sockets and files in m->dir */
int commands_init(struct machine *m);
/* The paths that their streams connect to, in this DIR. */
#define COMMANDS_SOCKETS 5
void commands_sockets(const char *dir, const char **path);
/* report.c: the host's rows; how many are not ok. */
int report_write(struct machine *m, FILE *out);

#endif
