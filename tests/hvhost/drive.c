// SPDX-License-Identifier: GPL-2.0
/* Streams with 9P: threads that serve the drive. */
#include "drive.h"
#include "peer.h"
#include "proto/p9.h"
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* A mount, with the message that has come and the reply to it. */
struct mount {
	int used, fd;
	struct p9_server server;
	u8 in[P9_MSIZE], out[P9_MSIZE];
};

static struct mount mounts[DRIVES];
/* of the first two members of a mount, and of what follows */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct drive_state all;
static u32 max_msize = P9_MSIZE;

int drive_init(int folder)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", folder);
	for (int i = 0; i < DRIVES; i++)
		if (p9_open(&mounts[i].server, path))
			return -1;
	return 0;
}

void drive_limit(u32 msize)
{
	pthread_mutex_lock(&lock);
	max_msize = msize < P9_MSIZE ? msize : P9_MSIZE;
	pthread_mutex_unlock(&lock);
}

void drive_end(void)
{
	pthread_mutex_lock(&lock);
	for (int i = 0; i < DRIVES; i++)
		if (mounts[i].used)
			shutdown(mounts[i].fd, SHUT_RDWR);
	pthread_mutex_unlock(&lock);
}

void drive_state(struct drive_state *state)
{
	pthread_mutex_lock(&lock);
	*state = all;
	pthread_mutex_unlock(&lock);
}

/* A mount by the stream FD, or NULL: there are DRIVES. */
static struct mount *enter(int fd)
{
	struct mount *m = mounts;

	pthread_mutex_lock(&lock);
	while (m < mounts + DRIVES && m->used)
		m++;
	if (m < mounts + DRIVES) {
		m->used = 1;
		m->fd = fd;
		m->server.max_msize = max_msize;
		all.mounts++;
	}
	pthread_mutex_unlock(&lock);
	return m < mounts + DRIVES ? m : NULL;
}

static void leave(struct mount *m)
{
	p9_reset(&m->server);
	pthread_mutex_lock(&lock);
	m->used = 0;
	all.mounts--;
	pthread_mutex_unlock(&lock);
}

static u64 bad_of(const struct p9_server *s)
{
	return s->bad + s->files.bad;
}

/* After a message; before it the server had BAD invalid ones. */
static void account(const struct p9_server *s, u64 bad)
{
	pthread_mutex_lock(&lock);
	all.requests++;
	all.bad += bad_of(s) - bad;
	all.msize = s->msize;
	memcpy(all.aname, s->aname, sizeof(all.aname));
	pthread_mutex_unlock(&lock);
}

static int read_all(int fd, u8 *buf, size_t len)
{
	ssize_t n;

	for (size_t have = 0; have < len; have += n) {
		n = read(fd, buf + have, len - have);
		if (n <= 0)
			return -1;
	}
	return 0;
}

/* A message and its reply: 0, or -1 at the end of the stream. */
static int exchange(struct mount *m)
{
	u64 bad = bad_of(&m->server);
	u32 len;

	if (read_all(m->fd, m->in, sizeof(len)))
		return -1;
	len = get32(m->in);
	/* another length is an error, which p9_request() returns */
	if (len >= P9_HEADER && len <= sizeof(m->in) &&
	    read_all(m->fd, m->in + sizeof(len), len - sizeof(len)))
		return -1;
	len = p9_request(&m->server, m->in, len, m->out);
	account(&m->server, bad);
	return len ? send_all(m->fd, m->out, len) : -1;
}

void drive_serve(int fd)
{
	struct mount *m = enter(fd);

	if (!m) {
		error("drive: more than %d mounts at once", DRIVES);
		return;
	}
	while (!exchange(m))
		;
	leave(m);
}
