#!/bin/sh
# Undo the last make install: .wslconfig names the kernel that it named before, or the
# user's own lines, byte for byte. One step; the files stay. Once it is done, or when
# nothing of ours is installed, it says so and changes nothing.
#   DRYRUN=1   show what would change, and change nothing
# Exit 0 done, 1 error.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/install/windows.sh"
[ $# = 0 ] || usage "rollback.sh"
need jq iconv
tempdir
find_windows
[ "${DRYRUN:-}" ] || [ ! -d "$base" ] || lock_windows

# named KEY - the path in that row of the state
named() { sed -n "s/^$1	//p" "$tmp/state"; }

# must_be_there KEY - WSL does not start with a path that does not exist
must_be_there() {
	file=$(named "$1")
	case $file in '' | nothing) return 0 ;; esac
	linux=$(here "$file") && [ -f "$linux" ] ||
		die "$file" "does not exist any more, and was installed before" \
			"install that release again, or run make uninstall for WSL's own kernel"
}

wslconfig=$(tool wslconfig)
"$wslconfig" state "$config" >"$tmp/state" || [ $? = 3 ] || exit 1
must_be_there before
must_be_there beforeModules
rc=0
edit_config back || rc=$?
case $rc in
0) ;;
3)
	say "there is no install to undo"
	[ -z "$(named kernel)" ] || say "make uninstall takes $(named kernel) out"
	exit 0
	;;
*) exit 1 ;;
esac
[ -z "${DRYRUN:-}" ] || exit 0
now=$("$wslconfig" get "$config" wsl2.kernel) || now="WSL's own kernel"
say "the next start of WSL takes $now"
file=$(here "$now") && [ ! -f "$file" ] && [ "$now" != "WSL's own kernel" ] &&
	warn "$now" "does not exist: WSL does not start until .wslconfig names another"
say "next, in Windows: wsl --shutdown"
