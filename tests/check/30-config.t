#!/bin/sh
# The configuration on a real tree: it holds, a misspelt symbol is named with the file
# that requests it, and an impossible one with the dependency that is off.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/lines.sh"
pick_line
plan 13
# config [FRAGMENT [WITHOUT [WITH]]] - the step with one more fragment, or other features
config() {
	for_line "$line" env EXTRA="${1:-}" WITHOUT="${2:-${WITHOUT:-}}" WITH="${3:-${WITH:-}}" \
		"$root/scripts/config/config.sh" >"$work/out" 2>&1
}
# names DIR - the features of config/DIR
names() { find "$root/config/$1" -name '*.config' -printf '%f\n' | sed -n 's/^\([^.]*\)\.config$/\1/p' | sort; }
configured() { for_line "$line" "$root/scripts/tree/prepare.sh" >"$work/out" 2>&1 && config; }
# the kernel's modprobe runs outside the distribution, where the modules are not
parts="CRYPTO|NF|NFT|NETFILTER|IP6?_NF|IP_SET|BRIDGE|NET_SCH|NET_CLS|NET_ACT|NET_EMATCH|NLS|BINFMT"
built_in() {
	[ -s "$root/build/$line/obj/.config" ] &&
		! grep -E "^CONFIG_($parts)_[A-Z0-9_]*=m" "$root/build/$line/obj/.config" |
		# a library, which comes with the module that needs it
		grep -v '^CONFIG_NLS_UCS2_UTILS=m' >"$work/out"
}
ok configured "$line: every requested symbol is in the .config"
ok built_in "no cipher, filter or other part that the kernel requests by itself is a module"
printf 'CONFIG_MISSPELT_SYMBOL=y\nCONFIG_VIRTIO_CONSOLE=m\nCONFIG_SATA_AHCI=y\n' \
	>"$work/bad.config"
rc=0
config "$work/bad.config" || rc=$?
is $rc 1 "a fragment with impossible requests stops the step"
out=$(cat "$work/out")
like "$out" "CONFIG_MISSPELT_SYMBOL=y, .* $work/bad.config, is n: this kernel has no such symbol" \
	"a misspelt symbol is named, with its file"
like "$out" 'CONFIG_SATA_AHCI=y, .* is n: depends on .*ATA=n' \
	"the dependency that is off is named"
like "$out" 'CONFIG_VIRTIO_CONSOLE=m, .*, but the boot contract .* needs y' \
	"the boot contract cannot be undone"
printf 'CONFIG_HZ_1000=y\nCONFIG_PREEMPT=y\n' >"$work/choice.config"
chosen() { config "$work/choice.config"; }
ok chosen "members of a choice replace those of the project"
is "$(grep -cxE 'CONFIG_(HZ_1000|PREEMPT)=y' "$root/build/$line/obj/.config")" 2 "they are in the .config"
echo CONFIG_VIRTIO_VSOCKETS=y >"$work/bad.config"
rc=0
config "$work/bad.config" || rc=$?
is $rc 1 "a driver that takes a device of WSL's away stops the step"
like "$(cat "$work/out")" 'the boot contract needs CONFIG_VIRTIO_VSOCKETS off:$' "it is named"
ok config "without the fragment the step passes again"
failed=
for feature in $(names features); do
	config '' "$feature" || { failed=$feature && break; }
done
cp "$work/out" "$work/last"
with=
for feature in $(names optional); do
	config '' '' "$feature" || { with=$feature && break; }
done
[ "$with" ] || config '' "$(names features | tr '\n' ' ')" all || with="all, without the other features"
[ -z "$with" ] || cp "$work/out" "$work/last"
config || : # leave the directory as it was
cp "$work/last" "$work/out"
is "$failed" "" "each feature can be left out alone"
is "$with" "" "each optional feature can be added alone, and all without any other feature"
