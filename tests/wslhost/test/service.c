// SPDX-License-Identifier: GPL-2.0
/* The service against guests of every kind, over socket pairs. */
#define _GNU_SOURCE
#include "../../hvhost/test/tap.h"
#include "../service.h"
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define RELEASE "6.1.176-wsl1"

static struct service s;
static char *report;
static size_t report_size;
static FILE *out;

static const struct plan plain = {
	.ms = 200,
	.isolate = 1,
	.system = LUN_NONE,
	.modules = LUN_NONE,
	.swap = LUN_NONE,
};

static void begin(const struct plan *plan)
{
	free(report);
	report = NULL;
	out = open_memstream(&report, &report_size);
	service_init(&s, plan, out);
}

/* The guest connects to PORT; its end. */
static int call(int port)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		exit(2);
	service_accept(&s, port, pair[0]);
	return pair[1];
}

/* What has come is taken. */
static void turn(int times)
{
	while (times-- && service_turn(&s, NULL, NULL, 0, 0))
		;
}

/* Until the trial is over; then the report is whole. How many rows are not ok. */
static int rest(void)
{
	int bad;

	while (service_turn(&s, NULL, NULL, 0, 50))
		;
	bad = service_end(&s);
	fclose(out);
	out = NULL;
	return bad;
}

static int said(const char *text)
{
	if (out)
		fflush(out);
	return report && strstr(report, text) != NULL;
}

/* Capabilities with the release at AT of its form; the bytes. */
static size_t capabilities(uint8_t *m, size_t at, const char *release)
{
	size_t size = at + strlen(release) + 1;

	memset(m, 0, at);
	strcpy((char *)m + at, release);
	put_header(m, MSG_CAPABILITIES, size, 1, STEP_NONE);
	if (at == CAPS_RELEASE_13)
		strcpy((char *)m + at, release);
	m[at == CAPS_RELEASE_13 ? CAPS_SECCOMP_12 : CAPS_SECCOMP] = 1;
	return size;
}

static void tell(int fd, const uint8_t *m, size_t size)
{
	if (send(fd, m, size, MSG_NOSIGNAL) != (ssize_t)size)
		exit(3);
}

static void tell_capabilities(int fd, size_t at, const char *release)
{
	uint8_t m[200];

	tell(fd, m, capabilities(m, at, release));
}

static void good(void)
{
	struct plan plan = plain;
	char byte;
	int first, second;

	plan.release = RELEASE;
	begin(&plan);
	first = call(PORT_INIT);
	tell_capabilities(first, CAPS_RELEASE, RELEASE);
	turn(1);
	ok(said("ok 1 - service: init calls port 50000"), "the first call is a row at once");
	ok(said("ok 2 - service: it sends its capabilities: release 6.1.176-wsl1, in the form of WSL 2.8.9"),
	   "so are its capabilities");
	second = call(PORT_INIT);
	ok(recv(first, &byte, 1, 0) == 0, "after the second call the service hangs up");
	close(first);
	turn(2);
	ok(!said("powers off"), "and waits for the guest");
	close(second);
	is(rest(), 0, "a good start has no bad row");
	ok(said("ok 5 - service: the guest powers off") && said("1..5\n"), "of five rows");
}

/* A guest that calls twice before it says anything, and says it in pieces. */
static void slow(void)
{
	int first, second;
	uint8_t m[200];
	size_t size = capabilities(m, CAPS_RELEASE, RELEASE);

	begin(&plain);
	first = call(PORT_INIT);
	second = call(PORT_INIT);
	for (size_t i = 0; i < size; i++) {
		tell(first, m + i, 1);
		turn(1);
	}
	ok(said("ok 4 - service: init calls port 50000 a second time"),
	   "a message may come byte by byte, behind the second call");
	close(first);
	close(second);
	is(rest(), 0, "that is a good start as well");
}

/* One message of FORM on the first connection. How many rows are not ok; TEXT is said. */
static void told(const char *name, const uint8_t *m, size_t size, const char *text)
{
	int first;

	begin(&plain);
	first = call(PORT_INIT);
	tell(first, m, size);
	if (ok(rest() > 0 && said(text), "%s: \"%s\"", name, text) == 0)
		fprintf(stderr, "%s", report);
	close(first);
	ok(said("not ok 5") && said("1..5\n"), "%s: the rows behind it are not reached", name);
}

static void bad_release(const char *release)
{
	uint8_t m[300];
	char name[100];

	snprintf(name, sizeof(name), "the release \"%.20s\"", release);
	told(name, m, capabilities(m, CAPS_RELEASE, release), "WSL cannot parse the release");
}

static void bad_messages(void)
{
	uint8_t m[300];
	size_t size;

	size = capabilities(m, CAPS_RELEASE, RELEASE);
	put32(m + 4, 0xffffffffu);
	told("4 GB", m, size, "has a size of 4294967295 bytes: WSL refuses more than 16777216");
	put32(m + 4, 100000);
	told("100 kB", m, size, "no message of the start has more than 65536");
	put32(m + 4, 4);
	told("4 bytes", m, size, "has a size of 4 bytes: less than a header");
	put32(m + 4, 0);
	told("0 bytes", m, size, "less than a header");
	size = capabilities(m, CAPS_RELEASE, RELEASE);
	put32(m, 97);
	told("an unknown type", m, size, "message 97, which is unknown here came instead");
	put32(m, 0xffffffff);
	told("a type of 4294967295", m, size, "message 4294967295, which is unknown here");
	put32(m, MSG_CHILD_EXIT);
	told("another type", m, size, "ChildExit (message 45) came instead");
	size = capabilities(m, CAPS_RELEASE, RELEASE);
	put32(m + 8, 2);
	told("a wrong id", m, size, "it is message 2, step 0");
	size = capabilities(m, CAPS_RELEASE, RELEASE);
	put32(m + 12, STEP_REQUEST);
	told("a wrong step", m, size, "step 1 of its connection");
	size = capabilities(m, CAPS_RELEASE, RELEASE);
	m[CAPS_SECCOMP] = 7;
	told("a wrong flag", m, size, "the flag for seccomp is 7, not 0 or 1");
	size = capabilities(m, CAPS_RELEASE, RELEASE);
	put32(m + 4, size - 1);
	told("a release without NUL", m, size - 1, "the release does not end");
	put32(m + 4, CAPS_RELEASE);
	told("no release", m, CAPS_RELEASE, "it has 40 bytes, and the release would be at 40");
	put32(m + 4, HEADER_SHORT);
	told("a header alone", m, HEADER_SHORT, "it has 12 bytes");
	bad_release("6.1");
	bad_release("");
	bad_release("6.1.x");
	bad_release("v6.1.176");
	bad_release("6.1.99999999999999999999");
	bad_release("6.\33[2J.1");
	ok(!strchr(report, '\33'), "what a guest sends does not reach the terminal as it is");
}

static void forms(void)
{
	static const size_t at[] = { CAPS_RELEASE_13, CAPS_RELEASE_17, CAPS_RELEASE };
	static const char *const versions[] = { "2.7.1 and earlier", "2.7.2 to 2.7.11",
						"2.8.9 and later" };

	for (int i = 0; i < 3; i++) {
		struct plan plan = plain;
		int first, second;

		begin(&plan);
		first = call(PORT_INIT);
		second = call(PORT_INIT);
		tell_capabilities(first, at[i], RELEASE);
		turn(2);
		close(first);
		close(second);
		ok(rest() == 0 && said(versions[i]), "the form of WSL %s", versions[i]);
		plan.config = 1;
		begin(&plan);
		first = call(PORT_INIT);
		second = call(PORT_INIT);
		tell_capabilities(first, at[i], RELEASE);
		turn(2);
		is(said("has another form, so it is not sent"), i < 2,
		   "config goes only to a guest that understands it");
		close(first);
		close(second);
		rest();
	}
}

static void what_the_kernel_has(void)
{
	struct plan plan = plain;
	uint8_t m[200];
	size_t size;
	int first;

	size = capabilities(m, CAPS_RELEASE, RELEASE);
	m[CAPS_SECCOMP] = 0;
	told("no seccomp", m, size, "not ok 3 - service: the kernel has seccomp notifications");
	begin(&plain);
	first = call(PORT_INIT);
	size = capabilities(m, CAPS_RELEASE, "4.19.255-wsl1");
	m[CAPS_SECCOMP] = 0;
	tell(first, m, size);
	turn(1);
	ok(said("\nok 3") && said("# SKIP no kernel before 5.0 has"), "on 4.19 that is a skip");
	close(first);
	rest();

	plan.pool = 1;
	begin(&plan);
	first = call(PORT_INIT);
	tell_capabilities(first, CAPS_RELEASE, RELEASE);
	turn(1);
	ok(said("not ok 4 - service: hv_pci has its bounce buffer: base and size are 0"),
	   "a pool that was asked for and is not there");
	close(first);
	rest();
	begin(&plan);
	first = call(PORT_INIT);
	size = capabilities(m, CAPS_RELEASE, RELEASE);
	put64(m + CAPS_POOL_BASE, 0x40000000);
	put64(m + CAPS_POOL_SIZE, 64 << 20);
	tell(first, m, size);
	turn(1);
	ok(said("\nok 4 - service: hv_pci has its bounce buffer: 67108864 bytes at 0x40000000"),
	   "one that is");
	close(first);
	rest();
	begin(&plan);
	first = call(PORT_INIT);
	put64(m + CAPS_POOL_BASE, 0x40001000);
	tell(first, m, size);
	turn(1);
	ok(said("not ok 4"), "one that is not aligned to 2 MB");
	close(first);
	rest();
	plan = plain;
	plan.release = "6.1.177";
	begin(&plan);
	first = call(PORT_INIT);
	tell_capabilities(first, CAPS_RELEASE, RELEASE);
	ok(rest() > 0 && said("the release is \"6.1.176-wsl1\", not \"6.1.177\""),
	   "another kernel");
	close(first);
}

static void ends(void)
{
	int first, second;
	uint8_t m[200];

	begin(&plain);
	is(rest(), 5, "nobody calls: all rows are bad");
	ok(said("not ok 1 - service: init calls port 50000: nothing within 0.2 s\n# WSL gives up here"),
	   "with the reason");
	begin(&plain);
	first = call(PORT_INIT);
	is(rest(), 4, "nothing is said until the limit");
	ok(said("not ok 2 - service: it sends its capabilities: nothing within 0.2 s"),
	   "with the step");
	close(first);
	begin(&plain);
	first = call(PORT_INIT);
	close(first);
	is(rest(), 4, "a guest that hangs up at once");
	ok(said("it sends its capabilities: init hung up\n"), "is one that hung up");
	begin(&plain);
	first = call(PORT_INIT);
	tell(first, m, capabilities(m, CAPS_RELEASE, RELEASE) - 3);
	close(first);
	ok(rest() == 4 && said("init hung up after 50 bytes of a message"),
	   "in the middle of a message");
	begin(&plain);
	first = call(PORT_INIT);
	tell_capabilities(first, CAPS_RELEASE, RELEASE);
	is(rest(), 2, "a guest that does not call again");
	ok(said("not ok 4 - service: init calls port 50000 a second time: nothing within 0.2 s"),
	   "with the step");
	close(first);
	begin(&plain);
	first = call(PORT_INIT);
	second = call(PORT_INIT);
	tell_capabilities(first, CAPS_RELEASE, RELEASE);
	is(rest(), 1, "a guest that does not power off");
	ok(said("not ok 5 - service: the guest powers off when the service hangs up: nothing within"),
	   "with the step");
	close(first);
	close(second);
}

/* Read a message of the service. Its size, or 0 */
static uint32_t hear(int fd, uint8_t *m, size_t size)
{
	uint32_t len;

	if (recv(fd, m, HEADER, MSG_WAITALL) != HEADER)
		return 0;
	len = get32(m + 4);
	if (len < HEADER || len > size)
		return 0;
	return recv(fd, m + HEADER, len - HEADER, MSG_WAITALL) == (ssize_t)(len - HEADER) ? len : 0;
}

/* Early and initial config; what is answered is ANSWER, of SIZE bytes. */
static void configure(uint8_t *answer, size_t size)
{
	struct plan plan = plain;
	int first, notices, network, dns;
	uint8_t m[600];
	uint32_t len;

	plan.config = 1;
	plan.system = 0;
	plan.modules = 1;
	plan.swap = 2;
	plan.module_list = "tun,br_netfilter";
	begin(&plan);
	first = call(PORT_INIT);
	tell_capabilities(first, CAPS_RELEASE, RELEASE);
	turn(1);
	notices = call(PORT_INIT);
	len = hear(first, m, sizeof(m));
	ok(len > EARLY_SIZE && get32(m) == MSG_EARLY && get32(m + 8) == 0 &&
		   get32(m + 12) == STEP_REQUEST,
	   "early config is request 0");
	ok(get32(m + EARLY_SYSTEM_TYPE) == SYSTEM_LUN && get32(m + EARLY_SYSTEM_LUN) == 0 &&
		   get32(m + EARLY_MODULES_LUN) == 1 && get32(m + EARLY_SWAP_LUN) == 2,
	   "with the disks");
	ok(get32(m + EARLY_MODULES_LIST) < len &&
		   !strcmp((char *)m + get32(m + EARLY_MODULES_LIST), "tun,br_netfilter") &&
		   m[len - 1] == 0,
	   "and the modules");
	network = call(PORT_INIT);
	dns = call(PORT_INIT);
	len = hear(first, m, sizeof(m));
	ok(len > INITIAL_SIZE && get32(m) == MSG_INITIAL && get32(m + INITIAL_ENTROPY_SIZE) == 64 &&
		   get32(m + INITIAL_ENTROPY) + 64 == len,
	   "then initial config, with entropy");
	len = hear(first, m, sizeof(m));
	ok(len == RESULT_SIZE && get32(m) == MSG_EJECT && get32(m + 8) == 2, "then a question");
	put_header(m, MSG_CHILD_EXIT, RESULT_SIZE, 1, STEP_NONE);
	put32(m + HEADER, 77);
	tell(notices, m, RESULT_SIZE);
	turn(1);
	ok(said("# service: process 77, a child of init, has ended"),
	   "a child that ended is a note");
	put_header(m, 70, HEADER, 1, STEP_NONE);
	tell(dns, m, HEADER);
	turn(1);
	ok(said("# service: the network service sent DnsTunneling (message 70)"),
	   "so is a DNS request");
	tell(first, answer, size);
	turn(2);
	close(first);
	close(notices);
	close(network);
	close(dns);
}

static void config(void)
{
	uint8_t m[RESULT_SIZE + 1] = { 0 };

	put_header(m, MSG_RESULT_INT, RESULT_SIZE, 2, STEP_ANSWER);
	configure(m, RESULT_SIZE);
	ok(rest() == 0 && said("1..8\n"), "a start with config has eight rows");
	put_header(m, MSG_RESULT_INT, RESULT_SIZE, 1, STEP_ANSWER);
	configure(m, RESULT_SIZE);
	ok(rest() == 2 && said("the answer is number 1, step 2, to request 2"), "a wrong answer");
	put_header(m, MSG_RESULT_INT, RESULT_SIZE + 1, 2, STEP_ANSWER);
	configure(m, RESULT_SIZE + 1);
	ok(rest() == 2 && said("the answer has 21 bytes, not 20"), "one of a wrong size");
	put_header(m, 108, RESULT_SIZE, 2, STEP_ANSWER);
	configure(m, RESULT_SIZE);
	ok(rest() == 2 && said("init sent message 108, which is unknown here, of 20 bytes"),
	   "an unknown message names itself and ends the trial");
}

static void others(void)
{
	uint8_t m[HEADER + 24] = { 0 };
	int first, fd[CONNECTIONS + 4], n = 0;

	begin(&plain);
	fd[n++] = call(PORT_CRASH);
	put_header(m, MSG_CRASH, sizeof(m), 0, STEP_REQUEST);
	put32(m + HEADER + 8, 11);
	put32(m + HEADER + 12, 42);
	memcpy(m + HEADER + 16, "se\tvera", 8);
	tell(fd[0], m, sizeof(m));
	turn(1);
	ok(said("# service: a process of the guest has crashed: \"se?vera\", process 42, signal 11"),
	   "a crash is reported");
	fd[n++] = call(PORT_CRASH);
	put32(m + 4, HEADER);
	tell(fd[1], m, HEADER);
	turn(1);
	ok(said("a crash was reported in 16 bytes"), "one without its content too");
	while (n < CONNECTIONS + 4)
		fd[n++] = call(PORT_CRASH);
	ok(said("one more connection to port 50005 was refused"), "connections are bounded");
	turn(1);
	while (n)
		close(fd[--n]);
	turn(2);
	first = call(PORT_INIT);
	tell_capabilities(first, CAPS_RELEASE, RELEASE);
	turn(1);
	ok(said("ok 2"), "and given back");
	close(first);
	rest();
}

/* The calls come to a socket in DIR, as hvhost makes them. */
static void listening(const char *dir)
{
	static const int ports[] = { PORT_INIT };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd[2];

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket", dir);
	if (bind(listener, (void *)&addr, sizeof(addr)) || listen(listener, 4))
		exit(4);
	begin(&plain);
	for (int i = 0; i < 2; i++) {
		fd[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		if (connect(fd[i], (void *)&addr, sizeof(addr)))
			exit(5);
		if (i == 0)
			tell_capabilities(fd[i], CAPS_RELEASE, RELEASE);
		service_turn(&s, &listener, ports, 1, 100);
		turn(1);
	}
	close(fd[0]);
	close(fd[1]);
	close(listener);
	is(rest(), 0, "calls to a socket");
}

/* Any bytes: no crash, and an end. */
static void noise(void)
{
	unsigned int seed = 15;
	uint8_t m[4096];
	int first, starts;

	for (starts = 0; starts < 2000; starts++) {
		size_t size = 1 + rand_r(&seed) % 200;

		begin(&plain);
		first = call(PORT_INIT);
		capabilities(m, CAPS_RELEASE, RELEASE);
		for (size_t i = 0; i < size; i++)
			if (rand_r(&seed) % 3 == 0)
				m[i] = rand_r(&seed);
		/* most have a size that fits, or nothing behind it would be read */
		if (rand_r(&seed) % 4)
			put32(m + 4, size > HEADER ? size : HEADER);
		tell(first, m, size);
		close(first);
		rest();
	}
	is(starts, 2000, "2000 starts with random bytes");
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	good();
	slow();
	forms();
	bad_messages();
	what_the_kernel_has();
	ends();
	config();
	others();
	listening(argv[1]);
	noise();
	free(report);
	return done();
}
