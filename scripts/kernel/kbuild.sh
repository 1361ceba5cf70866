#!/bin/sh
# kbuild.sh [-C DIR] ARG... - run the tree's own make: out of tree, x86-64, reproducible, with
# the release name that make config has found (lib/localversion.sh). ARG: targets and variables of
# kbuild. DIR: the directory of src and obj, instead of build/<line>; its release is named
# VERSION-wslN. With DISTCC_HOSTS it compiles on these machines too, with CCACHE_REMOTE_STORAGE
# it shares objects with them (docs/build-farm.md). What the caller exports reaches make only if
# lib/environment.sh keeps it. Exit status: make's.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/toolchain.sh"
check_pin
name=-wsl$revision${variant#"$LTS"}
if [ "${1:-}" = -C ]; then
	src=$2/src obj=$2/obj
	shift 2
else
	# make config calls before there is one
	{ read -r name <"$build_dir/stamp/localversion"; } 2>/dev/null || :
fi
jobs=${J:-$(nproc)}
[ -z "${CCACHE_REMOTE_STORAGE:-}" ] || need ccache
if [ "${DISTCC_HOSTS:-}" ]; then
	need ccache
	command -v distcc >/dev/null 2>&1 ||
		die distcc "is not installed" "DISTCC_HOSTS= requests it: docs/build-farm.md"
	jobs=${J:-$(distcc -j)}
	# distcc keeps there which machines are in use, and ends where it cannot
	[ "${DISTCC_DIR:-}" ] || [ -w "${HOME:-}" ] || export DISTCC_DIR="$root/build/distcc"
	export CCACHE_PREFIX="$root/scripts/kernel/distcc.sh"
fi
if command -v ccache >/dev/null 2>&1; then
	case $cc in *ccache*) ;; *) cc="ccache $cc" ;; esac
	# one cache for every clone of the project, whatever its path
	CCACHE_BASEDIR=$root
	export CCACHE_BASEDIR
	# ccache fails where it cannot write; a home may be read-only or missing
	kept=$(ccache -k cache_dir)
	mkdir -p "$kept" 2>/dev/null && [ -w "$kept" ] || export CCACHE_DIR="$root/build/ccache"
fi
# paths in debug information end up in build ids and BTF: relative ones (ccache) and
# absolute ones both become relative to src
maps="-ffile-prefix-map=$(realpath -m --relative-to="$obj" "$src")/="
maps="$maps -ffile-prefix-map=$src/= -fdebug-prefix-map=$obj=."
# distcc sends what the preprocessor leaves, which has other columns
[ -z "${DISTCC_HOSTS:-}" ] || maps="$maps -gno-column-info"
# the decompressor has flags of its own, and its __FILE__ is part of the image: with ccache it
# began with ../src. The file is kaslr_64.c in 4.19.
decompressor="CFLAGS_ident_map_64.o=$maps"
[ "$LTS" != 4.19 ] || decompressor="CFLAGS_kaslr_64.o=$maps"
exec make -C "$src" O="$obj" ARCH=x86_64 CROSS_COMPILE= LLVM="${LLVM:-}" CC="$cc" HOSTCC="$cc" \
	PAHOLE="$root/scripts/kernel/pahole.sh" \
	LOCALVERSION="$name" KBUILD_BUILD_VERSION="$revision" \
	KBUILD_BUILD_TIMESTAMP="$released" KBUILD_BUILD_USER=wsl2 KBUILD_BUILD_HOST=queue \
	KCFLAGS="$maps" KAFLAGS="$maps" "$decompressor" -j"$jobs" "$@"
