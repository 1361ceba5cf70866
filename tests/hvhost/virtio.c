// SPDX-License-Identifier: GPL-2.0
/* The virtio devices of the machine, on their buses. */
#define _GNU_SOURCE
#include "virtio.h"
#include "stream.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* hvc0 is the kernel's console; what comes on the others has no place. */
static void output(void *arg, unsigned int port, const void *bytes, u32 len)
{
	struct virtio *v = arg;

	if (port)
		return;
	v->printed += len;
	for (u32 i = 0; i < len; i++)
		console_write(&v->out, ((const u8 *)bytes)[i]);
}

static int make_console(struct virtio *v, const struct virtio_host *host, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC, 0644);

	if (fd < 0)
		return error("--virtio-console %s: %s", path, strerror(errno));
	v->has_console = 1;
	console_init(&v->out, fd);
	return virtio_console_init(&v->console, host, output, NULL, v);
}

static int make_fs(struct virtio *v, const struct virtio_host *host, const char *arg)
{
	const char *path = strchr(arg, '=');
	size_t len = path ? path - arg : 0;

	if (!len || len >= sizeof(v->tag) || !path[1])
		return error("--virtio-fs: expected TAG=DIR, got %s", arg);
	memcpy(v->tag, arg, len);
	v->folder = open(++path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (v->folder < 0)
		return error("--virtio-fs: %s: %s", path, strerror(errno));
	return virtio_fs_init(&v->fs, host, v->tag, path);
}

static int make_net(struct virtio *v, const struct virtio_host *host, const char *name)
{
	int tap = nettap_open(name, VIRTIO_NET_HOST);

	v->has_net = 1;
	return tap < 0 ? -1 : virtio_net_init(&v->net, host, tap);
}

static int make_pmem(struct virtio *v, const struct virtio_host *host, const char *path, u64 size)
{
	int fd = size ? open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;

	if (size && (fd < 0 || ftruncate(fd, size)))
		return error("--virtio-pmem %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	v->has_pmem = 1;
	return virtio_pmem_init(&v->pmem, host, path, 0);
}

/* Offer the next bus, with DEVICE on it, which RC says was made. */
static int put(struct virtio *v, struct vpci_root *root, u16 domain, int rc,
	       struct virtio_pci *device)
{
	struct vpci *bus = &v->bus[v->devices];

	if (rc)
		return -1;
	v->device[v->devices] = device;
	if (vpci_plug(bus, 0, &device->function) || vpci_offer(bus, root, domain + v->devices))
		return -1;
	v->devices++;
	return 0;
}

int virtio_make(struct virtio *v, const struct virtio_options *o, struct vpci_root *root,
		const struct memory *mem, struct loop *loop, u16 domain)
{
	struct virtio_host host = {
		.mem = mem, .loop = loop, .interrupt = vpci_raise, .seen = &v->seen
	};

	memset(v, 0, sizeof(*v));
	v->seen.first = ~0ull;
	host.arg = &v->bus[v->devices];
	if (o->console && put(v, root, domain, make_console(v, &host, o->console), &v->console.v))
		return -1;
	host.arg = &v->bus[v->devices];
	if (o->tag && put(v, root, domain, make_fs(v, &host, o->tag), &v->fs.v))
		return -1;
	host.arg = &v->bus[v->devices];
	if (o->net && put(v, root, domain, make_net(v, &host, o->net), &v->net.v))
		return -1;
	host.arg = &v->bus[v->devices];
	if (o->pmem &&
	    put(v, root, domain, make_pmem(v, &host, o->pmem, (u64)o->pmem_mb << 20), &v->pmem.v))
		return -1;
	return 0;
}

u64 virtio_requests(const struct virtio *v)
{
	u64 n = 0;

	for (unsigned int i = 0; i < v->devices; i++)
		n += v->device[i]->requests;
	return n;
}

u64 virtio_invalid(const struct virtio *v)
{
	u64 n = v->console.bad + v->fs.server.bad + v->net.bad + v->pmem.bad;

	for (unsigned int i = 0; i < v->devices; i++)
		n += v->device[i]->errors;
	return n;
}
