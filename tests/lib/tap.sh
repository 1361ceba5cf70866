# shellcheck shell=sh
# Rows for prove (TAP), sourced first by every test.
#   plan N                      the number of rows
#   ok STATUS|COMMAND NAME      STATUS is 0, or COMMAND (a string) succeeds
#   is GOT WANTED NAME          the texts are equal
#   like TEXT REGEX NAME        a line of TEXT matches the extended REGEX
#   unlike TEXT REGEX NAME      none does
#   skip N REASON               N rows that cannot run here
# A row that is not ok shows what was seen on standard error, and the output of
# the last `run` (project.sh). Exit status 0 only when the plan was met; a test that
# ends early, by set -e too, does not meet it. A test redefines `finish` to clean up.
set -eu
LC_ALL=C
export LC_ALL
tap_plan=0 tap_row=0 tap_bad=0 tap_seen=

plan() {
	tap_plan=$1
	echo "1..$1"
}

# note TEXT... - a comment that prove shows
note() { printf '%s\n' "$*" | sed 's/^/# /' >&2; }

# row STATUS NAME [SEEN...]
row() {
	tap_row=$((tap_row + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tap_row - $2"
		return 0
	fi
	tap_bad=$((tap_bad + 1))
	echo "not ok $tap_row - $2"
	note "${0##*/}, row $tap_row is not ok: $2"
	shift 2
	for seen; do note "  $seen"; done
	[ -z "$tap_seen" ] || for seen in $tap_seen; do
		[ ! -s "$work/$seen" ] || { note "  $seen:"; tail -n 12 "$work/$seen" | sed 's/^/#   | /' >&2; }
	done
}

ok() {
	case $1 in
	'' | *[!0-9]*) if eval "$1"; then row 0 "$2"; else row 1 "$2" "failed: $1"; fi ;;
	*) row "$1" "$2" "status: $1" ;;
	esac
}

is() {
	if [ "$1" = "$2" ]; then row 0 "$3"; else row 1 "$3" "got:    $1" "wanted: $2"; fi
}

# tap_match TEXT REGEX - does a line of it match?
tap_match() {
	grep -qE -e "$2" <<-EOF
		$1
	EOF
}

like() {
	if tap_match "$1" "$2"; then row 0 "$3"; else row 1 "$3" "text:   $1" "wanted: $2"; fi
}

unlike() {
	if tap_match "$1" "$2"; then row 1 "$3" "text:     $1" "unwanted: $2"; else row 0 "$3"; fi
}

skip() {
	for _ in $(seq "$1"); do
		tap_row=$((tap_row + 1))
		echo "ok $tap_row # SKIP $2"
	done
}

finish() { :; }

tap_end() {
	trap - EXIT
	finish || :
	if [ "$tap_row" != "$tap_plan" ]; then
		note "${0##*/}: $tap_row of $tap_plan rows came, status $1"
		exit 1
	fi
	[ "$tap_bad" = 0 ] && exit "$1"
	exit 1
}
trap 'tap_end $?' EXIT
trap 'exit 130' INT TERM HUP
