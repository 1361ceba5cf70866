# shellcheck shell=sh
# hvhost on this machine's KVM, sourced by smoke-hyperv.sh and try.sh. $monitor is what is run:
# hvhost, or a program that runs it.

# on_kvm - run $monitor; 1 when /dev/kvm cannot run the guest. Sets $end (its exit status)
# and $where, and $silent when the guest printed nothing for 20 s
on_kvm() {
	kvm_usable || return 1
	namespace=
	for word in "unshare -n" "unshare -rn"; do
		$word true 2>/dev/null && namespace=$word && break
	done
	set --
	while IFS= read -r word; do set -- "$@" "$word"; done <<-EOF
		$(options "$dist/bzImage" "$run/initrd" "$run/dir" "$console" "$rows" "$run/modules.ext4" "$hvc0" "$run/share")
	EOF
	# each network card is a tap interface, in a network namespace that goes with it
	[ -z "$namespace" ] || set -- "$@" --net hvhost0 --virtio-net hvhost1
	$namespace "$monitor" "$@" >"$host" 2>&1 </dev/null 9>&- &
	await $! $((limit + 60)) "$console"
	where="on the KVM of this machine"
	! alive "$console" || return 0
	if [ "$end" = silent ]; then
		silent=1
		say "the kernel printed nothing on /dev/kvm"
	else
		say "/dev/kvm cannot run it: $(tail -n 1 "$host")"
	fi
	return 1
}
