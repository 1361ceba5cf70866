# shellcheck shell=sh
# What the steps share; sourced first by every script, never run.
# Gives: $root $step $LTS $variant (<line>, or <line>-debug) $build_dir (build/<folder>) $cache $dist
# $cc $ld, the functions below.
# Environment it reads: LTS MIRROR TREE EXTRA WITHOUT DEBUG CC LLVM V J (see `make help`).
set -eu
# what a user has set for programs has no part in what they build
LC_ALL=C TZ=UTC0
# depmod is in sbin, which a Debian user does not have in PATH
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL TZ PATH
unset CDPATH TAR_OPTIONS GZIP MAKEFLAGS MFLAGS MAKELEVEL
umask 022

# a process costs milliseconds and every step reads this: the shell's own words
# are used where they do
step=${0##*/}
step=${step%.sh}
case $0 in */*) root=$(cd "${0%/*}" && pwd -P) ;; *) root=$(pwd -P) ;; esac
root=${root%/tests/lib}
root=${root%/scripts*}

# say TEXT... - one line of progress, on standard output
say() { printf '%s: %s\n' "$step" "$*"; }

# warn SUBJECT TEXT - the build goes on
warn() { printf '%s: warning: %s: %s\n' "$step" "$1" "$2" >&2; }

# die SUBJECT WHAT [LINE...] - what is wrong with what, then why and what to do
die() {
	printf '%s: error: %s: %s\n' "$step" "$1" "$2" >&2
	shift 2
	for text; do printf '  %s\n' "$text" >&2; done
	exit 1
}

# usage TEXT - the call itself is wrong
usage() {
	printf 'usage: %s\n' "$*" >&2
	exit 2
}

# kbuild does not take every path: make, the shell and (for the comma) gcc -Wp
# have their own ideas of these, and 6.1 does not build below any of them.
case $root in
*[[:space:]\"\#\$%\&\'\(\)*,:\;\<=\>?\[\\\]\`\|]*)
	die "$root" "the path of the project has a character in it that the kernel's build cannot take" \
		"a blank, or one of : , = % # \$ & ; * ? ( ) [ ] < > | \\ ' \" \`" \
		"move the project to a path without one" ;;
esac

lockfile=$root/upstream.lock

# lines - the lines upstream.lock pins, in its order
lines() {
	git config -f "$lockfile" --name-only --get-regexp '^line\..*\.version$' 2>/dev/null |
		sed 's/^line\.//; s/\.version$//'
}

# active - the line the series symlink points to
active() {
	link=$(readlink "$root/series" 2>/dev/null) ||
		die series "is not a symbolic link to patches/<line>/series" \
			"put it back: ln -s patches/4.19/series series"
	link=${link#patches/}
	printf '%s\n' "${link%/series}"
}

LTS=${LTS:-$(active)}
case $LTS in
*[!0-9.]* | .* | *.) die "LTS=$LTS" "is not the name of a long-term line" "known: $(lines | tr '\n' ' ')" ;;
esac
case ${TREE:-} in '' | /*) ;; *) TREE=$PWD/$TREE ;; esac
case ${MIRROR:-} in '' | http://* | https://* | file:* | /*) ;; *) MIRROR=$PWD/$MIRROR ;; esac
# a build for finding faults has folders of its own, and the tree of the line
variant=$LTS
[ "${DEBUG:-0}" = 0 ] || variant=$LTS-debug
build_dir=$root/build/$variant
cache=$root/build/cache
dist=$root/dist/$variant
patches=$root/patches/$LTS
src=$root/build/$LTS/src
obj=$build_dir/obj
tree_meta=$src/.queue
QUIET=1
[ "${V:-0}" = 0 ] || QUIET=
# what compiles and links: CC= or gcc, and for LLVM=1 clang with LLVM's own tools
cc=${CC:-gcc} ld=ld
case ${LLVM:-} in
'') ;;
1) cc=${CC:-clang} ld=ld.lld ;;
*) die "LLVM=$LLVM" "is not 1" "a compiler by its name: CC=clang-14, or LLVM=1 CC=clang-14" ;;
esac

# hex LENGTH TEXT - is it that many hex digits?
hex() { [ ${#2} = "$1" ] && case $2 in *[!0-9A-Fa-f]*) return 1 ;; esac; }

# sha256 FILE - its digest in hex
sha256() {
	sum=$(sha256sum <"$1")
	printf '%s\n' "${sum%% *}"
}

# lock NAME DIR - one at a time; a second run waits for the first. Temporary
# files then go to build/, where doctor has looked for room, and not to a /tmp
# that may be full or half of the memory.
lock() {
	TMPDIR=$root/build/tmp
	export TMPDIR
	# once more when what was waited for was make clean, which takes the file
	# shellcheck disable=SC3013 # POSIX has -ef since 2024
	until [ "$2/.lock" -ef /dev/fd/9 ]; do
		(mkdir -p "$2" "$TMPDIR" && : >"$2/.lock") || die "$2" "cannot be written (above)" \
			"the project must be on a disk with room, and belong to who builds it"
		exec 9>"$2/.lock"
		flock -n 9 || {
			say "another run works on $1, waiting for it"
			flock 9
		}
	done
}

# mind_room - from here on the script's last word, when it fails, is that the
# disk is full, if it is: the command that met it may have blamed anything
mind_room() {
	trap 'rc=$?; [ $rc = 0 ] || no_room; exit $rc' EXIT
}
no_room() {
	free=$(df -Pm "$build_dir" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge 20 ] || printf '%s: error: build/%s: the disk is full, %s MB are free\n  %s\n' "$step" "$LTS" "$free" \
		"that is the reason for what is above: make room and run it again" >&2
}

# tempdir - $tmp is a folder that goes with this script, however it ends
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
		[ "$package" ] || die "$program" "is not installed" "CC= or LLVM= asks for it"
		die "$program" "is not installed" "it is in the package $package" "make deps installs all that is missing"
	done
}

# tool NAME - the path of a host program of tools/, built when it is stale
tool() {
	need make gcc
	make -s -C "$root/tools" O="$root/build/tools" "$root/build/tools/$1" >&2 ||
		die "tools/$1.c" "does not compile" "make doctor says what is missing"
	printf '%s\n' "$root/build/tools/$1"
}
