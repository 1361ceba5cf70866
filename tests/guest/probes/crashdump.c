// SPDX-License-Identifier: GPL-2.0
/*
 * Another kernel can be loaded, and is not started. One for a crash needs memory that
 * crashkernel= sets aside.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOADED "/sys/kernel/kexec_loaded"
#define START  0x1000000UL /* where the code would be */

/* A kernel of COUNT pages; 0 removes it. 0, or -1 with errno. */
static int kexec(unsigned long count, unsigned long flags)
{
	static const char code[4096];
	struct kexec_segment segment = { code, sizeof(code), (void *)START, sizeof(code) };

	return syscall(SYS_kexec_load, START, count, &segment, flags | KEXEC_ARCH_DEFAULT);
}

static int loads_kernel(const char *arg)
{
	(void)arg;
	if (expect_text(LOADED, "0\n"))
		return FAIL;
	if (kexec(1, 0))
		return failed("kexec_load: %s", strerror(errno));
	if (expect_text(LOADED, "1\n"))
		return FAIL;
	if (kexec(0, 0))
		return failed("kexec_load of nothing: %s", strerror(errno));
	return expect_text(LOADED, "0\n");
}

static int file_needs_kernel(const char *arg)
{
	int fd = file_of_size("kernel", 65536);

	(void)arg;
	close(fd);
	/* a file that somebody writes to is refused before it is read */
	fd = open("kernel", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return failed("open kernel: %s", strerror(errno));
	if (!syscall(SYS_kexec_file_load, fd, -1, 1UL, "", KEXEC_FILE_NO_INITRAMFS))
		return failed("a file of zeros is taken for a kernel");
	return errno == ENOEXEC ?
		PASS :
		failed("kexec_file_load of zeros: expected ENOEXEC, got %s", strerror(errno));
}

static int needs_memory(const char *arg)
{
	char text[4096];

	(void)arg;
	if (read_file("/proc/cmdline", text, sizeof(text)) < 0 ||
	    expect_text("/sys/kernel/kexec_crash_loaded", "0\n"))
		return FAIL;
	if (strstr(text, "crashkernel="))
		return skip("the command line has crashkernel=");
	if (expect_text("/sys/kernel/kexec_crash_size", "0\n"))
		return FAIL;
	if (!kexec(1, KEXEC_ON_CRASH))
		return failed("a kernel for a crash is loaded without memory for it");
	return errno == EADDRNOTAVAIL ? PASS :
					failed("expected EADDRNOTAVAIL, got %s", strerror(errno));
}

const struct probe crashdump_probes[] = {
	{ "a kernel can be loaded and removed", loads_kernel, NULL },
	{ "kexec_file_load looks at the file", file_needs_kernel, NULL },
	{ "a kernel for a crash needs crashkernel=", needs_memory, NULL },
	{ NULL, NULL, NULL },
};
