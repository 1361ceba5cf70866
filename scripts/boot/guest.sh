# shellcheck shell=sh
# What smoke.sh and smoke-hyperv.sh share, sourced after lib.sh.

# build_tests NAME [TARGET] - tests/NAME into build/NAME, which all lines share: one run at
# a time
build_tests() (
	lock "build/$1" "$root/build/$1"
	make -s -C "$root/tests/$1" O="$root/build/$1" ${2:+"$2"} >&2 ||
		die "tests/$1" "does not compile" "see the compiler errors above"
)

# pack DIR FILE - DIR as an initramfs
pack() { (cd "$1" && find . | sort | cpio -o -H newc -R 0:0 --quiet) >"$2"; }

# kernel_release - the release of the built image
kernel_release() { jq -r .release "$dist/manifest.json"; }

# put_modules_disk DISK ROOT - for the rows about it: the content of dist/<line>/modules.vhdx
# as the file DISK, and in the initramfs ROOT this machine's modprobe and depmod with their
# libraries. False when there is no modules.vhdx.
put_modules_disk() {
	[ -f "$dist/modules.vhdx" ] || return 1
	need qemu-img modprobe
	qemu-img convert -t unsafe -f vhdx -O raw "$dist/modules.vhdx" "$1" ||
		die "dist/$variant/modules.vhdx" "cannot be read (above)" "run make modules-vhdx LTS=$LTS$gpu"
	# not below /sbin, where the kernel would run it
	mkdir -p "$2/tests"
	cp -L "$(command -v modprobe)" "$2/tests/modprobe"
	ln -sf modprobe "$2/tests/depmod"
	ldd "$2/tests/modprobe" | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "$2${library%/*}"
		cp -L "$library" "$2$library"
	done
}

# modules_of_image - how many modules were built, of the archive: the rows compare modules.dep
modules_of_image() {
	[ -f "$dist/modules.tar.gz" ] ||
		die "dist/$variant/modules.tar.gz" "does not exist" "run make modules LTS=$LTS$gpu"
	tar -tzf "$dist/modules.tar.gz" | awk '/\.ko(\.[a-z0-9]+)?$/ { n++ } END { print n + 0 }'
}

# put_outside DIR ROOT - build tests/guest/module in DIR, against what make headers wrote and
# by its compiler, into the initramfs ROOT; nothing to do when there are no headers
put_outside() {
	[ -f "$dist/linux-headers.tar.zst" ] || return 0
	need zstd make
	mkdir -p "$1/module" "$2/tests"
	cp "$root"/tests/guest/module/* "$1/module"
	zstd -dcq "$dist/linux-headers.tar.zst" | tar -C "$1" -xf - &&
		make -C "$1/usr/src/linux-headers-$(kernel_release)" \
			M="$1/module" CC="$cc" LLVM="${LLVM:-}" modules >"$build_dir/log/outside.log" 2>&1 ||
		die "dist/$variant/linux-headers.tar.zst" "a module cannot be built against it" \
			"$(grep -m 1 -E 'error|Error' "$build_dir/log/outside.log")" \
			"full log: build/$variant/log/outside.log"
	cp "$1/module/outside.ko" "$2/tests"
}

# set_memory DEFAULT - $memory is MEM= or DEFAULT: MB of RAM of the guest. hvhost takes no more
set_memory() {
	memory=${MEM:-$1}
	case $memory in '' | *[!0-9]* | ??????*) memory=0 ;; esac
	[ "$memory" -ge 128 ] && [ "$memory" -le 32768 ] ||
		die "MEM=${MEM:-}" "is no number of MB from 128 to 32768"
}

# guest_parameters - boot parameters for init: the release and the patches to expect
guest_parameters() {
	jq -r '"wsl.release=\(.release) wsl.queue=" +
		([.patches[].name | sub("\\.patch$"; "")] | join(","))' "$dist/manifest.json"
}

# wsl_line CPUS WORDS - the command line that WSL boots a kernel with, for the Windows and the
# configuration that $WSL describes (tests/wsl-cmdline), with WORDS where it has the user's
wsl_line() {
	# shellcheck disable=SC2086 # options
	line=$("$root/tests/wsl-cmdline" --cpus "$1" ${WSL:-} -- "$2") ||
		die "WSL=${WSL:-}" "these are not options of tests/wsl-cmdline (above)"
	# COMMAND_LINE_SIZE of x86, with the NUL: the kernel cuts what is longer
	[ ${#line} -lt 2048 ] || die "the command line" "is longer than the 2047 characters that the kernel reads"
	printf '%s\n' "$line"
}

# put_word_list ROOT - what each line takes of it, for the rows about it, into the initramfs ROOT
put_word_list() {
	mkdir -p "$1/tests"
	cp "$root/config/cmdline.list" "$1/tests"
}

# image_format FILE - of a disk, by the name that QEMU has for it
image_format() {
	case $(head -c 8 "$1" | tr -d '\0') in
	vhdxfile) echo vhdx ;;
	QFI*) echo qcow2 ;;
	# a VHD has its footer at the end, and a dynamic one a copy at the start
	*) tail -c 512 "$1" | head -c 8 | grep -aq conectix && echo vpc || echo raw ;;
	esac
}

# alive CONSOLE - has the kernel printed its first line there?
alive() { grep -qs "Linux version" "$1"; }

# await PID SECONDS [CONSOLE] - until PID ends. Sets $end to its exit status, to "hung"
# after SECONDS or, with CONSOLE, to "silent" when the kernel is not alive there after
# 20 s; then PID is killed. Sets $took, in seconds. PID is killed if the script is.
await() {
	pid=$1 took=0 end=
	trap 'kill -9 $pid 2>/dev/null' EXIT
	trap 'exit 1' INT TERM HUP
	began=$(date +%s)
	while [ -z "$end" ] && kill -0 "$pid" 2>/dev/null; do
		took=$(($(date +%s) - began))
		if [ "${3:-}" ] && [ $took -ge 20 ] && ! alive "$3"; then
			end=silent
		elif [ $took -ge "$2" ]; then
			end=hung
		else
			sleep 0.2
		fi
	done
	took=$(($(date +%s) - began))
	[ -z "$end" ] || kill -9 "$pid" 2>/dev/null || :
	status=0
	wait "$pid" 2>/dev/null || status=$?
	end=${end:-$status}
	trap - EXIT INT TERM HUP
}

# A /dev/kvm that exists but runs no guest costs 20 s each time. build/kvm records that until
# the machine boots again: the id of this boot, and "cannot".
kvm_answer="$(cat /proc/sys/kernel/random/boot_id) cannot"

# kvm_usable - is /dev/kvm worth a try? Otherwise prints why not
kvm_usable() {
	if [ ! -w /dev/kvm ]; then
		say "no writable /dev/kvm"
		return 1
	fi
	[ "$(cat "$root/build/kvm" 2>/dev/null)" = "$kvm_answer" ] || return 0
	say "/dev/kvm has run no kernel since this machine booted (remove build/kvm to try again)"
	return 1
}

# remember_kvm CONSOLE - record that /dev/kvm cannot. Called after the emulated run of an
# image that was silent on KVM: if it is silent there as well, the image is at fault
remember_kvm() {
	! alive "$1" || { printf '%s\n' "$kvm_answer" >"$root/build/kvm"; } 2>/dev/null ||
		warn build/kvm "cannot be written, so the next run tries /dev/kvm again"
}
