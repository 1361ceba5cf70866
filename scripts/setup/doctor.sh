#!/bin/sh
# doctor.sh [packages] - can this machine build? Checks programs and their
# versions, free memory and free disk, line ends and file system; downloads and changes nothing.
# With "packages": print only the names of the missing packages.
# Exit 0 when nothing is missing, 1 when something is missing or too old.
. "$(dirname "$0")/../lib.sh"
case $*,$# in ,0 | packages,1) ;; *) usage "doctor.sh [packages]" ;; esac
bad=0

# less A B - is version A below version B?
less() { [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# check_program PROGRAM MINIMUM - "ok", or what is wrong with it
check_program() {
	case $1 in
	'<'*)
		echo "#include $1" | gcc -E - >/dev/null 2>&1 && echo ok || echo missing
		return
		;;
	esac
	command -v "$1" >/dev/null 2>&1 || { echo missing; return; }
	[ "$2" != - ] || { echo ok; return; }
	version=$("$1" --version 2>/dev/null </dev/null |
		grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1)
	if less "${version:-0}" "$2"; then echo "is ${version:-unknown}, $2 is needed"; else echo ok; fi
}

while read -r program package minimum purpose; do
	case $program in '' | '#'*) continue ;; esac
	found=$(check_program "$program" "$minimum")
	[ "$found" != ok ] || continue
	bad=1
	if [ $# = 1 ]; then
		echo "$package"
	else
		printf 'doctor: error: %s: %s (package %s), for %s\n' \
			"$program" "$found" "$package" "$purpose" >&2
	fi
done <"$root/scripts/setup/programs.list"
[ $# = 0 ] || exit $bad
[ $bad = 0 ] || printf '  make deps installs the missing packages\n' >&2

# measured: a tree of 1.4 GB, 1.2 GB of objects, 0.2 GB of tarball and image
disk=$(free_mb "$root")
if [ "$disk" -lt 4000 ]; then
	bad=1
	printf 'doctor: error: disk: %s MB are free in %s, a line needs 4000\n' "$disk" "$root" >&2
fi
# the peak is the link of vmlinux
memory=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
if [ "$memory" -lt 2000 ]; then
	bad=1
	printf 'doctor: error: memory: %s MB are available, a build needs 2000\n' "$memory" >&2
fi
# the scripts themselves run, or nothing would
crlf=$(cd "$root" && grep -rlI "$(printf '\r')\$" --exclude-dir=.git --exclude-dir=build --exclude-dir=dist .) || :
if [ "$crlf" ]; then
	bad=1
	printf 'doctor: error: %s: has CRLF line ends, and %s files in all\n  %s\n  %s\n' \
		"$(echo "$crlf" | sed '1!d; s|^./||')" "$(echo "$crlf" | wc -l)" \
		"git's core.autocrlf or an editor wrote them; to remove them," "$repair" >&2
fi
if [ -w "$root" ] && tempdir && folds_case "$tmp"; then
	bad=1
	printf 'doctor: error: %s: %s\n  %s\n  %s\n' "$root" "$folds_what" "$folds_why" "$folds_remedy" >&2
fi
[ -w "$root" ] || { bad=1; printf 'doctor: error: %s: is not writable\n' "$root" >&2; }
[ $bad != 0 ] || say "no program is missing, $memory MB of memory and $disk MB of disk are free"
exit $bad
