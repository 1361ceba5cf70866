# shellcheck shell=sh
# A build of line 9.1 with a little of everything that make report reads; sourced after
# project.sh. report_data [TEXT] - in $project; TEXT is in each name that may hold one.
report_data() {
	text=${1:-plain}
	build=$project/build/9.1 dist=$project/dist/9.1
	mkdir -p "$build/log" "$build/obj/net/ipv4" "$dist" "$project/patches/9.1/hyperv"
	pin 9.1 9.1.5 "file:/nowhere sha256:$(printf '%064d' 0)"
	report_image
	report_logs
	jq -n '{line: "9.1", release: "9.1.5-wsl3", baseline: {boot_ns_512: 400000000, returned_pct_2s: 0},
		image: {boot_ns_512: 100200300, boot_ns_4096: 120000000, growth_ns_per_gb: 5657057,
		mem_missing_kb: 30000, returned_pct_2s: 100, bzimage_bytes: 6},
		ratio: {boot_ns_512: 0.251}}' >"$build/bench.json"
	printf 'hyperv/bus.patch\nhyperv/text.patch\n' >"$project/patches/9.1/series"
	printf 'Subject: %s\nUpstream: https://example.org/mail?a=1&b=2 %s\nLines: 9.1\n\n--- a/x\n+++ b/x\n' \
		"$text" "$text" >"$project/patches/9.1/hyperv/text.patch"
	printf '# ---- the bus\ndrivers/hv/vmbus * %s\ndrivers/net/tun 9.1,9.2 a tunnel\n' "$text" >"$project/config/devices.list"
	printf 'drivers/old 9.2 of another line\ndrivers/absent 9.1 was not built\n' >>"$project/config/devices.list"
	printf 'drivers/optional 9.1+extra of a feature\n' >>"$project/config/devices.list"
	printf '# trace: see what the\n# kernel does. More of it.\nCONFIG_TRACE=y\n' >"$project/config/features/trace.config"
	echo kernel/drivers/hv/vmbus.ko >"$build/obj/modules.builtin"
	echo kernel/drivers/net/tun.ko >"$build/obj/modules.order"
}

# the image, its objects and the manifest
report_image() {
	for object in net/ipv4/tcp net/core; do
		printf '.globl f_%s\n.text\nf_%s: .fill %s, 1, 0x90\n.data\n.fill 64\n.bss\n.fill 32\n' \
			"${object##*/}" "${object##*/}" "${#object}00" | gcc -c -x assembler -o "$build/obj/$object.o" -
	done
	(cd "$build/obj" && ar rcsT built-in.a net/ipv4/tcp.o net/core.o &&
		ld -e f_core -o "$dist/vmlinux" net/ipv4/tcp.o net/core.o)
	echo image >"$dist/bzImage"
	jq -n --arg sha "$(sum "$project/patches/9.1/hyperv/bus.patch")" '
		{line: "9.1", pin: "9.1.5", release: "9.1.5-wsl3", released: "2026-01-02", verified: true,
		patches: [{name: "hyperv/bus.patch", sha256: $sha}],
		outputs: {bzImage: {sha256: "0f", bytes: 6}, "System.map": {sha256: "0e", bytes: 1234567}},
		toolchain: {cc: "gcc 12", ld: "ld 2", pahole: "-", make: "make 4"}}' >"$dist/manifest.json"
	touch -d 2026-01-01 "$dist/vmlinux" "$dist/bzImage"
}

# what the guests and the bench wrote
report_logs() {
	cat >"$build/log/boot.9.1" <<-LOG
		0 Linux version 9.1.5
		900 $text
		1000 calling  console_init+0x0/0x10 @ 0
		1100 initcall console_init+0x0/0x10 returned 0 after 100 usecs
		5000 Freeing SMP alternatives memory: 40K
		6000 calling  hv_init+0x0/0x10 @ 1
		16000 initcall hv_init+0x0/0x10 returned 0 after 10000 usecs
		16010 calling  tun_init+0x0/0x10 @ 1
		16500 tun: a message
		17010 initcall tun_init+0x0/0x10 returned -19 after 1000 usecs
		20000 Run /init as init process
		30000 after it
	LOG
	cat >"$build/log/memory.9.1" <<-LOG
		MemTotal 500000
		MemFree 460000
		Buffers 10
		Cached 990
		AnonPages 20
		SReclaimable 9000
		SUnreclaim 7000
		KernelStack 600
		PageTables 30
		Memory: 233932K/523768K available (9000K kernel code, 1000K rwdata, 4000K rodata, 700K init, 500K bss, 37580K reserved, 0K cma-reserved)
	LOG
	{
		printf '[    0.0] Linux version 9.1.5\nTAP version 13\n1..5\nok 1 - trace: it traces\n'
		printf 'ok 2 - trace: perf # SKIP needs a <PMU>\nok 3 - queue: hyperv/bus\n'
		printf 'ok 4 - log: the kernel reported no fault\nok 5 - release: %s\n[    9.0] reboot: Power down\n' "$text"
	} >"$build/log/console.log"
	{
		printf '1..2\nnot ok 1 - hv_sock: 16 MB to the host\n# connect: %s\n' "$text"
		printf 'ok 2 - queue: hyperv/bus # SKIP is in the guest\n'
	} >"$build/log/hyperv-rows.log"
}
