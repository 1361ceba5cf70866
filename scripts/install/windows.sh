# shellcheck shell=sh
# How the steps of scripts/install reach Windows, sourced after lib.sh: by programs of
# Windows, which WSL runs (interop), and by wslpath.

# windows_program NAME - its path; a distribution may not have Windows' directories in PATH
windows_program() {
	command -v "$1" && return
	for found in /mnt/c/Windows/System32/"$1" /mnt/c/Windows/System32/WindowsPowerShell/v1.0/"$1"; do
		[ -x "$found" ] && printf '%s\n' "$found" && return
	done
	return 1
}

# from_windows - standard input as UTF-8 with LF; programs of Windows write UTF-16 or UTF-8
from_windows() {
	cat >"$tmp/output"
	if grep -qaP '\x00' "$tmp/output"; then
		iconv -f UTF-16LE -t UTF-8 "$tmp/output"
	else
		cat "$tmp/output"
	fi | tr -d '\r'
}

# windows_variable NAME - of Windows' environment; empty when no program can be run.
# /u: a code page has not every letter. "set" prints a value with & in it, echo would run it.
windows_variable() {
	value=
	if program=$(windows_program cmd.exe); then
		value=$("$program" /u /d /c "set $1" 2>/dev/null </dev/null | from_windows |
			sed -n "s/^$1=//Ip" | head -n 1)
	fi
	if [ -z "$value" ] && program=$(windows_program powershell.exe); then
		value=$("$program" -NoProfile -Command \
			"[Console]::OutputEncoding = [Text.Encoding]::UTF8; \$env:$1" 2>/dev/null </dev/null |
			from_windows | head -n 1)
	fi
	printf '%s\n' "$value"
}

# wsl_version - as 2.5.7.0, empty when it is not known: the first versions cannot say it
wsl_version() {
	program=$(windows_program wsl.exe) || return 0
	"$program" --version 2>/dev/null </dev/null | from_windows | head -n 1 |
		grep -oE '[0-9]+(\.[0-9]+)+' || :
}

# at_least VERSION MINIMUM
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

# ascii TEXT - is it printable ASCII?
ascii() { case $1 in *[!\ -~]*) return 1 ;; esac; }

# here PATH-OF-WINDOWS - the same path in this distribution
here() { wslpath -u "$1" 2>/dev/null; }

# find_windows - set $profile and $home, the user's directory as Windows and as Linux name
# it, $config, the .wslconfig there, and $windows_base and $base, the directory of our
# files. The profile's name may have letters that a .wslconfig cannot carry; the files are
# below %ProgramData% then, where each user has a directory.
find_windows() {
	command -v wslpath >/dev/null 2>&1 ||
		die "this machine" "is not a WSL distribution: it has no wslpath" \
			"make install DESTDIR=directory writes the files and the lines for .wslconfig there"
	profile=$(windows_variable USERPROFILE)
	[ "$profile" ] || die interop "is switched off: cmd.exe and powershell.exe do not run" \
		"in /etc/wsl.conf set enabled=true below [interop], then run wsl --shutdown" \
		"make install DESTDIR=directory writes the files without it"
	home=$(here "$profile") && [ -d "$home" ] ||
		die "$profile" "is not mounted in this distribution" \
			"in /etc/wsl.conf set enabled=true below [automount], then run wsl --shutdown"
	config=$home/.wslconfig
	if ascii "$profile"; then
		windows_base=$profile\\wsl-kernel base=$home/wsl-kernel
	else
		data=$(windows_variable ProgramData)
		ascii "${data:-?}" && base=$(here "$data") && [ -d "$base" ] ||
			die "${data:-%ProgramData%}" "cannot be used, and $profile cannot be named in .wslconfig" \
				"WSL reads only ASCII there"
		name=$(printf '%s' "$profile" | sha256sum | cut -c 1-8)
		windows_base=$data\\wsl-kernel-$name base=$base/wsl-kernel-$name
	fi
}

# lock_windows - one install, rollback or uninstall of this user at a time, from any clone
lock_windows() {
	(mkdir -p "$base" && : >>"$base/.lock") 2>"$tmp/error" ||
		die "$windows_base" "cannot be written: $(sed 's/.*: //' "$tmp/error")" \
			"nothing was changed"
	exec 8>>"$base/.lock"
	rc=0
	flock -n 8 2>/dev/null || rc=$?
	# any other status: the drive has no locks
	[ $rc = 1 ] || return 0
	say "another run holds $windows_base, waiting"
	flock 8
}

# edit_config COMMAND [WORD...] - tools/wslconfig on $config; with DRYRUN=1 only the
# difference. Its exit status.
edit_config() {
	command=$1
	shift
	wslconfig=$(tool wslconfig)
	if [ -z "${DRYRUN:-}" ]; then
		"$wslconfig" "$command" "$config" "$@" || return
		return 0
	fi
	"$wslconfig" "$command" -n "$config" "$@" >"$tmp/new" || return
	old=$config
	[ -f "$config" ] || old=/dev/null
	diff -a -u --label "$profile\\.wslconfig" --label "as it would be" "$old" "$tmp/new" ||
		[ $? = 1 ]
}
