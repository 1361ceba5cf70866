# shellcheck shell=sh
# What goes into a trial and what it shows; sourced by try.sh, whose variables these use.

# check_initrd FILE MB - is it an initramfs with /init, of at most MB? Nothing is booted to know
check_initrd() {
	[ -f "$1" ] && [ -r "$1" ] || die "INITRD=$1" "is not a file that can be read" \
		"WSL has it below its folder: '/mnt/c/Program Files/WSL/tools/initrd.img'"
	[ -s "$1" ] || die "INITRD=$1" "is empty"
	mb=$(($(stat -Lc %s "$1") / 1048576))
	[ $mb -le "$2" ] || die "INITRD=$1" "has $mb MB: more than half of the guest's memory" \
		"WSL's own has some MB; MEM= gives the guest more memory"
	need cpio
	case $(od -An -tx1 -N6 "$1" | tr -d ' ') in
	30373037303[12]) open='cat' ;;
	1f8b*) open='gzip -dc' ;;
	fd377a585a00) open='xz -dc' ;;
	28b52ffd*) open='zstd -dcq' ;;
	*) die "INITRD=$1" "is no initramfs" \
		"it is neither a cpio archive nor one compressed by gzip, xz or zstd" ;;
	esac
	need "${open%% *}"
	list=$($open <"$1" 2>/dev/null | cpio -t --quiet 2>/dev/null) || list=
	[ "$list" ] || die "INITRD=$1" "cannot be unpacked: it is damaged, or no cpio archive"
	printf '%s\n' "$list" | grep -qxE '(\./|/)?init' ||
		die "INITRD=$1" "has no /init, which the kernel would run"
}

# raw NAME FILE TO - the ext4 of FILE, a VHD, VHDX or plain file, as the plain file TO
raw() {
	[ -f "$2" ] && [ -r "$2" ] || die "$1=$2" "is not a file that can be read"
	need qemu-img
	qemu-img convert -t unsafe -f "$(image_format "$2")" -O raw "$2" "$3" ||
		die "$1=$2" "cannot be read (above)"
	[ "$(od -An -tx1 -j1080 -N2 "$3" 2>/dev/null | tr -d ' ')" = 53ef ] ||
		die "$1=$2" "has no ext4, which WSL's init would mount"
}

# put_disks - the user's disks: LUN 0 the system distribution, LUN 1 the modules
put_disks() {
	[ "${SYSTEM:-}${MODULES:-}" ] || return 0
	service="--config --load tun,ip_tables,br_netfilter"
	if [ "${SYSTEM:-}" ]; then
		raw SYSTEM "$SYSTEM" "$run/system.ext4"
		service="$service --system 0"
	else
		# LUN 0 has to be there, for the others to be looked for
		truncate -s 1M "$run/system.ext4"
	fi
	[ -z "${MODULES:-}" ] || {
		raw MODULES "$MODULES" "$run/modules.ext4"
		service="$service --modules 1"
	}
}

# put_own_init - tests/guest as init, an empty ext4 for the system, the modules of the image, and
# a LUN for swap that init asks the host for
put_own_init() {
	need mke2fs
	cp "$root/build/guest/init" "$run/guest/init"
	truncate -s 16M "$run/system.ext4"
	mke2fs -q -t ext4 "$run/system.ext4"
	service="--config --system 0 --swap 2"
	! put_modules_disk "$run/modules.ext4" "$run/guest" ||
		service="$service --modules 1 --load tun,ip_tables,br_netfilter"
	pack "$run/guest" "$run/initrd"
}

# disk_options AT DIR MODULES - what there is of disks, which are in AT; the commands of our init
disk_options() {
	[ -f "$run/system.ext4" ] || [ -f "$run/outer/system.ext4" ] || return 0
	printf '%s\n' --wsl-disks --disk "$1system.ext4"
	case $service in *--modules*) printf '%s\n' --read-only "$1modules.ext4" ;; esac
	[ "${INITRD:-}" ] || printf '%s\n' --tests "$2"
}

# put_outer - hvhost and the disks, into the outer machine's initramfs, which is memory
put_outer() {
	cp "$hvhost/hvhost" "$run/outer/vmm"
	for disk in system.ext4 modules.ext4; do
		[ -f "$run/$disk" ] || continue
		[ "$(stat -c %s "$run/$disk")" -le 419430400 ] ||
			die "$disk" "is larger than the 400 MB that fit into the outer machine" \
				"a machine with /dev/kvm has no such limit"
		mv "$run/$disk" "$run/outer"
	done
}

# place - where the guest is, by the console
place() {
	if ! alive "$run/console"; then
		echo "the kernel has printed nothing"
	elif grep -aq "Kernel panic - not syncing" "$run/console"; then
		grep -ao "Kernel panic - not syncing.*" "$run/console" | head -n 1
	elif ! grep -aq 'Run /init as init process' "$run/console"; then
		echo "the kernel has not reached /init"
	else
		echo "/init runs: $(grep -ao 'WSL version .*' "$run/console" | head -n 1)"
	fi
}

# not_called - show the rows, the end of the console, and where the guest is; exit 1
not_called() {
	cat "$run/rows"
	tail -n 20 "$run/console" | sed 's/^/| /' | die_list "linux $LTS" \
		"WSL would not start: init has not called twice and sent its capabilities" \
		"these are the last 20 lines of build/$variant/log/try-console.log" \
		"where the guest is: $(place)" || exit 1
}

# verdict - the rows, and what they mean. Exit 0 when all are ok
verdict() {
	ended=$(tr -d '\r' <"$host" | sed -n 's/^hvhost: the guest //p')
	called=$(grep -cE '^ok [0-9]+ - service: (init calls port 50000|it sends its cap)' "$run/rows") || :
	[ "$called" = 3 ] || not_called
	case $ended in
	*"powered off"*) end=0 ;;
	"" | *"time limit"*) end=hung ;;
	*) end=1 ;;
	esac
	awk -f "$root/scripts/boot/merge-tap.awk" part=plan "$run/rows" part=guest "$run/console" \
		part=host "$run/rows" >"$build_dir/log/try-rows.log"
	# WSL's own init prints no rows
	[ -z "${INITRD:-}" ] || cat "$run/console" "$run/rows" >"$build_dir/log/try-rows.log"
	"$root/tests/lib/check-tap.sh" try "$build_dir/log/try-rows.log" "$end" "$host" || exit 1
	say "$(kernel_release), $where: the guest $ended"
	[ -z "${INITRD:-}" ] || say "this kernel starts your WSL"
}
