#!/bin/sh
# Change the line's configuration by kbuild's menu, and carry the change back:
# a symbol that a file of config/ asks for is changed there, a new one is added
# to config/wsl2_defconfig, in savedefconfig form (defaults are not written).
# What the boot contract asks for cannot be changed here. MENU=nconfig or another
# of kbuild's front ends; menuconfig without. Exit 0, or 1 and config/ is as it was.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/fragments.sh"
[ $# = 0 ] || usage "LTS=x.y MENU=nconfig menuconfig.sh"
[ -z "${EXTRA:-}${WITHOUT:-}" ] || die "EXTRA= and WITHOUT=" "have no part in the menu" \
	"it changes config/, which every build reads: leave them out"
check_pin
lock "build/$LTS" "$root/build/$LTS"
tempdir

# minimal FILE - the .config in savedefconfig form
minimal() {
	"$root/scripts/kernel/kbuild.sh" -s savedefconfig >"$build_dir/log/menuconfig.log" 2>&1 ||
		die "build/$LTS/obj/defconfig" "make savedefconfig failed" "build/$LTS/log/menuconfig.log has it all"
	sort "$obj/defconfig" >"$1"
}
minimal "$tmp/before"
"$root/scripts/kernel/kbuild.sh" -s "${MENU:-menuconfig}" || die "${MENU:-menuconfig}" "the menu did not run" \
	"menuconfig needs libncurses-dev; nothing was changed"
minimal "$tmp/after"

# put FILE SYMBOL LINE - LINE in the place where FILE asks for SYMBOL; without a
# SYMBOL before the boot contract
put() {
	TEXT=$3 awk -v s="$2" '
		s && $0 ~ "^(# )?CONFIG_" s "(=| is not set)" { print ENVIRON["TEXT"]; next }
		!s && /^# ==== boot contract: begin/ { print ENVIRON["TEXT"] }
		{ print }' "$1" >"$1.new"
	mv "$1.new" "$1"
}
cd "$root"
comm -13 "$tmp/before" "$tmp/after" >"$tmp/changed"
# what went back to its default is asked for with that value
comm -23 "$tmp/before" "$tmp/after" | sed -n 's/^\(# \)\{0,1\}CONFIG_\([A-Za-z0-9_]*\).*/\2/p' |
	while read -r symbol; do
		grep -qE "^(# )?CONFIG_$symbol(=| )" "$tmp/changed" ||
			grep -E "^CONFIG_$symbol=|^# CONFIG_$symbol is not set" "$obj/.config" ||
			printf '# CONFIG_%s is not set\n' "$symbol"
	done >"$tmp/back"
cat "$tmp/back" >>"$tmp/changed"

# SYMBOL LINE of what is changed, and not what the boot contract may not lose
sed 's/^\(# \)\{0,1\}CONFIG_\([A-Za-z0-9_]*\)/\2 &/' "$tmp/changed" >"$tmp/set"
broken=$(awk '
	FILENAME == "config/wsl2_defconfig" {
		if (/^# ==== boot contract: begin/) contract = 1
		if (/^# ==== boot contract: end/) contract = 0
		if (contract && match($0, /^CONFIG_[A-Za-z0-9_]+=/)) needs[substr($0, 8, RLENGTH - 8)]
		next
	}
	$1 in needs { printf " CONFIG_%s", $1 }' config/wsl2_defconfig "$tmp/set")
[ -z "$broken" ] || die config/wsl2_defconfig "the boot contract needs$broken" \
	"WSL does not start without; nothing was changed in config/"
while read -r symbol text; do
	# shellcheck disable=SC2046 # names of ours, without blanks
	file=$(grep -lE "^(# )?CONFIG_$symbol(=| is not set)" $(fragments) | tail -n 1) || :
	if [ "$file" ]; then
		put "$file" "$symbol" "$text"
	else
		file=config/wsl2_defconfig
		put "$file" '' "$text"
	fi
	say "$file: $text"
done <"$tmp/set"
[ -s "$tmp/set" ] || say "nothing was changed"
