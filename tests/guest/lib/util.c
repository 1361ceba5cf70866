// SPDX-License-Identifier: GPL-2.0
/* Helpers of several areas. */
#define _GNU_SOURCE
#include "probe.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/loop.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

int read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	ssize_t n = 1;

	if (fd < 0)
		return failed("open %s: %s", path, strerror(errno));
	/* files of proc are read in pieces */
	while (n > 0 && have < size - 1) {
		n = read(fd, buf + have, size - 1 - have);
		have += n > 0 ? n : 0;
	}
	if (n < 0)
		diag("read %s: %s", path, strerror(errno));
	close(fd);
	buf[have] = '\0';
	return n < 0 ? -1 : (int)have;
}

int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int rc = 0;

	if (fd < 0)
		return failed("open %s: %s", path, strerror(errno));
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		rc = failed("write \"%s\" to %s: %s", text, path, strerror(errno));
	if (close(fd) && !rc)
		rc = failed("close %s: %s", path, strerror(errno));
	return rc;
}

int expect_text(const char *path, const char *text)
{
	char buf[4096];

	if (read_file(path, buf, sizeof(buf)) < 0)
		return FAIL;
	if (strcmp(buf, text))
		return failed("%s: expected \"%.*s\", got \"%.*s\"", path, (int)strcspn(text, "\n"),
			      text, (int)strcspn(buf, "\n"), buf);
	return PASS;
}

int has_word(const char *text, const char *word)
{
	size_t len = strlen(word);
	const char *at = text;

	for (; (at = strstr(at, word)); at += len)
		if ((at == text || strchr(" \t\n,[", at[-1])) && strchr(" \t\n,]", at[len]))
			return 1;
	return 0;
}

int expect_words(const char *path, const char *words)
{
	static char text[65536];
	char *list = strdup(words), *word, *rest = list;
	int rc = PASS;

	if (read_file(path, text, sizeof(text)) < 0)
		return FAIL;
	while ((word = strsep(&rest, " ")))
		if (*word && !has_word(text, word))
			rc = failed("%s does not list %s", path, word);
	free(list);
	return rc;
}

int kernel_at_least(int major, int minor)
{
	struct utsname uts;
	int a = 0, b = 0;

	uname(&uts);
	sscanf(uts.release, "%d.%d", &a, &b);
	return a > major || (a == major && b >= minor);
}

int on_hyperv(void)
{
	DIR *dir = opendir("/sys/bus/vmbus/devices");
	struct dirent *entry;
	int n = 0;

	while (dir && (entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n > 0;
}

int symbol_at(const char *name, unsigned long *address)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], symbol[256];
	int found = 0;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%lx %*s %255s", address, symbol) == 2 &&
			!strcmp(symbol, name);
	if (f)
		fclose(f);
	return found;
}

int symbol_known(const char *name)
{
	unsigned long address;

	return symbol_at(name, &address);
}

int make_dir(const char *path)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		return failed("mkdir %s: %s", path, strerror(errno));
	return 0;
}

int mount_on(const char *dev, const char *dir, const char *type, unsigned long flags,
	     const char *options)
{
	if (make_dir(dir))
		return FAIL;
	if (mount(dev, dir, type, flags, options))
		return failed("mount -t %s -o %s %s: %s", type, options ? options : "defaults", dev,
			      strerror(errno));
	return 0;
}

int mount_share(const char *dir)
{
	if (make_dir(dir))
		return FAIL;
	if (!mount("wsl0", dir, "9p", 0, "trans=virtio,version=9p2000.L,msize=65536"))
		return PASS;
	/* ENOENT: no device has the tag, and smoke.sh adds one */
	return failed("mount -t 9p wsl0: %s", strerror(errno));
}

int file_of_size(const char *path, long size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || ftruncate(fd, size))
		return failed("create %s of %ld bytes: %s", path, size, strerror(errno));
	return fd;
}

int loop_attach(const char *file, char *dev, size_t size)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int back = open(file, O_RDWR | O_CLOEXEC);
	int fd = -1, n;

	if (control < 0 || back < 0)
		return failed("open /dev/loop-control or %s: %s", file, strerror(errno));
	n = ioctl(control, LOOP_CTL_GET_FREE);
	if (n < 0) {
		diag("LOOP_CTL_GET_FREE: %s", strerror(errno));
		goto out;
	}
	snprintf(dev, size, "/dev/loop%d", n);
	fd = open(dev, O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, LOOP_SET_FD, back)) {
		diag("attach %s to %s: %s", file, dev, strerror(errno));
		close(fd);
		fd = -1;
	} else {
		/* detached with the last user, a mount included */
		struct loop_info64 info = { .lo_flags = LO_FLAGS_AUTOCLEAR };

		ioctl(fd, LOOP_SET_STATUS64, &info);
	}
out:
	close(control);
	close(back);
	return fd;
}

/* Write a page to DEV and read it back, past the page cache. */
int write_read_block(const char *dev, int seed)
{
	char *out, *in;
	int fd = open(dev, O_RDWR | O_DIRECT | O_CLOEXEC), i, rc = PASS;

	if (fd < 0)
		return failed("open %s: %s", dev, strerror(errno));
	if (posix_memalign((void **)&out, 4096, 8192))
		return failed("no memory");
	in = out + 4096;
	for (i = 0; i < 4096; i++)
		out[i] = (i / 16 + i) * seed;
	if (pwrite(fd, out, 4096, 8192) != 4096)
		rc = failed("write to %s: %s", dev, strerror(errno));
	else if (fsync(fd) || pread(fd, in, 4096, 8192) != 4096)
		rc = failed("read from %s: %s", dev, strerror(errno));
	else if (memcmp(in, out, 4096))
		rc = failed("%s: the data differs from what was written", dev);
	free(out);
	close(fd);
	return rc;
}

int exit_of(int pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return failed("fork or wait: %s", strerror(errno));
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return failed("a child ended by signal %d", WTERMSIG(status));
}

int udp_socket(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)))
		return failed("bind UDP port %d: %s", port, strerror(errno));
	return fd;
}

int udp_send(const char *to, int port, const char *text)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;

	inet_pton(AF_INET, to, &at.sin_addr);
	/* a packet filter that drops it on output returns EPERM: it is lost as well */
	if (sendto(fd, text, strlen(text), 0, (void *)&at, sizeof(at)) < 0 && errno != EPERM)
		rc = failed("send to %s:%d: %s", to, port, strerror(errno));
	close(fd);
	return rc;
}

int udp_arrives(int fd, const char *text)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };
	char buf[256];
	ssize_t n;

	if (poll(&in, 1, 1500) != 1)
		return 0;
	n = recv(fd, buf, sizeof(buf), 0);
	return n == (ssize_t)strlen(text) && !memcmp(buf, text, n);
}

long pages_per_cpu(void)
{
	FILE *f = fopen("/proc/zoneinfo", "re");
	long count, sum = 0;
	char line[256];

	if (!f)
		return failed("open %s", "/proc/zoneinfo");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " count: %ld", &count) == 1)
			sum += count;
	fclose(f);
	return sum;
}

int appears(const char *pattern, char *name, size_t size)
{
	glob_t found;
	int tries;

	for (tries = 0; tries < 200; tries++, usleep(200000)) {
		if (glob(pattern, 0, NULL, &found))
			continue;
		snprintf(name, size, "%s", strrchr(found.gl_pathv[0], '/') + 1);
		globfree(&found);
		return 0;
	}
	return failed("%s does not appear", pattern);
}

int exists(const char *path)
{
	return access(path, F_OK) ? failed("%s: %s", path, strerror(errno)) : PASS;
}

int absent(const char *path)
{
	if (access(path, F_OK))
		return errno == ENOENT ? 0 : failed("%s: %s", path, strerror(errno));
	return failed("%s exists", path);
}

int first_network(void)
{
	int net = open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC), rc = 0;

	if (net < 0 || setns(net, CLONE_NEWNET))
		rc = failed("the network namespace of init: %s", strerror(errno));
	close(net);
	return rc;
}
