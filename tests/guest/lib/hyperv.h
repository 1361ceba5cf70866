/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HYPERV_H
#define HYPERV_H

#include "probe.h"

/* hyperv.c: the whole report of a boot with wsl.hyperv=1, see tests/hvhost */
void hyperv_report(char *patches, const char *release);
#define HYPERV_OFF	"orderly"	/* argument of /init when the kernel runs it to power off */
int hyperv_off(void);

/* Ask the host for something, on the second serial port; its answer after "ok". */
int host_ask(char *answer, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
long long host_number(const char *what);	/* a number, or -1 after diag() */
int hyperv_pairs(const char *arg);		/* hyperv_kvp.c */
/* hyperv_memory.c: PASS, or SKIP where hints about cold pages do not reach it */
int host_takes_hints(void);
long free_kb(void);	/* MemFree leaves out what lies on the lists of the processors */
long now_ms(void);

extern const struct probe hyperv_sock_probes[], hyperv_net_probes[], hyperv_disk_probes[],
	hyperv_memory_probes[], hyperv_plug_probes[], hyperv_hostile_probes[];

/* hyperv_disk.c */
int disk_find(char *name, size_t size, long sectors);	/* the SCSI disk of so many; 0 or -1 */
int disk_first(char *name, size_t size);		/* the one that is always there; 0, or -1 after diag() */
int write_stream(const char *path, long bytes);

/* hyperv_plug.c: a disk with a write cache comes and goes; 0, or -1 after diag() */
int plug_cached(void);

/* hyperv_ext4.c */
int ext4_make(const char *dev);

#endif
