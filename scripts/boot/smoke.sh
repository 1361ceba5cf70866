#!/bin/sh
# Boot dist/<line>/bzImage in QEMU with the init of tests/guest and the shipped modules,
# print the guest's TAP, and check it (tests/lib/check-tap.sh). Runs on KVM if the kernel
# prints its first line there within 20 s, otherwise on TCG; the output says which.
# Some rows run programs of a distribution, from the disk that userland.sh makes, and fail
# without it.
#   TIMEOUT=    seconds until the guest counts as hung (1200); a row has a tenth of that
#   CMDLINE=    more boot parameters
#   WSL=        options of tests/wsl-cmdline: another Windows, another configuration
#   SELFTEST=   fail, hang, panic, early or noplan: make the guest misbehave on purpose
# Leaves build/<line>/log/console.log, and when all is green dist/<line>/smoke.ok.
# Exit 0 only when the guest met its own plan.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/boot/guest.sh"
. "$root/scripts/lib/toolchain.sh"
. "$root/scripts/lib/proof.sh"
[ $# = 0 ] || usage "LTS=x.y smoke.sh"
need qemu-system-x86_64 cpio jq
lock "build/$tree_name" "$root/build/$tree_name"
[ -f "$dist/manifest.json" ] ||
	die "dist/$variant/bzImage" "is not built" "run make kernel LTS=$LTS$gpu"
begin_proof smoke
limit=${TIMEOUT:-1200}
console=$build_dir/log/console.log
guest=$build_dir/guest

# the guest's side: init, the shipped modules, a directory to share over 9p
rm -rf "$guest"
mkdir -p "$guest/root/lib" "$guest/root/tests" "$guest/share" "$build_dir/log"
build_tests guest
cp "$root/build/guest/init" "$guest/root/init"
cp "$root"/tests/guest/scripts/*.sh "$guest/root/tests"
put_word_list "$guest/root"
if [ -f "$dist/modules.tar.gz" ]; then
	tar -xzf "$dist/modules.tar.gz" -C "$guest/root"
	depmod -b "$guest/root" "$(kernel_release)"
fi
modules=
! put_modules_disk "$guest/modules.ext4" "$guest/root" || modules=$guest/modules.ext4
put_outside "$guest" "$guest/root"
pack "$guest/root" "$guest/initrd"
echo "hello from the host" >"$guest/share/hello"
if "$root/scripts/boot/userland.sh"; then
	disk=$root/build/userland.ext4
else
	disk=
	warn userland "the rows that run its programs will fail"
fi

# The console that is read here has to be the last one. WSL limits the queues of a SCSI disk
# when there are more than four processors; here that shows whether the word is taken.
append="console=ttyS0 hv_storvsc.storvsc_max_hw_queues=4 $(guest_parameters)"
[ "$limit" -le 600 ] || append="$append wsl.seconds=$((limit / 10))"
append="$append wsl.without=$(echo "${WITHOUT:-}" | tr -s ' ' ',')"
append="$append wsl.with=$(echo "${WITH:-}" | tr -s ' ' ',')"
[ -z "$modules" ] || append="$append wsl.modules=$(modules_of_image)"
append="$append ${SELFTEST:+wsl.selftest=$SELFTEST} ${CMDLINE:-}"
append=$(wsl_line 2 "$append")

# boot ACCEL CPU [CONSOLE] - run QEMU to its end, see await; sets $end $took. The machine has
# a processor more than nr_cpus= allows, which the kernel must leave alone. -no-reboot ends
# it at a reset, which panic=-1 brings at once.
boot() {
	: >"$console"
	qemu-system-x86_64 -M q35 -accel "$1" -cpu "$2" -smp 3 -m 1024 -nodefaults -display none \
		-no-reboot -nic none -kernel "$dist/bzImage" -initrd "$guest/initrd" -append "$append" \
		-serial "file:$console" \
		-device virtio-serial-pci -chardev "file,id=hvc,path=$build_dir/log/hvc0.log" \
		-device virtconsole,chardev=hvc -object iothread,id=hints \
		-device virtio-balloon-pci,free-page-reporting=on,free-page-hint=on,iothread=hints \
		-virtfs "local,path=$guest/share,mount_tag=wsl0,security_model=none" \
		${modules:+-drive "if=virtio,format=raw,readonly=on,file=$modules"} \
		${disk:+-drive "if=virtio,format=raw,readonly=on,file=$disk"} \
		>"$build_dir/log/qemu.log" 2>&1 </dev/null 9>&- &
	await $! "$limit" "${3:-}"
}

accel=TCG silent=
if kvm_usable; then
	boot kvm host "$console"
	if alive "$console"; then
		accel=KVM
	else
		[ "$end" != silent ] || silent=1
		say "the kernel printed nothing on /dev/kvm"
	fi
fi
if [ $accel = TCG ]; then
	say "TCG, software emulation"
	# All processors in one thread: with a thread for each, QEMU 7.2 may keep executing the
	# breakpoint of a code patch that is complete, and tracing then hangs at random.
	boot tcg,thread=single max
	[ -z "$silent" ] || remember_kvm "$console"
fi
"$root/tests/lib/check-tap.sh" smoke "$console" "$end" "$build_dir/log/qemu.log" || exit 1
end_proof
say "$(kernel_release) booted and met its plan, $accel, $took s"
