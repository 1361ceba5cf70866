#!/bin/sh
# tests/wsl-cmdline: the line for each configuration. config/cmdline.list: it has the same
# words. tests/guest/probes/cmdline.c, on a machine that is a directory: what its rows say of
# a kernel that takes a word, ignores it, or hands it to init.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 42
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
is "$(awk -v known=" $known" '!/^#/ && $2 !~ /^[*-]$/ { n = split($2, l, ","); for (i = 1; i <= n; i++) { if (!index(known, " " l[i] " ")) print } }' "$list")" \
	"" "with lines that upstream.lock has"
is "$(sed '/^#/d' "$list" | grep -vE '^[^ ]+ +[^ ]+ +((vmbus )?/[^ ]+|init|cpus|ptys|log .+|-)$')" "" "and places that the rows know"
# the table has a column for each line, in the order of upstream.lock
# shellcheck disable=SC2016 # the backquotes of Markdown
is "$(sed -nE 's/^\| `([^`]*)` (\|( (yes|no) \|)+).*/\1 \2/p' "$top/docs/wsl.md")" \
	"$(awk -v known="$known" '!/^#/ {
		printf "%s |", $1
		n = split(known, line, " ")
		for (i = 1; i <= n; i++)
			printf " %s |", $2 == "*" || index("," $2 ",", "," line[i] ",") ? "yes" : "no"
		print ""
	}' "$list")" "docs/wsl.md has the same table"
is "$(grep -rlE 'panic=-1' "$top/scripts" | sed "s|$top/||" | sort)" "$(printf 'scripts/boot/%s.sh\n' hyperv-nested run smoke)" \
	"no script makes a line of its own, but for the outer kernel's and the one that tries /dev/kvm"

# ---- the rows
rows=$work/rows
if ! cc -std=gnu11 -Wall -Wextra -Wno-missing-field-initializers -Werror -fsanitize=address,undefined \
	-fno-sanitize-recover=all -I "$top/tests/guest/lib" -o "$rows" "$top/tests/guest/test/cmdline.c" \
	"$top/tests/guest/test/machine.c" "$top/tests/guest/probes/cmdline.c" -Wl,--wrap=fopen,--wrap=access; then
	note "tests/guest/test/cmdline.c does not compile"
	exit 1
fi
root=$work/root
# put FILE TEXT - a file of the machine
put() {
	mkdir -p "$root/$(dirname "$1")"
	printf '%s\n' "$2" >"$root/$1"
}
# machine MAJOR MINOR OPTION... - one that takes all words; rows sees it as that line
machine() {
	release="$1 $2"
	shift 2
	rm -rf "$root"
	put proc/cmdline "$("$top/tests/wsl-cmdline" "$@") console=ttyS0 wsl.hyperv=1"
	mkdir -p "$root/proc/1" "$root/tests"
	cp "$list" "$root/tests"
	printf 'HOME=/\0TERM=linux\0WSL_ROOT_INIT=1\0WSL_ENABLE_CRASH_DUMP=1\0' >"$root/proc/1/environ"
	printf '/init\0' >"$root/proc/1/cmdline"
	put log 'Unknown kernel command line parameters "WSL_ROOT_INIT=1 WSL_ENABLE_CRASH_DUMP=1", will be passed to user space.'
	put proc/sys/kernel/panic -1
	put proc/sys/kernel/printk_devkmsg on
	put sys/devices/system/cpu/possible 0-1
	put sys/module/hv_utils/parameters/timesync_implicit Y
	put sys/module/page_reporting/parameters/page_reporting_order 5
}
# rows [NAME=VALUE...] - every row of the machine, in $out; init's environment has NAMEs
rows() {
	[ $# != 0 ] || set -- WSL_ROOT_INIT=1 WSL_ENABLE_CRASH_DUMP=1
	# init keeps what it has read
	# shellcheck disable=SC2086 # two numbers
	run env -i ASAN_OPTIONS=detect_leaks=0 "$@" "$rows" "$root" $release
	[ "$rc$err" = 0 ] || out="status $rc: $err"
}
unknown="the kernel knows every word of WSL's"

machine 6 12
rows
is "$(printf '%s\n' "$out" | grep -c '^ok ') $(printf '%s\n' "$out" | grep -v '^ok ')" "9 " "a kernel that takes every word: all rows are ok"
is "$(printf '%s\n' "$out" | head -n 1)" "ok $unknown" "the first is about words that it does not know"
put sys/module/hv_utils/parameters/timesync_implicit N
rows
like "$out" '^not ok hv_utils.timesync_implicit$' "a parameter that is not in effect is red"
like "$out" '^# /sys/module/hv_utils/parameters/timesync_implicit: expected "1", got "N"$' "with the value"
rm "$root/sys/module/hv_utils/parameters/timesync_implicit"
rows
like "$out" '^not ok hv_utils.timesync_implicit$' "one that is not there as well"
machine 6 12
put sys/module/page_reporting/parameters/page_reporting_order 9
put proc/sys/kernel/printk_devkmsg ratelimit
put proc/sys/kernel/panic 0
put sys/devices/system/cpu/possible 0-2
mkdir -p "$root/sys/class/tty/ptyp0"
rows WSL_ROOT_INIT=0
is "$(printf '%s\n' "$out" | sed -n 's/^not ok //p' | sort | tr '\n' ' ')" \
	"WSL_ENABLE_CRASH_DUMP WSL_ROOT_INIT nr_cpus $order panic printk.devkmsg pty.legacy_count " "so are all others"
machine 6 12 --cpus 1
put sys/devices/system/cpu/possible 0
rows
like "$out" '^ok nr_cpus$' "one processor"
machine 6 12 --cpus 5 --console ttyS0
put sys/module/hv_storvsc/parameters/storvsc_max_hw_queues 4
put sys/devices/system/cpu/possible 0-4
rows
like "$out" '^not ok earlycon$' "no early console in the log"
like "$out" '^ok hv_storvsc.storvsc_max_hw_queues$' "the queues, with five processors"
machine 6 12 --kernel-debugger
mkdir -p "$root/sys/class/tty/ptyp0" "$root/sys/class/tty/ptyp1"
rows
like "$out" '^ok pty.legacy_count$' "two pseudo-terminals"
rmdir "$root/sys/class/tty/ptyp1"
rows
like "$out" '^not ok pty.legacy_count$' "and one too few"

# ---- words that init is given
machine 6 12
printf 'HOME=/\0WSL_ROOT_INIT=1\0initrd=\\initrd.img\0nokaslr=1\0' >"$root/proc/1/environ"
rows
is "$(printf '%s\n' "$out" | grep -B 9 "$unknown" | head -n 3)" '# the kernel does not know initrd=\initrd.img
# not a word of WSL'"'"'s: nokaslr=1
not ok '"$unknown" "a word that the line takes is red there; another is named"
machine 6 12
printf '/init\0debug\0' >"$root/proc/1/cmdline"
rows
like "$out" '^not ok the kernel knows' "a word without a value, in init's arguments"
machine 6 12
put log 'Unknown kernel command line parameters "debug WSL_ROOT_INIT=1", will be passed to user space.'
rows
like "$out" '^# the kernel does not know debug$' "what the log says counts"
put log 'Linux version 6.12'
rows
like "$out" "^# the kernel's log does not name WSL_ROOT_INIT=1 as unknown\$" "a log that has lost it is red"
machine 4 19
sed 's/ 4\.19,/ /' "$list" >"$root/tests/cmdline.list"
rm "$root/log"
printf 'HOME=/\0WSL_ROOT_INIT=1\0initrd=\\initrd.img\0' >"$root/proc/1/environ"
rm -r "$root/sys/module"
rows
like "$out" '^ok the kernel knows' "4.19 says nothing there, and does not take initrd="
is "$(printf '%s\n' "$out" | grep -B 1 '^skip' | grep -v '^--$' | tr '\n' ' ')" "# this line does not take it skip hv_utils.timesync_implicit # this line does not take it skip $order " \
	"a word that the line does not take is skipped, with the reason"
put sys/module/hv_utils/parameters/timesync_implicit Y
rows
like "$out" '^# this line takes it, config/cmdline.list says that it does not$' "when a patch adds it the list has to say so"
like "$out" '^not ok hv_utils.timesync_implicit$' "or the row is red"
machine 4 19
rows
like "$out" '^# this line knows initrd, config/cmdline.list says that it does not$' "a word that init does not get, either"
machine 6 12 --virtiofs
sed '/^hv_pci_swiotlb/s/ 6\.12,/ /' "$list" >"$root/tests/cmdline.list"
rows
like "$out" '^# this line knows hv_pci_swiotlb, ' "a word that the line does not take, and init does not get"
like "$out" '^not ok swiotlb$' "no bounce buffer in the log"
printf 'WSL_ROOT_INIT=1\0hv_pci_swiotlb=67108864\0' >"$root/proc/1/environ"
echo '[    0.000000] software IO TLB: mapped [mem 0x1-0x2] (64MB)' >>"$root/log"
rows
is "$(printf '%s\n' "$out" | grep -A 99 '^ok the kernel knows' | grep -E 'swiotlb' | tr '\n' ' ')" "ok swiotlb skip hv_pci_swiotlb " "init gets it, as the list says"
machine 7 0
rows
like "$out" '^not ok hv_utils.timesync_implicit$' "a line that the list does not have: its words have to be added"
machine 6 12
rm "$root/tests/cmdline.list"
rows
is "$out" "# /tests/cmdline.list is missing or empty
not ok $unknown" "without the list there is one row, and it is red"
