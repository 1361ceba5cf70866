/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The input of a target: a list of operations, each a byte for its kind, two for the length of
 * its data, and the data. Any bytes are a list: what an operation lacks at the end is not
 * there, and arguments that its data lack are 0.
 */
#ifndef FUZZ_OPS_H
#define FUZZ_OPS_H

#include "../../hvhost/hvhost.h"

#define OP_HEADER 3

struct op {
	u8 kind;
	u32 len;
	const u8 *data;
};

/* The next operation of the bytes from *AT to END: 1, or 0 at the end. */
static inline int next_op(const u8 **at, const u8 *end, struct op *op)
{
	u32 left = end - *at;

	if (left < OP_HEADER)
		return 0;
	op->kind = **at;
	op->len = get16(*at + 1);
	op->data = *at + OP_HEADER;
	left -= OP_HEADER;
	op->len = op->len < left ? op->len : left;
	*at = op->data + op->len;
	return 1;
}

/* Take an argument of up to 8 BYTES from the front of the data. */
static inline u64 arg(struct op *op, u32 bytes)
{
	u32 n = bytes < op->len ? bytes : op->len;
	u64 value = 0;

	if (n)
		memcpy(&value, op->data, n);
	op->data += n;
	op->len -= n;
	return value;
}

int LLVMFuzzerTestOneInput(const u8 *input, size_t size);

#endif
