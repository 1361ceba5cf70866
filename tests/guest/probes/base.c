// SPDX-License-Identifier: GPL-2.0
/*
 * What every image has beyond the boot contract: keys and security, time,
 * persistent memory, and modules for devices that are made of memory.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_alg.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A self-signed certificate (CN=probe, RSA 1024 and SHA-256, valid to 2126). */
static const unsigned char certificate[] = {
	0x30, 0x82, 0x01, 0x90, 0x30, 0x81, 0xfa, 0x02, 0x01, 0x01, 0x30, 0x0d, 0x06, 0x09, 0x2a,
	0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00, 0x30, 0x10, 0x31, 0x0e, 0x30,
	0x0c, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x05, 0x70, 0x72, 0x6f, 0x62, 0x65, 0x30, 0x20,
	0x17, 0x0d, 0x32, 0x36, 0x31, 0x31, 0x32, 0x34, 0x32, 0x33, 0x34, 0x34, 0x30, 0x37, 0x5a,
	0x18, 0x0f, 0x32, 0x31, 0x32, 0x36, 0x31, 0x30, 0x33, 0x31, 0x32, 0x33, 0x34, 0x34, 0x30,
	0x37, 0x5a, 0x30, 0x10, 0x31, 0x0e, 0x30, 0x0c, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x05,
	0x70, 0x72, 0x6f, 0x62, 0x65, 0x30, 0x81, 0x9f, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,
	0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x81, 0x8d, 0x00, 0x30, 0x81, 0x89,
	0x02, 0x81, 0x81, 0x00, 0xda, 0xf9, 0xd9, 0x1e, 0xd4, 0xb4, 0x5c, 0x9c, 0x63, 0xd1, 0x0f,
	0x36, 0xeb, 0xea, 0x82, 0xb0, 0x70, 0x3b, 0x8b, 0xca, 0x9e, 0x7d, 0xf5, 0x01, 0x15, 0x0b,
	0x4c, 0x0a, 0xc4, 0xf5, 0x7c, 0xa9, 0x02, 0x0f, 0x90, 0x47, 0xe8, 0x3a, 0x71, 0x0f, 0x67,
	0xce, 0x4d, 0xf9, 0xbc, 0xb6, 0xdf, 0x68, 0x3a, 0xdc, 0xfe, 0xab, 0x99, 0x57, 0x40, 0x5d,
	0x3d, 0x90, 0xc6, 0x1d, 0x58, 0x83, 0xdf, 0x01, 0x43, 0x2e, 0xa3, 0x16, 0x6a, 0x2c, 0xad,
	0x82, 0xf1, 0xbe, 0x1e, 0xaf, 0x51, 0xf6, 0x70, 0xde, 0x0a, 0xf8, 0xea, 0x4e, 0x69, 0xcd,
	0xf9, 0xf4, 0x82, 0xfe, 0x5e, 0x28, 0xaf, 0x3e, 0xa7, 0xd9, 0x32, 0x60, 0xdb, 0x98, 0x2d,
	0xe7, 0x1a, 0x57, 0x55, 0x4c, 0xac, 0xfe, 0xf6, 0x54, 0x82, 0x6a, 0x0f, 0x19, 0xff, 0xfe,
	0xf3, 0xae, 0x31, 0x69, 0x2c, 0x26, 0xa0, 0xc8, 0x60, 0xb7, 0xbf, 0x47, 0x02, 0x03, 0x01,
	0x00, 0x01, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b,
	0x05, 0x00, 0x03, 0x81, 0x81, 0x00, 0x2e, 0x72, 0x35, 0x67, 0x5d, 0x9f, 0xf0, 0x1e, 0x46,
	0x37, 0xad, 0x4b, 0x07, 0x9e, 0xd6, 0xf6, 0xa6, 0x43, 0x4c, 0x5d, 0x81, 0xef, 0xdc, 0xb6,
	0x14, 0xae, 0x7c, 0x0c, 0x5b, 0xf0, 0xe0, 0x4c, 0x21, 0x13, 0x60, 0x36, 0x15, 0xf8, 0x6f,
	0xec, 0x50, 0x91, 0xfb, 0xbb, 0x0f, 0xa6, 0xb3, 0xee, 0x45, 0xcd, 0x77, 0x1f, 0xe8, 0x1e,
	0xa8, 0x62, 0xec, 0x32, 0xbf, 0x51, 0x9e, 0x74, 0x64, 0x34, 0x96, 0x9e, 0x17, 0x39, 0x42,
	0x98, 0x17, 0x91, 0xb7, 0x45, 0x04, 0x3a, 0xed, 0xdf, 0xeb, 0xf7, 0x29, 0x92, 0xb8, 0x26,
	0x2f, 0x20, 0x9a, 0xb7, 0xcf, 0xb8, 0xca, 0xf8, 0x84, 0x26, 0x7d, 0x43, 0x72, 0x94, 0xb2,
	0xf4, 0x8b, 0xcd, 0x01, 0xd5, 0x73, 0xc4, 0x67, 0xc8, 0xce, 0x65, 0x16, 0xeb, 0xda, 0xf3,
	0xa2, 0xc7, 0x27, 0x36, 0xf7, 0x34, 0x7f, 0x46, 0xd5, 0xb8, 0x56, 0xdf, 0x42, 0x27
};

/* The certificate is parsed, its signature checked, and its key added. */
static int x509(const char *arg)
{
	char text[64];
	long key = syscall(SYS_add_key, "asymmetric", "", certificate, sizeof(certificate), -2);

	(void)arg;
	if (key < 0)
		return failed("add_key: %s", strerror(errno));
	/* KEYCTL_DESCRIBE */
	if (syscall(SYS_keyctl, 6, key, text, sizeof(text)) < 0)
		return failed("keyctl: %s", strerror(errno));
	return strncmp(text, "asymmetric;", 11) ? failed("the key is %s", text) : PASS;
}

static int trusted_keys(const char *arg)
{
	static char text[16384];

	(void)arg;
	if (read_file("/proc/keys", text, sizeof(text)) < 0)
		return FAIL;
	return strstr(text, ".builtin_trusted_keys") ?
		PASS :
		failed("/proc/keys has no .builtin_trusted_keys");
}

/* A cipher or digest by its name, as programs request it over AF_ALG. */
static int algorithm(const char *name)
{
	struct sockaddr_alg at = { .salg_family = AF_ALG };
	int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	strcpy((char *)at.salg_type, strchr(name, '(') ? "skcipher" : "hash");
	strcpy((char *)at.salg_name, name);
	return fd < 0 || bind(fd, (void *)&at, sizeof(at)) ?
		failed("%s: %s", name, strerror(errno)) :
		PASS;
}

/* Opening a file waits for a permission, which is denied. */
static int fanotify(const char *arg)
{
	int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC), pid, rc;
	struct fanotify_event_metadata event;
	struct fanotify_response response = { .response = FAN_DENY };

	(void)arg;
	if (write_file("guarded", "text\n"))
		return FAIL;
	if (fd < 0 || fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, "guarded"))
		return failed("fanotify: %s", strerror(errno));
	pid = fork();
	if (!pid)
		_exit(open("guarded", O_RDONLY) < 0 && errno == EPERM ? 0 : 1);
	if (read(fd, &event, sizeof(event)) != sizeof(event))
		return failed("no event: %s", strerror(errno));
	response.fd = event.fd;
	if (write(fd, &response, sizeof(response)) != sizeof(response))
		return failed("answer: %s", strerror(errno));
	rc = exit_of(pid);
	return rc ? failed("the file was opened nevertheless") : PASS;
}

static int landlock(const char *arg)
{
	long abi;

	(void)arg;
	/* landlock_create_ruleset, for its version */
	abi = syscall(444, NULL, 0, 1);
	return abi < 1 ? failed("landlock: %s", strerror(errno)) : PASS;
}

static int memory_name(const char *arg)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static char text[65536];

	(void)arg;
	/* PR_SET_VMA, PR_SET_VMA_ANON_NAME */
	if (prctl(0x53564d41, 0, page, 4096, "probe"))
		return failed("prctl: %s", strerror(errno));
	if (read_file("/proc/self/maps", text, sizeof(text)) < 0)
		return FAIL;
	return strstr(text, "[anon:probe]") ? PASS : failed("/proc/self/maps has no [anon:probe]");
}

/* Only 4.19 has it: a 64-bit program with 32-bit pointers. */
static int x32(const char *arg)
{
	(void)arg;
	if (kernel_at_least(4, 20))
		return skip("is left out after 4.19");
	return syscall(0x40000000 | SYS_getpid) == getpid() ? PASS :
							      failed("getpid: %s", strerror(errno));
}

static int old_sysctl(const char *arg)
{
	(void)arg;
	if (kernel_at_least(5, 5))
		return skip("was dropped in Linux 5.5");
	return syscall(156, NULL) < 0 && errno == EFAULT ? PASS :
							   failed("sysctl(2): %s", strerror(errno));
}

static int persistent(const char *driver)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/%s", driver);
	return exists(path);
}

static int dax(const char *symbol)
{
	return symbol_known(symbol) ? PASS : failed("the kernel has no %s", symbol);
}

static int render_node(const char *arg)
{
	int tries, fd = -1;

	(void)arg;
	if (module_load("vgem"))
		return FAIL;
	for (tries = 0; tries < 50 && fd < 0; tries++, usleep(100000))
		fd = open("/dev/dri/renderD128", O_RDWR | O_CLOEXEC);
	return fd < 0 ? failed("/dev/dri/renderD128: %s", strerror(errno)) : PASS;
}

/*
 * It registers with VMBus, which is only there under Hyper-V: anywhere else that is the one
 * thing that it lacks. What is built in is not asked again.
 */
static int uio_hyperv(const char *name)
{
	int error;

	if (on_hyperv() || module_built_in(name))
		return loads(name);
	error = module_error(name);
	return error == ENODEV ? PASS :
				 failed("%s without Hyper-V: expected ENODEV, got %s", name,
					error ? strerror(error) : "it");
}

const struct probe base_probes[] = {
	{ "an X.509 certificate becomes a key", x509, NULL },
	{ "the kernel has a keyring of trusted keys", trusted_keys, NULL },
	{ "ecb(arc4) is available to programs", algorithm, "ecb(arc4)", 5, 9 },
	{ "md4 is available to programs", algorithm, "md4", 5, 9 },
	{ "opening a file can be denied (fanotify)", fanotify, NULL },
	{ "a process can confine itself (Landlock)", landlock, NULL, 5, 13 },
	{ "anonymous memory can have a name", memory_name, NULL, 5, 17 },
	{ "x32 programs run", x32, NULL },
	{ "sysctl(2) works", old_sysctl, NULL },
	{ "the class of host clocks exists (PTP)", exists, "/sys/class/ptp" },
	{ "pmem has a driver", persistent, "nd/drivers/nd_pmem" },
	{ "NFIT has a driver", persistent, "acpi/drivers/nfit" },
	{ "pmem over virtio has a driver", persistent, "virtio/drivers/virtio_pmem", 5, 3 },
	{ "files are mapped from persistent memory", dax, "dax_iomap_rw" },
	{ "nd_e820 loads", loads, "nd_e820" },
	{ "device_dax loads", loads, "device_dax" },
	{ "uio loads", loads, "uio" },
	{ "uio_hv_generic loads, or lacks nothing but Hyper-V", uio_hyperv, "uio_hv_generic" },
	{ "vgem creates a render node", render_node, NULL, 5, 0 },
	{ NULL, NULL, NULL },
};
