#!/bin/sh
# parity: what is on in another kernel's configuration is on here, or has a reason.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 30
build_tools treestate config-check config-parity
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
list=$project/config/omitted.list baseline=$project/other.config
: >"$list"
run scripts/tree/prepare.sh
run env WITHOUT=trace scripts/config/config.sh
# parity SYMBOL=VALUE... - against a configuration that has these
parity() {
	for symbol; do echo "CONFIG_$symbol"; done >"$baseline"
	run env BASELINE=other.config scripts/config/parity.sh
}
error='^parity: error: build/9.1/obj/.config: lacks symbols that other.config enables:$'

parity HYPERV=y NFS=m 'CMDLINE="quiet"' NR_CPUS=8
is "$rc $err" "0 " "all that is on there is on here, a module or built in"
is "$out" "parity: 2 symbols are on there: 2 are on here, 0 are left out for a reason, 0 follow from others" "it counts them"
parity HYPERV=y TRACE=y CAN=m
is $rc 1 "one that is not on here"
like "$err" "$error" "is an error"
is "$(echo "$err" | grep CONFIG_)" "  CONFIG_TRACE
  CONFIG_CAN" "which names it, whatever quotes its prompt has, and no other"
like "$err" '^  request it in config/, or give a reason in config/omitted.list$' "and says what to do"
parity HYPERV=y SOUND_CORE=y
is "$rc $err" "0 " "one without a prompt needs no reason"
like "$out" ': 1 are on here, 0 are left out for a reason, 1 follow from others$' "and is counted"
parity HYPERV=y DXG=y
is "$rc $err" "0 " "nor does one that the release does not define"
like "$out" '^parity: the release has no such symbol: DXG$' "which is named"
mkdir -p "$project/build/9.1/src/arch/x86/kvm" "$project/build/9.1/src/arch/arm"
printf 'config DXG\n\tbool "on arm"\n' >"$project/build/9.1/src/arch/arm/Kconfig"
parity HYPERV=y DXG=y
is "$rc" 0 "another processor's Kconfig does not count"
mv "$project/build/9.1/src/arch/arm/Kconfig" "$project/build/9.1/src/arch/x86/kvm"
parity HYPERV=y DXG=y
is "$rc" 1 "this one's does"

# ---- the list
printf '# a group\n\nTRACE * for its size\nSOUND_* 9.1,9.3 no guest has a card\n' >"$list"
parity TRACE=y SOUND_CARD=m NFS=y
is "$rc $err" "0 " "what has a reason is left out, by its name or a pattern"
unlike "$out" '^(TRACE|SOUND_CARD)' "the reasons are not printed"
run env BASELINE=other.config V=1 scripts/config/parity.sh
like "$out" '^TRACE	for its size$' "but with V=1"
echo 'CAN 9.3,19.1 another line' >>"$list"
parity TRACE=y SOUND_CARD=m CAN=y
is "$rc $(echo "$err" | grep -c CONFIG_)" "1 1" "a reason for other lines does not count"
echo 'NOSUCH * gone' >>"$list"
parity SOUND_CARD=m
like "$err" '^parity: warning: config/omitted.list: unused entry NOSUCH$' "an unused entry is named"
unlike "$err" 'SOUND|CAN|TRACE' "but not one that is used, another line's, or one for another baseline"
is "$rc" 0 "and is not an error"
sed -i 's/^TRACE/NFS/' "$list"
parity NFS=y SOUND_CARD=m
like "$err" '^parity: warning: config/omitted.list: unused entry NFS, which is on in 9.1$' "one that is on here, too"
echo 'CAN *' >>"$list"
parity NFS=y
like "$rc $err" '^1 parity: error: config/omitted.list:7: is not SYMBOL LINES REASON$' "an entry without a reason"
sed -i '$d' "$list"

# ---- optional features; the project has pnfs, with a part for line 9.2
parity NFS_V5=y
is "$rc $err" "0 parity: warning: config/omitted.list: unused entry NFS, which is on in 9.1
parity: warning: config/omitted.list: unused entry NOSUCH" "what WITH= adds needs no reason"
like "$out" ': 0 are on here, 1 are optional, 0 are left out' "and is counted"
run env BASELINE=other.config V=1 scripts/config/parity.sh
like "$out" '^NFS_V5	WITH=pnfs adds it$' "V=1 prints its feature"
parity CAN=m
is "$rc" 1 "another line's part of it does not count"

# ---- what it compares with
run scripts/config/parity.sh
like "$rc $err" '^1 parity: error: BASELINE=: is not set$' "no baseline"
run env BASELINE=none.config scripts/config/parity.sh
like "$rc $err" '^1 parity: error: BASELINE=none.config: no such file$' "one that does not exist"
run env BASELINE=Makefile scripts/config/parity.sh
like "$rc $err" '^1 parity: error: BASELINE=Makefile: enables no symbol$' "a file of another kind"
mkdir "$project/linux"
echo CONFIG_TRACE=y >"$project/linux/.config"
run env BASELINE=linux/.config scripts/config/parity.sh
like "$rc $err" 'CONFIG_TRACE$' "its name does not matter"
rm -r "$project/build/9.1/obj"
run env BASELINE=other.config scripts/config/parity.sh
like "$rc $err" '^1 parity: error: build/9.1/obj/.config: does not exist$' "without a .config here"
