#!/bin/sh
# run.sh without a machine: what QEMU, here a script, is started with, and what bad input, a
# panic, a terminal and an interruption end in. (docs/run.md says what was booted.)
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 60
project p
pin 9.1 9.1.5 'file:/none sha256:none'
mkdir -p "$project/dist/9.1" "$project/build"

# guest KIND - what the machine does from now on; the environment does not reach it
guest() { echo "$1" >"$work/machine"; }
fake qemu-system-x86_64 "read -r guest <$work/machine
echo \$\$ >>$work/pids
printf '%s\\n' \"\$@\" >$work/call
for word; do
	case \$word in
	*logfile=*) console=\${word#*logfile=} console=\${console%%,*} ;;
	file:*) probe=\${word#file:} ;;
	format=raw,cache*|*file=*/root.ext4) disk=\${word##*file=} ;;
	esac
done
case \$guest,\${probe:+probe} in
nokvm,probe) echo 'qemu: failed to initialize kvm' >&2; exit 1 ;;
*,probe) echo 'Linux version 9.1.5' >\$probe; exit ;;
esac
[ -z \"\${disk:-}\" ] || cp --sparse=always \"\$disk\" $work/disk
echo \"\$TMPDIR\" >$work/tmpdir
echo \$PPID >$work/pid
{ echo 'Linux version 9.1.5'; } | tee \$console
case \$guest in
broken) echo 'warning: none' >&2; echo 'qemu: no such machine' >&2; exit 1 ;;
noinit) echo 'Kernel panic - not syncing: No working init found.  Try passing init= option' | tee -a \$console ;;
nomount) echo 'Kernel panic - not syncing: VFS: Unable to mount root fs on \"/dev/vda\"' | tee -a \$console ;;
panics) echo 'Kernel panic - not syncing: Attempted to kill init!' | tee -a \$console ;;
raw) stty raw -echo; exec cat >$work/typed ;;
stays) exec sleep 60 ;;
esac"
PATH=$work/bin:$PATH
# no_kvm - /dev/kvm is not tried: the same on every machine
no_kvm() { echo "$(cat /proc/sys/kernel/random/boot_id) cannot" >"$project/build/kvm"; }
no_kvm

# a root folder, its disk in the forms that there are
root=$work/deb
mkdir -p "$root/sbin" "$root/etc" "$root/proc"
ln -s /lib/systemd/systemd "$root/sbin/init"
echo hello >"$root/etc/hostname"
truncate -s 4M "$work/image"
mke2fs -q -F -t ext4 "$work/image"
qemu-img convert -f raw -O qcow2 "$work/image" "$work/image.qcow2"
qemu-img convert -f raw -O vhdx "$work/image" "$work/image.vhdx"
qemu-img convert -f raw -O vpc "$work/image" "$work/image.vhd"

# refused NAME TEXT VARIABLE... - an error before anything is booted
refused() {
	name=$1 text=$2
	shift 2
	rm -f "$work/call"
	run env "$@" scripts/boot/run.sh
	like "$rc $err" "^1 run: error: $text" "$name"
	[ ! -e "$work/call" ] || row 1 "$name: QEMU was started"
}
: >"$work/pids"
# left - what runs or stays of a run
left() {
	ls "$project/build/tmp" 2>/dev/null
	while read -r pid; do ! kill -0 "$pid" 2>/dev/null || echo "$pid"; done <"$work/pids"
}

gone() { [ -z "$(left)" ]; }

guest good
# ---- bad input
refused "no ROOTFS" 'ROOTFS=: is not set$' A=
refused "one that is not there" "ROOTFS=$work/none: does not exist\$" ROOTFS="$work/none"
mkdir "$work/empty"
refused "nothing is built, and make run does not build" 'dist/9.1/bzImage: is not built$' ROOTFS="$root"
like "$err" '^  run make kernel LTS=9.1$' "what to do then"
echo image >"$project/dist/9.1/bzImage"
jq -n '{release: "9.1.5-wsl3", patches: []}' >"$project/dist/9.1/manifest.json"
refused "a folder without init" "ROOTFS=$work/empty: has no init\$" ROOTFS="$work/empty"
fake stat "case \$* in *' $root/proc') echo 4711 ;; *) exec $(command -v stat) \"\$@\" ;; esac"
refused "a folder with /proc mounted" "ROOTFS=$root: has something mounted on proc, " ROOTFS="$root"
rm "$work/bin/stat"
echo text >"$work/text"
refused "a text" "ROOTFS=$work/text: is no image of an ext4\$" ROOTFS="$work/text"
truncate -s 4M "$work/zeros"
refused "an empty disk" "ROOTFS=$work/zeros: is no image of an ext4\$" ROOTFS="$work/zeros"
printf 'QFI\373' | cat - "$work/zeros" >"$work/broken.qcow2"
refused "a broken qcow2" "ROOTFS=$work/broken.qcow2: cannot be read as qcow2: " ROOTFS="$work/broken.qcow2"
printf '\125\252' | dd of="$work/zeros" bs=1 seek=510 conv=notrunc 2>/dev/null
refused "a disk with partitions" "ROOTFS=$work/zeros: has partitions\$" ROOTFS="$work/zeros"
refused "a device that is no disk" "ROOTFS=/dev/null: is no image of an ext4\$" ROOTFS=/dev/null
for memory in 64 lots 999999 -1; do
	refused "MEM=$memory" "MEM=$memory: is no number of MB from 128 to 32768\$" ROOTFS="$root" MEM=$memory
done
for cpus in 0 two 100 -1; do
	refused "CPUS=$cpus" "CPUS=$cpus: is no number of processors from 1 to 99\$" ROOTFS="$root" CPUS=$cpus
done
refused "SHARE that is a file" "SHARE=$work/text: is not a folder\$" ROOTFS="$root" SHARE="$work/text"
refused "KEEP=1 with a folder" 'KEEP=1: is for an image' ROOTFS="$root" KEEP=1
run env ROOTFS="$root" WSL=--windows scripts/boot/run.sh
like "$rc $err" '^run: error: WSL=.*--windows: these are not options of tests/wsl-cmdline' "nonsense in WSL="
fake mke2fs 'echo "mke2fs: Permission denied while opening" >&2; exit 1'
refused "a folder that cannot be read" "ROOTFS=$root: mke2fs cannot make a disk of it: mke2fs: Permission denied" ROOTFS="$root"
rm "$work/bin/mke2fs"
run scripts/boot/run.sh x
is "$rc" 2 "usage"
is "$(left)" "" "nothing is left of all these"

# ---- what is booted
run make run ROOTFS="$root"
is "$rc $err" "0 " "a folder"
is "$out" "run: packing deb into a disk
run: /dev/kvm has run no kernel since this machine booted (remove build/kvm to try again)
run: 9.1.5-wsl3, TCG, 2 processors, 2048 MB
Linux version 9.1.5
run: the machine has ended" "without a terminal its output is on standard output"
is "$(debugfs -R 'cat /etc/hostname' "$work/disk" 2>/dev/null)" hello "the disk has the content of the folder"
ok "[ $(stat -c %s "$work/disk") -ge 4294967296 ] && [ $(du -sk "$work/disk" | cut -f 1) -lt 100000 ]" "and 4 GB of space, which take none"
line=$(grep root= "$work/call")
is "$line" "panic=-1 nr_cpus=2 hv_utils.timesync_implicit=1 printk.devkmsg=on page_reporting.page_reporting_order=5 \
earlycon=uart8250,io,0x3f8,115200 console=ttyS0,115200 pty.legacy_count=0 no_timer_check loglevel=6 root=/dev/vda rw ip=dhcp systemd.firstboot=no \
systemd.set_credential=agetty.autologin:root systemd.set_credential=login.noauth:yes \
systemd.default_timeout_start_sec=900 systemd.default_device_timeout_sec=900 " "its command line is WSL's, with the root"
is "$(left)" "" "nothing is left"
for image in image:raw image.qcow2:qcow2 image.vhdx:vhdx image.vhd:vpc; do
	run make run ROOTFS="$work/${image%:*}"
	is "$rc$err $(grep ^if=virtio "$work/call")" "0 if=virtio,snapshot=on,format=${image#*:},file=$work/${image%:*}" \
		"an image in the format ${image#*:}: changes go elsewhere"
done
is "$(sed 's|/[^/]*$||' "$work/tmpdir")" "$project/build/tmp" "into build/"
run make run ROOTFS="$work/image" KEEP=1
is "$(grep ^if=virtio "$work/call")" "if=virtio,format=raw,file=$work/image" "with KEEP=1 into the image"
run make run ROOTFS="$work/zeros" CMDLINE="root=/dev/vda1 quiet"
like "$rc$err $(grep root= "$work/call")" '^0 .* root=/dev/vda rw .* root=/dev/vda1 quiet$' "CMDLINE= names the partition, and comes last"
mkdir "$work/a, b"
cp "$work/image" "$work/a, b/disk"
echo modules >"$project/dist/9.1/modules.vhdx"
(cd "$work" && exec env ROOTFS="a, b/disk" SHARE="a, b" MEM=512 CPUS=4 "$project/scripts/boot/run.sh") >"$work/out" 2>&1
is "$(grep -E '^(4|512|local,.*|if=.*)$' "$work/call" | tr '\n' ' ')" \
	"4 512 if=virtio,snapshot=on,format=raw,file=$work/a,, b/disk local,mount_tag=share,security_model=none,path=$work/a,, b if=virtio,readonly=on,format=vhdx,file=$project/dist/9.1/modules.vhdx " \
	"memory, processors, folder and modules; names with a comma, from another directory"
like "$(cat "$work/call")" ' systemd.mount-extra=share:/mnt/share:9p:[^ ]* systemd.mount-extra=/dev/vdb:/usr/lib/modules/9.1.5-wsl3:ext4:ro' "systemd mounts both"
rm "$project/dist/9.1/modules.vhdx"

# ---- ends
ends() {
	guest "$1"
	run env ROOTFS="$work/image" scripts/boot/run.sh
	like "$rc $err" "^1 run: error: $2" "$3"
}
ends broken "ROOTFS=$work/image: QEMU cannot run it: qemu: no such machine\$" "QEMU's own error"
ends noinit "ROOTFS=$work/image: has no init that the kernel can run\$" "an image without init"
ends nomount "ROOTFS=$work/image: the kernel cannot mount it\$" "one that is not mounted"
ends panics 'linux 9.1: Kernel panic - not syncing: Attempted to kill init!$' "another panic"

# ---- KVM: only where there is a device that can be written
if [ -w /dev/kvm ]; then
	# kvm KIND - $accel: what the last machine of the run had
	kvm() {
		rm -f "$project/build/kvm"
		guest "$1"
		run env ROOTFS="$work/image" scripts/boot/run.sh
		accel=$(grep -A 1 -e '^-accel$' "$work/call" | tail -n 1)
	}
	kvm good
	is "$rc$err $accel" "0 kvm" "a kernel that prints on KVM runs there"
	like "$out" '^run: 9.1.5-wsl3, KVM, ' "and a line says so"
	kvm nokvm
	is "$rc$err $accel" "0 tcg,thread=single" "where KVM cannot, it is emulated"
	like "$out" '^run: /dev/kvm cannot run it: qemu: failed to initialize kvm$' "and a line says why"
	ok "[ ! -e '$project/build/kvm' ]" "the next run tries again"
	fake timeout 'exit 124'
	kvm good
	like "$out" '^run: the kernel printed nothing on /dev/kvm$' "one that was silent there"
	is "$(cat "$project/build/kvm")" "$(cat /proc/sys/kernel/random/boot_id) cannot" "is remembered, as it printed when it was emulated"
	rm "$work/bin/timeout"
else
	skip 7 "no writable /dev/kvm"
fi
no_kvm

# ---- a terminal
# on_terminal - run.sh on one of 33 rows, in the background; its number is $script
on_terminal() {
	: >"$work/typing"
	script -qec "stty rows 33 cols 99; cd $project; export TERM=vt100 ROOTFS='$work/image'; scripts/boot/run.sh; echo status \$?; stty -a" \
		/dev/null <"$work/typing.fifo" >"$work/out" 2>&1 &
	script=$! servers=$script
	exec 7>"$work/typing.fifo"
}
mkfifo "$work/typing.fifo"
guest raw
on_terminal
within 20 test -e "$work/typed"
printf 'x\003y' >&7
ok "within 20 grep -q \"\$(printf 'x\\003y')\" '$work/typed'" "what is typed goes to the guest, Ctrl-C too"
like "$(cat "$work/call")" '^stdio,id=terminal,logfile=.*,mux=on,signal=off$' "QEMU has the terminal, with its keys"
like "$(cat "$work/call")" ' TERM=vt100 systemd.tty.term.ttyS0=vt100 systemd.tty.rows.ttyS0=33 systemd.tty.columns.ttyS0=99' "the guest gets its type and size"
kill -TERM "$(cat "$work/pid")"
within 20 grep -q '^status' "$work/out" || :
like "$(tr -d '\r' <"$work/out")" '^status 130$' "killed"
like "$(tr -d '\r' <"$work/out")" '^isig icanon iexten echo ' "the terminal has its settings back"
exec 7>&-
within 10 gone || :
is "$(left)" "" "nothing is left"

# ---- Ctrl-C without a terminal, and two at once
guest stays
(cd "$project" && exec env ROOTFS="$root" scripts/boot/run.sh) >"$work/out" 2>&1 &
first=$! servers=$!
(cd "$project" && exec env ROOTFS="$root" scripts/boot/run.sh) >"$work/second" 2>&1 &
second=$! servers="$first $second"
ok "within 30 grep -q Linux '$work/out' && within 30 grep -q Linux '$work/second'" "two machines at once"
kill $first $second
wait $first 2>/dev/null || :
wait $second 2>/dev/null || :
within 10 gone || :
is "$(left)" "" "nothing is left of those that are interrupted"
fake mke2fs "echo \$\$ >>$work/pids; touch $work/packing; exec sleep 60"
(cd "$project" && exec env ROOTFS="$root" scripts/boot/run.sh) >"$work/out" 2>&1 &
first=$! servers=$!
within 20 test -e "$work/packing"
kill $first
wait $first 2>/dev/null || :
within 10 gone || :
is "$(left)" "" "nor of one that was packing"
rm "$work/bin/mke2fs"
