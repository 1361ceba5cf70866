#!/bin/sh
# try.sh without a machine: the rows of tests/guest that talk play the guest, the real wslhost
# the service, and QEMU is a script that runs it. What is no initramfs needs no boot either.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 36
project p
pin 9.1 9.1.5 'file:/none sha256:none'
release=$(uname -r)
guest=$top/tests/guest
mkdir -p "$project/dist/9.1" "$project/tests/hvhost" "$work/lib/modules/$release/kernel"
cp -R "$top/tests/wslhost" "$project/tests"
# shellcheck disable=SC2016 # make's own
printf 'all:\n\tmkdir -p $(O)\n\techo init >$(O)/init\n' >"$project/tests/guest/Makefile"
# shellcheck disable=SC2016
printf 'all:\n\tmkdir -p $(O)\n\tcp %s $(O)/hvhost\n\techo outer >$(O)/outer-init\n' "$work/bin/hvhost" \
	>"$project/tests/hvhost/Makefile"
mkdir -p "$work/hvhost/test"
# shellcheck disable=SC2046 # words
cc -std=gnu11 -I "$guest/lib" -I "$guest/probes" -o "$work/start" "$guest/test/start.c" \
	$(printf "$guest/probes/start_%s.c " call early disk init late end) "$guest/lib/util.c" "$guest/lib/netlink.c"
make -s -C "$project/tests/wslhost" O="$project/build/wslhost" "$project/build/wslhost/wslhost"

# guest KIND - what it does from now on; the environment does not reach it
guest() { echo "$1" >"$work/machine"; }
# it finds its console and its sockets in its options
fake hvhost "read -r guest <$work/machine
printf '%s\\n' \"\$@\" >$work/hvhost.args
for word; do
	case \$last in --console) console=\$word ;; esac
	case \$word in 50000=*) dir=\${word#50000=} dir=\${dir%/50000} ;; esac
	last=\$word
done
echo 'Linux version 9.1.5' >\$console
[ \$guest != early ] || { echo 'ran out of memory' >>\$console; exec sleep 60; }
echo 'Run /init as init process' >>\$console
[ \$guest != panic ] || { echo 'Kernel panic - not syncing: Attempted to kill init!' >>\$console; exit 1; }
[ \$guest != mute ] || { echo 'WSL version 2.9.4.0' >>\$console; exec sleep 600; }
$work/start \$dir >$work/start.out
[ \$guest != warns ] || echo '[    3.1] WARNING: CPU: 0 PID: 1 at fs/super.c:1' >>\$console
case \" \$* \" in *wsl.start=1*) printf 'TAP version 13\\n1..1\\nok 1 - start: devtmpfs\\n' >>\$console ;; esac
[ \$guest != stays ] || exec sleep 60
echo 'hvhost: the guest powered off after 9.0 s, 5 exits' >&2"
# the outer machine: its programs and files are run where they are unpacked
fake qemu-system-x86_64 "for word; do
	case \$word in file:*) files=\"\$files \${word#file:}\" ;; esac
	[ \"\$last\" != -initrd ] || initrd=\$word
	last=\$word
done
set -- \$files
host=\$1 console=\$2 rows=\$3
rm -rf $work/outer
mkdir -p $work/outer/tmp
cd $work/outer
cpio -id --quiet <\$initrd
printf 'outer: Linux 9.9\nouter: hvhost ended with status 0\n' >\$1
set --
while IFS= read -r word; do set -- \"\$@\" \"\$word\"; done <<END
\$(sed 's|^/vmm\$|./vmm|; s|^/tmp\$|tmp|; s|=/tmp/|=tmp/|; s|^/dev/ttyS1\$|'\$console'|; s|^/dev/ttyS2\$|'\$rows'|' hvhost.args)
END
exec ./hvhost \"\$@\" >>\$host 2>&1"
fake iasl 'exit 0'
PATH=$work/bin:$PATH
# /dev/kvm is not tried: the same on every machine
mkdir -p "$project/build"
echo "$(cat /proc/sys/kernel/random/boot_id) cannot" >"$project/build/kvm"

# ---- initramfs that are none
mkdir "$work/root"
echo init >"$work/root/init"
(cd "$work/root" && echo init | cpio -o -H newc --quiet) >"$work/good"
refused() {
	run env INITRD="$1" scripts/boot/try.sh
	like "$rc $err" "^1 try: error: INITRD=$1: $2" "$3"
}
refused "$work/none" 'is not a file that can be read$' "no such file"
refused "$work" 'is not a file that can be read$' "a directory"
: >"$work/empty"
refused "$work/empty" 'is empty$' "an empty one"
head -c 5000 /dev/zero >"$work/zeros"
refused "$work/zeros" 'is no initramfs$' "zeros"
echo "MZ" >"$work/text"
refused "$work/text" 'is no initramfs$' "something else"
truncate -s 2G "$work/huge"
refused "$work/huge" 'has 2048 MB: more than half of the guest.s memory$' "2 GB"
gzip <"$work/text" >"$work/text.gz"
refused "$work/text.gz" 'cannot be unpacked: it is damaged, or no cpio archive$' "a gzip of something else"
gzip <"$work/good" | head -c 40 >"$work/cut.gz"
refused "$work/cut.gz" 'cannot be unpacked' "one that was cut off"
(cd "$work/root" && mv init other && echo other | cpio -o -H newc --quiet) >"$work/other"
refused "$work/other" 'has no /init, which the kernel would run$' "one without /init"
run env SYSTEM="$work/good" scripts/boot/try.sh
like "$rc $err" "^1 try: error: SYSTEM=, MODULES=: are for WSL's own init" "a disk without one"
run env MEM=64 scripts/boot/try.sh
like "$rc $err" '^1 try: error: MEM=64: is no number of MB from 128 to 32768$' "too little memory"
run scripts/boot/try.sh x
is "$rc" 2 "usage"
run make try INITRD="$work/good"
like "$rc $err" '^2 try: error: dist/9.1/bzImage: is not built$' "nothing is built, and make try does not build"

# ---- a start
echo image >"$project/dist/9.1/bzImage"
jq -n --arg release "$release" '{release: $release, patches: []}' >"$project/dist/9.1/manifest.json"
: >"$work/lib/modules/$release/kernel/kvm.ko"
tar -C "$work" -czf "$project/dist/9.1/modules.tar.gz" "lib/modules/$release"
gzip <"$work/good" >"$work/good.gz"
guest good
run make try INITRD="$work/good.gz"
is "$rc$err" 0 "WSL's init starts"
like "$out" "^ok 2 - service: it sends its capabilities: release $release, in the form of WSL 2.8.9" "its capabilities are shown"
like "$out" "^try: $release, nested in TCG, outer kernel Linux 9.9: the guest powered off after 9.0 s" "where it ran"
like "$out" '^try: this kernel starts your WSL$' "and what it means"
is "$(sed -n '/^--cmdline$/{n;p;}' "$work/hvhost.args" | sed 's/ *$//')" "$("$top/tests/wsl-cmdline" --cpus 1) console=ttyS0" "the command line is WSL's, and a console that can be read"
ok "cmp -s '$work/good.gz' '$work/outer/initrd'" "the initramfs is the user's, as it is"
unlike "$(cat "$work/hvhost.args")" '^--(disk|tests)$' "there is no disk"
guest mute
run env TIMEOUT=2 INITRD="$work/good" scripts/boot/try.sh
like "$rc $err" '^1 try: error: linux 9.1: WSL would not start: init has not called twice and sent its capabilities$' "an init that does not call"
like "$err" '^  where the guest is: /init runs: WSL version 2.9.4.0$' "where it is"
like "$err" '^  \| Run /init as init process$' "with the end of the console"
like "$out" '^not ok 1 - service: init calls port 50000: nothing within 2 s$' "and the row"
guest panic
run env INITRD="$work/good" scripts/boot/try.sh
like "$rc $err" 'where the guest is: Kernel panic - not syncing: Attempted to kill init!$' "a panic"
guest early
run env TIMEOUT=8 INITRD="$work/good" scripts/boot/try.sh
like "$rc $err" 'where the guest is: the kernel has not reached /init$' "a kernel that does not come so far"
guest warns
run env INITRD="$work/good" scripts/boot/try.sh
like "$rc $err" '^1 try: error: linux 9.1: the kernel reported: .*WARNING: CPU: 0' "one that warns"
unlike "$out" 'starts your WSL' "is not what starts it"
guest stays
run env TIMEOUT=8 INITRD="$work/good" scripts/boot/try.sh
like "$rc $err" '^1 try: error: linux 9.1: the guest hung' "a guest that does not power off"
guest good
run env scripts/boot/try.sh
is "$rc$err $(printf '%s\n' "$out" | grep -cE '^(ok|1\.\.9)')" "0 10" "our own init gets the configs: its rows, and eight of the service"
like "$(sed -n '/^--cmdline$/{n;p;}' "$work/hvhost.args")" ' wsl.start=1' "and its own parameter"

# ---- disks
truncate -s 4M "$work/system"
mke2fs -q -t ext4 "$work/system"
run env INITRD="$work/good" SYSTEM="$work/text" scripts/boot/try.sh
like "$rc $err" "^1 try: error: SYSTEM=$work/text: has no ext4, which WSL's init would mount\$" "a disk without ext4"
qemu-img convert -f raw -O vhdx "$work/system" "$work/modules.vhdx"
run env INITRD="$work/good" SYSTEM="$work/system" MODULES="$work/modules.vhdx" scripts/boot/try.sh
ok "cmp -s '$work/system' '$work/outer/modules.ext4'" "a VHDX is unpacked"
is "$(grep -A 1 -E -e '^--(system|modules|read-only|load)$' "$work/outer/hvhost.args" | tr '\n' ' ')" \
	"--load tun,ip_tables,br_netfilter --system 0 --modules 1 -- --read-only /modules.ext4 " "and the service names it"

# ---- ctrl-C, and two at once
guest mute
(cd "$project" && exec env INITRD="$work/good" scripts/boot/try.sh) >"$work/out" 2>"$work/err" &
first=$! servers=$!
within 30 grep -qs 'WSL version' "$project/build/9.1/log/try-console.log"
(cd "$project" && exec env INITRD="$work/good" scripts/boot/try.sh) >"$work/second" 2>&1 &
second=$! servers="$first $second"
ok "within 20 grep -q 'another run holds build/9.1, waiting' '$work/second'" "a second run waits for the first"
kill $second
kill -TERM $first
wait $first 2>/dev/null || :
# what it had started is in the same directory
alive() { for p in /proc/[0-9]*; do case $(readlink "$p/cwd") in "$work/outer"*) return 0 ;; esac; done; return 1; }
ok "within 10 eval '! alive'" "nothing is left of one that is interrupted"
