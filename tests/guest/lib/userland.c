// SPDX-License-Identifier: GPL-2.0
/*
 * Programs of a distribution, from the disk that scripts/boot/userland.sh makes: an
 * ext4 file system with the label "userland", mounted read-only and made the
 * root of a shell that runs one of the scripts in /tests (../scripts).
 */
#define _GNU_SOURCE
#include "probe.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define ROOT "/userland"

/* Facts of ext4: where the superblock is, and in it the magic and the label. */
struct super {
	char before[0x38];
	unsigned char magic[2];
	char between[0x78 - 0x3a];
	char label[16];
};

static int has_label(const char *dev, const char *label)
{
	int fd = open(dev, O_RDONLY | O_CLOEXEC);
	struct super super = { 0 };
	int has = fd >= 0 && pread(fd, &super, sizeof(super), 1024) == sizeof(super) &&
		super.magic[0] == 0x53 && super.magic[1] == 0xef &&
		!strncmp(super.label, label, sizeof(super.label));

	if (fd >= 0)
		close(fd);
	return has;
}

int disk_labelled(char *dev, size_t size, const char *label)
{
	DIR *dir = opendir("/sys/block");
	struct dirent *entry;
	int found = 0;

	while (dir && !found && (entry = readdir(dir))) {
		/* not loop or ram: opening one would create another */
		if (!strncmp(entry->d_name, "sd", 2) || !strncmp(entry->d_name, "vd", 2)) {
			snprintf(dev, size, "/dev/%s", entry->d_name);
			found = has_label(dev, label);
		}
	}
	if (dir)
		closedir(dir);
	return found ? 0 : failed("no disk has the label %s", label);
}

static int enter(void)
{
	static const char *const shown[] = { "/dev", "/proc", "/sys", "/tmp", "/tests" };
	char dev[300], to[64];
	size_t i;

	if (disk_labelled(dev, sizeof(dev), "userland"))
		return failed("see the output of make smoke");
	if (mount_on(dev, ROOT, "ext4", MS_RDONLY, NULL) ||
	    mount_on("run", ROOT "/run", "tmpfs", 0, NULL))
		return FAIL;
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		snprintf(to, sizeof(to), ROOT "%s", shown[i]);
		if (mount(shown[i], to, NULL, MS_BIND | MS_REC, NULL))
			return failed("bind %s to %s: %s", shown[i], to, strerror(errno));
	}
	return chroot(ROOT) || chdir("/tmp") ? failed("chroot " ROOT ": %s", strerror(errno)) : 0;
}

void show_end(int fd)
{
	char text[1500], *rest = text, *line;
	off_t end = lseek(fd, 0, SEEK_END);
	off_t start = end > (off_t)sizeof(text) - 1 ? end - (off_t)sizeof(text) + 1 : 0;
	ssize_t n = pread(fd, text, sizeof(text) - 1, start);

	text[n > 0 ? n : 0] = '\0';
	if (start)
		strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n")))
		if (*line)
			diag("%s", line);
}

/* COMMAND is the name of a script and its words: "keeps ext4" */
int userland(const char *command)
{
	static char *const env[] = { "PATH=/usr/sbin:/usr/bin:/applets", "LC_ALL=C", NULL };
	char words[128], path[128], *rest = words, *argv[12] = { "dash", "-eux", path };
	int argc = 3, rc, log;
	pid_t pid;

	snprintf(words, sizeof(words), "%s", command);
	snprintf(path, sizeof(path), "/tests/%s.sh", strsep(&rest, " "));
	while (rest && argc < 11)
		argv[argc++] = strsep(&rest, " ");
	log = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (log < 0 || enter())
		return FAIL;
	pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_RDONLY), 0);
		dup2(log, 1);
		dup2(log, 2);
		execve("/usr/bin/dash", argv, env);
		_exit(127);
	}
	rc = exit_of(pid);
	if (!rc)
		return PASS;
	show_end(log);
	return failed("%s: exit status %d", command, rc);
}
