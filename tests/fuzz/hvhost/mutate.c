// SPDX-License-Identifier: GPL-2.0
/*
 * Mutations of lists of operations, for libFuzzer: its own know bytes only, and one that moves
 * a byte makes all operations behind it different ones.
 */
#include "ops.h"
#include <stdlib.h>

#define OPS_MAX	 512 /* of a list that is taken apart; longer ones are mutated as bytes */
#define DATA_MAX 8192

size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const u8 *one, size_t one_size, const u8 *two, size_t two_size,
				 u8 *out, size_t max, unsigned int seed);

static u32 state;

static u32 below(u32 n)
{
	state = state * 1664525 + 1013904223;
	return n ? (state >> 8) % n : 0;
}

/* The operations of the list, or -1 if there are more than MAX. */
static int read_ops(const u8 *data, size_t size, struct op *ops, int max)
{
	const u8 *at = data, *end = data + size;
	struct op op;
	int n = 0;

	while (next_op(&at, end, &op)) {
		if (n == max)
			return -1;
		ops[n++] = op;
	}
	return n;
}

/* Write them, as many as there is room for. */
static size_t write_ops(const struct op *ops, int n, u8 *out, size_t max)
{
	size_t size = 0;

	for (int i = 0; i < n && size + OP_HEADER + ops[i].len <= max; i++) {
		out[size] = ops[i].kind;
		put16(out + size + 1, ops[i].len);
		memcpy(out + size + OP_HEADER, ops[i].data, ops[i].len);
		size += OP_HEADER + ops[i].len;
	}
	return size;
}

static void insert(struct op *ops, int *n, int at, struct op op)
{
	memmove(ops + at + 1, ops + at, (*n - at) * sizeof(*ops));
	ops[at] = op;
	++*n;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	static struct op ops[OPS_MAX + 1];
	static u8 bytes[DATA_MAX];
	int n = read_ops(data, size, ops, OPS_MAX), i, j;
	struct op op;
	u8 *out;

	state = seed;
	if (n < 1 || !below(8))
		return LLVMFuzzerMutate(data, size, max);
	i = below(n);
	op = ops[i];
	switch (below(10)) {
	case 0:
		insert(ops, &n, below(n + 1), op);
		break;
	case 1:
		memmove(ops + i, ops + i + 1, (n - i - 1) * sizeof(*ops));
		n--;
		break;
	case 2:
		j = below(n);
		ops[i] = ops[j];
		ops[j] = op;
		break;
	case 3:
		ops[i].kind = below(256);
		break;
	default:
		op.len = op.len < sizeof(bytes) ? op.len : sizeof(bytes);
		memcpy(bytes, op.data, op.len);
		op.len = LLVMFuzzerMutate(bytes, op.len, sizeof(bytes));
		op.data = bytes;
		ops[i] = op;
	}
	/* the operations are in the bytes that are written */
	out = malloc(max);
	if (!out)
		return size;
	size = write_ops(ops, n, out, max);
	memcpy(data, out, size);
	free(out);
	return size;
}

/* Some operations of TWO in the middle of ONE. */
size_t LLVMFuzzerCustomCrossOver(const u8 *one, size_t one_size, const u8 *two, size_t two_size,
				 u8 *out, size_t max, unsigned int seed)
{
	static struct op a[2 * OPS_MAX], b[OPS_MAX];
	int n = read_ops(one, one_size, a, OPS_MAX), m = read_ops(two, two_size, b, OPS_MAX);
	int from, count, at;

	state = seed;
	if (n < 0 || m < 1)
		return 0;
	from = below(m);
	count = 1 + below(m - from);
	at = below(n + 1);
	for (int i = 0; i < count; i++)
		insert(a, &n, at + i, b[from + i]);
	return write_ops(a, n, out, max);
}
