# shellcheck shell=sh
# The machine that an image is measured in; sourced after lib.sh, with $image set.
# Gives: $tmp, $qemu (the process, or empty) and the functions below.
# The command line is WSL's; WSL= has options of tests/wsl-cmdline for another Windows.
# Emulated time (TCG, -icount shift=0,sleep=off: an instruction takes a nanosecond, idle
# time is skipped) does not depend on the load of the machine.
need qemu-system-x86_64 cpio jq
make -s -C "$root/tests/bench" O="$root/build/bench-guest" >&2 ||
	die tests/bench "does not compile" "see the compiler errors above"
tempdir
qemu='' commands=/dev/null cpus=1
trap '[ -z "$qemu" ] || kill -9 $qemu 2>/dev/null; rm -rf "$tmp"' EXIT
(cd "$root/build/bench-guest" && echo init | cpio -o -H newc -R 0:0 --quiet) >"$tmp/initrd"

# machine MB WORDS OPTION... - start QEMU, with $cpus processors, with WORDS where WSL has the user's; the console goes
# to $tmp/console. It is read from the serial port: there is no hvc0, and console=ttyS0 comes
# last. The date is fixed: the kernel reads the clock, and the figures must not depend on it.
# QEMU's standard input is $commands.
machine() {
	mb=$1
	# shellcheck disable=SC2086 # options
	append=$("$root/tests/wsl-cmdline" --cpus $cpus ${WSL:-} -- console=ttyS0 "$2")
	shift 2
	: >"$tmp/console"
	: >"$tmp/qemu"
	qemu-system-x86_64 -M q35 -smp $cpus -m "$mb" -nodefaults -display none -no-reboot -nic none \
		-rtc base=2026-01-01,clock=vm -kernel "$image" -initrd "$tmp/initrd" \
		-append "$append" -serial "file:$tmp/console" "$@" >"$tmp/qemu" 2>&1 <"$commands" &
	qemu=$!
}
emulated="-accel tcg -icount shift=0,sleep=off"

# end - end the machine
end() {
	kill -9 "$qemu" 2>/dev/null || :
	wait "$qemu" 2>/dev/null || :
	qemu=
}

# expect TEXT SECONDS - wait for a line of the console; die when it does not come
expect() {
	until=$(($(date +%s) + $2))
	until grep -aq "^bench: $1" "$tmp/console" 2>/dev/null; do
		kill -0 "$qemu" 2>/dev/null && [ "$(date +%s)" -lt $until ] || {
			grep -aq "^bench: $1" "$tmp/console" && break
			die "$image" "the guest did not print \"$1\" within $2 s" "$(tail -n 1 "$tmp/qemu")" \
				"its last line: $(tr -d '\r\0' <"$tmp/console" | tail -n 1)"
		}
		sleep 0.1
	done
}

# finish SECONDS - wait for the end of the guest; what it printed is in $tmp/figures then
finish() {
	expect "done" "$1"
	wait "$qemu" || :
	qemu=
	tr -d '\r' <"$tmp/console" | sed -n 's/^bench: //p' >"$tmp/figures"
}
figure() { awk -v k="$1" '$1 == k { print $2 }' "$tmp/figures"; }
