#!/bin/sh
# Make dist/<line> the kernel of WSL: copy bzImage, and modules.vhdx if make modules-vhdx
# has made it, to %USERPROFILE%\wsl-kernel\RELEASE, and set kernel and kernelModules in
# .wslconfig. Every other byte of that file stays; a kernel= of the user's becomes a comment
# until make rollback or make uninstall. Runs in a WSL distribution. Killed at any time, it
# leaves the old state or the new one.
#   DRYRUN=1   show what would change, and change nothing
#   FORCE=1    install an image without a green make smoke and make smoke-hyperv
#   DESTDIR=   write the files there, and the lines for .wslconfig; works outside WSL
# Exit 0 done, 1 error.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/install/windows.sh"
. "$root/scripts/install/image.sh"
. "$root/scripts/install/files.sh"
. "$root/scripts/install/userland.sh"
[ $# = 0 ] || usage "LTS=x.y install.sh"
need jq iconv
lock "build/$tree_name" "$root/build/$tree_name"
tempdir

# to_directory DIR - without Windows: its files, and the lines, for C:\wsl-kernel. The lines
# have the marks that undo.cmd looks for.
to_directory() {
	mkdir -p "$1" || die "DESTDIR=$1" "cannot be written (above)"
	wslconfig=$(tool wslconfig)
	choose_folder "$1"
	copy_files "$1"
	where=C:\\wsl-kernel\\$folder lines=$1/$folder/wslconfig.txt
	rm -f "$lines"
	"$wslconfig" set "$lines" "$where\\bzImage" ${modules:+"$where\\modules.vhdx"} || exit 1
	say "$release is in $1/$folder"
	say "copy that folder to C:\\wsl-kernel and add the lines of wslconfig.txt to %USERPROFILE%\\.wslconfig:"
	tr -d '\r' <"$lines" | sed 's/^/  /'
}

# check_wsl - modules need a WSL that takes them; sets $wsl
check_wsl() {
	wsl=$(wsl_version)
	[ -z "$modules" ] || at_least "${wsl:-0}" 2.5.1 ||
		die "WSL ${wsl:-of an unknown version}" "is too old for kernelModules: that needs 2.5.1" \
			"run wsl --update in Windows, or remove dist/$variant/modules.vhdx to install without modules"
}

# warnings - what in .wslconfig WSL ignores, and what keeps it from using the kernel
warnings() {
	"$wslconfig" check "$config" >"$tmp/rows" || [ $? = 3 ] || exit 1
	while IFS='	' read -r number why; do
		warn "$profile\\.wslconfig" "WSL ignores line $number: $why"
	done <"$tmp/rows"
	case $("$wslconfig" get "$config" wsl2.safeMode || :) in
	[Tt][Rr][Uu][Ee] | 1) warn "$profile\\.wslconfig" "safeMode is on there: WSL uses no other kernel until it is off" ;;
	esac
}

# next_steps - what the user does now, and what when WSL does not start
next_steps() {
	say "$release is set in $profile\\.wslconfig"
	say "next, in Windows: wsl --shutdown; then in a distribution: make verify-install LTS=$LTS$gpu"
	printf '  %s\n' "If a distribution does not start, wsl --system may. If WSL does not start at all, run" \
		"  $windows_base\\$folder\\undo.cmd" \
		"or paste this line into PowerShell, or add safeMode=true below [wsl2] in .wslconfig:" \
		"  $(undo_line)"
	[ "$modules" ] && at_least "${wsl:-0}" 2.7.1 && ascii "$profile" || return 0
	printf '  %s\n' "WSL 2.7.1 and later may lack the right to read modules there (WSL#40482). If it stops" \
		"with E_ACCESSDENIED, run this in Windows:" \
		"  icacls \"$windows_base\" /grant \"*S-1-5-83-0:(OI)(CI)RX\""
}

check_image
if [ "${DESTDIR:-}" ]; then
	to_directory "$DESTDIR"
	exit
fi
find_windows
check_wsl
check_userland
wslconfig=$(tool wslconfig)
# before anything is copied
"$wslconfig" writable "$config" || exit 1
if [ "${DRYRUN:-}" ]; then
	choose_folder "$base"
	say "would copy bzImage${modules:+ and modules.vhdx} to $windows_base\\$folder"
else
	lock_windows
	choose_folder "$base"
	copy_files "$base"
fi
set -- "$windows_base\\$folder\\bzImage" ${modules:+"$windows_base\\$folder\\modules.vhdx"}
edit_config set "$@" || {
	# .wslconfig is as it was, and does not name them
	[ -z "${made:-}" ] || rm -rf "$made"
	exit 1
}
warnings
[ "${DRYRUN:-}" ] || next_steps
