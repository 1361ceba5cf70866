#!/bin/sh
# Boot dist/<line>/bzImage as a guest of tests/hvhost, the Hyper-V stand-in, print the rows
# of the guest and of the host as one TAP, and check them (tests/lib/check-tap.sh). Runs on
# this machine's KVM if it can run the guest, otherwise nested: hvhost on an outer kernel
# with KVM, inside QEMU's software emulation. The output says which.
#   TIMEOUT=    seconds until the guest counts as hung (360)
#   CPUS=       processors of the guest (1)
#   MEM=        its MB of RAM (768); more than 3072 continue at 4 GB
#   HOST_BUILD= of the Windows that the host is to be (19045, which WSL still runs on; its
#               invariant TSC is not to be trusted)
#   VERSION=    the highest version of VMBus that the host has: 5.2, 5.1, 5.0, 4.1, 4.0, 3.0, 2.4
#               (5.3); before 4.0 there are no streams
#   DISKS=wsl   disks as WSL's: LUNs of one controller that come and go, of vendor Msft, with
#               UNMAP (a controller each, of another vendor)
#   SEED=       of the hostile host (default: the time)
#   RATE=       with CMDLINE=wsl.hostile=mutants: changed messages of a device, 1 to 16 (6)
#   HOSTILE=    ROW:N,N-N: of the hostile host's messages only these, and of the rows only its
#               own: a replay (shrink.sh), which is never green as a whole
#   SHRINK=1    when a row of the hostile host is red, run shrink.sh
#   CMDLINE=    more boot parameters
#   WSL=        options of tests/wsl-cmdline: another Windows, another configuration
#   OUTER=      the outer kernel with its modules: a dist/<line> (default: the newest line
#               that is built), or a directory with an unpacked Debian linux-image package
# Leaves build/<line>/log/hyperv-*.log, hvc0.log (the virtio console), and when all is green dist/<line>/smoke-hyperv.ok.
# Exit 0 only when every row is ok.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/boot/guest.sh"
. "$root/scripts/lib/toolchain.sh"
. "$root/scripts/boot/hyperv-kvm.sh"
. "$root/scripts/boot/hyperv-nested.sh"
. "$root/scripts/lib/proof.sh"
. "$root/scripts/boot/hostile-rows.sh"
[ $# = 0 ] || usage "LTS=x.y smoke-hyperv.sh"
case ${DISKS:-} in
'' | wsl) ;;
*) usage "DISKS=wsl LTS=x.y smoke-hyperv.sh" ;;
esac
set_memory 768
case ${VERSION:-5.3} in
5.[0-3] | 4.[01] | 3.0 | 2.4) ;;
*) die "VERSION=$VERSION" "is no version of VMBus: 5.3, 5.2, 5.1, 5.0, 4.1, 4.0, 3.0 or 2.4" ;;
esac
case ${RATE:-6} in
[1-9] | 1[0-6]) ;;
*) die "RATE=$RATE" "is no number of changed messages from 1 to 16" ;;
esac
need make gcc iasl cpio jq
lock "build/$tree_name" "$root/build/$tree_name"
[ -f "$dist/manifest.json" ] ||
	die "dist/$variant/bzImage" "is not built" "run make kernel LTS=$LTS$gpu"
begin_proof smoke-hyperv
limit=${TIMEOUT:-360}
seed=${SEED:-$(date +%s)}
hvhost=$root/build/hvhost monitor=$root/build/hvhost/hvhost
run=$build_dir/hyperv rows=$build_dir/hyperv/host.tap
host=$build_dir/log/hyperv-host.log console=$build_dir/log/hyperv-console.log
hvc0=$build_dir/log/hvc0.log

rm -rf "$run"
mkdir -p "$run/guest" "$run/outer/modules" "$run/dir" "$build_dir/log"
build_tests guest
build_tests hvhost all
cp "$root/build/guest/init" "$run/guest/init"
put_word_list "$run/guest"
modules=
! put_modules_disk "$run/modules.ext4" "$run/guest" || modules=1
put_outside "$run" "$run/guest"
pack "$run/guest" "$run/initrd"
# what the guest gets as a folder, with the checksums that it compares
mkdir "$run/share"
cp "$run/guest/init" "$root/config/cmdline.list" "$dist/manifest.json" "$run/share"
(cd "$run/share" && cksum -- *) >"$run/cksum.list"
mv "$run/cksum.list" "$run/share"
# the output of an earlier run is not a sign of life
: >"$host"
: >"$console"
: >"$rows"
: >"$hvc0"

# The console that is read here has to be the last one; hvc0 has the output as well. Pressure
# is reported from the start, which is later than the rows can wait for otherwise. The log has
# to hold what the kernel says in a row of the hostile host: 6.1 some 40 warnings with traces.
mode=1
[ -z "${HOSTILE:-}" ] || mode=hostile
append="console=ttyS0 log_buf_len=1M hv_balloon.pressure_report_delay=0 wsl.hyperv=$mode"
append="$append $(guest_parameters)"
[ -z "$modules" ] || append="$append wsl.modules=$(modules_of_image)"
append=$(wsl_line "${CPUS:-1}" "$append ${CMDLINE:-}")

# options KERNEL INITRD DIR CONSOLE ROWS MODULES HVC0 SHARE - the arguments of hvhost, one a line
options() {
	printf '%s\n' --kernel "$1" --initrd "$2" --cmdline "$append" --mem "$memory" \
		--vmbus-version "${VERSION:-5.3}" --cpus "${CPUS:-1}" --build "${HOST_BUILD:-19045}" \
		--disk "$3/disk" --disk-mb 256 ${modules:+--read-only "$6"} --tests "$3" --console "$4" \
		--report "$5" --seconds "$limit" --seed "$seed" ${HOSTILE:+--hostile-only "$HOSTILE"} \
		${RATE:+--hostile-rate "$RATE"} ${gpu:+--gpu} ${DISKS:+--wsl-disks} \
		--pci-test 1 --virtio-console "$7" --virtio-fs "share=$8" \
		--virtio-pmem "$3/pmem" --virtio-pmem-mb 16
}

silent=
if ! on_kvm; then
	nested
	[ -z "$silent" ] || remember_kvm "$console"
fi
ended=$(tr -d '\r' <"$host" | sed -n 's/^hvhost: the guest //p')
case $ended in
*"time limit"*) end=hung ;;
*"powered off"*) end=0 ;;
esac
tr -d '\r\0' <"$console" >"$run/console"
tr -d '\r' <"$rows" >"$run/rows"
awk -f "$root/scripts/boot/merge-tap.awk" part=plan "$run/rows" part=guest "$run/console" \
	part=host "$run/rows" >"$build_dir/log/hyperv-rows.log"
"$root/tests/lib/check-tap.sh" smoke-hyperv "$build_dir/log/hyperv-rows.log" "$end" "$host" || {
	row=$(red_hostile_row "$build_dir/log/hyperv-rows.log")
	[ "$row" ] && [ ! "${HOSTILE:-}" ] || exit 1
	if [ "${SHRINK:-0}" = 1 ]; then
		exec 9>&-
		SEED=$seed LTS=$LTS "$root/scripts/boot/shrink.sh" "$row" || exit 1
	else
		say "to find the messages that matter, some 20 boots: SEED=$seed LTS=$LTS scripts/boot/shrink.sh $row"
	fi
	exit 1
}
end_proof
say "$(kernel_release), $where: the guest $ended, every row is ok"
