// SPDX-License-Identifier: GPL-2.0
/*
 * The disk of `make modules-vhdx`, used as WSL's first process does: ext4 without a
 * partition table, read-only, below an overlay on /lib/modules/RELEASE; then modprobe,
 * which is the kmod of the machine that ran the test, with its libraries. And a module that
 * was built outside of the tree, against the files of `make headers`.
 *
 * Each row has a mount namespace of its own and mounts again; what it loads stays.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define LABEL	"modules"
#define MOST	2048 /* modules */
#define OUTSIDE "/tests/outside.ko"
#define OVERLAY (MS_NOATIME | MS_NOSUID | MS_NODEV) /* what WSL passes */

static struct utsname uts;
static char dev[300];	  /* the disk */
static char modules[200]; /* /lib/modules/RELEASE */
static int expected;	  /* modules of the image; with MODULES=none there may be none */

/* What WSL mounts. Newer releases take RELEASE/modules of the disk, if it is there. */
static int mount_as_wsl(void)
{
	char text[4096], lower[200], options[300], *word;

	uname(&uts);
	if (read_file("/proc/cmdline", text, sizeof(text)) < 0)
		return FAIL;
	word = strstr(text, " wsl.modules=");
	if (!word)
		return skip("there is no modules.vhdx beside the image: make modules-vhdx");
	expected = atoi(strchr(word, '=') + 1);
	if (disk_labelled(dev, sizeof(dev), LABEL) ||
	    mount_on(dev, "disk", "ext4", MS_RDONLY, NULL) ||
	    mount_on("rw", "rw", "tmpfs", 0, NULL) || make_dir("rw/upper") || make_dir("rw/work"))
		return FAIL;
	snprintf(lower, sizeof(lower), "disk/%s/modules", uts.release);
	if (access(lower, F_OK))
		snprintf(lower, sizeof(lower), "disk");
	snprintf(options, sizeof(options), "lowerdir=%s,upperdir=rw/upper,workdir=rw/work", lower);
	snprintf(modules, sizeof(modules), "/lib/modules/%s", uts.release);
	mkdir("/lib", 0755);
	mkdir("/lib/modules", 0755);
	return mount_on("modules", modules, "overlay", OVERLAY, options);
}

/* The lines of FILE, or -1 if there is no such file. */
static int lines_of(const char *file)
{
	char path[300], *line = NULL;
	size_t room = 0;
	int n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", modules, file);
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (getline(&line, &room, f) > 0)
		n++;
	free(line);
	fclose(f);
	return n;
}

static int mounts(const char *arg)
{
	const unsigned long want = ST_NOATIME | ST_NOSUID | ST_NODEV;
	char path[320], at[300];
	struct statvfs st;
	int rc = mount_as_wsl();

	(void)arg;
	if (rc)
		return rc;
	snprintf(path, sizeof(path), "/sys/block/%s/ro", dev + strlen("/dev/"));
	if (expect_text(path, "1\n"))
		return FAIL;
	if (statvfs(modules, &st) || (st.f_flag & want) != want)
		return failed("%s: mounted with flags 0x%lx", modules, st.f_flag);
	if (lines_of("modules.dep") != expected)
		return failed("modules.dep names %d modules, the image has %d",
			      lines_of("modules.dep"), expected);
	snprintf(at, sizeof(at), "%s/kernel", modules);
	if (expected && access(at, R_OK))
		return failed("%s: %s", at, strerror(errno));
	snprintf(at, sizeof(at), "%s/written", modules);
	if (write_file(at, "text") || expect_text("rw/upper/written", "text"))
		return FAIL;
	diag("%s on %s", dev, modules);
	return PASS;
}

/* Run PROGRAM of /tests; its exit status, and its output in *LOG, or -1 after diag(). */
static int run(int *log, char *const argv[])
{
	char path[64];
	pid_t pid;

	snprintf(path, sizeof(path), "/tests/%s", argv[0]);
	*log = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*log < 0)
		return failed("a file for the output: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		dup2(*log, 1);
		dup2(*log, 2);
		execv(path, argv);
		dprintf(2, "%s: %s\n", path, strerror(errno));
		_exit(127);
	}
	return exit_of(pid);
}

/* What mini_init loads unless .wslconfig says otherwise, one program for each. */
static int load_defaults(void)
{
	static char *const names[] = { "tun", "ip_tables", "br_netfilter" };
	int log, status;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *const argv[] = { "modprobe", names[i], NULL };

		status = run(&log, argv);
		if (status) {
			show_end(log);
			return failed("modprobe %s: exit status %d", names[i], status);
		}
		close(log);
	}
	return PASS;
}

static int defaults(const char *arg)
{
	int rc = mount_as_wsl();

	(void)arg;
	return rc ? rc : load_defaults();
}

/*
 * The names in modules.dep, each with '_' for '-', and their files below the mount; their
 * number, which is that of the image, or -1 after diag().
 */
static int read_names(char **name, char **file, int max)
{
	char path[300], *line = NULL, *end, *base;
	size_t room = 0;
	FILE *f;
	int n = 0;

	snprintf(path, sizeof(path), "%s/modules.dep", modules);
	f = fopen(path, "re");
	if (!f)
		return failed("%s: %s", path, strerror(errno));
	while (n < max && getline(&line, &room, f) > 0) {
		end = strstr(line, ".ko");
		if (!end)
			continue;
		end = strchrnul(end, ':');
		*end = '\0';
		file[n] = strdup(line);
		*strstr(line, ".ko") = '\0';
		base = strrchr(line, '/');
		name[n] = strdup(base ? base + 1 : line);
		for (char *p = name[n++]; *p; p++)
			if (*p == '-')
				*p = '_';
	}
	free(line);
	fclose(f);
	return n == expected ? n : failed("%s names %d modules of %d", path, n, expected);
}

/*
 * Modules that need what this machine does not have say so by one of these: hardware, or a
 * processor with virtualization that is not in use.
 */
static int lacks_hardware(const char *why)
{
	static const int numbers[] = { ENODEV, EOPNOTSUPP };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!strcmp(why, strerror(numbers[i])))
			return 1;
	return 0;
}

/* Load FILE of the disk; 0, or the error number. */
static int insert(const char *file)
{
	char path[600];
	int fd, error = 0;

	snprintf(path, sizeof(path), "%s/%s", modules, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		error = errno;
	if (fd >= 0)
		close(fd);
	return error;
}

/*
 * Unload what other rows have loaded, as modprobe does not look at the file of what is
 * loaded already. The kernel reads the file of what is in use all the same, and has EEXIST
 * for the reason when nothing was wrong with it until then. The number of bad files.
 */
static int unload(char **names, char **files, int n)
{
	int gone, error, bad = 0;

	do {
		gone = 0;
		for (int i = 0; i < n; i++)
			gone += !syscall(SYS_delete_module, names[i], O_NONBLOCK);
	} while (gone);
	for (int i = 0; i < n; i++) {
		if (!module_loaded(names[i]))
			continue;
		error = insert(files[i]);
		bad += error != EEXIST;
		diag("%s is in use and was not unloaded, its file: %s", names[i],
		     error == EEXIST ? "good" : strerror(error));
	}
	return bad;
}

/*
 * KVM takes one of its two, and modprobe says nothing of the other: some releases have
 * EEXIST for the reason before they look at the processor. Try NAME without the first one.
 */
static int lacks_second_kvm(char *name, const char *file)
{
	char *first = !strcmp(name, "kvm_intel") ? "kvm_amd" :
		!strcmp(name, "kvm_amd")	 ? "kvm_intel" :
						   NULL;
	char *const argv[] = { "modprobe", first, NULL };
	int log, error;

	if (!first || !module_loaded(first))
		return 0;
	if (syscall(SYS_delete_module, first, O_NONBLOCK)) {
		diag("unload %s, to load %s: %s", first, name, strerror(errno));
		return 0;
	}
	error = insert(file);
	diag("%s without %s: %s", name, first, error ? strerror(error) : "loaded");
	if (!error)
		syscall(SYS_delete_module, name, O_NONBLOCK);
	if (run(&log, argv) >= 0)
		close(log);
	return !error || lacks_hardware(strerror(error));
}

/*
 * Mark in NAMES, by NULL, those that modprobe could not load for want of hardware. Their
 * number; *BAD is that of its other lines.
 */
static int excuse(int log, char **names, int n, int *bad)
{
	static const char start[] = "modprobe: ERROR: could not insert '";
	static char text[65536];
	char *rest = text, *line, *name, *why;
	ssize_t got = pread(log, text, sizeof(text) - 1, 0);
	int excused = 0;

	text[got > 0 ? got : 0] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		name = line + strlen(start);
		why = strstr(line, "': ");
		if (*line)
			diag("%s", line);
		if (!strncmp(line, start, strlen(start)) && why && lacks_hardware(why + 3)) {
			*why = '\0';
			for (int i = 0; i < n; i++) {
				if (names[i] && !strcmp(names[i], name)) {
					names[i] = NULL;
					excused++;
				}
			}
		} else if (*line) {
			(*bad)++;
		}
	}
	return excused;
}

static int all(const char *arg)
{
	static char *argv[MOST + 3] = { "modprobe", "-a" }, **names = argv + 2, *files[MOST];
	int rc = mount_as_wsl(), log, n, excused, bad, missing = 0;

	(void)arg;
	if (rc)
		return rc;
	n = read_names(names, files, MOST);
	if (n <= 0) {
		diag("the image has no module");
		return n < 0 ? FAIL : PASS;
	}
	bad = unload(names, files, n);
	if (run(&log, argv) < 0)
		return FAIL;
	/* modprobe stops at nothing, and prints each module that it could not load */
	excused = excuse(log, names, n, &bad);
	for (int i = 0; i < n; i++)
		if (names[i] && !module_loaded(names[i]) && !lacks_second_kvm(names[i], files[i]) &&
		    ++missing < 5)
			diag("%s is not loaded", names[i]);
	/* drivers load without their hardware, but for a few: all of them at once is another fault */
	if (excused > n / 4)
		return failed("%d of %d modules lack hardware, expected a quarter at most", excused,
			      n);
	if (missing || bad)
		return failed("%d of %d modules are missing, %d errors", missing, n, bad);
	diag("%d modules, %d of them lack hardware", n, excused);
	return PASS;
}

/* Does LOG have a warning? Before 5.2 a build has no modules.builtin.modinfo: that is none. */
static int warned(int log)
{
	static char text[4096];
	ssize_t n = pread(log, text, sizeof(text) - 1, 0);
	char *line, *rest = text;

	text[n > 0 ? n : 0] = '\0';
	while ((line = strsep(&rest, "\n")))
		if (*line && (kernel_at_least(5, 2) || !strstr(line, "modules.builtin.modinfo")))
			return 1;
	return n < 0;
}

/* depmod makes the .bin files that modprobe reads of the other files, in the overlay. */
static int depmod(const char *arg)
{
	char *const argv[] = { "depmod", NULL };
	int rc = mount_as_wsl(), log, before, after;

	(void)arg;
	if (rc)
		return rc;
	before = lines_of("modules.dep");
	rc = run(&log, argv);
	/* it warns of what is missing, and ends with status 0 */
	if (rc || warned(log)) {
		show_end(log);
		return failed("depmod: exit status %d", rc);
	}
	after = lines_of("modules.dep");
	if (access("rw/upper/modules.builtin.bin", F_OK) || before != expected || after != expected)
		return failed("modules.dep had %d lines, and has %d after depmod, of %d modules",
			      before, after, expected);
	return load_defaults();
}

static int outside(const char *arg)
{
	char want[80];
	int fd = open(OUTSIDE, O_RDONLY | O_CLOEXEC), rc;

	(void)arg;
	if (fd < 0 && errno == ENOENT)
		return skip("there is no linux-headers.tar.zst beside the image: make headers");
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		return failed("load " OUTSIDE ": %s", strerror(errno));
	close(fd);
	uname(&uts);
	snprintf(want, sizeof(want), "%s\n", uts.release);
	rc = expect_text("/sys/module/outside/parameters/release", want);
	if (syscall(SYS_delete_module, "outside", O_NONBLOCK))
		return failed("unload it: %s", strerror(errno));
	return rc;
}

const struct probe modules_disk_probes[] = {
	{ "ext4, read-only, below an overlay on /lib/modules", mounts, NULL },
	{ "modprobe of tun, ip_tables and br_netfilter", defaults, NULL },
	{ "modprobe of every module", all, NULL },
	{ "depmod in the overlay, and modprobe after it", depmod, NULL },
	{ "a module built against the headers is loaded and unloaded", outside, NULL },
	{ NULL, NULL, NULL },
};
