# shellcheck shell=sh
# What the steps share; sourced first by every script, never run.
# Gives: $root $step $LTS $folder (<line>, or <line>-debug) $line (build/<folder>) $cache $dist
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
case $0 in */*) root=$(cd "${0%/*}/.." && pwd -P) ;; *) root=$(cd .. && pwd -P) ;; esac

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
folder=$LTS
[ "${DEBUG:-0}" = 0 ] || folder=$LTS-debug
line=$root/build/$folder
cache=$root/build/cache
dist=$root/dist/$folder
patches=$root/patches/$LTS
src=$root/build/$LTS/src
obj=$line/obj
state=$src/.queue
QUIET=1
[ "${V:-0}" = 0 ] || QUIET=
# what compiles and links: CC= or gcc, and for LLVM=1 clang with LLVM's own tools
cc=${CC:-gcc} ld=ld
case ${LLVM:-} in
'') ;;
1) cc=${CC:-clang} ld=ld.lld ;;
*) die "LLVM=$LLVM" "is not 1" "a compiler by its name: CC=clang-14, or LLVM=1 CC=clang-14" ;;
esac

# number TEXT, hex LENGTH TEXT - is it one?
number() { case $1 in '' | *[!0-9]*) return 1 ;; esac; }
hex() { [ ${#2} = "$1" ] && case $2 in *[!0-9A-Fa-f]*) return 1 ;; esac; }

# pinned KEY VALUE [EXPECTED] - die: the line's section lacks the key, or its value is bad
pinned() {
	[ "$2" ] || die upstream.lock "[line \"$LTS\"] has no $1" "put the entry back: git checkout upstream.lock"
	die upstream.lock "[line \"$LTS\"] has $1 $2, $3"
}

# check_pin - die unless the line's section is whole; sets $version $released
# $revision $signer, and $sources: a line "ADDRESS SHA256 SIGN-ADDRESS" each,
# "-" for what the source does not have
check_pin() {
	entries=$(git config -f "$lockfile" --list) ||
		die upstream.lock "git cannot read it" "put it back: git checkout upstream.lock"
	version='' released='' revision='' signer='' sources='' found=''
	while IFS= read -r entry; do
		value=${entry#*=}
		# a key that is there twice has two words, which is never right
		case $entry in
		"line.$LTS.version="*) version=$version${version:+ }$value ;;
		"line.$LTS.released="*) released=$released${released:+ }$value ;;
		"line.$LTS.revision="*) revision=$revision${revision:+ }$value ;;
		"line.$LTS.signer="*) signer=$signer${signer:+ }$value ;;
		"line.$LTS.source="*) check_source "$value" ;;
		"line.$LTS."[!0-9]*) ;;
		*) continue ;;
		esac
		found=1
	done <<-EOF
		$entries
	EOF
	[ "$found" ] || die "LTS=$LTS" "upstream.lock pins no such line" "pinned: $(lines | tr '\n' ' ')" \
		"choose one of these, or move to a new line with make rebase"
	{ [ "${version#"$LTS".}" != "$version" ] && number "${version#"$LTS".}"; } ||
		pinned version "$version" "which is no release of $LTS"
	case $released in
	[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]) ;;
	*) pinned released "$released" "expected YYYY-MM-DD" ;;
	esac
	number "$revision" || pinned revision "$revision" "expected a number"
	hex 40 "$signer" || pinned signer "$signer" "expected a fingerprint of 40 hex digits"
	[ "$sources" ] || pinned source ''
}

# check_source ENTRY - one `source` of the line, added to $sources
check_source() {
	where=${1%% *} sum=- sign=-
	words=${1#"$where"}
	for word in $words; do
		case $word in
		sha256:*) sum=${word#*:} ;;
		sign:*) sign=${word#*:} ;;
		*) die upstream.lock "[line \"$LTS\"] source $where: \"$word\" is neither sha256:… nor sign:…" ;;
		esac
	done
	[ "$sum" = - ] || hex 64 "$sum" ||
		die upstream.lock "[line \"$LTS\"] source $where: sha256:$sum is not 64 hex digits"
	[ "$sum$sign" != -- ] ||
		die upstream.lock "[line \"$LTS\"] source $where has neither sha256:… nor sign:…" \
			"an unverified tarball is never unpacked: git checkout upstream.lock"
	sources="$sources${sources:+
}$where $sum $sign"
}

# sha256 FILE - its digest in hex
sha256() {
	sum=$(sha256sum <"$1")
	printf '%s\n' "${sum%% *}"
}

# key WORD... - the hash of its standard input and of the scripts named
key() {
	sum=$(cd "$root/scripts" && cat - "$@" | sha256sum)
	printf '%s\n' "${sum%% *}"
}

# fresh STAMP KEY - true when STAMP holds KEY: the step's inputs have not changed
fresh() { { read -r had <"$1"; } 2>/dev/null && [ "$had" = "$2" ]; }

# stamp STAMP KEY - remember the inputs of a finished step
stamp() {
	mkdir -p "$(dirname "$1")"
	printf '%s\n' "$2" >"$1.new"
	mv "$1.new" "$1"
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
	free=$(df -Pm "$line" | awk 'NR == 2 { print $4 }')
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
		package=$(awk -v p="$program" '$1 == p { print $2 }' "$root/scripts/programs.list")
		[ "$package" ] || die "$program" "is not installed" "CC= or LLVM= asks for it"
		die "$program" "is not installed" "it is in the package $package" "make deps installs all that is missing"
	done
}

# toolchain - what the chosen compiler and linker say they are, and pahole
# where it is installed, a line each
toolchain() {
	for chosen in "$cc" "$ld"; do
		need "${chosen%% *}"
		# shellcheck disable=SC2086 # CC="ccache gcc-14" is two words
		answer=$($chosen --version 2>/dev/null) ||
			die "$chosen" "does not tell its version" "CC= or LLVM= asks for it"
		printf '%s\n' "$answer" | head -n 1
	done
	pahole --version 2>/dev/null || :
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

# links - the link entries of upstream.lock, patches of somebody else's, a line
# "NAME SHA256 PATCH-IDS LINES URL" each with tabs between, "-" for what an entry
# lacks; a key that is there twice has two words, as in check_pin
links() {
	entries=$(git config -f "$lockfile" --list) || die upstream.lock "git cannot read it"
	printf '%s\n' "$entries" | awk -v OFS='\t' '
		!/^link\./ { next }
		{
			end = index($0, "=")
			value = substr($0, end + 1)
			match($0, /^[^=]*\./)
			name = RLENGTH > 6 ? substr($0, 6, RLENGTH - 6) : "-"
			key = name SUBSEP substr($0, RLENGTH + 1, end - RLENGTH - 1)
			if (!(name in seen)) order[++n] = name
			seen[name]
			if (key in has) value = has[key] " " value
			has[key] = value
		}
		function of(name, key) { key = name SUBSEP key; return has[key] == "" ? "-" : has[key] }
		END {
			for (i = 1; i <= n; i++)
				print order[i], of(order[i], "sha256"), of(order[i], "patch-id"), of(order[i], "lines"), of(order[i], "url")
		}'
}

# linked NAME - has the patch a link entry?
linked() { links | cut -f 1 | grep -qxF -- "$1"; }

# link_file NAME SHA256 - the link's file in build/cache and in a mirror
link_file() {
	part=${1##*/}
	printf '%s-%s.patch\n' "${part%.patch}" "$(printf %.12s "$2")"
}

# field NAME PATCH - that field of the patch's header, folded to one line
field() {
	awk -v name="$1: " '
		/^(--- |---$|diff |Index: )/ { exit }
		index($0, name) == 1 { text = substr($0, length(name) + 1); on = 1; next }
		on && /^[ \t]/ { text = text $0; next }
		{ on = 0 }
		END { print text }' "$2"
}

# queue_key BASE, config_key FRAGMENT..., kernel_key kernel|modules - what the step
# goes by: the hash of all that goes in. status.sh compares them as the steps do.
queue_key() {
	{ echo "$1"; cat "$patches/series"; queue | sed "s|^|$patches/|" | xargs -r cat 2>/dev/null || :; } |
		key prepare.sh push.sh
}
config_key() {
	tools=$(toolchain)
	{ cat "$@"; head -n 1 "$state/index"; echo "$tools"; } | key config.sh kbuild.sh lib.sh
}
kernel_key() {
	tools=$(toolchain)
	{
		head -n 1 "$state/index"
		cat "$obj/.config" "$state/base"
		printf '%s\n' "$version" "$released" "$revision" "$1"
		echo "$tools"
	} | key kernel.sh kbuild.sh manifest.sh
}

# fragments - the files of config/ that make the line's configuration, in the
# order of merging: the base, the features but WITHOUT, each with what it says
# differently on the line (FEATURE.LINE.config), the line's own, and with clang what the
# line says differently then
fragments() {
	for file in "$root"/config/wsl2_defconfig "$root"/config/features/*.config \
		"$root/config/lines/$LTS.config" "$root/config/lines/$LTS.clang.config" \
		"$root/config/debug.config" "$root/config/debug.$LTS.config"; do
		feature=${file##*/}
		feature=${feature%.config}
		own=
		case $file in
		*/features/*.*.config) continue ;;
		*/features/*) own=${file%.config}.$LTS.config ;;
		*/config/debug.*) [ "$folder" != "$LTS" ] || continue; feature= ;;
		*.clang.config)
			case $(toolchain) in *clang*) ;; *) continue ;; esac ;;
		*) feature= ;;
		esac
		case " ${WITHOUT:-} " in *" $feature "*) [ -z "$feature" ] || continue ;; esac
		[ ! -f "$file" ] || printf '%s\n' "config${file#"$root/config"}"
		[ ! -f "$own" ] || printf '%s\n' "config${own#"$root/config"}"
	done
}
