#!/bin/sh
# Rows of the guest tests on made-up machines, which have what the row must not take for right:
# a kernel without the subsystem, a modules.dep that was lost. (wsl-cmdline.t has those of the
# command line.)
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 71
project=$work/p
mkdir "$project"
guest=$top/tests/guest
# build NAME SOURCES WRAPPED - $work/NAME of tests/guest/test/NAME.c
build() {
	# shellcheck disable=SC2046,SC2086,SC2183 # words
	cc -std=gnu11 -Wall -Wextra -Wno-missing-field-initializers -Werror -fsanitize=address,undefined \
		-fno-sanitize-recover=all -I "$guest/lib" -I "$guest/probes" -o "$work/$1" \
		"$guest/test/$1.c" "$guest/test/machine.c" $(printf "$guest/%s.c " $2) \
		$(printf '%s,--wrap=%s ' $(for name in fopen access $3; do printf '%s %s ' -Wl $name; done)) && return
	note "tests/guest/test/$1.c does not compile"
	exit 1
}
build names 'probes/tc probes/nft lib/netlink' 'nl_open nl_talk nl_talk_until link_index'
build host probes/hyperv_host ''
build kmsg lib/kmsg read
build modules probes/modules_disk 'uname statvfs execv mkdir'

# ---- names that a kernel knows: EINVAL is 22, ENOENT 2, EOPNOTSUPP 95
# names KIND NAMES [NAME=ERROR...]
names() {
	kind=$1
	shift
	run env ASAN_OPTIONS=detect_leaks=0 "$work/names" "$kind" "$@"
}
names qdiscs 'htb ingress clsact' htb=22 probe-none=2
is "$rc$err $out" "0 ok qdiscs" "disciplines: a kernel that has them, some without parameters"
names qdiscs 'htb ingress clsact' '*=95'
like "$out" '^not ok' "red: no traffic control at all"
like "$out" '^# the discipline that nobody has: expected ENOENT, got ' "with the reason"
names qdiscs 'htb ingress clsact' '*=22'
like "$out" '^not ok' "red: EINVAL for whatever is asked"
names qdiscs 'htb ingress clsact' probe-none=2 clsact=2
like "$out" '^# the discipline clsact is not known' "red: the last one, whose place the one before had"
names qdiscs 'htb fq' probe-none=2 fq=1
like "$out" '^# the discipline fq: expected EINVAL, got Operation not permitted' "red: another error"
names classifiers 'fw u32' u32=22 probe-none=2
is "$rc$err $out" "0 ok classifiers" "classifiers"
names classifiers 'fw u32' u32=2 probe-none=2
like "$out" '^not ok' "red: one is not known"
names classifiers 'fw u32' u32=22
like "$out" '^not ok' "red: one that nobody has is accepted"
names actions 'gact vlan' gact=22 vlan=22 probe-none=2
is "$rc$err $out" "0 ok actions" "actions"
names actions 'gact vlan' '*=95'
like "$out" '^not ok' "red: a kernel without actions"
names nft 'cmp masq log' cmp=22 masq=95 probe-none=2
is "$rc$err $out" "0 ok nft" "expressions of nftables"
names nft 'cmp masq log' '*=95'
like "$out" '^not ok' "red: no nftables at all"
names nft 'cmp masq log' cmp=95 probe-none=2
like "$out" '^# the expression cmp: expected EINVAL, got ' "red: another error"
names nft 'cmp masq log' cmp=2 probe-none=2
like "$out" '^# the expression cmp is not known' "red: one is not known"

# ---- the disk of modules
root=$work/root
there=$root/lib/modules/9.1.5
# disk WORD MODULE... - the command line has WORD, the disk these modules
disk() {
	rm -rf "$root"
	mkdir -p "$root/proc" "$there" "$root/rw/upper"
	echo "quiet $1 debug" >"$root/proc/cmdline"
	: >"$root/rw/upper/modules.builtin.bin"
	shift
	: >"$there/modules.dep"
	for module; do
		mkdir -p "$there/kernel"
		echo "kernel/$module.ko:" >>"$there/modules.dep"
	done
}
# look - $red has the rows that are not ok
look() {
	run env ASAN_OPTIONS=detect_leaks=0 "$work/modules" "$root"
	red="$(printf '%s\n' "$out" | sed -n 's/^not ok //p' | tr '\n' '|')$err"
}
layout='ext4, read-only, below an overlay on /lib/modules|'
every='modprobe of every module|'
again='depmod in the overlay, and modprobe after it|'
disk wsl.modules=0
look
is "$red" "" "an image with no module: no row is red"
rm "$there/modules.dep"
look
is "$red" "$layout$every$again" "red: the same without modules.dep"
disk wsl.modules=0 tun
look
is "$red" "$layout$every$again" "red: a module that the image does not have"
disk wsl.modules=2 tun can
look
is "$red" "$every" "two modules, and no program that loads them: only the row that looks for them is red"
like "$out" '^# 2 of 2 modules are missing' "with their number"
# all that modprobe said, and what is loaded
lacks() {
	: >"$root/modprobe"
	for module; do echo "modprobe: ERROR: could not insert '$module': No such device" >>"$root/modprobe"; done
}
disk wsl.modules=4 tun can kvm ntfs3
lacks kvm
printf '%s\n' tun can ntfs3 >"$root/loaded"
look
is "$red" "" "one of four lacks hardware"
like "$out" '^# 4 modules, 1 of them lack hardware$' "with the number"
lacks kvm tun
rm "$root/ran"
look
is "$red" "$every" "red: two of four say so"
like "$out" '^# 2 of 4 modules lack hardware, expected a quarter at most$' "with the reason"
disk wsl.modules=2
look
is "$red" "$layout$every$again" "red: modules.dep was lost and is empty"
disk wsl.modules=2 tun
look
is "$red" "$layout$every$again" "red: half of it was lost"
disk ''
look
is "$red" "" "without the disk they are skipped"
like "$out" '^skip modprobe of every module$' "each of them"

# ---- what the host gives, and what the kernel made of it
there=$work/there
mkdir -p "$there/proc"
# host ROW ANSWER - the row, on a host that answers so
host() {
	echo "$2" >"$there/answer"
	run "$work/host" "$there" "$1"
}
# iomem END END - RAM up to the one below 4 GB and to the other above it
iomem() {
	printf '%s\n' '00000000-00000fff : Reserved' '00001000-0009efff : System RAM' '000e0000-000fffff : Reserved' \
		"00100000-$1 : System RAM" '  01000000-01ffffff : Kernel code' >"$there/proc/iomem"
	[ "$2" = 0 ] || echo "100000000-$2 : System RAM" >>"$there/proc/iomem"
}
iomem bfffffff 17fffffff
host ram ram=5120
is "$rc$err $out" "0 # 5120 MB: 3145336 kB below 4 GB, 2097152 kB above
ok ram" "5120 MB: 2 GB of it are above 4 GB"
host ram ram=5121
like "$out" '^# above 4 GB there should be 2098176 kB
not ok ram$' "red: a MB of it is missing above"
iomem bf7fffff 17fffffff
host ram ram=5120
like "$out" '^not ok ram$' "red: 8 MB are missing below"
iomem 2fffffff 0
host ram ram=768
like "$out" '^ok ram$' "768 MB are all below"
host ram ram=512
like "$out" '^not ok ram$' "red: more than the host has"
host ram ''
like "$out" '^# "machine": the host answered ""
not ok ram$' "red: a host that does not say"
# version RELEASE HOST GOT - the row, on a kernel of that release that has negotiated GOT
version() {
	echo "$1" >"$there/release"
	printf '%s\n' '[    0.1] Hyper-V: Host Build 10.0.19045.0-0-0' "[    0.2] hv_vmbus: Vmbus version:$3" >"$there/log"
	host version "ram=768 vmbus=$2"
}
all=
# what the host has, and what the drivers of two lines make of it
while read -r offer old new; do
	version 4.19.255-wsl1 "$offer" "$old"
	all="$all $(printf '%s\n' "$out" | tail -n 1)"
	version 6.18.15-wsl1 "$offer" "$new"
	all="$all $(printf '%s\n' "$out" | tail -n 1)"
done <<-END
	5.3 5.0 5.3
	5.2 5.0 5.2
	5.0 5.0 5.0
	4.1 4.0 4.1
	4.0 4.0 4.0
	3.0 3.0 3.0
	2.4 2.4 2.4
END
# shellcheck disable=SC2086 # words
is "$(printf '%s\n' $all | sort | uniq -c | tr -s ' ')" " 14 ok
 14 version" "the version of VMBus: each line on hosts of every age"
version 6.1.176 5.3 5.2
like "$out" '^# it should be 5.3
not ok version$' "red: a fallback that was not needed"
version 4.19.255 5.3 4.0
like "$out" '^# it should be 5.0$' "red: on the oldest line too"
version 6.12.107 4.0 5.3
like "$out" '^# 5.3, the host has 4.0 at most$' "red: more than the host has"
: >"$there/log"
host version "ram=768 vmbus=5.3"
like "$out" '^# the kernel.s log has no line' "red: no connection"
version 5.15.1 5.3 5.2
like "$out" '^skip version$' "a line whose driver is not known"
host streams 'ram=768 vmbus=3.0'
like "$out" '^# VMBus 3.0 has no streams, which came with 4.0
skip streams$' "before 4.0 there are no streams"
host streams 'ram=768 vmbus=4.0'
is "$out" "ok streams" "from then on there are"
# privileges ANSWER LINE... - the row about them, on a kernel with these lines in its log
privileges() {
	answer=$1
	shift
	printf '[    0.0] %s\n' "$@" >"$there/log"
	host features "$answer"
}
offer='low=aa7f high=100030 hints=e24'
privileges "$offer" 'Hyper-V: privilege flags low 0xaa7f, high 0x100030, ext 0x0, hints 0xe24, misc 0x80500'
like "$out" '^ok features$' "privileges and hints: 6.18 prints them so"
privileges "$offer" 'Hyper-V: privilege flags low 0xaa7f, high 0x100030, hints 0xe24, misc 0x80500'
like "$out" '^ok features$' "6.1 and 6.12 so"
privileges "$offer" 'Hyper-V: features 0xaa7f, hints 0xe24, misc 0x80500'
like "$out" '^ok features$' "and 4.19 without the upper half"
privileges "$offer" 'Hyper-V: privilege flags low 0xaa7f, high 0x30, hints 0xe24, misc 0x80500'
like "$out" '^# the kernel has low 0xaa7f, high 0x30, hints 0xe24
not ok features$' "red: a privilege is missing"
privileges "$offer" 'Hyper-V: features 0xa7f, hints 0xe24, misc 0x80500' ', high 0x100030'
like "$out" '^not ok features$' "red: on 4.19 too"
privileges "$offer" 'Hyper-V: features 0xaa7f' 'hints 0xe24'
like "$out" '^not ok features$' "red: another line does not count"
# calls HINTS LINE... - the row about hypercalls
calls() {
	offer=$1
	shift
	printf '[    0.0] Hyper-V: %s\n' "$@" >"$there/log"
	host hypercalls "hints=$offer"
}
tlb='Using hypercall for remote TLB flush' ipi='Using IPI hypercalls'
calls e24 "$tlb" "$ipi"
is "$out" "ok hypercalls" "hypercalls: both are used"
calls e24 "$ipi"
like "$out" '^not ok hypercalls$' "red: no TLB flush"
calls e24 "$tlb"
like "$out" '^not ok hypercalls$' "red: no IPI"
calls 224 "$tlb"
is "$out" "ok hypercalls" "what is not recommended need not be"
calls 220 none
like "$out" '^skip hypercalls$' "a host that recommends none"
# ---- the kernel's log while a row of the hostile host runs
# kmsg [END] - of the records in $work/records
kmsg() { run env ASAN_OPTIONS=detect_leaks=0 "$work/kmsg" drivers/hv/ "${1:-EAGAIN}" "$work/records"; }
# says TEXT - a log that says this between two harmless lines
says() {
	printf '6,%s,99,-;%s\n' 1 'hv_vmbus: registering' 2 "$1" 3 'a line after it' >"$work/records"
	kmsg
}
for text in 'BUG: KASAN: slab-use-after-free in vmbus_onoffer+0x1/0x2' 'BUG: kernel NULL pointer dereference, address: 0' \
	'UBSAN: array-index-out-of-bounds in drivers/hv/channel.c:9:1' 'kernel BUG at lib/list_debug.c:50!' \
	'Oops: Oops: 0000 [#1] SMP' 'WARNING: possible circular locking dependency detected' \
	'WARNING: CPU: 0 PID: 9 at lib/refcount.c:28 refcount_warn_saturate+0x1/0x2' \
	'INFO: possible recursive locking detected' 'BUG kmalloc-64 (Not tainted): Poison overwritten' \
	'INFO: task kworker/0:1:10 blocked for more than 120 seconds.'; do
	says "$text"
	is "$(printf '%s\n' "$out" | head -n 2 | tr '\n' '|')" "# the kernel reported: $text|# | a line after it|" "red: $text"
done
says 'WARNING: CPU: 0 PID: 9 at drivers/hv/channel_mgmt.c:386 vmbus_onoffer_rescind+0x1/0x2'
is "$rc$err $out" "0 ok, 1 warnings" "a warning of the bus driver is none, but is counted"
says 'hv_vmbus: a debug: message that WARNING: nobody means'
is "$rc$err $out" "0 ok, 0 warnings" "the words of a report in the middle of a line are none"
printf '%s\n' '6,1,99,-,caller=T1;fine' ' SUBSYSTEM=BUG: of a detail' 'no prefix' >"$work/records"
kmsg
is "$rc$err $out" "0 ok, 0 warnings" "a caller, details and records without a text are understood"
printf '%s\n' '6,1,99,-;fine' EPIPE '4,9,99,-;BUG: KASAN: wild' >"$work/records"
kmsg
like "$out" '^# the kernel overwrote its log before it was read' "red: records are lost"
like "$out" '^# the kernel reported: BUG: KASAN: wild$' "what comes after them is read"
like "$out" '^not ok' "and the row fails"
: >"$work/records"
kmsg
is "$rc$err $out" "0 ok, 0 warnings" "an empty log"
kmsg EIO
like "$out" '^# /dev/kmsg: Input/output error$' "red: it cannot be read"
