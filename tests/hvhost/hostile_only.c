// SPDX-License-Identifier: GPL-2.0
/*
 * Which messages of the hostile host are sent. A row's messages have numbers, and each is drawn
 * from the seed, its row and its number alone: one that is left out changes no other. So a row
 * that is red can be played again with fewer (docs/hyperv-smoke.md, scripts/boot/shrink.sh).
 */
#include "hostile.h"
#include "stream.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const rows[HOSTILE_ROWS] = {
	[HOSTILE_MESSAGES] = "messages", [HOSTILE_ANSWERS] = "answers",
	[HOSTILE_PACKETS] = "packets",	 [HOSTILE_STREAMS] = "streams",
	[HOSTILE_PCI] = "pci",		 [HOSTILE_VIRTIO] = "virtio",
	[HOSTILE_MUTANTS] = "mutants",
};

u64 hostile_draw(struct hostile *h, u64 limit)
{
	return stream_word(h->seed * 0x10001 + h->drawn++) % limit;
}

/* FIRST or FIRST-LAST; moves *AT behind it. 0, or -1 */
static int range(const char **at, u32 *first, u32 *last)
{
	char *end;

	if (**at < '0' || **at > '9')
		return -1;
	*first = *last = strtoul(*at, &end, 10);
	if (*end == '-') {
		*at = end + 1;
		if (**at < '0' || **at > '9')
			return -1;
		*last = strtoul(*at, &end, 10);
	}
	*at = end;
	return *first < 1 || *last < *first || *last >= HOSTILE_NUMBERS ? -1 : 0;
}

int hostile_only(struct hostile *h, const char *arg)
{
	const char *at = strchr(arg, ':');
	u32 first, last;
	int row = 0;

	while (at && row < HOSTILE_ROWS &&
	       (strlen(rows[row]) != (size_t)(at - arg) || strncmp(rows[row], arg, at - arg)))
		row++;
	if (!at || row == HOSTILE_ROWS)
		return -1;
	h->only_row = row;
	h->replays = 1;
	memset(h->only, 0, sizeof(h->only));
	if (!strcmp(at, ":all"))
		memset(h->only, 1, sizeof(h->only));
	else
		do {
			at++;
			if (range(&at, &first, &last))
				return -1;
			memset(h->only + first, 1, last - first + 1);
		} while (*at == ',');
	return !strcmp(at, ":all") || !*at ? 0 : -1;
}

int hostile_plays(const struct hostile *h, int row, u32 first, u32 last)
{
	if (!h->replays)
		return 1;
	for (u32 i = first; row == h->only_row && i <= last && i < HOSTILE_NUMBERS; i++)
		if (h->only[i])
			return 1;
	return 0;
}

int hostile_number(struct hostile *h, int row, u32 number, const char *kind)
{
	h->row = row;
	h->number = number;
	h->kind = kind;
	/* a message draws far fewer than 2^16 times, the distance of two seeds */
	h->drawn = (u64)row << 60 | (u64)number << 48;
	h->silent = !hostile_plays(h, row, number, number);
	return !h->silent;
}

void hostile_tell(const struct hostile *h, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	if (!h->replays)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	note("hostile %s:%u: %s: %s", rows[h->row], h->number, h->kind, text);
}
