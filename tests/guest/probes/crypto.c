// SPDX-License-Identifier: GPL-2.0
/* Ciphers and random numbers for programs, over AF_ALG; base.c has the simple ciphers. */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <linux/if_alg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Test case 4 of McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)" */
static const unsigned char key[] = {
	0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c,
	0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08,
};
static const unsigned char iv[] = {
	0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce, 0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88,
};
static const unsigned char head[] = {
	0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xfe, 0xed,
	0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xab, 0xad, 0xda, 0xd2,
};
static const unsigned char plain[] = {
	0xd9, 0x31, 0x32, 0x25, 0xf8, 0x84, 0x06, 0xe5, 0xa5, 0x59, 0x09, 0xc5, 0xaf, 0xf5, 0x26,
	0x9a, 0x86, 0xa7, 0xa9, 0x53, 0x15, 0x34, 0xf7, 0xda, 0x2e, 0x4c, 0x30, 0x3d, 0x8a, 0x31,
	0x8a, 0x72, 0x1c, 0x3c, 0x0c, 0x95, 0x95, 0x68, 0x09, 0x53, 0x2f, 0xcf, 0x0e, 0x24, 0x49,
	0xa6, 0xb5, 0x25, 0xb1, 0x6a, 0xed, 0xf5, 0xaa, 0x0d, 0xe6, 0x57, 0xba, 0x63, 0x7b, 0x39,
};
static const unsigned char coded[] = {
	0x42, 0x83, 0x1e, 0xc2, 0x21, 0x77, 0x74, 0x24, 0x4b, 0x72, 0x21, 0xb7, 0x84, 0xd0, 0xd4,
	0x9c, 0xe3, 0xaa, 0x21, 0x2f, 0x2c, 0x02, 0xa4, 0xe0, 0x35, 0xc1, 0x7e, 0x23, 0x29, 0xac,
	0xa1, 0x2e, 0x21, 0xd5, 0x14, 0xb2, 0x54, 0x66, 0x93, 0x1c, 0x7d, 0x8f, 0x6a, 0x5a, 0xac,
	0x84, 0xaa, 0x05, 0x1b, 0xa3, 0x0b, 0x39, 0x6a, 0x0a, 0xac, 0x97, 0x3d, 0x58, 0xe0, 0x91,
};
static const unsigned char tag[] = {
	0x5b, 0xc9, 0x4f, 0xbc, 0x32, 0x21, 0xa5, 0xdb,
	0x94, 0xfa, 0xe9, 0x5a, 0xe7, 0x12, 0x1a, 0x47,
};

#define HEAD 20 /* bytes that are authenticated only */
#define TEXT 60
#define TAG  16

/* A socket of algorithm NAME before accept(); fd, or -1. */
static int algorithm(const char *type, const char *name)
{
	struct sockaddr_alg at = { .salg_family = AF_ALG };
	int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	strcpy((char *)at.salg_type, type);
	strcpy((char *)at.salg_name, name);
	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)))
		return failed("AF_ALG %s %s: %s", type, name, strerror(errno));
	return fd;
}

/* Send LEN bytes for OPERATION, and read the result. Bytes, or -errno. */
static int request(int fd, int operation, const void *data, int len, void *result, int size)
{
	union {
		char space[CMSG_SPACE(4) + CMSG_SPACE(4 + 12) + CMSG_SPACE(4)];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { (void *)data, len };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *part = CMSG_FIRSTHDR(&msg);
	struct af_alg_iv *vector;

	*part = (struct cmsghdr){ CMSG_LEN(4), SOL_ALG, ALG_SET_OP };
	*(int *)CMSG_DATA(part) = operation;
	part = CMSG_NXTHDR(&msg, part);
	*part = (struct cmsghdr){ CMSG_LEN(4 + 12), SOL_ALG, ALG_SET_IV };
	vector = (void *)CMSG_DATA(part);
	vector->ivlen = 12;
	memcpy(vector->iv, iv, sizeof(iv));
	part = CMSG_NXTHDR(&msg, part);
	*part = (struct cmsghdr){ CMSG_LEN(4), SOL_ALG, ALG_SET_AEAD_ASSOCLEN };
	*(int *)CMSG_DATA(part) = HEAD;
	if (sendmsg(fd, &msg, 0) != len)
		return -errno;
	len = read(fd, result, size);
	return len < 0 ? -errno : len;
}

static int aead(const char *name)
{
	unsigned char buf[HEAD + TEXT + TAG], got[HEAD + TEXT + TAG];
	int alg = algorithm("aead", name), fd, n;

	if (alg < 0)
		return FAIL;
	if (setsockopt(alg, SOL_ALG, ALG_SET_KEY, key, sizeof(key)) ||
	    setsockopt(alg, SOL_ALG, ALG_SET_AEAD_AUTHSIZE, NULL, TAG))
		return failed("the key: %s", strerror(errno));
	fd = accept(alg, NULL, NULL);
	if (fd < 0)
		return failed("accept: %s", strerror(errno));
	memcpy(buf, head, HEAD);
	memcpy(buf + HEAD, plain, TEXT);
	n = request(fd, ALG_OP_ENCRYPT, buf, HEAD + TEXT, got, sizeof(got));
	if (n != sizeof(got))
		return failed("encrypt: expected %zu bytes, got %d", sizeof(got), n);
	if (memcmp(got + HEAD, coded, TEXT) || memcmp(got + HEAD + TEXT, tag, TAG))
		return failed("another result than that of the specification");
	memcpy(buf, got, sizeof(buf));
	n = request(fd, ALG_OP_DECRYPT, buf, sizeof(buf), got, HEAD + TEXT);
	if (n != HEAD + TEXT || memcmp(got + HEAD, plain, TEXT))
		return failed("decrypt: expected the text, got %d bytes", n);
	buf[HEAD] ^= 1;
	n = request(fd, ALG_OP_DECRYPT, buf, sizeof(buf), got, HEAD + TEXT);
	return n == -EBADMSG ? PASS : failed("a changed text: expected EBADMSG, got %d", n);
}

int crypto_rng(const char *name)
{
	unsigned char numbers[3][32] = { 0 };
	int alg = algorithm("rng", name), fd, i;

	/* seeded by the kernel */
	if (alg < 0 || setsockopt(alg, SOL_ALG, ALG_SET_KEY, NULL, 0))
		return failed("the seed: %s", strerror(errno));
	fd = accept(alg, NULL, NULL);
	for (i = 0; i < 2; i++)
		if (fd < 0 || read(fd, numbers[i], sizeof(numbers[i])) != sizeof(numbers[i]))
			return failed("read: %s", strerror(errno));
	for (i = 0; i < 3; i++)
		if (!memcmp(numbers[i], numbers[(i + 1) % 3], sizeof(numbers[i])))
			return failed("the same numbers twice, or none");
	return PASS;
}

const struct probe crypto_probes[] = {
	{ "gcm(aes) has the result of its specification", aead, "gcm(aes)" },
	{ "stdrng has random numbers", crypto_rng, "stdrng" },
	{ NULL, NULL, NULL },
};
