// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets between host and guest: each stream is a channel, and a unix socket on the
 * host. Guest side: net/vmw_vsock/hyperv_transport.c.
 */
#define _GNU_SOURCE
#include "hv_sock.h"
#include "broker.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HEADER	   8 /* u32 1, u32 bytes of data */
#define DATA	   1
#define CHUNK	   8192 /* the guest accepts up to 16384 */
#define PACKET_MAX 20480
#define ACCEPT_MS  2000 /* the guest must accept within */
#define TO_GUEST   1	/* byte of the offer: the host connects */

/* PORT-facb-11e6-bd58-64006a7986d3 */
static const struct guid service = { { 0, 0, 0, 0, 0xcb, 0xfa, 0xe6, 0x11, 0xbd, 0x58, 0x64, 0x00,
				       0x6a, 0x79, 0x86, 0xd3 } };

struct stream {
	struct hv_sock *sock;
	struct channel *ch;
	struct timer accept;
	int fd;
	struct watch *watch;
	int fin_sent, fin_seen;
	u8 *back; /* backlog: the unix socket is full */
	u32 back_len, back_at;
};

static u8 buffer[PACKET_MAX];

static void watch_for(struct stream *s)
{
	u32 events = 0;

	if (!s->watch)
		return;
	if (!s->fin_sent && ring_ask(&s->ch->out, HEADER + CHUNK))
		events |= EPOLLIN;
	if (s->back_len)
		events |= EPOLLOUT;
	loop_events(s->sock->loop, s->watch, events);
}

static void hang_up(struct stream *s)
{
	loop_forget(s->sock->loop, s->watch);
	s->watch = NULL;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	timer_stop(s->sock->loop, &s->accept);
}

/* The guest waits for the rescind before it destroys its socket. */
static void end(struct stream *s)
{
	hang_up(s);
	vmbus_rescind(s->ch);
}

static void finish(struct stream *s)
{
	if (s->fin_sent && s->fin_seen && !s->back_len)
		end(s);
}

static int packet(struct stream *s, u32 len)
{
	put32(buffer, DATA);
	put32(buffer + 4, len);
	return channel_send(s->ch, VM_PKT_DATA_INBAND, 0, 0, NULL, 0, buffer, HEADER + len);
}

static void to_guest(struct stream *s)
{
	ssize_t n;

	while (!s->fin_sent && ring_ask(&s->ch->out, HEADER + CHUNK)) {
		n = read(s->fd, buffer + HEADER, CHUNK);
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0)
			s->fin_sent = 1;
		else
			s->sock->to_guest += n;
		if (packet(s, n > 0 ? n : 0))
			s->sock->bad++;
	}
}

/* Keep what the unix socket does not accept, and stop reading the ring. */
static void deliver(struct stream *s, const u8 *data, u32 len)
{
	ssize_t n = len ? send(s->fd, data, len, MSG_NOSIGNAL) : 0;

	s->sock->from_guest += len;
	if (n < 0 && errno != EAGAIN) {
		end(s);
		return;
	}
	n = n < 0 ? 0 : n;
	if (n == (ssize_t)len)
		return;
	s->back = malloc(len - n);
	if (!s->back) {
		end(s);
		return;
	}
	memcpy(s->back, data + n, len - n);
	s->back_len = len - n;
	s->back_at = 0;
}

static void from_guest(struct stream *s)
{
	struct packet p;
	int rc = RING_EMPTY;

	do {
		ring_draining(&s->ch->in);
		while (!s->back_len && !s->ch->rescinded &&
		       (rc = channel_recv(s->ch, &p, buffer, sizeof(buffer))) > 0) {
			u32 len = p.len >= HEADER ? get32(p.data + 4) : 0;

			if (p.type != VM_PKT_DATA_INBAND || p.len < HEADER ||
			    len > p.len - HEADER) {
				s->sock->bad++;
				end(s);
			} else if (len) {
				deliver(s, p.data + HEADER, len);
			} else {
				s->fin_seen = 1;
				shutdown(s->fd, SHUT_WR);
			}
		}
		/* keep signals masked while no more can be read */
		if (s->back_len || s->ch->rescinded || rc < 0)
			break;
	} while (ring_drained(&s->ch->in));
	if (rc < 0)
		end(s);
}

static void flow(struct stream *s)
{
	if (s->ch->state != CHANNEL_OPEN || s->ch->rescinded || s->fd < 0)
		return;
	from_guest(s);
	if (s->ch->rescinded)
		return;
	to_guest(s);
	watch_for(s);
	finish(s);
}

static void ready(void *arg, u32 events)
{
	struct stream *s = arg;
	ssize_t n;

	if (s->back_len) {
		n = send(s->fd, s->back + s->back_at, s->back_len, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			n = s->back_len; /* the peer is gone */
		s->back_at += n > 0 ? n : 0;
		s->back_len -= n > 0 ? n : 0;
		if (!s->back_len) {
			free(s->back);
			s->back = NULL;
		}
	}
	flow(s);
	/*
	 * EPOLLHUP is reported whatever events are requested, also while the ring has no room.
	 * From here on a read never has to wait, so the guest's signals are enough.
	 */
	if ((events & EPOLLHUP) && s->watch) {
		loop_forget(s->sock->loop, s->watch);
		s->watch = NULL;
	}
}

static int opened(struct channel *ch)
{
	struct stream *s = ch->device;

	timer_stop(s->sock->loop, &s->accept);
	s->watch = loop_watch(s->sock->loop, s->fd, EPOLLIN, ready, s);
	s->sock->total++;
	return s->watch ? 0 : -1;
}

static void signalled(struct channel *ch)
{
	flow(ch->device);
}

static void closed(struct channel *ch)
{
	end(ch->device);
}

static void released(struct channel *ch)
{
	struct stream *s = ch->device;

	hang_up(s);
	s->sock->live--;
	s->sock->released++;
	free(s->back);
	free(s);
}

static const struct channel_ops ops = {
	.open = opened,
	.signal = signalled,
	.close = closed,
	.released = released,
};

static void not_accepted(void *arg)
{
	struct stream *s = arg;

	s->sock->timed_out++;
	end(s);
}

static int offer(struct hv_sock *sock, int fd, const struct guid *type, const struct guid *instance,
		 int direction)
{
	struct stream *s = calloc(1, sizeof(*s));
	u8 user[8] = { 0 };

	if (!s)
		return -1;
	s->sock = sock;
	s->fd = fd;
	s->accept.fire = not_accepted;
	s->accept.arg = s;
	put32(user, VMBUS_PIPE_TYPE_BYTE);
	user[4] = direction;
	put16(user + 6, 1);
	s->ch = vmbus_offer(sock->bus, type, instance,
			    VMBUS_CHANNEL_TLNPI_PROVIDER_OFFER | VMBUS_CHANNEL_NAMED_PIPE_MODE |
				    VMBUS_CHANNEL_ENUMERATE_DEVICE_INTERFACE,
			    user, sizeof(user), &ops, s);
	if (!s->ch) {
		free(s);
		return -1;
	}
	sock->live++;
	timer_set(sock->loop, &s->accept, ACCEPT_MS);
	return 0;
}

static int unix_address(struct sockaddr_un *addr, const char *path)
{
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(addr->sun_path))
		return error("%s: too long for a unix socket", path);
	strcpy(addr->sun_path, path);
	return 0;
}

/* The guest connects. A host refuses by silence: connect() in the guest times out. */
void hv_sock_connect(void *arg, const struct vmbus_channel_tl_connect_request *request)
{
	struct hv_sock *sock = arg;
	const char *path;
	int fd, i;

	for (i = 0; i < sock->services; i++)
		if (sock->service[i].port == get32(request->service.b))
			break;
	if (i == sock->services || memcmp(request->service.b + 4, service.b + 4, 12)) {
		sock->refused++;
		return;
	}
	path = sock->service[i].path;
	fd = broker_connect(path, SOCK_NONBLOCK);
	if (fd < 0 && errno != ENOENT && errno != ECONNREFUSED)
		error("port %u: %s: %s", sock->service[i].port, path, strerror(errno));
	if (fd < 0 || offer(sock, fd, &request->service, &request->endpoint, !TO_GUEST)) {
		sock->refused++;
		if (fd >= 0)
			close(fd);
	}
}

static void accept_again(void *arg)
{
	struct hv_listen *l = arg;

	loop_events(l->sock->loop, l->watch, EPOLLIN);
}

static void accepted(void *arg, u32 events)
{
	struct hv_listen *l = arg;
	struct guid type = service, instance = { { 0 } };
	int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0) {
		if (errno != EAGAIN && l->failed++ == 0)
			error("port %u: accept: %s", l->port, strerror(errno));
		if (errno != EAGAIN) {
			loop_events(l->sock->loop, l->watch, 0);
			timer_set(l->sock->loop, &l->again, ACCEPT_RETRY_MS);
		}
		return;
	}
	put32(type.b, l->port);
	put32(instance.b, l->sock->next_peer++);
	put64(instance.b + 8, now_ns());
	if (offer(l->sock, fd, &type, &instance, TO_GUEST))
		close(fd);
}

int hv_sock_service(struct hv_sock *sock, u32 port, const char *path)
{
	if (sock->services == HV_SOCK_PORTS)
		return error("vsock: at most %d ports", HV_SOCK_PORTS);
	sock->service[sock->services].port = port;
	sock->service[sock->services++].path = path;
	return 0;
}

int hv_sock_listen(struct hv_sock *sock, u32 port, const char *path)
{
	struct hv_listen *l = &sock->listen[sock->listens];
	struct sockaddr_un addr;

	if (sock->listens == HV_SOCK_PORTS)
		return error("vsock: at most %d ports", HV_SOCK_PORTS);
	if (unix_address(&addr, path))
		return -1;
	l->sock = sock;
	l->port = port;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0 || bind(l->fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(l->fd, 64))
		return error("%s: %s", path, strerror(errno));
	l->again.fire = accept_again;
	l->again.arg = l;
	l->watch = loop_watch(sock->loop, l->fd, EPOLLIN, accepted, l);
	sock->listens++;
	return l->watch ? 0 : -1;
}

void hv_sock_init(struct hv_sock *sock, struct vmbus *bus, struct loop *loop)
{
	memset(sock, 0, sizeof(*sock));
	sock->bus = bus;
	sock->loop = loop;
	sock->next_peer = 0x10000;
}
