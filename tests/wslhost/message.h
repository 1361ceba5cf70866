/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include "proto.h"
#include <stddef.h>

/* Longer ones are refused, as the service has to hold one whole; no message of the start is. */
#define MESSAGE_MAX 65536

/* Of mini_init, as WSL names it, or "message N"; in a buffer of its own until the next call. */
const char *message_name(uint32_t type);

/*
 * How many bytes the message at the start of BYTES has, of which HAVE are there. 0: not known
 * yet. -1: it cannot be one, and WHY, of SIZE bytes, says what is wrong.
 */
int message_size(const uint8_t *bytes, size_t have, char *why, size_t size);

struct capabilities {
	char release[66];	       /* utsname has 65 bytes */
	int seccomp;		       /* SECCOMP_RET_USER_NOTIF is there */
	uint64_t pool_base, pool_size; /* of hv_pci, or 0 */
	const char *versions;	       /* of WSL, that send them in this form */
	int current;		       /* the form that MSG_EARLY of proto.h belongs to */
};

/* Take a message of LEN bytes apart. 0, or -1 with the reason in WHY, of SIZE bytes. */
int message_capabilities(struct capabilities *caps, const uint8_t *message, size_t len, char *why,
			 size_t size);
/* Does WSL take this as a release: NUMBER.NUMBER.NUMBER, then anything? 1 or 0 */
int release_fits(const char *release);
/* Is release at least MAJOR.MINOR? 1 or 0 */
int release_from(const char *release, unsigned int major, unsigned int minor);
/* Copy LEN bytes of a guest for a line of a report: up to a NUL, no control characters. */
void printable(char *to, size_t size, const uint8_t *bytes, size_t len);

#endif
