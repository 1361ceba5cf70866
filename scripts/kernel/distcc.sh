#!/bin/sh
# distcc.sh COMPILER ARG... - compile on one of DISTCC_HOSTS, and here what another machine
# cannot: anything but a C file, one that reads a file while it is assembled (.incbin), and
# one for a plugin of the compiler. ccache calls it (kbuild.sh). Exit status: the compiler's.
set -eu
source=
for arg; do
	case $arg in
	-fplugin*) exec "$@" ;;
	*.c) source=$arg ;;
	esac
done
[ "$source" ] && ! grep -qF .incbin "$source" || exec "$@"
exec distcc "$@"
