# shellcheck shell=sh
# hvhost inside QEMU's software emulation, on an outer kernel with KVM; sourced by
# smoke-hyperv.sh and try.sh.

# nested - run hvhost there, at most three times. $memory is the guest's, in MB. Sets $end
# (its exit status) and $where
nested() {
	need qemu-system-x86_64
	# what is not the guest's is the outer kernel's, with its files and hvhost's disks: it is
	# the memory that 768 MB of the guest leave of 2 GB, in which all rows pass
	outer_memory=$((memory + 1280))
	[ $outer_memory -ge 2048 ] || outer_memory=2048
	has=$(($(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo) / 1024))
	[ $outer_memory -le $has ] ||
		die "MEM=$memory" "needs $outer_memory MB nested in QEMU, this machine has $has MB" \
			"run it with less, or where there is /dev/kvm"
	outer_kernel
	cp "$hvhost/outer-init" "$run/outer/init"
	cp "$monitor" "$run/outer/hvhost"
	cp "$dist/bzImage" "$run/initrd" "$run/outer"
	cp -R "$run/share" "$run/outer"
	[ -z "$modules" ] || mv "$run/modules.ext4" "$run/outer"
	{
		options /bzImage /initrd /tmp /dev/ttyS1 /dev/ttyS2 /modules.ext4 /tmp/hvc0.log /share
		printf '%s\n' --net tap0 --virtio-net tap1
	} >"$run/outer/hvhost.args"
	pack "$run/outer" "$run/outer.initrd"
	say "nested: hvhost inside QEMU, software emulation"
	for attempt in 1 2 3; do
		boot_outer
		# hvhost ends a guest that hangs: without its status the outer kernel has failed
		end=$(tr -d '\r' <"$host" | sed -n 's/^outer: hvhost ended with status \([0-9]*\)$/\1/p')
		[ -z "$end" ] || break
		[ $attempt != 3 ] || die "$vmlinuz" "the outer kernel failed three times" \
			"its output: ${host#"$root/"}"
		fault=$(tr -d '\r' <"$host" | grep -aoE 'Kernel panic.*|Oops: .*' | head -n 1) || :
		say "the outer kernel failed: ${fault:-no output for $((limit / 4)) s}; trying again"
	done
	where="nested in TCG, outer kernel $(tr -d '\r' <"$host" | sed -n 's/^outer: //p' | head -n 1)"
}

# outer_kernel - set $vmlinuz; put its KVM modules, in load order, into the initramfs
outer_kernel() {
	outer=${OUTER:-$(find "$root"/dist/[0-9]*[0-9] -name modules.tar.gz | sort -V | tail -n 1)}
	[ "$outer" ] || die dist "has no kernel with modules, for KVM around hvhost" \
		"run make modules LTS=$LTS"
	outer=${outer%/modules.tar.gz}
	vmlinuz=$outer/bzImage unpacked=$run/unpacked
	mkdir -p "$unpacked"
	if [ -f "$vmlinuz" ]; then
		tar -C "$unpacked" -xzf "$outer/modules.tar.gz" ||
			die "$outer/modules.tar.gz" "cannot be unpacked"
	else
		vmlinuz=$(ls "$outer"/boot/vmlinuz* 2>/dev/null) ||
			die "OUTER=$outer" "has neither bzImage nor boot/vmlinuz" \
				"a dist/<line> with modules.tar.gz, or a Debian linux-image package unpacked (dpkg-deb -x)"
		unpacked=$outer/lib/modules
		[ -d "$unpacked" ] || unpacked=$outer/usr/lib/modules # Debian 13 and later
	fi
	for module in irqbypass ccp kvm kvm-amd tun; do
		file=$(find "$unpacked" -name "$module.ko*")
		case $file in
		'') continue ;;
		*.xz) xz -dc "$file" >"$run/outer/modules/$module.ko" ;;
		*) cp "$file" "$run/outer/modules/$module.ko" ;;
		esac
		echo "$module.ko" >>"$run/outer/modules/order"
	done
	rm -rf "$run/unpacked"
}

# boot_outer - one run of QEMU: until it ends, until 60 s after hvhost's own time limit or, in
# the first two attempts, until neither console has grown for a quarter of that limit
boot_outer() {
	# One processor: QEMU delivers an interrupt that VMRUN has injected a second time,
	# whatever the guest's flags say, if another processor stops it at that moment
	# (helper_vmrun() leaves exception_index set, in 7.2 and in 10.0).
	# Not WSL's command line: this kernel stands for the machine below.
	outer_append="console=ttyS0 panic=-1 quiet kvm-amd.nested=0 mitigations=off"
	outer_append="$outer_append no_timer_check 8250.nr_uarts=4"
	qemu-system-x86_64 -M q35 -accel tcg -cpu max -smp 1 -m "$outer_memory" -nodefaults \
		-display none -no-reboot -nic none -kernel "$vmlinuz" -initrd "$run/outer.initrd" \
		-append "$outer_append" \
		-serial "file:$host" -serial "file:$console" -serial "file:$rows" -serial "file:$hvc0" \
		>"$build_dir/log/qemu.log" 2>&1 </dev/null 9>&- &
	qemu=$!
	trap 'kill -9 $qemu 2>/dev/null' EXIT
	trap 'exit 1' INT TERM HUP
	began=$(date +%s) last_output=$began sizes=
	while kill -0 $qemu 2>/dev/null && now=$(date +%s) &&
		[ $((now - began)) -lt $((limit + 60)) ]; do
		was=$sizes sizes=$(stat -c %s "$host" "$console" 2>/dev/null) || :
		[ "$sizes" = "$was" ] || last_output=$now
		# in the last attempt hvhost ends the guest itself and prints its state
		[ "$attempt" = 3 ] || [ $((now - last_output)) -lt $((limit / 4)) ] || break
		sleep 0.5
	done
	kill -9 $qemu 2>/dev/null || :
	wait $qemu 2>/dev/null || :
	trap - EXIT INT TERM HUP
}
