// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's log says while a row runs, from /dev/kmsg, and which of its lines are
 * reports of a fault. check-tap.sh looks for the same on the console.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define RECORD	 8192 /* CONSOLE_EXT_LOG_MAX of the kernel: a record is not longer */
#define FOLLOWED 30   /* records after a fault that are shown: locks held, call trace */

/* Stalls are left out: an emulated machine on a busy host reports them without a fault. */
int fault_text(const char *text)
{
	static const char *const anywhere[] = {
		"BUG: ",
		"kernel BUG at ",
		"Oops: ",
		"UBSAN: ",
		"new suspected memory leaks",
		"general protection fault",
	};
	static const char *const at_start[] = {
		"WARNING: ",	  "BUG ",	 "INFO: suspicious", "INFO: trying to register",
		"INFO: possible", "INFO: task ",
	};

	for (size_t i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]); i++)
		if (strstr(text, anywhere[i]))
			return 1;
	for (size_t i = 0; i < sizeof(at_start) / sizeof(at_start[0]); i++)
		if (!strncmp(text, at_start[i], strlen(at_start[i])))
			return 1;
	return 0;
}

int fault_but_for(const char *text, const char *dir)
{
	int warns = !strncmp(text, "WARNING: ", strlen("WARNING: ")) && strstr(text, dir);

	return !warns && fault_text(text);
}

int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || lseek(fd, 0, SEEK_END))
		return failed("/dev/kmsg: %s", strerror(errno));
	return fd;
}

/* The text of the next record, "" for one that has none, or NULL: the end, or an error. */
static const char *next(int fd, char *record)
{
	ssize_t n = read(fd, record, RECORD - 1);
	char *text;

	if (n < 0)
		return NULL;
	record[n] = '\0';
	/* "PRIORITY,NUMBER,TIME,FLAGS;TEXT", and lines of details that begin with a space */
	text = strchr(record, ';');
	if (!text)
		return "";
	text[1 + strcspn(text + 1, "\n")] = '\0';
	return text + 1;
}

int kmsg_faults(int fd, const char *dir, int *warnings)
{
	char record[RECORD];
	int rc = PASS, found = 0, tell = 0;
	const char *text;

	*warnings = 0;
	while ((text = next(fd, record)) || errno == EPIPE) {
		if (!text) {
			rc = failed("the kernel overwrote its log before it was read: a fault may "
				    "be lost, log_buf_len= makes it longer");
			continue;
		}
		*warnings += !strncmp(text, "WARNING: ", strlen("WARNING: "));
		if (!found && fault_but_for(text, dir)) {
			found = 1;
			rc = failed("the kernel reported: %s", text);
			tell = FOLLOWED;
		} else if (tell > 0) {
			tell--;
			diag("| %s", text);
		}
	}
	if (errno != EAGAIN)
		rc = failed("/dev/kmsg: %s", strerror(errno));
	return rc;
}
