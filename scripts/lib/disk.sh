# shellcheck shell=sh
# A full disk is named, whichever command met it. Sourced after lib.sh.

# mind_room - when the script fails from here on and the disk of build/ is full, that is
# its last line: the command that failed may have given another reason
mind_room() {
	trap 'rc=$?; [ $rc = 0 ] || no_room; exit $rc' EXIT
}

# no_room - print that line if the disk is full
no_room() {
	free=$(free_mb "$build_dir")
	[ "$free" -ge 20 ] || printf '%s: error: build/%s: the disk is full, %s MB are free\n  %s\n' \
		"$step" "$LTS" "$free" "this caused the errors above: make room and run it again" >&2
}
