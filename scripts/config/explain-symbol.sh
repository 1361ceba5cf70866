#!/bin/sh
# explain-symbol.sh SYMBOL... - print "SYMBOL<tab>why kconfig does not give the asked-for
# value", from the line's tree and build/<line>/obj/.config. Builds
# tools/kconfig-why.c against the tree's kconfig. Exit 1 when that is not to be had.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/toolchain.sh"
[ $# -gt 0 ] || usage "LTS=x.y explain-symbol.sh SYMBOL..."
cd "$obj"
[ -f scripts/kconfig/conf.o ] || exit 1
objects=$(find scripts/kconfig -maxdepth 1 -name '*.o' ! -name conf.o ! -name '[mngq]conf*' ! -name images.o)
# shellcheck disable=SC2086 # a list
gcc -O1 -w -I "$src/scripts/kconfig" -I "$src/scripts/include" -o kconfig-why "$root/tools/kconfig-why.c" $objects
export srctree="$src" objtree=. SRCARCH=x86 ARCH=x86_64 CC="$cc" LD=$ld NM=nm AR=ar OBJCOPY=objcopy \
	HOSTCC="$cc" HOSTCXX=g++ PAHOLE=pahole RUSTC=rustc BINDGEN=bindgen KCONFIG_CONFIG=.config
KERNELVERSION=$("$root/scripts/kernel/kbuild.sh" -s kernelversion)
CC_VERSION_TEXT=$(toolchain | head -n 1)
export KERNELVERSION CC_VERSION_TEXT
./kconfig-why "$@"
