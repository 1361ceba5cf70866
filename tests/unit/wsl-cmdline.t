#!/bin/sh
# tests/wsl-cmdline: the line for each configuration. config/cmdline.list: it has the same
# words.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 15
project=$work/p
mkdir "$project"
list=$top/config/cmdline.list
# line OPTION... - what it prints
line() { run "$top/tests/wsl-cmdline" "$@"; }
begin='initrd=\initrd.img WSL_ROOT_INIT=1 panic=-1'
hv='hv_utils.timesync_implicit=1 printk.devkmsg=on'
order='page_reporting.page_reporting_order'

line
is "$rc$err $out" "0 $begin nr_cpus=2 $hv $order=5 console=hvc0 debug pty.legacy_count=0 WSL_ENABLE_CRASH_DUMP=1" \
	"a current Windows, nothing configured"
line --cpus 1 --order 9
is "$rc$err $out" "0 $begin nr_cpus=1 $hv $order=9 console=hvc0 debug pty.legacy_count=0 WSL_ENABLE_CRASH_DUMP=1" \
	"one processor, an older Windows"
line --console ttyS0 --no-crash-dump
is "$rc$err $out" "0 $begin nr_cpus=2 $hv $order=5 earlycon=uart8250,io,0x3f8,115200 console=ttyS0,115200 debug pty.legacy_count=0" \
	"without virtio serial, no crash dumps"
line --virtiofs
like "$rc$err $out" "^0 .* $order=5 swiotlb=force hv_pci_swiotlb=67108864 console=hvc0 " "virtiofs bounces, 64 MB"
line --swiotlb 33554432 --cpus 8
like "$rc$err $out" "^0 .* swiotlb=force hv_pci_swiotlb=33554432 hv_storvsc.storvsc_max_hw_queues=4 console=" "another size, and the queues come after it"
line --cpus 4
unlike "$out" storvsc "four processors need no limit of queues"
line --cpus 5
like "$out" " hv_storvsc.storvsc_max_hw_queues=4 " "five do"
line --kernel-debugger
like "$rc$err $out" "^0 .* debug pty.legacy_count=2 kgdboc=ttyS1,115200 WSL_ENABLE_CRASH_DUMP=1$" "the debugger's port"
unlike "$out" "legacy_count=0" "in place of no pseudo-terminals"
line --cpus 1 -- 'a=\b\n' --cpus 7
like "$rc$err $out" '^0 .* nr_cpus=1 .* WSL_ENABLE_CRASH_DUMP=1 a=\\b\\n --cpus 7$' "the user's words come last, as they are"
line console=ttyS0
like "$out" "console=hvc0 .* console=ttyS0$" "a console of the user's is the last one"
bad=
for call in --cpus "--cpus 0" "--cpus x" "--order 4" "--order 95" "--console tty0" "--swiotlb 64M" "--swiotlb" --none; do
	# shellcheck disable=SC2086 # an option and its value
	line $call
	[ "$rc $out" = "2 " ] && [ "$err" ] || bad="$bad $call;"
done
is "$bad" "" "a wrong call prints nothing but its usage"

# ---- the list
# words - every word that can be on the line, without its value
words() {
	{ "$top/tests/wsl-cmdline" --cpus 8 --virtiofs --console ttyS0 --kernel-debugger; "$top/tests/wsl-cmdline"; } |
		tr ' ' '\n' | sed 's/=.*//' | sort -u
}
is "$(sed '/^#/d; s/ .*//' "$list" | sort)" "$(words)" "config/cmdline.list has every word, once"
known=$(git config -f "$top/upstream.lock" --name-only --get-regexp '^line\..*\.version$' | sed 's/^line\.//; s/\.version$//' | tr '\n' ' ')
is "$(awk -v known=" $known" '!/^#/ && $2 !~ /^[*-]$/ { n = split($2, l, ","); for (i = 1; i <= n; i++) { sub(/^~/, "", l[i]); if (!index(known, " " l[i] " ")) print } }' "$list")" \
	"" "with lines that upstream.lock has"
is "$(sed '/^#/d' "$list" | grep -vE '^[^ ]+ +[^ ]+ +(/[^ ]+|init|cpus|ptys|log .+|-)$')" "" "and places that the rows know"
