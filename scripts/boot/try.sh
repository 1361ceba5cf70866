#!/bin/sh
# Boot dist/<line>/bzImage on the Hyper-V stand-in as WSL does, with tests/wslhost as WSL's
# service, until its init has called home: on port 50000, twice, and with its capabilities.
# INITRD= is WSL's own initramfs; without it tests/guest plays init, and goes on to where a
# distribution could be launched. Runs where make smoke-hyperv does.
#   INITRD=     tools/initrd.img of the WSL installation, below /mnt/c/Program Files/WSL
#   SYSTEM=     with it: system.vhd of the same folder, or the file of an ext4
#   MODULES=    with it: modules.vhdx, or the file of an ext4; with either, it goes on to the
#               early and initial config
#   TIMEOUT=    seconds until the guest counts as hung (360); on KVM WSL's own init has 30 for
#               each step, as in WSL
#   CPUS=, MEM= processors (1) and MB of memory (512)
#   HOST_BUILD=, CMDLINE=, WSL=, OUTER=   see make help TARGET=smoke-hyperv
# Leaves build/<line>/log/try-*.log. Exit 0 only when every row is ok.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/boot/guest.sh"
. "$root/scripts/lib/toolchain.sh"
. "$root/scripts/boot/hyperv-kvm.sh"
. "$root/scripts/boot/hyperv-nested.sh"
. "$root/scripts/boot/try-files.sh"
[ $# = 0 ] || usage "[INITRD=file] LTS=x.y try.sh"
[ "${INITRD:-}" ] || [ -z "${SYSTEM:-}${MODULES:-}" ] ||
	die "SYSTEM=, MODULES=" "are for WSL's own init" "add INITRD=, or leave them out"
set_memory 512
[ -z "${INITRD:-}" ] || check_initrd "$INITRD" $((memory / 2))
need make gcc iasl cpio jq
lock "build/$tree_name" "$root/build/$tree_name"
[ -f "$dist/manifest.json" ] ||
	die "dist/$variant/bzImage" "is not built" "run make kernel LTS=$LTS$gpu"
limit=${TIMEOUT:-360} run=$build_dir/try rows=$build_dir/try/service.tap
host=$build_dir/log/try-host.log console=$build_dir/log/try-console.log hvc0=$build_dir/log/try-hvc0.log
hvhost=$root/build/hvhost monitor=$root/build/wslhost/wslhost

rm -rf "$run"
mkdir -p "$run/guest" "$run/outer/modules" "$run/dir" "$run/share" "$build_dir/log"
build_tests guest
build_tests hvhost all
build_tests wslhost
: >"$host"
: >"$console"
: >"$rows"
service=
if [ "${INITRD:-}" ]; then
	cp "$INITRD" "$run/initrd"
	put_disks
	append=$(wsl_line "${CPUS:-1}" "console=ttyS0 ${CMDLINE:-}")
else
	put_own_init
	append=$(wsl_line "${CPUS:-1}" "console=ttyS0 wsl.start=1 ${CMDLINE:-}")
fi
case " $append " in *" hv_pci_swiotlb="*) service="$service --pool" ;; esac

# options KERNEL INITRD DIR CONSOLE ROWS MODULES HVC0 - the arguments of wslhost, one a line; behind
# its directory is the command line of hvhost. On this machine the sockets are named from
# $run, as the path of a unix socket is short.
options() {
	case $3 in
	"$run"/*) dir=${3#"$run/"} at=$run/ program=$hvhost/hvhost ;;
	*) dir=$3 at=/ program=/vmm ;;
	esac
	# shellcheck disable=SC2086 # options
	printf '%s\n' $service --report "$5" --seconds "$seconds" --release "$(kernel_release)" \
		"$dir" "$program" --kernel "$1" --initrd "$2" --cmdline "$append" --mem "$memory" \
		--cpus "${CPUS:-1}" --build "${HOST_BUILD:-19045}" --seconds "$limit" --console "$4" \
		--virtio-console "$7" \
		--vsock "50000=$dir/50000" --vsock "50005=$dir/50005"
	disk_options "$at" "$dir" "$6"
}

case ${OUTER:-} in "" | /*) ;; *) OUTER=$PWD/$OUTER ;; esac
cd "$run"
modules='' silent='' seconds=$limit
[ -z "${INITRD:-}" ] || seconds=30
if ! on_kvm; then
	seconds=$limit
	put_outer
	nested
	[ -z "$silent" ] || remember_kvm "$console"
fi
tr -d '\r\0' <"$console" >"$run/console"
tr -d '\r' <"$rows" >"$run/rows"
verdict
