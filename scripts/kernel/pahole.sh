#!/bin/sh
# pahole.sh ARG... - pahole in one thread. With -j it numbers the types of the BTF in the order
# in which its threads read them, and two builds of the same source differ.
# Exit status: pahole's.
set -eu
for arg; do
	shift
	case $arg in -j*) ;; *) set -- "$@" "$arg" ;; esac
done
exec pahole "$@"
