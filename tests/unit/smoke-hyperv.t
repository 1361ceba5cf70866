#!/bin/sh
# smoke-hyperv.sh around stand-ins for hvhost and QEMU: where it runs, what the
# machine is given, one plan of the guest's and the host's rows, and its ends.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 19
project p
pin 9.1 9.1.5 'file:/none sha256:none'
mkdir -p "$project/dist/9.1" "$project/tests/hvhost"
# shellcheck disable=SC2016 # make's own
printf 'all:\n\tmkdir -p $(O)\n\techo init >$(O)/init\n' >"$project/tests/guest/Makefile"
# shellcheck disable=SC2016
printf 'all:\n\tmkdir -p $(O)\n\tcp %s $(O)/hvhost\n\techo outer >$(O)/outer-init\n' "$work/bin/hvhost" \
	>"$project/tests/hvhost/Makefile"
# a KVM that cannot: hvhost says why and ends
fake hvhost 'echo "hvhost: error: /dev/kvm: this kernel lacks HYPERV" >&2; exit 1'
# the three serial lines go where -serial file: says
fake qemu-system-x86_64 "shift; for word; do
	case \$word in file:*) files=\"\$files \${word#file:}\" ;; esac
	[ \"\$last\" != -initrd ] || cp \"\$word\" $work/initrd
	last=\$word
done
set -- \$files
echo turn >>$work/turns
case \$GUEST in
panic) echo 'Kernel panic - not syncing: outer' >\$1; exit 0 ;;
silent) [ \$(wc -l <$work/turns) != 1 ] || exec sleep 60 ;;
esac
printf 'TAP version 13\\n1..2\\nok 1 - boot: up\\nok 2 - vmbus: version\\n' >\$2
printf 'ok 1 - host: boot\\nok 2 - host: vmbus\\n1..2\\n' >\$3
ended='powered off after 9.0 s' status=0
case \$GUEST in
red) printf 'ok 1 - host: boot\\nnot ok 2 - host: vmbus\\n1..2\\n' >\$3; status=1 ;;
early) printf '1..2\\nok 1 - boot: up\\n' >\$2; status=1 ;;
hang) printf '1..2\\nok 1 - boot: up\\n' >\$2; ended='was ended at the time limit after 360.0 s' status=1 ;;
esac
printf 'outer: Linux 9.9\\r\\nhvhost: the guest %s, 5 exits\\r\\nouter: hvhost ended with status %s\\r\\n' \"\$ended\" \$status >\$1"
fake iasl 'exit 0'
PATH=$work/bin:$PATH

run make smoke-hyperv -o modules
like "$rc $err" '^2 smoke-hyperv: error: dist/9.1/bzImage: is not built$' "nothing is built"
echo image >"$project/dist/9.1/bzImage"
jq -n '{release: "9.1.5-wsl3", patches: [{name: "hyperv/bus.patch"}]}' >"$project/dist/9.1/manifest.json"

run env GUEST=good scripts/boot/smoke-hyperv.sh
like "$rc $err" '^1 smoke-hyperv: error: dist: has no kernel with modules, for KVM around hvhost$' "no modules, so no KVM for the machine around it"
mkdir -p "$work/lib/modules/9.1.5/kernel"
echo kvm >"$work/lib/modules/9.1.5/kernel/kvm.ko"
tar -C "$work" -czf "$project/dist/9.1/modules.tar.gz" lib/modules/9.1.5
run env GUEST=good scripts/boot/smoke-hyperv.sh
is "$rc$err" 0 "a guest that is well"
like "$out" '^smoke-hyperv: (/dev/kvm cannot: .*lacks HYPERV|no /dev/kvm that can be written)$' "why it does not run on KVM"
like "$out" '^smoke-hyperv: 9.1.5-wsl3, nested in TCG, around it Linux 9.9: the guest powered off after 9.0 s' "where it ran"
is "$(printf '%s\n' "$out" | grep -c '^1\.\.')" 1 "one plan"
like "$out" '^1\.\.4$' "of all rows"
like "$out" '^ok 4 - host: vmbus$' "the host's follow the guest's"
is "$(cpio -t --quiet <"$work/initrd" | grep -cxE 'init|hvhost|bzImage|initrd|hvhost.args|modules/kvm.ko')" 6 "the machine around it has what it needs"
args=$(cd "$work" && cpio -i --quiet --to-stdout hvhost.args <"$work/initrd")
like "$args" '^initrd=.* nr_cpus=1 .* wsl.hyperv=1 wsl.release=9.1.5-wsl3 wsl.queue=hyperv/bus' "the guest is told what it is"
run env GUEST=red scripts/boot/smoke-hyperv.sh
like "$rc $err" "^1 smoke-hyperv: error: linux 9.1: 1 of 4 rows are not ok: not ok 4 - host: vmbus" "a row of the host is not ok"
run env GUEST=early scripts/boot/smoke-hyperv.sh
like "$rc $err" '^1 smoke-hyperv: error: linux 9.1: the guest powered off early: 3 of 4 rows came' "the guest ends early"
run env GUEST=hang scripts/boot/smoke-hyperv.sh
like "$rc $err" '^1 smoke-hyperv: error: linux 9.1: the guest hung' "the guest hangs"
rm "$work/turns"
run env GUEST=panic scripts/boot/smoke-hyperv.sh
like "$rc $err" '^1 smoke-hyperv: error: .*the kernel around hvhost did not come through three times' "the kernel around it panics"
is "$(wc -l <"$work/turns")" 3 "three times"
rm "$work/turns"
run env GUEST=silent TIMEOUT=8 scripts/boot/smoke-hyperv.sh
like "$rc $out" 'it did not come to an end: nothing was heard for 2 s; once more$' "a machine that stands still is begun again"
is "$rc $(wc -l <"$work/turns")" "0 2" "and may come through"
run env OUTER="$work/none" scripts/boot/smoke-hyperv.sh
like "$rc $err" "^1 smoke-hyperv: error: OUTER=$work/none: has neither bzImage nor boot/vmlinuz$" "another kernel around it that is not there"
run scripts/boot/smoke-hyperv.sh x
is $rc 2 "usage"
