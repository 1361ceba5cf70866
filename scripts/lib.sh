# shellcheck shell=sh
# What the steps share; sourced first by every script, never run.
# Gives: $root $step $LTS $gpu (" GPU=1" or empty) $tree_name (<line>[-gpu]) $variant
# ($tree_name[-debug]) $src $obj $build_dir $cache $dist $patches $tree_meta $lockfile, and the
# functions below.
# Environment it reads: LTS MIRROR TREE GPU DEBUG (see `make help`); lib/environment.sh says
# which variables the steps get at all.
set -eu
unset CDPATH
umask 022

# every script reads this file: parameter expansion instead of processes
step=${0##*/}
step=${step%.sh}
case $0 in */*) root=$(cd "${0%/*}" && pwd -P) ;; *) root=$(pwd -P) ;; esac
# above the project, either name may be there as well
case $root in */tests/lib) root=${root%/tests/lib} ;; *) root=${root%/scripts*} ;; esac
. "$root/scripts/lib/environment.sh"
# depmod is in sbin, which a Debian user does not have in PATH
PATH=$PATH:/usr/sbin:/sbin

# say TEXT... - one line of progress, on standard output
say() { printf '%s: %s\n' "$step" "$*"; }

# warn SUBJECT TEXT - the build continues
warn() { printf '%s: warning: %s: %s\n' "$step" "$1" "$2" >&2; }

# die SUBJECT WHAT [LINE...] - print what is wrong, then why and what to do; exit 1
die() {
	printf '%s: error: %s: %s\n' "$step" "$1" "$2" >&2
	shift 2
	for text; do printf '  %s\n' "$text" >&2; done
	exit 1
}

# die_list SUBJECT WHAT [LINE...] - the same with the lines of standard input before LINE
die_list() {
	list=$(sed '/./!d' | sed '2,$s/^/  /') subject=$1 what=$2
	shift 2
	die "$subject" "$what" ${list:+"$list"} "$@"
}

# usage TEXT - the call itself is wrong
usage() {
	printf 'usage: %s\n' "$*" >&2
	exit 2
}

. "$root/scripts/lib/place.sh"
lockfile=$root/upstream.lock

# lines - the lines that upstream.lock pins, in its order
lines() {
	git config -f "$lockfile" --name-only --get-regexp '^line\..*\.version$' 2>/dev/null |
		sed 's/^line\.//; s/\.version$//'
}

# active - the line that the series symlink points to
active() {
	link=$(readlink "$root/series" 2>/dev/null) ||
		die series "is not a symbolic link to patches/<line>/series" \
			"git writes a file in its place with core.symlinks=false, as on Windows" \
			"restore it: ln -sf patches/4.19/series series"
	link=${link#patches/}
	printf '%s\n' "${link%/series}"
}

LTS=${LTS:-$(active)}
case $LTS in
*[!0-9.]* | .* | *.)
	die "LTS=$LTS" "is not the name of a long-term line" "known: $(lines | tr '\n' ' ')" ;;
esac
case ${TREE:-} in '' | /*) ;; *) TREE=$PWD/$TREE ;; esac
case ${MIRROR:-} in '' | http://* | https://* | file:* | /*) ;; *) MIRROR=$PWD/$MIRROR ;; esac
# a GPU build has its own tree; a debug build has its own objects, and shares the tree
gpu='' tree_name=$LTS
[ "${GPU:-0}" = 0 ] || gpu=' GPU=1' tree_name=$LTS-gpu
variant=$tree_name
[ "${DEBUG:-0}" = 0 ] || variant=$tree_name-debug
build_dir=$root/build/$variant dist=$root/dist/$variant
cache=$root/build/cache patches=$root/patches/$LTS
src=$root/build/$tree_name/src obj=$build_dir/obj
tree_meta=$src/.queue

# hex LENGTH TEXT - is TEXT that many hex digits?
hex() { [ ${#2} = "$1" ] && case $2 in *[!0-9A-Fa-f]*) return 1 ;; esac; }

# sha256 FILE - its digest in hex
sha256() {
	sum=$(sha256sum <"$1")
	printf '%s\n' "${sum%% *}"
}

# free_mb DIR - free space on its file system, in MB
free_mb() { df -Pm "$1" | awk 'NR == 2 { print $4 }'; }

# replace FILE - write standard input to FILE through FILE.new: FILE is complete or unchanged
replace() { cat >"$1.new" && mv "$1.new" "$1"; }

# lock NAME DIR - take DIR/.lock until the script ends, waiting for a run that holds it.
# From then on temporary files go to build/, whose free space doctor has checked, and not
# to /tmp, which may be full or in memory.
lock() {
	TMPDIR=$root/build/tmp
	export TMPDIR
	# try again if the other run was make clean, which removes the file
	# shellcheck disable=SC3013 # POSIX has -ef since 2024
	until [ "$2/.lock" -ef /dev/fd/9 ]; do
		(mkdir -p "$2" "$TMPDIR" && : >"$2/.lock") || die "$2" "cannot be written (above)" \
			"the project must be on a disk with free space and belong to the user who builds it"
		exec 9>"$2/.lock"
		flock -n 9 || {
			say "another run holds $1, waiting"
			flock 9
		}
	done
}

# tempdir - $tmp is a directory that is removed when the script ends
tempdir() {
	tmp=$root/build/tmp
	tmp=$(mkdir -p "$tmp" && mktemp -d "$tmp/XXXXXX") || die "$root/build" "cannot be written"
	trap 'rm -rf "$tmp"' EXIT
	trap 'exit 130' INT TERM HUP
}

# need PROGRAM... - die naming the package when a program is missing
need() {
	for program; do
		command -v "$program" >/dev/null 2>&1 && continue
		package=$(awk -v p="$program" '$1 == p { print $2 }' "$root/scripts/setup/programs.list")
		[ "$package" ] || die "$program" "is not installed" "CC= or LLVM= requests it"
		die "$program" "is not installed" "it is in the package $package" \
			"make deps installs everything that is missing"
	done
}

# tool NAME - the path of a host program of tools/, built when it is stale
tool() {
	need make gcc
	make -s -C "$root/tools" O="$root/build/tools" "$root/build/tools/$1" >&2 ||
		die "tools/$1.c" "does not compile" "make doctor says what is missing"
	printf '%s\n' "$root/build/tools/$1"
}
