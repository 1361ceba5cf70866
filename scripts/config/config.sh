#!/bin/sh
# Make build/<line>/obj/.config: wsl2_defconfig, the features (but WITHOUT="..."),
# what the line says differently, EXTRA (fragments of the user), merged in this
# order with the tree's own merge_config.sh and completed by olddefconfig.
# Every symbol that a file asks for must come out with the asked-for value, the
# boot contract's whatever EXTRA says; otherwise the step stops and names the
# symbol, the file and what is in the way. Exit 0 done, 1 error.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/stamp.sh"
. "$root/scripts/lib/fragments.sh"
[ $# = 0 ] || usage "LTS=x.y EXTRA=... WITHOUT=... config.sh"
check_pin
lock "build/$LTS" "$root/build/$LTS"
here=$PWD
cd "$root"

for feature in ${WITHOUT:-}; do
	[ -f "config/features/$feature.config" ] || die "WITHOUT=$feature" "is no feature" \
		"features: $(basename -s .config config/features/*.config | grep -v '\.' | tr '\n' ' ')"
done
# shellcheck disable=SC2046 # names of ours, without blanks
set -- $(fragments)
for file in ${EXTRA:-}; do
	case $file in /*) ;; *) file=$here/$file ;; esac
	[ -f "$file" ] || die "EXTRA=$file" "no such file" "give configuration fragments, separated by blanks"
	set -- "$@" "$file"
done

# without pahole kconfig would only say that a symbol cannot be had
! grep -qs "^CONFIG_DEBUG_INFO_BTF=y" "$@" || need pahole
inputs=$(config_key "$@")
if [ -f "$obj/.config" ] && fresh "$build_dir/stamp/config" "$inputs $(sha256 "$obj/.config")"; then
	exit 0
fi
say "merging $# files"
mkdir -p "$obj" "$build_dir/log"
log=$build_dir/log/config.log
"$src/scripts/kconfig/merge_config.sh" -m -O "$obj" "$@" >"$log" 2>&1 ||
	die "build/$variant/obj/.config" "cannot be merged" "$(tail -n 2 "$log")" "build/$variant/log/config.log has it all"
"$root/scripts/kernel/kbuild.sh" olddefconfig >>"$log" 2>&1 ||
	die "build/$variant/obj/.config" "make olddefconfig failed" "$(tail -n 2 "$log")" "build/$variant/log/config.log has it all"

# SYMBOL WANTED GOT FILE of what did not come out; the last file that asks wins,
# except over the boot contract
missing=$(awk '
	function want(s, v) {
		if (contract) pinned[s] = 1
		else if (s in pinned && v != asked[s]) {
			if (!(s in clash)) print s, v, "y", FILENAME ":boot-contract"
			clash[s]; return
		}
		if (!(s in asked)) order[++n] = s
		asked[s] = v; by[s] = FILENAME
	}
	FNR == 1 { contract = 0 }
	FILENAME != ARGV[ARGC - 1] {
		if (/^# ==== boot contract: begin/) contract = 1
		if (/^# ==== boot contract: end/) contract = 0
		if (match($0, /^CONFIG_[A-Za-z0-9_]+=/)) want(substr($0, 8, RLENGTH - 8), substr($0, RLENGTH + 1))
		if (/^# CONFIG_[A-Za-z0-9_]+ is not set$/) want(substr($2, 8), "n")
		next
	}
	match($0, /^CONFIG_[A-Za-z0-9_]+=/) { is[substr($0, 8, RLENGTH - 8)] = substr($0, RLENGTH + 1) }
	END {
		for (i = 1; i <= n; i++) {
			s = order[i]; got = s in is ? is[s] : "n"
			if (got != asked[s] && !(s in clash)) print s, asked[s], got, by[s]
		}
	}' "$@" "$obj/.config")
if [ "$missing" ]; then
	# shellcheck disable=SC2046 # a list
	"$root/scripts/config/explain-symbol.sh" $(printf '%s\n' "$missing" | cut -d' ' -f1) >"$build_dir/log/why" 2>>"$log" || :
	printf '%s\n' "$missing" | while read -r symbol wanted got file; do
		case $file in
		*:boot-contract) printf '  CONFIG_%s=%s, asked for by %s: the boot contract in config/wsl2_defconfig needs %s\n' \
			"$symbol" "$wanted" "${file%:*}" "$got" ;;
		*) printf '  CONFIG_%s=%s, asked for by %s, is %s: %s\n' "$symbol" "$wanted" "$file" "$got" \
			"$(awk -F '\t' -v s="$symbol" '$1 == s { print $2 }' "$build_dir/log/why")" ;;
		esac
	done >"$build_dir/log/missing"
	rm -f "$build_dir/stamp/config"
	set --
	while read -r text; do set -- "$@" "$text"; done <"$build_dir/log/missing"
	die "build/$variant/obj/.config" "these symbols did not come out as asked for:" "$@" \
		"mend the file that asks, or ask for what the symbol depends on as well"
fi
stamp "$build_dir/stamp/config" "$inputs $(sha256 "$obj/.config")"
