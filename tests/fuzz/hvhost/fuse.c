// SPDX-License-Identifier: GPL-2.0
/* FUSE requests on a temporary folder, which they must not leave. */
#include "folder.h"
#include "world.h"
#include <linux/fuse.h>
#include <stdlib.h>

static struct fuse_server server;

static void request(const void *bytes, u32 len, u32 room)
{
	/* of exactly these sizes */
	u8 *in = malloc(len ? len : 1), *out = malloc(room ? room : 1);
	u32 n;

	memcpy(in, bytes, len);
	n = fuse_request(&server, in, len, out, room);
	require(n <= room, "a reply has the room that it takes");
	folder_keeps(out, n);
	free(in);
	free(out);
}

static void run_op(struct op *op)
{
	static u8 bytes[sizeof(struct fuse_in_header) + 65536];
	struct fuse_in_header header = { .unique = 1 };
	u32 room;

	if (op->kind % FUSE_KINDS == FUSE_RAW) {
		room = arg(op, 2);
		request(op->data, op->len, room);
		return;
	}
	header.opcode = arg(op, 1);
	header.nodeid = arg(op, 1);
	room = arg(op, 2);
	header.len = sizeof(header) + op->len;
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), op->data, op->len);
	request(bytes, header.len, room);
}

int LLVMFuzzerTestOneInput(const u8 *input, size_t size)
{
	const u8 *at = input;
	struct op op;

	world_start();
	require(!fuse_open(&server, folder_make()), "the folder is served");
	while (next_op(&at, input + size, &op))
		run_op(&op);
	folder_check(&server);
	fuse_close(&server);
	folder_remove();
	world_end();
	return 0;
}
