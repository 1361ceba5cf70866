// SPDX-License-Identifier: GPL-2.0
/*
 * The running kernel is the one that was built: its release is that of the pin, and it takes
 * the modules of no other build.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

static int release_is(const char *wanted)
{
	struct utsname uts;

	uname(&uts);
	return strcmp(uts.release, wanted) ?
		failed("uname -r: expected %s, got %s", wanted, uts.release) :
		PASS;
}

/* kbuild appends one to a tree that git finds changed */
static int no_plus(const char *arg)
{
	struct utsname uts;

	(void)arg;
	uname(&uts);
	return strchr(uts.release, '+') ? failed("uname -r is %s", uts.release) : PASS;
}

/* A copy in memory of the first module of modules.dep, or NULL; sets SIZE. */
static char *first_module(const char *release, size_t *size)
{
	char list[4096] = "", path[512], *copy = NULL;
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", release);
	if (read_file(path, list, sizeof(list)) < 0)
		return NULL;
	list[strcspn(list, ":\n")] = '\0';
	if (!*list)
		return NULL;
	snprintf(path, sizeof(path), "/lib/modules/%s/%s", release, list);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !fstat(fd, &st)) {
		*size = st.st_size;
		copy = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	}
	close(fd);
	return copy == MAP_FAILED ? NULL : copy;
}

/* A module whose release has another last letter, as that of another queue: ENOEXEC. */
static int other_refused(const char *arg)
{
	char magic[128], other[128], *module, *at;
	struct utsname uts;
	size_t size = 0;

	(void)arg;
	uname(&uts);
	module = first_module(uts.release, &size);
	if (!module)
		return skip("this image has no module");
	snprintf(magic, sizeof(magic), "vermagic=%s ", uts.release);
	at = memmem(module, size, magic, strlen(magic));
	if (!at)
		return failed("the module has no %s", magic);
	at += strlen(magic) - 2;
	*at = *at == 'y' ? 'z' : 'y';
	snprintf(other, sizeof(other), "version magic '%.*s", (int)strlen(magic) - 10,
		 at - strlen(magic) + 11);
	if (!syscall(SYS_init_module, module, size, ""))
		return failed("it was loaded, with %s", other);
	if (errno != ENOEXEC)
		return failed("expected ENOEXEC, got %s", strerror(errno));
	return log_line(other, uts.release);
}

struct probe *release_probes(const char *release)
{
	static struct probe probes[] = {
		{ "uname -r is the release that was built", release_is, NULL },
		{ "uname -r has no +", no_plus, NULL },
		{ "a module of another build is refused", other_refused, NULL },
		{ NULL, NULL, NULL },
	};

	probes[0].arg = release;
	return probes;
}
