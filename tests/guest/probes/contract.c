// SPDX-License-Identifier: GPL-2.0
/*
 * The boot contract of config/wsl2_defconfig: what WSL's start-up and Docker
 * Desktop cannot do without. Rows about namespaces and control groups are in
 * isolation.c. QEMU has no Hyper-V devices: here the
 * drivers are only looked up, `make smoke-hyperv` uses them.
 */
#define _GNU_SOURCE
#include "isolation.h"
#include "kvm.h"
#include "probe.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/auto_fs4.h>
#include <linux/serial.h>
#include <linux/vm_sockets.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

/* A function whose address a driver takes is never optimised away. */
static int in_kernel(const char *symbol)
{
	if (symbol_known(symbol))
		return PASS;
	return failed("/proc/kallsyms has no %s", symbol);
}

/*
 * Only one guest transport can register (before 5.5: only one at all), and the first
 * wins, whatever the host is: a second one that is built in can replace hv_sock.
 */
static int no_rival(const char *arg)
{
	(void)arg;
	if (symbol_known("virtio_vsock_probe"))
		return failed("CONFIG_VIRTIO_VSOCKETS is built in");
	if (!kernel_at_least(5, 5) && symbol_known("vhost_vsock_dev_open"))
		return failed("CONFIG_VHOST_VSOCK is built in");
	return PASS;
}

static int vsock(const char *arg)
{
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)arg;
	if (fd >= 0)
		return PASS;
	/* before 5.5 the address family comes and goes with its transport */
	if (errno == EAFNOSUPPORT && !kernel_at_least(5, 5) && !on_hyperv())
		return skip(
			"needs a Hyper-V host (make smoke-hyperv): no transport, no AF_VSOCK before 5.5");
	return failed("socket(AF_VSOCK): %s", strerror(errno));
}

static int virtio_console(const char *arg)
{
	char path[300], id[32];
	struct dirent *entry;
	int fd, there = 0;
	DIR *dir;

	(void)arg;
	if (access("/sys/bus/virtio/drivers/virtio_console", F_OK))
		return failed("no driver virtio_console on the virtio bus");
	dir = opendir("/sys/bus/virtio/devices");
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/bus/virtio/devices/%s/device", entry->d_name);
		/* a console is virtio device 3 */
		there |= read_file(path, id, sizeof(id)) > 0 && strtol(id, NULL, 0) == 3;
	}
	if (dir)
		closedir(dir);
	if (!there)
		return failed("no virtio console on the virtio bus, and smoke.sh adds one");
	fd = open("/dev/hvc0", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || write(fd, "hvc0\n", 5) != 5)
		return failed("write to /dev/hvc0: %s", strerror(errno));
	return PASS;
}

static int serial(const char *arg)
{
	int fd = open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct serial_struct port;

	(void)arg;
	if (fd < 0 || ioctl(fd, TIOCGSERIAL, &port))
		return failed("TIOCGSERIAL of /dev/ttyS0: %s", strerror(errno));
	return port.type == PORT_UNKNOWN ? failed("no chip at /dev/ttyS0, the console") : PASS;
}

static int pty(const char *arg)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
	char buf[16] = "";

	(void)arg;
	if (master < 0 || grantpt(master) || unlockpt(master))
		return failed("/dev/ptmx: %s", strerror(errno));
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return failed("open %s: %s", ptsname(master), strerror(errno));
	if (write(master, "ping\n", 5) != 5 || read(slave, buf, 5) != 5 || strcmp(buf, "ping\n"))
		return failed("expected \"ping\", got \"%s\" (%s)", buf, strerror(errno));
	return PASS;
}

static int modprobe_path(const char *arg)
{
	(void)arg;
	return expect_text("/proc/sys/kernel/modprobe", "/sbin/modprobe\n");
}

static int config_gz(const char *arg)
{
	int fd = open("/proc/config.gz", O_RDONLY | O_CLOEXEC);
	unsigned char magic[2] = { 0, 0 };

	(void)arg;
	if (fd < 0 || read(fd, magic, 2) != 2)
		return failed("read /proc/config.gz: %s", strerror(errno));
	if (magic[0] != 0x1f || magic[1] != 0x8b)
		return failed("expected gzip's 1f 8b, got %02x %02x", magic[0], magic[1]);
	return PASS;
}

static int tmpfs(const char *arg)
{
	char value[8] = "";

	(void)arg;
	if (write_file("file", "") || setxattr("file", "trusted.probe", "yes", 3, 0) ||
	    getxattr("file", "trusted.probe", value, sizeof(value)) != 3)
		return failed("trusted.probe on tmpfs: %s", strerror(errno));
	return strcmp(value, "yes") ? failed("expected yes, got %s", value) : PASS;
}

static int overlay(const char *arg)
{
	struct stat st;

	(void)arg;
	if (make_dir("low") || make_dir("up") || make_dir("work") ||
	    write_file("low/kept", "low\n") || write_file("low/gone", "low\n") ||
	    mount_on("overlay", "top", "overlay", 0, "lowerdir=low,upperdir=up,workdir=work"))
		return FAIL;
	if (expect_text("top/kept", "low\n") || write_file("top/kept", "up\n") ||
	    expect_text("low/kept", "low\n") || expect_text("up/kept", "up\n"))
		return failed("a write does not go to a copy in the upper directory");
	if (unlink("top/gone"))
		return failed("unlink top/gone: %s", strerror(errno));
	if (absent("top/gone"))
		return FAIL;
	if (stat("up/gone", &st) || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(0, 0))
		return failed("up/gone is not a whiteout");
	if (umount("top") ||
	    mount_on("overlay", "top", "overlay", 0, "lowerdir=low,upperdir=up,workdir=work") ||
	    absent("top/gone"))
		return failed("mounted again");
	return expect_text("top/kept", "up\n");
}

static int share(const char *arg)
{
	int rc = mount_share("9p");

	(void)arg;
	if (rc)
		return rc;
	if (expect_text("9p/hello", "hello from the host\n") ||
	    write_file("9p/answer", "hello from the guest\n"))
		return FAIL;
	if (umount("9p") || mount_share("9p"))
		return failed("mounted again: %s", strerror(errno));
	return expect_text("9p/answer", "hello from the guest\n");
}

static int iso9660(const char *arg)
{
	char dev[32];
	int fd;

	(void)arg;
	if (image_iso9660("cd"))
		return FAIL;
	fd = loop_attach("cd", dev, sizeof(dev));
	if (fd < 0 || mount_on(dev, "iso", "iso9660", MS_RDONLY, NULL))
		return FAIL;
	return expect_text("iso/hello", IMAGE_TEXT);
}

/* A lookup in an autofs directory sends its daemon a request through a pipe. */
static int autofs(const char *arg)
{
	union autofs_v5_packet_union packet = { 0 };
	struct pollfd wait = { .events = POLLIN };
	char options[128];
	int fds[2], dir, rc;
	pid_t user;

	(void)arg;
	if (pipe2(fds, O_CLOEXEC | O_DIRECT))
		return failed("pipe2: %s", strerror(errno));
	snprintf(options, sizeof(options), "fd=%d,pgrp=%d,minproto=5,maxproto=5,indirect", fds[1],
		 getpgrp());
	if (mount_on("probe", "auto", "autofs", 0, options))
		return FAIL;
	dir = open("auto", O_RDONLY | O_CLOEXEC);
	user = fork();
	if (user == 0) {
		setpgid(0, 0);
		_exit(access("auto/drive", F_OK) ? errno : 0);
	}
	wait.fd = fds[0];
	if (poll(&wait, 1, 20000) != 1 || read(fds[0], &packet, sizeof(packet)) <= 0) {
		kill(user, SIGKILL);
		return failed("no request in autofs's pipe");
	}
	if (packet.hdr.type != autofs_ptype_missing_indirect ||
	    strcmp(packet.v5_packet.name, "drive"))
		return failed("expected a request for drive, got type %d, %s", packet.hdr.type,
			      packet.v5_packet.name);
	if (ioctl(dir, AUTOFS_IOC_FAIL, packet.v5_packet.wait_queue_token))
		return failed("AUTOFS_IOC_FAIL: %s", strerror(errno));
	rc = exit_of(user);
	return rc == ENOENT ? PASS : failed("expected ENOENT for the name, got %d", rc);
}

static int loop(const char *arg)
{
	char dev[32], page[4096];
	int file = file_of_size("disk", 1 << 20), fd;

	(void)arg;
	fd = loop_attach("disk", dev, sizeof(dev));
	if (file < 0 || fd < 0 || write_read_block(dev, 7))
		return FAIL;
	/* what was written to the device is in the file */
	if (pread(file, page, sizeof(page), 8192) != sizeof(page) || page[1] != 7)
		return failed("%s was written, its file was not", dev);
	return PASS;
}

/* Run FILE; its interpreter must be /init, which prints the name. */
static int runs_by_init(const char *file)
{
	char got[128] = "", want[128];
	int fds[2], rc;
	pid_t pid;

	if (chmod(file, 0755) || pipe(fds))
		return failed("chmod %s: %s", file, strerror(errno));
	snprintf(want, sizeof(want), ECHO_PREFIX "%s\n", file);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		execl(file, file, NULL);
		_exit(100 + (errno == ENOEXEC));
	}
	rc = exit_of(pid);
	close(fds[1]);
	if (read(fds[0], got, sizeof(got) - 1) < 0 || rc || strcmp(got, want))
		return failed("%s: expected \"%s\", got \"%s\", status %d", file, want, got, rc);
	return PASS;
}

static int script(const char *arg)
{
	(void)arg;
	return write_file("/tmp/script", "#!/init\n") ? FAIL : runs_by_init("/tmp/script");
}

static int binfmt(const char *arg)
{
	int rc;

	(void)arg;
	/* the rule that WSL uses: a Windows program begins with MZ, F keeps /init open */
	if (mount_on("binfmt_misc", "fmt", "binfmt_misc", 0, NULL) ||
	    write_file("fmt/register", ":probe:M::MZ::/init:F") ||
	    write_file("/tmp/program.exe", "MZ and the rest"))
		return FAIL;
	rc = runs_by_init("/tmp/program.exe");
	return write_file("fmt/probe", "-1") || rc ? FAIL : PASS;
}

const struct probe contract_probes[] = {
	{ "hv_sock is built in", in_kernel, "hvs_connect" },
	{ "no other transport replaces hv_sock", no_rival, NULL },
	{ "storvsc is built in", in_kernel, "storvsc_queuecommand" },
	{ "netvsc is built in", in_kernel, "netvsc_probe" },
	{ "the balloon is built in", in_kernel, "balloon_probe" },
	{ "the utilities are built in", in_kernel, "util_probe" },
	{ "the PCI bridge is built in", in_kernel, "hv_pci_probe" },
	{ "9p over a socket is built in", in_kernel, "p9_fd_create" },
	{ "an AF_VSOCK socket can be created", vsock, NULL },
	{ "hvc0 takes output", virtio_console, NULL },
	{ "ttyS0 is a serial port", serial, NULL },
	{ "a pseudo-terminal passes bytes", pty, NULL },
	{ "the kernel requests modules from /sbin/modprobe", modprobe_path, NULL },
	{ "/proc/config.gz exists", config_gz, NULL },
	{ "a KVM virtual machine runs", kvm, NULL },
	{ "tmpfs stores trusted attributes", tmpfs, NULL },
	{ "overlayfs copies up, whites out, and keeps both", overlay, NULL },
	{ "9p reads and writes the host's files", share, NULL },
	{ "a loop device writes to its file", loop, NULL },
	{ "an iso9660 image can be mounted and read", iso9660, NULL },
	{ "ext4 stores a file", userland, "keeps ext4" },
	{ "autofs sends requests to its daemon", autofs, NULL },
	{ "a script runs by its interpreter", script, NULL },
	{ "binfmt_misc runs a Windows program by /init", binfmt, NULL },
	{ "there are namespaces of each kind", namespaces, NULL },
	{ "the first process of a PID namespace is 1", pid_namespace, NULL },
	{ "root of a user namespace is not root outside", user_namespace, NULL },
	{ "cgroup v1 freezes and thaws", freezer_v1, NULL },
	{ "cgroup v1 denies a device", devices_v1, NULL },
	{ "cgroup v1 has its controllers", groups_v1,
	  "blkio/blkio.reset_stats cpu/cpu.shares=512 cpuacct/cpuacct.usage=0 cpuset/cpuset.cpus=0 "
	  "memory/memory.memsw.limit_in_bytes memory/memory.limit_in_bytes=67108864 pids/pids.max=5" },
	{ "cgroup v2 has its controllers", controllers_v2, NULL },
	{ "cgroup v2 pids.max stops a fork", pids_v2, NULL },
	{ "cgroup v2 memory.max kills a process that exceeds it", memory_v2, NULL },
	{ "cgroup v2 cpuset binds a process to a processor", cpuset_v2, NULL, 5, 0 },
	{ NULL, NULL, NULL },
};
