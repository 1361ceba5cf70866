// SPDX-License-Identifier: GPL-2.0
/* The drive behind sockets, as hv_sock connects to it. The folder is in argv[1]. */
#define _GNU_SOURCE
#include "p9.h"
#include "../drive.h"
#include "../peer.h"
#include "fds.h"
#include "tap.h"
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static int stream = -1; /* that messages take */

/* LEN bytes within 5 s: 0, or -1. */
static int take_bytes(u8 *to, u32 len)
{
	struct pollfd in = { .fd = stream, .events = POLLIN };
	ssize_t n;

	for (u32 have = 0; have < len; have += n)
		if (poll(&in, 1, 5000) != 1 || (n = read(stream, to + have, len - have)) <= 0)
			return -1;
	return 0;
}

static u32 carry(void)
{
	u32 len;

	if (send_all(stream, message, message_len) || take_bytes(reply, 4))
		return 0;
	len = get32(reply);
	return len < P9_HEADER || len > P9_MSIZE || take_bytes(reply + 4, len - 4) ? 0 : len;
}

static int connected(const char *dir)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%d", dir, PORT_DRVFS);
	return connect(fd, (void *)&addr, sizeof(addr)) ? -1 : fd;
}

/* Has the stream ended within 5 s? */
static int ended(int fd)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };
	u8 byte;

	return poll(&in, 1, 5000) == 1 && read(fd, &byte, 1) <= 0;
}

static struct drive_state state(void)
{
	struct drive_state now;

	drive_state(&now);
	return now;
}

/* A thread ends some time after its stream. */
static u32 mounts_become(u32 n)
{
	for (int i = 0; i < 500 && state().mounts != n; i++)
		usleep(10000);
	return state().mounts;
}

static void mounts(const char *dir)
{
	int fd[DRIVES + 1];

	for (int i = 0; i < DRIVES; i++) {
		stream = fd[i] = connected(dir);
		is(version(65536, "9P2000.L") || attach(1, DRVFS_C), 0, "drive: a mount");
	}
	is(state().mounts, DRIVES, "four are the most");
	stream = fd[DRIVES] = connected(dir);
	ok(ended(stream), "the stream of another one ends");
	stream = fd[0];
	is(walk(1, 2, "file"), 0, "they go on");
	close(fd[1]);
	is(mounts_become(DRIVES - 1), DRIVES - 1, "one ends");
	close(fd[DRIVES]);
	stream = fd[1] = connected(dir);
	is(version(65536, "9P2000.L") || attach(1, DRVFS_C), 0, "then there is room for another");
	drive_end();
	for (int i = 0; i < DRIVES; i++)
		ok(ended(fd[i]), "the host ends one");
	is(mounts_become(0), 0, "none is left");
	for (int i = 0; i < DRIVES; i++)
		close(fd[i]);
}

static void messages(const char *dir)
{
	u64 requests = state().requests;

	stream = connected(dir);
	is(version(65536, "9P2000.L"), 0, "a mount");
	is(state().msize, 65536, "of messages of 64 kB");
	drive_limit(8192);
	is(version(65536, "9P2000.L"), 0, "it stays that");
	is(got(0, 4), 65536, "after another limit");
	is(attach(1, DRVFS_C "uid=1"), 0, "a share");
	ok(!strcmp(state().aname, DRVFS_C "uid=1"), "the host knows its name");
	is(state().requests - requests, 3, "three messages");
	is(state().bad, 0, "that are valid");
	close(stream);
	is(mounts_become(0), 0, "its end");
	stream = connected(dir);
	is(version(65536, "9P2000.L"), 0, "the next mount");
	is(got(0, 4), 8192, "has the limit");
	is(attach(1, DRVFS_C) || walk(1, 2, "file"), 0, "and a file");
	drive_limit(P9_MSIZE);
	put32(message, 6);
	message_len = 7;
	is(carry(), 0, "after an invalid length there is no reply");
	ok(ended(stream), "but the end");
	is(mounts_become(0), 0, "of the mount as well");
	is(state().bad, 1, "the host has seen it");
	close(stream);
}

int main(int argc, char **argv)
{
	char path[128];
	int folder, before;
	FILE *f;

	if (argc != 2)
		return 2;
	snprintf(path, sizeof(path), "%s/share", argv[1]);
	if (mkdir(path, 0755))
		return 2;
	folder = open(path, O_RDONLY | O_DIRECTORY);
	snprintf(path, sizeof(path), "%s/share/file", argv[1]);
	f = fopen(path, "we");
	if (folder < 0 || !f || fclose(f))
		return 2;
	is(drive_init(folder) || peer_serve_unix(argv[1], PORT_DRVFS) || peer_start(), 0,
	   "drive: it is served");
	before = open_fds();
	mounts(argv[1]);
	messages(argv[1]);
	is(open_fds(), before, "nothing is left open");
	return done();
}
