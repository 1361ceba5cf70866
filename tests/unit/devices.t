#!/bin/sh
# devices: every driver of the build is in the list, and no other is.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 20
project p
pin 9.1 9.1.5 "file:/none sha256:$(echo x | sha256sum | cut -c1-64)"
obj=$project/build/9.1/obj list=$project/config/devices.list
mkdir -p "$obj"
# the paths as old and new kernels write them
image() { printf 'kernel/%s.ko\n' fs/ext4/ext4 drivers/hv/hv_vmbus net/9p/9pnet_virtio net/vmw_vsock/hv_sock "$@" >"$obj/modules.builtin"; }
image
echo drivers/net/veth.ko >"$obj/modules.order"
printf '# the bus\n\ndrivers/hv/hv_vmbus * every device of Hyper-V\n' >"$list"
printf '%s * part of a bus\n' net/9p/9pnet_virtio net/vmw_vsock/hv_sock drivers/net/veth >>"$list"
cp "$list" "$work/list"

run scripts/kernel/devices.sh
is "$rc $err" "0 " "each driver has its line"
is "$out" "devices: 4 drivers, each with its reason" "no file system is counted, the ends of a bus are"
image drivers/ata/ahci sound/core/snd
echo drivers/net/wireless/mac80211_hwsim.o >>"$obj/modules.order"
run scripts/kernel/devices.sh
is $rc 1 "drivers that are not listed"
like "$err" '^devices: error: config/devices.list: does not match the drivers of linux 9.1:$' "are an error"
is "$(echo "$err" | grep ' is ')" "  drivers/ata/ahci is built and not listed
  drivers/net/wireless/mac80211_hwsim is built and not listed
  sound/core/snd is built and not listed" "which names them, built in or modules"
image
echo drivers/net/veth.ko >"$obj/modules.order"
echo 'drivers/net/tun 9.1 VPNs' >>"$list"
run scripts/kernel/devices.sh
is "$rc $(echo "$err" | grep ' is ')" "1   drivers/net/tun is listed and not built" "one that is listed and absent"
run env WITHOUT=network scripts/kernel/devices.sh
is "$rc" 0 "unless features were left out"
sed -i 's/^drivers.net.tun 9.1/drivers\/net\/tun 19.1,9.2/' "$list"
run scripts/kernel/devices.sh
is "$rc $err" "0 " "a line for other lines does not count"
image drivers/net/tun
run scripts/kernel/devices.sh
is "$rc $(echo "$err" | grep ' is ')" "1   drivers/net/tun is built and not listed" "in either way"
run env LTS=9.1 WITHOUT=network scripts/kernel/devices.sh
is "$rc" 1 "not even then"
# ---- drivers of an optional feature
cp "$work/list" "$list"
echo 'drivers/android/binder 9.1,9.2+android containers with Android' >>"$list"
image
run scripts/kernel/devices.sh
is "$rc $err" "0 " "one of an optional feature need not be built"
run env WITH="xdp android" scripts/kernel/devices.sh
is "$rc $(echo "$err" | grep ' is ')" "1   drivers/android/binder is listed and not built" "but with WITH= it must be"
image drivers/android/binder
run env WITH="xdp android" scripts/kernel/devices.sh
is "$rc $err" "0 " "where it has its line"
run env WITH=androids scripts/kernel/devices.sh
is "$rc $(echo "$err" | grep ' is ')" "1   drivers/android/binder is built and not listed" "and not without WITH="
sed -i 's/9.1,9.2+/19.1,9.2+/' "$list"
run env WITH="xdp android" scripts/kernel/devices.sh
is "$rc $(echo "$err" | grep ' is ')" "1   drivers/android/binder is built and not listed" "nor on another line"
image
cp "$work/list" "$list"
echo 'drivers/net/veth *' >>"$list"
run scripts/kernel/devices.sh
like "$rc $err" 'line 7 is not DRIVER LINES REASON$' "a line without a reason"
cp "$work/list" "$list"
rm "$obj/modules.order"
run scripts/kernel/devices.sh
like "$rc $err" '^1 devices: error: build/9.1/obj/modules.order: does not exist$' "before a build"
like "$err" '^  run make modules LTS=9.1$' "it says what to run"
run scripts/kernel/devices.sh all
is $rc 2 "usage"
printf 'kernel/drivers/a.ko\ndrivers/b.o\nfs/c.ko' >"$work/built"
printf 'drivers/a * reason\ndrivers/d 9.1 reason' >"$work/drivers"
is "$(awk -v line=9.1 -v count="$work/count" -f "$top/scripts/kernel/devices.awk" "$work/drivers" - <"$work/built")$(cat "$work/count")" \
	"drivers/b is built and not listed
drivers/d is listed and not built2" "devices.awk: no newline at the end of either"
