// SPDX-License-Identifier: GPL-2.0
/*
 * Load modules the way modprobe does: lib/modules/RELEASE/modules.dep names
 * each module's file and, after the colon, the files to load before it, the
 * innermost dependency last.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Is PATH the file of module NAME? '-' and '_' are the same to the kernel. */
static int is_file_of(const char *path, const char *name)
{
	const char *base = strrchr(path, '/');

	for (base = base ? base + 1 : path; *name; base++, name++)
		if (*base != *name && !(strchr("-_", *base) && *base && strchr("-_", *name)))
			return 0;
	return !strcmp(base, ".ko");
}

static int insert(const char *dir, const char *path)
{
	char file[512];
	int fd, rc;

	snprintf(file, sizeof(file), "%s/%s", dir, path);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return failed("open %s: %s", file, strerror(errno));
	rc = syscall(SYS_finit_module, fd, "", 0);
	if (rc && errno == EEXIST)
		rc = 0;
	if (rc)
		diag("finit_module %s: %s", file, strerror(errno));
	close(fd);
	return rc;
}

/* Is NAME among the files that LIST of the release has, each up to a colon? */
static int listed(const char *list, const char *name)
{
	char file[256], *line = NULL;
	struct utsname uts;
	size_t size = 0;
	int found = 0;
	FILE *f;

	uname(&uts);
	snprintf(file, sizeof(file), "/lib/modules/%s/%s", uts.release, list);
	f = fopen(file, "re");
	if (!f)
		return 0;
	while (!found && getline(&line, &size, f) > 0) {
		line[strcspn(line, ":\n")] = '\0';
		found = is_file_of(line, name);
	}
	free(line);
	fclose(f);
	return found;
}

int module_built_in(const char *name)
{
	return listed("modules.builtin", name);
}

/* Load NAME; with MUST the build has to have it, as a module or built in. */
static int load(const char *name, int must)
{
	char dir[200], file[256], *line = NULL, *deps, *dep, *list[64];
	struct utsname uts;
	size_t size = 0;
	int n = 0, rc = 0, found = 0, error;
	FILE *f;

	uname(&uts);
	snprintf(dir, sizeof(dir), "/lib/modules/%s", uts.release);
	snprintf(file, sizeof(file), "%s/modules.dep", dir);
	f = fopen(file, "re");
	if (!f)
		return must ? failed("open %s: %s", file, strerror(errno)) : 0;
	while (!found && getline(&line, &size, f) > 0) {
		deps = strchr(line, ':');
		if (!deps)
			continue;
		*deps++ = '\0';
		if (!is_file_of(line, name))
			continue;
		found = 1;
		while ((dep = strsep(&deps, " \n")))
			if (*dep && n < 64)
				list[n++] = dep;
		while (!rc && n)
			rc = insert(dir, list[--n]);
		if (!rc)
			rc = insert(dir, line);
	}
	error = rc ? errno : 0;
	if (!found && must && !module_built_in(name)) {
		rc = failed("%s does not name %s", file, name);
		error = ENOENT;
	}
	free(line);
	fclose(f);
	errno = error;
	return rc;
}

int module_load(const char *name)
{
	return load(name, 1);
}

int module_error(const char *name)
{
	return module_load(name) ? errno : 0;
}

int module_there(const char *name)
{
	return listed("modules.dep", name) || module_built_in(name);
}

int modules_need(const char *names)
{
	char *list = strdup(names), *rest = list, *name;
	int rc = 0;

	while (list && !rc && (name = strsep(&rest, " ")))
		rc = load(name, 0);
	free(list);
	return rc;
}

int module_loaded(const char *name)
{
	static char text[65536];
	char *line, *rest = text;

	if (read_file("/proc/modules", text, sizeof(text)) < 0)
		return 0;
	while ((line = strsep(&rest, "\n")))
		if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ' ')
			return 1;
	return 0;
}

int loads(const char *name)
{
	if (module_load(name))
		return FAIL;
	if (module_loaded(name))
		return PASS;
	if (!module_built_in(name))
		return failed("/proc/modules does not list %s", name);
	diag("%s is built in", name);
	return PASS;
}

int bus_drivers(const char *names)
{
	char path[128], *list = strdup(names), *rest = list, *bus, *module, *driver;
	int rc = PASS;

	bus = strsep(&rest, " ");
	while (bus && (module = strsep(&rest, " "))) {
		driver = strchr(module, ':');
		if (driver)
			*driver++ = '\0';
		snprintf(path, sizeof(path), "/sys/bus/%s/drivers/%s", bus,
			 driver ? driver : module);
		if (load(module, 0) || exists(path))
			rc = FAIL;
	}
	free(list);
	return rc;
}
