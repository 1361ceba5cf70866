# shellcheck shell=sh
# Report a full disk, whichever command failed because of it. Sourced after lib.sh.

# watch_disk - if the script fails from here on and the disk of build/ is full, say so last:
# the command that failed may have given another reason
watch_disk() {
	trap 'rc=$?; [ $rc = 0 ] || report_full_disk; exit $rc' EXIT
}

# report_full_disk - print the error if the disk is full
report_full_disk() {
	free=$(free_mb "$build_dir")
	[ "$free" -ge 20 ] || printf '%s: error: build/%s: the disk is full, %s MB are free\n  %s\n' \
		"$step" "$LTS" "$free" "this caused the errors above: make room and run it again" >&2
}
