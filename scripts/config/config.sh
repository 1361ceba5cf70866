#!/bin/sh
# Make build/<line>/obj/.config from wsl2_defconfig, the features (except WITHOUT="..."),
# the optional features of WITH="..." (all: every one), the line's own files and EXTRA (the
# user's fragments). The tree's merge_config.sh merges them in this order, olddefconfig
# completes the result. MODULES=none builds in what these files request as a module, except
# for what config/builtin.config lists.
# Every symbol must then have the value that the files request, and the boot contract's
# symbols, in wsl2_defconfig and the line's own file, their value whatever EXTRA says;
# otherwise the step stops and names the symbol, the file and the reason. Of a choice the last
# member that a file requests is on. What config/conflicts.list has must be off. A line that
# kconfig would ignore is an error. Exit 0 done, 1 error.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/stamp.sh"
. "$root/scripts/lib/fragments.sh"
. "$root/scripts/lib/localversion.sh"
[ $# = 0 ] || usage "LTS=x.y EXTRA=... WITHOUT=... WITH=... MODULES=none config.sh"
check_pin
lock "build/$tree_name" "$root/build/$tree_name"
here=$PWD
cd "$root"
log=$build_dir/log/config.log
tab='	'

# merge FILE... - make .config. merge_config.sh puts its temporary files where it is run.
merge() {
	mkdir -p "$obj" "$build_dir/log"
	tempdir
	for file; do
		shift
		case $file in /*) ;; *) file=$root/$file ;; esac
		set -- "$@" "$file"
	done
	(cd "$tmp" && "$src/scripts/kconfig/merge_config.sh" -m -O "$obj" "$@") >"$log" 2>&1 ||
		die "build/$variant/obj/.config" "cannot be merged" "$(tail -n 2 "$log")" \
			"the whole output is in build/$variant/log/config.log"
	"$root/scripts/kernel/kbuild.sh" olddefconfig >>"$log" 2>&1 ||
		die "build/$variant/obj/.config" "make olddefconfig failed" "$(tail -n 2 "$log")" \
			"the whole output is in build/$variant/log/config.log"
}

# build_in FILE... - print the names of copies that request y in place of m, unless
# config/builtin.config has the line
build_in() {
	rm -rf "$build_dir/builtin"
	mkdir -p "$build_dir/builtin"
	kept=$(sed -n 's|^CONFIG_[A-Za-z0-9_]*=m$|/^&$/b|p' config/builtin.config)
	number=10
	for file; do
		copy=builtin/$number.${file##*/} number=$((number + 1))
		sed -e "$kept" -e 's/^\(CONFIG_[A-Za-z0-9_]*\)=m$/\1=y/' "$file" >"$build_dir/$copy"
		echo "build/$variant/$copy"
	done
}

# check FILE... - die unless .config has what the files request
check() {
	mismatches=$build_dir/log/config.mismatches reasons=$build_dir/log/config.reasons
	config_check=$(tool config-check)
	rc=0
	"$config_check" -t "$src" "$@" "$obj/.config" >"$mismatches" || rc=$?
	case $rc in
	0) return ;;
	3) rm -f "$build_dir/stamp/config" ;;
	*) exit 1 ;;
	esac
	# shellcheck disable=SC2046 # symbols
	"$root/scripts/config/explain-symbol.sh" $(cut -f 1 "$mismatches") >"$reasons" 2>>"$log" || :
	set --
	while IFS=$tab read -r symbol wanted got file contract; do
		text="is $got: $(sed -n "s/^$symbol$tab//p" "$reasons")"
		[ -z "$contract" ] || text="but the boot contract in $contract needs $got"
		set -- "$@" "CONFIG_$symbol=$wanted, requested by $file, $text"
	done <"$mismatches"
	die "build/$variant/obj/.config" "these symbols do not have the requested value:" "$@" \
		"fix the file that requests it, or request what the symbol depends on as well"
}

# check_syntax FILE... - die if a line of them is one that kconfig would ignore
check_syntax() {
	fragment_check=$(tool fragment-check)
	rc=0
	errors=$("$fragment_check" "$@") || rc=$?
	[ $rc != 3 ] || printf '%s\n' "$errors" | die_list "${errors%%:*}" "has lines that request nothing:" \
		"correct them: kconfig would ignore them, or take a part"
	[ $rc = 0 ] || exit 1
	for file; do
		[ ! -s "$file" ] || [ -z "$(tail -c 1 "$file")" ] || die "$file" "has no newline at its end" \
			"the first line of the next file would be joined with its last one: add one"
	done
}

# check_conflicts FILE... - die if .config has as y what config/conflicts.list has for the line
check_conflicts() {
	while read -r symbol for reason; do
		case $symbol in '' | '#'*) continue ;; esac
		case ,$for, in *",$LTS,"* | ',*,') ;; *) continue ;; esac
		grep -qx "CONFIG_$symbol=y" "$obj/.config" || continue
		file=$(grep -lxE "CONFIG_$symbol=[ym]" "$@" | tail -n 1)
		rm -f "$build_dir/stamp/config"
		die "build/$variant/obj/.config" "the boot contract needs CONFIG_$symbol off:" "$reason" \
			"${file:-a symbol that selects it, or a default,} requests it: remove that"
	done <config/conflicts.list
}

check_features
# shellcheck disable=SC2046 # our own names, without blanks
set -- $(fragments)
for file in ${EXTRA:-}; do
	case $file in /*) ;; *) file=$here/$file ;; esac
	[ -f "$file" ] || die "EXTRA=$file" "no such file" "give configuration fragments, separated by blanks"
	set -- "$@" "$file"
done

check_syntax "$@"
inputs=$(config_key "$@") name=$(localversion "$@")
# shellcheck disable=SC2046 # our own names, without blanks
case ${MODULES:-} in
'') ;;
none) set -- $(build_in "$@") ;;
*) die "MODULES=$MODULES" "is not known" "MODULES=none builds everything into the image" ;;
esac

# without pahole kconfig only says that the symbol is off
! grep -qs "^CONFIG_DEBUG_INFO_BTF=y" "$@" || need pahole
if [ -f "$obj/.config" ] && fresh "$build_dir/stamp/config" "$inputs $(sha256 "$obj/.config")"; then
	fresh "$build_dir/stamp/localversion" "$name" || stamp "$build_dir/stamp/localversion" "$name"
	exit 0
fi
rm -f "$build_dir/stamp/localversion"
say "merging $# files"
merge "$@"
check "$@"
check_conflicts "$@"
stamp "$build_dir/stamp/localversion" "$name"
stamp "$build_dir/stamp/config" "$inputs $(sha256 "$obj/.config")"
