/* SPDX-License-Identifier: GPL-2.0 */
/* Types and helpers that every file of hvhost uses. */
#ifndef HVHOST_H
#define HVHOST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define PAGE_SIZE     4096
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define BIT(n)	      (1ull << (n))
#define ALIGN(n, to)  (((n) + (to)-1) & ~((u64)(to)-1))

/* Wire data may be unaligned. Host and wire are little-endian. */
static inline u16 get16(const void *p)
{
	u16 v;
	memcpy(&v, p, 2);
	return v;
}
static inline u32 get32(const void *p)
{
	u32 v;
	memcpy(&v, p, 4);
	return v;
}
static inline u64 get64(const void *p)
{
	u64 v;
	memcpy(&v, p, 8);
	return v;
}
static inline void put16(void *p, u16 v)
{
	memcpy(p, &v, 2);
}
static inline void put32(void *p, u32 v)
{
	memcpy(p, &v, 4);
}
static inline void put64(void *p, u64 v)
{
	memcpy(p, &v, 8);
}

/* log.c */
int error(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* -1 */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* From now on TAKE gets each message, a line with its end. NULL: standard error, at once. */
void log_to(void (*take)(const char *line, u32 len));

#endif
