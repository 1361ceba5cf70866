#!/bin/sh
# devices.sh - does config/devices.list name every driver of the line's build, and no
# other? A driver is what kbuild lists in modules.builtin or modules.order below drivers/
# or sound/, and elsewhere what has virtio or hv in its name.
# With WITHOUT= a listed driver may be absent; one of an optional feature is there exactly
# with its WITH=, one of +gpu with GPU=1. Exit 0, or 1 naming each difference.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/fragments.sh"
[ $# = 0 ] || usage "LTS=x.y devices.sh"
check_pin
for file in modules.builtin modules.order; do
	[ -f "$obj/$file" ] || die "build/$variant/obj/$file" "does not exist" "run make modules LTS=$LTS$gpu"
done
mkdir -p "$build_dir/log"
differences=$build_dir/log/devices count=$build_dir/log/devices.count
cat "$obj/modules.builtin" "$obj/modules.order" |
	awk -v line="$LTS" -v without="${WITHOUT:-}" -v with="$(added | tr '\n' ' ')${gpu:+gpu}" -v count="$count" \
		-f "$root/scripts/kernel/devices.awk" "$root/config/devices.list" - >"$differences"
if [ -s "$differences" ]; then
	sort -o "$differences" "$differences"
	die_list config/devices.list "does not match the drivers of linux $LTS:" \
		"list a driver with the reason why a guest needs it, or disable it in config/" \
		<"$differences"
fi
say "$(cat "$count") drivers, each with its reason"
