#!/bin/sh
# devices.sh - is every driver of the line's build in config/devices.list, and
# every driver of the list in the build? A driver is what kbuild lists in
# modules.builtin or modules.order below drivers/ or sound/, and elsewhere what
# has virtio or hv in its name: ends of a bus that live with their subsystem.
# With WITHOUT= a listed driver may be absent. Exit 0, or 1 naming each.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
[ $# = 0 ] || usage "LTS=x.y devices.sh"
check_pin
for file in modules.builtin modules.order; do
	[ -f "$obj/$file" ] || die "build/$variant/obj/$file" "is not there" "run make modules LTS=$LTS"
done
mkdir -p "$build_dir/log"
cat "$obj/modules.builtin" "$obj/modules.order" | awk -v line="$LTS" -v without="${WITHOUT:-}" -v count="$build_dir/log/devices.count" '
	FILENAME != "-" {
		if (/^#/ || !NF) next
		if (NF < 3 || $2 !~ /^(\*|[0-9.,]+)$/) { print "line " FNR " is not DRIVER LINES WHY"; next }
		if ($2 == "*" || index("," $2 ",", "," line ",")) listed[$1]
		next
	}
	{
		sub(/^kernel\//, ""); sub(/\.k?o$/, "")
		name = $0; sub(/.*\//, "", name)
		if (!/^(drivers|sound)\// && name !~ /virtio|(^|_)hv(_|$)/) next
		built[$0]
		if (!($0 in listed)) print $0 " is built and not listed"
		n++
	}
	END {
		for (driver in listed) if (!(driver in built) && without == "") print driver " is listed and not built"
		print n + 0 >count
	}' "$root/config/devices.list" - >"$build_dir/log/devices"
if [ -s "$build_dir/log/devices" ]; then
	set --
	while read -r text; do set -- "$@" "$text"; done <<-EOF
		$(sort "$build_dir/log/devices")
	EOF
	die config/devices.list "does not agree with linux $LTS:" "$@" \
		"name a driver with the reason why a guest needs it, or leave it out in config/"
fi
say "$(cat "$build_dir/log/devices.count") drivers, each with its reason"
