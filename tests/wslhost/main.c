// SPDX-License-Identifier: GPL-2.0
/* Options, the sockets that hvhost connects to, and the exit status. */
#define _GNU_SOURCE
#include "service.h"
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LISTENERS 2
#define TURN_MS	  100
#define END_TURNS \
	100 /* 10 s for the monitor to end by itself; 1 s, for last words, after a bad start */
#define BAD_TURNS 10

static const char help[] =
	"usage: wslhost [option...] DIR [COMMAND ARG...]\n"
	"Play WSL's service for one start of a virtual machine. The machine's connections to a\n"
	"port of the host come to the unix socket DIR/PORT (50000, 50005): hvhost --vsock.\n"
	"COMMAND is the virtual machine monitor: it is started when the sockets are there, and\n"
	"ended when the start is over and it does not end by itself.\n"
	"  --report FILE    write the rows here, as TAP (standard output)\n"
	"  --seconds N      for each step (30, as WSL)\n"
	"  --release TEXT   the kernel that has to start\n"
	"  --pool           the command line has hv_pci_swiotlb=\n"
	"  --config         go on behind the capabilities: early and initial config\n"
	"  --no-isolate     with it: no group wsl-user, as isolateDistroCgroup=false\n"
	"  --system LUN     with it: the disk with WSL's system distribution\n"
	"  --modules LUN    with it: the disk of modules\n"
	"  --load NAMES     with it: modules to load, with commas between them\n"
	"  --swap LUN       with it: the disk for swap\n"
	"Exit status: 0 every row is ok, 1 otherwise, 2 usage.\n";

static struct service service;

static int usage(const char *what, const char *arg)
{
	fprintf(stderr, "wslhost: %s %s\nrun wslhost --help for the options\n", what, arg);
	return 2;
}

/* A number up to LIMIT at TEXT. 0, or -1 */
static int number(const char *text, uint32_t limit, uint32_t *n)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text < '0' || *text > '9' || v > limit)
		return -1;
	*n = v;
	return 0;
}

static int parse(struct plan *plan, const char **report, int argc, char **argv)
{
	static const struct option names[] = {
		{ "report", 1, NULL, 'r' },  { "seconds", 1, NULL, 's' },
		{ "release", 1, NULL, 'k' }, { "pool", 0, NULL, 'p' },
		{ "config", 0, NULL, 'c' },  { "no-isolate", 0, NULL, 'I' },
		{ "system", 1, NULL, 'S' },  { "modules", 1, NULL, 'm' },
		{ "load", 1, NULL, 'l' },    { "swap", 1, NULL, 'w' },
		{ "help", 0, NULL, 'h' },    { NULL, 0, NULL, 0 },
	};
	uint32_t seconds;
	int c;

	while ((c = getopt_long(argc, argv, "+", names, NULL)) != -1) {
		uint32_t *lun = c == 'S' ? &plan->system :
			c == 'm'	 ? &plan->modules :
			c == 'w'	 ? &plan->swap :
					   NULL;

		if (lun && number(optarg, 254, lun))
			return usage("expected a LUN, 0 to 254, got", optarg);
		if (lun)
			continue;
		switch (c) {
		case 'r':
			*report = optarg;
			break;
		case 's':
			if (number(optarg, 86400, &seconds) || !seconds)
				return usage("--seconds: expected 1 to 86400, got", optarg);
			plan->ms = seconds * 1000;
			break;
		case 'k':
			plan->release = optarg;
			break;
		case 'p':
			plan->pool = 1;
			break;
		case 'c':
			plan->config = 1;
			break;
		case 'I':
			plan->isolate = 0;
			break;
		case 'l':
			if (strlen(optarg) > 200)
				return usage("--load: more than 200 characters:", optarg);
			plan->module_list = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			exit(0);
		default:
			return usage("invalid", "option");
		}
	}
	if (optind == argc)
		return usage("missing:", "DIR");
	return 0;
}

/* The socket DIR/PORT; -1 after an error. One that is there is somebody's, and is kept. */
static int serve(const char *dir, int port)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int n = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%d", dir, port);

	if (n >= (int)sizeof(addr.sun_path))
		fprintf(stderr,
			"wslhost: error: %s/%d: longer than the %zu characters of a unix socket\n",
			dir, port, sizeof(addr.sun_path) - 1);
	else if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 64))
		fprintf(stderr, "wslhost: error: %s: %s%s\n", addr.sun_path, strerror(errno),
			errno == EADDRINUSE ?
				"; another run has this directory, or left it behind" :
				"");
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The monitor: it dies with this process. Its id, 0 without one, or -1 after an error. */
static pid_t start(char **command)
{
	pid_t parent = getpid(), pid = *command ? fork() : 0;

	if (!*command || pid > 0)
		return pid;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			execvp(*command, command);
	}
	fprintf(stderr, "wslhost: error: %s: %s\n", *command, strerror(errno));
	if (pid == 0)
		_exit(127);
	return -1;
}

/* Has the monitor ended? Then it is 0 from now on. */
static int ended(pid_t *monitor)
{
	if (*monitor <= 0 || waitpid(*monitor, NULL, WNOHANG) != *monitor)
		return 0;
	*monitor = 0;
	return 1;
}

static void stop(pid_t monitor, int turns)
{
	for (int i = 0; i < turns && monitor; i++) {
		usleep(TURN_MS * 1000);
		ended(&monitor);
	}
	if (!monitor)
		return;
	fprintf(stderr, "wslhost: the monitor was ended: the machine was still running\n");
	kill(monitor, SIGKILL);
	waitpid(monitor, NULL, 0);
}

int main(int argc, char **argv)
{
	static const int ports[LISTENERS] = { PORT_INIT, PORT_CRASH };
	struct plan plan = {
		.ms = 30000,
		.isolate = 1,
		.system = LUN_NONE,
		.modules = LUN_NONE,
		.swap = LUN_NONE,
	};
	const char *report = NULL;
	int listeners[LISTENERS], rc = parse(&plan, &report, argc, argv);
	FILE *out = stdout;
	pid_t monitor;

	if (rc)
		return rc;
	if (report && !(out = fopen(report, "we"))) {
		fprintf(stderr, "wslhost: error: %s: %s\n", report, strerror(errno));
		return 1;
	}
	for (int i = 0; i < LISTENERS; i++) {
		listeners[i] = serve(argv[optind], ports[i]);
		if (listeners[i] < 0)
			return 1;
	}
	service_init(&service, &plan, out);
	monitor = start(argv + optind + 1);
	if (monitor < 0)
		return 1;
	while (service_turn(&service, listeners, ports, LISTENERS, TURN_MS))
		if (ended(&monitor))
			service_machine_ended(&service);
	stop(monitor, service.bad ? BAD_TURNS : END_TURNS);
	rc = service_end(&service);
	if (ferror(out) || fclose(out)) {
		fprintf(stderr, "wslhost: error: the report cannot be written: %s\n",
			strerror(errno));
		return 1;
	}
	return rc != 0;
}
