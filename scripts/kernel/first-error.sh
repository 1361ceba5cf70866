# shellcheck shell=sh
# End a build soon after its first error, sourced by kernel.sh after lib.sh. With -j make
# finishes every other directory first, and a user would read of the error minutes later.

# stop_at_error PID LOG - print the first compiler error in LOG, FILE:LINE relative to the
# tree, when it is there; once make itself has given up somewhere, which is after the last
# line of that compiler, end the make PID. It removes the objects that it was making.
# Returns when PID has ended.
stop_at_error() {
	failed='^make.* \*\*\* .*\] Error [0-9]'
	line=$(first_line "$1" "$2" "^[^ :]+:[0-9]+:([0-9]+:)? (fatal )?[Ee]rror: |$failed")
	case $line in
	'' | make*) ;;
	*)
		line=${line#"$src/"}
		line=${line#"$(realpath -m --relative-to="$obj" "$src")/"}
		# the moving line of progress is there
		[ ! -t 2 ] || printf '\r\033[K' >&2
		printf '%s: error: %s\n  %s\n' "$step" "$(printf '%s\n' "$line" | sed -E 's/ (fatal )?[Ee]rror://')" \
			"stopping the other jobs" >&2
		line=$(first_line "$1" "$2" "$failed")
		;;
	esac
	[ -z "$line" ] || kill "$1" 2>/dev/null || :
}

# first_line PID LOG REGEX - the first line of LOG that matches, as soon as it is there;
# nothing if there is none when PID has ended
# (tail says so when the next build empties the log)
first_line() { tail -f -n +1 --pid="$1" "$2" 2>/dev/null | grep -m 1 -E -e "$3" || :; }
