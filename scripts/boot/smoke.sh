#!/bin/sh
# Boot dist/<line>/bzImage in QEMU with tests/guest's init and the shipped
# modules, print the guest's TAP, and judge it (check-tap.sh). KVM where the kernel
# shows a sign of life under it within 20 s, otherwise TCG, and a line says so.
# Some rows run a distribution's programs from the disk of userland.sh, and fail
# without it.
# SELFTEST=fail|hang|panic|early|noplan makes the guest misbehave on purpose;
# TIMEOUT= seconds until the guest counts as hung (1200), and a row a tenth of it.
# CMDLINE= more boot parameters.
# Leaves build/<line>/log/console.log. Exit 0 only when the guest met its own plan.
. "$(dirname "$0")/../lib.sh"
[ $# = 0 ] || usage "LTS=x.y smoke.sh"
need qemu-system-x86_64 cpio jq
lock "build/$LTS" "$root/build/$LTS"
[ -f "$dist/manifest.json" ] || die "dist/$variant/bzImage" "is not built" "run make kernel LTS=$LTS"
limit=${TIMEOUT:-1200}
console=$build_dir/log/console.log
guest=$build_dir/guest

# the guest's side: init, the shipped modules, a folder to share over 9p
rm -rf "$guest"
mkdir -p "$guest/root/lib" "$guest/root/tests" "$guest/share" "$build_dir/log"
make -s -C "$root/tests/guest" O="$root/build/guest" >&2 ||
	die tests/guest "does not compile" "the compiler's words are above"
cp "$root/build/guest/init" "$guest/root/init"
cp "$root"/tests/guest/scripts/*.sh "$guest/root/tests"
if [ -f "$dist/modules.tar.gz" ]; then
	tar -xzf "$dist/modules.tar.gz" -C "$guest/root"
	depmod -b "$guest/root" "$(jq -r .release "$dist/manifest.json")"
fi
(cd "$guest/root" && find . | sort | cpio -o -H newc -R 0:0 --quiet) >"$guest/initrd"
echo "hello from the host" >"$guest/share/hello"
if "$root/scripts/boot/userland.sh"; then
	disk=$root/build/userland.ext4
else
	disk=
	warn userland "the rows that run its programs will fail"
fi

append="console=ttyS0 panic=-1 pty.legacy_count=0 wsl.release=$(jq -r .release "$dist/manifest.json")"
[ "$limit" -le 600 ] || append="$append wsl.seconds=$((limit / 10))"
append="$append wsl.queue=$(jq -r '[.patches[].name | sub("\\.patch$"; "")] | join(",")' "$dist/manifest.json")"
append="$append wsl.without=$(echo "${WITHOUT:-}" | tr -s ' ' ',') ${SELFTEST:+wsl.selftest=$SELFTEST} ${CMDLINE:-}"

# boot ACCEL CPU LIMIT SIGN - run QEMU until it ends, LIMIT seconds have passed,
# or (with SIGN) 20 seconds without that text on the console; sets $end $took
boot() {
	: >"$console"
	qemu-system-x86_64 -M q35 -accel "$1" -cpu "$2" -smp 2 -m 1024 -nodefaults -display none \
		-no-reboot -nic none -kernel "$dist/bzImage" -initrd "$guest/initrd" -append "$append" \
		-serial "file:$console" -device virtio-serial-pci -chardev "file,id=hvc,path=$build_dir/log/hvc0.log" \
		-device virtconsole,chardev=hvc -device virtio-balloon-pci,free-page-reporting=on \
		-virtfs "local,path=$guest/share,mount_tag=wsl0,security_model=none" \
		${disk:+-drive "if=virtio,format=raw,readonly=on,file=$disk"} \
		>"$build_dir/log/qemu.log" 2>&1 </dev/null 9>&- &
	qemu=$!
	trap 'kill -9 $qemu 2>/dev/null' EXIT
	trap 'exit 1' INT TERM HUP
	began=$(date +%s)
	end=running
	while kill -0 $qemu 2>/dev/null; do
		took=$(($(date +%s) - began))
		if [ "$4" ] && [ $took -ge 20 ] && ! grep -q "$4" "$console"; then
			end=silent
			break
		elif [ $took -ge "$3" ]; then
			end=hung
			break
		fi
		sleep 0.2
	done
	took=$(($(date +%s) - began))
	if [ $end = running ]; then
		end=0
		wait $qemu || end=$?
	else
		kill -9 $qemu 2>/dev/null || :
		wait $qemu 2>/dev/null || :
	fi
	trap - EXIT INT TERM HUP
}

accel=TCG
if [ -w /dev/kvm ]; then
	boot kvm host "$limit" "Linux version"
	if [ "$end" != silent ] && grep -q "Linux version" "$console"; then
		accel=KVM
	else
		say "/dev/kvm is there but the kernel shows no sign of life under it: TCG, software emulation, instead"
	fi
else
	say "no /dev/kvm that can be written: TCG, software emulation"
fi
# One processor after the other: with a thread for each, QEMU 7.2 may go on running
# the breakpoint of a code patch that is over, and tracing then hangs at random.
[ $accel = KVM ] || boot tcg,thread=single max "$limit" ''
"$root/tests/lib/check-tap.sh" smoke "$console" "$end" "$build_dir/log/qemu.log" || exit 1
say "$(jq -r .release "$dist/manifest.json") booted and met its plan, $accel, $took s"
