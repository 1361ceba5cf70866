#!/bin/sh
# tests/hvhost: it builds without warnings, checks its options, and the unit tests of
# the parts that need no KVM pass under AddressSanitizer and UBSan.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
parts="ring vmbus hyperv board storvsc balloon ic hv_sock peer host kvm report commands netvsc dxg hostile vpci"
parts="$parts virtqueue virtio virtio_pci virtio_console virtio_fs virtio_net virtio_pmem"
plan 58
hvhost=$top/tests/hvhost built=$work/hvhost project=$work
if command -v iasl >/dev/null; then
	run make -s -C "$hvhost" O="$built" all
	is "$rc$err" 0 "it builds"
	is "$(cd "$built" && grep -lw kvm.h balloon.d dxg.d hv_sock.d ic.d netvsc.d pci_test.d storvsc.d disk.d vpci.d vpci_interrupt.d vpci_mmio.d virt*.d)" "" "no device includes kvm.h"
	if command -v clang >/dev/null; then
		run make -s -C "$hvhost" O="$work/clang" CC=clang all
		is "$rc$err" 0 "it builds with clang"
	else
		skip 1 "clang is not installed"
	fi
	run "$built/hvhost" --help
	like "$rc $out" '^0 usage: hvhost --kernel bzImage' "--help prints the usage"
	run "$built/hvhost" --cpus 9 --kernel x
	like "$rc $err" '^2 hvhost: --cpus takes 1 to 4$' "an invalid number is an error"
	run "$built/hvhost" --build eleven --kernel x
	like "$rc $err" '^2 hvhost: --build: expected a number, got eleven$' "so is a build that is none"
	run "$built/hvhost" --virtio-fs share --kernel x
	like "$rc $err" '^2 hvhost: --virtio-fs: expected TAG=DIR, got share$' "and a folder without a tag"
	run "$built/hvhost" --hostile-only messages:0 --kernel x
	like "$rc $err" '^2 hvhost: --hostile-only: expected ROW:N,N-N, got messages:0$' "and numbers of no message"
	run "$built/hvhost"
	like "$rc $err" '^2 hvhost: missing: --kernel$' "a missing option is an error"
	run "$built/hvhost" --kernel "$top/Makefile" --mem 64
	like "$rc $err" "^1 hvhost: error: (/dev/kvm|$top/Makefile: not a bzImage)" "it exits with the reason if it cannot start"
else
	skip 10 "iasl is not installed"
fi
for part in $parts; do
	mkdir "$work/$part"
	run make -s -C "$hvhost" O="$built" "$built/test-$part"
	is "$rc$err" 0 "$part: it builds alone"
	run "$built/test-$part" "$work/$part"
	is "$rc $(printf '%s\n' "$out" | grep '^not ok')" "0 " "$part: $(printf '%s\n' "$out" | grep -c '^ok') rows are ok"
done
