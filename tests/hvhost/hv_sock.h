/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HV_SOCK_H
#define HV_SOCK_H

#include "loop.h"
#include "vmbus.h"

#define HV_SOCK_PORTS 16

struct hv_sock {
	struct vmbus *bus;
	struct loop *loop;
	struct {
		u32 port;
		const char *path;
	} service[HV_SOCK_PORTS]; /* guest to host */
	struct hv_listen {	  /* host to guest */
		struct hv_sock *sock;
		u32 port;
		int fd, failed;
		struct watch *watch;
		struct timer again; /* after an accept() that failed */
	} listen[HV_SOCK_PORTS];
	int services, listens;
	u32 next_peer;
	/* for the report */
	u64 live, total, refused, timed_out, released, to_guest, from_guest, bad;
};

void hv_sock_init(struct hv_sock *sock, struct vmbus *bus, struct loop *loop);
/* Forward connections of the guest to PORT to the unix socket PATH. */
int hv_sock_service(struct hv_sock *sock, u32 port, const char *path);
/* Create the unix socket PATH and forward its connections to PORT of the guest. */
int hv_sock_listen(struct hv_sock *sock, u32 port, const char *path);
void hv_sock_connect(void *sock, const struct vmbus_channel_tl_connect_request *request);

#endif
