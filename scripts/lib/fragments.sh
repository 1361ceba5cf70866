# shellcheck shell=sh
# The files of config/ that a line is configured from, sourced after lib.sh.
. "$root/scripts/lib/toolchain.sh"

# fragments - the files of config/ that make the line's configuration, in the order of
# merging: the base; the features except WITHOUT, each followed by its differences for the
# line (FEATURE.LINE.config); the line's own file; with clang the line's file for it; with
# GPU=1 that of the GPU; and with DEBUG=1 those for debugging
fragments() {
	for file in "$root"/config/wsl2_defconfig "$root"/config/features/*.config \
		"$root/config/lines/$LTS.config" "$root/config/lines/$LTS.clang.config" \
		"$root/config/gpu.config" "$root/config/debug.config" "$root/config/debug.$LTS.config"; do
		feature=${file##*/}
		feature=${feature%.config}
		own=
		case $file in
		*/features/*.*.config) continue ;;
		*/features/*) own=${file%.config}.$LTS.config ;;
		*/config/gpu.*) [ "$gpu" ] || continue; feature= ;;
		*/config/debug.*) [ "$variant" != "$tree_name" ] || continue; feature= ;;
		*.clang.config)
			case $(toolchain) in *clang*) ;; *) continue ;; esac ;;
		*) feature= ;;
		esac
		case " ${WITHOUT:-} " in *" $feature "*) [ -z "$feature" ] || continue ;; esac
		[ ! -f "$file" ] || printf '%s\n' "config${file#"$root/config"}"
		[ ! -f "$own" ] || printf '%s\n' "config${own#"$root/config"}"
	done
}
