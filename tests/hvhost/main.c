// SPDX-License-Identifier: GPL-2.0
/* Options, start-up and exit status. */
#define _GNU_SOURCE
#include "boot.h"
#include "broker.h"
#include "logger.h"
#include "machine.h"
#include "peer.h"
#include "sandbox.h"
#include "stream.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

_Static_assert(VMBUS_SUBCHANNELS == HV_MAX_VPS - 1, "a channel for each processor");

#define CONSOLE_MS 10000 /* for a slow console to take what the guest has printed */
#define LOG_MS	   10000 /* for standard error to take the last messages */

static const char help[] =
	"usage: hvhost --kernel bzImage [option...]\n"
	"Boot a Linux kernel on KVM as a Hyper-V guest with VMBus devices.\n"
	"  --kernel FILE          bzImage with a 64-bit entry point\n"
	"  --initrd FILE          initramfs\n"
	"  --cmdline TEXT         kernel command line\n"
	"  --mem MB               RAM (512)\n"
	"  --cpus N               processors, 1 to 4 (1)\n"
	"  --build N              build of the Windows to be: 19045 is Windows 10 22H2, 22621\n"
	"                         Windows 11 22H2; offers an invariant TSC if KVM can (14393,\n"
	"                         which offers none)\n"
	"  --disk FILE            SCSI disk backed by FILE\n"
	"  --disk-mb MB           create FILE anew, empty, with this size\n"
	"  --read-only FILE       another SCSI disk, which the guest can only read\n"
	"  --wsl-disks            disks as WSL's: LUNs of one controller, thin, of vendor Msft; FILE\n"
	"                         must be on a file system that can punch holes\n"
	"  --vsock PORT=SOCKET    forward connections of the guest to PORT to this unix socket\n"
	"  --listen PORT=SOCKET   create this unix socket and forward its connections to PORT\n"
	"                         of the guest\n"
	"  --net TAP              network card on this tap interface, 10.77.0.1/24 on the host\n"
	"  --gpu                  offer the global channel of the GPU driver; there is no GPU\n"
	"  --virtio-console FILE  virtio console: FILE gets the output of hvc0 at its end\n"
	"  --virtio-fs TAG=DIR    share this folder by virtiofs\n"
	"  --virtio-net TAP       virtio network card on this tap interface, 10.77.1.1/24\n"
	"  --virtio-pmem FILE     persistent memory backed by FILE\n"
	"  --virtio-pmem-mb MB    create FILE anew, empty, with this size\n"
	"  --pci-test N           N PCI buses, 1 to 4, each with a function of the tests\n"
	"  --vmbus-version M.N    highest version of VMBus: 5.3, 5.2, 5.1, 5.0, 4.1, 4.0, 3.0 or 2.4\n"
	"                         (5.3); streams need 4.0\n"
	"  --console FILE         console output (standard output)\n"
	"  --seconds N            time limit (300)\n"
	"  --tests DIR            serve the tests in the guest; their sockets and files are in DIR\n"
	"  --seed N               with --tests: seed of the hostile host (the clock)\n"
	"  --hostile-only ROW:N,N-N\n"
	"                         with --tests: of the hostile host's messages send only these of\n"
	"                         messages, answers, packets, pci, virtio, mutants or streams, and\n"
	"                         log each; ROW:all is all of them\n"
	"  --hostile-rate N       with --tests: mutations of a device, 1 to 16 (6)\n"
	"  --report FILE          with --tests: write the host's rows here, as TAP\n"
	"Exit status: 0 the guest powered off and every row is ok, 1 otherwise, 2 usage.\n";

static const char *const ends[] = {
	[RUNNING] = "is still running",
	[POWERED_OFF] = "powered off",
	[RESET] = "was reset",
	[CRASHED] = "reported a crash",
	[TRIPLE_FAULT] = "ended in a triple fault",
	[TIMED_OUT] = "was ended at the time limit",
	[BROKEN] = "cannot continue",
};

struct options {
	const char *kernel, *initrd, *cmdline, *disk, *read_only, *net, *console, *report;
	unsigned int mem, cpus, seconds, version, disk_mb, build, pci_test;
	struct virtio_options virtio;
	FILE *rows; /* with --tests: of --report */
};

static struct machine m;

static int usage(const char *what, const char *arg)
{
	fprintf(stderr, "hvhost: %s %s\nrun hvhost --help for the options\n", what, arg);
	return 2;
}

/* PORT=SOCKET; the socket, or NULL */
static const char *port_and_socket(const char *arg, u32 *port)
{
	char *end;

	*port = strtoul(arg, &end, 10);
	return end > arg && *end == '=' && end[1] ? end + 1 : NULL;
}

static const struct option names[] = {
	{ "kernel", 1, NULL, 'k' },
	{ "initrd", 1, NULL, 'i' },
	{ "cmdline", 1, NULL, 'a' },
	{ "mem", 1, NULL, 'm' },
	{ "cpus", 1, NULL, 'c' },
	{ "disk", 1, NULL, 'd' },
	{ "disk-mb", 1, NULL, 'D' },
	{ "vsock", 1, NULL, 'v' },
	{ "listen", 1, NULL, 'l' },
	{ "net", 1, NULL, 'n' },
	{ "vmbus-version", 1, NULL, 'V' },
	{ "console", 1, NULL, 'o' },
	{ "seconds", 1, NULL, 's' },
	{ "tests", 1, NULL, 't' },
	{ "report", 1, NULL, 'r' },
	{ "seed", 1, NULL, 'S' },
	{ "hostile-only", 1, NULL, 'O' },
	{ "hostile-rate", 1, NULL, 'T' },
	{ "gpu", 0, NULL, 'g' },
	{ "read-only", 1, NULL, 'R' },
	{ "build", 1, NULL, 'b' },
	{ "wsl-disks", 0, NULL, 'W' },
	{ "help", 0, NULL, 'h' },
	{ "pci-test", 1, NULL, 'p' },
	{ "virtio-console", 1, NULL, 'C' },
	{ "virtio-fs", 1, NULL, 'F' },
	{ "virtio-net", 1, NULL, 'N' },
	{ "virtio-pmem", 1, NULL, 'P' },
	{ "virtio-pmem-mb", 1, NULL, 'M' },
	{ NULL, 0, NULL, 0 },
};

static int parse(struct options *o, int argc, char **argv)
{
	unsigned int major, minor;
	const char *path;
	u32 port;
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (c) {
		case 'k':
			o->kernel = optarg;
			break;
		case 'i':
			o->initrd = optarg;
			break;
		case 'a':
			o->cmdline = optarg;
			break;
		case 'm':
			o->mem = atoi(optarg);
			break;
		case 'c':
			o->cpus = atoi(optarg);
			break;
		case 'b':
			o->build = atoi(optarg);
			if (!o->build)
				return usage("--build: expected a number, got", optarg);
			break;
		case 'd':
			o->disk = optarg;
			break;
		case 'D':
			o->disk_mb = atoi(optarg);
			break;
		case 'R':
			o->read_only = optarg;
			break;
		case 'n':
			o->net = optarg;
			break;
		case 'o':
			o->console = optarg;
			break;
		case 's':
			o->seconds = atoi(optarg);
			break;
		case 't':
			m.dir = optarg;
			break;
		case 'r':
			o->report = optarg;
			break;
		case 'S':
			m.seed = strtoull(optarg, NULL, 0);
			break;
		case 'O':
			if (hostile_only(&m.hostile, optarg))
				return usage("--hostile-only: expected ROW:N,N-N, got", optarg);
			break;
		case 'T':
			m.hostile.mutants.rate = atoi(optarg);
			if (m.hostile.mutants.rate < 1 ||
			    m.hostile.mutants.rate > HOSTILE_MUTATIONS)
				return usage("--hostile-rate takes", "1 to 16");
			break;
		case 'g':
			m.has_gpu = 1;
			break;
		case 'p':
			o->pci_test = atoi(optarg);
			if (o->pci_test < 1 || o->pci_test > PCI_TESTS)
				return usage("--pci-test takes", "1 to 4");
			break;
		case 'C':
			o->virtio.console = optarg;
			break;
		case 'F':
			if (!strchr(optarg, '='))
				return usage("--virtio-fs: expected TAG=DIR, got", optarg);
			o->virtio.tag = optarg;
			break;
		case 'N':
			o->virtio.net = optarg;
			break;
		case 'P':
			o->virtio.pmem = optarg;
			break;
		case 'M':
			o->virtio.pmem_mb = atoi(optarg);
			break;
		case 'W':
			m.wsl_disks = 1;
			break;
		case 'V':
			o->version = sscanf(optarg, "%u.%u", &major, &minor) == 2 ?
				VMBUS_VERSION(major, minor) :
				0;
			if (!vmbus_version_known(o->version))
				return usage("--vmbus-version: VMBus has no version", optarg);
			break;
		case 'v':
		case 'l':
			path = port_and_socket(optarg, &port);
			if (!path)
				return usage("expected PORT=SOCKET, got", optarg);
			if (c == 'v' ? hv_sock_service(&m.sock, port, path) :
				       hv_sock_listen(&m.sock, port, path))
				return 1;
			break;
		case 'h':
			fputs(help, stdout);
			exit(0);
		default:
			return usage("invalid", "option");
		}
	}
	if (optind < argc)
		return usage("unexpected argument:", argv[optind]);
	return 0;
}

static int check(const struct options *o)
{
	if (!o->kernel)
		return usage("missing:", "--kernel");
	if (o->cpus < 1 || o->cpus > HV_MAX_VPS)
		return usage("--cpus takes", "1 to 4");
	/* what is above ends below MEMORY_MMIO_HIGH, 39.9 GB */
	if (o->mem < 64 || o->mem > 32768)
		return usage("--mem takes", "64 to 32768");
	return 0;
}

/* A stream takes three descriptors, and a guest may have one for each relid. */
static void allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* A controller for each disk, or as WSL has it one with a LUN for each. */
static int make_disks(const struct options *o)
{
	struct storvsc *second = m.wsl_disks ? &m.scsi : &m.scsi_read_only;

	if (worker_init(&m.worker, &m.loop))
		return -1;
	m.scsi.worker = m.scsi_read_only.worker = m.scsi_plugged.worker = &m.worker;
	m.scsi.max_subchannels = m.scsi_read_only.max_subchannels = m.scsi_plugged.max_subchannels =
		m.vm.cpus - 1;
	m.has_disk = !!o->disk;
	m.has_read_only = !!o->read_only;
	if (o->disk && disk_open(&m.disk, o->disk, (u64)o->disk_mb << 20))
		return -1;
	if (o->read_only && disk_open_read_only(&m.read_only, o->read_only))
		return -1;
	m.disk.msft = m.read_only.msft = m.wsl_disks;
	if (o->disk)
		storvsc_attach(&m.scsi, 0, &m.disk);
	if (o->read_only)
		storvsc_attach(second, m.wsl_disks ? 1 : 0, &m.read_only);
	if ((o->disk || m.wsl_disks) && storvsc_offer(&m.scsi, &m.bus, &m.vm.mem, 1))
		return -1;
	if (o->read_only && !m.wsl_disks)
		return storvsc_offer(second, &m.bus, &m.vm.mem, 2);
	return 0;
}

/* N buses with a function of the tests each; the domains are 1 to N. */
static int make_pci(unsigned int n)
{
	vpci_init(&m.pci, &m.bus, m.vm.cpus);
	m.pci.signal = vm_msi;
	m.pci.map = vm_map;
	m.pci.vm = &m.vm;
	m.vm.mmio.access = vpci_mmio;
	m.vm.mmio.arg = &m.pci;
	m.vm.hv.retarget = vpci_retarget;
	m.vm.hv.pci = &m.pci;
	for (m.pci_tests = 0; m.pci_tests < n; m.pci_tests++) {
		struct vpci *bus = &m.pci_bus[m.pci_tests];

		pci_test_init(&m.pci_test[m.pci_tests], vpci_raise, bus);
		if (vpci_plug(bus, 0, &m.pci_test[m.pci_tests].f) ||
		    vpci_offer(bus, &m.pci, m.pci_tests + 1))
			return -1;
	}
	return 0;
}

/* Early: it has a copy of what is open, and of the memory. */
static int start_broker(void)
{
	const char *paths[HV_SOCK_PORTS + COMMANDS_SOCKETS];
	int n = 0;

	for (; n < m.sock.services; n++)
		paths[n] = m.sock.service[n].path;
	if (m.dir) {
		commands_sockets(m.dir, paths + n);
		n += COMMANDS_SOCKETS;
	}
	return n ? broker_start(paths, n) : 0;
}

/* What the command line names stays in reach, and what start() has opened. */
static int enter_sandbox(const struct options *o)
{
	struct sandbox sandbox = {
		.folder = o->virtio.tag ? strchr(o->virtio.tag, '=') + 1 : NULL,
		.dir = m.dir,
		.sockets = m.sock.services || m.sock.listens,
	};

	m.walls = sandbox_enter(&sandbox);
	return m.walls ? 0 : -1;
}

static void end_log(void)
{
	logger_end(LOG_MS);
}

static int start(struct options *o)
{
	int console = 1, tap;

	if (o->console) {
		console =
			open(o->console, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0644);
		if (console < 0)
			return error("%s: %s", o->console, strerror(errno));
	}
	if (start_broker() || vm_init(&m.vm, &m.loop, (u64)o->mem << 20, o->cpus, o->build))
		return -1;
	host_init(&m.host, &m.loop, &m.vm, &m.bus);
	if (o->version)
		m.bus.max_version = o->version;
	m.host.tl_connect = hv_sock_connect;
	m.host.tl_arg = &m.sock;
	board_init(&m.board, &m.vm, console);
	if (ic_init(&m.ic, &m.bus, &m.loop) || balloon_init(&m.balloon, &m.bus, &m.vm.mem))
		return -1;
	m.ic.reference_time = vm_reference_time;
	m.ic.vm = &m.vm;
	if (make_disks(o))
		return -1;
	if (o->net) {
		m.has_net = 1;
		tap = nettap_open(o->net, NET_HOST);
		if (tap < 0 || netvsc_init(&m.net, &m.bus, &m.loop, &m.vm.mem, tap, 0))
			return -1;
		m.net.max_subchannels = m.vm.cpus - 1;
	}
	if (m.has_gpu && dxg_init(&m.dxg, &m.bus))
		return -1;
	if (make_pci(o->pci_test) ||
	    virtio_make(&m.virtio, &o->virtio, &m.pci, &m.vm.mem, &m.loop, PCI_TESTS + 1))
		return -1;
	if (m.dir && commands_init(&m))
		return -1;
	if (m.dir) {
		o->rows = o->report ? fopen(o->report, "we") : stdout;
		if (!o->rows)
			return error("%s: %s", o->report, strerror(errno));
	}
	if (boot_load(&m.vm, o->kernel, o->initrd, o->cmdline) || enter_sandbox(o) || peer_start())
		return -1;
	/* from here on a message must not stop a vCPU */
	logger_init(STDERR_FILENO);
	if (atexit(end_log))
		return -1;
	return vm_start(&m.vm, o->seconds * 1000ull);
}

static int report(const struct options *o)
{
	int bad = report_write(&m, o->rows);

	if (o->report && fclose(o->rows))
		return error("%s: %s", o->report, strerror(errno));
	return bad;
}

static void ended(void *arg, u32 events)
{
	u64 n;

	(void)events;
	if (read(((struct vm *)arg)->ended, &n, sizeof(n)) < 0)
		error("eventfd: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	struct options o = { .cmdline = "", .mem = 512, .cpus = 1, .seconds = 300 };
	enum end end;
	int rc;

	allow_descriptors();
	if (loop_init(&m.loop))
		return 1;
	m.seed = time(NULL);
	hv_sock_init(&m.sock, &m.bus, &m.loop);
	rc = parse(&o, argc, argv);
	if (!rc)
		rc = check(&o);
	if (rc)
		return rc;
	if (start(&o) || !loop_watch(&m.loop, m.vm.ended, EPOLLIN, ended, &m.vm))
		return 1;
	while (__atomic_load_n(&m.vm.end, __ATOMIC_SEQ_CST) == RUNNING)
		if (loop_once(&m.loop, 1000))
			return 1;
	vm_join(&m.vm);
	end = m.vm.end;
	console_end(&m.board.console, CONSOLE_MS);
	if (m.virtio.has_console)
		console_end(&m.virtio.out, CONSOLE_MS);
	if (end == TIMED_OUT)
		vm_dump(&m.vm);
	note("the guest %s after %.1f s, %llu exits", ends[end], (now_ns() - m.vm.started) / 1e9,
	     (unsigned long long)m.vm.exits);
	rc = m.dir ? report(&o) : 0;
	return end == POWERED_OFF && rc == 0 ? 0 : 1;
}
