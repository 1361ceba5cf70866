/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A probe is one row of the report: a function, run in a separate process, mount
 * namespace and network namespace, with an empty tmpfs as its working directory. It
 * reports what it saw with diag() and returns PASS, FAIL or SKIP; the last diag() of a
 * skip is its reason. A row that names a release of Linux is not part of the plan on an
 * earlier one.
 */
#ifndef PROBE_H
#define PROBE_H

#include <stddef.h>

enum { FAIL = -1, PASS = 0, SKIP = 1 };

struct probe {
	const char *what;
	int (*run)(const char *arg);
	const char *arg;
	int major, minor;    /* the first release that has it; 0: any */
	const char *modules; /* loaded first, unless built in */
};

struct area {
	const char *name;
	const struct probe *probes; /* ends with an empty one */
};

extern const struct probe contract_probes[], base_probes[], syscalls_probes[], containers_probes[],
	netfilter_probes[], network_probes[], filesystems_probes[], can_probes[], usb_probes[],
	memory_probes[], trace_probes[], bpf_probes[], userblock_probes[], sound_probes[],
	input_probes[], protocols_probes[], video_probes[], wireless_probes[], bluetooth_probes[],
	crypto_probes[], security_probes[], android_probes[], xdp_probes[], criu_probes[],
	numa_probes[], crashdump_probes[], profile_probes[], log_probes[], modules_disk_probes[];

/* queue.c, release.c, cmdline.c: rows that depend on the kernel command line */
struct probe *queue_probes(char *patches);
struct probe *release_probes(const char *release);
struct probe *cmdline_probes(const char *cmdline);

/* log.c: the kernel's log has a line with START and, after it, END */
int log_line(const char *start, const char *end); /* a row */
int log_has(const char *start, const char *end);  /* 1, 0, or -1 after diag() */
char *log_from(const char *text);		  /* the log from TEXT on, or NULL */

/*
 * kmsg.c: is the text of a line of the kernel's log, without time and priority, the report of a
 * fault? The second leaves out a WARNING in a file of the source directory DIR. 1 or 0
 */
int fault_text(const char *text);
int fault_but_for(const char *text, const char *dir);
/* The log from now on: a descriptor, or -1 after diag() */
int kmsg_open(void);
/*
 * PASS if FD has no fault but WARNINGs in DIR; FAIL after diag() of the first one with what
 * follows it, or if the log could not be read whole. WARNINGS: how many there were, in DIR or not.
 */
int kmsg_faults(int fd, const char *dir, int *warnings);

/* init.c: the other end of a script or of binfmt_misc in contract.c */
#define ECHO_PREFIX "interpreter of "

/* tap.c */
void diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int failed(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* modules.c: load a module and what it depends on, unless it is built in; 0, or -1 after diag() */
int module_load(const char *name);
int modules_need(const char *names); /* those of them that are modules */
int module_loaded(const char *name);
int module_built_in(const char *name); /* so says modules.builtin */
int module_there(const char *name);    /* in the machine's modules.dep, or built in */
int module_error(const char *name);    /* of loading it, ENOENT if it is not there; or 0 */
int loads(const char *name);	       /* a row */
/* A row: a bus and modules, each with a driver of its name, or of the name after a colon. */
int bus_drivers(const char *names);

/* util.c; int results are 0, or -1 after diag() unless said otherwise */
int read_file(const char *path, char *buf, size_t size); /* bytes, or -1 */
int write_file(const char *path, const char *text);
int expect_text(const char *path, const char *text);
int has_word(const char *text, const char *word); /* 1 or 0 */
int expect_words(const char *path, const char *words);
int kernel_at_least(int major, int minor);		 /* 1 or 0 */
int on_hyperv(void);					 /* 1 or 0 */
int symbol_known(const char *name);			 /* 1 or 0 */
int symbol_at(const char *name, unsigned long *address); /* 1 or 0 */
long pages_per_cpu(void); /* free ones on the lists of the processors, or -1 after diag() */
int make_dir(const char *path);
int mount_on(const char *dev, const char *dir, const char *type, unsigned long flags,
	     const char *options);
int mount_share(const char *dir);			   /* 9p */
int file_of_size(const char *path, long size);		   /* fd, or -1 */
int loop_attach(const char *file, char *dev, size_t size); /* fd, or -1 */
int write_read_block(const char *dev, int seed);
int exit_of(int pid);	  /* exit status, or -1 after diag() */
int udp_socket(int port); /* bound to PORT, fd or -1 */
int udp_send(const char *to, int port, const char *text);
int udp_arrives(int fd, const char *text); /* 1 or 0 */
int first_network(void); /* enter init's network namespace, where some links are made */
/* Wait for a path that matches PATTERN; its last part is NAME. */
int appears(const char *pattern, char *name, size_t size);
int exists(const char *path); /* a row */
int absent(const char *path); /* 0, or -1 after diag(): it is there, or cannot be looked up */

/* memory.c: 0, or -1 after diag() */
int swap_on(const char *path, unsigned int pages);

/* reclaim.c: rows; the last needs zram */
int reclaim_arguments(const char *arg);
int reclaim_cache(const char *arg);
int reclaim_swappiness(const char *arg);

/* crypto.c: a row: two reads from the generator NAME differ, and neither is zeros */
int crypto_rng(const char *name);

/* images.c: file systems small enough to be written by hand */
int image_iso9660(const char *path);
int image_vfat(const char *path);
#define IMAGE_TEXT "hello from the image\n"

/* cgroup.c: rows about version 1 */
int groups_v1(const char *list);
/* cgroup v2 on ./cg, with a group ./cg/probe that has CONTROLLERS */
int cgroup2(const char *controllers);
int cgroup2_end(void);

/* userland.c: run a script of /tests by the programs of a distribution */
int userland(const char *command);
/* The disk with an ext4 file system of this label; 0, or -1 after diag() */
int disk_labelled(char *dev, size_t size, const char *label);
void show_end(int fd); /* the last lines of a file, a diag() for each */

#endif
