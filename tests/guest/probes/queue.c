// SPDX-License-Identifier: GPL-2.0
/*
 * The patches of the queue are in the running kernel: each has a probe here that only a
 * patched kernel passes.
 */
#define _GNU_SOURCE
#include "bpf.h"
#include "hyperv.h"
#include "reporting.h"
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

/* FUNCTION is of MODULE, which not every image has, nor the initramfs of smoke-hyperv. */
static int not_measured(const char *module, const char *function, const char *line)
{
	char path[128];

	if (!symbol_known(function)) {
		if (!module_there(module))
			return skip("there is no module %s here", module);
		if (module_load(module))
			return FAIL;
	}
	snprintf(path, sizeof(path), "/sys/module/%s/parameters/benchmark", module);
	return expect_text(path, "N\n") ? FAIL : log_line(line, "(not measured)");
}

static int raid6_no_benchmark(const char *patch)
{
	(void)patch;
	return not_measured("raid6_pq", "raid6_int8_gen_syndrome", "raid6: using algorithm ");
}

static int xor_no_benchmark(const char *patch)
{
	(void)patch;
	return not_measured("xor", "xor_blocks", "xor: using function: ");
}

static int in_kernel(const char *symbol)
{
	return symbol_known(symbol) ? PASS : failed("/proc/kallsyms has no %s", symbol);
}

/* Whoever allocates the RNG asks first whether the health test was passed. */
static int jitterentropy_at_first_use(const char *patch)
{
	struct watched event;
	int n = 0, rc;

	(void)patch;
	if (!symbol_known("jent_kcapi_random"))
		return skip("this kernel was built without the jitter RNG");
	if (in_kernel("jent_pass_health_test") == FAIL)
		return FAIL;
	if (!symbol_known("rng_setkey"))
		return skip("this kernel has no AF_ALG");
	rc = watch("p:asked jent_pass_health_test\n");
	if (rc != PASS)
		return rc;
	watch_mark();
	rc = crypto_rng("jitterentropy_rng");
	watch_again();
	while (watch_next(&event) == 1)
		n += !strcmp(event.name, "asked");
	watch_end();
	if (rc != PASS)
		return rc;
	return n ? PASS : failed("the RNG was handed out without a health test");
}

static int btf_on_demand(const char *patch)
{
	if (!symbol_known("btf_parse_vmlinux"))
		return skip("this kernel was built without BTF");
	if (in_kernel(kernel_at_least(6, 12) ? "btf_make_early_registrations" :
					       "btf_populate_dtor_kfuncs") == FAIL)
		return FAIL;
	return bpf_kfuncs(patch) == PASS ? bpf_struct_ops(patch) : FAIL;
}

static int trace_eval_one_pass(const char *patch)
{
	const char *format = "/sys/kernel/tracing/events/sock/inet_sock_set_state/format";
	char text[8192];

	(void)patch;
	if (!symbol_known("trace_event_raw_init"))
		return skip("this kernel was built without trace events");
	if (in_kernel("eval_map_cmp") == FAIL)
		return FAIL;
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	if (read_file(format, text, sizeof(text)) < 0)
		return FAIL;
	if (!strstr(text, "{ 6, \"IPPROTO_TCP\" }"))
		return failed("%s: expected the number of %s", format, "IPPROTO_TCP");
	return PASS;
}

static int fresh_pages_not_checked(const char *patch)
{
	(void)patch;
	return in_kernel("setup_check_fresh_pages");
}

static int swiotlb_not_touched(const char *patch)
{
	(void)patch;
	if (!symbol_known("swiotlb_init"))
		return skip("this kernel was built without bounce buffers");
	return in_kernel("setup_swiotlb_clear");
}

/*
 * Where the text after the entry text begins, or 0. The two ends of SRSO, which
 * are 1 MB apart, belong to the entry text.
 */
static unsigned long text_after(unsigned long end)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], type, symbol[256];
	unsigned long address, next = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx %c %255s", &address, &type, symbol) == 3 && address > end &&
		    (type == 't' || type == 'T') && strncmp(symbol, "srso_", 5) &&
		    (!next || address < next))
			next = address;
	if (f)
		fclose(f);
	return next;
}

/*
 * Where the section for decrypted data is, it begins and ends with whole pages of 2 MB, and is
 * the last part of .bss.
 */
static int bss_without_padding(void)
{
	FILE *f = fopen("/proc/iomem", "re");
	unsigned long start, end = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, "Kernel bss") && sscanf(line, " %lx-%lx", &start, &end) == 2)
			break;
	if (f)
		fclose(f);
	if (!end)
		return failed("/proc/iomem has no address of the kernel's bss");
	return (end + 1) % (2 << 20) ? PASS : failed("the bss ends with whole 2 MB: %lx", end);
}

static int image_without_padding(const char *patch)
{
	unsigned long entry, end, next;

	(void)patch;
	if (bss_without_padding())
		return FAIL;
	if (!symbol_at("__entry_text_start", &entry) || !symbol_at("__entry_text_end", &end))
		return failed("/proc/kallsyms has no %s", "__entry_text_start or __entry_text_end");
	next = text_after(end);
	if (!next)
		return failed("/proc/kallsyms has no text after %s", "__entry_text_end");
	/* if the entry text had its own pages, the next text would begin 2 MB later */
	if (next - (entry & ~0xfffUL) >= 2 << 20)
		return failed("the next text is %lu kB from the entry text", (next - entry) >> 10);
	return PASS;
}

/* Does this host accept free pages? SKIP if not, with the reason. */
static int host_takes_pages(void)
{
	return on_hyperv() ? host_takes_hints() : PASS;
}

/* Pages reported to the host since the start, or -1 after diag(). */
static long pages_reported(void)
{
	char text[32];

	if (read_file("/sys/module/page_reporting/parameters/reported", text, sizeof(text)) < 0)
		return -1;
	return atol(text);
}

/* Touch SIZE bytes and free them; *REPORTED is the count just before that. */
static int freed(size_t size, long *reported)
{
	char *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED)
		return failed("mmap of %zu MB", size >> 20);
	memset(area, 0x5a, size);
	if (reported)
		*reported = pages_reported();
	munmap(area, size);
	return 0;
}

/* Blocks of 128 kB, as WSL asks for, and no order that a block cannot have. */
static int page_reporting_order(const char *patch)
{
	char before[32];
	int rc, fd;

	(void)patch;
	if (read_file(PAGE_REPORTING_ORDER, before, sizeof(before)) < 0)
		return FAIL;
	fd = open(PAGE_REPORTING_ORDER, O_WRONLY | O_CLOEXEC);
	rc = write(fd, "11", 2) < 0 && errno == EINVAL ? PASS : failed("order 11 is accepted");
	close(fd);
	if (rc != PASS || expect_text(PAGE_REPORTING_ORDER, before))
		return FAIL;
	if (!on_hyperv())
		return PASS;
	if (write_file(PAGE_REPORTING_ORDER, "5"))
		return FAIL;
	rc = hinted_blocks(5);
	return write_file(PAGE_REPORTING_ORDER, before) ? FAIL : rc;
}

static int page_reporting(const char *patch)
{
	const size_t bytes = 64 << 20;
	long before, now;
	int turn, rc = host_takes_pages();

	(void)patch;
	if (rc != PASS)
		return rc;
	if (freed(bytes, &before))
		return FAIL;
	/* reporting starts one second later */
	for (turn = 0; before >= 0 && turn < 100; turn++) {
		now = pages_reported();
		if (now - before >= (long)(bytes / 4096 / 2))
			return PASS;
		usleep(100000);
	}
	if (before < 0)
		return FAIL;
	return failed("%zu MB were freed, %ld pages reported within 10 s", bytes >> 20,
		      now - before);
}

static int page_reporting_core(const char *patch)
{
	int rc = page_reporting(patch);

	if (rc == PASS && !on_hyperv())
		rc = page_reporting_order(patch);
	if (rc == PASS)
		rc = reporting_in_one_pass();
	return rc == PASS ? reporting_spares_memory() : rc;
}

static int page_reporting_in_one_pass(const char *patch)
{
	(void)patch;
	if (expect_text("/sys/module/page_reporting/parameters/page_reporting_passes", "1\n"))
		return FAIL;
	return reporting_in_one_pass();
}

static int page_reporting_of_per_cpu_lists(const char *patch)
{
	const size_t bytes = 64 << 20;
	long pages = 0;
	int turn, rc = host_takes_pages();

	(void)patch;
	if (rc != PASS)
		return rc;
	if (freed(bytes, NULL))
		return FAIL;
	for (turn = 0; turn < 100; turn++) {
		pages = pages_per_cpu();
		/* with many processors the lists are that short without the patch */
		if (pages < 2000)
			return pages < 0 ? FAIL : reporting_drains_lists();
		usleep(100000);
	}
	return failed("10 s after %zu MB were freed %ld pages are on the lists of the processors",
		      bytes >> 20, pages);
}

/*
 * What is away in a report. And write the order all the time while blocks are reported: without
 * the patch hv_balloon gets blocks smaller than what it says then, and warns. On one processor
 * nothing is written while a report is made.
 */
static int page_reporting_in_bounds(const char *patch)
{
	int turn, pid, rc = reporting_spares_memory();
	char before[32];

	(void)patch;
	if (rc != PASS || !on_hyperv())
		return rc;
	if (read_file(PAGE_REPORTING_ORDER, before, sizeof(before)) < 0)
		return FAIL;
	pid = fork();
	while (!pid)
		if (write_file(PAGE_REPORTING_ORDER, "9") || write_file(PAGE_REPORTING_ORDER, "0"))
			_exit(1);
	for (turn = 0; turn < 10 && rc == PASS; turn++) {
		rc = freed(16 << 20, NULL) ? FAIL : PASS;
		usleep(500000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (write_file(PAGE_REPORTING_ORDER, before) || rc != PASS)
		return FAIL;
	return log_has("WARNING: ", "hv_free_page_report") ?
		failed("the driver warned of a block below the order") :
		PASS;
}

static int virtio_balloon_reports(const char *patch)
{
	glob_t devices;
	char text[128];
	int rc = FAIL;

	(void)patch;
	if (on_hyperv())
		return skip("a Hyper-V host has no virtio-balloon (make smoke)");
	if (glob("/sys/bus/virtio/drivers/virtio_balloon/virtio*/features", 0, NULL, &devices))
		return failed("no virtio-balloon is bound to its driver");
	/* VIRTIO_BALLOON_F_REPORTING */
	if (read_file(devices.gl_pathv[0], text, sizeof(text)) > 5)
		rc = text[5] == '1' ? PASS : failed("features negotiated: %s", text);
	globfree(&devices);
	return rc;
}

/* Without the patch no file can be created on a new volume. */
static int ntfs3_table_grows(const char *patch)
{
	(void)patch;
	if (!module_there("ntfs3"))
		return skip("there is no module ntfs3 here");
	return module_load("ntfs3") ? FAIL : userland("keeps ntfs3");
}

/* The effect itself shows only on a share with direct I/O, which QEMU alone does not make. */
static int virtiofs_copies_small_buffers(const char *patch)
{
	(void)patch;
	if (!symbol_known("fuse_conn_init"))
		return skip("this kernel was built without FUSE");
	return in_kernel("fuse_limit_copied");
}

/*
 * With DEBUG=1 lockdep sees it as well. It turns itself off at the first fault: the rows of
 * netfilter come before this one.
 */
static int xt_recent_under_mutex(const char *patch)
{
	static char text[8192];
	int rc = recent_under_mutex();
	char *at;

	(void)patch;
	if (rc != PASS || access("/proc/lockdep_stats", F_OK))
		return rc;
	if (read_file("/proc/lockdep_stats", text, sizeof(text)) < 0)
		return FAIL;
	at = strstr(text, "debug_locks:");
	return at && atoi(at + strlen("debug_locks:")) ?
		PASS :
		failed("lockdep found a fault: see the log");
}

/* Booting on a Hyper-V host is the proof: without the patch it is an oops. */
static int acpi_walk_stops_at_root(const char *patch)
{
	(void)patch;
	return on_hyperv() ? PASS : skip("needs a Hyper-V host (make smoke-hyperv)");
}

/* The disk has a write cache, which is flushed after the channel is gone. */
static int storvsc_after_rescind(const char *patch)
{
	(void)patch;
	return on_hyperv() ? plug_cached() : skip("needs a Hyper-V host (make smoke-hyperv)");
}

static int hv_sock_ends(const char *patch)
{
	if (on_hyperv())
		return hyperv_streams(NULL) == SKIP ? SKIP : sock_end(patch);
	return skip("needs a Hyper-V host (make smoke-hyperv)");
}

static int old_hosts_tsc(const char *patch)
{
	return on_hyperv() ? hyperv_old_host(patch) :
			     skip("needs a Hyper-V host (make smoke-hyperv)");
}

static int stat_not_inlined(const char *patch)
{
	(void)patch;
	return bpf_at_exit("cp_new_stat");
}

static int pci_pool(const char *patch)
{
	return on_hyperv() ? hyperv_pool(patch) : skip("needs a Hyper-V host (make smoke-hyperv)");
}

static int hv_balloon_reports(const char *patch)
{
	int rc = on_hyperv() ? page_reporting(patch) :
			       skip("needs a Hyper-V host (make smoke-hyperv)");

	return rc == PASS ? page_reporting_order(patch) : rc;
}

static int memory_reclaim(const char *patch)
{
	/* without the modules there is nothing to swap to */
	return on_hyperv() ? reclaim_arguments(patch) : reclaim_swappiness(patch);
}

static int no_probe(const char *patch)
{
	return failed("tests/guest/probes/queue.c has no probe for %s", patch);
}

/* The patches behind the driver make it compile. */
static int dxgkrnl(const char *patch)
{
	(void)patch;
	return in_kernel("dxgk_unlocked_ioctl");
}

static const struct {
	const char *patch;
	int (*run)(const char *patch);
} proofs[] = {
	{ "toolchain/stat-is-not-inlined", stat_not_inlined },
	{ "fast-boot/raid6-no-benchmark", raid6_no_benchmark },
	{ "fast-boot/fresh-pages-not-checked", fresh_pages_not_checked },
	{ "fast-boot/jitterentropy-tested-at-first-use", jitterentropy_at_first_use },
	{ "fast-boot/btf-parsed-on-demand", btf_on_demand },
	{ "fast-boot/trace-eval-one-pass", trace_eval_one_pass },
	{ "fast-boot/xor-no-benchmark", xor_no_benchmark },
	{ "memory/swiotlb-not-touched", swiotlb_not_touched },
	{ "memory/image-without-padding", image_without_padding },
	{ "memory/page-reporting", page_reporting_core },
	{ "memory/page-reporting-by-order", page_reporting_order },
	{ "memory/page-reporting-in-one-pass", page_reporting_in_one_pass },
	{ "memory/page-reporting-of-per-cpu-lists", page_reporting_of_per_cpu_lists },
	{ "memory/page-reporting-in-bounds", page_reporting_in_bounds },
	{ "memory/virtio-balloon-reports-free-pages", virtio_balloon_reports },
	{ "memory/hv-balloon-reports-free-pages", hv_balloon_reports },
	{ "memory/memcg-reclaims-on-request", memory_reclaim },
	{ "memory/memcg-reclaims-by-swappiness", memory_reclaim },
	{ "fixes/ntfs3-table-of-files-grows", ntfs3_table_grows },
	{ "fixes/xt-recent-removes-files-under-mutex", xt_recent_under_mutex },
	{ "fixes/virtiofs-copies-small-buffers", virtiofs_copies_small_buffers },
	{ "hyperv/vmbus-acpi-walk-stops-at-root", acpi_walk_stops_at_root },
	{ "hyperv/storvsc-fails-commands-after-rescind", storvsc_after_rescind },
	{ "hyperv/hv-sock-ends-a-stream", hv_sock_ends },
	{ "hyperv/old-hosts-invariant-tsc", old_hosts_tsc },
	{ "hyperv/timesync-implicit", hyperv_implicit },
	{ "hyperv/pci-bounces-through-its-own-pool", pci_pool },
	{ "gpu/dxgkrnl-6.1", dxgkrnl },
	{ "gpu/dxgkrnl-vmbus-gpadl", dxgkrnl },
	{ "gpu/dxgkrnl-6.6", dxgkrnl },
	{ "gpu/dxgkrnl-builds-on-6.12", dxgkrnl },
	{ "gpu/dxgkrnl-6.18", dxgkrnl },
};

struct probe *queue_probes(char *patches)
{
	struct probe *probes = calloc(strlen(patches) + 2, sizeof(*probes));
	char *patch;
	size_t i;
	int n = 0;

	while (probes && (patch = strsep(&patches, ","))) {
		if (!*patch)
			continue;
		probes[n].what = probes[n].arg = patch;
		probes[n].run = no_probe;
		for (i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++)
			if (!strcmp(patch, proofs[i].patch))
				probes[n].run = proofs[i].run;
		n++;
	}
	return probes;
}
