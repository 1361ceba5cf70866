/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PROTO_H
#define PROTO_H

/*
 * What WSL's service and its init say to each other while a virtual machine starts. Shared
 * with tests/guest. All integers are little-endian, offsets in bytes from the start of the
 * message; the size in a header includes the header.
 *
 * Source: github.com/microsoft/WSL at 3e27a6a5, src/shared/inc/lxinitshared.h, socketshared.h
 * and SocketChannel.h; earlier formats from its tags. Facts, nothing is copied.
 */
#include <stdint.h>
#include <string.h>

#define PORT_INIT  50000 /* every connection of init to the service */
#define PORT_CRASH 50005 /* a process has crashed */

/*
 * The header: u32 type, u32 size, u32 id, u32 step. A message that is no part of a
 * transaction has step 0 and is counted from 1 on its connection; a request of a transaction
 * has step 1, its answer step 2 and the same id. Before 2.7.2, and in 2.8.0 to 2.8.4, there
 * was no step.
 */
#define HEADER	     16
#define HEADER_SHORT 12
#define STEP_NONE    0
#define STEP_REQUEST 1
#define STEP_ANSWER  2
#define WSL_SIZE_MAX (16u << 20) /* WSL refuses a longer message */

enum message {
	MSG_EJECT = 35,	       /* u32 LUN; the answer is MSG_RESULT_INT */
	MSG_EARLY = 36,	       /* struct below */
	MSG_INITIAL = 37,      /* struct below */
	MSG_CAPABILITIES = 43, /* 42 in 2.5.8, 2.5.9 and 2.6.0 */
	MSG_CHILD_EXIT = 45,   /* u32 pid */
	MSG_CRASH = 52,	       /* u64 time, u32 signal, u32 pid, the program's name */
	MSG_RESULT_INT = 77,   /* s32 */
};

/* capabilities: u8 "the kernel has SECCOMP_RET_USER_NOTIF", then the release with its NUL */
#define CAPS_SECCOMP	HEADER
#define CAPS_POOL_BASE	24 /* u64, of hv_pci's bounce buffer; 0: there is none */
#define CAPS_POOL_SIZE	32 /* u64 bytes */
#define CAPS_RELEASE	40
#define CAPS_RELEASE_17 17 /* without the pool: 2.7.2 to 2.7.11, 2.8.5 to 2.8.8 */
#define CAPS_SECCOMP_12 12 /* the short header */
#define CAPS_RELEASE_13 13

/* early config, as of 3e27a6a5; earlier versions place what follows the flags elsewhere */
#define EARLY_SWAP_LUN	   16 /* u32; LUN_NONE */
#define EARLY_SYSTEM_TYPE  20 /* u32: 1 is a LUN */
#define EARLY_SYSTEM_LUN   24 /* u32 */
#define EARLY_RECLAIM	   28 /* u32: 0 none, 1 gradual, 2 drop_caches */
#define EARLY_DNS_ADDRESS  32 /* IPv4, network byte order */
#define EARLY_SHELL	   36 /* u8 each */
#define EARLY_DNS_TUNNEL   37
#define EARLY_SAFE_MODE	   38
#define EARLY_OWN_KERNEL   39 /* the kernel is WSL's own */
#define EARLY_ISOLATE	   40 /* make the group wsl-user */
#define EARLY_MODULES_LUN  44 /* u32 */
#define EARLY_HOSTNAME	   48 /* u32, offset of a string */
#define EARLY_MODULES_LIST 52 /* the same; names with commas between them */
#define EARLY_SIZE	   56 /* the strings follow */
#define LUN_NONE	   0xffffffffu
#define SYSTEM_LUN	   1

/* initial config */
#define INITIAL_ENTROPY_SIZE 16 /* s32 bytes */
#define INITIAL_ENTROPY	     20 /* u32, offset */
#define INITIAL_GUI	     24 /* u8 each */
#define INITIAL_GPU_SHARES   25
#define INITIAL_GPU_INBOX    26
#define INITIAL_NETWORK	     28 /* u32: 0 none, 1 nat, 2 bridged, 3 mirrored, 4 consomme */
#define INITIAL_PORT_TRACKER 32 /* u32: 0 none, 1 mirrored, 2 relay */
#define INITIAL_PORTS_FIRST  36 /* u16 each; both 0: as they are */
#define INITIAL_PORTS_LAST   38
#define INITIAL_DHCP	     40 /* u8 each */
#define INITIAL_NO_IPV6	     41
#define INITIAL_DHCP_TIMEOUT 44 /* s32 s */
#define INITIAL_SIZE	     48

/* an answer */
#define RESULT	    HEADER
#define RESULT_SIZE 20

static inline uint32_t get32(const void *at)
{
	uint32_t v;

	memcpy(&v, at, 4);
	return v;
}
static inline uint64_t get64(const void *at)
{
	uint64_t v;

	memcpy(&v, at, 8);
	return v;
}
static inline void put32(void *at, uint32_t v)
{
	memcpy(at, &v, 4);
}
static inline void put64(void *at, uint64_t v)
{
	memcpy(at, &v, 8);
}

static inline void put_header(void *at, uint32_t type, uint32_t size, uint32_t id, uint32_t step)
{
	put32(at, type);
	put32((char *)at + 4, size);
	put32((char *)at + 8, id);
	put32((char *)at + 12, step);
}

#endif
