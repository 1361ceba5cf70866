#!/bin/sh
# Boot dist/<line>/bzImage as a guest of Hyper-V, which tests/hvhost stands in
# for, print the rows of the guest and of the host as one TAP, and judge them
# (check-tap.sh). On this machine's KVM where that can do it, otherwise inside QEMU's
# software emulation, with a kernel around hvhost that has KVM; a line says which.
# OUTER= that kernel with its modules: a dist/<line> (the newest line that is built),
# or a folder that a Debian linux-image package was unpacked to.
# TIMEOUT= seconds until the guest counts as hung (360). CPUS= of the guest (1).
# SEED= of what the hostile host does (the clock). CMDLINE= more boot parameters. Leaves build/<line>/log/hyperv-*.log.
. "$(dirname "$0")/../lib.sh"
[ $# = 0 ] || usage "LTS=x.y smoke-hyperv.sh"
need make gcc iasl cpio jq
lock "build/$LTS" "$root/build/$LTS"
[ -f "$dist/manifest.json" ] || die "dist/$variant/bzImage" "is not built" "run make kernel LTS=$LTS"
limit=${TIMEOUT:-360}
hvhost=$root/build/hvhost run=$build_dir/hyperv
host=$build_dir/log/hyperv-host.log console=$build_dir/log/hyperv-console.log
rows=$run/host.tap all=$build_dir/log/hyperv-rows.log

rm -rf "$run"
mkdir -p "$run/guest" "$run/outer/modules" "$run/dir" "$build_dir/log"
make -s -C "$root/tests/guest" O="$root/build/guest" >&2 && make -s -C "$root/tests/hvhost" O="$hvhost" all >&2 ||
	die "tests/guest, tests/hvhost" "do not compile" "the compiler's words are above"
cp "$root/build/guest/init" "$run/guest/init"
# pack DIR FILE - DIR as an initramfs
pack() { (cd "$1" && find . | sort | cpio -o -H newc -R 0:0 --quiet) >"$2"; }
pack "$run/guest" "$run/initrd"

# what WSL itself passes, and what the tests need
append="initrd=\\initrd.img console=hvc0 console=ttyS0 debug panic=-1 nr_cpus=${CPUS:-1} pty.legacy_count=0"
append="$append hv_balloon.pressure_report_delay=0 wsl.hyperv=1 wsl.release=$(jq -r .release "$dist/manifest.json")"
append="$append wsl.queue=$(jq -r '[.patches[].name | sub("\\.patch$"; "")] | join(",")' "$dist/manifest.json") ${CMDLINE:-}"
# options KERNEL INITRD DIR CONSOLE ROWS - the arguments of hvhost, one a line
options() {
	printf '%s\n' --kernel "$1" --initrd "$2" --cmdline "$append" --mem 768 --cpus "${CPUS:-1}" \
		--disk "$3/disk" --disk-mb 256 --tests "$3" --console "$4" --report "$5" --seconds "$limit" \
		--seed "${SEED:-$(date +%s)}"
}

# on_kvm - run on this machine's KVM; 1 when it cannot. Sets $end
on_kvm() {
	[ -w /dev/kvm ] || { say "no /dev/kvm that can be written"; return 1; }
	space=
	for word in "unshare -n" "unshare -rn"; do $word true 2>/dev/null && space=$word && break; done
	set --
	while IFS= read -r word; do set -- "$@" "$word"; done <<-EOF
		$(options "$dist/bzImage" "$run/initrd" "$run/dir" "$console" "$rows")
	EOF
	# a network card is a tap interface, in a namespace of its own
	[ -z "$space" ] || set -- "$@" --net hvhost0
	$space "$hvhost/hvhost" "$@" >"$host" 2>&1 </dev/null 9>&- &
	pid=$!
	trap 'kill $pid 2>/dev/null' EXIT
	began=$(date +%s)
	while kill -0 $pid 2>/dev/null; do
		[ $(($(date +%s) - began)) -lt 20 ] || grep -qs "Linux version" "$console" || {
			kill $pid
			break
		}
		sleep 0.2
	done
	end=0
	wait $pid || end=$?
	trap - EXIT
	grep -qs "Linux version" "$console" || {
		say "/dev/kvm cannot: $(tail -n 1 "$host")"
		return 1
	}
	where="the KVM of this machine"
}

# outer_kernel - sets $vmlinuz, puts the modules of KVM into the initramfs
outer_kernel() {
	outer=${OUTER:-$(find "$root"/dist/[0-9]*[0-9] -name modules.tar.gz | sort -V | tail -n 1)}
	[ "$outer" ] || die dist "has no kernel with modules, for KVM around hvhost" "run make modules LTS=$LTS"
	outer=${outer%/modules.tar.gz}
	mkdir -p "$run/unpacked"
	vmlinuz=$outer/bzImage modules=$run/unpacked
	if [ -f "$vmlinuz" ]; then
		tar -C "$modules" -xzf "$outer/modules.tar.gz" || die "$outer/modules.tar.gz" "cannot be unpacked"
	else
		vmlinuz=$(ls "$outer"/boot/vmlinuz* 2>/dev/null) ||
			die "OUTER=$outer" "has neither bzImage nor boot/vmlinuz" \
				"a dist/<line> with modules.tar.gz, or a Debian linux-image package unpacked (dpkg-deb -x)"
		modules=$outer/lib/modules
	fi
	for module in irqbypass ccp kvm kvm-amd tun; do
		file=$(find "$modules" -name "$module.ko*")
		case $file in
		'') continue ;;
		*.xz) xz -dc "$file" >"$run/outer/modules/$module.ko" ;;
		*) cp "$file" "$run/outer/modules/$module.ko" ;;
		esac
		echo "$module.ko" >>"$run/outer/modules/order"
	done
	rm -rf "$run/unpacked"
}

# nested - run inside QEMU; 1 when the kernel around hvhost fails. Sets $end
nested() {
	# One processor: QEMU delivers an interrupt that VMRUN has injected a second time,
	# whatever the guest's flags say, when another processor asks it to stop just then
	# (helper_vmrun() leaves exception_index set; so it is in 7.2 and 10.0).
	qemu-system-x86_64 -M q35 -accel tcg -cpu max -smp 1 -m 2048 -nodefaults \
		-display none -no-reboot -nic none -kernel "$vmlinuz" -initrd "$run/outer.initrd" \
		-append "console=ttyS0 panic=-1 quiet kvm-amd.nested=0 mitigations=off no_timer_check 8250.nr_uarts=4" \
		-serial "file:$host" -serial "file:$console" -serial "file:$rows" \
		>"$build_dir/log/qemu.log" 2>&1 </dev/null 9>&- &
	qemu=$!
	trap 'kill -9 $qemu 2>/dev/null' EXIT
	trap 'exit 1' INT TERM HUP
	began=$(date +%s) spoke=$began said=
	while kill -0 $qemu 2>/dev/null && now=$(date +%s) && [ $((now - began)) -lt $((limit + 60)) ]; do
		was=$said said=$(stat -c %s "$host" "$console" 2>/dev/null) || :
		[ "$said" = "$was" ] || spoke=$now
		# the last turn is left to hvhost, which says where the guest is
		[ "$turn" = 3 ] || [ $((now - spoke)) -lt $((limit / 4)) ] || break
		sleep 0.5
	done
	kill -9 $qemu 2>/dev/null || :
	wait $qemu 2>/dev/null || :
	trap - EXIT INT TERM HUP
	end=$(tr -d '\r' <"$host" | sed -n 's/^outer: hvhost ended with status \([0-9]*\)$/\1/p')
	# a guest that hangs is ended by hvhost, so where that says nothing it is not the guest
	[ "$end" ]
}

if ! on_kvm; then
	need qemu-system-x86_64
	outer_kernel
	cp "$hvhost/outer-init" "$run/outer/init"
	cp "$hvhost/hvhost" "$dist/bzImage" "$run/initrd" "$run/outer"
	{
		options /bzImage /initrd /tmp /dev/ttyS1 /dev/ttyS2
		printf '%s\n' --net tap0
	} >"$run/outer/hvhost.args"
	pack "$run/outer" "$run/outer.initrd"
	say "nested: hvhost inside QEMU, software emulation"
	for turn in 1 2 3; do
		nested && break
		[ $turn != 3 ] || die "$vmlinuz" "the kernel around hvhost did not come through three times" \
			"its words are in build/$LTS/log/hyperv-host.log"
		say "it did not come to an end: $(grep -aoE 'Kernel panic.*|Oops: .*' "$host" | tr -d '\r' | head -n 1 | grep . ||
			echo "nothing was heard for $((limit / 4)) s"); once more"
	done
	where="nested in TCG, around it $(tr -d '\r' <"$host" | sed -n 's/^outer: //p' | head -n 1)"
fi
ended=$(tr -d '\r' <"$host" | sed -n 's/^hvhost: the guest //p')

# one plan: the guest's rows, then the host's
tr -d '\r\0' <"$console" >"$run/console"
tr -d '\r' <"$rows" >"$run/rows"
awk 'FNR == 1 { file++ }
	file == 1 { if (sub(/^1\.\./, "")) more = $0; next }
	file == 2 && /^1\.\.[0-9]+$/ { sub(/^1\.\./, ""); plan = $0; print "1.." plan + more; next }
	file == 3 && /^(not )?ok / { at = ($1 == "not") + 2; $at += plan }
	file == 3 && /^1\.\./ { next }
	{ print }' "$run/rows" "$run/console" "$run/rows" >"$all"
case $ended in
*"time limit"*) end=hung ;;
*"powered off"*) end=0 ;;
esac
"$root/tests/lib/check-tap.sh" smoke-hyperv "$all" "$end" "$host" || exit 1
say "$(jq -r .release "$dist/manifest.json"), $where: the guest $ended, every row is ok"
