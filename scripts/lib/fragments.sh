# shellcheck shell=sh
# The files of config/ that a line is configured from, sourced after lib.sh.
. "$root/scripts/lib/toolchain.sh"

# features DIR - the names of the features in config/DIR: features, which are on unless
# WITHOUT= names them, or optional, which are on if WITH= does
features() {
	(cd "$root/config/$1" && ls) 2>/dev/null | sed -n 's/^\([^.]*\)\.config$/\1/p'
}

# check_features - die if WITHOUT= or WITH= names a feature that there is not
check_features() {
	for feature in ${WITHOUT:-}; do
		[ -f "$root/config/features/$feature.config" ] || die "WITHOUT=$feature" \
			"there is no such feature" "features: $(features features | tr '\n' ' ')"
	done
	for feature in ${WITH:-}; do
		[ "$feature" = all ] || [ -f "$root/config/optional/$feature.config" ] ||
			die "WITH=$feature" "there is no such optional feature" \
				"optional features: $(features optional | tr '\n' ' ')or all" \
				"on unless WITHOUT= names them: $(features features | tr '\n' ' ')"
	done
}

# added - the optional features that WITH= adds, all of them for WITH=all
added() {
	case " ${WITH:-} " in
	*' all '*) features optional ;;
	*) printf '%s\n' "${WITH:-}" ;;
	esac
}

# choice - the features that are not as by default, one line: "+xdp -can"
choice() {
	{
		for feature in ${WITHOUT:-}; do echo "-$feature"; done
		for feature in $(added); do echo "+$feature"; done
	} | sort -u | paste -sd ' ' -
}

# fragments - the files of config/ that make the line's configuration, in the order of
# merging: the base; the features except WITHOUT and the optional ones of WITH, each
# followed by its differences for the line (FEATURE.LINE.config); the line's own file; with
# clang the line's file for it; with GPU=1 that of the GPU; and with DEBUG=1 those for
# debugging
fragments() {
	with=" $(added | tr '\n' ' ')"
	for file in "$root"/config/wsl2_defconfig "$root"/config/features/*.config \
		"$root"/config/optional/*.config \
		"$root/config/lines/$LTS.config" "$root/config/lines/$LTS.clang.config" \
		"$root/config/gpu.config" "$root/config/debug.config" "$root/config/debug.$LTS.config"; do
		name=${file##*/}
		name=${name%.config}
		own=
		case ${file#"$root/config/"} in
		features/*.*.config | optional/*.*.config) continue ;;
		features/*)
			case " ${WITHOUT:-} " in *" $name "*) continue ;; esac
			own=${file%.config}.$LTS.config
			;;
		optional/*)
			case $with in *" $name "*) ;; *) continue ;; esac
			own=${file%.config}.$LTS.config
			;;
		gpu.*) [ "$gpu" ] || continue ;;
		debug.*) [ "$variant" != "$tree_name" ] || continue ;;
		*.clang.config)
			case $(toolchain) in *clang*) ;; *) continue ;; esac ;;
		esac
		[ ! -f "$file" ] || printf '%s\n' "config${file#"$root/config"}"
		[ ! -f "$own" ] || printf '%s\n' "config${own#"$root/config"}"
	done
}
