#!/bin/sh
# Boot a distribution on dist/<line>/bzImage in QEMU, with its console on the terminal: Ctrl-A x
# ends the machine, Ctrl-A h lists the other keys. Without a terminal its output is on standard
# output, and it has no input. Runs on KVM if the kernel prints its first line there within 20 s,
# otherwise on TCG; the output says which.
#   ROOTFS=     the root folder of a distribution, of which a copy is booted; or its disk, an
#               ext4, VHD, VHDX or qcow2
#   KEEP=1      write to the disk; without it all changes end with the machine
#   SHARE=      a folder for the guest, on /mnt/share with systemd 254 and later
#   CPUS=, MEM= processors (2) and MB of memory (2048)
#   CMDLINE=    more boot parameters
#   WSL=        options of tests/wsl-cmdline: another Windows, another configuration
# Exit 0 when the guest has powered off or rebooted, or was left; 1 for an error or a panic.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/boot/guest.sh"
. "$root/scripts/boot/run-rootfs.sh"
[ $# = 0 ] || usage "ROOTFS=folder-or-image LTS=x.y run.sh"

# attend COMMAND... - run it; a signal to the script ends it as well
attend() {
	"$@" <&8 8<&- &
	child=$!
	status=0
	wait "$child" || status=$?
	child=
	return $status
}

# stop - end what runs, give the terminal its settings back, remove what was made
stop() {
	if [ "$child" ]; then
		kill "$child" 2>/dev/null || :
		wait "$child" || :
	fi
	[ -z "$terminal" ] || stty "$terminal" <&8 || :
	rm -rf "$tmp"
}

# escaped TEXT - in the form in which QEMU takes a value with commas
escaped() { printf '%s\n' "$1" | sed 's/,/,,/g'; }

# reason - QEMU's last words; the shell adds "Aborted" where it has crashed
reason() { grep -v '^Aborted' "$tmp/log" | tail -n 1; }

# runs_on_kvm - does the kernel print there? Without a disk it panics then. Sets $silent
runs_on_kvm() {
	kvm_usable || return 1
	attend timeout -k 5 20 qemu-system-x86_64 -M q35 -accel kvm -cpu host -m 512 -nodefaults \
		-display none -no-reboot -nic none -kernel "$dist/bzImage" \
		-append "console=ttyS0 panic=-1" -serial "file:$tmp/probe" >"$tmp/log" 2>&1 || silent=$?
	alive "$tmp/probe" && silent= && return
	# 124: the time is over
	[ "$silent" = 124 ] && say "the kernel printed nothing on /dev/kvm" && return 1
	say "/dev/kvm cannot run it: $(reason)"
	silent=
	return 1
}

# command_line ACCEL - WSL's, without the words for WSL's own init. The log is without what is
# information only (6), where debug has everything. From ip= on the added words are for systemd:
# network by DHCP, no questions, root logged in as in WSL, and time for a slow machine
command_line() {
	words="loglevel=6 root=/dev/vda rw ip=dhcp systemd.firstboot=no"
	words="$words systemd.set_credential=agetty.autologin:root systemd.set_credential=login.noauth:yes"
	# emulated on a busy machine, the kernel misses the interrupts by which it tests its timer
	[ "$1" = KVM ] || words="no_timer_check $words systemd.default_timeout_start_sec=900 \
systemd.default_device_timeout_sec=900"
	mount=systemd.mount-extra
	[ -z "${SHARE:-}" ] || words="$words $mount=share:/mnt/share:9p:trans=virtio,msize=512000,nofail"
	[ ! -f "$dist/modules.vhdx" ] ||
		words="$words $mount=/dev/vdb:/usr/lib/modules/$(kernel_release):ext4:ro,nofail"
	[ -z "$terminal" ] || words="$words TERM=${TERM:-dumb} systemd.tty.term.ttyS0=${TERM:-dumb} \
$(stty size <&8 | sed 's/\(.*\) \(.*\)/systemd.tty.rows.ttyS0=\1 systemd.tty.columns.ttyS0=\2/')"
	WSL="--console ttyS0 ${WSL:-}"
	line=$(wsl_line "$cpus" "$words ${CMDLINE:-}") || exit 1
	printf ' %s\n' "$line" | sed 's/ initrd=[^ ]* / /; s/ WSL_ROOT_INIT=1 / /; s/ debug / /
		s/ WSL_ENABLE_CRASH_DUMP=1 / /; s/^ //'
}

# machine ACCEL CPU - run it to its end
machine() {
	console=stdio,id=terminal,logfile=$(escaped "$tmp/console")
	if [ "$terminal" ]; then
		# Ctrl-C is for the guest
		set -- "$@" -chardev "$console,mux=on,signal=off" -mon chardev=terminal
	else
		set -- "$@" -chardev "$console"
	fi
	[ -z "${SHARE:-}" ] ||
		set -- "$@" -virtfs "local,mount_tag=share,security_model=none,path=$(escaped "$SHARE")"
	[ ! -f "$dist/modules.vhdx" ] || set -- "$@" \
		-drive "if=virtio,readonly=on,format=vhdx,file=$(escaped "$dist/modules.vhdx")"
	accel=$1 cpu=$2
	shift 2
	TMPDIR=$tmp attend qemu-system-x86_64 -M q35 -accel "$accel" -cpu "$cpu" -smp "$cpus" \
		-m "$memory" -nodefaults -display none -no-reboot -kernel "$dist/bzImage" \
		-append "$append" -serial chardev:terminal -drive "if=virtio,$drive" \
		-netdev user,id=net -device virtio-net-pci,netdev=net,romfile= \
		-device virtio-balloon-pci,free-page-reporting=on "$@" 2>"$tmp/log"
}

# verdict STATUS - what the end of QEMU means
verdict() {
	[ "$1" = 0 ] || die "ROOTFS=$ROOTFS" "QEMU cannot run it: $(reason)"
	panic=$(tr -d '\r' <"$tmp/console" | grep -ao 'Kernel panic - not syncing.*' | head -n 1)
	case $panic in
	'') ;;
	*'No working init found'* | *'Requested init'*)
		die "ROOTFS=$ROOTFS" "has no init that the kernel can run" ;;
	*'Unable to mount root fs'*) die "ROOTFS=$ROOTFS" "the kernel cannot mount it" "$panic" ;;
	*) die "linux $LTS" "$panic" ;;
	esac
}

# ---- what the user gives
[ "${ROOTFS:-}" ] || die "ROOTFS=" "is not set" "name the root folder or the disk of a distribution"
case $ROOTFS in /*) ;; *) ROOTFS=$PWD/$ROOTFS ;; esac
[ -e "$ROOTFS" ] || die "ROOTFS=$ROOTFS" "does not exist"
set_memory 2048
cpus=${CPUS:-2}
case $cpus in
'' | *[!0-9]* | 0* | ???*) die "CPUS=$cpus" "is no number of processors from 1 to 99" ;;
esac
case ${SHARE:-/} in /*) ;; *) SHARE=$PWD/$SHARE ;; esac
[ -d "${SHARE:-/}" ] || die "SHARE=$SHARE" "is not a folder"
[ -f "$dist/bzImage" ] && [ -f "$dist/manifest.json" ] ||
	die "dist/$variant/bzImage" "is not built" "run make kernel LTS=$LTS$gpu"
need qemu-system-x86_64 jq
exec 8<&0
child='' terminal='' silent=
if [ -t 0 ] && [ -t 1 ]; then
	terminal=$(stty -g)
else
	exec 8</dev/null
fi
tempdir
trap stop EXIT
put_rootfs
set -- TCG tcg,thread=single max # one thread: see smoke.sh
! runs_on_kvm || set -- KVM kvm host
append=$(command_line "$1") || exit 1
say "$(kernel_release), $1, $cpus processors, $memory MB${terminal:+; Ctrl-A x ends the machine}"
shift
status=0
machine "$@" || status=$?
[ -z "$silent" ] || remember_kvm "$tmp/console"
verdict $status
say "the machine has ended"
