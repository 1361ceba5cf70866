#!/bin/sh
# smoke-hyperv.sh with a fake hvhost and QEMU: where it runs, what the outer machine is
# given, one plan of the guest's and the host's rows, and how a run ends.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 54
project p
pin 9.1 9.1.5 'file:/none sha256:none'
mkdir -p "$project/dist/9.1" "$project/tests/hvhost"
# shellcheck disable=SC2016 # make's own
printf 'all:\n\tmkdir -p $(O)\n\techo init >$(O)/init\n' >"$project/tests/guest/Makefile"
# shellcheck disable=SC2016
printf 'all:\n\tmkdir -p $(O)\n\tcp %s $(O)/hvhost\n\techo outer >$(O)/outer-init\n' "$work/bin/hvhost" \
	>"$project/tests/hvhost/Makefile"
# a KVM without Hyper-V: hvhost prints the reason and ends
fake hvhost "echo run >>$work/hvhost-runs
[ ! -e $work/silent ] || exec sleep 60
echo 'hvhost: error: /dev/kvm: this kernel lacks HYPERV' >&2
exit 1"
# the four serial lines go to the files of -serial
# guest KIND - what the machine does from now on; the environment does not reach it
guest() { echo "$1" >"$work/machine"; }
fake qemu-system-x86_64 "read -r guest <$work/machine
shift; for word; do
	case \$word in file:*) files=\"\$files \${word#file:}\" ;; esac
	[ \"\$last\" != -initrd ] || cp \"\$word\" $work/initrd
	[ \"\$last\" != -m ] || echo \$word >$work/outer-memory
	last=\$word
done
set -- \$files
echo turn >>$work/turns
case \$guest in
panic) echo 'Kernel panic - not syncing: outer' >\$1; exit 0 ;;
silent) [ \$(wc -l <$work/turns) != 1 ] || exec sleep 60 ;;
esac
printf 'Linux version 9.1.5\\nTAP version 13\\n1..2\\nok 1 - boot: up\\nok 2 - vmbus: version\\n' >\$2
printf 'ok 1 - host: boot\\nok 2 - host: vmbus\\n1..2\\n' >\$3
ended='powered off after 9.0 s' status=0
case \$guest in
red) printf 'ok 1 - host: boot\\nnot ok 2 - host: vmbus\\n1..2\\n' >\$3; status=1 ;;
hostile) printf '1..4\\nok 1 - vmbus: every offer has a driver\\nok 2 - log: quiet\\nok 3 - hostile host: 200 invalid messages\\nnot ok 4 - hostile host: wrong answers for GPADLs and channels\\n' >\$2 ;;
early) printf '1..2\\nok 1 - boot: up\\n' >\$2; status=1 ;;
hang) printf '1..2\\nok 1 - boot: up\\n' >\$2; ended='was ended at the time limit after 360.0 s' status=1 ;;
esac
printf 'outer: Linux 9.9\\r\\nhvhost: the guest %s, 5 exits\\r\\nouter: hvhost ended with status %s\\r\\n' \"\$ended\" \$status >\$1"
fake iasl 'exit 0'
PATH=$work/bin:$PATH

run make smoke-hyperv -o modules-vhdx
like "$rc $err" '^2 smoke-hyperv: error: dist/9.1/bzImage: is not built$' "nothing is built"
echo image >"$project/dist/9.1/bzImage"
jq -n '{release: "9.1.5-wsl3", patches: [{name: "hyperv/bus.patch"}]}' >"$project/dist/9.1/manifest.json"

guest good

run env scripts/boot/smoke-hyperv.sh
like "$rc $err" '^1 smoke-hyperv: error: dist: has no kernel with modules, for KVM around hvhost$' "no modules, so no KVM for the outer kernel"
mkdir -p "$work/lib/modules/9.1.5/kernel"
echo kvm >"$work/lib/modules/9.1.5/kernel/kvm.ko"
tar -C "$work" -czf "$project/dist/9.1/modules.tar.gz" lib/modules/9.1.5
guest good
run env scripts/boot/smoke-hyperv.sh
is "$rc$err" 0 "a healthy guest"
is "$(cat "$project/dist/9.1/smoke-hyperv.ok")" "$(sum "$project/dist/9.1/bzImage")" "it leaves the image's digest, for make install"
guest good
run env HOST_BUILD=22621 scripts/boot/smoke-hyperv.sh
is "$rc$err $(cpio -i --quiet --to-stdout hvhost.args <"$work/initrd" | grep -A 1 '^--build$' | tail -n 1)" "0 22621" "HOST_BUILD= is another build"
# option NAME - its value on the command line of hvhost
option() { cpio -i --quiet --to-stdout hvhost.args <"$work/initrd" | grep -A 1 -x -e "$1" | tail -n 1; }
is "$(option --mem) $(cat "$work/outer-memory")" "768 2048" "the guest has 768 MB, in 2 GB"
guest good
run env MEM=4096 scripts/boot/smoke-hyperv.sh
is "$rc$err $(option --mem) $(cat "$work/outer-memory")" "0 4096 5376" "MEM= is another size, and the machine around it grows"
run env MEM=64 scripts/boot/smoke-hyperv.sh
like "$rc $err" '^1 smoke-hyperv: error: MEM=64: is no number of MB from 128 to 32768$' "too little memory"
PATH=$work/small:$PATH
mkdir "$work/small"
# shellcheck disable=SC2016 # a script
printf '#!/bin/sh\nfor file; do :; done\n[ "$file" != /proc/meminfo ] || exec echo 4194304\nexec %s "$@"\n' "$(command -v awk)" >"$work/small/awk"
chmod +x "$work/small/awk"
run env MEM=4096 scripts/boot/smoke-hyperv.sh
like "$rc $err" '^1 smoke-hyperv: error: MEM=4096: needs 5376 MB nested in QEMU, this machine has 4096 MB$' "more than a machine has"
PATH=${PATH#*:}
is "$(option --vmbus-version)" 5.3 "the host has the newest VMBus"
guest good
run env VERSION=4.0 scripts/boot/smoke-hyperv.sh
is "$rc$err $(option --vmbus-version)" "0 4.0" "VERSION= is another one"
run env VERSION=4.2 scripts/boot/smoke-hyperv.sh
like "$rc $err" '^1 smoke-hyperv: error: VERSION=4.2: is no version of VMBus' "which no host has"
guest good
run env DISKS=wsl scripts/boot/smoke-hyperv.sh
is "$rc$err $(cpio -i --quiet --to-stdout hvhost.args <"$work/initrd" | grep -cx -e '--wsl-disks')" "0 1" "DISKS=wsl has LUNs of one controller"
guest good
run env DISKS=sata scripts/boot/smoke-hyperv.sh
like "$rc $err" '^2 .*DISKS=wsl' "other disks there are none"
guest good
run env WITHOUT=nfs scripts/boot/smoke-hyperv.sh
is "$rc$err $(ls "$project/dist/9.1/smoke-hyperv.ok" 2>/dev/null)" "0 " "not with WITHOUT= of a feature that the image has"
guest good
run env scripts/boot/smoke-hyperv.sh
like "$out" '^smoke-hyperv: (/dev/kvm cannot run it: .*lacks HYPERV|no writable /dev/kvm)$' "why it does not run on KVM"
like "$out" '^smoke-hyperv: 9.1.5-wsl3, nested in TCG, outer kernel Linux 9.9: the guest powered off after 9.0 s' "where it ran"
is "$(printf '%s\n' "$out" | grep -c '^1\.\.')" 1 "one plan"
like "$out" '^1\.\.4$' "of all rows"
like "$out" '^ok 4 - host: vmbus$' "the host's follow the guest's"
is "$(cpio -t --quiet <"$work/initrd" | grep -cxE 'init|hvhost|bzImage|initrd|hvhost.args|modules/kvm.ko')" 6 "the outer initramfs has what it needs"
args=$(cd "$work" && cpio -i --quiet --to-stdout hvhost.args <"$work/initrd")
is "$(printf '%s\n' "$args" | grep '^initrd=' | sed 's/ *$//')" "$("$top/tests/wsl-cmdline" --cpus 1) console=ttyS0 log_buf_len=1M hv_balloon.pressure_report_delay=0 wsl.hyperv=1 wsl.release=9.1.5-wsl3 wsl.queue=hyperv/bus" \
	"the command line of the guest is WSL's, and behind it is what the tests need"
is "$(cpio -i --quiet --to-stdout initrd <"$work/initrd" | cpio -i --quiet --to-stdout tests/cmdline.list | cksum)" "$(cksum <"$top/config/cmdline.list")" \
	"its initramfs has the list of what each line takes of it"
unlike "$args" '^--wsl-disks$' "each disk has its own controller"
is "$(printf '%s\n' "$args" | grep -A 1 '^--pci-test$' | tail -n 1)" 1 "there is a PCI bus"
is "$(printf '%s\n' "$args" | grep -A 1 -e '^--virtio' | grep -v '^--$' | tr '\n' ' ')" \
	"--virtio-console /tmp/hvc0.log --virtio-fs share=/share --virtio-pmem /tmp/pmem --virtio-pmem-mb 16 --virtio-net tap1 " \
	"there are virtio devices"
mkdir "$work/shared"
is "$(cd "$work/shared" && cpio -i -d --quiet 'share/*' <"$work/initrd" && cd share && cksum init cmdline.list manifest.json | sort)" \
	"$(sort "$work/shared/share/cksum.list")" "and a folder, with the checksums of its files"
unlike "$args" '^--read-only$|wsl.modules' "without modules.vhdx there is no disk of modules"
is "$(printf '%s\n' "$args" | grep -A 1 '^--build$' | tail -n 1)" 19045 "the host is of a build with an invariant TSC not to be trusted"
if command -v qemu-img >/dev/null; then
	head -c 1000000 /dev/urandom >"$work/raw"
	qemu-img convert -t unsafe -f raw -O vhdx "$work/raw" "$project/dist/9.1/modules.vhdx"
	guest good
	run env scripts/boot/smoke-hyperv.sh
	args=$(cd "$work" && cpio -i --quiet --to-stdout hvhost.args <"$work/initrd")
	is "$rc$err $(printf '%s\n' "$args" | grep -A 1 '^--read-only$' | tail -n 1) $(printf '%s\n' "$args" | grep -o wsl.modules=1)" "0 /modules.ext4 wsl.modules=1" \
		"with it there is, and the guest is told"
	cpio -i --quiet --to-stdout modules.ext4 <"$work/initrd" | head -c 1000000 >"$work/raw.2"
	ok "cmp '$work/raw' '$work/raw.2'" "with its content"
	rm "$project/dist/9.1/modules.vhdx"
else
	skip 2 "qemu-img is not installed"
fi
# a replay of a row of the hostile host, and a row that is red
guest good
run env HOSTILE=messages:1-3 SEED=7 RATE=9 scripts/boot/smoke-hyperv.sh
args=$(cd "$work" && cpio -i --quiet --to-stdout hvhost.args <"$work/initrd")
is "$(printf '%s\n' "$args" | grep -A 1 -e '^--hostile-only$' -e '^--seed$' -e '^--hostile-rate$' | grep -v '^--' | tr '\n' ' ')" \
	"7 messages:1-3 9 " "HOSTILE= is of the messages of this seed, RATE= how many of a device"
like "$args" '^initrd=.* wsl.hyperv=hostile ' "and the guest has only the rows of the hostile host"
run env RATE=17 scripts/boot/smoke-hyperv.sh
like "$rc $err" '^1 smoke-hyperv: error: RATE=17: is no number of changed messages from 1 to 16$' "a rate that is too high"
guest hostile
run env SEED=7 LTS=9.1 scripts/boot/smoke-hyperv.sh
like "$rc $out" 'SEED=7 LTS=9.1 scripts/boot/shrink.sh answers$' "the command that shrinks a red row of the hostile host"
is "$rc" 1 "it is not run"
# shellcheck disable=SC2016
printf '#!/bin/sh\necho "shrinks $* with $SEED"\n' >"$project/scripts/boot/shrink.sh"
chmod +x "$project/scripts/boot/shrink.sh"
guest hostile
run env SEED=7 SHRINK=1 LTS=9.1 scripts/boot/smoke-hyperv.sh
like "$rc $out" '^shrinks answers with 7$' "with SHRINK=1 it is"
guest red
run env scripts/boot/smoke-hyperv.sh
like "$rc $err" "^1 smoke-hyperv: error: linux 9.1: 1 of 4 rows are not ok: not ok 4 - host: vmbus" "a row of the host is not ok"
ok "[ ! -e '$project/dist/9.1/smoke-hyperv.ok' ]" "and the image has no proof any more"
guest early
run env scripts/boot/smoke-hyperv.sh
like "$rc $err" '^1 smoke-hyperv: error: linux 9.1: the guest powered off early: 3 of 4 rows came' "the guest ends early"
guest hang
run env scripts/boot/smoke-hyperv.sh
like "$rc $err" '^1 smoke-hyperv: error: linux 9.1: the guest hung' "the guest hangs"
rm "$work/turns"
guest panic
run env scripts/boot/smoke-hyperv.sh
like "$rc $err" '^1 smoke-hyperv: error: .*the outer kernel failed three times' "the outer kernel panics"
is "$(wc -l <"$work/turns") $(printf '%s\n' "$out" | grep -c 'the outer kernel failed: Kernel panic - not syncing: outer; trying again$')" \
	"3 2" "three times, with the reason"
rm "$work/turns"
guest silent
run env TIMEOUT=8 scripts/boot/smoke-hyperv.sh
like "$rc $out" 'the outer kernel failed: no output for 2 s; trying again$' "an outer kernel that hangs is started again"
is "$rc $(wc -l <"$work/turns")" "0 2" "and may succeed then"
run env OUTER="$work/none" scripts/boot/smoke-hyperv.sh
like "$rc $err" "^1 smoke-hyperv: error: OUTER=$work/none: has neither bzImage nor boot/vmlinuz$" "another outer kernel, which is missing"
run scripts/boot/smoke-hyperv.sh x
is $rc 2 "usage"

# ---- a /dev/kvm that is there and runs nothing
# hvhosts - how often hvhost was started on KVM since the last call
hvhosts() {
	wc -l <"$work/hvhost-runs"
	: >"$work/hvhost-runs"
}
if [ -w /dev/kvm ]; then
	hvhosts >/dev/null
	guest good
	run env scripts/boot/smoke-hyperv.sh
	is "$rc $(hvhosts)$(ls "$project/build/kvm" 2>/dev/null)" "0 1" "a KVM that lacks Hyper-V is not recorded"
	# 20 s are waited: a clock that runs fast
	fake date "echo \$((\$(cat $work/clock 2>/dev/null || echo 0) + 7)) | tee $work/clock.new
mv $work/clock.new $work/clock"
	: >"$work/silent"
	guest good
	run env scripts/boot/smoke-hyperv.sh
	is "$rc $(hvhosts) $(cat "$project/build/kvm")" "0 1 $(cat /proc/sys/kernel/random/boot_id) cannot" \
		"a guest that is silent on KVM and not in QEMU: that is remembered"
	guest good
	run env scripts/boot/smoke-hyperv.sh
	is "$rc $(hvhosts)" "0 0" "the next run does not try it"
	like "$out" '^smoke-hyperv: /dev/kvm has run no kernel since this machine booted' "and says why"
	rm "$project/build/kvm"
	guest good
	run env scripts/boot/smoke-hyperv.sh
	is "$rc $(hvhosts)" "0 1" "but after the file was removed"
else
	skip 5 "this machine has no /dev/kvm"
fi

# ---- merge-tap.awk
# merged - of $work/host and $work/guest, in one line
merged() {
	awk -f "$project/scripts/boot/merge-tap.awk" part=plan "$work/host" part=guest "$work/guest" \
		part=host "$work/host" | tr '\n' '|'
}
printf '%s\n' 'TAP version 13' 'ok 1 - a' 'log' 'not ok 2 - b' 1..2 >"$work/guest"
printf '%s\n' 'not ok 1 - c' '# why' 'ok 2 - d 1' 1..2 >"$work/host"
is "$(merged)" "TAP version 13|ok 1 - a|log|not ok 2 - b|1..4|not ok 3 - c|# why|ok 4 - d 1|" \
	"plans that come last are added, the host's rows numbered after the guest's"
printf '%s\n' 1..2 'ok 1 - a' 'ok 2 - b' >"$work/guest"
: >"$work/host"
is "$(merged)" "1..2|ok 1 - a|ok 2 - b|" "without a row of the host the guest's are as they were"
