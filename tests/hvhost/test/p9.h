/* SPDX-License-Identifier: GPL-2.0 */
/* A minimal driver of 9P2000.L: it makes messages and takes the replies apart. */
#ifndef TEST_P9_H
#define TEST_P9_H

#include "../p9.h"
#include "../proto/p9.h"
#include "../stream.h"
#include <stdarg.h>
#include <stdio.h>

#define P9_TAG	  77
#define P9_NO_FID 0xffffffff

static u8 message[P9_MSIZE * 2], reply[P9_MSIZE];
static u32 message_len, reply_len; /* of the reply without the header */

/* What carries the message to the server: the length of the reply, 0 for none. */
static u32 carry(void);

/* A message TYPE, of fields: b, w, d, q numbers, s text, and B bytes with their length. */
static void make(u32 type, const char *fields, va_list ap)
{
	u8 *at = message + P9_HEADER;
	const char *text;
	u32 len;

	for (; *fields; fields++) {
		if (*fields == 's') {
			text = va_arg(ap, const char *);
			put16(at, strlen(text));
			memcpy(at + 2, text, strlen(text));
			at += 2 + strlen(text);
		} else if (*fields == 'B') {
			text = va_arg(ap, const char *);
			len = va_arg(ap, u32);
			memcpy(at, text, len);
			at += len;
		} else if (*fields == 'q') {
			put64(at, va_arg(ap, u64));
			at += 8;
		} else {
			len = *fields == 'b' ? 1 : *fields == 'w' ? 2 : 4;
			put32(at, va_arg(ap, u32));
			at += len;
		}
	}
	message_len = at - message;
	put32(message, message_len);
	message[4] = type;
	put16(message + 5, P9_TAG);
}

/* Its error of Linux, 0, or -1: there is no reply, or it is none to this message. */
static int send_made(void)
{
	u32 n = carry();
	int type = message[4];

	reply_len = n < P9_HEADER ? 0 : n - P9_HEADER;
	if (n < P9_HEADER || get32(reply) != n || get16(reply + 5) != P9_TAG)
		return -1;
	if (reply[4] == P9_RLERROR && reply_len == 4)
		return get32(reply + P9_HEADER);
	return reply[4] == type + 1 ? 0 : -1;
}

static int p9(u32 type, const char *fields, ...)
{
	va_list ap;

	va_start(ap, fields);
	make(type, fields, ap);
	va_end(ap);
	return send_made();
}

/* A field of the reply. */
static inline u64 got(u32 at, u32 bytes)
{
	u64 value = 0;

	memcpy(&value, reply + P9_HEADER + at, bytes);
	return value;
}

static inline int version(u32 msize, const char *text)
{
	return p9(P9_TVERSION, "ds", msize, text);
}

static inline int attach(u32 fid, const char *aname)
{
	return p9(P9_TATTACH, "ddssd", fid, P9_NO_FID, "root", aname, 0);
}

/* From FID to NAME, which is NEW then. */
static inline int walk(u32 fid, u32 new, const char *name)
{
	return p9(P9_TWALK, "ddws", fid, new, 1, name);
}

#endif
