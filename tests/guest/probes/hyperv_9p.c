// SPDX-License-Identifier: GPL-2.0
/*
 * A drive of the host, mounted as WSL's init mounts those of Windows: 9P over a stream of hv_sock.
 * The options are those of src/linux/init/drvfs.cpp. "drive" is a command of
 * tests/hvhost/commands.c.
 */
#define _GNU_SOURCE
#include "../../hvhost/stream.h"
#include "hyperv.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define MSIZE	  65536 /* the buffers of the stream have this size as well */
#define OPTIONS	  "uid=0;gid=0;symlinkroot=/mnt/"
#define CONNECT_S 30
#define LARGE	  (8ul << 20)
#define MAPPED	  (1ul << 20)
#define CALL_MS	  5000 /* for a call after the end of the stream */

/* PASS, or SKIP with the reason. */
static int has_drive(void)
{
	int rc = hyperv_streams(NULL);
	char tag[FOLDER_TAG];

	return rc ? rc : folder_tag(tag);
}

/* A stream to the host's server, or -1. */
static int drive_stream(void)
{
	struct sockaddr_vm at = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_HOST,
		.svm_port = PORT_DRVFS,
	};
	struct timeval wait = { .tv_sec = CONNECT_S };
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0), size = MSIZE;

	if (fd < 0)
		return failed("socket(AF_VSOCK): %s", strerror(errno));
	if (setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &wait, sizeof(wait)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)))
		return failed("setsockopt: %s", strerror(errno));
	if (connect(fd, (void *)&at, sizeof(at)))
		return failed("connect to port %d of the host: %s", PORT_DRVFS, strerror(errno));
	return fd;
}

/* Mount SHARE on share: 0, an errno, or -1 after diag(). The mount keeps the stream. */
static int try_mount(const char *share)
{
	int fd = drive_stream(), rc;
	char options[200];

	if (fd < 0 || make_dir("share"))
		return -1;
	snprintf(options, sizeof(options),
		 "msize=%d,trans=fd,rfdno=%d,wfdno=%d,cache=mmap,aname=%s", MSIZE, fd, fd, share);
	rc = mount("C:\\", "share", "9p", MS_NOATIME, options) ? errno : 0;
	close(fd);
	return rc;
}

/* What the host says of its mounts. */
struct state {
	unsigned int mounts, msize;
	char share[100];
};

static int ask_drive(const char *what, struct state *state)
{
	char answer[200];

	memset(state, 0, sizeof(*state));
	if (host_ask(answer, sizeof(answer), "drive%s", what))
		return -1;
	return sscanf(answer, "%u %u %99s", &state->mounts, &state->msize, state->share) >= 2 ?
		0 :
		failed("the host's answer is \"%s\"", answer);
}

/* A stream ends some time after its mount. */
static int no_mounts(void)
{
	struct state state;
	long end = now_ms() + CALL_MS;

	for (;; usleep(20000)) {
		if (ask_drive("", &state))
			return -1;
		if (!state.mounts)
			return 0;
		if (now_ms() > end)
			return failed("the stream is open %d ms after the mount", CALL_MS);
	}
}

/* The drive on share, which the host sees with messages of MSIZE bytes and the name as it is. */
static int mount_drive(unsigned int msize)
{
	struct state state;
	int rc;

	/* one of a row that has failed */
	if (no_mounts())
		return -1;
	rc = try_mount(DRVFS_C OPTIONS);
	if (rc)
		return rc < 0 ? -1 : failed("mount: %s", strerror(rc));
	if (ask_drive("", &state))
		return -1;
	if (state.mounts != 1 || state.msize != msize || strcmp(state.share, DRVFS_C OPTIONS))
		return failed("the host has %u mounts, with messages of %u bytes, and share %s",
			      state.mounts, state.msize, state.share);
	return 0;
}

static int unmount_drive(void)
{
	return umount("share") ? failed("umount: %s", strerror(errno)) : no_mounts();
}

static int drive_read(const char *arg)
{
	int rc = has_drive();

	(void)arg;
	if (rc)
		return rc;
	return mount_drive(MSIZE) || folder_compare() || unmount_drive() ? FAIL : PASS;
}

/* Mount the drive, RUN, and unmount it; say how long that took. */
static int timed(int (*run)(void))
{
	int rc = has_drive();
	long began;

	if (rc)
		return rc;
	began = now_ms();
	if (mount_drive(MSIZE) || run() || unmount_drive())
		return FAIL;
	diag("%ld ms", now_ms() - began);
	return PASS;
}

static int use_change(void)
{
	return folder_change(100);
}

static int drive_change(const char *arg)
{
	(void)arg;
	return timed(use_change);
}

/* Is PATH BYTES of stream.h? */
static int is_stream(const char *path, size_t bytes)
{
	static char buf[MSIZE];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t at = 0, good;
	ssize_t n;

	if (fd < 0)
		return failed("%s: %s", path, strerror(errno));
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		good = stream_check(buf, at, n);
		if (good < (size_t)n)
			return failed("%s: byte %zu is not what was written", path, at + good);
		at += n;
	}
	close(fd);
	if (n < 0)
		return failed("%s: read at %zu: %s", path, at, strerror(errno));
	return at == bytes ? 0 : failed("%s: %zu of %zu bytes", path, at, bytes);
}

/* A file of BYTES: the host has it, and so has another mount, with messages of MSIZE bytes. */
static int large_file(const char *path, size_t bytes, unsigned int msize)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return failed("%s: %s", path, strerror(errno));
	if (write_stream_to(fd, bytes))
		return -1;
	close(fd);
	if (folder_has(path + strlen("share/"), bytes) || unmount_drive() || mount_drive(msize) ||
	    is_stream(path, bytes))
		return -1;
	return unlink(path) ? failed("unlink: %s", strerror(errno)) : 0;
}

static int use_large(void)
{
	return large_file("share/large", LARGE, MSIZE);
}

static int drive_large(const char *arg)
{
	(void)arg;
	return timed(use_large);
}

/* The mapping of share/mapped, or NULL after diag(). */
static void *mapping(int flags, int protection)
{
	int fd = open("share/mapped", flags | O_CLOEXEC, 0644);
	void *at = MAP_FAILED;

	if (fd >= 0 && !((flags & O_CREAT) && ftruncate(fd, MAPPED)))
		at = mmap(NULL, MAPPED, protection, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		diag("mmap of share/mapped: %s", strerror(errno));
	close(fd);
	return at == MAP_FAILED ? NULL : at;
}

static int map_and_store(void)
{
	void *at = mapping(O_RDWR | O_CREAT | O_EXCL, PROT_READ | PROT_WRITE);

	if (!at)
		return -1;
	stream_make(at, 0, MAPPED);
	if (msync(at, MAPPED, MS_SYNC))
		return failed("msync: %s", strerror(errno));
	if (folder_has("mapped", MAPPED))
		return -1;
	return munmap(at, MAPPED) ? failed("munmap: %s", strerror(errno)) : 0;
}

static int map_and_load(void)
{
	void *at = mapping(O_RDONLY, PROT_READ);
	size_t good;

	if (!at)
		return -1;
	good = stream_check(at, 0, MAPPED);
	if (good < MAPPED)
		return failed("byte %zu of the mapping is not what was stored", good);
	munmap(at, MAPPED);
	return unlink("share/mapped") ? failed("unlink: %s", strerror(errno)) : 0;
}

static int drive_mapped(const char *arg)
{
	int rc = has_drive();

	(void)arg;
	if (rc)
		return rc;
	return mount_drive(MSIZE) || map_and_store() || unmount_drive() || mount_drive(MSIZE) ||
			map_and_load() || unmount_drive() ?
		FAIL :
		PASS;
}

static int drive_refused(const char *share)
{
	int rc = has_drive();

	if (rc)
		return rc;
	rc = try_mount(share);
	if (rc < 0)
		return FAIL;
	if (rc != ENOENT)
		return failed("mount: %s, expected %s", rc ? strerror(rc) : "it is mounted",
			      strerror(ENOENT));
	return mount_drive(MSIZE) || unmount_drive() ? FAIL : PASS;
}

/* With a host whose messages are of BYTES at most RUN is right. */
static int limited(unsigned int bytes, int (*run)(unsigned int bytes))
{
	char command[32];
	struct state state;
	int rc;

	snprintf(command, sizeof(command), " limit %u", bytes);
	if (ask_drive(command, &state))
		return FAIL;
	rc = run(bytes);
	return ask_drive(" limit 65536", &state) || rc ? FAIL : PASS;
}

static int use_small(unsigned int bytes)
{
	return mount_drive(bytes) || folder_compare() || large_file("share/small", MAPPED, bytes) ||
		unmount_drive();
}

static int drive_small(const char *arg)
{
	int rc = has_drive();

	(void)arg;
	return rc ? rc : limited(8192, use_small);
}

static int use_too_small(unsigned int bytes)
{
	int rc = try_mount(DRVFS_C OPTIONS);

	if (rc < 0)
		return -1;
	if (rc != EREMOTEIO)
		return failed("messages of %u bytes: mount: %s, expected %s", bytes,
			      rc ? strerror(rc) : "it is mounted", strerror(EREMOTEIO));
	return no_mounts();
}

static int drive_too_small(const char *arg)
{
	int rc = has_drive();

	(void)arg;
	return rc ? rc : limited(2048, use_too_small);
}

/* ---- the end of the stream; each call must fail, and soon */

static int file; /* that is open */

static int end_read(void)
{
	char byte;

	return pread(file, &byte, 1, 0);
}

static int end_write(void)
{
	char byte = 'x';

	return pwrite(file, &byte, 1, 0) < 0 ? -1 : fsync(file);
}

static int end_open(void)
{
	return open("share/held", O_RDONLY | O_CLOEXEC);
}

static int end_stat(void)
{
	struct stat st;

	return stat("share/held", &st);
}

static int end_make(void)
{
	return mkdir("share/dir", 0755);
}

static int end_list(void)
{
	DIR *d = opendir("share");

	errno = d ? 0 : errno;
	return d && readdir(d) ? 0 : errno ? -1 : 0;
}

static int fails_soon(const char *what, int (*call)(void))
{
	long began = now_ms(), took;
	int rc = call(), error = errno;

	took = now_ms() - began;
	if (rc >= 0)
		return failed("%s: it is done", what);
	diag("%s: %s", what, strerror(error));
	return took <= CALL_MS ? 0 : failed("%s took %ld ms", what, took);
}

static int calls_fail(void)
{
	static const struct {
		const char *what;
		int (*call)(void);
	} calls[] = {
		{ "read", end_read }, { "write", end_write }, { "open", end_open },
		{ "stat", end_stat }, { "mkdir", end_make },  { "list", end_list },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (fails_soon(calls[i].what, calls[i].call))
			return -1;
	return 0;
}

/* No page of the file is in the guest: the host has written it through another mount. */
static int drive_ends(const char *arg)
{
	struct state state;
	int rc = has_drive();

	(void)arg;
	if (rc)
		return rc;
	if (mount_drive(MSIZE) || write_file("share/held", "held\n") || unmount_drive() ||
	    mount_drive(MSIZE))
		return FAIL;
	file = open("share/held", O_RDWR | O_CLOEXEC);
	if (file < 0)
		return failed("share/held: %s", strerror(errno));
	if (ask_drive(" end", &state) || calls_fail())
		return FAIL;
	close(file);
	if (unmount_drive() || mount_drive(MSIZE) || expect_text("share/held", "held\n"))
		return FAIL;
	if (unlink("share/held"))
		return failed("unlink: %s", strerror(errno));
	return unmount_drive() ? FAIL : PASS;
}

const struct probe hyperv_9p_probes[] = {
	{ "the files of a drive have the host's checksums", drive_read, NULL },
	{ "write, rename, and keep 100 files", drive_change, NULL },
	{ "8 MB are written, and another mount reads them", drive_large, NULL },
	{ "what is stored in a mapping is in the host's file", drive_mapped, NULL },
	{ "a drive that the host does not have is an error", drive_refused,
	  "drvfs;path=D:\\;" OPTIONS },
	{ "a host that takes 8 kB a message", drive_small, NULL },
	{ "one that takes less than 4 kB is refused", drive_too_small, NULL },
	{ "when the host ends the stream every call fails within 5 s", drive_ends, NULL },
	{ NULL, NULL, NULL },
};
