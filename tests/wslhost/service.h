/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SERVICE_H
#define SERVICE_H

#include "message.h"
#include <stdio.h>

#define CONNECTIONS 16

/* What WSL's service sees of a start, in its order; a row each. */
enum step {
	CALLED,	      /* the first connection to PORT_INIT */
	CAPABILITIES, /* the first message on it */
	SECCOMP,      /* what that says of the kernel */
	POOL,
	CALLED_AGAIN, /* the second connection, for notices */
	NETWORK,      /* early config was sent: connections of the network service and for DNS */
	DNS,
	CONFIGURED, /* a request behind initial config was answered */
	ENDED,	    /* the service has hung up, and the guest has powered off */
	STEPS,
};

struct plan {
	unsigned int ms;     /* for each step that waits; WSL: 30000, kernelBootTimeout */
	const char *release; /* that the guest has to have; NULL: any */
	int pool;	     /* the command line has hv_pci_swiotlb= */
	int config;	     /* send early and initial config, as follows */
	int isolate;	     /* the group wsl-user, on by default in WSL */
	uint32_t system, modules, swap; /* LUNs, or LUN_NONE */
	const char *module_list;	/* loadKernelModules, or NULL */
};

struct connection {
	int fd, port, nth; /* nth of its port, from 0; fd -1: free */
	size_t have;
	uint8_t bytes[MESSAGE_MAX];
};

/*
 * WSL's service at one start. It writes its rows as TAP, each when it is decided, and the plan
 * last. After a step that fails the others are rows that are not ok.
 */
struct service {
	struct plan plan;
	FILE *out;
	int rows, bad, over, calls;
	char decided[STEPS];
	struct capabilities caps;
	uint64_t began, waits_since; /* ms */
	struct connection connection[CONNECTIONS];
};

void service_init(struct service *service, const struct plan *plan, FILE *out);
/* The guest has connected to PORT; FD is the service's from now on. */
void service_accept(struct service *service, int port, int fd);
/*
 * Wait for at most MS, and for a connection at the COUNT sockets that LISTENERS has, which are
 * for PORTS; do what is due. 1: go on, 0: the trial is over and its rows are written.
 */
int service_turn(struct service *service, const int *listeners, const int *ports, int count,
		 int ms);
/* The machine is gone: what its guest has said is still taken, and nothing more will come. */
void service_machine_ended(struct service *service);
/* Hang up whatever is left. How many rows are not ok. */
int service_end(struct service *service);

#endif
