/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HYPERV_H
#define HYPERV_H

#include "probe.h"

/*
 * hyperv.c: the report of a boot with wsl.hyperv=MODE, see tests/hvhost. "1": all of it;
 * "hostile": what the rows of the hostile host need, and these, to play one again
 */
void hyperv_report(const char *mode, const char *cmdline, char *patches, const char *release);
#define HYPERV_OFF "orderly" /* argument of /init when the kernel runs it to power off */
int hyperv_off(void);

/* Send a command to the host on the second serial port; ANSWER is the text after "ok". */
int host_ask(char *answer, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
long long host_number(const char *what); /* a number, or -1 after diag() */
/* Of the answer to "about", in ANSWER: the text after NAME; NULL after diag() */
const char *host_has(const char *name, char *answer, size_t size);
int hyperv_pairs(const char *arg); /* hyperv_kvp.c */
/* hyperv_memory.c: PASS, or SKIP if the host does not receive hints about cold pages */
int host_takes_hints(void);
#define PAGE_REPORTING_ORDER "/sys/module/page_reporting/parameters/page_reporting_order"
/* The host is hinted about free blocks of ORDER, at most 9, and none smaller: PASS, FAIL or SKIP */
int hinted_blocks(int order);
long free_kb(void); /* MemFree and the per-cpu lists */
long now_ms(void);

/*
 * hyperv_folder.c: the folder of the host, which the caller has mounted on share. PASS or FAIL;
 * folder_tag() also SKIP, if the host has none.
 */
#define FOLDER_TAG 64 /* bytes of a tag, with its end */
int folder_tag(char *tag);
int folder_compare(void);     /* all files are those of the host, by their checksums */
int folder_change(int files); /* write, rename, make and remove FILES */
int folder_has(const char *name, size_t bytes); /* that file there is BYTES of stream.h */
int write_stream_to(int fd, size_t bytes);	/* BYTES of stream.h, which reach the host */

/* hyperv_sock.c: read to the end of a stream, with the FIN and data unread at once; PASS or FAIL */
int sock_end(const char *arg);
/*
 * The same file: give the network card of DRIVER this address and wait for its link; send and
 * receive BYTES by TCP, at most STREAM_BYTES, a multiple of 64 kB. PASS or FAIL.
 */
int card_up(const char *driver, const char *address);
int card_streams(const char *host, size_t bytes);

extern const struct probe hyperv_sock_probes[], hyperv_net_probes[], hyperv_disk_probes[],
	hyperv_lun_probes[], hyperv_memory_probes[], hyperv_plug_probes[], hyperv_pci_probes[],
	hyperv_pool_probes[], hyperv_virtio_probes[], hyperv_9p_probes[], hyperv_gpu_probes[],
	hyperv_hostile_probes[], hyperv_channel_probes[], hyperv_channel_gone_probes[];

/* hyperv_disk.c */
int disk_find(char *name, size_t size, long sectors); /* the SCSI disk of that size; 0 or -1 */
int disk_first(char *name, size_t size); /* the permanent disk; 0, or -1 after diag() */
int write_stream(const char *path, long bytes);

/*
 * hyperv_plug.c: hot plug and remove a disk with a write cache; hot plug one without, wait until
 * it is set up, and remove it, with no request outstanding. 0, or -1 after diag()
 */
int plug_cached(void);
int plug_disk(char *dev, size_t size);
int unplug_disk(const char *dev);
int dir_entries(const char *dir); /* with . and ..; 0 if there is none */

/* hyperv_pci.c: PASS, or what a row about PCI is without a PCI bus of the host */
int has_pci(void);

/* hyperv_clock.c: rows */
int hyperv_clocksource(const char *arg);
int hyperv_rate(const char *arg);
int hyperv_clock_set(const char *arg);
int hyperv_sample_ahead(const char *arg);
int hyperv_sample_ignored(const char *seconds);
int hyperv_old_host(const char *arg);
int hyperv_implicit(const char *arg); /* off Hyper-V as well */

/* hyperv_host.c: rows; hyperv_streams() is PASS, or SKIP with the reason, where there is no hv_sock */
int hyperv_ram(const char *arg);
int hyperv_streams(const char *arg);
int hyperv_vmbus_version(const char *arg);
int hyperv_features(const char *arg);
int hyperv_hypercalls(const char *arg);

int hyperv_pool(const char *arg); /* hyperv_pool.c: a row */

/* hyperv_ext4.c: of 128 MB; of BYTES, up to 128 MB. 0, or -1 after diag() */
int ext4_make(const char *dev);
int ext4_make_sized(const char *dev, unsigned long long bytes);

#endif
