#!/bin/sh
# config: a symbol has the requested value in .config, or the step stops and names it.
# (Why kconfig refuses a symbol is tested on a real tree, in tests/check.)
# shellcheck disable=SC2059 # texts are formats, with escapes
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 59
build_tools treestate config-check fragment-check
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
run scripts/tree/prepare.sh
config=$project/build/9.1/obj/.config
error='^config: error: build/9.1/obj/.config: these symbols do not have the requested value:$'
# has SYMBOL... - their lines of the .config
has() { for symbol; do grep -E "^(# )?CONFIG_${symbol}[ =]" "$config"; done | sed 's/CONFIG_//' | tr '\n' ' '; }

run scripts/config/config.sh
is "$rc $err" "0 " "a configuration"
is "$(has HYPERV BALLOON NFS TRACE)" "HYPERV=y BALLOON=y NFS=y TRACE=y " "the base and the features are in it"
is "$(has SOUND)" "SOUND=y " "the line's own file wins over the base"
is "$(has CAN)" "# CAN is not set " "a feature's part for another line is left out"
before=$(stat -c '%Y %Z %i' "$config")
run scripts/config/config.sh
is "$rc$out$err $(stat -c '%Y %Z %i' "$config")" "0 $before" "a second run does nothing"

# ---- symbols that do not get the value
echo CONFIG_MISPELT=y >>"$project/config/wsl2_defconfig"
echo CONFIG_SOUND_CARD=m >>"$project/config/features/memory.config"
sed -i '/SOUND=y/d' "$project/config/lines/9.1.config"
run scripts/config/config.sh
is $rc 1 "symbols that are not available stop the step"
like "$err" "$error" "the error lists them"
like "$err" '^  CONFIG_MISPELT=y, requested by config/wsl2_defconfig, is n' "one that does not exist, with the file that requests it"
like "$err" '^  CONFIG_SOUND_CARD=m, requested by config/features/memory.config, is n' "one whose dependency is off"
unlike "$err" 'CONFIG_(NFS|HYPERV|SOUND|BALLOON)=' "and no others"
cp -R "$unit/config/." "$project/config"

# ---- EXTRA
printf 'CONFIG_SOUND_CARD=m\n# CONFIG_TRACE is not set\n' >"$work/extra.config"
printf 'CONFIG_SOUND_CARD=y\nCONFIG_NFS_V5=m\n' >"$project/more.config"
run env EXTRA="$work/extra.config more.config" scripts/config/config.sh
is "$rc $(has NFS_V5)" "0 NFS_V5=m " "EXTRA= adds to the configuration"
is "$(has TRACE)" "# TRACE is not set " "and overrides it"
is "$(has SOUND_CARD)" "SOUND_CARD=y " "of two files the last one wins"
printf '# CONFIG_HYPERV is not set\nCONFIG_NFS=m\n' >"$project/more.config"
sed -i 's/^CONFIG_HYPERV=y/&\nCONFIG_NFS=y/' "$project/config/wsl2_defconfig"
run env EXTRA=more.config scripts/config/config.sh
is $rc 1 "the boot contract cannot be undone"
like "$err" '^  CONFIG_HYPERV=n, requested by .*/more.config, but the boot contract in config/wsl2_defconfig needs y$' "the error says who requests it and what is needed"
like "$err" '^  CONFIG_NFS=m, requested by .*/more.config, but the boot contract' "a module is not enough"
run env WITHOUT="nfs memory" scripts/config/config.sh
is "$rc $(has NFS)" "0 NFS=y " "WITHOUT= takes away nothing that it has"
cp "$unit/config/wsl2_defconfig" "$project/config"
cp "$project/config/lines/9.1.config" "$work/line"
printf '# ==== boot contract: begin\nCONFIG_NFS=y\n# ==== boot contract: end\n' >>"$project/config/lines/9.1.config"
run env EXTRA=more.config scripts/config/config.sh
like "$rc $err" '^  CONFIG_NFS=m, requested by .*/more.config, but the boot contract in config/lines/9.1.config needs y$' "the line's own part of it is named"
cp "$work/line" "$project/config/lines/9.1.config"
run env EXTRA=none.config scripts/config/config.sh
like "$rc $err" '^1 config: error: EXTRA=(.*/)?none.config: no such file$' "a file that does not exist"
sed -i 's/^CONFIG_SOUND=y/# CONFIG_SOUND is not set/' "$config"
run scripts/config/config.sh
is "$rc $(has TRACE)" "0 TRACE=y " "without EXTRA= the configuration is the project's again"
is "$(has SOUND)" "SOUND=y " "whatever was written into .config"

# ---- lines of EXTRA that kconfig would ignore, or take for others
# malformed TEXT REGEX NAME - a file with this text, as printf takes it
malformed() {
	printf "$1" >"$project/more.config"
	run env EXTRA=more.config scripts/config/config.sh
	like "$rc $err" "^1 config: error: $project/more.config: has lines that request nothing:\$" "$3"
	like "$err" "^  $project/more.config:$2" "$3: file, line and reason"
}
malformed '\357\273\277CONFIG_NFS_V5=m\n' '1: the file begins with a byte order mark' "a byte order mark"
malformed '# mine\n CONFIG_NFS_V5=m\n' '2: the line is indented' "an indented line"
malformed 'NFS_V5=m\n' '1: it is no request' "a symbol without CONFIG_"
malformed 'CONFIG_NFS_V5=m\r\n' '1: the line ends in CRLF' "CRLF"
malformed 'CONFIG_TRACE=y\nCONFIG_NFS_V5=m # mine\n' '2: a comment behind a value' "a comment behind a value"
printf CONFIG_NFS_V5=m >"$project/more.config"
run env EXTRA="more.config $work/extra.config" scripts/config/config.sh
like "$rc $err" "^1 config: error: $project/more.config: has no newline at its end$" "no newline at the end, which would join two files"

# ---- config/conflicts.list: what takes a device of WSL's away
conflict='^config: error: build/9.1/obj/.config: the boot contract needs CONFIG_SOUND_CARD off:$'
printf 'CONFIG_SOUND_CARD=y\n' >"$project/more.config"
sed -i 's/^SOUND_CARD  9.3/SOUND_CARD  9.1,9.3/' "$project/config/conflicts.list"
run env EXTRA="$work/extra.config more.config" scripts/config/config.sh
like "$rc $err" '^1 config: error: .*the boot contract needs CONFIG_SOUND_CARD off:$' "EXTRA= requests one"
is "$(printf '%s\n' "$err" | tail -n +2)" "  it takes the sound of the host away
  $project/more.config requests it: remove that" "the error says why, and who requests it"
printf 'CONFIG_SOUND_CARD=m\nCONFIG_CAN=y\n' >"$project/more.config"
run env EXTRA=more.config scripts/config/config.sh
is "$rc$err $(has SOUND_CARD)" "0 SOUND_CARD=m " "a module is no conflict, nor what is one on another line"
run env EXTRA=more.config MODULES=none scripts/config/config.sh
like "$rc $err" "$(echo "$conflict" | sed 's/^^/^1 /')" "MODULES=none makes it one"
cp "$unit/config/conflicts.list" "$project/config"

# ---- WITHOUT
run env WITHOUT="nfs memory" scripts/config/config.sh
is "$rc $(has NFS BALLOON TRACE)" "0 # NFS is not set # BALLOON is not set TRACE=y " "WITHOUT= leaves features out"
run env WITHOUT=usb scripts/config/config.sh
is $rc 1 "one that does not exist"
like "$err" '^config: error: WITHOUT=usb: there is no such feature$' "is an error"
like "$err" '^  features: memory nfs trace $' "which lists those there are"

# ---- WITH
is "$(has NFS_V5)" "# NFS_V5 is not set " "an optional feature is off"
run env WITH=pnfs scripts/config/config.sh
is "$rc $(has NFS_V5 CAN TRACE)" "0 NFS_V5=m # CAN is not set TRACE=y " "WITH= adds it, without its part for another line"
run env WITH=all WITHOUT=trace scripts/config/config.sh
is "$rc $(has NFS_V5 TRACE)" "0 NFS_V5=m # TRACE is not set " "WITH=all adds all"
run env WITH=nfs scripts/config/config.sh
is $rc 1 "one that does not exist"
like "$err" '^config: error: WITH=nfs: there is no such optional feature$' "is an error"
is "$(echo "$err" | tail -n +2)" "  optional features: pnfs or all
  on unless WITHOUT= names them: memory nfs trace " "which lists those there are"

# ---- MODULES
printf 'CONFIG_SOUND_CARD=m\nCONFIG_NFS_V5=m\n' >"$project/more.config"
run env EXTRA=more.config MODULES=none scripts/config/config.sh
is "$rc $(has SOUND_CARD)" "0 SOUND_CARD=y " "MODULES=none builds a module in"
is "$(has NFS_V5)" "NFS_V5=m " "except what config/builtin.config lists"
run env MODULES=none WITHOUT=nfs scripts/config/config.sh
is "$rc $err" "0 " "which may list what a feature left out has"
run env EXTRA=more.config scripts/config/config.sh
is "$rc $(has SOUND_CARD)" "0 SOUND_CARD=m " "without it the module is one again"
run env MODULES=all scripts/config/config.sh
like "$rc $err" '^1 config: error: MODULES=all: is not known$' "another value is an error"

# ---- a run that is killed, by a signal that it can catch and by one that it cannot
real=$(cat "$project/build/9.1/src/scripts/kconfig/merge_config.sh")
echo '# CONFIG_TRACE is not set' >"$project/more.config"
for signal in TERM KILL; do
	printf '#!/bin/sh\nmktemp ./.tmp.config.XXXX >%s\nkill -%s 0\nsleep 2\n' "$work/temporary" $signal \
		>"$project/build/9.1/src/scripts/kconfig/merge_config.sh"
	(cd "$project" && LTS=9.1 EXTRA=more.config exec setsid -w scripts/config/config.sh) >"$work/out" 2>"$work/err" </dev/null || :
	is "$(wc -l <"$work/temporary") $(find "$project" -maxdepth 1 -name '.*config*')" "1 " "by $signal: the kernel's merge_config.sh leaves nothing in the project"
	[ $signal = KILL ] || is "$(find "$project/build" -name '.tmp.config*')" "" "nor in build/"
done
printf '%s\n' "$real" >"$project/build/9.1/src/scripts/kconfig/merge_config.sh"
run env EXTRA=more.config scripts/config/config.sh
is "$rc$err" 0 "and the next run works"

# ---- errors of the tree's programs
printf '#!/bin/sh\necho broken merge >&2\nexit 1\n' >"$project/build/9.1/src/scripts/kconfig/merge_config.sh"
echo CONFIG_NFS=y >"$project/more.config"
run env EXTRA=more.config scripts/config/config.sh
like "$rc $err" '^1 config: error: build/9.1/obj/.config: cannot be merged$' "the tree's merge_config.sh fails"
like "$err" 'broken merge' "its output is shown"
like "$err" 'the whole output is in build/9.1/log/config.log$' "and where the rest is"
cp "$unit/release/scripts/kconfig/merge_config.sh" "$project/build/9.1/src/scripts/kconfig"
echo nonsense >"$project/build/9.1/src/scripts/kconfig/conf.awk"
sed -i '1i syntax error (' "$project/build/9.1/src/scripts/kconfig/conf.awk"
run env EXTRA=more.config scripts/config/config.sh
like "$rc $err" '^1 config: error: build/9.1/obj/.config: make olddefconfig failed$' "kconfig fails"
