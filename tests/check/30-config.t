#!/bin/sh
# The configuration on a real tree: it holds, a misspelt symbol is named with
# the file that asks, and one that cannot be had with the dependency that is off.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/tests/lib/lines.sh"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
pick
echo 1..8
n=0
# row STATUS NAME - the text looked at is shown when it is not ok
row() {
	n=$((n + 1))
	[ "$1" = 0 ] || { printf 'not '; sed 's/^/# /' "$tmp/out" >&2; }
	echo "ok $n - $2"
}
config() { on "$line" env EXTRA="$1" "$root/scripts/config/config.sh" >"$tmp/out" 2>&1; }

on "$line" "$root/scripts/tree/prepare.sh" >"$tmp/out" 2>&1 && config ''
row $? "$line: every asked-for symbol is in the .config"
# A module that the kernel asks for by itself is looked up outside the distribution.
[ -s "$root/build/$line/obj/.config" ] &&
	! grep -E "^CONFIG_(CRYPTO|NF|NFT|NETFILTER|IP6?_NF|IP_SET|BRIDGE|NET_SCH|NET_CLS|NET_ACT|NET_EMATCH|NLS|BINFMT)_[A-Z0-9_]*=m" \
		"$root/build/$line/obj/.config" >"$tmp/out"
row $? "no cipher, filter or other part that the kernel requests by itself is a module"
printf 'CONFIG_MISSPELT_SYMBOL=y\nCONFIG_VIRTIO_CONSOLE=m\nCONFIG_SND_HDA_INTEL=y\n' >"$tmp/bad.config"
config "$tmp/bad.config"
[ $? = 1 ]
row $? "a fragment that asks for what cannot be had stops the step"
grep -q "CONFIG_MISSPELT_SYMBOL=y, asked for by $tmp/bad.config, is n: this kernel has no such symbol" "$tmp/out"
row $? "a misspelt symbol is named, with its file"
grep -q 'CONFIG_SND_HDA_INTEL=y, .* is n: depends on .*SND=n' "$tmp/out"
row $? "the dependency that is off is named"
grep -q 'CONFIG_VIRTIO_CONSOLE=m, asked for by .*: the boot contract .* needs y' "$tmp/out"
row $? "the boot contract cannot be undone"
config ''
row $? "and without the fragment the step is done again"
for feature in "$root"/config/features/*.config; do
	feature=$(basename "$feature" .config)
	case $feature in *.*) continue ;; esac
	WITHOUT=$feature on "$line" "$root/scripts/config/config.sh" >"$tmp/out" 2>&1 || { echo "WITHOUT=$feature" >>"$tmp/out"; break; }
	feature=
done
config '' # leave the folder as it was found
[ -z "$feature" ]
row $? "each feature can be left out alone"
