// SPDX-License-Identifier: GPL-2.0
/*
 * The order of a start, as WSL's service has it: WslCoreVm.cpp and main.cpp of its init, at
 * the commit that proto.h names. Not modelled: anything behind initial config (distributions,
 * mounts), 9p and virtiofs shares, what the network service is told.
 */
#define _GNU_SOURCE
#include "service.h"
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HOSTNAME    "try"
#define DNS_ADDRESS 0xfeffff0au /* 10.255.255.254 */
#define ENTROPY	    64
#define NO_SUCH_LUN 63 /* a request without an effect, whose answer shows that all before is done */
#define ID_EARLY    0
#define ID_INITIAL  1
#define ID_QUESTION 2
#define POOL_ALIGN  (2u << 20)

static const struct {
	const char *what, *if_missing;
} steps[STEPS] = {
	[CALLED] = { "init calls port 50000",
		     "WSL gives up here (kernelBootTimeout): the kernel did not reach /init, or has "
		     "no hv_sock" },
	[CAPABILITIES] = { "it sends its capabilities", "WSL gives up here" },
	[SECCOMP] = { "the kernel has seccomp notifications",
		      "WSL starts, without mirrored networking" },
	[POOL] = { "hv_pci has its bounce buffer",
		   "WSL starts and warns that the kernel lacks it; virtiofs and Consomme are slow" },
	[CALLED_AGAIN] = { "init calls port 50000 a second time", "WSL gives up here" },
	[NETWORK] = { "the guest network service calls, after the early config",
		      "WSL gives up here: init could not do what the early config asks for" },
	[DNS] = { "so does DNS tunneling", "WSL gives up here" },
	[CONFIGURED] = { "all of early and initial config was done",
			 "WSL gives up here: init has ended" },
	[ENDED] = { "the guest powers off when the service hangs up",
		    "wsl --shutdown has to kill the virtual machine" },
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

static void note(struct service *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void decide(struct service *s, enum step step, int ok, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void note(struct service *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("# service: ", s->out);
	vfprintf(s->out, fmt, ap);
	va_end(ap);
	fputc('\n', s->out);
	fflush(s->out);
}

/* Write the row of STEP with more text, which may be empty. Each step has one. */
static void decide(struct service *s, enum step step, int ok, const char *fmt, ...)
{
	char more[400];
	va_list ap;

	if (s->decided[step])
		return;
	s->decided[step] = 1;
	va_start(ap, fmt);
	vsnprintf(more, sizeof(more), fmt, ap);
	va_end(ap);
	fprintf(s->out, "%sok %d - service: %s%s%s\n", ok ? "" : "not ", ++s->rows,
		steps[step].what, *more ? ": " : "", more);
	if (!ok)
		fprintf(s->out, "# %s\n", steps[step].if_missing);
	s->bad += !ok;
	s->waits_since = now_ms();
	fflush(s->out);
}

/* Does the plan have this step? */
static int planned(const struct service *s, enum step step)
{
	if (step == POOL)
		return s->plan.pool;
	return s->plan.config || (step != NETWORK && step != DNS && step != CONFIGURED);
}

/* The step that is waited for, or STEPS. */
static enum step waiting(const struct service *s)
{
	enum step step = CALLED;

	while (step < STEPS && (s->decided[step] || !planned(s, step)))
		step++;
	return step;
}

static void hang_up(struct connection *c)
{
	close(c->fd);
	c->fd = -1;
}

/* WHY the step that is waited for fails; the trial is over. */
static void fail(struct service *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void fail(struct service *s, const char *fmt, ...)
{
	char why[300];
	va_list ap;

	if (s->over)
		return;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (waiting(s) < STEPS)
		decide(s, waiting(s), 0, "%s", why);
	for (enum step step = waiting(s); step < STEPS; step = waiting(s)) {
		s->decided[step] = 1;
		s->bad++;
		fprintf(s->out, "not ok %d - service: %s: not reached\n", ++s->rows,
			steps[step].what);
	}
	s->over = 1;
}

static struct connection *nth_of_init(struct service *s, int nth)
{
	for (int i = 0; i < CONNECTIONS; i++) {
		struct connection *c = &s->connection[i];

		if (c->fd >= 0 && c->port == PORT_INIT && c->nth == nth)
			return c;
	}
	return NULL;
}

static void transmit(struct service *s, uint8_t *message, uint32_t type, uint32_t size, uint32_t id)
{
	struct connection *c = nth_of_init(s, 0);

	put_header(message, type, size, id, STEP_REQUEST);
	if (!c || send(c->fd, message, size, MSG_NOSIGNAL) != (ssize_t)size)
		fail(s, "%s cannot be sent: %s", message_name(type),
		     c ? strerror(errno) : "init has hung up");
}

static void send_early(struct service *s)
{
	const char *list = s->plan.module_list ? s->plan.module_list : "";
	uint8_t m[EARLY_SIZE + sizeof(HOSTNAME) + 256] = { 0 };
	size_t names = EARLY_SIZE + sizeof(HOSTNAME);

	put32(m + EARLY_SWAP_LUN, s->plan.swap);
	put32(m + EARLY_SYSTEM_TYPE, s->plan.system == LUN_NONE ? 0 : SYSTEM_LUN);
	put32(m + EARLY_SYSTEM_LUN, s->plan.system);
	put32(m + EARLY_RECLAIM, 2);
	put32(m + EARLY_DNS_ADDRESS, DNS_ADDRESS);
	m[EARLY_DNS_TUNNEL] = 1;
	m[EARLY_ISOLATE] = s->plan.isolate;
	put32(m + EARLY_MODULES_LUN, s->plan.modules);
	put32(m + EARLY_HOSTNAME, EARLY_SIZE);
	put32(m + EARLY_MODULES_LIST, names);
	memcpy(m + EARLY_SIZE, HOSTNAME, sizeof(HOSTNAME));
	snprintf((char *)m + names, sizeof(m) - names, "%s", list);
	transmit(s, m, MSG_EARLY, names + strlen((char *)m + names) + 1, ID_EARLY);
}

/* Initial config, and a request whose answer comes when it has been done. */
static void send_initial(struct service *s)
{
	uint8_t m[INITIAL_SIZE + ENTROPY] = { 0 }, question[RESULT_SIZE] = { 0 };

	put32(m + INITIAL_ENTROPY_SIZE, ENTROPY);
	put32(m + INITIAL_ENTROPY, INITIAL_SIZE);
	put32(m + INITIAL_NETWORK, 1);
	if (getrandom(m + INITIAL_SIZE, ENTROPY, 0) != ENTROPY)
		note(s, "getrandom: %s", strerror(errno));
	transmit(s, m, MSG_INITIAL, sizeof(m), ID_INITIAL);
	put32(question + HEADER, NO_SUCH_LUN);
	if (!s->over)
		transmit(s, question, MSG_EJECT, sizeof(question), ID_QUESTION);
}

/* Hang up as the service does at wsl --shutdown: init reads the end of its stream. */
static void finish(struct service *s)
{
	struct connection *c = nth_of_init(s, 0);

	if (c)
		shutdown(c->fd, SHUT_WR);
}

/* What comes next, when a step has passed? */
static void go_on(struct service *s)
{
	if (s->over)
		return;
	switch (waiting(s)) {
	case NETWORK:
		if (!s->caps.current)
			fail(s, "the config of WSL %s has another form, so it is not sent",
			     s->caps.versions);
		else
			send_early(s);
		break;
	case CONFIGURED:
		send_initial(s);
		break;
	case ENDED:
		finish(s);
		break;
	default:
		break;
	}
}

/* Steps of the calls that have come, in order: a call may be ahead of its step. */
static void count_calls(struct service *s)
{
	static const enum step of_call[] = { CALLED, CALLED_AGAIN, NETWORK, DNS };
	enum step step = waiting(s);

	for (int i = 0; i < 4 && !s->over; i++) {
		if (step != of_call[i] || s->calls <= i)
			continue;
		decide(s, step, 1, "after %.1f s", (now_ms() - s->began) / 1000.0);
		step = waiting(s);
		/* DNS follows NETWORK without a message from here */
		if (step != DNS)
			go_on(s);
	}
}

static void take_capabilities(struct service *s, const uint8_t *m, size_t len)
{
	struct capabilities *caps = &s->caps;
	char why[200];

	if (message_capabilities(caps, m, len, why, sizeof(why))) {
		fail(s, "%s", why);
		return;
	}
	if (get32(m + 8) != 1 || (caps->current && get32(m + 12) != STEP_NONE)) {
		fail(s, "it is message %u, step %u of its connection, not message 1, step 0",
		     get32(m + 8), get32(m + 12));
		return;
	}
	if (!release_fits(caps->release)) {
		fail(s, "WSL cannot parse the release \"%s\"", caps->release);
		return;
	}
	if (s->plan.release && strcmp(s->plan.release, caps->release)) {
		fail(s, "the release is \"%s\", not \"%s\": another kernel runs", caps->release,
		     s->plan.release);
		return;
	}
	decide(s, CAPABILITIES, 1, "release %s, in the form of WSL %s", caps->release,
	       caps->versions);
	if (caps->seccomp || release_from(caps->release, 5, 0))
		decide(s, SECCOMP, caps->seccomp, "%s", "");
	else
		decide(s, SECCOMP, 1, "%s # SKIP no kernel before 5.0 has them", caps->release);
	if (!planned(s, POOL))
		return;
	if (!caps->pool_base || !caps->pool_size)
		decide(s, POOL, 0, "base and size are 0");
	else
		decide(s, POOL,
		       caps->pool_base % POOL_ALIGN == 0 && caps->pool_size % POOL_ALIGN == 0 &&
			       caps->pool_base + caps->pool_size <= 1ull << 32,
		       "%llu bytes at 0x%llx", (unsigned long long)caps->pool_size,
		       (unsigned long long)caps->pool_base);
}

static void take_answer(struct service *s, const uint8_t *m, size_t len)
{
	if (len != RESULT_SIZE)
		fail(s, "the answer has %zu bytes, not %u", len, RESULT_SIZE);
	else if (get32(m + 8) != ID_QUESTION || get32(m + 12) != STEP_ANSWER)
		fail(s, "the answer is number %u, step %u, to request %u", get32(m + 8),
		     get32(m + 12), ID_QUESTION);
	else
		decide(s, CONFIGURED, 1, "%s", "");
}

static void take_crash(struct service *s, const uint8_t *m, size_t len)
{
	char name[64] = "";

	if (len < HEADER + 16) {
		note(s, "a crash was reported in %zu bytes", len);
		return;
	}
	printable(name, sizeof(name), m + HEADER + 16, len - HEADER - 16);
	note(s, "a process of the guest has crashed: \"%s\", process %u, signal %u", name,
	     get32(m + HEADER + 12), get32(m + HEADER + 8));
}

/* A whole message M of LEN bytes on C. */
static void take(struct service *s, struct connection *c, const uint8_t *m, size_t len)
{
	uint32_t type = get32(m);

	if (c->port == PORT_CRASH) {
		if (type == MSG_CRASH)
			take_crash(s, m, len);
		hang_up(c); /* the dump follows, which nobody wants */
	} else if (c->nth == 0 && waiting(s) == CAPABILITIES) {
		/* 42 in three versions: proto.h */
		if (type == MSG_CAPABILITIES || type == MSG_CAPABILITIES - 1)
			take_capabilities(s, m, len);
		else
			fail(s, "%s came instead", message_name(type));
		go_on(s);
		count_calls(s);
	} else if (c->nth == 0 && waiting(s) == CONFIGURED && type == MSG_RESULT_INT) {
		take_answer(s, m, len);
		go_on(s);
	} else if (c->nth == 1 && type == MSG_CHILD_EXIT && len >= HEADER_SHORT + 4) {
		note(s, "process %u, a child of init, has ended", get32(m + len - 4));
	} else if (c->nth > 1) {
		note(s, "the network service sent %s, which is not answered", message_name(type));
	} else {
		fail(s, "init sent %s, of %zu bytes, which is not expected", message_name(type),
		     len);
	}
}

/* The guest has hung up C. */
static void gone(struct service *s, struct connection *c)
{
	int init = c->port == PORT_INIT && c->nth < 2;

	if (init && c->have)
		fail(s, "init hung up after %zu bytes of a message", c->have);
	else if (init && waiting(s) != ENDED)
		fail(s, "init hung up");
	hang_up(c);
	if (!s->over && waiting(s) == ENDED && !nth_of_init(s, 0) && !nth_of_init(s, 1)) {
		decide(s, ENDED, 1, "%s", "");
		s->over = 1;
	}
}

static void readable(struct service *s, struct connection *c)
{
	ssize_t n = recv(c->fd, c->bytes + c->have, sizeof(c->bytes) - c->have, MSG_DONTWAIT);
	char why[200];
	int len;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		gone(s, c);
		return;
	}
	c->have += n;
	while (!s->over && c->fd >= 0) {
		len = message_size(c->bytes, c->have, why, sizeof(why));
		if (len < 0) {
			fail(s, "%s", why);
			return;
		}
		if (len == 0 || (size_t)len > c->have)
			return;
		take(s, c, c->bytes, len);
		c->have -= len;
		memmove(c->bytes, c->bytes + len, c->have);
	}
}

void service_init(struct service *s, const struct plan *plan, FILE *out)
{
	memset(s, 0, sizeof(*s));
	s->plan = *plan;
	s->out = out;
	s->began = s->waits_since = now_ms();
	for (int i = 0; i < CONNECTIONS; i++)
		s->connection[i].fd = -1;
}

void service_accept(struct service *s, int port, int fd)
{
	struct connection *c = NULL;

	for (int i = 0; i < CONNECTIONS && !c; i++)
		if (s->connection[i].fd < 0)
			c = &s->connection[i];
	if (!c) {
		note(s, "one more connection to port %d was refused", port);
		close(fd);
		return;
	}
	c->fd = fd;
	c->port = port;
	c->have = 0;
	c->nth = port == PORT_INIT ? s->calls++ : 0;
	count_calls(s);
}

int service_turn(struct service *s, const int *listeners, const int *ports, int count, int ms)
{
	struct pollfd p[CONNECTIONS + 2];
	int n = 0, fd;

	for (int i = 0; i < CONNECTIONS; i++)
		p[n++] = (struct pollfd){ .fd = s->connection[i].fd, .events = POLLIN };
	for (int i = 0; i < count && i < 2; i++)
		p[n++] = (struct pollfd){ .fd = listeners[i], .events = POLLIN };
	if (poll(p, n, ms) < 0 && errno != EINTR)
		fail(s, "poll: %s", strerror(errno));
	for (int i = 0; i < CONNECTIONS && !s->over; i++)
		if (p[i].fd >= 0 && p[i].revents)
			readable(s, &s->connection[i]);
	for (int i = CONNECTIONS; i < n && !s->over; i++) {
		if (!p[i].revents)
			continue;
		fd = accept4(p[i].fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			service_accept(s, ports[i - CONNECTIONS], fd);
	}
	if (!s->over && now_ms() - s->waits_since >= s->plan.ms)
		fail(s, "nothing within %g s", s->plan.ms / 1000.0);
	return !s->over;
}

void service_machine_ended(struct service *s)
{
	for (int i = 0; i < 2 * CONNECTIONS && !s->over; i++)
		service_turn(s, NULL, NULL, 0, 0);
	fail(s, "the virtual machine has ended");
}

int service_end(struct service *s)
{
	for (int i = 0; i < CONNECTIONS; i++)
		if (s->connection[i].fd >= 0)
			hang_up(&s->connection[i]);
	fprintf(s->out, "1..%d\n", s->rows);
	fflush(s->out);
	return s->bad;
}
