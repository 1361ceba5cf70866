# shellcheck shell=sh
# What the steps share; sourced first by every script, never run.
# Gives: $root $step $LTS $line (build/<line>) $cache $dist, the functions below.
# Environment it reads: LTS MIRROR TREE EXTRA WITHOUT V J (see `make help`).
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH
umask 022

step=$(basename "$0" .sh)
root=$(cd "$(dirname "$0")/.." && pwd -P)

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

# kbuild takes neither a blank nor a colon in a path: a blank ends a word of
# make, a colon a target.
case $root in
*[[:space:]:]*)
	die "$root" "the path of the project has a blank or a colon in it" \
		"the kernel's build cannot work there: move the project to a path without one" ;;
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
line=$root/build/$LTS
cache=$root/build/cache
dist=$root/dist/$LTS
patches=$root/patches/$LTS
src=$line/src
obj=$line/obj
state=$src/.queue
QUIET=1
[ "${V:-0}" = 0 ] || QUIET=

# pin KEY - a value of the line's section in upstream.lock; all values of `source`
pin() {
	git config -f "$lockfile" --get-all "line.$LTS.$1" ||
		die upstream.lock "[line \"$LTS\"] has no $1" "put the entry back: git checkout upstream.lock"
}

# matches VALUE REGEX - an extended regular expression for the whole value; a key
# that is there twice has a value of two lines, which never matches
matches() {
	case $1 in *"
"*) return 1 ;; esac
	printf '%s\n' "$1" | grep -Eqx -e "$2"
}

# check_pin - die unless the line's section is whole; sets $version $released
# $revision $signer, and $sources: a line "ADDRESS SHA256 SIGN-ADDRESS" each,
# "-" for what the source does not have
check_pin() {
	git config -f "$lockfile" --list >/dev/null ||
		die upstream.lock "git cannot read it" "put it back: git checkout upstream.lock"
	git config -f "$lockfile" --get-regexp "^line\.$LTS\.[a-z]+\$" >/dev/null ||
		die "LTS=$LTS" "upstream.lock pins no such line" "pinned: $(lines | tr '\n' ' ')" \
			"choose one of these, or move to a new line with make rebase"
	version=$(pin version)
	released=$(pin released)
	revision=$(pin revision)
	signer=$(pin signer)
	matches "$version" "$(printf %s "$LTS" | sed 's/\./\\./g')\.[0-9]+" ||
		die upstream.lock "[line \"$LTS\"] has version $version, which is no release of $LTS"
	matches "$released" '[0-9]{4}-[0-9]{2}-[0-9]{2}' ||
		die upstream.lock "[line \"$LTS\"] has released $released, expected YYYY-MM-DD"
	matches "$revision" '[0-9]+' ||
		die upstream.lock "[line \"$LTS\"] has revision $revision, expected a number"
	matches "$signer" '[0-9A-F]{40}' ||
		die upstream.lock "[line \"$LTS\"] has signer $signer, expected a fingerprint of 40 hex digits"
	sources=$(pin source | while read -r where words; do
		sum=- sign=-
		for word in $words; do
			case $word in
			sha256:*) sum=${word#*:} ;;
			sign:*) sign=${word#*:} ;;
			*) die upstream.lock "[line \"$LTS\"] source $where: \"$word\" is neither sha256:… nor sign:…" ;;
			esac
		done
		matches "$sum" '-|[0-9a-f]{64}' ||
			die upstream.lock "[line \"$LTS\"] source $where: sha256:$sum is not 64 hex digits"
		[ "$sum$sign" != -- ] ||
			die upstream.lock "[line \"$LTS\"] source $where has neither sha256:… nor sign:…" \
				"an unverified tarball is never unpacked: git checkout upstream.lock"
		printf '%s %s %s\n' "$where" "$sum" "$sign"
	done)
	[ "$sources" ] || die upstream.lock "[line \"$LTS\"] has no source" "git checkout upstream.lock"
}

# sha256 FILE - its digest in hex
sha256() {
	sum=$(sha256sum <"$1")
	printf '%s\n' "${sum%% *}"
}

# key WORD... - the hash of its standard input and of the scripts named
key() {
	{
		cat
		for script; do cat "$root/scripts/$script"; done
	} | sha256sum | cut -d' ' -f1
}

# fresh STAMP KEY - true when STAMP holds KEY: the step's inputs have not changed
fresh() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# stamp STAMP KEY - remember the inputs of a finished step
stamp() {
	mkdir -p "$(dirname "$1")"
	printf '%s\n' "$2" >"$1.new"
	mv "$1.new" "$1"
}

# lock NAME DIR - one at a time; a second run waits for the first
lock() {
	mkdir -p "$2"
	exec 9>"$2/.lock"
	flock -n 9 || {
		say "another run works on $1, waiting for it"
		flock 9
	}
}

# need PROGRAM... - die naming the package when a program is missing
need() {
	for program; do
		command -v "$program" >/dev/null 2>&1 || die "$program" "is not installed" \
			"it is in the package $(awk -v p="$program" '$1 == p { print $2 }' "$root/scripts/programs.list")" \
			"make deps installs all that is missing"
	done
}

# tool NAME - the path of a host program of tools/, built when it is stale
tool() {
	need make gcc
	make -s -C "$root/tools" O="$root/build/tools" "$root/build/tools/$1" >&2 ||
		die "tools/$1.c" "does not compile" "make doctor says what is missing"
	printf '%s\n' "$root/build/tools/$1"
}

# queue - the patches of the line's series, in order
queue() { awk 'NF && $1 !~ /^#/ { print $1 }' "$patches/series"; }
