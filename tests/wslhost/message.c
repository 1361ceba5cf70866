// SPDX-License-Identifier: GPL-2.0
/* Messages of a guest, taken apart. Nothing here trusts a byte of them. */
#include "message.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
	uint32_t type;
	const char *name;
} names[] = {
	{ 29, "LaunchInit" },
	{ 30, "Import" },
	{ 31, "ImportInplace" },
	{ 32, "Export" },
	{ 33, "CreateInstanceResult" },
	{ 34, "ImportResult" },
	{ MSG_EJECT, "EjectVhd" },
	{ MSG_EARLY, "EarlyConfig" },
	{ MSG_INITIAL, "InitialConfig" },
	{ 38, "Mount" },
	{ 39, "Unmount" },
	{ 40, "Detach" },
	{ 41, "MountStatus" },
	{ 42, "NetworkInfo" },
	{ MSG_CAPABILITIES, "GuestCapabilities" },
	{ 44, "WaitForPmemDevice" },
	{ MSG_CHILD_EXIT, "ChildExit" },
	{ 46, "MountFolder" },
	{ 47, "CreateInstancePid" },
	{ 48, "TelemetryMessage" },
	{ 49, "WaitForPmemDeviceResult" },
	{ 50, "ResizeDistribution" },
	{ 51, "ResizeDistributionResponse" },
	{ MSG_CRASH, "ProcessCrash" },
	{ 54, "GnsResult" },
	{ 70, "DnsTunneling" },
	{ 76, "ResultBool" },
	{ MSG_RESULT_INT, "ResultInt32" },
	{ 78, "ResultUint32" },
	{ 79, "ResultUint8" },
};

const char *message_name(uint32_t type)
{
	static char text[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].type == type) {
			snprintf(text, sizeof(text), "%s (message %u)", names[i].name, type);
			return text;
		}
	}
	snprintf(text, sizeof(text), "message %u, which is unknown here", type);
	return text;
}

int message_size(const uint8_t *bytes, size_t have, char *why, size_t size)
{
	uint32_t len;

	if (have < 8)
		return 0;
	len = get32(bytes + 4);
	if (len >= HEADER_SHORT && len <= MESSAGE_MAX)
		return len;
	snprintf(why, size, "%s has a size of %u bytes: %s", message_name(get32(bytes)), len,
		 len < HEADER_SHORT	    ? "less than a header" :
			 len > WSL_SIZE_MAX ? "WSL refuses more than 16777216" :
					      "no message of the start has more than 65536");
	return -1;
}

void printable(char *to, size_t size, const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len && i < size - 1 && bytes[i]; i++)
		to[i] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : '?';
	to[i] = '\0';
}

static int digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The number at *AT, which moves behind it; -1: there is none, or WSL's is too short for it. */
static long number(const char **at)
{
	unsigned long n;
	char *end;

	if (!digit(**at))
		return -1;
	errno = 0;
	n = strtoul(*at, &end, 10);
	*at = end;
	/* an unsigned long of Windows */
	return errno || n > UINT32_MAX ? -1 : (long)n;
}

int release_fits(const char *release)
{
	const char *at = release;

	return number(&at) >= 0 && *at++ == '.' && number(&at) >= 0 && *at++ == '.' &&
		number(&at) >= 0;
}

int release_from(const char *release, unsigned int major, unsigned int minor)
{
	unsigned int a = 0, b = 0;

	return sscanf(release, "%u.%u", &a, &b) == 2 && (a > major || (a == major && b >= minor));
}

/*
 * Which of the three forms it is: the short header has the flag where the others have the step,
 * so that the release follows at once; the pool was put between flag and release later.
 */
static int form_of(const uint8_t *m, size_t len)
{
	if (len > CAPS_RELEASE_13 && m[CAPS_RELEASE_13])
		return CAPS_RELEASE_13;
	if (len > CAPS_RELEASE_17 && m[CAPS_RELEASE_17])
		return CAPS_RELEASE_17;
	return CAPS_RELEASE;
}

int message_capabilities(struct capabilities *caps, const uint8_t *m, size_t len, char *why,
			 size_t size)
{
	size_t at = form_of(m, len);
	uint8_t flag;

	memset(caps, 0, sizeof(*caps));
	if (len <= at) {
		snprintf(why, size, "it has %zu bytes, and the release would be at %zu", len, at);
		return -1;
	}
	flag = m[at == CAPS_RELEASE_13 ? CAPS_SECCOMP_12 : CAPS_SECCOMP];
	if (flag > 1) {
		snprintf(why, size, "the flag for seccomp is %u, not 0 or 1", flag);
		return -1;
	}
	if (!memchr(m + at, 0, len - at)) {
		snprintf(why, size, "the release does not end: there is no NUL");
		return -1;
	}
	caps->seccomp = flag;
	caps->current = at == CAPS_RELEASE;
	if (caps->current) {
		caps->pool_base = get64(m + CAPS_POOL_BASE);
		caps->pool_size = get64(m + CAPS_POOL_SIZE);
	}
	caps->versions = at == CAPS_RELEASE_13 ? "2.7.1 and earlier, 2.8.0 to 2.8.4" :
		at == CAPS_RELEASE_17	       ? "2.7.2 to 2.7.11, 2.8.5 to 2.8.8" :
						 "2.8.9 and later";
	printable(caps->release, sizeof(caps->release), m + at, len - at);
	return 0;
}
