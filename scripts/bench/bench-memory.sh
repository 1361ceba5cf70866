#!/bin/sh
# bench-memory.sh BZIMAGE - print how one image gives memory back, and what that takes of the
# processor, as a JSON object.
# frag{5,9}_pct_{5,15,60}s   a guest of 1 GB works, ends half of it and runs WSL's loop with
#                            autoMemoryReclaim=gradual (tests/bench/fragmented.c): per cent of
#                            what is free or reclaimable there that the host has after so many
#                            seconds, with page_reporting_order 5 and 9; share.jq has the sum
# drop5_pct_{5,15,60}s       the same with autoMemoryReclaim=dropcache, WSL's default
# swapped_kb                 of what the guest still uses, in swap after 60 s, the most of these
# reporting_busy_pct         of the processor, while memory is taken and freed as by compilers:
# idle_busy_pct              and in two minutes in which nothing runs (tests/bench/cost.c)
# locks_us                   the longest time for which page reporting holds a zone's lock, in a
#                            guest of 8 GB and 4 processors with half of it free in blocks of
# locks_blocks locks_gap_ms  128 kB; so many were there, and the shortest time between two
#                            passes, which interrupt every processor (tests/bench/locks.c);
#                            null without kernel probes. The host needs as much memory.
# fragmented                 what the shares are made of, in kB
# All time is emulated: machine.sh has how. The guest stops the machine for each look at the
# host's memory. An image that cannot mount the disk has null for the shares. Exit 0, or 1 with the reason.
. "$(dirname "$0")/../lib.sh"
[ $# = 1 ] || usage "LTS=x.y bench-memory.sh BZIMAGE"
image=$1
need mke2fs mkswap
. "$root/scripts/bench/machine.sh"
mkfifo "$tmp/commands"
exec 8<>"$tmp/commands"

# disks - what WSL gives a guest: ext4, and swap. Nothing is initialised later, in the guest.
disks() {
	rm -f "$tmp/disk" "$tmp/swap"
	truncate -s 2G "$tmp/disk"
	truncate -s 1G "$tmp/swap"
	mke2fs -q -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 "$tmp/disk"
	# it warns that a file like this one would be no swap file on this machine
	mkswap "$tmp/swap" >"$tmp/mkswap" 2>&1 ||
		die "$tmp/swap" "cannot be made a swap disk" "$(tail -n 1 "$tmp/mkswap")"
}

# stopped N SECONDS - wait until the guest has stopped the machine N times; false when it has
# ended before
stopped() {
	until=$(($(date +%s) + $2))
	until stops "$1"; do
		if grep -aq '^bench: done' "$tmp/console" || ! kill -0 "$qemu" 2>/dev/null; then
			stops "$1"
			return
		fi
		[ "$(date +%s)" -lt $until ] || die "$image" "the guest did not get on within $2 s" \
			"its last line: $(tr -d '\r\0' <"$tmp/console" | tail -n 1)"
		sleep 0.1
	done
}
stops() { [ "$(grep -c '"event": "STOP"' "$tmp/qemu")" -ge "$1" ]; }

# host_kb - the host's memory behind the guest's
host_kb() {
	awk '/memory-backend-memfd/ { ram = 1 } ram && /^(Rss|Swap):/ { kb += $2 } /^VmFlags/ { ram = 0 }
		END { print kb + 0 }' "/proc/$qemu/smaps"
}

# fragmented ORDER RECLAIM - run the guest, print what was seen and the shares of it
fragmented() {
	disks
	commands=$tmp/commands WSL="${WSL:-} --order $1"
	# shellcheck disable=SC2086 # options
	machine 1024 "bench=fragmented reclaim=$2" $emulated -qmp stdio -action panic=pause \
		-object memory-backend-memfd,id=ram,size=1G,share=on -machine memory-backend=ram \
		-device pvpanic -device virtio-balloon-pci,free-page-reporting=on \
		-drive "file=$tmp/disk,if=virtio,format=raw,cache=unsafe" \
		-drive "file=$tmp/swap,if=virtio,format=raw,cache=unsafe"
	echo '{"execute": "qmp_capabilities"}' >&8
	looks=0
	: >"$tmp/host"
	while stopped $((looks + 1)) 3600; do
		looks=$((looks + 1))
		host_kb >>"$tmp/host"
		echo '{"execute": "cont"}' >&8
	done
	finish 300
	sed -n 's/^mark //p' "$tmp/figures" | paste -d ' ' - "$tmp/host" |
		jq -R -s -f "$root/scripts/bench/share.jq"
}

# cost on|off - run the guest with reporting or without it; figures in $tmp/figures
cost() {
	commands=/dev/null
	# shellcheck disable=SC2086 # options
	machine 1024 "bench=cost norandmaps" $emulated \
		-device "virtio-balloon-pci,free-page-reporting=$1"
	finish 3600
}

# locks - run the guest that looks at the locks of page reporting; figures in $tmp/figures
locks() {
	cpus=4 WSL="${WSL:-} --order 5"
	# shellcheck disable=SC2086 # options
	machine 8192 "bench=locks" $emulated -device virtio-balloon-pci,free-page-reporting=on
	finish 3600
}

grad5=$(fragmented 5 gradual)
grad9=$(fragmented 9 gradual)
drop5=$(fragmented 5 dropcache)
cost on
with=$(figure work_ns) idle=$(figure idle_busy_ms)
cost off
without=$(figure work_ns)
locks
jq -n --argjson grad5 "$grad5" --argjson grad9 "$grad9" --argjson drop5 "$drop5" \
	--argjson with "$with" --argjson without "$without" --argjson idle "$idle" \
	--argjson us "$(figure locks_us | grep . || echo null)" \
	--argjson blocks "$(figure locks_blocks | grep . || echo null)" \
	--argjson gap "$(figure locks_gap_ms | grep . || echo null)" '
	{frag5: $grad5, frag9: $grad9, drop5: $drop5} as $runs |
	([$runs | to_entries[] | .key as $run | ("5", "15", "60") as $s |
		{key: "\($run)_pct_\($s)s", value: .value[$s].pct}] | from_entries) +
	{swapped_kb: ([$runs[]["60"].swapped] | max),
	 reporting_busy_pct: (($with - $without) / $with * 100000 | round / 1000),
	 idle_busy_pct: ($idle / 1200 | . * 1000 | round / 1000),
	 locks_us: $us, locks_blocks: $blocks, locks_gap_ms: $gap, fragmented: $runs}'
