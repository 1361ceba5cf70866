#!/bin/sh
# Change the line's configuration in kbuild's menu and write the change back to config/: a
# symbol that a file of config/ requests is changed there, a new one is added to
# config/wsl2_defconfig, in savedefconfig form (defaults are not written). What the boot
# contract requests cannot be changed here. MENU= is the front end: menuconfig, nconfig or
# another of kbuild's. Exit 0; 1 with config/ unchanged.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/fragments.sh"
[ $# = 0 ] || usage "LTS=x.y MENU=nconfig menuconfig.sh"
[ -z "${EXTRA:-}${WITHOUT:-}${WITH:-}" ] || die "EXTRA=, WITHOUT= and WITH=" "cannot be used with the menu" \
	"it changes config/, which every build reads"
check_pin
lock "build/$tree_name" "$root/build/$tree_name"
tempdir
tab='	'

# save FILE - the .config in savedefconfig form, sorted
save() {
	"$root/scripts/kernel/kbuild.sh" -s savedefconfig >"$build_dir/log/menuconfig.log" 2>&1 ||
		die "build/$tree_name/obj/defconfig" "make savedefconfig failed" \
			"the whole output is in build/$tree_name/log/menuconfig.log"
	sort "$obj/defconfig" >"$1"
}

# changes BEFORE AFTER - the requests that turn BEFORE into AFTER; a symbol that is back at its
# default is missing in AFTER, and is requested with that value
changes() {
	comm -13 "$1" "$2"
	comm -23 "$1" "$2" | sed -n 's/^\(# \)\{0,1\}CONFIG_\([A-Za-z0-9_]*\).*/\2/p' |
		while read -r symbol; do
			grep -qE "^(# )?CONFIG_$symbol(=| )" "$2" ||
				grep -E "^CONFIG_$symbol=|^# CONFIG_$symbol is not set" "$obj/.config" ||
				printf '# CONFIG_%s is not set\n' "$symbol"
		done
}

# check_contract FILE - die if a request of FILE contradicts the boot contract
check_contract() {
	config_check=$(tool config-check)
	own=config/lines/$LTS.config
	[ -f "$own" ] || own=
	"$config_check" config/wsl2_defconfig ${own:+"$own"} "$1" "$obj/.config" >"$tmp/rows" ||
		[ $? = 3 ] || exit 1
	broken=$(awk -F '\t' '$5 { printf " CONFIG_%s", $1 }' "$tmp/rows")
	[ -z "$broken" ] || die "$(awk -F '\t' '$5 { print $5; exit }' "$tmp/rows")" "the boot contract needs$broken" \
		"WSL does not start without it; config/ is unchanged"
}

# put FILE SYMBOL LINE - replace FILE's request for SYMBOL by LINE; without a SYMBOL, add
# LINE before the boot contract
put() {
	TEXT=$3 awk -v s="$2" '
		s && $0 ~ "^(# )?CONFIG_" s "(=| is not set)" { print ENVIRON["TEXT"]; next }
		!s && /^# ==== boot contract: begin/ { print ENVIRON["TEXT"] }
		{ print }' "$1" >"$1.new"
	mv "$1.new" "$1"
}

save "$tmp/before"
"$root/scripts/kernel/kbuild.sh" -s "${MENU:-menuconfig}" || die "${MENU:-menuconfig}" \
	"the menu did not run" "menuconfig needs libncurses-dev; config/ is unchanged"
save "$tmp/after"
cd "$root"
changes "$tmp/before" "$tmp/after" >"$tmp/changes"
check_contract "$tmp/changes"
[ -s "$tmp/changes" ] || say "nothing was changed"
sed "s/^\(# \)\{0,1\}CONFIG_\([A-Za-z0-9_]*\)/\2$tab&/" "$tmp/changes" >"$tmp/requests"
while IFS=$tab read -r symbol text; do
	# shellcheck disable=SC2046 # our own names, without blanks
	file=$(grep -lE "^(# )?CONFIG_$symbol(=| is not set)" $(fragments) | tail -n 1) || :
	if [ "$file" ]; then
		put "$file" "$symbol" "$text"
	else
		file=config/wsl2_defconfig
		put "$file" '' "$text"
	fi
	say "$file: $text"
done <"$tmp/requests"
