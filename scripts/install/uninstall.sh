#!/bin/sh
# Take every kernel of make install out of WSL: our lines out of .wslconfig, the user's own
# back as they were, and the files below wsl-kernel removed. What WSL is using cannot be
# removed; it is named, and a second run after wsl --shutdown removes it.
#   DRYRUN=1   show what would change, and change nothing
# Exit 0 done, 1 error.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/install/windows.sh"
[ $# = 0 ] || usage "uninstall.sh"
need iconv
tempdir
find_windows
[ "${DRYRUN:-}" ] || [ ! -d "$base" ] || lock_windows
edit_config unset || exit 1
for dir in "$base"/*; do
	# nothing that make install did not make
	[ -f "$dir/undo.cmd" ] || case $dir in *.new) ;; *) continue ;; esac
	if [ "${DRYRUN:-}" ]; then
		say "would remove $windows_base\\${dir##*/}"
	elif ! rm -rf "$dir" 2>/dev/null; then
		warn "$windows_base\\${dir##*/}" "is in use: run wsl --shutdown, then make uninstall again"
	fi
done
[ -z "${DRYRUN:-}" ] || exit 0
rm -f "$base/.lock"
rmdir "$base" 2>/dev/null || :
say "no kernel of ours is set; next, in Windows: wsl --shutdown"
