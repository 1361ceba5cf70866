#!/bin/sh
# Page table isolation, which a CPU with Meltdown has by default: while a program runs, its page
# tables have the entry text of the kernel that 40-kernel.t built, and no other text of it. The
# guest is the benchmark's, spinning; QEMU tells what its page tables map.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/lines.sh"
pick_line
plan 2
# 4.19 has the entries of interrupts behind the rest
last=__entry_text_end
[ "$line" != 4.19 ] || last=__irqentry_text_end
image=$root/dist/$line
mkfifo "$work/commands"
exec 8<>"$work/commands"
trap 'kill -9 "$qemu" 2>/dev/null || :; finish' EXIT

# within SECONDS COMMAND... - repeat it until it succeeds
within() {
	until=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt $until ] && kill -0 "$qemu" 2>/dev/null || return 1
		sleep 0.2
	done
}

# spins - start the guest, and wait until its program runs
spins() {
	make -s -C "$root/tests/bench" O="$work/bench" &&
		(cd "$work/bench" && echo init | cpio -o -H newc -R 0:0 --quiet) >"$work/initrd" || return
	# page tables of four levels, all that "info mem" knows; addresses as System.map has them
	qemu-system-x86_64 -M q35 -accel tcg -cpu qemu64 -m 512 -nodefaults -display none -no-reboot \
		-nic none -kernel "$image/bzImage" -initrd "$work/initrd" \
		-append "console=ttyS0 panic=-1 nokaslr pti=on bench=spin" -serial "file:$work/console" \
		-qmp stdio <"$work/commands" >"$work/qmp" 2>&1 8>&- &
	qemu=$!
	echo '{"execute": "qmp_capabilities"}' >&8
	within 120 grep -aqs '^bench: spins' "$work/console"
}

# texts - what QEMU's monitor has answered
texts() { jq -r '.return | strings' "$work/qmp" | tr -d '\r'; }
ask() { printf '{"execute": "%s"}\n' "$1" >&8; }
look() { printf '{"execute": "human-monitor-command", "arguments": {"command-line": "info %s"}}\n' "$1" >&8; }
answered() { [ "$(jq -c ".return | strings" "$work/qmp" | wc -l)" = "$1" ]; }

# map - "START-END" of the kernel's text in the page tables of the program, a range a line
map() {
	n=0
	while [ $n -lt 40 ]; do
		n=$((n + 2))
		ask stop
		look registers
		look mem
		ask cont
		within 20 answered $n || return
		# the kernel runs now and then, with page tables of its own
		! texts | grep CPL= | tail -n 1 | grep -q CPL=3 || break
	done
	texts | sed -n '/CPL=/,$p' | awk '/CPL=/ { text = "" } /^ffffffff[89ab]/ { text = text $1 "\n" } END { printf "%s", text }'
}

# entry_text - the same of the pages that the entry text lies in, by System.map. A shell's numbers
# have a sign: without the upper half.
entry_text() {
	start=$((0x$(sed -n 's/^f\{8\}\(.*\) T __entry_text_start$/\1/p' "$image/System.map")))
	end=$((0x$(sed -n 's/^f\{8\}\(.*\) T '$last'$/\1/p' "$image/System.map")))
	printf 'ffffffff%x-ffffffff%x\n' $((start & ~0xfff)) $(((end + 0xfff) & ~0xfff))
}

qemu=
ok spins "$line: it starts with pti=on"
is "$(map)" "$(entry_text)" "of the kernel's text a program's page tables have the entry text"
