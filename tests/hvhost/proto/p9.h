/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of 9P2000.L: u32 size of the whole, u8 type, u16 tag, and fields without padding; a
 * text is a u16 length and its bytes. The reply to type N is N + 1, or P9_RLERROR with an error
 * number of Linux. Source: the guest's include/net/9p/9p.h and net/9p/client.c.
 */
#ifndef PROTO_P9_H
#define PROTO_P9_H

#include "../hvhost.h"

enum p9_msg {
	P9_RLERROR = 7,
	P9_TSTATFS = 8,
	P9_TLOPEN = 12,
	P9_TLCREATE = 14,
	P9_TREADLINK = 22,
	P9_TGETATTR = 24,
	P9_TSETATTR = 26,
	P9_TXATTRWALK = 30,
	P9_TREADDIR = 40,
	P9_TFSYNC = 50,
	P9_TMKDIR = 72,
	P9_TRENAMEAT = 74,
	P9_TUNLINKAT = 76,
	P9_TVERSION = 100,
	P9_TATTACH = 104,
	P9_TFLUSH = 108,
	P9_TWALK = 110,
	P9_TREAD = 116,
	P9_TWRITE = 118,
	P9_TCLUNK = 120,
	P9_TREMOVE = 122,
};

#define P9_HEADER      7    /* bytes before the fields */
#define P9_MSIZE_MIN   4096 /* below it a driver refuses the host */
#define P9_MAX_WELEM   16   /* names of a walk at most */
#define P9_QID	       13   /* bytes: u8 type, u32 version, u64 path */
#define P9_QTDIR       0x80
#define P9_QTSYMLINK   0x02
#define P9_AT_REMOVE   0x200 /* of P9_TUNLINKAT: a directory */
#define P9_STATS_BASIC 0x7ff
#define P9_FS_MAGIC    0x01021997

enum p9_attr {			    /* of P9_TSETATTR, where it is not FUSE's */
	       P9_ATTR_SAME = 0x3f, /* mode, uid, gid, size, atime, mtime: as FUSE has them */
	       P9_ATTR_ATIME = 0x10,
	       P9_ATTR_MTIME = 0x20,
	       P9_ATTR_ATIME_SET = 0x80,
	       P9_ATTR_MTIME_SET = 0x100,
};

#endif
