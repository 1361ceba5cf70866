// SPDX-License-Identifier: GPL-2.0
/*
 * /init of the outer machine, for a run inside QEMU: load the modules of /modules/order
 * (KVM if it is not built in), run /hvhost with the arguments in /hvhost.args, one per
 * line, print its exit status, and power off. ttyS1 and ttyS2 carry the guest's console
 * and the host's rows, ttyS3 in the end what came on hvc0.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define MAX_ARGS 64

static const struct {
	const char *type, *dir;
} mounts[] = {
	{ "proc", "/proc" },
	{ "sysfs", "/sys" },
	{ "devtmpfs", "/dev" },
	{ "tmpfs", "/tmp" },
};

static void load_modules(void)
{
	FILE *f = fopen("/modules/order", "re");
	char name[128], path[160];
	int fd;

	while (f && fscanf(f, "%127s", name) == 1) {
		snprintf(path, sizeof(path), "/modules/%s", name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
			printf("outer: %s: %s\n", name, strerror(errno));
		close(fd);
	}
	if (f)
		fclose(f);
}

/* Raw mode: no newline translation. */
static void raw(const char *tty)
{
	int fd = open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios t;

	if (fd >= 0 && !tcgetattr(fd, &t)) {
		cfmakeraw(&t);
		t.c_cflag |= CLOCAL;
		tcsetattr(fd, TCSANOW, &t);
	}
	/* stays open: the last close would reset the settings */
}

static int run(void)
{
	static char text[8192];
	char *argv[MAX_ARGS + 2] = { "/hvhost" }, *word, *rest = text;
	FILE *f = fopen("/hvhost.args", "re");
	int status, n = 1;
	pid_t pid;

	if (!f || fread(text, 1, sizeof(text) - 1, f) == 0)
		return 126;
	fclose(f);
	while (n <= MAX_ARGS && (word = strsep(&rest, "\n")))
		if (*word)
			argv[n++] = word;
	pid = fork();
	if (pid == 0) {
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Not earlier: ttyS3 has the interrupt of ttyS1. */
static void send_hvc0(void)
{
	int from = open("/tmp/hvc0.log", O_RDONLY | O_CLOEXEC), to;
	char buf[4096];
	ssize_t n;

	if (from < 0)
		return;
	raw("/dev/ttyS3");
	to = open("/dev/ttyS3", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	while (to >= 0 && (n = read(from, buf, sizeof(buf))) > 0)
		if (write(to, buf, n) != n)
			break;
	if (to < 0)
		printf("outer: /dev/ttyS3: %s\n", strerror(errno));
	else
		tcdrain(to);
}

int main(void)
{
	struct utsname uts;
	int fd;

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].dir, 0755);
		mount(mounts[i].type, mounts[i].dir, mounts[i].type, 0, NULL);
	}
	fd = open("/dev/console", O_RDWR);
	dup2(fd, 1);
	dup2(fd, 2);
	setvbuf(stdout, NULL, _IOLBF, 0);
	uname(&uts);
	printf("outer: Linux %s\n", uts.release);
	raw("/dev/ttyS1");
	raw("/dev/ttyS2");
	/* if the kernel kills hvhost, only its log says so */
	fd = open("/proc/sys/kernel/printk", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "7", 1) != 1)
		printf("outer: printk: %s\n", strerror(errno));
	close(fd);
	load_modules();
	printf("outer: hvhost ended with status %d\n", run());
	fflush(stdout);
	tcdrain(1);
	send_hvc0();
	reboot(RB_POWER_OFF);
	return 1;
}
