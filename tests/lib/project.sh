# shellcheck shell=sh
# Temporary projects, sourced after tap.sh: a copy of this one's scripts with test pins,
# a test queue and configuration, in a directory that is removed at the end.
# Gives $top (the real project, only read), $work (the directory), $project, and
#   project NAME              create $work/NAME; $project is its path
#   pin LINE VERSION SOURCE.. a section of its upstream.lock, which records the queue and
#                             configuration that the project has now for -wsl3
#   release LINE.N            $work/release/linux-LINE.N, a miniature kernel tree
#   tarball LINE.N            $work/www/linux-LINE.N.tar.xz of it
#   source_of LINE.N          the pin's `source` for that file, with its sha256
#   sum FILE                  its sha256
#   run COMMAND...            in $project; sets $rc $out $err
#   keep NAME, back NAME      save a copy of $project; restore it
#   contents DIR              a digest of the names, modes and contents in DIR
#   within SECONDS COMMAND... wait until COMMAND succeeds; 1 when it does not
#   fake NAME TEXT            $work/bin/NAME is a shell script with TEXT
#   build_tools NAME...       build programs of tools/, once for all projects; prepare.sh
#                             needs treestate, whose path is $treestate
#   sanitized NAME            $program is that program of tools/, with the sanitizers
#   without PROGRAM...        $work/without has every program of this machine but these
# The user's home, settings and variables are not used.
top=$(cd "$(dirname "$0")/../.." && pwd -P)
unit=$top/tests/unit
work=$(mktemp -d)
work=$(cd "$work" && pwd -P)
treestate=$work/tools/treestate
tap_seen='out err'
unset LTS MIRROR TREE GPU EXTRA WITHOUT WITH MODULES CC LLVM V J DIR FORCE MENU TIMEOUT SELFTEST CMDLINE WSL
unset FROM SOURCE SHA256 CONTINUE SKIP ABORT QUICK CHECK BASELINE DISTCC_HOSTS CCACHE_REMOTE_STORAGE DRYRUN DESTDIR
unset CVE_DATA CVSS_MIN SINCE JSON INITRD SYSTEM MEM ROOTFS SHARE KEEP VERSION CPUS OUTER
unset HOST_BUILD KEY CERT FILE MANIFEST
unset MAKEFLAGS MFLAGS MAKELEVEL QUILT_PATCHES QUILT_SERIES QUILT_PC QUILTRC CDPATH
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_CONFIG GIT_CONFIG_GLOBAL XDG_CONFIG_HOME GNUPGHOME SSH_AUTH_SOCK
mkdir "$work/home" "$work/bin" "$work/www"
export HOME="$work/home" TMPDIR="$work" CCACHE_DISABLE=1 CFLAGS=-O0 GIT_CEILING_DIRECTORIES="$work"
umask 022

# what finish stops: processes and, by umount, a small disk
servers='' disk=''
finish() {
	# shellcheck disable=SC2086 # a list
	[ -z "$servers" ] || kill $servers 2>/dev/null || :
	[ ! -d "$work/gnupg" ] || gpgconf --homedir "$work/gnupg" --kill all 2>/dev/null || :
	[ -z "$disk" ] || umount "$disk"
	rm -rf "$work"
}

project() {
	project=$work/$1
	rm -rf "$project"
	mkdir -p "$project/keys" "$project/patches/9.2" "$project/tests/guest" "$project/tests/lib"
	cp -R "$top/Makefile" "$top/scripts" "$top/tools" "$unit/config" "$project"
	cp "$top/tests/lib/check-tap.sh" "$project/tests/lib"
	cp "$top/tests/wsl-cmdline" "$project/tests"
	cp "$top/config/cmdline.list" "$project/config"
	cp -R "$unit/queue" "$project/patches/9.1"
	: >"$project/patches/9.2/series"
	: >"$project/upstream.lock"
	ln -s patches/9.1/series "$project/series"
	# the host programs are built once for a test, not for each project
	if [ -d "$work/tools" ]; then
		mkdir "$project/build"
		cp -Rp "$work/tools" "$project/build"
		find "$project/build/tools" -type f -exec touch {} +
	fi
}

build_tools() {
	for name; do make -s -C "$top/tools" O="$work/tools" "$work/tools/$name"; done
}

sanitized() {
	program=$work/sanitized/$1
	make -s -C "$top/tools" O="$work/sanitized" "$program" \
		CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all'
}

signer=0123456789ABCDEF0123456789ABCDEF01234567
pin() {
	of_pin=$1
	{
		printf '[line "%s"]\n\tversion = %s\n\treleased = 2026-01-02\n' "$1" "$2"
		printf '\teol = 2099-01-02\n\trevision = 3\n\tsigner = %s\n' "$signer"
		shift 2
		for source; do printf '\tsource = %s\n' "$source"; done
	} >>"$project/upstream.lock"
	[ ! -f "$project/patches/$of_pin/series" ] || record_inputs "$of_pin"
}

# record_inputs LINE - its -wsl3 is for what the project is now; a test may pin what is invalid
record_inputs() { LTS=$1 "$project/scripts/kernel/inputs-hash.sh" record >/dev/null 2>&1 || :; }

release() {
	rest=${1#*.}
	mkdir -p "$work/release"
	cp -R "$unit/release" "$work/release/linux-$1"
	sed -i "s/^VERSION = .*/VERSION = ${1%%.*}/; s/^PATCHLEVEL = .*/PATCHLEVEL = ${rest%%.*}/
		s/^SUBLEVEL = .*/SUBLEVEL = ${rest#*.}/" "$work/release/linux-$1/Makefile"
	ln -s ../Kconfig "$work/release/linux-$1/arch/Kconfig"
	find "$work/release/linux-$1" -exec touch -h -d 2025-01-01 {} +
}

tarball() {
	[ -d "$work/release/linux-$1" ] || release "$1"
	tar -C "$work/release" --owner=0 --group=0 -cf "$work/www/linux-$1.tar" "linux-$1"
	xz -1kf "$work/www/linux-$1.tar"
}

source_of() { echo "file:$work/www/linux-$1.tar.xz sha256:$(sum "$work/www/linux-$1.tar.xz")"; }

sum() {
	hash=$(sha256sum <"$1")
	echo "${hash%% *}"
}

run() {
	rc=0
	(cd "$project" && "$@") >"$work/out" 2>"$work/err" </dev/null || rc=$?
	out=$(cat "$work/out") err=$(cat "$work/err")
}

keep() {
	rm -rf "$work/kept.$1"
	cp -Rp "$project" "$work/kept.$1"
}
back() {
	rm -rf "$project"
	cp -Rp "$work/kept.$1" "$project"
}

contents() {
	(cd "$1" && find . ! -path './.queue*' -printf '%p %m %l\n' | sort
		find . -type f ! -path './.queue*' | sort | xargs -r sha256sum) | sha256sum
}

within() {
	turns=$(($1 * 5))
	shift
	until "$@"; do
		turns=$((turns - 1))
		[ $turns -gt 0 ] || return 1
		sleep 0.2
	done
}

fake() {
	printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
	chmod +x "$work/bin/$1"
}

without() {
	rm -rf "$work/without"
	mkdir "$work/without"
	# the first directory of PATH wins
	for dir in $(echo "$PATH" | tr ':' ' '); do
		ln -s "$dir"/* "$work/without" 2>/dev/null || :
	done
	for program; do rm -f "$work/without/$program"; done
}
