#!/bin/sh
# bench-image.sh BZIMAGE VMLINUX - print the figures of one image as a JSON object.
# boot_ns_512, boot_ns_4096   from the start of the kernel's clock to /init, by that clock
# apic_timer_ns               part of both: the kernel measures the rate of the APIC timer, which
#                             a guest of Hyper-V reads from an MSR
# power_ns_512                the same from power-on: with firmware and decompression
# phases, initcalls           microseconds in the kernel's log, initcall_debug, 512 MB
# mem_missing_kb, memfree_kb  512 MB less MemTotal; MemFree; both at /init
# returned_pct_{2,5,10}s      a guest of 1 GB touches and frees 600 MB: per cent of the host
#                             memory for it that QEMU has returned 2, 5 and 10 s later
# bzimage_bytes, vmlinux_bytes   vmlinux: text + data + bss
# Leaves build/<line>/log/boot.NAME, the kernel's log ("MICROSECONDS TEXT" a line), and
# memory.NAME, /proc/meminfo at /init ("FIELD KB") and the kernel's line about its own
# memory, both with 512 MB; NAME is the directory of BZIMAGE.
# Time is emulated: machine.sh has how. Returned memory is measured on the host, in real
# seconds. Exit 0, or 1 with the reason.
. "$(dirname "$0")/../lib.sh"
[ $# = 2 ] || usage "LTS=x.y bench-image.sh BZIMAGE VMLINUX"
image=$1
need size
. "$root/scripts/bench/machine.sh"

# emulated MB MODE PARAMETERS - boot in emulated time, to the end
emulated() {
	# shellcheck disable=SC2086 # options
	machine "$1" "bench=$2 $3" $emulated
	finish 300
}

emulated 4096 boot ''
boot4096=$(figure boot_ns)
emulated 512 boot ''
boot512=$(figure boot_ns) power512=$(figure power_ns)
total=$(figure mem_total_kb) free=$(figure mem_free_kb)
name=$(basename "$(dirname "$image")")
mkdir -p "$build_dir/log"
{
	sed -n 's/^meminfo //p' "$tmp/figures"
	tr -d '\r\0' <"$tmp/console" | sed -n 's/^\[[^]]*\] *\(Memory: .*available.*\)/\1/p'
} >"$build_dir/log/memory.$name"
emulated 512 log 'initcall_debug log_buf_len=4M loglevel=1 apic=verbose'
sed -n 's/^log //p' "$tmp/figures" >"$build_dir/log/boot.$name"

# Initcalls of early consoles run before the machine is up: the first one that counts
# follows the line that ends the set-up of the processors.
phases=$(sed -n 's/^log //p' "$tmp/figures" | awk '
	/Freeing SMP alternatives/ { up = 1 }
	up && $2 == "calling" {
		name = $3; sub(/\+.*/, "", name)
		began[name] = $1
		if (!first) first = $1
	}
	$2 == "initcall" && / returned / {
		name = $3; sub(/\+.*/, "", name)
		if (name in began) {
			last = $1
			printf "%d %s\n", $1 - began[name], name | "sort -rn | head -n 10"
		}
	}
	/[Cc]alibrating APIC timer/ { asked = $1 }
	/lapic delta =/ { apic = $1 - asked }
	/Run \/init as init/ { init = $1 }
	END {
		close("sort -rn | head -n 10")
		print "phases", first, last - first, init - last, apic + 0
	}')

rss() { awk '/^VmRSS/ { print $2 }' /proc/$qemu/status; }
machine 1024 bench=return -accel tcg -device virtio-balloon-pci,free-page-reporting=on
expect start 120
sleep 2
low=$(rss)
expect touched 120
high=$(rss)
expect freed 60
[ $((high - low)) -gt 500000 ] || die "$image" "the guest took $((high - low)) kB for 600 MB" \
	"is the memory of QEMU shared with another process?"
returned=
for wait in 2 3 5; do
	sleep $wait
	# rounded: QEMU's own memory makes it 99.9 or 100.0
	returned="$returned $((((high - $(rss)) * 200 / (high - low) + 1) / 2))"
done
end

# shellcheck disable=SC2086 # three numbers
set -- "$2" $returned
jq -n --argjson b512 "$boot512" --argjson b4096 "$boot4096" --argjson p512 "$power512" \
	--argjson total "$total" --argjson free "$free" --arg phases "$phases" \
	--argjson r2 "$2" --argjson r5 "$3" --argjson r10 "$4" \
	--argjson bz "$(stat -c %s "$image")" \
	--argjson vm "$(size -A "$1" >/dev/null && size "$1" | awk 'NR == 2 { print $4 }')" '
	($phases | split("\n") | map(split(" "))) as $rows |
	($rows[-1][1:] | map(tonumber)) as $p |
	{boot_ns_512: $b512, boot_ns_4096: $b4096, apic_timer_ns: ($p[3] * 1000), power_ns_512: $p512,
	 growth_ns_per_gb: (($b4096 - $b512) / 3.5 | round),
	 mem_missing_kb: (512 * 1024 - $total), memfree_kb: $free,
	 returned_pct_2s: $r2, returned_pct_5s: $r5, returned_pct_10s: $r10,
	 bzimage_bytes: $bz, vmlinux_bytes: $vm,
	 phases_us: {firmware_and_decompress: (($p512 - $b512) / 1000 | round),
		to_first_initcall: $p[0], initcalls: $p[1], to_init: $p[2]},
	 initcalls_us: ($rows[:-1] | map({(.[1]): (.[0] | tonumber)}) | add)}'
