/* SPDX-License-Identifier: GPL-2.0 */
/* What the modes of the benchmark's /init share. */
#ifndef BENCH_H
#define BENCH_H

/* A field of /proc/meminfo in kB, or -1. */
long meminfo(const char *field);

/* Write text to a file, in one write(). Returns 0, or -1 with errno. */
int write_file(const char *path, const char *text);

/* The modes: 0, or -1 with errno. They print figures as "bench: KEY VALUE...". */
int fragmented(const char *reclaim);
int cost(void);
int locks(void);

/*
 * WSL's autoMemoryReclaim=gradual: how many bytes the next write to memory.reclaim
 * requests, of a guest with so much memory and so much reclaimable; 0 for no write.
 */
unsigned long long wsl_step(unsigned long long reclaimable, unsigned long long memory);

/* What WSL leaves to the guest. */
#define WSL_LEAVES (128ULL << 20)

#endif
