#!/bin/sh
# menuconfig.sh: a change goes to the file of config/ that requests the symbol, and to
# no other; a new symbol goes to the base.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 15
build_tools treestate config-check
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
run make config
is $rc 0 "make config"
before=$(contents "$project/config")

run env MENU=nomenu scripts/config/menuconfig.sh
is "$rc $out$(contents "$project/config")" "0 menuconfig: nothing was changed$before" "a menu without a change changes nothing"
run env MENU=no-such-menu scripts/config/menuconfig.sh
is "$rc $(contents "$project/config")" "1 $before" "nor does a menu that cannot run"
like "$err" '^menuconfig: error: no-such-menu: the menu did not run$' "which is an error"

run env MENU=hyperv-off scripts/config/menuconfig.sh
is "$rc $(contents "$project/config")" "1 $before" "what the boot contract needs cannot be switched off"
like "$err" '^menuconfig: error: config/wsl2_defconfig: the boot contract needs CONFIG_HYPERV$' "and is named"
run make config
run env EXTRA=none.config scripts/config/menuconfig.sh
is "$rc $(contents "$project/config")" "1 $before" "EXTRA= is refused"
run env WITH=pnfs scripts/config/menuconfig.sh
is "$rc $(contents "$project/config")" "1 $before" "and so is WITH="

run make menuconfig MENU=balloon-off
like "$rc $out" "^(0 )?menuconfig: config/features/memory.config: # CONFIG_BALLOON is not set$" "a symbol that a feature requests is changed there"
is "$(cd "$project" && grep -r BALLOON config)" "config/features/memory.config:# CONFIG_BALLOON is not set" "and nowhere else"
run make config
is "$rc $(grep BALLOON "$project/build/9.1/obj/.config")" "0 # CONFIG_BALLOON is not set" "the next configuration has it"
run make menuconfig MENU=sound-off
like "$rc $out" "^(0 )?menuconfig: config/lines/9.1.config: # CONFIG_SOUND is not set$" "of two files the one that takes effect is changed"
run make menuconfig MENU=can-on
like "$rc $out" "^(0 )?menuconfig: config/wsl2_defconfig: CONFIG_CAN=y$" "a new symbol goes to the base, not to another line's file"
is "$(sed -n '/^CONFIG_CAN=y/,/boot contract: begin/p' "$project/config/wsl2_defconfig" | wc -l)" 2 "outside the boot contract"
run make menuconfig MENU=odd-text
is "$(grep CAN= "$project/config/wsl2_defconfig")" 'CONFIG_CAN="a\\b & c"' "a string is copied to the letter"
