// SPDX-License-Identifier: GPL-2.0
/* 9P messages on a temporary folder, which they must not leave. */
#include "../../hvhost/p9.h"
#include "../../hvhost/proto/p9.h"
#include "folder.h"
#include "world.h"
#include <stdlib.h>

static struct p9_server server;

static void message(const u8 *bytes, u32 len)
{
	/* of exactly these sizes */
	u8 *in = malloc(len ? len : 1), *out = malloc(P9_MSIZE);
	u32 n;

	memcpy(in, bytes, len);
	n = p9_request(&server, in, len, out);
	require(n <= (server.msize ? server.msize : P9_MSIZE_MIN),
		"a reply has the room that it takes");
	require(!n || (n >= P9_HEADER && get32(out) == n), "a reply has its length");
	folder_keeps(out, n);
	free(in);
	free(out);
}

static void run_op(struct op *op)
{
	static u8 bytes[P9_HEADER + 65536];

	if (op->kind % P9_KINDS == P9_RAW) {
		message(op->data, op->len);
		return;
	}
	bytes[4] = arg(op, 1);
	put32(bytes, P9_HEADER + op->len);
	put16(bytes + 5, 1);
	memcpy(bytes + P9_HEADER, op->data, op->len);
	message(bytes, P9_HEADER + op->len);
}

int LLVMFuzzerTestOneInput(const u8 *input, size_t size)
{
	const u8 *at = input;
	struct op op;

	world_start();
	require(!p9_open(&server, folder_make()), "the folder is served");
	while (next_op(&at, input + size, &op))
		run_op(&op);
	folder_check(&server.files);
	p9_close(&server);
	folder_remove();
	world_end();
	return 0;
}
