#!/bin/sh
# tests/hvhost: it builds without warnings, checks its options, the unit tests of the parts
# that need no KVM pass under AddressSanitizer and UBSan, and those that do I/O in the sandbox.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
parts="ring vmbus memory hyperv board logger worker storvsc balloon ic hv_sock peer broker host kvm report commands netvsc dxg hostile hostile_virtio hostile_mutants vpci"
parts="$parts virtqueue virtio virtio_pci virtio_console virtio_fs virtio_net virtio_pmem p9 drive"
# storvsc, virtio_fs and virtio_pmem are files, drive is both, the others sockets, tap interfaces
# and threads
confined="board worker host hv_sock netvsc peer drive storvsc virtio_fs virtio_net virtio_pmem commands report balloon"
plan 106
hvhost=$top/tests/hvhost built=$work/hvhost project=$work
# test_program NAME PART HOW - build O/NAME and run it: two rows
test_program() {
	mkdir "$work/$1"
	run make -s -C "$hvhost" O="$built" "$built/$1"
	is "$rc$err" 0 "$2: it builds $3"
	run "$built/$1" "$work/$1"
	is "$rc $(printf '%s\n' "$out" | grep '^not ok')" "0 " "$2 $3: $(printf '%s\n' "$out" | grep -c '^ok') rows are ok"
}
missing=
command -v iasl >/dev/null || missing="iasl is not installed"
echo '#include <seccomp.h>' | cc -E - >/dev/null 2>&1 || missing="libseccomp-dev is not installed"
if [ -z "$missing" ]; then
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
	run "$built/hvhost" --vmbus-version 4.2 --kernel x
	like "$rc $err" '^2 hvhost: --vmbus-version: VMBus has no version 4.2$' "a version that VMBus has not"
	run "$built/hvhost" --hostile-only messages:0 --kernel x
	like "$rc $err" '^2 hvhost: --hostile-only: expected ROW:N,N-N, got messages:0$' "and numbers of no message"
	run "$built/hvhost" --hostile-rate 17 --kernel x
	like "$rc $err" '^2 hvhost: --hostile-rate takes 1 to 16$' "so is a rate that is too high"
	run "$built/hvhost"
	like "$rc $err" '^2 hvhost: missing: --kernel$' "a missing option is an error"
	run "$built/hvhost" --kernel "$top/Makefile" --mem 64
	like "$rc $err" "^1 hvhost: error: (/dev/kvm|$top/Makefile: not a bzImage)" "it exits with the reason if it cannot start"
	for part in $confined; do test_program "confined-$part" "$part" "in the sandbox"; done
	test_program test-sandbox sandbox alone
else
	skip 42 "$missing"
fi
for part in $parts; do test_program "test-$part" "$part" alone; done
