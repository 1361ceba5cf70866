#!/bin/sh
# explain-symbol.sh SYMBOL... - print "SYMBOL<tab>why it does not have the requested value",
# from the line's tree and build/<line>/obj/.config. Builds tools/kconfig-explain.c with the
# objects of the tree's kconfig. Exit 0, or 1 when these do not exist.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/toolchain.sh"
[ $# -gt 0 ] || usage "LTS=x.y explain-symbol.sh SYMBOL..."
cd "$obj"
[ -f scripts/kconfig/conf.o ] || exit 1
# without the front ends, which have main
objects=$(find scripts/kconfig -maxdepth 1 -name '*.o' ! -name conf.o ! -name '[mngq]conf*' ! -name images.o)
# shellcheck disable=SC2086 # a list
gcc -O1 -w -I "$src/scripts/kconfig" -I "$src/scripts/include" -o kconfig-explain \
	"$root/tools/kconfig-explain.c" $objects
export srctree="$src" objtree=. SRCARCH=x86 ARCH=x86_64 CC="$cc" LD=$ld NM=nm AR=ar OBJCOPY=objcopy \
	HOSTCC="$cc" HOSTCXX=g++ PAHOLE=pahole RUSTC=rustc BINDGEN=bindgen KCONFIG_CONFIG=.config
KERNELVERSION=$("$root/scripts/kernel/kbuild.sh" -s kernelversion)
CC_VERSION_TEXT=$(toolchain | head -n 1)
export KERNELVERSION CC_VERSION_TEXT
./kconfig-explain "$@"
